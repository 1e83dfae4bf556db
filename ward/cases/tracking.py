"""Asking after a code: the citizen's own account sees it; others need the last digits of the phone.

A wrong number and a code that does not exist look the same, so that nobody learns codes by trying.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from store.schema import attempts, case_events, case_people, staff
from ward.cases.changes import Case, find_code

TRIES: Final = 3
TRIES_OF_ALL: Final = 10
WITHIN: Final = timedelta(hours=1)
WHAT: Final = "track"
READABLE: Final = frozenset(
    {"opened", "taken", "passed_on", "classified", "asked", "citizen_wrote", "told", "delivered", "answered",
     "late_told", "reopened", "merged", "withdrawn"}
)  # fmt: skip
"""Events a citizen may read of; the rest are the office's own."""


@dataclass(frozen=True)
class Step:
    """One line of the citizen's timeline. `detail`: field, urgency, title of the official, new_due_at."""

    at: datetime
    event: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tracked:
    case: Case
    steps: tuple[Step, ...]
    owner: bool
    """Asked from the account that opened it: only then it may be rated, reopened, withdrawn."""


@dataclass(frozen=True)
class NeedsPhone:
    """Not (known to be) this account's: ask for the last four digits."""


@dataclass(frozen=True)
class NotFound:
    """No such code, or the digits are wrong: which, is not said."""


@dataclass(frozen=True)
class TooMany:
    """Three wrong tries within an hour."""

    again_at: datetime


def track(
    connection: Connection,
    oa_id: str,
    code: str,
    person_id: str,
    now: datetime,
    phone_tail: str | None = None,
) -> Tracked | NeedsPhone | NotFound | TooMany:
    """What this person may know of the case with this code."""
    case = find_code(connection, oa_id, code)
    if case is not None and _is_theirs(connection, case, person_id):
        return Tracked(case, _steps(connection, case), case.person_id == person_id)
    if phone_tail is None:
        return NeedsPhone()
    again_at = _again_at(connection, _who(oa_id, person_id), TRIES, now)
    again_at = again_at or _again_at(connection, _who(oa_id, code), TRIES_OF_ALL, now)
    if again_at is not None:
        return TooMany(again_at)
    if case is not None and _tail_matches(case, phone_tail):
        return Tracked(case, _steps(connection, case), owner=False)
    rows = [{"what": WHAT, "who": who, "at": now} for who in (_who(oa_id, person_id), _who(oa_id, code))]
    connection.execute(insert(attempts), rows)
    return NotFound()


def _is_theirs(connection: Connection, case: Case, person_id: str) -> bool:
    if case.person_id == person_id:
        return True
    joined = (case_people.c.case_id == case.id, case_people.c.person_id == person_id)
    return connection.execute(select(case_people.c.case_id).where(*joined)).first() is not None


def _tail_matches(case: Case, phone_tail: str) -> bool:
    """What only the head sees is told to nobody but its own account."""
    if case.head_only or not case.phone_tail:
        return False
    return hmac.compare_digest(case.phone_tail.encode(), phone_tail.strip().encode())


def _who(oa_id: str, name: str) -> str:
    return f"{oa_id}:{name}"[:120]


def _again_at(connection: Connection, who: str, allowed: int, now: datetime) -> datetime | None:
    """When the next try may be made; None: now."""
    failed = (attempts.c.what == WHAT, attempts.c.who == who, attempts.c.at > now - WITHIN)
    query = select(func.count(), func.min(attempts.c.at)).where(*failed)
    number, first = connection.execute(query).one()
    return None if number < allowed else first + WITHIN


def _steps(connection: Connection, case: Case) -> tuple[Step, ...]:
    query = (
        select(case_events.c.at, case_events.c.kind, case_events.c.detail, staff.c.title)
        .outerjoin(staff, staff.c.id == case_events.c.staff_id)
        .where(case_events.c.case_id == case.id, case_events.c.kind.in_(READABLE))
        .order_by(case_events.c.id)
    )
    return tuple(Step(row.at, row.kind, _told(row)) for row in connection.execute(query))


def _told(row: Any) -> dict[str, Any]:
    shown = {name: row.detail[name] for name in ("field", "urgency", "new_due_at") if row.detail.get(name)}
    return {**shown, "title": row.title} if row.title else shown
