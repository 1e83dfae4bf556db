"""When a dossier is ready: the programme's hour, the law's 15:00, holidays, made-up Saturdays, Tết."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from ward.calendar import VIET_NAM, CalendarFile, WorkCalendar
from ward.profile import Hours
from ward.programmes.days import next_service_day, serves_on, service_days
from ward.programmes.model import Programme
from ward.programmes.promise import Promise, promise

OFFICE = ["07:00-11:30", "13:00-17:00"]
HOURS = Hours.model_validate(dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), OFFICE))
TET_2027 = tuple(date(2027, 2, day) for day in range(4, 11))
CALENDAR = WorkCalendar(
    HOURS,
    CalendarFile(
        holidays=(*TET_2027, date(2027, 9, 3)),
        swap_off=(date(2026, 1, 2), date(2026, 8, 31)),
        swap_work=(date(2026, 1, 10), date(2026, 8, 22)),
    ),
)


def programme(**changes: object) -> Programme:
    """Thanh Hà's rule: Fridays, received by 15:30 the same day, else by 9:00 of the next working day."""
    usual: dict[str, object] = {
        "key": "thu_sau",
        "name": "Ngày thứ Sáu không chờ",
        "seed": ["TH-1"],
        "kind": "same_day",
        "about": "Hồ sơ đủ giấy nộp thứ Sáu được trả trong ngày.",
        "legal_basis": ["Kế hoạch thử"],
        "starts": "2023-09-25",
        "weekdays": ["friday"],
        "same_day": {"cut_off": "15:30", "later_by": "09:00"},
    }
    return Programme.model_validate({**usual, **changes})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIET_NAM)


def told(received: str, same_day_by_law: bool = False, on_list: bool = True, **changes: object) -> Promise:
    return promise(programme(**changes), on_list, same_day_by_law, at(received), CALENDAR)


@pytest.mark.parametrize(
    ("received", "kind", "by"),
    [
        ("2026-11-27 15:29:59", "today", "2026-11-27"),
        ("2026-11-27 15:30:00", "today", "2026-11-27"),
        ("2026-11-27 15:30:01", "next_day", "2026-11-30 09:00"),
        ("2026-11-27 07:00:00", "today", "2026-11-27"),
        ("2026-11-27 16:59:59", "next_day", "2026-11-30 09:00"),
        # the Monday after is a holiday (30/8 … 2/9/2026: 31/8 is given off, 1 and 2/9 are National Day)
        ("2026-08-28 15:45:00", "next_day", "2026-09-03 09:00"),
        # a made-up Saturday is a working day: the next morning is the next working day
        ("2026-08-21 15:45:00", "next_day", "2026-08-22 09:00"),
        # before Tết 2027
        ("2027-01-29 15:40:00", "next_day", "2027-02-01 09:00"),
        ("2027-02-12 15:30:01", "next_day", "2027-02-15 09:00"),
    ],
)
def test_the_hour_of_the_programme(received: str, kind: str, by: str) -> None:
    found = told(received)
    assert (found.kind, found.rule) == (kind, "programme")
    assert found.by is not None
    shown = f"{found.by:%Y-%m-%d %H:%M}" if found.hour_promised else f"{found.by:%Y-%m-%d}"
    assert shown == by


@pytest.mark.parametrize(
    ("received", "kind", "rule", "day"),
    [
        ("2026-11-26 14:59:59", "today", "law", "2026-11-26"),  # a Thursday: only the law speaks
        ("2026-11-26 15:00:00", "today", "law", "2026-11-26"),
        ("2026-11-26 15:00:01", "next_day", "law", "2026-11-27"),
        ("2026-11-23 15:00:01", "next_day", "law", "2026-11-25"),  # 24/11 is a day off
        ("2027-02-03 15:30:00", "next_day", "law", "2027-02-11"),  # Tết
        ("2026-11-27 15:10:00", "today", "programme", "2026-11-27"),  # the programme is kinder than the law
        ("2026-11-27 15:40:00", "next_day", "programme", "2026-11-30"),
    ],
)
def test_the_law_s_own_hour_stands_beside_it(received: str, kind: str, rule: str, day: str) -> None:
    found = told(received, same_day_by_law=True)
    assert (found.kind, found.rule, f"{found.by:%Y-%m-%d}") == (kind, rule, day)


def test_a_programme_is_never_stricter_than_the_law() -> None:
    early = {"same_day": {"cut_off": "14:00", "later_by": "09:00"}}
    found = told("2026-11-27 14:30:00", same_day_by_law=True, **early)
    assert (found.kind, found.rule) == ("today", "law")


def test_without_an_hour_set_no_hour_is_promised() -> None:
    found = told("2026-11-27 16:45:00", same_day={})
    assert (found.kind, found.rule, found.hour_promised) == ("today", "programme", False)


@pytest.mark.parametrize(
    ("received", "changes"),
    [
        ("2026-11-27 10:00", {"ends": "2026-11-26"}),  # ended
        ("2023-09-22 10:00", {}),  # not begun
        ("2026-11-26 10:00", {}),  # not its weekday
        ("2026-04-30 10:00", {"weekdays": ["thursday"]}),  # a holiday
    ],
)
def test_outside_its_days_nothing_is_promised(received: str, changes: dict[str, object]) -> None:
    assert told(received, **changes).kind == "normal"


def test_a_procedure_that_is_not_listed_takes_its_normal_time() -> None:
    assert told("2026-11-27 10:00", on_list=False) == Promise("normal", "none")


def test_what_comes_in_the_evening_counts_from_the_next_opening() -> None:
    found = told("2026-11-27 18:00:00", same_day_by_law=True)
    assert (found.kind, found.rule, f"{found.by:%Y-%m-%d}") == ("today", "law", "2026-11-30")


def test_the_first_service_day_is_the_first_friday() -> None:
    start = date(2023, 9, 25)
    assert start.weekday() == 0
    assert next(iter(service_days(programme(), CALENDAR, start))) == date(2023, 9, 29)


def test_a_made_up_saturday_is_no_friday_and_a_swapped_day_serves_nobody() -> None:
    assert not serves_on(programme(), date(2026, 8, 22), CALENDAR)
    assert not serves_on(programme(), date(2026, 1, 2), CALENDAR)


def test_saturday_is_served_by_a_programme_with_hours_of_its_own() -> None:
    saturday = programme(weekdays=["thursday", "saturday"], hours=["07:30-11:00"])
    assert serves_on(saturday, date(2026, 11, 28), CALENDAR)
    found = promise(saturday, True, False, at("2026-11-28 09:00"), CALENDAR)
    assert (found.kind, found.rule) == ("today", "programme")


def test_the_last_day_and_after_it() -> None:
    ended = programme(weekdays=["thursday"], starts="2024-01-01", ends="2024-12-31")
    assert list(service_days(ended, CALENDAR, date(2024, 12, 20))) == [date(2024, 12, 26)]
    assert next_service_day(ended, CALENDAR, at("2024-12-26 17:30")) is None
    assert next_service_day(ended, CALENDAR, at("2024-12-26 10:00")) == date(2024, 12, 26)
