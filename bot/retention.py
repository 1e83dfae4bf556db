"""What is not kept: raw events after a week, words of turns after two months (law-context §5.10), reports
left unfinished, and photos that became part of none, after a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Table, delete, select, update

from store.engine import write_tx
from store.schema import inbox_events, outbox, turns
from ward.drafts import drop_old
from ward.photos import drop_old_loose

EVENTS_KEPT = timedelta(days=7)
WORDS_KEPT = timedelta(days=60)
BATCH = 500


def purge(engine: Engine, now: datetime) -> dict[str, int]:
    """Remove what is past its time, in small transactions. Returns how many rows of each kind."""
    old_event = (inbox_events.c.state != "new", inbox_events.c.received_at < now - EVENTS_KEPT)
    old_turn = (turns.c.text.is_not(None), turns.c.at < now - WORDS_KEPT)
    settled = outbox.c.state.not_in(["queued", "sending"])
    old_message = (outbox.c.reply.is_not(None), settled, outbox.c.created_at < now - WORDS_KEPT)
    return {
        "events": _in_batches(engine, inbox_events, old_event, None),
        "turns": _in_batches(engine, turns, old_turn, {"text": None, "normalized": None}),
        "messages": _in_batches(engine, outbox, old_message, {"reply": None}),
        "drafts": _old_drafts(engine, now),
        "photos": _loose_photos(engine, now),
    }


def _old_drafts(engine: Engine, now: datetime) -> int:
    with write_tx(engine) as connection:
        return drop_old(connection, now)


def _loose_photos(engine: Engine, now: datetime) -> int:
    done = 0
    while True:
        with write_tx(engine) as connection:
            dropped = drop_old_loose(connection, now, BATCH)
        done += dropped
        if dropped < BATCH:
            return done


def _in_batches(engine: Engine, table: Table, which: tuple[Any, ...], blank: dict[str, None] | None) -> int:
    """Delete the rows, or blank the named columns; a long table never holds the lock for long."""
    done = 0
    while True:
        ids = select(table.c.id).where(*which).limit(BATCH)
        with write_tx(engine) as connection:
            found = [row.id for row in connection.execute(ids)]
            chosen = table.c.id.in_(found)
            change = delete(table) if blank is None else update(table).values(**blank)
            connection.execute(change.where(chosen))
        done += len(found)
        if len(found) < BATCH:
            return done
