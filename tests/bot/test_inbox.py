"""The inbox: once for each event, in order for each person, nothing lost when a handler breaks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from bot.inbox import RETRY_DELAYS_S, Inbox, due_people
from bot.replies import Desk, Reply, Result, Turn
from store.engine import open_engine, read_tx
from store.schema import inbox_events, staff_tasks, turns
from tests.bot.support import (
    OA,
    START,
    MovableClock,
    accept,
    arrival,
    conversation,
    drain_all,
    queued_texts,
    text_event,
)


def test_a_redelivery_is_accepted_and_ignored(engine: Engine) -> None:
    inbox = Inbox(engine)
    for _ in range(3):
        inbox.accept(arrival(text_event("p", "chào", "m1")))
    assert inbox.duplicates == 2
    drain_all(engine, conversation())
    assert queued_texts(engine) == ["1: chào"]


def test_arrivals_of_many_threads_are_all_durable_when_accepted(engine: Engine) -> None:
    inbox = Inbox(engine)
    bodies = [text_event(f"p{n % 7}", f"câu {n}", f"m{n}") for n in range(200)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda body: inbox.accept(arrival(body)), bodies))
    with read_tx(engine) as connection:
        assert connection.execute(select(func.count()).select_from(inbox_events)).scalar() == 200


def test_every_waiting_request_hears_that_the_database_is_away(engine: Engine) -> None:
    away = open_engine("postgresql://nobody@127.0.0.1:1/none")
    inbox = Inbox(away)

    def try_it(n: int) -> bool:
        try:
            inbox.accept(arrival(text_event("p", "x", f"m{n}")))
        except Exception:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(try_it, range(16))) == [False] * 16


def test_one_person_is_answered_in_the_order_of_zalos_time_not_of_arrival(engine: Engine) -> None:
    later = START - timedelta(seconds=5)
    sooner = START - timedelta(seconds=9)
    accept(engine, text_event("p", "sau", "m2", later), text_event("p", "trước", "m1", sooner))
    drain_all(engine, conversation())
    assert queued_texts(engine) == ["1: trước", "2: sau"]


def test_two_drainers_never_talk_to_one_person_at_once(engine: Engine) -> None:
    talking: dict[str, int] = {}
    worst = 0
    lock = threading.Lock()

    def watched(turn: Turn, desk: Desk) -> Result:
        nonlocal worst
        with lock:
            talking[turn.person_id] = talking.get(turn.person_id, 0) + 1
            worst = max(worst, talking[turn.person_id])
        result = Result("answered", (Reply(text=turn.text),), {})
        with lock:
            talking[turn.person_id] -= 1
        return result

    bodies = [text_event(f"p{n % 3}", str(n), f"m{n}", START + timedelta(milliseconds=n)) for n in range(60)]
    accept(engine, *bodies, at=START + timedelta(seconds=1))
    clock = MovableClock(START + timedelta(seconds=2))
    talk = conversation(watched, clock)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: drain_all(engine, talk, clock), range(4)))
    assert worst == 1
    for person in ("p0", "p1", "p2"):
        said = [int(words) for words in queued_texts(engine, person)]
        assert said == sorted(said)
        assert len(said) == 20


def test_a_broken_handler_is_undone_retried_and_in_the_end_apologised_for(engine: Engine) -> None:
    tries = 0

    def breaks(turn: Turn, desk: Desk) -> Result:
        nonlocal tries
        tries += 1
        desk.hand_over(turn, "câu hỏi", None, [])  # must not stay
        if turn.text == "hỏng":
            raise RuntimeError(turn.text)
        return Result("answered", (Reply(text="ổn"),))

    accept(
        engine, text_event("p", "hỏng", "m1"), text_event("p", "sau đó", "m2"), text_event("q", "khác", "m3")
    )
    clock = MovableClock()
    talk = conversation(breaks, clock)
    assert sorted(drain_all(engine, talk, clock)) == ["failed", "handled"]
    assert queued_texts(engine, "p") == []
    assert queued_texts(engine, "q") == ["ổn"]
    for delay in RETRY_DELAYS_S:
        assert due_people(engine, clock()) == []
        clock.move(seconds=delay + 0.1)
        drain_all(engine, talk, clock)
    assert tries == 1 + len(RETRY_DELAYS_S) + 2
    assert queued_texts(engine, "p") == ["xin lỗi", "ổn"]
    with read_tx(engine) as connection:
        kinds = connection.execute(select(staff_tasks.c.kind, staff_tasks.c.person_id)).all()
        failed = connection.execute(
            select(inbox_events.c.error).where(inbox_events.c.state == "failed")
        ).all()
    assert [tuple(row) for row in kinds] == [("handler_failed", "p")]
    assert [row.error for row in failed] == ["RuntimeError"]


def test_a_turn_is_kept_with_outcome_and_time(engine: Engine) -> None:
    accept(engine, text_event("p", "Làm GIẤY", "m1"))
    drain_all(engine, conversation())
    with read_tx(engine) as connection:
        (turn,) = connection.execute(select(turns)).all()
    assert (turn.text, turn.normalized, turn.outcome) == ("Làm GIẤY", "làm giấy", "answered")
    assert turn.milliseconds >= 0


@pytest.mark.parametrize(
    "name", ["user_seen_message", "add_user_to_tag", "some_new_event", "user_send_group_text"]
)
def test_events_that_mean_nothing_to_us_are_done_and_silent(engine: Engine, name: str) -> None:
    body = text_event("p", "x", "m1") | {"event_name": name}
    accept(engine, body)
    assert drain_all(engine, conversation()) == ["handled"]
    assert queued_texts(engine) == []


def test_the_raw_event_is_not_readable_in_the_table(engine: Engine) -> None:
    accept(engine, text_event("p", "chuyện riêng", "m1"))
    with read_tx(engine) as connection:
        payload = connection.execute(select(inbox_events.c.payload)).scalar_one()
    assert "chuyện".encode() not in payload
    assert OA.encode() not in payload
