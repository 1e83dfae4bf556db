from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ward.calendar import (
    VIET_NAM,
    CalendarFile,
    WorkCalendar,
    load_calendar,
    national_holidays,
    say_by_when,
    say_clock,
)
from ward.profile import Hours, WardFileError

DAY = ("07:00-11:30", "13:00-17:00")
WEEK = Hours.model_validate(dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), DAY))
PLAIN = WorkCalendar(WEEK)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIET_NAM)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    "off",
    [
        "2026-01-01", "2026-02-16", "2026-02-20", "2026-04-27", "2026-04-30", "2026-05-01", "2026-08-31",
        "2026-09-01", "2026-09-02", "2026-11-24",
        "2027-01-01", "2027-02-04", "2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-04-16",
        "2027-04-30", "2027-05-03", "2027-09-02", "2027-09-03", "2027-11-24",
        "2026-11-21", "2026-11-22",
    ],
)  # fmt: skip
def test_days_off(off: str) -> None:
    assert not PLAIN.is_working_day(day(off))


@pytest.mark.parametrize("working", ["2026-11-23", "2026-11-25", "2027-02-03", "2027-02-11", "2026-09-03"])
def test_working_days(working: str) -> None:
    assert PLAIN.is_working_day(day(working))


def test_culture_day_does_not_hang_on_the_library() -> None:
    assert date(2031, 11, 24) in national_holidays(2031)
    assert date(2025, 11, 24) not in national_holidays(2025)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20 08:00", 2, "2026-11-20 10:00"),
        ("2026-11-20 11:00", 1, "2026-11-20 13:30"),  # over lunch
        ("2026-11-20 12:00", 1, "2026-11-20 14:00"),  # asked at lunch
        ("2026-11-20 11:30", 0.5, "2026-11-20 13:30"),
        ("2026-11-20 09:30", 2, "2026-11-20 11:30"),  # ends with the session, not after lunch
        ("2026-11-20 16:00", 2, "2026-11-23 08:00"),  # Friday afternoon → Monday
        ("2026-11-21 09:00", 1, "2026-11-23 08:00"),  # asked on Saturday
        ("2026-11-23 16:00", 2, "2026-11-25 08:00"),  # over 24/11
        ("2026-11-24 10:00", 8.5, "2026-11-25 17:00"),
        ("2027-02-03 16:30", 1, "2027-02-11 07:30"),  # over Tết 2027
        ("2026-11-20 06:00", 8, "2026-11-20 16:30"),
    ],
)
def test_working_time(start: str, hours: float, end: str) -> None:
    assert PLAIN.add_working_time(at(start), hours) == at(end)


def test_working_time_from_a_utc_moment() -> None:
    late_evening = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)  # 6:30 on Friday in Viet Nam
    assert PLAIN.add_working_time(late_evening, 1) == at("2026-11-20 08:00")


def test_a_moment_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        PLAIN.is_open(datetime(2026, 11, 20, 8))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-20 07:00", True),
        ("2026-11-20 11:30", False),
        ("2026-11-20 12:15", False),
        ("2026-11-20 13:00", True),
        ("2026-11-20 17:00", False),
        ("2026-11-21 09:00", False),
        ("2026-11-24 09:00", False),
    ],
)
def test_open(moment: str, is_open: bool) -> None:
    assert PLAIN.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-20 09:10", "2026-11-20 09:10"),
        ("2026-11-20 12:10", "2026-11-20 13:00"),
        ("2026-11-20 18:00", "2026-11-23 07:00"),
        ("2026-11-23 17:00", "2026-11-25 07:00"),
        ("2027-02-04 08:00", "2027-02-11 07:00"),
    ],
)
def test_next_opening(moment: str, opening: str) -> None:
    assert PLAIN.next_opening(at(moment)) == at(opening)


def with_file(folder: Path, text: str) -> WorkCalendar:
    (folder / "calendar.toml").write_text(text, "utf-8")
    return load_calendar(folder, WEEK)


def test_swap_saturday_is_worked_all_day(tmp_path: Path) -> None:
    calendar = with_file(tmp_path, "swap_off = [2026-11-23]\nswap_work = [2026-11-28]\n")
    assert not calendar.is_working_day(day("2026-11-23"))
    assert calendar.is_working_day(day("2026-11-28"))
    assert calendar.add_working_time(at("2026-11-27 16:00"), 3) == at("2026-11-28 09:00")
    assert calendar.add_working_time(at("2026-11-20 16:00"), 2) == at("2026-11-25 08:00")


def test_the_wards_file_wins_over_the_national_list(tmp_path: Path) -> None:
    calendar = with_file(tmp_path, "swap_work = [2026-11-24]\n")
    assert calendar.is_working_day(day("2026-11-24"))


def test_the_wards_own_holiday(tmp_path: Path) -> None:
    calendar = with_file(tmp_path, "holidays = [2026-12-10]\nchecked_years = [2026]\n")
    assert not calendar.is_working_day(day("2026-12-10"))
    assert calendar.is_checked(2026)
    assert not calendar.is_checked(2027)


