"""Lists of cases: the tabs of the queue, page by page, and how many there are; within what one may see.

Every list walks an index in the order it shows, so a page costs the same with ten cases and with 200,000.
States are written into the statement, not bound, where a partial index must be recognised by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
)

from store.schema import cases
from store.types import UtcDateTime
from ward.cases.changes import Case, find_code
from ward.cases.model import Channel, Kind, State, Urgency

Tab = Literal["unclaimed", "mine", "overdue", "waiting", "done"]
TABS: Final[dict[Tab, str]] = {
    "unclaimed": "Chưa nhận",
    "mine": "Của tôi",
    "overdue": "Quá hạn",
    "waiting": "Chờ dân",
    "done": "Đã xong",
}
MOST_COUNTED: Final = 1000
"""More are shown as "999+"."""
DONE_SHOWN: Final = timedelta(days=31)
"""Older answers are looked up by code or exported."""
FIRST_LINE: Final = 160

_UNENDED = text("state NOT IN ('answered', 'merged', 'withdrawn')")  # as the partial index says it


@dataclass(frozen=True)
class Scope:
    """What one official may see; nothing by default. A case is seen when its field or its khóm is theirs, or
    they (`staff_id`) have it; "everything" means every field. `head_only`: also what is the head's alone."""

    everything: bool = False
    fields: frozenset[str] = frozenset()
    khoms: frozenset[str] = frozenset()
    head_only: bool = False
    staff_id: int | None = None


@dataclass(frozen=True)
class Only:
    """What of a tab is looked at; None: all of it."""

    kind: str | None = None
    field: str | None = None
    khom: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        chosen = ((cases.c.kind, self.kind), (cases.c.field, self.field), (cases.c.khom, self.khom))
        return [column == value for column, value in chosen if value is not None]


EVERYTHING: Final = Scope(everything=True, head_only=True)


@dataclass(frozen=True)
class QueueRow:
    """One line of a list."""

    id: int
    code: str
    kind: Kind
    state: State
    urgency: Urgency
    channel: Channel
    field: str | None
    khom: str | None
    first_line: str
    name_shown: bool | None
    head_only: bool
    created_at: datetime
    due_at: datetime
    waiting_since: datetime | None
    assignee_id: int | None
    citizen_spoke_at: datetime | None
    staff_spoke_at: datetime | None
    answered_at: datetime | None
    rating: int | None
    reopened: int
    version: int

    @property
    def unread(self) -> bool:
        """The citizen spoke last."""
        spoke = self.citizen_spoke_at
        return spoke is not None and (self.staff_spoke_at is None or spoke > self.staff_spoke_at)


@dataclass(frozen=True)
class Page:
    rows: list[QueueRow]
    after: str | None
    """Hand it to `queue` for the next page; None on the last."""


_ROW = (
    *(cases.c[name] for name in QueueRow.__dataclass_fields__ if name != "first_line"),
    func.substr(func.coalesce(cases.c.title, cases.c.question), 1, FIRST_LINE).label("first_line"),
)


def queue(
    connection: Connection,
    oa_id: str,
    tab: Tab,
    scope: Scope,
    now: datetime,
    after: str | None = None,
    limit: int = 50,
    only: Only | None = None,
) -> Page:
    """A page of a tab, the soonest due first ("done": the latest answer first)."""
    query = select(*_ROW).where(cases.c.oa_id == oa_id, *_of_tab(tab, scope, now), visible(scope))
    query = query.where(*(only or Only()).conditions())
    query = _in_order(query, tab, after).limit(limit + 1)
    rows = [QueueRow(**row._mapping) for row in connection.execute(query)]
    more = len(rows) > limit
    shown = rows[:limit]
    return Page(shown, _cursor(shown[-1], tab) if more else None)


def counts(connection: Connection, oa_id: str, scope: Scope, now: datetime) -> dict[Tab, int]:
    """How many in each tab, at most MOST_COUNTED."""
    return {tab: _count(connection, oa_id, tab, scope, now) for tab in TABS}


def sees(scope: Scope, case: Case) -> bool:
    """The same rule as `visible`, for one case."""
    if case.head_only and not scope.head_only:
        return False
    mine = scope.staff_id is not None and case.assignee_id == scope.staff_id
    return scope.everything or mine or case.field in scope.fields or case.khom in scope.khoms


def visible(scope: Scope) -> ColumnElement[bool]:
    """The rule as SQL."""
    seen: ColumnElement[bool] = true()
    if not scope.everything:
        seen = or_(
            cases.c.field.in_(scope.fields) if scope.fields else false(),
            cases.c.khom.in_(scope.khoms) if scope.khoms else false(),
            cases.c.assignee_id == scope.staff_id if scope.staff_id is not None else false(),
        )
    return seen if scope.head_only else and_(seen, cases.c.head_only.is_(false()))


def of_person(
    connection: Connection, oa_id: str, person_id: str, scope: Scope, limit: int = 20
) -> list[QueueRow]:
    """A citizen's cases, the newest first."""
    query = select(*_ROW).where(cases.c.oa_id == oa_id, cases.c.person_id == person_id, visible(scope))
    found = connection.execute(query.order_by(cases.c.id.desc()).limit(limit))
    return [QueueRow(**row._mapping) for row in found]


def by_code(connection: Connection, oa_id: str, code: str, scope: Scope) -> Case | None:
    """The case with this code, if one may see it."""
    case = find_code(connection, oa_id, code)
    return case if case is not None and sees(scope, case) else None


def _of_tab(tab: Tab, scope: Scope, now: datetime) -> tuple[Any, ...]:
    if tab == "unclaimed":
        return (cases.c.state == text("'new'"),)
    if tab == "mine":
        held = text("cases.state IN ('assigned', 'waiting', 'sending')")
        return (cases.c.assignee_id == scope.staff_id if scope.staff_id is not None else false(), held)
    if tab == "overdue":  # while the citizen is asked, the clock stands
        return (_UNENDED, cases.c.due_at < now, cases.c.state != text("'waiting'"))
    if tab == "waiting":
        return (cases.c.state == text("'waiting'"),)
    return (cases.c.answered_at > now - DONE_SHOWN,)  # set while a case is answered, and only then


def _in_order(query: Select[Any], tab: Tab, after: str | None) -> Select[Any]:
    moment = cases.c.answered_at if tab == "done" else cases.c.due_at
    last = _read_cursor(after)
    if tab == "done":
        query = query.order_by(moment.desc(), cases.c.id.desc())
        return query if last is None else query.where(tuple_(moment, cases.c.id) < last)
    query = query.order_by(moment, cases.c.id)
    return query if last is None else query.where(tuple_(moment, cases.c.id) > last)


def _cursor(row: QueueRow, tab: Tab) -> str:
    moment = row.answered_at if tab == "done" else row.due_at
    assert moment is not None
    return f"{moment.isoformat()}~{row.id}"


def _read_cursor(after: str | None) -> Any:
    """A cursor comes back through a browser: what cannot be read means the first page."""
    try:
        moment, _, number = (after or "").partition("~")
        last = (datetime.fromisoformat(moment), int(number))
    except ValueError:
        return None
    if last[0].tzinfo is None:
        return None
    return tuple_(literal(last[0], UtcDateTime()), literal(last[1]))


def _count(connection: Connection, oa_id: str, tab: Tab, scope: Scope, now: datetime) -> int:
    some = select(cases.c.id).where(cases.c.oa_id == oa_id, *_of_tab(tab, scope, now), visible(scope))
    counting = select(func.count()).select_from(some.limit(MOST_COUNTED).subquery())
    number: int = connection.execute(counting).scalar_one()
    return number
