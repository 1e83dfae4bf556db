"""Days of citizen reception, and the appointments for them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import Engine, select

from bot.config import SAMPLE_WARD
from store.engine import read_tx, write_tx
from store.schema import appointments, reminders
from store.secrets import SecretBox
from ward import reception
from ward.calendar import VIET_NAM, CalendarFile, WorkCalendar, load_calendar, local
from ward.codes import parse_code
from ward.profile import load_profile
from ward.reception import Who, reception_days

OA = "2500000000000000099"
BOX = SecretBox("a key for the tests only", "appointments")
PROFILE = load_profile(SAMPLE_WARD)
CALENDAR = load_calendar(SAMPLE_WARD, PROFILE.hours)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=VIET_NAM)
DAY = date(2026, 12, 3)


def days(now: datetime, calendar: WorkCalendar = CALENDAR) -> list[str]:
    return [f"{day:%d/%m}" for day in reception_days(PROFILE, calendar, now)]


def test_the_coming_thursdays() -> None:
    assert days(NOW) == ["26/11", "03/12", "10/12"]


@pytest.mark.parametrize(("clock", "first"), [((7, 29), "26/11"), ((7, 30), "03/12"), ((15, 0), "03/12")])
def test_today_only_before_it_begins(clock: tuple[int, int], first: str) -> None:
    assert days(datetime(2026, 11, 26, *clock, tzinfo=VIET_NAM))[0] == first


def test_days_off_are_skipped() -> None:
    """Thursday 4 February 2027 is in the Tết holidays; the ward gives Thursday 11 off too."""
    around_tet = datetime(2027, 1, 29, 9, 0, tzinfo=VIET_NAM)
    closed = WorkCalendar(PROFILE.hours, CalendarFile(swap_off=(date(2027, 2, 11),)))
    assert days(around_tet, WorkCalendar(PROFILE.hours)) == ["11/02", "18/02", "25/02"]
    assert days(around_tet, closed) == ["18/02", "25/02", "04/03"]


def test_a_ward_without_reception_hours_has_no_days() -> None:
    assert reception_days(PROFILE.model_copy(update={"citizen_reception": None}), CALENDAR, NOW) == []


def booked(engine: Engine, person: str = "p", name: str = "chị Tám", day: date = DAY) -> str:
    with write_tx(engine) as connection:
        return reception.book(connection, BOX, OA, person, day, Who(name, "0912345678"), NOW)


def test_a_name_is_sealed_and_read_by_who_receives(engine: Engine) -> None:
    code = booked(engine)
    assert parse_code(code).status == "valid"
    assert code.startswith("TD-2611-")
    with read_tx(engine) as connection:
        (row,) = connection.execute(select(appointments)).all()
        (told,) = reception.on_day(connection, BOX, OA, DAY)
        assert reception.on_day(connection, BOX, "another", DAY) == []
        assert reception.booked_by(connection, OA, "p", NOW.date()) == [(code, DAY)]
        assert reception.booked_by(connection, OA, "p", date(2026, 12, 4)) == []
    assert (told.code, told.state, told.who) == (code, "booked", Who("chị Tám", "0912345678"))
    assert "Tám".encode() not in row.who
    assert b"0912345678" not in row.who


def test_the_same_person_and_day_is_one_appointment(engine: Engine) -> None:
    code = booked(engine)
    assert booked(engine, name="cô Tám") == code
    assert booked(engine, person="q") != code
    with read_tx(engine) as connection:
        assert [one.who.name for one in reception.on_day(connection, BOX, OA, DAY)] == ["cô Tám", "chị Tám"]


def test_only_ones_own_is_given_back_and_once(engine: Engine) -> None:
    code = booked(engine)
    with write_tx(engine) as connection:
        assert reception.cancel(connection, OA, "q", code, NOW) is None
        assert reception.cancel(connection, OA, "p", code, NOW) == DAY
        assert reception.cancel(connection, OA, "p", code, NOW) is None
        assert not reception.settle(connection, OA, code, "came")
    again = booked(engine)
    assert again != code
    with write_tx(engine) as connection:
        assert reception.settle(connection, OA, again, "came")
        assert not reception.settle(connection, OA, again, "absent")


def told_of(engine: Engine) -> list[tuple[str, str, str]]:
    """Kind, moment and state of what is to be said."""
    with read_tx(engine) as connection:
        rows = connection.execute(select(reminders).order_by(reminders.c.due_at, reminders.c.id)).all()
    assert {(row.subject, row.person_id) for row in rows} <= {("appointment", "p")}
    return [(row.kind, f"{local(row.due_at):%d/%m %H:%M}", row.state) for row in rows]


def test_reminded_on_the_eve_and_in_the_morning_until_given_back(engine: Engine) -> None:
    code = booked(engine)
    booked(engine, name="cô Tám")
    assert told_of(engine) == [("t1", "02/12 17:00", "pending"), ("morning", "03/12 06:30", "pending")]
    with write_tx(engine) as connection:
        reception.cancel(connection, OA, "p", code, NOW)
    assert [state for _, _, state in told_of(engine)] == ["void", "void"]
    booked(engine)
    assert [state for _, _, state in told_of(engine)] == ["void", "pending", "void", "pending"]


def test_a_booking_of_the_last_evening_is_reminded_in_the_morning_only(engine: Engine) -> None:
    with write_tx(engine) as connection:
        late = datetime(2026, 12, 2, 18, 0, tzinfo=VIET_NAM)
        reception.book(connection, BOX, OA, "p", DAY, Who("chị Tám"), late)
    assert told_of(engine) == [("morning", "03/12 06:30", "pending")]
