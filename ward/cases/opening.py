"""Questions that became an officer's: a code, a promised time. All in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from store.engine import upsert
from store.schema import cases, counters
from ward.calendar import WorkCalendar, local
from ward.codes import make_code

PROMISE_STEP = timedelta(minutes=30)


@dataclass(frozen=True)
class OpenedCase:
    code: str
    due_at: datetime


def open_question(
    connection: Connection,
    oa_id: str,
    person_id: str,
    question: str,
    field: str | None,
    context: Mapping[str, Any],
    now: datetime,
    calendar: WorkCalendar,
    answer_hours: float,
) -> OpenedCase:
    """Open one question (kind "question", state "new") and say when it will be answered."""
    code = next_code(connection, oa_id, "HD", now)
    due_at = promise(calendar, now, answer_hours)
    connection.execute(
        insert(cases).values(
            oa_id=oa_id,
            code=code,
            kind="question",
            person_id=person_id,
            field=field,
            question=question,
            context=dict(context),
            state="new",
            created_at=now,
            due_at=due_at,
        )
    )
    return OpenedCase(code, due_at)


def next_code(connection: Connection, oa_id: str, prefix: str, now: datetime) -> str:
    """The month's next code of a kind; the counter row serialises those who ask at once."""
    here = local(now)
    name = f"{prefix}-{here:%y%m}"
    bump = (
        upsert(connection, counters)
        .values(oa_id=oa_id, name=name, value=1)
        .on_conflict_do_update(index_elements=["oa_id", "name"], set_={"value": counters.c.value + 1})
        .returning(counters.c.value)
    )
    number: int = connection.execute(bump).scalar_one()
    return make_code(prefix, here.year, here.month, number)


def promise(calendar: WorkCalendar, now: datetime, hours: float) -> datetime:
    """The end of `hours` of work, rounded up to a half hour inside the session."""
    due = calendar.add_working_time(now, hours)
    over = timedelta(minutes=due.minute, seconds=due.second, microseconds=due.microsecond) % PROMISE_STEP
    rounded = due if not over else due + PROMISE_STEP - over
    return rounded if calendar.is_open(rounded - timedelta(seconds=1)) else due
