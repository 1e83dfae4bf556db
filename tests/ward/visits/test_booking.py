"""Places in a session: never more than there are, numbers kept, the waiting list moves up."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select

from store.engine import read_tx, write_tx
from store.schema import inbox_events, reminders, signups, staff_tasks, visits
from tests.ward.programmes.test_promise import CALENDAR, programme
from ward.calendar import VIET_NAM
from ward.programmes.model import Programme, Sessions
from ward.visits import booking, sessions
from ward.visits.model import BookingRefused, NewSignup, Signup, StaleVisit, Visit
from ward.visits.unseen import unseen, watch

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


def sent(engine: Engine, signup: Signup) -> dict[tuple[str, int], str]:
    """State of each reminder by kind and version."""
    with read_tx(engine) as connection:
        rows = connection.execute(select(reminders).where(reminders.c.subject_id == signup.id)).all()
    return {(row.kind, row.version): row.state for row in rows}


USUAL = ("t3", "t1", "morning")


def test_reminders_are_written_with_the_booking_and_not_for_who_waits(engine: Engine) -> None:
    visit = a_visit(engine, capacity=1)
    first, second = sign(engine, visit, "p1"), sign(engine, visit, "p2")
    assert sent(engine, first) == {(kind, 0): "pending" for kind in USUAL}
    assert sent(engine, second) == {}


def test_a_move_voids_the_old_reminders_and_tells_everybody_once(engine: Engine) -> None:
    visit = a_visit(engine, capacity=1)
    first, second = sign(engine, visit, "p1"), sign(engine, visit, "p2")
    with write_tx(engine) as connection:
        sessions.postpone(connection, "oa", visit.id, 0, date(2026, 12, 12), "mưa bão", NOW)
    old = {(kind, 0): "void" for kind in USUAL}
    new = {(kind, 1): "pending" for kind in (*USUAL, "moved")}
    assert sent(engine, first) == old | new
    assert sent(engine, second) == {("moved", 1): "pending"}


def test_who_moves_up_is_told_once_and_reminded(engine: Engine) -> None:
    visit = a_visit(engine, capacity=1)
    first, second = sign(engine, visit, "p1"), sign(engine, visit, "p2")
    with write_tx(engine) as connection:
        booking.cancel(connection, "oa", first.id, NOW)
    assert sent(engine, first) == {(kind, 0): "void" for kind in USUAL}
    assert sent(engine, second) == {(kind, 0): "pending" for kind in (*USUAL, "moved_up")}


def test_a_session_called_off_only_tells_so(engine: Engine) -> None:
    visit = a_visit(engine)
    one = sign(engine, visit, "p")
    with write_tx(engine) as connection:
        sessions.call_off(connection, "oa", visit.id, 0, "cán bộ bệnh", NOW)
    assert sent(engine, one) == {(kind, 0): "void" for kind in USUAL} | {("cancelled", 1): "pending"}


def test_changing_to_another_session_keeps_the_matter_and_frees_the_place(engine: Engine) -> None:
    visit, other = a_visit(engine, capacity=1), a_visit(engine, capacity=1)
    one, waits = sign(engine, visit, "p1"), sign(engine, visit, "p2")
    with write_tx(engine) as connection:
        moved = booking.change(connection, "oa", one.id, other.id, NOW)
        up = booking.find(connection, "oa", waits.id)
    assert (moved.visit_id, moved.state, moved.topic) == (other.id, "booked", one.topic)
    assert up is not None
    assert up.state == "booked"
    with write_tx(engine) as connection, pytest.raises(BookingRefused, match="đủ người"):
        booking.change(connection, "oa", up.id, other.id, NOW)
    with read_tx(engine) as connection:
        still = booking.find(connection, "oa", up.id)
    assert still is not None
    assert still.state == "booked", "a change that cannot be made costs nobody the place"


def test_weekly_sessions_go_round_the_khoms_and_plan_the_second_trip(engine: Engine) -> None:
    setup = {"slot_minutes": 30, "capacity": 21, "trips": 2, "return_within_days": 5}
    plan = mobile().model_copy(update={"sessions": Sessions(**setup)})
    khoms = [("Khóm 1", "Nhà khóm 1"), ("Khóm 5", "Nhà khóm 5")]
    with write_tx(engine) as connection:
        made = sessions.plan_weekly(connection, "oa", plan, khoms, date(2026, 12, 1), 3, CALENDAR, NOW)
        again = sessions.coming(connection, "oa", NOW)
    assert [(one.khom, one.starts_at.astimezone(VIET_NAM).day) for one in made] == [
        ("Khóm 1", 5),
        ("Khóm 5", 12),
        ("Khóm 1", 19),
    ]
    assert made[0].returns_on == date(2026, 12, 11), "five working days after Saturday the 5th"
    assert [one.id for one in again] == [one.id for one in made]


def test_the_second_trip_moves_along(engine: Engine) -> None:
    setup = {"slot_minutes": 30, "capacity": 21, "trips": 2, "return_within_days": 5}
    plan = mobile().model_copy(update={"sessions": Sessions(**setup)})
    with write_tx(engine) as connection:
        visit = sessions.plan(connection, "oa", plan, "Khóm 5", "Nhà", date(2026, 12, 26), CALENDAR, NOW)
        after = sessions.postpone(
            connection, "oa", visit.id, 0, date(2026, 12, 12), "trùng lịch", NOW, calendar=CALENDAR
        )
    assert visit.returns_on == date(2027, 1, 4), "New Year's day is not counted"
    assert after.returns_on == date(2026, 12, 18)


def said_back(engine: Engine, person: str, at: datetime, name: str) -> None:
    row = {"oa_id": "oa", "event_key": f"{person}{name}", "event_name": name, "person_id": person}
    times = {"occurred_at": at, "received_at": at, "next_attempt_at": at}
    with write_tx(engine) as connection:
        connection.execute(insert(inbox_events).values(**row, **times, state="done"))


def test_after_two_hours_those_who_have_not_seen_the_move_are_a_task(engine: Engine) -> None:
    visit = a_visit(engine)
    people = {name: sign(engine, visit, name) for name in ("seen", "wrote", "answered", "silent", "phone")}
    with write_tx(engine) as connection:
        sessions.postpone(connection, "oa", visit.id, 0, date(2026, 12, 12), "mưa bão", NOW)
        booking.answer(connection, "oa", people["answered"].id, "coming", NOW)
    said_back(engine, "seen", NOW + timedelta(minutes=9), "user_seen_message")
    said_back(engine, "wrote", NOW + timedelta(minutes=9), "user_send_text")
    said_back(engine, "silent", NOW - timedelta(minutes=9), "user_send_text")
    with write_tx(engine) as connection:
        assert watch(connection, "oa", NOW + timedelta(minutes=119)) == []
        late = NOW + timedelta(minutes=121)
        assert unseen(connection, "oa", visit.id, late) == [people["silent"].id, people["phone"].id]
        assert [one.unseen for one in watch(connection, "oa", late)] == [2]
        watch(connection, "oa", late)
        assert [row.done_at for row in connection.execute(select(staff_tasks))] == [None]
        for name in ("silent", "phone"):
            booking.answer(connection, "oa", people[name].id, "busy", late)
        watch(connection, "oa", late)
        assert [row.done_at for row in connection.execute(select(staff_tasks))] == [late]


@pytest.mark.parametrize(
    ("people", "capacity"),
    [(120, 30), pytest.param(2000, 500, marks=pytest.mark.soak)],
    ids=["short", "full"],
)
def test_a_rush_never_goes_over_capacity_and_leaves_nobody_without_a_number(
    engine: Engine, people: int, capacity: int
) -> None:
    visit, later = a_visit(engine, capacity=capacity, per_slot=72), a_visit(engine, capacity=people)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: sign(engine, visit, f"p{n}"), range(people)))
    assert Counter(one.state for one in got) == {"booked": capacity, "waiting": people - capacity}
    assert sorted(one.number for one in got) == list(range(1, people + 1))
    with read_tx(engine) as connection:
        stored = connection.execute(select(visits).where(visits.c.id == visit.id)).one()
        assert (stored.taken, stored.last_number) == (capacity, people)
        places = sorted(booking.waiting_place(connection, one) for one in got if one.state == "waiting")
    assert places == list(range(1, people - capacity + 1))
    with write_tx(engine) as connection:
        last = next(one for one in got if one.state == "waiting")
        moved = booking.change(connection, "oa", last.id, later.id, NOW)
    assert moved.state == "booked", "who was refused can have another date"
