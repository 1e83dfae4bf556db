"""Ceremony and same-day lists in the console: guests, photos, the checklist, results of the day."""

from __future__ import annotations

from sqlalchemy import Engine, select, update

from store.engine import read_tx, write_tx
from store.schema import audit, signups, visits
from tests.bot.support import OA, MovableClock
from tests.console.support import signed_in
from tests.console.test_visits import BOX, FRIDAY, text
from tests.handlers.test_visits import CALENDAR, FILES
from ward.visits import booking, sessions
from ward.visits.model import NewSignup
from ward.visits.people import Who, seal

SEEN = "/lich-luu-dong"


def test_a_ceremony_is_planned_listed_and_ticked(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = signed_in(engine, clock, "head")
    plan = {"programme": "sd_08_le_ket_hon", "first": "2026-12-08", "weeks": "1", "team": "Chị Hạnh"}
    assert desk.post("/lich-luu-dong/len-lich", **plan).status_code == 400
    assert desk.post("/lich-luu-dong/len-lich", **plan, place="Hội trường").status_code == 302
    who = seal(BOX, Who("anh Tư và chị Tám", "0912345123"))
    with write_tx(engine) as connection:
        new = NewSignup("p", "le_ket_hon", who=who, guests=3, photo_consent=False)
        mine = booking.sign_up(connection, OA, 1, new, clock()).id
    assert "5 người (cô dâu chú rể và khách) trên 40 chỗ ngồi" in text(desk, "/lich-luu-dong/1")
    page = text(desk, "/lich-luu-dong/1/danh-sach")
    assert "anh Tư và chị Tám" in page
    assert "KHÔNG chụp hình" in page
    path = f"/lich-luu-dong/1/trao/{mine}"
    assert desk.post(path, SEEN, item="Quà", on="1").status_code == 302
    assert desk.post(path, SEEN, item="Tiền", on="1").status_code == 404
    assert "Đã trao: Quà" in text(desk, "/lich-luu-dong/1/danh-sach")
    assert desk.post(path, SEEN, item="Quà", on="0").status_code == 302
    with read_tx(engine) as connection:
        assert connection.execute(select(signups.c.checked)).scalar_one() == []
        noted = connection.execute(select(audit).where(audit.c.action == "visit_handed_over")).all()
    assert len(noted) == 2


def test_whether_it_was_done_the_same_day(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = signed_in(engine, clock, "head")
    with write_tx(engine) as connection:
        (first, *_) = sessions.keep_planned(connection, OA, FILES.values(), "Quầy", CALENDAR, clock())
        mine = booking.sign_up(connection, OA, first.id, NewSignup("p", "ket_hon"), clock()).id
    path = f"/lich-luu-dong/{first.id}/trong-ngay/{mine}"
    assert desk.post(path, SEEN, done="0", result="").status_code == 400
    assert desk.post(path, SEEN, done="0", result="chờ xác minh").status_code == 302
    assert "0 trả ngay, 1 chưa trả được" in text(desk, f"/lich-luu-dong/{first.id}")
    assert desk.post(path, SEEN, done="1", result="").status_code == 302
    assert "1 trả ngay, 0 chưa trả được" in text(desk, f"/lich-luu-dong/{first.id}")


def test_officials_of_civil_status_run_what_has_no_team(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    signed_in(engine, clock, "head")
    with write_tx(engine) as connection:
        (first, *_) = sessions.keep_planned(connection, OA, FILES.values(), "Quầy", CALENDAR, clock())
        new = NewSignup("p", "ket_hon", who=seal(BOX, Who("anh Tư", "0912345123")), special=True)
        mine = booking.sign_up(connection, OA, first.id, new, clock()).id
    listed = f"/lich-luu-dong/{first.id}/danh-sach"
    desk = signed_in(engine, clock, "field")
    page = text(desk, listed)
    assert "anh Tư" in page
    assert "có trường hợp riêng" in page
    assert desk.post(f"/lich-luu-dong/{first.id}/trong-ngay/{mine}", SEEN, done="1").status_code == 302
    assert "có trường hợp riêng" in text(desk, listed)
    with write_tx(engine) as connection:
        connection.execute(update(visits).where(visits.c.id == first.id).values(team=["Người Khác"]))
    assert desk.get(listed).status_code == 403
