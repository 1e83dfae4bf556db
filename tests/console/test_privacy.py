"""Who sees what: every role against every kind of case, sealed words, pictures and telephone numbers."""

from __future__ import annotations

import pytest

from store.engine import write_tx
from tests.bot.support import OA
from tests.console.office import PEOPLE, Office, words
from tests.console.support import token_of
from tests.ward.test_pictures import as_file, street
from ward import photos, reception, restricted
from ward.pictures import reencode

CASES = {
    "ho_tich": {"field": "ho_tich"},
    "dat_dai in Khóm 1": {"field": "dat_dai", "khom": "Khóm 1"},
    "nobody's field": {"field": None},
    "conduct": {"kind": "conduct", "field": "ho_tich", "khom": "Khóm 1"},
}
SEEN = {
    "hanh": {"ho_tich"},
    "tam": {"dat_dai in Khóm 1"},
    "motcua": {"ho_tich", "dat_dai in Khóm 1", "nobody's field"},
    "head": set(CASES),
    "khom": {"dat_dai in Khóm 1"},
    "xem": {"ho_tich", "dat_dai in Khóm 1", "nobody's field"},
    "kin": set(),
    "quantri": set(),
}
SECRET = "Ông Trần Văn Bí Mật nhận tiền"


@pytest.mark.parametrize("name", PEOPLE)
def test_each_role_sees_its_own_cases_and_nothing_tells_of_others(office: Office, name: str) -> None:
    for what, new in CASES.items():
        case = office.open(question=f"Chuyện {what} nè", **new)  # type: ignore[arg-type]
        sees = what in SEEN[name]
        desk = office.desk(name)
        page, listed = desk.get(f"/phieu/{case.code}"), words(desk.get("/phieu"))
        allowed = bool(SEEN[name])
        assert page.status_code == (200 if sees else 404 if allowed else 403), what
        assert (case.code in listed) == sees, what
        unknown = desk.get("/phieu/HD-2611-9998-1")
        if not sees and allowed:
            assert words(page) == words(unknown)
        looked_up = words(desk.get(f"/phieu?q={case.code}")) if allowed else ""
        assert sees or f"Chuyện {what}" not in looked_up


ACTIONS = ("nhan", "chuyen", "phan-loai", "soan", "gop", "dong", "da-tra-loi", "gia-han", "tra-lai",
           "so-dien-thoai")  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_not_seen_cannot_be_touched(small_office: Office, action: str) -> None:
    case = small_office.open("conduct")
    for name, code in (("motcua", 404), ("hanh", 404), ("xem", 403), ("quantri", 403)):
        desk = small_office.desk(name)
        form = {"csrf_token": token_of(words(desk.get("/"))), "version": "0", "text": "x", "do": "note"}
        answer = desk.client.post(f"/console/phieu/{case.code}/{action}", data=form)
        assert answer.status_code == code, name
    assert small_office.case(case.code).version == 0


def test_a_picture_is_for_those_who_see_its_case(office: Office) -> None:
    case = office.open("report", question="Cống bể", field="dat_dai")
    photo = reencode(as_file(street()))
    with write_tx(office.engine) as connection:
        box = office.box("photos")
        token = photos.keep(connection, box, OA, "p1", photo, office.clock(), case_id=case.id)
        loose = photos.keep(connection, box, OA, "p1", photo, office.clock())
    answer = office.desk("tam").get(f"/anh/{token}")
    assert answer.data == photo.jpeg
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert office.desk("hanh").get(f"/anh/{token}").status_code == 404
    assert office.desk("quantri").get(f"/anh/{token}").status_code == 403
    assert office.desk("head").get(f"/anh/{loose}").status_code == 404
    assert f"/anh/{token}" in office.page("tam", case)


def test_a_telephone_number_is_opened_by_a_button_that_leaves_a_line(office: Office) -> None:
    sealed = office.box("personal").seal_text("0912 345 678")
    case = office.open(contact=sealed, phone_tail="5678")
    assert "0912" not in office.page("hanh", case)
    shown = words(office.do("hanh", case, "so-dien-thoai"))
    assert "0912 345 678" in shown
    assert office.log() == [("phone_opened", case.code)]


def test_sealed_words_open_for_one_role_and_leave_a_line_first(office: Office) -> None:
    with write_tx(office.engine) as connection:
        restricted.keep(connection, office.box("restricted"), OA, "p9", SECRET, office.clock())
    for name in ("head", "quantri", "motcua", "hanh"):
        assert office.desk(name).get("/tin-kin").status_code == 403
    desk = office.desk("kin")
    listed = words(desk.get("/tin-kin"))
    assert "Chưa ai mở" in listed
    assert "Bí Mật" not in listed
    form = {"csrf_token": token_of(listed)}
    assert desk.get("/tin-kin/1").status_code == 405  # no link opens it
    opened = words(desk.client.post("/console/tin-kin/1", data=form))
    assert SECRET in opened
    assert office.log()[-1] == ("restricted.open", "restricted/1")
    assert desk.client.post("/console/tin-kin/1/xong", data={**form, "reason": ""}).status_code == 400
    done = {**form, "reason": "đã mời tới nơi tiếp công dân"}
    assert desk.client.post("/console/tin-kin/1/xong", data=done).status_code == 302
    assert "Đã xử lý" in words(desk.get("/tin-kin"))
    assert "Bí Mật" not in words(office.desk("head").get("/nhat-ky"))


def test_appointments_are_for_those_who_receive(office: Office) -> None:
    day = reception.reception_days(office.profile, office.calendar, office.clock())[0]
    who = reception.Who("Chị Tám", "0909000111")
    with write_tx(office.engine) as connection:
        reception.book(connection, office.box("appointments"), OA, "p1", day, who, office.clock())
    assert office.desk("motcua").get("/hen-tiep-dan").status_code == 403
    page = words(office.desk("kin").get("/hen-tiep-dan"))
    assert "Chị Tám" in page
    assert "Có tới" not in page  # not before the day
