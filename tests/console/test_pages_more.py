"""Closing in the field, the call list, questions two people decide, CSV, drafts of entries, the handbook."""

from __future__ import annotations

import io
from datetime import timedelta

from bot.case_clock import CaseClock
from store.engine import read_tx, write_tx
from store.schema import outbox
from tests.bot.support import OA
from tests.console.office import Office, hidden_value, typed_text, words
from tests.console.support import token_of
from tests.ward.test_pictures import as_file, street
from ward import audit, canned
from ward.canned import Canned

DONE = "Đã thay nắp cống trước số 12, chiều nay 28/11, đi lại an toàn rồi ạ."


def settle(office: Office) -> None:
    CaseClock(office.engine, OA, office.calendar, lambda *_: ()).settle(office.clock())


def test_a_report_ends_with_words_and_a_picture(office: Office) -> None:
    case = office.open("report", question="Cống bể", field="ho_tich")
    office.do("hanh", case, "nhan")
    short = office.do("hanh", case, "dong", done="Xong rồi", no_photo="trời tối")
    assert short.status_code == 400
    assert "30 ký tự" in words(short)
    bare = office.do("hanh", case, "dong", done=DONE)
    assert bare.status_code == 400
    assert "ảnh sau xử lý" in words(bare)
    svg = (io.BytesIO(b"<svg onload='alert(1)'/>"), "a.jpg")
    assert office.do("hanh", case, "dong", done=DONE, photo=svg).status_code == 400
    picture = (io.BytesIO(as_file(street())), "sau.jpg")
    assert office.do("hanh", case, "dong", done=DONE, photo=picture, how="zalo").status_code == 302
    sent = office.sent()
    assert any(one.get("image", "").startswith("photo:") for one in sent)
    assert "thay nắp cống" in sent[-1]["text"]
    assert office.case(case.code).state == "sending"
    assert "sau xử lý" in office.page("hanh", case)


def test_an_answer_that_does_not_arrive_is_called_out(office: Office) -> None:
    sealed = office.box("personal").seal_text("0912345678")
    case = office.open(contact=sealed, phone_tail="5678")
    office.do("hanh", case, "nhan")
    office.do("hanh", case, "soan", text="Dạ mình mang giấy khai sinh nha.", do="final")
    office.zalo_ends("stopped")
    settle(office)
    assert office.case(case.code).state == "assigned"
    assert "Lỗi, chưa tới" in office.page("hanh", case)
    assert office.desk("hanh").get("/can-goi").status_code == 403
    desk = office.desk("motcua")
    page = words(desk.get("/can-goi"))
    assert case.code in page
    assert "mình mang giấy khai sinh" in page
    task = office.tasks()[-1].id
    form = {"csrf_token": token_of(page)}
    assert "0912345678" in words(desk.client.post(f"/console/can-goi/{task}/so-dien-thoai", data=form))
    assert desk.client.post(f"/console/can-goi/{task}/khong-gap", data=form).status_code == 302
    assert "đã gọi 1 lần không gặp" in words(desk.get("/can-goi"))
    done = {**form, "note": "Đã đọc cho chị nghe, chị rõ rồi."}
    assert desk.client.post(f"/console/can-goi/{task}/da-goi", data=done).status_code == 302
    now = office.case(case.code)
    assert (now.state, now.answered_by) == ("answered", "phone")
    assert case.code not in words(desk.get("/can-goi"))


def test_sent_again_and_arrived(office: Office) -> None:
    case = office.open()
    office.do("hanh", case, "nhan")
    office.do("hanh", case, "soan", text="Dạ mình mang giấy khai sinh nha.", do="final")
    office.zalo_ends("dead")
    settle(office)
    desk = office.desk("motcua")
    form = {"csrf_token": token_of(words(desk.get("/can-goi")))}
    task = office.tasks()[-1].id
    assert desk.client.post(f"/console/can-goi/{task}/gui-lai", data=form).status_code == 302
    assert desk.client.post(f"/console/can-goi/{task}/gui-lai", data=form).status_code == 400
    office.zalo_ends("sent")
    settle(office)
    assert office.case(case.code).state == "answered"
    assert case.code not in words(desk.get("/can-goi"))


def test_what_nobody_knows_is_not_sent_twice(small_office: Office) -> None:
    office = small_office
    case = office.open()
    office.do("hanh", case, "nhan")
    office.do("hanh", case, "soan", text="Dạ mình mang giấy khai sinh nha.", do="final")
    office.zalo_ends("unknown")
    office.clock.move(minutes=5)
    settle(office)
    desk = office.desk("motcua")
    page = words(desk.get("/can-goi"))
    assert case.code in page
    assert "Gửi lại" not in page.split("Việc làm")[0].replace("Họ nhắn lại thì gửi lại được", "")
    task = office.tasks()[-1].id
    answer = desk.client.post(f"/console/can-goi/{task}/gui-lai", data={"csrf_token": token_of(page)})
    assert answer.status_code == 400


