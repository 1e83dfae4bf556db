"""Messages that did not arrive, as lines of the list of calls: what happened and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import abort
from sqlalchemy import Connection, Row, select

from console.access import official
from console.services import services
from store.schema import case_messages, staff_tasks
from store.schema import outbox as outbox_table
from ward import issues
from ward.call_marks import Mark, mark_of
from ward.cases import find, work
from ward.cases.answers import CALL_LIST
from ward.cases.work import Case, NoSuchCase
from ward.staff import Permission, scope_of

SEND_TASKS: Final = ("send_unknown", "send_dead", "send_stopped")
KINDS: Final[dict[str, tuple[str, str]]] = {
    CALL_LIST: (
        "Câu trả lời chưa tới người dân",
        "Gọi cho người dân, đọc câu trả lời, rồi ghi “Đã gọi”. Họ nhắn lại thì gửi lại được.",
    ),
    "send_stopped": (
        "Zalo không cho gửi tới người này",
        "Người dân đã chặn, hoặc quá hạn Zalo cho phép. Chờ họ nhắn lại, hoặc gọi.",
    ),
    "send_dead": (
        "Tin bị Zalo từ chối",
        "Coi lý do bên dưới; sửa được thì bấm Gửi lại, không thì gọi.",
    ),
    "send_unknown": (
        "Không rõ tin đã tới chưa",
        "Zalo không trả lời. Hỏi người dân trước; không gửi lại kẻo họ nhận hai lần.",
    ),
}
SHOWN: Final = 100


@dataclass(frozen=True)
class Line:
    """One thing to be done. `case` and `text` only for those who may see the case, `issue_id` (an answer to a
    firm) only for those who may see the matter."""

    task: Row[Any]
    title: str
    help: str
    reason: str
    case: Case | None
    text: str
    may_send: bool
    issue_id: int | None = None

    @property
    def tries(self) -> int:
        return int(self.task.detail.get("tries", 0))

    @property
    def wrong(self) -> bool:
        return bool(self.task.detail.get("wrong"))

    @property
    def mark(self) -> Mark | None:
        return mark_of(self.task)


def open_lines(connection: Connection) -> list[Line]:
    """What the official may see of it, newest first."""
    found = (line_of(connection, task) for task in open_tasks(connection))
    return [line for line in found if line is not None]


def open_tasks(connection: Connection) -> Sequence[Row[Any]]:
    kinds = staff_tasks.c.kind.in_([CALL_LIST, *SEND_TASKS])
    waiting = (staff_tasks.c.oa_id == services().oa_id, kinds, staff_tasks.c.done_at.is_(None))
    query = select(staff_tasks).where(*waiting).order_by(staff_tasks.c.id.desc()).limit(SHOWN)
    return connection.execute(query).all()


def task_of(connection: Connection, task_id: int) -> Row[Any]:
    """An open task of these kinds that the official may see."""
    mine = (staff_tasks.c.oa_id == services().oa_id, staff_tasks.c.id == task_id)
    task = connection.execute(select(staff_tasks).where(*mine, staff_tasks.c.done_at.is_(None))).one_or_none()
    if task is None or task.kind not in KINDS or line_of(connection, task) is None:
        abort(404)
    return task


def line_of(connection: Connection, task: Row[Any]) -> Line | None:
    """None: about a case that is not the official's to see."""
    case = case_of(connection, task)
    if case is None and task.kind == CALL_LIST:
        return None
    title, help_ = KINDS[task.kind]
    sends = sends_of(connection, task, case)
    reason = next((row.error for row in sends if row.error), task.detail.get("meaning") or "")
    text = _answer_text(connection, task, case) if case is not None and task.kind == CALL_LIST else ""
    may_send = any(row.state in ("stopped", "dead") for row in sends)
    return Line(task, title, help_, str(reason), case, text, may_send, _issue_id(connection, sends))


def _issue_id(connection: Connection, sends: Sequence[Any]) -> int | None:
    found = next((one for row in sends if (one := issues.of_sending(row.dedupe_key))), None)
    me = official()
    if found is None or not me.may(Permission.ISSUES):
        return None
    seen = issues.find(connection, services().oa_id, issues.sight_of(connection, me), found)
    return None if seen is None else seen.id


def case_of(connection: Connection, task: Row[Any]) -> Case | None:
    """The case of a task, if the official may see it."""
    case_id = task.detail.get("case_id")
    if not isinstance(case_id, int):
        return None
    try:
        case = work.load(connection, services().oa_id, case_id)
    except NoSuchCase:
        return None
    return case if find.sees(scope_of(official()), case) else None


def sends_of(connection: Connection, task: Row[Any], case: Case | None) -> Sequence[Any]:
    """The messages in the outbox behind a task."""
    columns = (outbox_table.c.id, outbox_table.c.state, outbox_table.c.error, outbox_table.c.dedupe_key)
    mine = outbox_table.c.oa_id == services().oa_id
    if task.kind != CALL_LIST:
        number = int(task.ref) if task.ref.isdigit() else 0
        return connection.execute(select(*columns).where(mine, outbox_table.c.id == number)).all()
    sent_as = _message(connection, task, case, case_messages.c.sent_as)
    if not sent_as:
        return []
    keys = [f"{sent_as}:{number}" for number in range(20)]
    query = select(*columns).where(mine, outbox_table.c.dedupe_key.in_(keys)).order_by(outbox_table.c.id)
    return connection.execute(query).all()


def _answer_text(connection: Connection, task: Row[Any], case: Case | None) -> str:
    return str(_message(connection, task, case, case_messages.c.text) or "")


def _message(connection: Connection, task: Row[Any], case: Case | None, column: Any) -> Any:
    if case is None:
        return None
    which = (case_messages.c.id == task.detail.get("message_id"), case_messages.c.case_id == case.id)
    return connection.execute(select(column).where(*which)).scalar()
