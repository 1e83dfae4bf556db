"""Events from Zalo, durable before they are acknowledged, handled in order for each person.

Accepting: one INSERT under a unique event key; requests that arrive together share one commit.
Draining: one transaction an event, under a lock of the person's own, so that two workers never talk
to the same person at once. A killed worker leaves the transaction undone and the event is taken up again.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    RowMapping,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from bot.logs import person_tag
from store.engine import insert_new, is_sqlite, read_tx, write_tx
from store.schema import inbox_events
from store.types import UtcDateTime

log = structlog.get_logger("inbox")

RETRY_DELAYS_S = (1, 5, 20)
"""A handler that fails is tried again after these; then the citizen hears an apology."""


@dataclass(frozen=True)
class Arrival:
    """A verified event on its way into the inbox; `payload` is sealed."""

    oa_id: str
    event_key: str
    event_name: str
    person_id: str
    occurred_at: datetime
    received_at: datetime
    payload: bytes


class NotStored(RuntimeError):
    """The event is not in the inbox; the cause says why."""


@dataclass
class _Slot:
    """A waiting request. `turn` opens when it is settled, or when it is its turn to commit.

    A bare lock, because threading.Event costs a visible share of a request here.
    """

    arrival: Arrival
    turn: threading.Lock = field(default_factory=threading.Lock)
    settled: bool = False
    error: BaseException | None = None


@dataclass
class Inbox:
    """Accepts arrivals; one of the waiting requests commits for all of them, then wakes the next such."""

    engine: Engine
    duplicates: int = 0
    _pending: list[_Slot] = field(default_factory=list)
    _committing: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, arrival: Arrival) -> None:
        """Returns once the arrival is durable (or was already there); raises NotStored if it is not."""
        slot = _Slot(arrival)
        slot.turn.acquire()
        with self._lock:
            self._pending.append(slot)
            others_turn, self._committing = self._committing, True
        if others_turn:
            slot.turn.acquire()
        if not slot.settled:
            self._commit_all()
        if slot.error is not None:
            raise NotStored from slot.error

    def _commit_all(self) -> None:
        with self._lock:
            batch, self._pending = self._pending, []
        error: BaseException | None = None
        try:
            self._insert([slot.arrival for slot in batch])
        except BaseException as caught:  # every waiting request must hear of it
            error = caught
        with self._lock:
            self._committing = bool(self._pending)
            if self._pending:
                self._pending[0].turn.release()
        for slot in batch:
            slot.settled, slot.error = True, error
            slot.turn.release()

    def _insert(self, arrivals: list[Arrival]) -> None:
        rows = [
            {
                **arrival.__dict__,
                "state": "new",
                "next_attempt_at": arrival.received_at,
            }
            for arrival in arrivals
        ]
        with write_tx(self.engine) as connection:
            new = insert_new(connection, inbox_events, rows)
        self.duplicates += len(rows) - new


class NotYet(Exception):
    """Raised by a handler that lacks something still on its way: the event waits, and no try is counted."""


Handled = Callable[[Connection, RowMapping], None]
"""Does all of one event's work on the given connection; an exception undoes it."""

GaveUp = Callable[[Connection, RowMapping], None]
"""Apologises and opens a staff task after the last failed attempt."""

ReadAhead = Callable[[RowMapping], None]
"""Works out beforehand, outside the transaction, what an event's handling will want to know."""

Drained = Literal["handled", "failed", "waiting", "nothing"]


MOST_AT_ONCE = 50
MOST_TOGETHER = 10
"""Events of one transaction: each message we send comes back as an echo, most events of a busy hour are."""


def due_people(engine: Engine, now: datetime, limit: int = MOST_AT_ONCE) -> list[tuple[str, str]]:
    """(oa_id, person_id) of people whose oldest waiting event is due, longest waiting first."""
    with read_tx(engine) as connection:
        rows = connection.execute(_DUE_PEOPLE, {"now": now, "most": limit})
        return [(row.oa_id, row.person_id) for row in rows]


