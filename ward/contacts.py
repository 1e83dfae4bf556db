"""Which ways were tried to reach a person with a reminder, how each ended, and what that cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection, delete, func, select, update

from store.engine import insert_new
from store.schema import contact_attempts
from ward.calendar import VIET_NAM


@dataclass(frozen=True)
class Spent:
    """One way in one month. `messages` counts those that went out, and those that perhaps did."""

    messages: int
    vnd: int


def begin(
    connection: Connection, oa_id: str, reminder_id: int, channel: str, now: datetime, cost_vnd: int = 0
) -> bool:
    """A rung is tried. False: it was before."""
    row = {
        "oa_id": oa_id,
        "reminder_id": reminder_id,
        "channel": channel,
        "at": now,
        "outcome": "queued",
        "cost_vnd": cost_vnd,
    }
    return insert_new(connection, contact_attempts, [row]) == 1


def end(
    connection: Connection, reminder_id: int, channel: str, outcome: str, detail: str | None = None
) -> bool:
    """How it ended: sent, failed, unknown, done. What failed costs nothing. False: that is known already."""
    values: dict[str, object] = {"outcome": outcome, "detail": (detail or "")[:200] or None}
    if outcome == "failed":
        values["cost_vnd"] = 0
    open_before = ("queued",) if outcome == "unknown" else ("queued", "unknown")
    done = connection.execute(
        update(contact_attempts)
        .where(contact_attempts.c.reminder_id == reminder_id, contact_attempts.c.channel == channel)
        .where(contact_attempts.c.outcome.in_(open_before))
        .values(**values)
    )
    return done.rowcount == 1


def reopen(connection: Connection, reminder_id: int, channel: str) -> None:
    """What was noted of it is taken back."""
    which = (contact_attempts.c.reminder_id == reminder_id, contact_attempts.c.channel == channel)
    connection.execute(update(contact_attempts).where(*which).values(outcome="queued", detail=None))


def forget(connection: Connection, reminder_id: int, channel: str) -> None:
    """As if it had not been tried."""
    which = (contact_attempts.c.reminder_id == reminder_id, contact_attempts.c.channel == channel)
    connection.execute(delete(contact_attempts).where(*which))


def tried(connection: Connection, reminder_id: int) -> set[str]:
    query = select(contact_attempts.c.channel).where(contact_attempts.c.reminder_id == reminder_id)
    return set(connection.execute(query).scalars())


def spent_in(connection: Connection, oa_id: str, month: date) -> dict[str, Spent]:
    """By channel, in the month that `month` lies in (Viet Nam's calendar)."""
    first = datetime.combine(month.replace(day=1), time(0), VIET_NAM)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    rows = connection.execute(
        select(contact_attempts.c.channel, func.count().label("n"), func.sum(contact_attempts.c.cost_vnd))
        .where(contact_attempts.c.oa_id == oa_id)
        .where(contact_attempts.c.at >= first, contact_attempts.c.at < following)
        .where(contact_attempts.c.outcome.in_(["sent", "unknown", "done"]))
        .group_by(contact_attempts.c.channel)
    )
    return {channel: Spent(n, int(vnd)) for channel, n, vnd in rows}
