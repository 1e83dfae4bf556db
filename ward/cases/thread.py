"""A case's story in order of time: what was said, what happened, and whether what was said has arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, RowMapping, select

from store.schema import case_events, case_messages, outbox, staff
from ward.cases.changes import add_message

SendingState = Literal["missing", "going", "sent", "failed", "unknown"]
MOST_PARTS: Final = 16
"""One answer is at most so many messages in the outbox (keys `{sent_as}:0` …)."""


@dataclass(frozen=True)
class Sending:
    """How far words have come. missing: not in the outbox; going: queued or being sent; failed: refused by
    Zalo; unknown: no answer from Zalo."""

    state: SendingState
    error_code: int | None = None
    error: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """A message (`what` "message": kind public | note) or an event (kind: see docs of case_events)."""

    what: Literal["message", "event"]
    id: int
    at: datetime
    author: str
    staff_id: int | None
    staff_name: str | None
    kind: str
    text: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    sent_as: str | None = None
    sending: Sending | None = None


def thread(connection: Connection, oa_id: str, case_id: int) -> list[Entry]:
    """Everything of the case, oldest first; of one moment, the message before the event it caused."""
    entries = [*_messages(connection, oa_id, case_id), *_events(connection, oa_id, case_id)]
    return sorted(entries, key=lambda entry: (entry.at, entry.what == "event", entry.id))


def sendings(connection: Connection, oa_id: str, keys: Sequence[str]) -> dict[str, Sending]:
    """The state of what was put into the outbox under each of the keys."""
    parts = {f"{key}:{number}": key for key in keys for number in range(MOST_PARTS)}
    columns = (outbox.c.dedupe_key, outbox.c.state, outbox.c.error_code, outbox.c.error, outbox.c.settled_at)
    query = select(*columns).where(outbox.c.oa_id == oa_id, outbox.c.dedupe_key.in_(parts))
    found: dict[str, list[RowMapping]] = {key: [] for key in keys}
    for row in connection.execute(query.order_by(outbox.c.id)).mappings():
        found[parts[row["dedupe_key"]]].append(row)
    return {key: _summed_up(rows) for key, rows in found.items()}


def _summed_up(rows: Sequence[RowMapping]) -> Sending:
    """All parts sent is sent; one part that will not come makes the whole fail."""
    for state, outbox_states in _WORST_FIRST:
        for row in rows:
            if row["state"] in outbox_states:
                return Sending(state, row["error_code"], row["error"], row["settled_at"])
    return Sending("sent", settled_at=rows[-1]["settled_at"]) if rows else Sending("missing")


_WORST_FIRST: Final[tuple[tuple[SendingState, frozenset[str]], ...]] = (
    ("going", frozenset({"queued", "sending"})),
    ("failed", frozenset({"stopped", "dead"})),
    ("unknown", frozenset({"unknown", "restored"})),
)


def _messages(connection: Connection, oa_id: str, case_id: int) -> list[Entry]:
    query = (
        select(case_messages, staff.c.name)
        .outerjoin(staff, staff.c.id == case_messages.c.staff_id)
        .where(case_messages.c.case_id == case_id, case_messages.c.oa_id == oa_id)
    )
    rows = connection.execute(query).all()
    arrived = sendings(connection, oa_id, [row.sent_as for row in rows if row.sent_as])
    return [
        Entry(
            what="message",
            id=row.id,
            at=row.at,
            author=row.author,
            staff_id=row.staff_id,
            staff_name=row.name,
            kind=row.kind,
            text=row.text,
            sent_as=row.sent_as,
            sending=arrived.get(row.sent_as),
        )
        for row in rows
    ]


def _events(connection: Connection, oa_id: str, case_id: int) -> list[Entry]:
    query = (
        select(case_events, staff.c.name)
        .outerjoin(staff, staff.c.id == case_events.c.staff_id)
        .where(case_events.c.case_id == case_id, case_events.c.oa_id == oa_id)
    )
    return [
        Entry(
            what="event",
            id=row.id,
            at=row.at,
            author=row.actor,
            staff_id=row.staff_id,
            staff_name=row.name,
            kind=row.kind,
            detail=row.detail,
        )
        for row in connection.execute(query)
    ]


__all__ = ["Entry", "Sending", "add_message", "sendings", "thread"]
