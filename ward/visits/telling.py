"""What is told about a place in a session, and when: written with the booking, rewritten with every move.

A reminder's version is its session's: what was written before a move is void.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from store.schema import signups
from ward.reminders import tell, void, write
from ward.visits.model import OPEN_STATES, Visit

SUBJECT: Final = "signup"
MOVED, CALLED_OFF, MOVED_UP = "moved", "cancelled", "moved_up"

Row = Mapping[Any, Any]


def booked(connection: Connection, oa_id: str, signup: Row, visit: Row, now: datetime) -> None:
    """The usual reminders before the session."""
    write(
        connection,
        oa_id,
        SUBJECT,
        signup["id"],
        visit["version"],
        signup["person_id"],
        signup["slot_at"] or visit["starts_at"],
        now,
    )


def moved_up(connection: Connection, oa_id: str, signup: Row, visit: Row, now: datetime) -> None:
    """From the waiting list to a place: told once, and reminded from now on."""
    tell(
        connection, oa_id, SUBJECT, signup["id"], visit["version"], MOVED_UP, signup["person_id"], now
    )  # fmt: skip
    booked(connection, oa_id, signup, visit, now)


def moved(connection: Connection, oa_id: str, visit: Visit, now: datetime) -> None:
    """Old reminders are void, everybody hears of the move once, and is reminded of the new day."""
    rows = _open(connection, visit)
    void(connection, oa_id, SUBJECT, [row["id"] for row in rows], now)
    facts = {"version": visit.version, "starts_at": visit.starts_at}
    for row in rows:
        tell(connection, oa_id, SUBJECT, row["id"], visit.version, MOVED, row["person_id"], now)
        if row["state"] == "booked":
            booked(connection, oa_id, row, facts, now)


def called_off(connection: Connection, oa_id: str, visit: Visit, now: datetime) -> None:
    rows = _open(connection, visit)
    void(connection, oa_id, SUBJECT, [row["id"] for row in rows], now)
    for row in rows:
        tell(connection, oa_id, SUBJECT, row["id"], visit.version, CALLED_OFF, row["person_id"], now)


def _open(connection: Connection, visit: Visit) -> list[Row]:
    query = select(signups).where(signups.c.visit_id == visit.id, signups.c.state.in_(OPEN_STATES))
    return list(connection.execute(query.order_by(signups.c.number)).mappings())
