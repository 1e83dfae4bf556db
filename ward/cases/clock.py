"""Work that falls due by itself: reminders, apologies, silent officials, answers that arrived or did not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ward.calendar import WorkCalendar

Later = Callable[[datetime, bool], datetime]
"""(now, urgent) → when officials may be told: now, or after the silent hours (from ward.settings)."""


@dataclass(frozen=True)
class Apology:
    """To be said by the caller, to everyone in `people`, under the outbox key `sent_as`."""

    case_id: int
    code: str
    people: Sequence[str]
    due_at: datetime
    new_due_at: datetime
    bereaved: bool
    sent_as: str


@dataclass(frozen=True)
class DueWork:
    apologies: tuple[Apology, ...] = ()
    delivered: tuple[int, ...] = ()
    undelivered: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()
    notices: int = 0


def due_work(
    connection: Connection,
    oa_id: str,
    now: datetime,
    calendar: WorkCalendar,
    return_after_minutes: int = 240,
    steps: tuple[int, ...] = (50, 80, 100),
    later: Later | None = None,
) -> DueWork:
    """Everything that is due now; a second call finds nothing to do."""
    return DueWork()