def _due_people_query() -> Select[tuple[str, str]]:
    event, older = inbox_events.alias("event"), inbox_events.alias("older")
    goes_first = or_(
        older.c.occurred_at < event.c.occurred_at,
        and_(older.c.occurred_at == event.c.occurred_at, older.c.id < event.c.id),
    )
    waiting_before = exists().where(
        older.c.oa_id == event.c.oa_id,
        older.c.person_id == event.c.person_id,
        older.c.state == text("'new'"),  # spelled out, so that the partial index serves
        goes_first,
    )
    return (
        select(event.c.oa_id, event.c.person_id)
        .where(
            event.c.state == text("'new'"), event.c.next_attempt_at <= bindparam("now", type_=UtcDateTime())
        )
        .where(~waiting_before)
        .order_by(event.c.id)
        .limit(bindparam("most", type_=Integer()))
    )


# built once: each event asks for them, and building costs more than answering
_DUE_PEOPLE = _due_people_query()
_LOCK = select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("who"), 0)))
_OLDEST = (
    select(inbox_events)
    .where(inbox_events.c.oa_id == bindparam("oa"), inbox_events.c.person_id == bindparam("person"))
    .where(inbox_events.c.state == text("'new'"))
    .order_by(inbox_events.c.occurred_at, inbox_events.c.id)
    .limit(1)
)
_DONE = (
    update(inbox_events)
    .where(inbox_events.c.id == bindparam("event"))
    .values(state="done", done_at=bindparam("now", type_=UtcDateTime()))
)


def drain_one(
    engine: Engine,
    oa_id: str,
    person_id: str,
    now: datetime,
    handled: Handled,
    gave_up: GaveUp,
    read_ahead: ReadAhead = lambda _event: None,
) -> Drained:
    """Handle the oldest waiting event of one person, in one transaction; echoes that follow it join in."""
    if is_sqlite(engine):  # one writer at a time: what needs no lock is done before
        with read_tx(engine) as connection:
            first = _oldest(connection, oa_id, person_id)
        if first is not None and not _is_echo(first):
            read_ahead(first)
    with write_tx(engine) as connection:
        if not _lock_person(connection, oa_id, person_id):
            return "nothing"
        drained: Drained = "nothing"
        for _ in range(MOST_TOGETHER):
            event = _oldest(connection, oa_id, person_id)
            if event is None or event["next_attempt_at"] > now:
                break
            if drained == "handled" and not _is_echo(event):
                break
            outcome = _drain(connection, event, now, handled, gave_up)
            if outcome != "handled":
                return drained if drained == "handled" else outcome
            drained = outcome
        return drained


def _drain(
    connection: Connection, event: RowMapping, now: datetime, handled: Handled, gave_up: GaveUp
) -> Drained:
    try:
        with connection.begin_nested():
            handled(connection, event)
    except NotYet:
        return "waiting"
    except Exception:
        return _failed(connection, event, now, gave_up)
    connection.execute(_DONE, {"event": event["id"], "now": now})
    return "handled"


def _is_echo(event: RowMapping) -> bool:
    return str(event["event_name"]).startswith("oa_")


def _lock_person(connection: Connection, oa_id: str, person_id: str) -> bool:
    """SQLite's write transaction is alone anyway; PostgreSQL has a lock for each person."""
    if is_sqlite(connection):
        return True
    return bool(connection.execute(_LOCK, {"who": f"{oa_id}/{person_id}"}).scalar())


def _oldest(connection: Connection, oa_id: str, person_id: str) -> RowMapping | None:
    return connection.execute(_OLDEST, {"oa": oa_id, "person": person_id}).mappings().one_or_none()


def _failed(connection: Connection, event: RowMapping, now: datetime, gave_up: GaveUp) -> Drained:
    attempt = event["attempts"] + 1
    kind = type(sys.exc_info()[1]).__name__
    log.warning("handler failed", person=person_tag(event["person_id"]), attempt=attempt, exc_info=True)
    if attempt <= len(RETRY_DELAYS_S):
        later = now + timedelta(seconds=RETRY_DELAYS_S[attempt - 1])
        _mark(connection, event["id"], attempts=attempt, next_attempt_at=later, error=kind)
    else:
        gave_up(connection, event)
        _mark(connection, event["id"], attempts=attempt, state="failed", done_at=now, error=kind)
    return "failed"


def _mark(connection: Connection, event_id: int, **values: Any) -> None:
    connection.execute(update(inbox_events).where(inbox_events.c.id == event_id).values(**values))