def test_calls_about_what_only_the_head_sees_are_the_heads(small_office: Office) -> None:
    office = small_office
    case = office.open("conduct")
    office.do("head", case, "nhan")
    office.do("head", case, "soan", text="Dạ tôi đã nhắc nhở cán bộ rồi ạ.", do="final")
    office.zalo_ends("stopped")
    settle(office)
    assert case.code in words(office.desk("head").get("/can-goi"))
    assert case.code not in words(office.desk("motcua").get("/can-goi"))
    assert case.code not in words(office.desk("quantri").get("/can-goi"))
    task = office.tasks()[-1].id
    form = {"csrf_token": token_of(words(office.desk("motcua").get("/can-goi")))}
    answer = office.desk("motcua").client.post(f"/console/can-goi/{task}/khong-gap", data=form)
    assert answer.status_code == 404


def test_canned_words_are_filled_and_unfilled_ones_are_not_sent(small_office: Office) -> None:
    office = small_office
    text = "Dạ em xin chào, phiếu {ma} của mình: {huong_dan}. Em cảm ơn."
    with write_tx(office.engine) as connection:
        number = canned.save(connection, OA, Canned(title="Hướng dẫn lại", text=text), None, office.clock())
    case = office.open()
    office.do("hanh", case, "nhan")
    filled = typed_text(words(office.do("hanh", case, "soan", text="", canned=str(number), do="canned")))
    assert case.code in filled
    refused = office.do("hanh", case, "soan", text=filled, do="final")
    assert refused.status_code == 400
    assert "Còn chỗ chưa điền" in words(refused)
    assert office.sent() == []


def test_the_handbooks_facts_go_into_the_answer(small_office: Office) -> None:
    office = small_office
    case = office.open(question="làm giấy khai sinh cho bé")
    office.do("hanh", case, "nhan")
    found = words(office.do("hanh", case, "soan", text="Chào chị.", do="search"))
    key = found.split('value="entry:')[1].split('"')[0]
    opened = words(office.do("hanh", case, "soan", text="Chào chị.", do=f"entry:{key}"))
    assert hidden_value(opened, "entry") == key
    done = office.do("hanh", case, "soan", text="Chào chị.", do="insert", entry=key, part=["ho_so", "le_phi"])
    text = typed_text(words(done))
    assert text.startswith("Chào chị.\nGiấy tờ:\n1. ")
    assert "Lệ phí:" in text
    assert "Thời hạn:" not in text


def test_a_good_answer_becomes_a_draft_that_a_second_person_approves(office: Office) -> None:
    case = office.open(question="Tôi tên Lan, số 0912345678, đổi họ cho con làm sao?")
    office.do("hanh", case, "nhan")
    office.do("hanh", case, "da-tra-loi", channel="phone", note="Dạ chị Lan mang tờ khai và giấy khai sinh.")
    desk = office.desk("hanh")
    page = words(desk.get(f"/phieu/{case.code}/thanh-the"))
    assert "0912345678" not in page
    assert "Lan" not in page
    form = {"csrf_token": token_of(page), "question": "Đổi họ cho con?", "field": "ho_tich"}
    bad = {**form, "answer": "Gọi số 0912345678 nha chị."}
    path = f"/console/phieu/{case.code}/thanh-the"
    assert desk.client.post(path, data=bad).status_code == 400
    good = {**form, "answer": "Mang tờ khai và giấy khai sinh của bé."}
    assert desk.client.post(path, data=good).status_code == 302
    mine = desk.client.post("/console/cau-chua-tra-loi/nhap/1", data={**form, "do": "approve"})
    assert mine.status_code == 400
    assert "không tự duyệt" in words(mine)
    other = office.desk("motcua")
    token = {"csrf_token": token_of(words(other.get("/cau-chua-tra-loi")))}
    assert (
        other.client.post("/console/cau-chua-tra-loi/nhap/1", data={**token, "do": "approve"}).status_code
        == 302
    )
    assert "chờ người thứ hai" not in office.page("hanh", case)


def test_a_phrasing_needs_two_people(small_office: Office) -> None:
    office = small_office
    candidates = office.candidates
    for turn, text in enumerate(
        ["lam sao doi ho cho chau", "làm sao đổi họ cho cháu vậy", "xin so nha moi"], 1
    ):
        candidates.offer(text, "unanswered", None, office.clock(), turn)
    desk = office.desk("hanh")
    page = words(desk.get("/cau-chua-tra-loi"))
    assert "1 cách hỏi giống vậy" in page
    form = {"csrf_token": token_of(page), "id": "1", "text": "đổi họ cho con cháu làm sao"}
    found = words(desk.client.post("/console/cau-chua-tra-loi/de-xuat", data={**form, "do": "search"}))
    key = found.split('name="key" value="')[1].split('"')[0]
    sent = desk.client.post("/console/cau-chua-tra-loi/de-xuat", data={**form, "key": key, "do": "propose"})
    assert sent.status_code == 302, words(sent)
    mine = desk.client.post("/console/cau-chua-tra-loi/duyet", data={**form, "do": "approve"})
    assert mine.status_code == 400
    assert "không tự duyệt" in words(mine)
    other = office.desk("motcua")
    token = {"csrf_token": token_of(words(other.get("/cau-chua-tra-loi"))), "id": "1", "do": "approve"}
    assert other.client.post("/console/cau-chua-tra-loi/duyet", data=token).status_code == 302
    (agreed,) = candidates.list("approved")
    assert (agreed.text, agreed.key) == ("đổi họ cho con cháu làm sao", key)
    assert agreed.decided_by == "hanh, motcua"


