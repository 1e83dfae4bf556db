"""A case from the queue to the answer, as officials do it through forms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case_clock import CaseClock
from tests.bot.support import OA
from tests.console.office import Office, typed_text, words

ANSWER = "Dạ, mình mang tờ khai và giấy khai sinh tới bộ phận Một cửa nha. Em cảm ơn."


def settle(office: Office) -> None:
    CaseClock(office.engine, OA, office.calendar, lambda *_: ()).settle(office.clock())


def test_taken_previewed_sent_and_answered_once_zalo_took_it(office: Office) -> None:
    case = office.open()
    listed = words(office.desk("hanh").get("/phieu"))
    assert case.code in listed
    assert "Đổi họ cho con làm sao?" in listed
    assert "giờ làm việc" in listed

    assert office.do("hanh", case, "nhan").status_code == 302
    assert office.case(case.code).assignee_id == office.ids["hanh"]
    assert case.code in words(office.desk("hanh").get("/phieu?tab=mine"))

    shown = words(office.do("hanh", case, "soan", text="ok ban len phuong", do="preview"))
    assert "Nhắc câu chữ" in shown
    assert "1 tin Zalo" in shown
    assert typed_text(shown) == "ok ban len phuong"
    assert office.sent() == []

    assert office.do("hanh", case, "soan", text=ANSWER, do="final").status_code == 302
    assert office.case(case.code).state == "sending"
    (said,) = office.sent()
    assert "Trần Thị Hạnh, cán bộ hộ tịch" in said["text"]
    assert "tờ khai và giấy khai sinh" in said["text"]
    assert "Đang gửi" in office.page("hanh", case)

    office.zalo_ends("sent")
    settle(office)
    assert office.case(case.code).state == "answered"
    page = office.page("hanh", case)
    assert "Đã gửi" in page
    assert "phiếu xong" in page
    assert case.code in words(office.desk("hanh").get("/phieu?tab=done"))
    assert office.log() == [("case_taken", case.code), ("case_answered", case.code)]


def test_the_preview_is_what_the_outbox_sends(small_office: Office) -> None:
    office = small_office
    case = office.open()
    office.do("hanh", case, "nhan")
    long = "\n\n".join(f"Đoạn {n}: " + "chữ " * 120 for n in range(9))
    shown = words(office.do("hanh", case, "soan", text=long, do="preview"))
    office.do("hanh", case, "soan", text=long, do="final")
    sent = office.sent()
    assert len(sent) > 1
    assert f"{len(sent)} tin Zalo" in shown
    for part in sent:
        assert part["text"].split("\n")[0] in shown


def test_two_take_at_once_and_one_gets_it(office: Office) -> None:
    case = office.open()
    seen_by_both = office.page("hanh", case), office.page("motcua", case)
    assert office.do("hanh", case, "nhan", page=seen_by_both[0]).status_code == 302
    late = office.do("motcua", case, "nhan", page=seen_by_both[1])
    assert late.status_code == 409
    assert "Trần Thị Hạnh nhận việc" in words(late)
    assert office.case(case.code).assignee_id == office.ids["hanh"]


def test_a_stale_save_is_refused_shows_the_others_work_and_keeps_the_words(office: Office) -> None:
    case = office.open()
    office.do("hanh", case, "nhan")
    old = office.page("hanh", case)
    sorted_ = office.do("motcua", case, "phan-loai", kind="question", urgency="urgent", field="ho_tich")
    assert sorted_.status_code == 302
    answer = office.do("hanh", case, "soan", page=old, text=ANSWER, do="final")
    shown = words(answer)
    assert answer.status_code == 409
    assert "Trong lúc mình mở trang, phiếu đã đổi" in shown
    assert "Phạm Một Cửa phân loại: Câu hỏi · Khẩn" in shown
    assert typed_text(shown) == ANSWER
    assert office.case(case.code).state == "assigned"
    assert office.do("hanh", case, "soan", page=shown, text=ANSWER, do="final").status_code == 302


def test_who_else_looks_is_shown(office: Office) -> None:
    case = office.open()
    office.page("hanh", case)
    assert "Trần Thị Hạnh đang mở" in office.page("motcua", case)
    office.desk("hanh").get(f"/phieu/{case.code}/dang-mo?viet=1")
    assert "Trần Thị Hạnh đang trả lời" in words(office.desk("motcua").get("/phieu"))
    office.clock.move(minutes=3)
    assert "đang trả lời" not in words(office.desk("motcua").get("/phieu"))


def test_asked_the_clock_stands_until_the_citizen_writes(office: Office) -> None:
    case = office.open()
    office.do("hanh", case, "nhan")
    asked = "Dạ em xin chào, bé mấy tuổi rồi ạ? Em cảm ơn."
    assert office.do("hanh", case, "soan", text=asked, do="ask").status_code == 302
    assert office.case(case.code).state == "waiting"
    assert "bé mấy tuổi" in office.sent()[0]["text"]
    assert "chờ dân từ" in words(office.desk("hanh").get("/phieu?tab=waiting"))


def test_told_on_the_way_leaves_the_case_open(small_office: Office) -> None:
    case = small_office.open()
    small_office.do("hanh", case, "nhan")
    assert small_office.do("hanh", case, "soan", text="Em đang coi hồ sơ.", do="told").status_code == 302
    assert small_office.case(case.code).state == "assigned"
    assert len(small_office.sent()) == 1


def test_a_note_is_for_officials_only(small_office: Office) -> None:
    case = small_office.open()
    assert small_office.do("motcua", case, "soan", text="Nhớ coi sổ cũ.", do="note").status_code == 302
    page = small_office.page("hanh", case)
    assert "Nhớ coi sổ cũ." in page
    assert "Ghi chú nội bộ" in page
    assert small_office.sent() == []


def test_answered_by_telephone(small_office: Office) -> None:
    case = small_office.open()
    small_office.do("hanh", case, "nhan")
    refused = small_office.do("hanh", case, "da-tra-loi", channel="pigeon", note="Đã dặn giấy tờ.")
    assert refused.status_code == 400
    done = small_office.do("hanh", case, "da-tra-loi", channel="phone", note="Đã dặn giấy tờ.")
    assert done.status_code == 302
    now = small_office.case(case.code)
    assert (now.state, now.answered_by) == ("answered", "phone")
    assert "qua điện thoại" in small_office.page("hanh", case)


def test_passed_on_and_given_back(office: Office) -> None:
    case = office.open()
    office.do("hanh", case, "nhan")
    office.desk("tam")
    to = str(office.ids["tam"])
    assert office.do("hanh", case, "chuyen", to=to, note="Vướng đất, nhờ anh.").status_code == 302
    assert office.case(case.code).assignee_id == office.ids["tam"]
    page = office.page("tam", case)  # not his field, but he has it
    assert "Vướng đất, nhờ anh." in page
    assert "chuyển phiếu cho Lê Văn Tám" in page
    gone = office.do("tam", case, "tra-lai", note="Không phải đất.")
    assert gone.headers["Location"].endswith("/console/phieu")
    assert office.desk("tam").get(f"/phieu/{case.code}").status_code == 404
    assert office.case(case.code).state == "new"


def test_passed_to_a_field_it_waits_there(small_office: Office) -> None:
    office = small_office
    case = office.open()
    office.do("hanh", case, "nhan")
    assert office.do("hanh", case, "chuyen", to="field:dat_dai").status_code == 302
    assert office.case(case.code).assignee_id is None
    assert case.code in words(office.desk("tam").get("/phieu"))
    assert office.desk("hanh").get(f"/phieu/{case.code}").status_code == 404


def test_another_holder_cannot_be_pushed_aside(small_office: Office) -> None:
    office = small_office
    case = office.open(khom="Khóm 1")
    office.do("hanh", case, "nhan")
    for action, form in (
        ("tra-lai", {}),
        ("soan", {"text": ANSWER, "do": "final"}),
        ("gop", {"into": case.code}),
        ("phan-loai", {"kind": "question", "urgency": "urgent"}),
        ("gia-han", {"day": "2026-12-20", "reason": "chờ cấp trên"}),
    ):
        assert office.do("khom", case, action, **form).status_code == 400, action
    assert office.case(case.code).version == 1


def test_sorting_a_report_tells_the_citizen_the_new_term(office: Office) -> None:
    case = office.open(
        "report", question="Cống bể, hôi quá", context={"urgency_proposed": "urgent", "because": ["té xe"]}
    )
    page = office.page("motcua", case)
    assert "Máy đề nghị mức khẩn" in page.replace("<b>", "").replace("</b>", "")
    assert "té xe" in page
    form = {
        "kind": "report",
        "urgency": "urgent",
        "field": "xay_dung",
        "khom": "Khóm 1",
        "reason": "có người té",
    }
    answer = office.do("motcua", case, "phan-loai", **form)
    assert answer.status_code == 302, words(answer)
    (said,) = office.sent()
    assert case.code in said["text"]
    assert "xếp loại khẩn" in said["text"]
    assert "Đang gửi" in office.page("motcua", case)


def test_a_later_term_is_told_with_an_apology(office: Office) -> None:
    case = office.open()
    office.do("hanh", case, "nhan")
    sunday = office.do("hanh", case, "gia-han", day="2026-11-29", reason="chờ tỉnh trả lời")
    assert sunday.status_code == 400
    assert "cơ quan nghỉ" in words(sunday)
    assert office.do("hanh", case, "gia-han", day="2026-12-01", reason="").status_code == 400
    assert office.do("hanh", case, "gia-han", day="2026-12-01", reason="chờ tỉnh trả lời").status_code == 302
    (said,) = office.sent()
    assert "xin lỗi" in said["text"]
    assert "chờ tỉnh" not in said["text"]
    now = office.case(case.code)
    assert now.due_at > case.due_at
    assert office.calendar.is_open(now.due_at - timedelta(minutes=1))


def test_merged_the_citizen_hears_where_it_goes_on(office: Office) -> None:
    first, second = office.open(person="p1"), office.open(person="p2")
    assert office.do("motcua", second, "gop", into="PA-0000").status_code == 400
    assert office.do("motcua", second, "gop", into=first.code.lower()).status_code == 302
    assert office.case(second.code).state == "merged"
    assert first.code in office.sent("p2")[0]["text"]
    office.do("motcua", first, "nhan")
    office.do("motcua", first, "soan", text=ANSWER, do="final")
    assert "tờ khai" in office.sent("p1")[-1]["text"]
    assert "tờ khai" in office.sent("p2")[-1]["text"]


@pytest.mark.parametrize("what", ["scripts", "long"])
def test_words_of_citizens_are_only_words(small_office: Office, what: str) -> None:
    question = "<script>alert(1)</script>" if what == "scripts" else "a" * 4000
    case = small_office.open(question=question)
    raw = small_office.desk("hanh").get(f"/phieu/{case.code}").get_data(as_text=True)
    assert "<script>alert" not in raw
    assert small_office.desk("hanh").get("/phieu").status_code == 200
