"""Reminders to be made by telephone: for the khóm and the one-stop desk, on a phone or on paper."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from bot.reminding import who_of
from console.access import official, page
from console.services import services
from ward import audit, reminder_calls
from ward.reminder_calls import Call, Sight
from ward.staff import Permission, scope_of

blueprint = Blueprint("reminder_calls", __name__, url_prefix="/can-nhac")
PURPOSE = "visits"


@blueprint.get("")
@page(Permission.REMINDER_CALLS)
def listing() -> str:
    return _page()


def _page(opened: Call | None = None) -> str:
    house = services()
    with house.read() as connection:
        calls = reminder_calls.waiting(connection, house.oa_id, _sight(), house.now())
    box = house.box(PURPOSE)
    names = {call.reminder_id: who_of(box, call.matter.who).get("name") for call in calls}
    has_phone = {call.reminder_id for call in calls if who_of(box, call.matter.who).get("phone")}
    number = who_of(box, opened.matter.who).get("phone", "") if opened else ""
    return render_template(
        "console/reminder_calls.html",
        calls=calls,
        names=names,
        has_phone=has_phone,
        opened=opened.reminder_id if opened else None,
        number=number,
    )


@blueprint.post("/<int:reminder_id>/so-dien-thoai")
@page(Permission.REMINDER_CALLS)
def phone(reminder_id: int) -> str:
    """The number, on the page itself; who looked at it is in the log."""
    with services().write() as connection:
        call = _open(connection, reminder_id)
        _log(connection, "reminder_phone", call)
    return _page(call)


@blueprint.post("/<int:reminder_id>/da-goi")
@page(Permission.REMINDER_CALLS)
def called(reminder_id: int) -> Response:
    house = services()
    with house.write() as connection:
        call = _open(connection, reminder_id)
        if reminder_calls.called(connection, house.oa_id, reminder_id, house.now()):
            _log(connection, "reminder_called", call)
    flash("Đã ghi cuộc gọi.", "ok")
    return redirect(url_for("reminder_calls.listing"))


@blueprint.post("/<int:reminder_id>/khong-gap")
@page(Permission.REMINDER_CALLS)
def missed(reminder_id: int) -> Response:
    house = services()
    with house.write() as connection:
        call = _open(connection, reminder_id)
        reminder_calls.missed(connection, house.oa_id, reminder_id, house.now())
        _log(connection, "reminder_missed", call)
    flash("Đã ghi không gặp. Người này vẫn còn trong danh sách.", "ok")
    return redirect(url_for("reminder_calls.listing"))


def _sight() -> Sight:
    return Sight(scope_of(official()), official().may(Permission.RECEPTION))


def _open(connection: Connection, reminder_id: int) -> Call:
    house = services()
    call = reminder_calls.one(connection, house.oa_id, _sight(), reminder_id, house.now())
    if call is None:
        abort(404)
    return call


def _log(connection: Connection, action: str, call: Call) -> None:
    house = services()
    audit.record(connection, house.oa_id, official().id, action, call.matter.code, house.now())
