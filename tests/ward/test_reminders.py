"""Reminders: written ahead, quiet at night, claimed once, void when what they are about has changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import reminders
from ward import reminders as work
from ward.calendar import VIET_NAM


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIET_NAM)


STARTS = at("2026-12-05 09:00")
BOOKED = at("2026-11-27 09:00")


def book(engine: Engine, subject_id: int = 1, version: int = 0, now: datetime = BOOKED) -> int:
    with write_tx(engine) as connection:
        return work.write(connection, "oa", "signup", subject_id, version, "p", STARTS, now)


def claimed(engine: Engine, now: str) -> list[str]:
    with write_tx(engine) as connection:
        return [due.kind for due in work.claim_due(connection, "oa", at(now))]


def test_three_reminders_at_their_hours(engine: Engine) -> None:
    assert book(engine) == 3
    with read_tx(engine) as connection:
        rows = connection.execute(select(reminders.c.kind, reminders.c.due_at)).all()
    assert {row.kind: f"{row.due_at.astimezone(VIET_NAM):%d/%m %H:%M}" for row in rows} == {
        "t3": "02/12 09:00",
        "t1": "04/12 17:00",
        "morning": "05/12 06:30",
    }


def test_written_twice_they_are_one(engine: Engine) -> None:
    book(engine)
    assert book(engine) == 0


@pytest.mark.parametrize(
    ("now", "left"), [("2026-12-03 08:00", 2), ("2026-12-04 20:00", 1), ("2026-12-05 07:00", 0)]
)
def test_what_has_passed_is_not_written(engine: Engine, now: str, left: int) -> None:
    assert book(engine, now=at(now)) == left


def test_a_machine_off_over_night_reminds_in_the_morning_and_once(engine: Engine) -> None:
    book(engine)
    assert claimed(engine, "2026-12-04 16:00") == ["t3"]
    assert claimed(engine, "2026-12-05 08:00") == ["t1", "morning"]
    assert claimed(engine, "2026-12-05 08:00") == []


def test_two_clocks_share_what_is_due(engine: Engine) -> None:
    for number in range(50):
        book(engine, number)

    def tick(_n: int) -> list[int]:
        with write_tx(engine) as connection:
            return [due.id for due in work.claim_due(connection, "oa", at("2026-12-02 10:00"), limit=7)]

    with ThreadPoolExecutor(4) as clocks:
        taken = [one for ids in clocks.map(tick, range(20)) for one in ids]
    assert len(taken) == len(set(taken)) == 50


def test_void_ones_are_never_due(engine: Engine) -> None:
    book(engine, 1)
    book(engine, 2)
    with write_tx(engine) as connection:
        assert work.void(connection, "oa", "signup", [1], BOOKED) == 3
    assert claimed(engine, "2026-12-05 08:00") == ["t3", "t1", "morning"]


def test_a_moved_session_is_told_once_and_not_at_night(engine: Engine) -> None:
    night = at("2026-11-27 22:30")
    with write_tx(engine) as connection:
        assert work.tell(connection, "oa", "signup", 1, 1, "moved", "p", night)
        assert not work.tell(connection, "oa", "signup", 1, 1, "moved", "p", night)
    assert claimed(engine, "2026-11-28 05:59") == []
    assert claimed(engine, "2026-11-28 06:00") == ["moved"]


@pytest.mark.parametrize(
    ("clock", "covered"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("05:59", True), ("06:00", False)],
)
def test_quiet_hours_pass_midnight(clock: str, covered: bool) -> None:
    assert work.Quiet().covers(time.fromisoformat(clock)) is covered