def test_csv_out_and_in(office: Office) -> None:
    office.open(question="=1+1 câu hỏi")
    office.open("conduct", question="Cán bộ nạt dân")
    desk = office.desk("motcua")
    page = words(desk.get("/phieu-csv"))
    form = {"csrf_token": token_of(page), "since": "2026-11-01", "until": "2026-11-30"}
    out = desk.client.post("/console/phieu-csv/xuat", data=form)
    text = out.get_data().decode("utf-8-sig")
    assert "'=1+1 câu hỏi" in text
    assert "nạt dân" not in text
    data = "Mã ngoài,Nội dung\n1022-1,Đèn đường hư ba bữa nay\n1022-2,\n".encode()
    sent = {**form, "channel": "1022", "file": (io.BytesIO(data), "1022.csv")}
    done = words(desk.client.post("/console/phieu-csv/nhap", data=sent))
    assert "Mở mới 1 phiếu" in done
    assert "1 dòng chưa đúng" in done
    assert "Nội dung: " in done
    assert (
        desk.client.post("/console/phieu-csv/xuat", data={**form, "until": "2020-01-01"}).status_code == 400
    )
    assert office.desk("hanh").get("/phieu-csv").status_code == 403


def test_pages_follow_one_another_without_gap_or_double(office: Office) -> None:
    codes = set()
    for number in range(53):
        codes.add(office.open(person=f"p{number}").code)
        office.clock.move(minutes=1)
    desk = office.desk("hanh")
    first = words(desk.get("/phieu"))
    assert '<span class="count">53</span>' in first
    following = first.split("sau=")[1].split('"')[0]
    second = words(desk.get(f"/phieu?tab=unclaimed&sau={following}"))
    seen = [c for c in codes if f'/phieu/{c}"' in first], [c for c in codes if f'/phieu/{c}"' in second]
    assert (len(seen[0]), len(seen[1])) == (50, 3)
    assert set(seen[0]) | set(seen[1]) == codes
    assert desk.get("/phieu?sau=%00nonsense").status_code == 200


def test_filters_overdue_and_empty_lists(small_office: Office) -> None:
    office = small_office
    case = office.open(khom="Khóm 1")
    office.clock.move(days=5)
    desk = office.desk("motcua")
    late = words(desk.get("/phieu?tab=overdue"))
    assert case.code in late
    assert "quá hạn" in late
    assert case.code in words(desk.get("/phieu?tab=overdue&khom=Kh%C3%B3m+1&kind=question"))
    assert "Không có phiếu nào hợp với bộ lọc" in words(desk.get("/phieu?tab=overdue&kind=report"))
    assert "Bạn chưa giữ phiếu nào" in words(desk.get("/phieu?tab=mine"))
    assert "Quá hạn" in words(desk.get("/"))


def test_nothing_the_outbox_holds_is_older_than_its_case(small_office: Office) -> None:
    """Sorting twice tells twice, under different keys."""
    office = small_office
    case = office.open("report", question="Cống bể")
    for urgency in ("urgent", "normal"):
        office.do("motcua", case, "phan-loai", kind="report", urgency=urgency)
        office.clock.move(minutes=2)
    with office.engine.connect() as connection:
        keys = [row.dedupe_key for row in connection.execute(outbox.select())]
    assert len(keys) == len(set(keys)) == 2
    assert office.clock() - case.created_at == timedelta(minutes=4)


def test_a_wrong_number_and_a_tick_by_mistake(small_office: Office) -> None:
    office = small_office
    case = office.open(contact=office.box("personal").seal_text("0912345678"), phone_tail="5678")
    office.do("hanh", case, "nhan")
    office.do("hanh", case, "soan", text="Dạ mình mang giấy khai sinh nha.", do="final")
    office.zalo_ends("stopped")
    settle(office)
    desk, task = office.desk("motcua"), office.tasks()[-1].id
    form = {"csrf_token": token_of(words(desk.get("/can-goi")))}
    assert desk.client.post(f"/console/can-goi/{task}/sai-so", data=form).status_code == 302
    assert "Số này đã ghi là sai số." in words(desk.get("/can-goi?nhom=tin"))
    assert case.code not in words(desk.get("/can-goi?nhom=lich"))
    assert desk.client.post(f"/console/can-goi/{task}/hoan-tac", data=form).status_code == 302
    assert "Số này đã ghi là sai số." not in words(desk.get("/can-goi"))
    with read_tx(office.engine) as connection:
        noted = [line.action for line in audit.lines(connection, OA, audit.Filter(subject=case.code))]
    assert noted[:2] == ["call_undone", "call_wrong"]
