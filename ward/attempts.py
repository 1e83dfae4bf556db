"""Tries that may not be made too often: signing in, asking after a code. Counted before the try is made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from store.schema import attempts

WHO_LENGTH = 120


def count(connection: Connection, what: str, who: str, window: timedelta, now: datetime) -> int:
    """Tries of one kind by one caller within the window."""
    query = select(func.count()).where(*_of(what, who), attempts.c.at > now - window)
    return connection.execute(query).scalar_one()


def note(connection: Connection, what: str, who: str, now: datetime) -> None:
    connection.execute(insert(attempts).values(what=what, who=who[:WHO_LENGTH], at=now))


def forget(connection: Connection, what: str, who: str) -> None:
    """After a success: earlier failures no longer count."""
    connection.execute(delete(attempts).where(*_of(what, who)))


def forget_one(connection: Connection, what: str, who: str, at: datetime) -> None:
    """This try was no failure."""
    connection.execute(delete(attempts).where(*_of(what, who), attempts.c.at == at))


def forget_old(connection: Connection, what: str, until: datetime) -> None:
    """Tries that count no more."""
    connection.execute(delete(attempts).where(attempts.c.what == what, attempts.c.at <= until))


def _of(what: str, who: str) -> tuple[Any, Any]:
    return attempts.c.what == what, attempts.c.who == who[:WHO_LENGTH]
