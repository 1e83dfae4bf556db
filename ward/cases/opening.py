"""Opening a case: a code, a promised time, the citizen's first words. All in the caller's transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from store.engine import upsert
from store.schema import cases, counters
from ward.calendar import WorkCalendar, local
from ward.cases.changes import CITIZEN, By, add_event, add_message
from ward.cases.deadlines import Limit, Limits, due_for
from ward.cases.model import HEAD_ONLY, PREFIX, Channel, Kind, Urgency
from ward.codes import make_code


@dataclass(frozen=True)
class NewCase:
    """What is known when a case comes in. `contact` is sealed by the caller, `phone_tail` its last four
    digits. `context` {"bereavement": true} when a death in the family stands behind it."""

    kind: Kind
    person_id: str
    question: str
    field: str | None = None
    context: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    urgency: Urgency = "normal"
    channel: Channel = "zalo"
    outside_code: str | None = None
    title: str | None = None
    khom: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    name_shown: bool | None = None
    contact: bytes | None = None
    phone_tail: str | None = None


@dataclass(frozen=True)
class OpenedCase:
    id: int
    code: str
    due_at: datetime


def open_case(
    connection: Connection,
    oa_id: str,
    new: NewCase,
    now: datetime,
    calendar: WorkCalendar,
    limits: Limits,
    by: By = CITIZEN,
) -> OpenedCase:
    """Open a case (state "new") and say when it will be answered. `by`: an official who enters it."""
    code = next_code(connection, oa_id, PREFIX[new.kind], now)
    deadline = due_for(new.kind, new.urgency, now, calendar, limits)
    values = {name: getattr(new, name) for name in NewCase.__dataclass_fields__}
    values |= {"context": dict(new.context), "head_only": new.kind in HEAD_ONLY}
    values |= {"due_at": deadline.due_at, "first_due_at": deadline.due_at}
    values |= {"allowed_hours": deadline.allowed_hours, "citizen_spoke_at": now}
    adding = insert(cases).values(oa_id=oa_id, code=code, state="new", created_at=now, **values)
    case_id: int = connection.execute(adding.returning(cases.c.id)).scalar_one()
    detail = {"kind": new.kind, "urgency": new.urgency, "channel": new.channel}
    add_event(connection, oa_id, case_id, by, "opened", now, detail)
    add_message(connection, oa_id, case_id, "citizen", new.question, now)
    return OpenedCase(case_id, code, deadline.due_at)


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
    """Open one question, due after `answer_hours` of work."""
    new = NewCase("question", person_id, question, field, context)
    limits = Limits(question=Limit(hours=answer_hours))
    return open_case(connection, oa_id, new, now, calendar, limits)


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
