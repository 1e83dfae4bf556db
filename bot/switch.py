"""The head's switch: while the assistant is off, each person hears so once an hour, and nothing else happens
but emergency numbers and the guard of formal complaints. What the console set holds within five seconds.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from store.schema import outbox
from ward import settings

LOOK_EVERY = timedelta(seconds=5)
TELL_EVERY = timedelta(hours=1)
KEY = "off"
"""How the outbox rows that say it begin."""


@dataclass
class Switch:
    """Reads the settings of each OA, and remembers them for a moment."""

    _seen: dict[str, tuple[datetime, settings.WardSettings]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def settings(self, connection: Connection, oa_id: str, now: datetime) -> settings.WardSettings:
        with self._lock:
            seen = self._seen.get(oa_id)
        if seen is not None and timedelta() <= now - seen[0] < LOOK_EVERY:
            return seen[1]
        fresh = settings.load(connection, oa_id)
        with self._lock:
            self._seen[oa_id] = (now, fresh)
        return fresh


def told_lately(connection: Connection, oa_id: str, person_id: str, now: datetime) -> bool:
    """Whether the person heard within the hour that nobody answers."""
    last = select(func.max(outbox.c.created_at)).where(
        outbox.c.oa_id == oa_id,
        outbox.c.person_id == person_id,
        outbox.c.dedupe_key.like(f"{KEY}%"),
        outbox.c.created_at > now - TELL_EVERY,
    )
    return connection.execute(last).scalar() is not None
