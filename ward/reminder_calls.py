"""Reminders that no message could carry: who is to be called, and what came of the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from store.schema import contact_attempts, reminders, staff_tasks
from ward import call_marks, contacts
from ward.call_marks import Mark, Outcome
from ward.cases.find import Scope
from ward.reminder_matters import FACILITY, Matter, matter_of
from ward.reminders import Due, find, settle

TASK: Final = "call_reminder"
SHOWN: Final = 200
LISTED: Final = "call"
"""State of a reminder that is on the list."""
WRONG: Final = "wrong_number"
RECEPTION: Final = "citizen_reception"
"""Topic of calls about a day of reception (the kind of its appointment)."""


@dataclass(frozen=True)
class Call:
    """One call to be made. `unsure`: a message was sent, and nobody knows whether it arrived.
    `known_wrong`: the number was noted as somebody else's before."""

    reminder_id: int
    task_id: int
    matter: Matter
    say: str
    day: date
    unsure: bool
    tries: int
    over: bool
    known_wrong: bool = False
    mark: Mark | None = None

    @property
    def reception(self) -> bool:
        """Of a day of citizen reception: name and number stand in that register alone."""
        return self.matter.topic == RECEPTION

    @property
    def facility_id(self) -> int | None:
        """Of a facility's paper: whom to call stands on the facility's page alone."""
        return int(self.matter.code.removeprefix("CS-")) if self.matter.topic == FACILITY else None


@dataclass(frozen=True)
class Sight:
    """Which calls an official sees: of their khóm or all; of reception and of facilities only who may see
    those registers."""

    scope: Scope
    reception: bool = False
    facilities: bool = False

    def sees(self, detail: Mapping[str, Any]) -> bool:
        if detail.get("topic") == RECEPTION:
            return self.reception
        if detail.get("topic") == FACILITY:
            return self.facilities
        khom = detail.get("khom")
        return self.scope.everything or (khom is not None and khom in self.scope.khoms)


def waiting(connection: Connection, oa_id: str, sight: Sight, now: datetime) -> list[Call]:
    """The open calls that an official may see, soonest day first; what is over stays until it is ticked."""
    tasks = connection.execute(select(staff_tasks).where(*_open(oa_id))).all()
    seen = [task for task in tasks if sight.sees(task.detail)]
    seen.sort(key=lambda task: (task.detail["day"], task.detail.get("khom") or "", int(task.ref)))
    calls = (_call(connection, oa_id, task, now) for task in seen[:SHOWN])
    return [call for call in calls if call is not None]


def one(connection: Connection, oa_id: str, sight: Sight, reminder_id: int, now: datetime) -> Call | None:
    """An open call, if the official may see it."""
    which = (*_open(oa_id), staff_tasks.c.ref == str(reminder_id))
    task = connection.execute(select(staff_tasks).where(*which)).one_or_none()
    if task is None or not sight.sees(task.detail):
        return None
    return _call(connection, oa_id, task, now)


def count(connection: Connection, oa_id: str, sight: Sight, most: int) -> int:
    """How many open calls an official may see; not counted beyond what is shown."""
    query = select(staff_tasks.c.detail).where(*_open(oa_id))
    if sight.scope.everything and sight.reception and sight.facilities:
        query = query.limit(most)
    details = connection.execute(query).scalars()
    return min(most, sum(map(sight.sees, details)))


def called(connection: Connection, oa_id: str, call: Call, staff_id: int, now: datetime) -> bool:
    """The person was told. False: somebody else has noted it already."""
    state = connection.execute(select(reminders.c.state).where(reminders.c.id == call.reminder_id)).scalar()
    if not _note(connection, call, "called", staff_id, now, True, str(state)):
        return False
    contacts.begin(connection, oa_id, call.reminder_id, "call", now)
    contacts.end(connection, call.reminder_id, "call", "done")
    if state == LISTED:
        settle(connection, call.reminder_id, "delivered", now)
    return True


def missed(connection: Connection, call: Call, staff_id: int, now: datetime) -> bool:
    """Nobody answered: it stays on the list."""
    return _note(connection, call, "missed", staff_id, now, False)


def wrong(connection: Connection, oa_id: str, call: Call, staff_id: int, now: datetime) -> bool:
    """The number is somebody else's: there is no way left, and the record says so."""
    state = connection.execute(select(reminders.c.state).where(reminders.c.id == call.reminder_id)).scalar()
    if not _note(connection, call, "wrong", staff_id, now, True, str(state)):
        return False
    contacts.begin(connection, oa_id, call.reminder_id, "call", now)
    contacts.end(connection, call.reminder_id, "call", "failed", WRONG)
    return True


def undo(connection: Connection, oa_id: str, task_id: int, staff_id: int, now: datetime) -> Mark | None:
    """Take one's own note back: the call is open again."""
    mark = call_marks.undo(connection, oa_id, (TASK,), task_id, staff_id, now)
    if mark is None or mark.outcome == "missed":
        return mark
    number = int(mark.ref)
    if mark.before == LISTED:
        contacts.reopen(connection, number, "call")
        settle(connection, number, LISTED, now)
    else:
        contacts.forget(connection, number, "call")
    return mark


def _note(
    connection: Connection,
    call: Call,
    outcome: Outcome,
    staff_id: int,
    now: datetime,
    closes: bool,
    before: str | None = None,
) -> bool:
    code = call.matter.code
    return call_marks.note(connection, call.task_id, outcome, staff_id, now, closes, before, code)


def _call(connection: Connection, oa_id: str, task: Row[Any], now: datetime) -> Call | None:
    reminder_id, detail = int(task.ref), task.detail
    due = find(connection, oa_id, reminder_id)
    matter = matter_of(connection, oa_id, due) if due else None
    if due is None or matter is None:
        return None
    day = date.fromisoformat(detail["day"])
    unsure, tries = detail["why"] == "unknown", int(detail.get("tries", 0))
    return Call(
        reminder_id,
        task.id,
        matter,
        detail["say"],
        day,
        unsure,
        tries,
        matter.ends_at <= now,
        _known_wrong(connection, oa_id, due),
        call_marks.mark_of(task),
    )


def _known_wrong(connection: Connection, oa_id: str, due: Due) -> bool:
    """An earlier call about the same place reached somebody else."""
    mine = (reminders.c.oa_id == oa_id, reminders.c.subject == due.subject)
    query = (
        select(contact_attempts.c.id)
        .join(reminders, reminders.c.id == contact_attempts.c.reminder_id)
        .where(*mine, reminders.c.subject_id == due.subject_id, contact_attempts.c.detail == WRONG)
    )
    return connection.execute(query.limit(1)).first() is not None


def _open(oa_id: str) -> tuple[Any, ...]:
    return staff_tasks.c.oa_id == oa_id, staff_tasks.c.kind == TASK, staff_tasks.c.done_at.is_(None)
