"""Reminders when they are due: decided again, said once, by the cheapest open way, and never dropped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select, update

from bot.clock import Clock, Job
from bot.ladder import opened
from store.engine import read_tx, write_tx
from store.schema import people, reminders, signups, visits
from tests.bot.support import OA
from tests.bot.support_reminders import BOX, STARTS, Bench, at, book, plan
from ward import contacts
from ward.visits import sessions

T3, T1, MORNING = at("2026-12-02 09:00"), at("2026-12-04 17:00"), at("2026-12-05 06:30")
LATELY = T1 - timedelta(hours=5)


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench(engine)


def change(engine: Engine, table: object, **values: object) -> None:
    with write_tx(engine) as connection:
        connection.execute(update(table).values(**values))


# ── deciding ────────────────────────────────────────────────────────────────────────────────────


def test_each_reminder_is_said_at_its_hour_and_once(engine: Engine, bench: Bench) -> None:
    book(engine, plan(engine), "p", T3)
    for moment in (T3, T3, T1, T1, MORNING, MORNING, STARTS):
        change(engine, people, last_inbound_at=moment)
        bench.work.tick(moment)
    assert bench.texts() == ["t3 LD-0001 còn 3 ngày", "t1 LD-0001 mai", "morning LD-0001 hôm nay"]
    assert [row.priority for row in bench.messages()] == [1, 1, 1]
    assert [row.dedupe_key for row in bench.messages()] == ["r1:0", "r2:0", "r3:0"]


def test_two_schedulers_at_once_say_it_once(engine: Engine, bench: Bench) -> None:
    visit = plan(engine)
    for number in range(40):
        book(engine, visit, f"p{number}", LATELY)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(bench.work.tick, [T1] * 8))
    said = [row for row in bench.messages() if row.reply["text"].startswith("t1")]
    assert len({row.person_id for row in said}) == len(said) == 40


def test_the_machine_was_off_from_four_to_eight(engine: Engine, bench: Bench) -> None:
    """The reminder of yesterday evening does not say "mai" this morning: today's speaks instead."""
    book(engine, plan(engine), "p", T3)
    bench.work.tick(T3)
    bench.work.tick(at("2026-12-04 16:00"))
    change(engine, people, last_inbound_at=LATELY)
    bench.work.tick(at("2026-12-05 08:00"))
    assert bench.texts()[1:] == ["morning LD-0001 hôm nay"]
    assert bench.states() == {"t3": "queued", "t1": "void", "morning": "queued"}


def test_a_late_one_without_a_successor_today_is_still_said(engine: Engine, bench: Bench) -> None:
    book(engine, plan(engine), "p", T3)
    bench.work.tick(at("2026-12-03 10:00"))
    assert bench.texts() == ["t3 LD-0001 còn 2 ngày"]


def test_at_night_everybody_sleeps(engine: Engine, bench: Bench) -> None:
    book(engine, plan(engine), "p", LATELY)
    assert bench.work.tick(at("2026-12-04 23:30")) == 0
    assert bench.texts() == []
    assert bench.work.tick(at("2026-12-05 06:00")) == 2  # T-3 and T-1 are void, the morning's is to come
    assert bench.texts() == []
    bench.work.tick(MORNING)
    assert bench.texts() == ["morning LD-0001 hôm nay"]


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (signups, {"state": "cancelled"}),
        (signups, {"answer": "busy"}),
        (visits, {"state": "cancelled"}),
        (visits, {"version": 1}),
    ],
    ids=["cancelled", "busy", "called-off", "moved"],
)
def test_what_changed_since_is_not_said(
    engine: Engine, bench: Bench, table: object, values: dict[str, object]
) -> None:
    book(engine, plan(engine), "p", T3)
    change(engine, table, **values)
    bench.work.tick(T3)
    assert bench.texts() == []
    assert bench.states()["t3"] == "void"


def test_a_move_is_told_once_and_old_reminders_are_not(engine: Engine, bench: Bench) -> None:
    visit = plan(engine)
    book(engine, visit, "p", T3)
    with write_tx(engine) as connection:
        sessions.postpone(connection, OA, visit, 0, date(2026, 12, 12), "mưa lớn", T3)
    for moment in (T3, T3, T1):
        bench.work.tick(moment)
    assert bench.texts() == ["moved LD-0001 còn 10 ngày"]


def test_a_message_that_waits_is_taken_back_when_its_session_is_called_off(
    engine: Engine, bench: Bench
) -> None:
    book(engine, plan(engine), "p", T3)
    bench.work.tick(T3)
    change(engine, signups, state="cancelled")
    later = T3 + timedelta(minutes=2)
    assert bench.work.settle(later) == 1
    assert [row.state for row in bench.messages()] == ["dead"]
    assert bench.states()["t3"] == "void"
    assert bench.work.settle(later) == 0


def test_no_more_wait_in_the_outbox_than_leave_in_two_minutes(engine: Engine) -> None:
    bench = Bench(engine, rate=3)
    visit = plan(engine)
    for number in range(20):
        book(engine, visit, f"p{number}", T3)
    assert [bench.work.tick(T3), bench.work.tick(T3)] == [6, 0]
    bench.ended("sent")
    assert bench.work.tick(T3) == 6