def test_missing_calendar_means_the_national_list(tmp_path: Path) -> None:
    assert load_calendar(tmp_path, WEEK).own == CalendarFile()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('swap_off = ["hôm nay"]', "swap_off.1"),
        ("nghi = []", "nghi: không có mục tên này"),
        ("swap_off = [2026-11-23]\nswap_work = [2026-11-23]", "vừa nghỉ vừa làm bù: 2026-11-23"),
    ],
)
def test_errors_name_file_and_field(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(WardFileError) as error:
        with_file(tmp_path, text)
    assert "calendar.toml" in str(error.value)
    assert expected in str(error.value)


def test_a_calendar_that_never_works_is_an_error() -> None:
    sundays = Hours.model_validate({"sunday": ["07:00-08:00"]})
    free = tuple(
        date.fromordinal(n) for n in range(date(2026, 1, 1).toordinal(), date(2029, 1, 1).toordinal())
    )
    calendar = WorkCalendar(sundays, CalendarFile(holidays=free))
    with pytest.raises(WardFileError, match="không có buổi làm việc"):
        calendar.next_opening(at("2026-11-20 09:00"))


def test_times_as_people_say_them() -> None:
    now = at("2026-11-20 10:00")
    assert say_clock(at("2026-11-20 15:00")) == "15h"
    assert say_by_when(at("2026-11-20 15:30"), now) == "15h30 hôm nay"
    assert say_by_when(at("2026-11-23 09:00"), now) == "9h thứ Hai 23/11"
    assert say_by_when(at("2027-01-04 09:00"), at("2026-12-31 16:00")) == "9h thứ Hai 04/01/2027"
    assert say_by_when(datetime(2026, 11, 20, 8, 30, tzinfo=UTC), now) == "15h30 hôm nay"


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-20 08:00", "2026-11-20 10:30", 2.5),
        ("2026-11-20 11:00", "2026-11-20 13:30", 1),  # lunch does not count
        ("2026-11-20 11:40", "2026-11-20 12:50", 0),
        ("2026-11-20 16:00", "2026-11-23 08:00", 2),  # nor the weekend
        ("2026-11-23 16:00", "2026-11-25 08:00", 2),  # nor 24/11
        ("2027-02-03 16:30", "2027-02-11 07:30", 1),  # nor Tết
        ("2026-11-20 10:00", "2026-11-20 10:00", 0),
        ("2026-11-25 08:00", "2026-11-23 16:00", -2),
    ],
)
def test_hours_between(start: str, end: str, hours: float) -> None:
    assert PLAIN.working_hours_between(at(start), at(end)) == pytest.approx(hours)


def test_hours_between_undo_adding_them() -> None:
    start = at("2026-11-20 10:12")
    for half_hours in range(1, 400, 7):
        end = PLAIN.add_working_time(start, half_hours / 2)
        assert PLAIN.working_hours_between(start, end) == pytest.approx(half_hours / 2)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-19 09:00", 1, "2026-11-20 17:00"),  # the first day is not counted
        ("2026-11-20 09:00", 1, "2026-11-23 17:00"),
        ("2026-11-21 09:00", 1, "2026-11-23 17:00"),
        ("2026-11-20 23:59", 2, "2026-11-25 17:00"),
        ("2027-02-03 09:00", 1, "2027-02-11 17:00"),
        ("2027-02-03 09:00", 10, "2027-02-24 17:00"),
    ],
)
def test_terms_of_working_days(start: str, days: int, end: str) -> None:
    assert PLAIN.add_working_days(at(start), days) == at(end)


def test_a_swap_saturday_is_a_working_day(tmp_path: Path) -> None:
    calendar = with_file(tmp_path, "swap_off = [2026-11-23]\nswap_work = [2026-11-21, 2026-11-28]\n")
    assert calendar.add_working_days(at("2026-11-20 09:00"), 1) == at("2026-11-21 17:00")
    assert calendar.add_working_days(at("2026-11-20 09:00"), 2) == at("2026-11-25 17:00")
    assert calendar.working_hours_between(at("2026-11-20 17:00"), at("2026-11-25 07:00")) == 8.5


def test_a_term_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        PLAIN.add_working_days(at("2026-11-20 09:00"), 0)


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        ("2026-11-16 09:00", 1, "2026-11-17"),  # the first day is not counted
        ("2026-11-13 16:59", 7, "2026-11-20"),
        ("2026-11-13 09:00", 1, "2026-11-16"),  # a Saturday becomes the Monday
        ("2026-11-14 09:00", 10, "2026-11-25"),  # 24/11 is a day off
        ("2027-01-05 09:00", 30, "2027-02-11"),  # the last day falls into Tết
        ("2026-01-03 09:00", 7, "2026-01-10"),  # a Saturday that is worked
    ],
)
def test_a_term_of_calendar_days(start: str, days: int, last: str) -> None:
    calendar = WorkCalendar(WEEK, CalendarFile(swap_work=(day("2026-01-10"),)))
    assert calendar.add_days(at(start), days) == day(last)


def test_a_term_of_no_calendar_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        PLAIN.add_days(at("2026-11-16 09:00"), 0)
