"""Sealed words of complaints and denunciations, and appointments of citizen reception. One role each.

The list says when something came, nothing of what. Opening one is written down in the same transaction.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.access import official, page
from console.services import services
from ward import audit, reception, restricted
from ward.calendar import local
from ward.restricted import Reader
from ward.staff import Permission

blueprint = Blueprint("sealed", __name__)
DAYS_SHOWN = 3


def _reader() -> Reader:
    me = official()
    return Reader(me.id, me.may(Permission.RESTRICTED_READ))


@blueprint.get("/tin-kin")
@page(Permission.RESTRICTED_READ)
def listing() -> str:
    house = services()
    before = request.args.get("truoc", type=int)
    with house.read() as connection:
        notes = restricted.listed(connection, house.oa_id, _reader(), before)
    more = notes[-1].id if len(notes) == restricted.PAGE else None
    return render_template("console/sealed.html", notes=notes, more=more, before=before)


@blueprint.post("/tin-kin/<int:message_id>")
@page(Permission.RESTRICTED_READ)
def open_one(message_id: int) -> str:
    """By a button, never by a link: nothing opens by looking ahead."""
    return _opened(message_id)


def _opened(message_id: int, error: str = "") -> str:
    house = services()
    with house.write() as connection:
        box = house.box("restricted")
        message = restricted.open_one(connection, box, house.oa_id, message_id, _reader(), house.now())
    if message is None:
        abort(404)
    return render_template("console/sealed_one.html", message=message, message_id=message_id, error=error)


@blueprint.post("/tin-kin/<int:message_id>/xong")
@page(Permission.RESTRICTED_READ)
def handled(message_id: int) -> tuple[str, int] | Response:
    house, reason = services(), request.form.get("reason", "")
    if len(reason.strip()) < 5:
        return _opened(message_id, "Ghi đã xử lý thế nào, không ghi tên người."), 400
    with house.write() as connection:
        known = restricted.mark_handled(connection, house.oa_id, message_id, _reader(), house.now(), reason)
    if not known:
        abort(404)
    flash("Đã ghi xử lý. Nội dung vẫn giữ kín, không xóa.", "ok")
    return redirect(url_for("sealed.listing"))


@blueprint.get("/hen-tiep-dan")
@page(Permission.RECEPTION)
def appointments() -> str:
    """Those who come on the next reception days, and on a day that is asked for."""
    house = services()
    days = reception.reception_days(house.profile, house.calendar, house.now(), DAYS_SHOWN)
    today = local(house.now()).date()
    asked = _day(request.args.get("ngay"))
    shown = [asked] if asked else sorted({today, *days})
    with house.read() as connection:
        box = house.box("appointments")
        booked = [(day, reception.on_day(connection, box, house.oa_id, day)) for day in shown]
    with_people: list[tuple[date, list[Any]]] = [(day, people) for day, people in booked if people or asked]
    last = today - timedelta(days=7)
    return render_template(
        "console/reception.html", booked=with_people, days=days, today=today, asked=asked, last=last
    )


@blueprint.post("/hen-tiep-dan/<code>")
@page(Permission.RECEPTION)
def settle(code: str) -> Response:
    house, me = services(), official()
    state: Any = request.form.get("do")
    if state not in ("came", "absent"):
        abort(400)
    with house.write() as connection:
        if reception.settle(connection, house.oa_id, code, state):
            now = house.now()
            audit.record(connection, house.oa_id, me.id, "appointment_settled", code, now, None, state=state)
            flash("Đã ghi.", "ok")
    return redirect(url_for("sealed.appointments", ngay=request.form.get("day") or None))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
