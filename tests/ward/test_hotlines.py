"""Hotlines: only numbers that hold, checked every quarter; citizen reception skips days off."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import staff_tasks
from tests.ward.test_profile import SAMPLE, SAMPLE_TEXT, profile_from, refused
from ward.calendar import VIET_NAM, load_calendar
from ward.hotlines import STALE_TASK, in_force, next_reception, reception_days, remind_of_stale, stale
from ward.profile import load_profile

OA = "2500000000000000099"
PM_17 = ["Lãnh đạo", "Công chức kiểm soát TTHC", "Công chức một cửa", "Tổ kiểm tra công vụ huyện, tỉnh"]
WARD = load_profile(SAMPLE)
CALENDAR = load_calendar(SAMPLE, WARD.hours)


def at(day: int, month: int, year: int = 2026, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=VIET_NAM)


def test_the_sample_ward_publishes_the_groups_of_the_programme() -> None:
    groups = in_force(WARD, date(2026, 11, 28))
    assert [group.group for group in groups][:4] == PM_17
    assert all(line.name.endswith("(mẫu)") for group in groups for line in group.lines)


def test_numbers_hold_from_their_first_to_their_last_day() -> None:
    def names(day: date) -> list[str]:
        return [line.name for group in in_force(WARD, day) for line in group.lines]

    district = "Tổ kiểm tra công vụ huyện (mẫu)"
    assert district in names(date(2025, 6, 30))
    assert district not in names(date(2025, 7, 1))
    leader = "Chủ tịch UBND phường (mẫu)"
    assert leader not in names(date(2025, 6, 30))
    assert leader in names(date(2025, 7, 1))
    assert "Lãnh đạo" not in [group.group for group in in_force(WARD, date(2025, 6, 30))]


@pytest.mark.parametrize(
    ("day", "count"),
    [(date(2027, 2, 2), 0), (date(2027, 2, 3), 6), (date(2026, 11, 2), 0)],
)
def test_a_number_is_stale_three_months_after_its_check(day: date, count: int) -> None:
    assert len(stale(WARD, day)) == count


def test_the_end_of_a_short_month_counts(tmp_path: Path) -> None:
    ward = profile_from(tmp_path, SAMPLE_TEXT.replace("checked_on = 2026-11-02", "checked_on = 2026-11-30"))
    assert stale(ward, date(2027, 2, 28)) == []
    assert len(stale(ward, date(2027, 3, 1))) == 6


def test_one_task_a_quarter_however_often_and_late_it_is_looked(engine: Engine) -> None:
    def look(moment: datetime) -> bool:
        with write_tx(engine) as connection:
            return remind_of_stale(connection, OA, WARD, moment)

    assert not look(at(28, 11))
    assert look(at(3, 2, 2027))
    assert not look(at(31, 3, 2027))
    threads = [Thread(target=look, args=(at(1, 4, 2027),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_tx(engine) as connection:
        rows = connection.execute(select(staff_tasks).order_by(staff_tasks.c.id)).all()
    assert [(row.kind, row.ref) for row in rows] == [(STALE_TASK, "2027-Q1"), (STALE_TASK, "2027-Q2")]
    assert "Chủ tịch UBND phường (mẫu)" in rows[0].detail["names"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('number = "0277 000 0010"', 'number = "gọi sau"', "hotlines.1.lines.1.number: viết chưa đúng mẫu"),
        ("valid_to = 2025-06-30", "valid_from = 2025-07-02\nvalid_to = 2025-06-30", "valid_to phải từ ngày"),
        (
            'number = "0277 000 0001"\nchecked_on = 2026-11-02',
            'number = "0277 000 0001"',
            "checked_on: còn thiếu",
        ),
    ],
)
def test_wrong_entries_are_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in SAMPLE_TEXT
    assert expected in refused(tmp_path, SAMPLE_TEXT.replace(old, new, 1))


def test_a_group_without_numbers_is_refused(tmp_path: Path) -> None:
    empty = '[[hotlines]]\ngroup = "Trống"\nlines = []\n\n[[hotlines]]\ngroup = "Lãnh đạo"'
    text = SAMPLE_TEXT.replace('[[hotlines]]\ngroup = "Lãnh đạo"', empty)
    assert "hotlines.1.lines: phải có ít nhất một mục" in refused(tmp_path, text)


# ── citizen reception ───────────────────────────────────────────────────────────────────────────


def test_reception_falls_on_its_weekday_without_days_off(tmp_path: Path) -> None:
    friday = profile_from(tmp_path, re.sub('weekday = "thursday"', 'weekday = "friday"', SAMPLE_TEXT))
    assert friday.citizen_reception is not None
    days = reception_days(friday.citizen_reception, CALENDAR, date(2026, 12, 20))
    assert [next(days) for _ in range(3)] == [date(2026, 12, 25), date(2027, 1, 8), date(2027, 1, 15)]


def test_today_counts_until_the_ward_closes() -> None:
    where = WARD.citizen_reception
    assert where is not None
    assert next_reception(where, CALENDAR, at(26, 11)) == date(2026, 11, 26)
    assert next_reception(where, CALENDAR, at(26, 11, hour=18)) == date(2026, 12, 3)
    assert next_reception(where, CALENDAR, at(27, 11)) == date(2026, 12, 3)