def test_the_clock_late_twice_and_in_two_processes(engine: Engine, bench: Bench) -> None:
    book(engine, plan(engine), "p", T3)
    late = T3 + timedelta(hours=1)
    job = Job("reminders", timedelta(seconds=10), lambda: bench.work.tick(late))
    clocks = [Clock(engine, name, (job,), lambda: late) for name in ("a", "b")]
    assert [clock.tick(job) for clock in clocks] == [True, False]
    bench.work.tick(late)
    assert bench.texts() == ["t3 LD-0001 còn 3 ngày"]


# ── the ladder ──────────────────────────────────────────────────────────────────────────────────


def test_the_ladder_goes_down_rung_by_rung_to_the_call_list(engine: Engine) -> None:
    bench = Bench(engine, more={"has_sms": True, "has_mail": True})
    bench.setting(zbs_templates=["* 4711"], reminder_sms=True, reminder_mail=True, reminder_zbs_vnd=200)
    book(engine, plan(engine), "p", T3, name="Chị Tám", phone="0901 234 567", mail="tam@example.vn")
    bench.work.tick(T3)
    for _ in range(5):
        bench.ended("stopped", -230)
        bench.work.settle(T3)
    rungs = ("free", "zbs_uid", "zbs_phone", "sms", "mail")
    assert bench.attempts() == [*((one, "failed", 0) for one in rungs), ("call", "queued", 0)]
    assert bench.states()["t3"] == "call"
    assert [task.detail["say"] for task in bench.calls()] == ["t3 LD-0001 còn 3 ngày"]
    sent = [row.reply for row in bench.messages()]
    assert not any("901" in str(reply) or "tam@" in str(reply) or "Tám" in str(reply) for reply in sent)
    assert opened(BOX, sent[3]["route"]["to"]) == "0901 234 567"
    assert sent[1]["route"] == {"by": "zbs_uid", "template_id": "4711", "template_data": {"ma": "LD-0001"}}


@pytest.mark.parametrize(
    ("silent", "paid", "way"),
    [(46, True, "free"), (48, True, "paid"), (48, False, "call"), (166, True, "paid"), (168, True, "call")],
)
def test_zalos_windows(engine: Engine, silent: int, paid: bool, way: str) -> None:
    bench = Bench(engine)
    bench.setting(reminder_paid=paid)
    book(engine, plan(engine), "p", T3 - timedelta(hours=silent))
    bench.work.tick(T3)
    assert [channel for channel, _, _ in bench.attempts()] == [way]


def test_whoever_never_wrote_and_left_no_number_is_called(engine: Engine, bench: Bench) -> None:
    book(engine, plan(engine), None)
    bench.work.tick(T3)
    assert [task.detail["code"] for task in bench.calls()] == ["LD-0001"]
    assert "name" not in bench.calls()[0].detail


def test_an_unknown_outcome_is_listed_once_and_never_repeated(engine: Engine, bench: Bench) -> None:
    book(engine, plan(engine), "p", T3)
    bench.work.tick(T3)
    bench.ended("unknown")
    for minutes in (1, 2, 3):
        bench.work.settle(T3 + timedelta(minutes=minutes))
        bench.work.tick(T3 + timedelta(minutes=minutes))
    assert len(bench.messages()) == 1
    assert bench.tasks() == ["call_reminder"]
    with write_tx(engine) as connection:  # Zalo's echo is heard after all
        connection.exec_driver_sql("UPDATE outbox SET state = 'sent'")
    bench.work.settle(T3 + timedelta(minutes=4))
    assert bench.states()["t3"] == "delivered"
    assert bench.tasks() == []


def test_a_rung_that_fails_at_night_waits_for_the_morning(engine: Engine, bench: Bench) -> None:
    book(engine, plan(engine), "p", LATELY)
    bench.work.tick(T1)
    bench.ended("dead")
    assert bench.work.settle(at("2026-12-04 22:00")) == 0
    bench.work.settle(at("2026-12-05 06:31"))
    assert bench.states()["t1"] == "void", "the morning's reminder speaks"


def test_a_call_about_what_was_cancelled_is_not_made(engine: Engine, bench: Bench) -> None:
    book(engine, plan(engine), None)
    bench.work.tick(T3)
    change(engine, signups, state="cancelled")
    bench.work.settle(T3)
    assert bench.calls() == []


def test_what_a_month_cost(engine: Engine) -> None:
    bench = Bench(engine)
    bench.setting(reminder_paid=True)
    visit = plan(engine)
    for number in range(3):
        book(engine, visit, f"p{number}", T3 - timedelta(hours=60))
    bench.work.tick(T3)
    bench.ended("sent")
    bench.work.settle(T3)
    with read_tx(engine) as connection:
        assert contacts.spent_in(connection, OA, date(2026, 12, 31)) == {"paid": contacts.Spent(3, 165)}
        assert contacts.spent_in(connection, OA, date(2026, 11, 1)) == {}


def test_the_wards_own_hours(engine: Engine) -> None:
    bench = Bench(engine)
    bench.setting(reminder_rules=["2 08:15", "0 05:00"], reminder_quiet="20:00-06:15")
    book(engine, plan(engine), "p", T3)
    with read_tx(engine) as connection:
        due = connection.execute(select(reminders.c.kind, reminders.c.due_at).order_by(reminders.c.due_at))
        assert [(row.kind, row.due_at) for row in due] == [
            ("t2", at("2026-12-03 08:15")),
            ("morning", at("2026-12-05 06:15")),
        ]
