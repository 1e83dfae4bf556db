"""Ceremony and same-day lists in the console: guests, photos, the checklist, results of the day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Engine, select, update

from store.engine import read_tx, write_tx
from store.schema import audit, signups, visits
from tests.bot.support import OA, MovableClock
from tests.console.support import signed_in
from tests.console.test_visits import BOX, FRIDAY, text
from tests.handlers.test_visits import CALENDAR, FILES
from ward.calendar import VIET_NAM
from ward.programmes import duties
from ward.visits import booking, sessions
from ward.visits.model import NewSignup
from ward.visits.people import Who, seal

SEEN = "/lich-luu-dong"
SATURDAY = datetime(2026, 11, 28, 9, 0, tzinfo=VIET_NAM)
HAI_KHONG = "sd_13_ket_hon_hai_khong"


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
    early = desk.post(path, SEEN, done="1", result="")
    assert early.status_code == 400
    assert "Chưa tới ngày 28/11/2026" in early.get_data(as_text=True)
    assert "Trả ngay" not in text(desk, f"/lich-luu-dong/{first.id}/danh-sach")
    clock.at = SATURDAY
    desk = signed_in(engine, clock, "field")
    assert "Trả ngay" in text(desk, f"/lich-luu-dong/{first.id}/danh-sach")
    assert desk.post(path, SEEN, done="0", result="").status_code == 400
    assert desk.post(path, SEEN, done="0", result="chờ xác minh").status_code == 302
    assert "0 trả ngay, 1 chưa trả được" in text(desk, f"/lich-luu-dong/{first.id}")
    assert desk.post(path, SEEN, done="1", result="chờ xác minh").status_code == 302
    assert "1 trả ngay, 0 chưa trả được" in text(desk, f"/lich-luu-dong/{first.id}")
    with read_tx(engine) as connection:
        assert connection.execute(select(signups.c.result)).scalar_one() is None, (
            "no reason for what was done"
        )
    absent = f"/lich-luu-dong/{first.id}/ket-qua/{mine}"
    assert desk.post(absent, SEEN, came="0", result="").status_code == 302
    assert "0 trả ngay, 0 chưa trả được" in text(desk, f"/lich-luu-dong/{first.id}")


def test_officials_of_civil_status_run_what_has_no_team(engine: Engine) -> None:
    clock = MovableClock(SATURDAY.replace(hour=7))
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


def test_who_is_on_the_duty_roster_of_the_day_runs_it(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    with write_tx(engine) as connection:
        (first, *_) = sessions.keep_planned(connection, OA, FILES.values(), "Quầy", CALENDAR, clock())
        for role, name in (("receives", "Cán bộ khom"), ("helps", "Cán bộ one_stop")):
            duties.assign(connection, OA, date(2026, 11, 28), HAI_KHONG, role, name, None, clock())
    listed = f"/lich-luu-dong/{first.id}/danh-sach"
    assert signed_in(engine, clock, "khom").get(listed).status_code == 200
    assert signed_in(engine, clock, "field").get(listed).status_code == 403, "somebody else is on duty"
    assert signed_in(engine, clock, "one_stop").get(listed).status_code == 403, "who helps sees no names"


def test_figures_of_a_period_on_the_programmes_page(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    with write_tx(engine) as connection:
        first, second, *_ = sessions.keep_planned(
            connection, OA, FILES.values(), "Quầy", CALENDAR, clock()
        )  # fmt: skip
        places = [(first, "p"), (first, "q"), (first, "r"), (second, "s")]
        p, q, r, s = (
            booking.sign_up(connection, OA, visit.id, NewSignup(person, "ket_hon"), clock())
            for visit, person in places
        )
        booking.ended_in_day(connection, OA, p.id, True, "", SATURDAY)
        booking.ended_in_day(connection, OA, q.id, False, "chờ xác minh hôn nhân", SATURDAY)
        booking.attend(connection, OA, r.id, True, "", SATURDAY)
        clock.at = datetime(2026, 12, 3, 16, 0, tzinfo=VIET_NAM)
        booking.ended_in_day(connection, OA, s.id, True, "", clock())
    desk = signed_in(engine, clock, "head")
    page = text(desk, f"/mo-hinh/{HAI_KHONG}")
    assert "<b>2</b> trả ngay trong ngày, <b>1</b> chưa trả được, 1 đã tới mà chưa ghi kết quả" in page
    assert f">{q.code}</a>: chờ xác minh hôn nhân" in page
    december = text(desk, f"/mo-hinh/{HAI_KHONG}?tu=2026-12-01&den=2026-12-31")
    assert "<b>1</b> trả ngay trong ngày, <b>0</b> chưa trả được." in december
    assert "chờ xác minh" not in december
    assert "chờ xác minh hôn nhân" in text(desk, f"/mo-hinh/{HAI_KHONG}/in?tu=2026-11-01&den=2026-11-30")
    assert "Chọn lại ngày" in text(desk, f"/mo-hinh/{HAI_KHONG}?tu=hom-qua")
    assert "phải trước" in text(desk, f"/mo-hinh/{HAI_KHONG}?tu=2026-12-31&den=2026-12-01")
    assert "Trả trong ngày" not in text(desk, "/mo-hinh/sd_08_le_ket_hon")


def test_the_list_for_who_leads_the_ceremony_has_no_numbers(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = signed_in(engine, clock, "head")
    plan = {"programme": "sd_08_le_ket_hon", "first": "2026-12-08", "weeks": "1", "team": "Chị Hạnh"}
    assert desk.post("/lich-luu-dong/len-lich", **plan, place="Hội trường").status_code == 302
    couples = [("anh Tư và chị Tám", 3, False), ("anh Hai và chị Ba", 0, True), ("anh Sáu", 2, None)]
    with write_tx(engine) as connection:
        made = [
            booking.sign_up(
                connection, OA, 1,
                NewSignup(name, "le_ket_hon", False, seal(BOX, Who(name, "0912345123")), guests, photos),
                clock(),
            )
            for name, guests, photos in couples
        ]  # fmt: skip
        booking.cancel(connection, OA, made[2].id, clock())
    assert "/lich-luu-dong/1/dan-chuong-trinh" in text(desk, "/lich-luu-dong/1")
    page = text(desk, "/lich-luu-dong/1/dan-chuong-trinh")
    assert page.index("anh Tư và chị Tám") < page.index("anh Hai và chị Ba")
    assert "anh Sáu" not in page
    assert "0912345123" not in page.replace(" ", "").replace(".", "")
    assert "3 khách" in page
    assert "KHÔNG chụp hình" in page
    assert "2 cặp, 7 người dự" in page
    with read_tx(engine) as connection:
        opened = connection.execute(select(audit).where(audit.c.action == "visit_names_opened")).all()
    assert [row.detail["people"] for row in opened] == [2]
    assert signed_in(engine, clock, "field").get("/lich-luu-dong/1/dan-chuong-trinh").status_code == 403
