"""What officials have to see to in programmes: open until it is ticked off with a note, or no longer true.

What was ticked off does not come back for the same cause: the task's row stays, and its key with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from store.schema import staff_tasks
from ward import audit
from ward.programmes.clashes import Clash

ENDS, REPORT, NEW_ONE, NEXT_YEAR = "programme_ends", "programme_report", "programme_new", "calendar_unchecked"
CLASH: Final = "programme_clash"
TASKS: Final = (ENDS, REPORT, NEW_ONE, NEXT_YEAR, CLASH)
LAPSING: Final = (ENDS, NEW_ONE, NEXT_YEAR, CLASH)
"""These go by themselves when their cause does (another end date, another day of a session). A report that is
owed, and a programme that ended with nobody seeing to it, stay until somebody says so."""
TITLES: Final[dict[str, str]] = {
    ENDS: "Sắp hết hạn",
    REPORT: "Tới kỳ báo cáo",
    NEW_ONE: "Năm nay chưa có mô hình mới",
    NEXT_YEAR: "Lịch nghỉ năm tới chưa kiểm",
    CLASH: "Trùng lịch",
}
LEAST_NOTE: Final = 5
LATELY: Final = timedelta(days=60)
SETTLED: Final = "programme_task_done"
CLASH_WORDS: Final = {"staff": "cùng người", "place": "cùng nơi", "khom": "cùng khóm"}
"""Where nobody is on duty yet, it cannot be told: that is for the page of clashes, not a task."""


class TodoRefused(ValueError):
    """Nothing was changed; the text says the mend, in Vietnamese."""


@dataclass(frozen=True)
class Todo:
    """One thing to see to, or seen to: then with the note and the name of who did."""

    id: int
    kind: str
    text: str
    since: datetime
    programme: str | None = None
    note: str = ""
    by: str = ""
    done_at: datetime | None = None

    @property
    def title(self) -> str:
        return TITLES[self.kind]


def waiting(connection: Connection, oa_id: str) -> list[Todo]:
    """In the order of `TASKS`, oldest first in each."""
    query = select(staff_tasks).where(*_of(oa_id), staff_tasks.c.done_at.is_(None))
    found = [_todo(row) for row in connection.execute(query.order_by(staff_tasks.c.id))]
    return sorted(found, key=lambda one: TASKS.index(one.kind))


def settled(connection: Connection, oa_id: str, now: datetime, limit: int = 20) -> list[Todo]:
    """What was ticked off lately, newest first."""
    query = select(staff_tasks).where(*_of(oa_id), staff_tasks.c.done_at > now - LATELY)
    rows = connection.execute(query.order_by(staff_tasks.c.done_at.desc()).limit(limit))
    return [_todo(row) for row in rows]


def settle(
    connection: Connection, oa_id: str, task_id: int, staff_id: int, name: str, note: str, now: datetime
) -> Todo:
    """Seen to, with what was done about it; a second one comes too late and is told so."""
    note = " ".join(note.split())[:300]
    if len(note) < LEAST_NOTE:
        raise TodoRefused("Ghi đã lo thế nào (ít nhất vài chữ) để người sau còn hiểu.")
    open_one = (*_of(oa_id), staff_tasks.c.id == task_id, staff_tasks.c.done_at.is_(None))
    row = connection.execute(select(staff_tasks).where(*open_one)).one_or_none()
    if row is None:
        raise TodoRefused("Việc này đã có người lo xong, hoặc không còn nữa.")
    values = {"done_at": now, "detail": {**row.detail, "note": note, "by": name}}
    if connection.execute(update(staff_tasks).where(*open_one).values(**values)).rowcount != 1:
        raise TodoRefused("Việc này vừa có người lo xong.")
    todo = _todo(row)
    key = todo.programme or row.kind
    audit.record(connection, oa_id, staff_id, SETTLED, f"programme:{key}", now, note, name=todo.title)
    return todo


def lapsed(
    connection: Connection, oa_id: str, wanted: Iterable[tuple[str, str]]
) -> Sequence[tuple[str, str]]:
    """(kind, ref) of open tasks whose cause is gone."""
    query = select(staff_tasks.c.kind, staff_tasks.c.ref).where(
        staff_tasks.c.oa_id == oa_id, staff_tasks.c.kind.in_(LAPSING), staff_tasks.c.done_at.is_(None)
    )
    still = set(wanted)
    return [(row.kind, row.ref) for row in connection.execute(query) if (row.kind, row.ref) not in still]


def clash_ref(clash: Clash) -> str:
    """The same for the same two, the same day and the same cause."""
    cause = "|".join((clash.kind, clash.what, clash.first.name, clash.second.name))
    return f"{clash.day}:{hashlib.sha256(cause.encode()).hexdigest()[:24]}"


def clash_detail(clash: Clash) -> dict[str, Any]:
    return {
        "day": clash.day.isoformat(),
        "why": f"{CLASH_WORDS[clash.kind]} ({clash.what})",
        "names": [clash.first.name, clash.second.name],
    }


def _of(oa_id: str) -> tuple[Any, ...]:
    return staff_tasks.c.oa_id == oa_id, staff_tasks.c.kind.in_(TASKS)


def _todo(row: Row[Any]) -> Todo:
    detail: Mapping[str, Any] = row.detail
    key = row.ref.partition(":")[0] if row.kind == ENDS else None
    note, by = str(detail.get("note") or ""), str(detail.get("by") or "")
    return Todo(row.id, row.kind, _words(row.kind, detail), row.created_at, key, note, by, row.done_at)


def _words(kind: str, detail: Mapping[str, Any]) -> str:
    if kind == ENDS:
        return f"{detail['name']}: hết ngày {_day(detail['ends'])}. Có kế hoạch mới thì sửa ngày kết thúc."
    if kind == REPORT:
        return f"{', '.join(detail['programmes'])}: báo cáo {detail['to']}, hạn {_day(detail['due'])}."
    if kind == NEW_ONE:
        return f"Năm {detail['year']} chưa thêm mô hình nào (kế hoạch ghi mỗi năm ít nhất một)."
    if kind == NEXT_YEAR:
        return f"Ngày nghỉ, ngày làm bù năm {detail['year']} chưa ai kiểm trong calendar.toml."
    return f"{_day(detail['day'])}: {' và '.join(detail['names'])}, {detail['why']}."


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"
