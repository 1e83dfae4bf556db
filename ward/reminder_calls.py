"""Reminders that no message could carry: who is to be called, and what came of the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from store.schema import reminders, staff_tasks
from ward import contacts
from ward.cases.find import Scope
from ward.reminder_matters import Matter, matter_of
from ward.reminders import find, settle
from ward.tasks import close_task

TASK: Final = "call_reminder"
SHOWN: Final = 200
RECEPTION: Final = "appointment"


@dataclass(frozen=True)
class Call:
    """One call to be made. `unsure`: a message was sent, and nobody knows whether it arrived."""

    reminder_id: int
    matter: Matter
    say: str
    day: date
    unsure: bool
    tries: int
    over: bool
    reception: bool = False
    """Of a day of citizen reception: name and number stand in that register alone."""


@dataclass(frozen=True)
class Sight:
    """Which calls an official sees: of their khóm or all; of reception only who may see that register."""

    scope: Scope
    reception: bool = False

    def sees(self, detail: Mapping[str, Any]) -> bool:
        if detail.get("subject") == RECEPTION:
            return self.reception
        khom = detail.get("khom")
        return self.scope.everything or (khom is not None and khom in self.scope.khoms)


def waiting(connection: Connection, oa_id: str, sight: Sight, now: datetime) -> list[Call]:
    """The open calls that an official may see, soonest day first; what is over stays until it is ticked."""
    open_ones = (staff_tasks.c.oa_id == oa_id, staff_tasks.c.kind == TASK, staff_tasks.c.done_at.is_(None))
    tasks = connection.execute(select(staff_tasks.c.ref, staff_tasks.c.detail).where(*open_ones)).all()
    seen = [task for task in tasks if sight.sees(task.detail)]
    seen.sort(key=lambda task: (task.detail["day"], task.detail.get("khom") or "", int(task.ref)))
    calls = (_call(connection, oa_id, int(task.ref), task.detail, now) for task in seen[:SHOWN])
    return [call for call in calls if call is not None]


def one(connection: Connection, oa_id: str, sight: Sight, reminder_id: int, now: datetime) -> Call | None:
    """An open call, if the official may see it."""
    detail = connection.execute(select(staff_tasks.c.detail).where(*_task(oa_id, reminder_id))).scalar()
    if detail is None or not sight.sees(detail):
        return None
    return _call(connection, oa_id, reminder_id, detail, now)


def called(connection: Connection, oa_id: str, reminder_id: int, now: datetime) -> bool:
    """The person was told. False: somebody else has noted it already."""
    if not close_task(connection, oa_id, TASK, str(reminder_id), now):
        return False
    contacts.begin(connection, oa_id, reminder_id, "call", now)
    contacts.end(connection, reminder_id, "call", "done")
    state = select(reminders.c.state).where(reminders.c.id == reminder_id)
    if connection.execute(state).scalar() == "call":
        settle(connection, reminder_id, "delivered", now)
    return True


def missed(connection: Connection, oa_id: str, reminder_id: int, now: datetime) -> None:
    """Nobody answered: it stays on the list."""
    which = _task(oa_id, reminder_id)
    detail = connection.execute(select(staff_tasks.c.detail).where(*which)).scalar_one()
    tried = {"tries": int(detail.get("tries", 0)) + 1, "tried_at": now.isoformat()}
    connection.execute(update(staff_tasks).where(*which).values(detail={**detail, **tried}))


def _call(
    connection: Connection, oa_id: str, reminder_id: int, detail: Mapping[str, Any], now: datetime
) -> Call | None:
    due = find(connection, oa_id, reminder_id)
    matter = matter_of(connection, oa_id, due) if due else None
    if matter is None:
        return None
    day = date.fromisoformat(detail["day"])
    unsure, tries = detail["why"] == "unknown", int(detail.get("tries", 0))
    over, reception = matter.ends_at <= now, detail.get("subject") == RECEPTION
    return Call(reminder_id, matter, detail["say"], day, unsure, tries, over, reception)


def _task(oa_id: str, reminder_id: int) -> tuple[Any, ...]:
    return (
        staff_tasks.c.oa_id == oa_id,
        staff_tasks.c.kind == TASK,
        staff_tasks.c.ref == str(reminder_id),
        staff_tasks.c.done_at.is_(None),
    )
