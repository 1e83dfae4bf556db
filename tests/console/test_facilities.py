"""The facility pages over real requests: who opens them, the report and its workbook."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select

from bot.reminding import Reminding
from handlers.facility_words import FacilityVoice
from handlers.reminder_words import WordsOfReminders
from store.engine import read_tx, write_tx
from store.schema import cases
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, START, MovableClock
from tests.console.support import Desk, add_official, console_of, signed_in
from tests.handlers.world import SAMPLE, phrases, profile
from ward import facilities, facility_dates, facility_report, health_news
from ward.calendar import VIET_NAM, load_calendar
from ward.cases.deadlines import Limits
from ward.cases.opening import NewCase, open_case
from ward.facilities import NewFacility
from ward.forms import count_download
from ward.staff import NewOfficial

CALENDAR = load_calendar(SAMPLE, profile().hours)
BOX = SecretBox(KEY, "personal")


def facility(engine: Engine) -> int:
    with write_tx(engine) as connection:
        new = NewFacility("Nha khoa Ánh Dương", "nha_khoa")
        number, _ = facilities.sign_up(connection, OA, "p1", new, BOX, START)
        for topic in ("gphd_cap_moi", None):
            context = {"facility_id": number, "topic": topic}
            asked = NewCase("question", "p1", "=Dời chỗ thì sao?", "y_te", context)
            open_case(connection, OA, asked, START, CALENDAR, Limits())
        open_case(
            connection, OA, NewCase("question", "x", "của người dân", "y_te"), START, CALENDAR, Limits()
        )
        count_download(connection, OA, "=mau_02", START.date())
        count_download(connection, OA, "=mau_02", START.date())
    return number


@pytest.mark.parametrize(("field", "status"), [("y_te", 200), ("ho_tich", 403)])
def test_only_health_officers_of_the_field_role(sqlite_engine: Engine, field: str, status: int) -> None:
    clock = MovableClock()
    add_official(sqlite_engine, "canbo", NewOfficial("Cán bộ", roles=("field",), fields=(field,)), clock())
    desk = Desk(console_of(sqlite_engine, clock))
    desk.sign_in("canbo")
    for path in ("/co-so-y-te", "/tin-y-te", "/co-so-y-te/xuat"):
        assert desk.get(path).status_code == status


def test_a_facility_with_what_it_asked(engine: Engine) -> None:
    number = facility(engine)
    desk = signed_in(engine, MovableClock(), "one_stop")
    page = desk.get(f"/co-so-y-te/{number}").get_data(as_text=True)
    assert "Dời chỗ thì sao?" in page
    assert "của người dân" not in page
    path = f"/co-so-y-te/{number}"
    saved = desk.post(f"{path}/giay", path, paper="gphn", number="1", issued="1/6/2022", expires="1/6/2027")
    assert saved.status_code == 302
    assert "01/06/2027" in desk.get("/co-so-y-te?expires=").get_data(as_text=True)
    assert "Nha khoa Ánh Dương" not in desk.get("/co-so-y-te?expires=soon").get_data(as_text=True)
    stale = desk.post(f"{path}/sua", f"{path}/sua", name="X Y", kind="nha_khoa", version="7")
    assert stale.status_code == 400
    assert "vừa sửa" in stale.get_data(as_text=True)


def codes(engine: Engine) -> dict[str, str]:
    """Who asked first and last: the facility's two cases, and a citizen's."""
    with read_tx(engine) as connection:
        found = connection.execute(select(cases.c.code, cases.c.person_id).order_by(cases.c.id)).all()
    return {"first": found[0].code, "second": found[1].code, "citizen": found[2].code}


def test_a_case_of_a_facility_shows_it_at_the_side(engine: Engine) -> None:
    number = facility(engine)
    with write_tx(engine) as connection:
        facility_dates.keep(connection, OA, number, "gphn", "345", None, date(2027, 1, 15), START)
        facilities.want_news(connection, OA, "p1", True, START)
        text = "Từ hôm nay có mẫu đơn mới, mời cơ sở coi."
        news = health_news.write(connection, OA, "Mẫu đơn mới", text, ("nha_khoa",), 1, START)
        health_news.decide(connection, OA, news, 2, True, START)
    code = codes(engine)
    page = signed_in(engine, MovableClock(), "one_stop").get(f"/phieu/{code['second']}").get_data(True)
    side = page[page.index('id="facility-title"') :]
    side = side[: side.index("</section>")]
    for shown in ("Nha khoa (răng hàm mặt)", "345", "hết hạn 15/01/2027", "1/1 tài khoản nhận tin"):
        assert shown in side
    assert f"/co-so-y-te/{number}" in side
    assert code["first"] in side
    assert code["second"] not in side
    assert code["citizen"] not in side
    assert "Mẫu đơn mới" in side


def test_the_facility_is_not_beside_a_citizens_case_nor_for_other_officials(engine: Engine) -> None:
    facility(engine)
    code = codes(engine)
    page = signed_in(engine, MovableClock(), "one_stop").get(f"/phieu/{code['citizen']}").get_data(True)
    assert 'id="facility-title"' not in page
    clock = MovableClock()
    add_official(engine, "xem", NewOfficial("Người xem", roles=("viewer",)), clock())
    desk = Desk(console_of(engine, clock))
    desk.sign_in("xem")
    seen = desk.get(f"/phieu/{code['first']}")
    assert seen.status_code == 200
    assert 'id="facility-title"' not in seen.get_data(True)


@pytest.mark.parametrize(
    ("year", "number", "days"),
    [
        (2026, 1, (date(2026, 1, 1), date(2026, 3, 31))),
        (2026, 4, (date(2026, 10, 1), date(2026, 12, 31))),
        (2028, 0, (date(2028, 1, 1), date(2028, 12, 31))),
    ],
)
def test_the_days_of_a_quarter(year: int, number: int, days: tuple[date, date]) -> None:
    assert facility_report.quarter(year, number) == days


def test_the_report_and_its_workbook(engine: Engine) -> None:
    facility(engine)
    with write_tx(engine) as connection:
        told = facility_report.figures(
            connection, OA, date(2026, 10, 1), date(2026, 12, 31), CALENDAR, {"gphd_cap_moi": "Mở"}.get
        )
    assert (told.facilities, told.reached, told.with_news, told.questions) == (1, 1, 0, 2)
    assert told.by_topic == told.unanswered == {"Mở": 1, "Chưa rõ thủ tục": 1}
    assert told.downloads == {"=mau_02": 2}
    assert told.median_hours is None
    sheet = load_workbook(io.BytesIO(facility_report.xlsx(told, "=Phường"))).active
    cells = {row[0].value: row[1].value for row in sheet.iter_rows(max_col=2)}
    assert cells["Câu hỏi trong kỳ"] == 2
    assert cells["Lượt tải mẫu: =mau_02"] == 2
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_a_paper_nobody_could_be_written_to_about_is_on_the_health_officers_list(engine: Engine) -> None:
    clock = MovableClock(datetime(2027, 3, 3, 10, tzinfo=VIET_NAM))
    number = facility(engine)
    with write_tx(engine) as connection:
        facility_dates.keep(connection, OA, number, "gphn", "1", None, date(2027, 6, 1), START)
    said = phrases().for_turn(0)
    words = WordsOfReminders(said, {"facility": FacilityVoice(said)})
    Reminding(engine, OA, words, SecretBox(KEY, "visits"), 60, facility_box=BOX).tick(clock())
    for name, field in (("yte", "y_te"), ("hotich", "ho_tich")):
        add_official(engine, name, NewOfficial("Cán bộ", roles=("field",), fields=(field,)), clock())
    desk = Desk(console_of(engine, clock))
    desk.sign_in("yte")
    page = desk.get("/can-goi").get_data(as_text=True)
    assert "Nha khoa Ánh Dương" in page
    assert f"/console/co-so-y-te/{number}" in page
    assert desk.post("/can-goi/nhac/1/da-goi", "/can-goi").status_code == 302
    assert "Không có ai cần gọi" in desk.get("/can-goi").get_data(as_text=True)
    other = Desk(console_of(engine, clock))
    other.sign_in("hotich")
    assert other.get("/can-goi").status_code == 403
