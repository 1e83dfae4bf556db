"""What is not kept: raw events a week, words two months; what still waits is never touched."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from bot import outbox
from bot.cli.backup import WORDS
from bot.retention import BATCH, EVENTS_KEPT, WORDS_KEPT, purge
from store.engine import is_sqlite, read_tx, write_tx
from store.schema import inbox_events, staff_tasks, turns
from store.schema import outbox as outbox_table
from tests.bot.support import OA, START, MovableClock, accept, conversation, drain_all, text_event

MINUTE = timedelta(minutes=1)


def add_event(engine: Engine, key: str, at: datetime, state: str = "done") -> None:
    row = {"oa_id": OA, "event_key": key, "event_name": "user_send_text", "person_id": "p", "payload": b"x"}
    moments = {"occurred_at": at, "received_at": at, "next_attempt_at": at}
    with write_tx(engine) as connection:
        connection.execute(insert(inbox_events).values(**row, **moments, state=state))


def add_turns(engine: Engine, at: datetime, count: int = 1, first: int = 1) -> None:
    row = {"oa_id": OA, "person_id": "p", "at": at, "text": "Tên tôi là Mận", "normalized": "ten toi la man"}
    row |= {"outcome": "answered", "candidates": [], "milliseconds": 1.0}
    with write_tx(engine) as connection:
        connection.execute(insert(turns), [{**row, "event_id": first + n} for n in range(count)])


def add_message(engine: Engine, key: str, at: datetime, state: str) -> None:
    row = {"oa_id": OA, "person_id": "p", "dedupe_key": key, "reply": {"text": "Dạ chào cô Mận"}}
    with write_tx(engine) as connection:
        connection.execute(insert(outbox_table).values(**row, state=state, next_attempt_at=at, created_at=at))


def column(engine: Engine, query: Any) -> list[Any]:
    with read_tx(engine) as connection:
        return [row[0] for row in connection.execute(query)]


def test_the_periods_are_those_of_the_privacy_notice() -> None:
    assert timedelta(days=7) == EVENTS_KEPT
    assert timedelta(days=60) == WORDS_KEPT


def test_the_command_has_words_for_all_that_goes(sqlite_engine: Engine) -> None:
    assert set(purge(sqlite_engine, START)) == set(WORDS)


def test_after_a_week_without_a_message_the_next_one_is_answered(engine: Engine) -> None:
    """Its number is not that of an event that was handled, though all of those are gone."""
    clock = MovableClock()
    talk = conversation(now=clock)
    accept(engine, text_event("p", "làm khai sinh", "m1", clock()), at=clock())
    assert drain_all(engine, talk, clock) == ["handled"]
    clock.at = START + EVENTS_KEPT + MINUTE
    purge(engine, clock())
    assert column(engine, select(inbox_events.c.payload)) == [None]
    accept(engine, text_event("p", "làm khai tử", "m2", clock()), at=clock())
    assert drain_all(engine, talk, clock) == ["handled"]
    assert len(column(engine, select(turns.c.id))) == 2


def test_raw_events_go_after_a_week_except_those_that_wait(engine: Engine) -> None:
    old, young = START - EVENTS_KEPT - MINUTE, START - EVENTS_KEPT + MINUTE
    add_event(engine, "old done", old)
    add_event(engine, "old failed", old, "failed")
    add_event(engine, "old waiting", old, "new")
    add_event(engine, "young", young)
    assert purge(engine, START)["events"] == 2
    assert sorted(column(engine, select(inbox_events.c.event_key))) == ["old waiting", "young"]


def test_words_of_turns_go_after_two_months_and_the_figures_stay(engine: Engine) -> None:
    add_turns(engine, START - WORDS_KEPT - MINUTE, first=1)
    add_turns(engine, START - WORDS_KEPT + MINUTE, first=2)
    assert purge(engine, START)["turns"] == 1
    with read_tx(engine) as connection:
        old, young = connection.execute(select(turns).order_by(turns.c.event_id)).all()
    assert (old.text, old.normalized, old.outcome) == (None, None, "answered")
    assert (young.text, young.normalized) == ("Tên tôi là Mận", "ten toi la man")


@pytest.mark.parametrize("state", ["sent", "stopped", "dead", "unknown"])
def test_words_of_settled_messages_go_after_two_months(engine: Engine, state: str) -> None:
    add_message(engine, "old", START - WORDS_KEPT - MINUTE, state)
    add_message(engine, "young", START - WORDS_KEPT + MINUTE, state)
    assert purge(engine, START)["messages"] == 1
    replies = column(engine, select(outbox_table.c.reply).order_by(outbox_table.c.dedupe_key))
    assert [reply is None for reply in replies] == [True, False]


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_a_message_that_still_waits_keeps_its_words(engine: Engine, state: str) -> None:
    add_message(engine, "old", START - 2 * WORDS_KEPT, state)
    assert purge(engine, START)["messages"] == 0
    assert column(engine, select(outbox_table.c.reply)) == [{"text": "Dạ chào cô Mận"}]


def test_an_echo_of_a_message_without_words_harms_nothing(engine: Engine) -> None:
    add_message(engine, "old", START - WORDS_KEPT - MINUTE, "unknown")
    purge(engine, START)
    with write_tx(engine) as connection:
        assert not outbox.match_echo(connection, OA, "p", "Dạ chào cô Mận", "z1", START)
        assert outbox.sweep(connection, START, timedelta(seconds=120)) == 0


def test_more_than_one_batch_goes_in_one_call_and_a_second_call_finds_nothing(engine: Engine) -> None:
    add_turns(engine, START - 2 * WORDS_KEPT, count=2 * BATCH + 1)
    assert {name: n for name, n in purge(engine, START).items() if n} == {"turns": 2 * BATCH + 1}
    assert not any(purge(engine, START).values())


def test_purging_during_work_disturbs_no_chat(engine: Engine) -> None:
    clock = MovableClock()
    talk = conversation(now=clock)
    accept(engine, text_event("p", "một", "m1"))
    drain_all(engine, talk, clock)
    purge(engine, clock())
    accept(engine, text_event("p", "hai", "m2"))
    drain_all(engine, talk, clock)
    assert len(column(engine, select(turns.c.id))) == 2
    assert column(engine, select(staff_tasks.c.id)) == []


def test_removed_words_are_not_left_in_the_file(sqlite_engine: Engine, tmp_path: Path) -> None:
    assert is_sqlite(sqlite_engine)
    words = "Mận".encode()
    add_turns(sqlite_engine, START - 2 * WORDS_KEPT, count=40)
    add_message(sqlite_engine, "old", START - 2 * WORDS_KEPT, "sent")
    files = (tmp_path / "ward.db", tmp_path / "ward.db-wal")
    assert any(words in path.read_bytes() for path in files if path.exists())
    purge(sqlite_engine, START)
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not any(words in path.read_bytes() for path in files if path.exists())
