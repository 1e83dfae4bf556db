"""When officials may be told: silent hours, what goes through them, digests on working days."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from store.engine import read_tx, write_tx
from store.schema import settings
from tests.ward.test_profile import SAMPLE
from ward.calendar import VIET_NAM, load_calendar
from ward.notice_rules import Rules, digest_slot, rules_of, told_at
from ward.profile import load_profile

OA = "2500000000000000099"
CALENDAR = load_calendar(SAMPLE, load_profile(SAMPLE).hours)
NIGHT = Rules(silence=(time(21), time(6, 30)))
NOON = Rules(silence=(time(11, 30), time(13)))


def at(clock: str, day: int = 27) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=VIET_NAM)


@pytest.mark.parametrize(
    ("now", "rules", "told"),
    [
        (at("20:59"), NIGHT, at("20:59")),
        (at("21:00"), NIGHT, at("06:30", 28)),
        (at("23:59"), NIGHT, at("06:30", 28)),
        (at("00:00"), NIGHT, at("06:30")),
        (at("06:29"), NIGHT, at("06:30")),
        (at("06:30"), NIGHT, at("06:30")),
        (at("11:29"), NOON, at("11:29")),
        (at("12:00"), NOON, at("13:00")),
        (at("23:00"), NOON, at("23:00")),
        (at("23:00"), Rules(silence=None), at("23:00")),
    ],
)
def test_nobody_is_told_in_silent_hours(now: datetime, rules: Rules, told: datetime) -> None:
    assert told_at(now, False, rules) == told


def test_urgent_cases_go_through_when_the_ward_wants_it() -> None:
    assert told_at(at("23:00"), True, NIGHT) == at("23:00")
    held = Rules(silence=NIGHT.silence, urgent_in_silence=False)
    assert told_at(at("23:00"), True, held) == at("06:30", 28)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        (at("07:29"), None),
        (at("07:30"), at("07:30")),
        (at("13:29"), at("07:30")),
        (at("23:00"), at("13:30")),
        (at("09:00", 28), None),  # Saturday
        (at("09:00", 24), None),  # a holiday on a Tuesday
    ],
)
def test_digests_leave_at_set_hours_of_working_days(now: datetime, slot: datetime | None) -> None:
    assert digest_slot(now, CALENDAR, Rules()) == slot


def put(engine: Engine, **values: Any) -> Rules:
    with write_tx(engine) as connection:
        for name, value in values.items():
            row = {"oa_id": OA, "name": name, "value": value, "changed_at": at("09:00")}
            connection.execute(insert(settings).values(**row))
    with read_tx(engine) as connection:
        return rules_of(connection, OA)


def test_what_the_head_set_holds(engine: Engine) -> None:
    rules = put(
        engine,
        silent_hours="22:15-05:45",
        urgent_in_silence=False,
        digest_hours=["08:00", "16:00"],
        return_after_minutes=120,
        reminder_percents=[60, 100],
    )
    assert rules == Rules((time(22, 15), time(5, 45)), False, (time(8), time(16)), 120, (60, 100))


def test_an_empty_span_means_no_silent_hours(engine: Engine) -> None:
    assert put(engine, silent_hours="").silence is None


def test_no_hours_mean_no_digest(engine: Engine) -> None:
    rules = put(engine, digest_hours=[])
    assert digest_slot(at("16:00"), CALENDAR, rules) is None


def test_unreadable_settings_are_as_if_not_set(engine: Engine) -> None:
    wrong = {"silent_hours": "tối", "digest_hours": 7, "return_after_minutes": "x", "reminder_percents": "50"}
    assert put(engine, **wrong, urgent_in_silence="có") == Rules()
