"""Messages that did not arrive: what to do with each, whom to call, and what came of the call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection, Row, select, update
from werkzeug.wrappers import Response

from bot import outbox
from console import casework
from console.access import official, page
from console.case_pages import phone_of
from console.services import services
from store.schema import case_messages, photos, staff_tasks
from store.schema import outbox as outbox_table
from ward import audit
from ward.cases import find, work
from ward.cases.answers import CALL_LIST
from ward.cases.work import Case, MoveRefused, NoSuchCase, StaleCase
from ward.staff import Permission, scope_of

blueprint = Blueprint("calls", __name__, url_prefix="/can-goi")

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
    """One thing to be done. `case` and `text` only for those who may see the case."""

    task: Row[Any]
    title: str
    help: str
    reason: str
    case: Case | None
    text: str
    may_send: bool

    @property
    def tries(self) -> int:
        return int(self.task.detail.get("tries", 0))


@blueprint.get("")
@page(Permission.SENDS)
def listing() -> str:
    return _page()


def _page(error: str = "") -> str:
    house = services()
    with house.read() as connection:
        lines = [line for task in _open_tasks(connection) if (line := _line(connection, task)) is not None]
    return render_template(
        "console/calls.html", lines=lines, error=error, works=official().may(Permission.CASES_WORK)
    )


@blueprint.post("/<int:task_id>/da-goi")
@page(Permission.SENDS)
def called(task_id: int) -> tuple[str, int] | Response:
    """The citizen was told by telephone: the case is answered; other messages are dealt with."""
    house, note = services(), request.form.get("note", "").strip()
    try:
        with house.write() as connection:
            task = _task(connection, task_id)
            case = _case_of(connection, task)
            if task.kind == CALL_LIST and case is not None:
                _answer_by_phone(connection, case, note, house.now())
            _done(connection, task, house.now())
            _log(connection, "call_made", task, case)
    except (MoveRefused, StaleCase) as error:
        return _page(str(error)), 400
    flash("Đã ghi cuộc gọi.", "ok")
    return redirect(url_for("calls.listing"))


@blueprint.post("/<int:task_id>/khong-gap")
@page(Permission.SENDS)
def missed(task_id: int) -> Response:
    house = services()
    with house.write() as connection:
        task = _task(connection, task_id)
        tried = {"tries": int(task.detail.get("tries", 0)) + 1, "tried_at": house.now().isoformat()}
        which = staff_tasks.c.id == task_id
        connection.execute(update(staff_tasks).where(which).values(detail={**task.detail, **tried}))
        _log(connection, "call_missed", task, _case_of(connection, task))
    flash("Đã ghi không gặp. Việc vẫn còn trong danh sách.", "ok")
    return redirect(url_for("calls.listing"))


@blueprint.post("/<int:task_id>/gui-lai")
@page(Permission.SENDS)
def again(task_id: int) -> tuple[str, int] | Response:
    """Try once more what certainly did not go out."""
    house, now = services(), services().now()
    with house.write() as connection:
        task = _task(connection, task_id)
        case = _case_of(connection, task)
        rows = [row for row in _sends_of(connection, task, case) if row.state in ("stopped", "dead")]
        sent = [outbox.send_again(connection, house.oa_id, row.id, now) for row in rows]
        if any(sent):
            _log(connection, "send_again", task, case)
    if not any(sent):
        return _page("Tin này không gửi lại được: chưa rõ đã tới hay chưa, hoặc đang gửi."), 400
    flash("Đang gửi lại. Không tới thì việc này hiện lại.", "ok")
    return redirect(url_for("calls.listing"))


@blueprint.post("/<int:task_id>/so-dien-thoai")
@page(Permission.SENDS)
def phone(task_id: int) -> str:
    house = services()
    with house.write() as connection:
        case = _case_of(connection, _task(connection, task_id))
        if case is None:
            abort(404)
        number = phone_of(connection, case)
    return render_template("console/phone.html", case=case, number=number)


# ── what stands behind a line ────────────────────────────────────────────────────────────────────


def _open_tasks(connection: Connection) -> Sequence[Row[Any]]:
    kinds = staff_tasks.c.kind.in_([CALL_LIST, *SEND_TASKS])
    waiting = (staff_tasks.c.oa_id == services().oa_id, kinds, staff_tasks.c.done_at.is_(None))
    query = select(staff_tasks).where(*waiting).order_by(staff_tasks.c.id.desc()).limit(SHOWN)
    return connection.execute(query).all()


def _task(connection: Connection, task_id: int) -> Row[Any]:
    """An open task of these kinds that the official may see."""
    mine = (staff_tasks.c.oa_id == services().oa_id, staff_tasks.c.id == task_id)
    task = connection.execute(select(staff_tasks).where(*mine, staff_tasks.c.done_at.is_(None))).one_or_none()
    if task is None or task.kind not in KINDS or _line(connection, task) is None:
        abort(404)
    return task


def _line(connection: Connection, task: Row[Any]) -> Line | None:
    """None: about a case that is not the official's to see."""
    case = _case_of(connection, task)
    if case is None and task.kind == CALL_LIST:
        return None
    title, help_ = KINDS[task.kind]
    sends = _sends_of(connection, task, case)
    reason = next((row.error for row in sends if row.error), task.detail.get("meaning") or "")
    text = _answer_text(connection, task, case) if case is not None and task.kind == CALL_LIST else ""
    may_send = any(row.state in ("stopped", "dead") for row in sends)
    return Line(task, title, help_, str(reason), case, text, may_send)


def _case_of(connection: Connection, task: Row[Any]) -> Case | None:
    """The case of a task, if the official may see it."""
    case_id = task.detail.get("case_id")
    if not isinstance(case_id, int):
        return None
    try:
        case = work.load(connection, services().oa_id, case_id)
    except NoSuchCase:
        return None
    return case if find.sees(scope_of(official()), case) else None


def _sends_of(connection: Connection, task: Row[Any], case: Case | None) -> Sequence[Any]:
    """The messages in the outbox behind a task."""
    columns = (outbox_table.c.id, outbox_table.c.state, outbox_table.c.error)
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


def _answer_by_phone(connection: Connection, case: Case, note: str, now: datetime) -> None:
    """The one who calls has the case from then on, lest two answer."""
    me = official()
    by = work.official(me.id)
    if case.assignee_id != me.id:
        if not casework.may_direct(me, case):
            raise MoveRefused("Phiếu này cán bộ khác đang giữ.", "not_yours")
        work.pass_on(connection, case.oa_id, case.id, None, by, me.id, None, now)
    if case.kind != "report":
        work.answered_by_phone(connection, case.oa_id, case.id, None, by, "phone", note, now)
        return
    after = select(photos.c.token).where(photos.c.case_id == case.id, photos.c.kind == "after")
    token = connection.execute(after.limit(1)).scalar()
    reason = None if token else "đã ghi khi đóng phiếu lần trước"
    work.close_field_case(connection, case.oa_id, case.id, None, by, note, token, reason, now, spoken="phone")


def _done(connection: Connection, task: Row[Any], now: datetime) -> None:
    connection.execute(update(staff_tasks).where(staff_tasks.c.id == task.id).values(done_at=now))


def _log(connection: Connection, action: str, task: Row[Any], case: Case | None) -> None:
    house = services()
    subject = case.code if case is not None else f"task/{task.id}"
    audit.record(connection, house.oa_id, official().id, action, subject, house.now(), None, kind=task.kind)
