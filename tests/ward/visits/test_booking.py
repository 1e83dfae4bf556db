"""Places in a session: never more than there are, numbers kept, the waiting list moves up."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import signups, visits
from tests.ward.programmes.test_promise import CALENDAR, programme
from ward.calendar import VIET_NAM
from ward.programmes.model import Programme
from ward.visits import booking, sessions
from ward.visits.model import BookingRefused, NewSignup, Signup, StaleVisit, Visit

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
SATURDAY = date(2026, 12, 5)


def mobile(capacity: int = 30, per_slot: int = 3) -> Programme:
    return programme(
        kind="mobile",
        same_day=None,
        weekdays=["saturday"],
        hours=["07:30-11:00"],
        sessions={"slot_minutes": 30, "per_slot": per_slot, "capacity": capacity},
    )


def a_visit(engine: Engine, capacity: int = 30, per_slot: int = 3) -> Visit:
    with write_tx(engine) as connection:
        return sessions.plan(
            connection,
            "oa",
            mobile(capacity, per_slot),
            "Khóm 5",
            "Văn phòng khóm 5",
            SATURDAY,
            CALENDAR,
            NOW,
        )


def sign(engine: Engine, visit: Visit, person: str | None, for_other: bool = False) -> Signup:
    with write_tx(engine) as connection:
        return booking.sign_up(
            connection, "oa", visit.id, NewSignup(person, "khai_sinh", for_other=for_other), NOW
        )


def test_numbers_and_slots_follow_the_order_of_signing_up(engine: Engine) -> None:
    visit = a_visit(engine, capacity=4, per_slot=2)
    got = [sign(engine, visit, f"p{n}") for n in range(5)]
    assert [one.number for one in got] == [1, 2, 3, 4, 5]
    assert [one.state for one in got] == ["booked"] * 4 + ["waiting"]
    slots = [one.slot_at.astimezone(VIET_NAM).strftime("%H:%M") if one.slot_at else None for one in got]
    assert slots == ["07:30", "07:30", "08:00", "08:00", None]


def test_one_open_sign_up_for_oneself_and_one_for_a_parent(engine: Engine) -> None:
    visit = a_visit(engine)
    mine = sign(engine, visit, "p")
    again = sign(engine, visit, "p")
    assert again.already
    assert (again.code, again.number) == (mine.code, mine.number)
    assert sign(engine, visit, "p", for_other=True).code != mine.code


def test_who_cancels_frees_the_place_for_the_first_who_waits(engine: Engine) -> None:
    visit = a_visit(engine, capacity=2, per_slot=1)
    first, _second, third, fourth = (sign(engine, visit, f"p{n}") for n in range(4))
    with write_tx(engine) as connection:
        moved = booking.cancel(connection, "oa", first.id, NOW)
    assert moved is not None
    assert (moved.id, moved.state, moved.number) == (third.id, "booked", third.number)
    assert moved.slot_at == first.slot_at
    with write_tx(engine) as connection:
        assert booking.cancel(connection, "oa", fourth.id, NOW) is None
    with read_tx(engine) as connection:
        assert connection.execute(select(visits.c.taken)).scalar_one() == 2


def test_a_freed_place_without_a_waiting_list_is_given_out_again(engine: Engine) -> None:
    visit = a_visit(engine, capacity=2, per_slot=1)
    first = sign(engine, visit, "p1")
    sign(engine, visit, "p2")
    with write_tx(engine) as connection:
        assert booking.to_office(connection, "oa", first.id, NOW) is None
        with pytest.raises(BookingRefused):
            booking.cancel(connection, "oa", first.id, NOW)
    late = sign(engine, visit, "p3")
    assert (late.state, late.slot_at, late.number) == ("booked", first.slot_at, 3)


def test_postponing_keeps_numbers_and_moves_the_slots(engine: Engine) -> None:
    visit = a_visit(engine)
    before = sign(engine, visit, "p")
    with write_tx(engine) as connection:
        after = sessions.postpone(
            connection, "oa", visit.id, visit.version, date(2026, 12, 12), "mưa bão", NOW
        )
        kept = booking.find(connection, "oa", before.id)
    assert (after.version, after.moved_from, after.reason) == (visit.version + 1, visit.starts_at, "mưa bão")
    assert kept is not None
    assert (kept.number, kept.state) == (before.number, "booked")
    assert before.slot_at is not None
    assert kept.slot_at is not None
    assert (kept.slot_at - before.slot_at).days == 7


@pytest.mark.parametrize(
    ("day", "reason"), [(SATURDAY, "mưa bão"), (date(2026, 11, 21), "mưa bão"), (date(2026, 12, 12), " ")]
)
def test_a_move_needs_another_coming_day_and_a_reason(engine: Engine, day: date, reason: str) -> None:
    visit = a_visit(engine)
    with write_tx(engine) as connection, pytest.raises(BookingRefused):
        sessions.postpone(connection, "oa", visit.id, visit.version, day, reason, NOW)


def test_two_officials_cannot_move_the_same_session(engine: Engine) -> None:
    visit = a_visit(engine)
    with write_tx(engine) as connection:
        sessions.postpone(connection, "oa", visit.id, visit.version, date(2026, 12, 12), "mưa bão", NOW)
        with pytest.raises(StaleVisit):
            sessions.call_off(connection, "oa", visit.id, visit.version, "mưa bão", NOW)


def test_a_cancelled_session_takes_nobody_and_ends_its_sign_ups(engine: Engine) -> None:
    visit = a_visit(engine)
    one = sign(engine, visit, "p")
    with write_tx(engine) as connection:
        sessions.call_off(connection, "oa", visit.id, visit.version, "cán bộ bệnh", NOW)
        kept = booking.find(connection, "oa", one.id)
    assert kept is not None
    assert kept.state == "cancelled"
    with pytest.raises(BookingRefused):
        sign(engine, visit, "q")


def test_no_session_on_a_day_the_programme_does_not_serve(engine: Engine) -> None:
    with write_tx(engine) as connection, pytest.raises(BookingRefused, match="không phục vụ"):
        sessions.plan(
            connection, "oa", mobile(), "Khóm 5", "Văn phòng khóm 5", date(2026, 12, 6), CALENDAR, NOW
        )


def test_a_crowd_never_gets_more_than_the_capacity(engine: Engine) -> None:
    visit = a_visit(engine, capacity=20, per_slot=3)
    with ThreadPoolExecutor(8) as crowd:
        got = list(crowd.map(lambda n: sign(engine, visit, f"p{n}"), range(60)))
    assert Counter(one.state for one in got) == {"booked": 20, "waiting": 40}
    assert sorted(one.number for one in got) == list(range(1, 61))
    with read_tx(engine) as connection:
        slots = connection.execute(select(signups.c.slot_at).where(signups.c.state == "booked")).scalars()
        assert max(Counter(slots).values()) <= 3
