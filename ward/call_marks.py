"""What came of a call, kept on its task: told, not met, wrong number. Whoever noted it may take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, select, update

from store.engine import is_sqlite
from store.schema import staff_tasks

Outcome = Literal["called", "missed", "wrong"]
WORDS: Final[dict[Outcome, str]] = {
    "called": "Đã gọi",
    "missed": "Không nghe máy",
    "wrong": "Sai số",
}
UNDO_FOR: Final = timedelta(hours=1)
LAST: Final = "last"
SHOWN: Final = 5


@dataclass(frozen=True)
class Mark:
    """The last thing noted on a task. `before`: what the caller wants to know when it is taken back."""

    task_id: int
    ref: str
    kind: str
    outcome: Outcome
    by: int
    at: datetime
    closed: bool = False
    before: str | None = None
    code: str | None = None

    @property
    def words(self) -> str:
        return WORDS[self.outcome]

    def may_undo(self, staff_id: int, now: datetime) -> bool:
        return self.by == staff_id and now - self.at <= UNDO_FOR


def note(
    connection: Connection,
    task_id: int,
    outcome: Outcome,
    staff_id: int,
    now: datetime,
    closes: bool,
    before: str | None = None,
    code: str | None = None,
) -> bool:
    """Write it on the task. False: somebody else has closed it."""
    detail = _detail(connection, task_id)
    if detail is None:
        return False
    last: dict[str, Any] = {"outcome": outcome, "by": staff_id, "at": now.isoformat()}
    last |= {"closed": closes, "before": before, "code": code}
    after: dict[str, Any] = {**detail, LAST: last}
    if outcome == "missed":
        after |= {"tries": int(detail.get("tries", 0)) + 1, "tried_at": now.isoformat()}
    if outcome == "wrong":
        after["wrong"] = True
    values: dict[str, Any] = {"detail": after} | ({"done_at": now} if closes else {})
    connection.execute(update(staff_tasks).where(staff_tasks.c.id == task_id).values(**values))
    return True


def undo(
    connection: Connection, oa_id: str, kinds: Sequence[str], task_id: int, staff_id: int, now: datetime
) -> Mark | None:
    """Take one's own last note back: the call is to be made again. None: nothing of that kind."""
    mine = (staff_tasks.c.oa_id == oa_id, staff_tasks.c.id == task_id, staff_tasks.c.kind.in_(list(kinds)))
    row = connection.execute(select(staff_tasks).where(*mine)).one_or_none()
    mark = mark_of(row) if row is not None else None
    if row is None or mark is None or not mark.may_undo(staff_id, now) or not _stands(row, mark):
        return None
    after = {name: value for name, value in row.detail.items() if name != LAST}
    if mark.outcome == "missed":
        after["tries"] = max(0, int(after.get("tries", 1)) - 1)
    if mark.outcome == "wrong":
        after.pop("wrong", None)
    done = update(staff_tasks).where(*mine).values(detail=after, done_at=None)
    connection.execute(done)
    return mark


def recent(
    connection: Connection, oa_id: str, kinds: Sequence[str], staff_id: int, now: datetime
) -> list[Mark]:
    """The calls one has just closed and can take back, newest first."""
    closed = (staff_tasks.c.done_at >= now - UNDO_FOR, staff_tasks.c.kind.in_(list(kinds)))
    query = select(staff_tasks).where(staff_tasks.c.oa_id == oa_id, *closed)
    rows = connection.execute(query.order_by(staff_tasks.c.done_at.desc(), staff_tasks.c.id.desc()))
    marks = ((row, mark_of(row)) for row in rows)
    mine = [mark for row, mark in marks if mark and mark.may_undo(staff_id, now) and _stands(row, mark)]
    return mine[:SHOWN]


def mark_of(row: Any) -> Mark | None:
    """Of a task's row."""
    last = row.detail.get(LAST)
    if not isinstance(last, Mapping) or last.get("outcome") not in WORDS:
        return None
    at = datetime.fromisoformat(str(last["at"]))
    told = (bool(last.get("closed")), last.get("before"), last.get("code"))
    return Mark(row.id, row.ref, row.kind, last["outcome"], int(last["by"]), at, *told)


def _stands(row: Any, mark: Mark) -> bool:
    """The task is open, or this very note closed it: nothing else came after."""
    return row.done_at is None or (mark.closed and bool(row.done_at == mark.at))


def _detail(connection: Connection, task_id: int) -> Mapping[str, Any] | None:
    query = select(staff_tasks.c.detail).where(staff_tasks.c.id == task_id, staff_tasks.c.done_at.is_(None))
    if not is_sqlite(connection):
        query = query.with_for_update()
    found: Mapping[str, Any] | None = connection.execute(query).scalar()
    return found
