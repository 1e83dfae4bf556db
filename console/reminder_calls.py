"""Reminders to be made by telephone, on the list of calls: the number, and what came of the call."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from bot.reminding import who_of
from console import call_list
from console.access import official, page
from console.call_list import Opened
from console.services import services
from ward import audit, reminder_calls
from ward.reminder_calls import Call
from ward.staff import Permission
from ward.visits.people import PURPOSE

blueprint = Blueprint("reminder_calls", __name__, url_prefix="/can-goi/nhac")


@blueprint.post("/<int:reminder_id>/so-dien-thoai")
@page(Permission.REMINDER_CALLS)
def phone(reminder_id: int) -> str:
    """The number, on the page itself; who looked at it is in the log."""
    with services().write() as connection:
        call = _open(connection, reminder_id)
        _log(connection, "reminder_phone", call.matter.code)
    number = who_of(services().box(PURPOSE), call.matter.who).get("phone", "")
    return call_list.render(opened=Opened("reminder", reminder_id, number))


@blueprint.post("/<int:reminder_id>/da-goi")
@page(Permission.REMINDER_CALLS)
def called(reminder_id: int) -> Response:
    def note(connection: Connection, call: Call) -> bool:
        house = services()
        return reminder_calls.called(connection, house.oa_id, call, official().id, house.now())

    return _noted(reminder_id, "reminder_called", note, "Đã ghi cuộc gọi.")


@blueprint.post("/<int:reminder_id>/khong-gap")
@page(Permission.REMINDER_CALLS)
def missed(reminder_id: int) -> Response:
    def note(connection: Connection, call: Call) -> bool:
        return reminder_calls.missed(connection, call, official().id, services().now())

    words = "Đã ghi không nghe máy. Người này vẫn còn trong danh sách."
    return _noted(reminder_id, "reminder_missed", note, words)


@blueprint.post("/<int:reminder_id>/sai-so")
@page(Permission.REMINDER_CALLS)
def wrong(reminder_id: int) -> Response:
    def note(connection: Connection, call: Call) -> bool:
        house = services()
        return reminder_calls.wrong(connection, house.oa_id, call, official().id, house.now())

    words = "Đã ghi sai số: không còn cách nào báo cho người này."
    return _noted(reminder_id, "reminder_wrong", note, words)


@blueprint.post("/viec/<int:task_id>/hoan-tac")
@page(Permission.REMINDER_CALLS)
def undo(task_id: int) -> Response:
    house, me = services(), official()
    with house.write() as connection:
        mark = reminder_calls.undo(connection, house.oa_id, task_id, me.id, house.now())
        if mark is not None:
            _log(connection, "call_undone", mark.code or f"task/{task_id}")
    flash("Đã bỏ lần ghi đó." if mark else call_list.TOO_LATE, "ok" if mark else "warn")
    return _back()


def _noted(reminder_id: int, action: str, note: Callable[[Connection, Call], bool], words: str) -> Response:
    with services().write() as connection:
        call = _open(connection, reminder_id)
        if note(connection, call):
            _log(connection, action, call.matter.code)
    flash(words, "ok")
    return _back()


def _back() -> Response:
    return redirect(url_for("call_list.listing", nhom=request.form.get("nhom") or None))


def _open(connection: Connection, reminder_id: int) -> Call:
    house = services()
    call = reminder_calls.one(
        connection, house.oa_id, call_list.sight_of(official()), reminder_id, house.now()
    )
    if call is None:
        abort(404)
    return call


def _log(connection: Connection, action: str, code: str) -> None:
    house = services()
    audit.record(connection, house.oa_id, official().id, action, code, house.now())
