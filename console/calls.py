"""Messages that did not arrive, on the list of calls: called, not met, wrong number, sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy import Connection, Row, select, update
from werkzeug.wrappers import Response

from bot import outbox
from console import call_list, casework
from console.access import official, page
from console.call_lines import KINDS, case_of, sends_of, task_of
from console.call_list import Opened
from console.case_pages import phone_of
from console.services import services
from store.schema import photos, staff_tasks
from ward import audit, call_marks
from ward.call_marks import Outcome
from ward.cases import work
from ward.cases.answers import CALL_LIST
from ward.cases.work import Case, MoveRefused, StaleCase
from ward.staff import Permission

blueprint = Blueprint("calls", __name__, url_prefix="/can-goi")


@blueprint.post("/<int:task_id>/da-goi")
@page(Permission.SENDS)
def called(task_id: int) -> tuple[str, int] | Response:
    """The citizen was told by telephone: the case is answered; other messages are dealt with."""
    house, note = services(), request.form.get("note", "").strip()
    try:
        with house.write() as connection:
            task = task_of(connection, task_id)
            case = case_of(connection, task)
            if task.kind == CALL_LIST and case is not None:
                _answer_by_phone(connection, case, note, house.now())
                _done(connection, task, house.now())
            else:
                _mark(connection, task, case, "called")
            _log(connection, "call_made", task, case)
    except (MoveRefused, StaleCase) as error:
        return call_list.render(str(error)), 400
    flash("Đã ghi cuộc gọi.", "ok")
    return _back()


@blueprint.post("/<int:task_id>/khong-gap")
@page(Permission.SENDS)
def missed(task_id: int) -> Response:
    return _tried(task_id, "missed", "Đã ghi không nghe máy. Việc vẫn còn trong danh sách.")


@blueprint.post("/<int:task_id>/sai-so")
@page(Permission.SENDS)
def wrong(task_id: int) -> Response:
    """The number is somebody else's: what is left is to wait until the citizen writes again."""
    return _tried(task_id, "wrong", "Đã ghi sai số. Người dân nhắn lại thì gửi lại được.")


@blueprint.post("/<int:task_id>/hoan-tac")
@page(Permission.SENDS)
def undo(task_id: int) -> Response:
    house, me = services(), official()
    with house.write() as connection:
        mark = call_marks.undo(connection, house.oa_id, tuple(KINDS), task_id, me.id, house.now())
        if mark is not None:
            task = task_of(connection, task_id)
            _log(connection, "call_undone", task, case_of(connection, task))
    flash("Đã bỏ lần ghi đó." if mark else call_list.TOO_LATE, "ok" if mark else "warn")
    return _back()


@blueprint.post("/<int:task_id>/gui-lai")
@page(Permission.SENDS)
def again(task_id: int) -> tuple[str, int] | Response:
    """Try once more what certainly did not go out."""
    house, now = services(), services().now()
    with house.write() as connection:
        task = task_of(connection, task_id)
        case = case_of(connection, task)
        rows = [row for row in sends_of(connection, task, case) if row.state in ("stopped", "dead")]
        sent = [outbox.send_again(connection, house.oa_id, row.id, now) for row in rows]
        if any(sent):
            _log(connection, "send_again", task, case)
    if not any(sent):
        return call_list.render("Tin này không gửi lại được: chưa rõ đã tới hay chưa, hoặc đang gửi."), 400
    flash("Đang gửi lại. Không tới thì việc này hiện lại.", "ok")
    return _back()


@blueprint.post("/<int:task_id>/so-dien-thoai")
@page(Permission.SENDS)
def phone(task_id: int) -> str:
    """The number, on the page itself."""
    with services().write() as connection:
        case = case_of(connection, task_of(connection, task_id))
        if case is None:
            abort(404)
        number = phone_of(connection, case)
    return call_list.render(opened=Opened("send", task_id, number))


def _tried(task_id: int, outcome: Outcome, words: str) -> Response:
    house = services()
    with house.write() as connection:
        task = task_of(connection, task_id)
        case = case_of(connection, task)
        _mark(connection, task, case, outcome)
        _log(connection, f"call_{outcome}", task, case)
    flash(words, "ok")
    return _back()


def _mark(connection: Connection, task: Row[Any], case: Case | None, outcome: Outcome) -> None:
    code, closes = case.code if case else None, outcome == "called"
    call_marks.note(connection, task.id, outcome, official().id, services().now(), closes, code=code)


def _back() -> Response:
    return redirect(url_for("call_list.listing", nhom=request.form.get("nhom") or None))


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
