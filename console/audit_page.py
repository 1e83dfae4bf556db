"""The log of what officials did."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import Blueprint, render_template, request

from console.access import page
from console.services import services
from ward import audit, staff
from ward.calendar import VIET_NAM
from ward.staff import Permission

blueprint = Blueprint("audit", __name__, url_prefix="/nhat-ky")


@blueprint.get("")
@page(Permission.AUDIT)
def log() -> str:
    house = services()
    chosen = _chosen()
    before = request.args.get("before", type=int)
    with house.read() as connection:
        lines = audit.lines(connection, house.oa_id, chosen, before)
        people = staff.everyone(connection, house.oa_id)
    more = lines[-1].id if len(lines) == audit.PAGE else None
    kept = {name: value for name, value in request.args.items() if name != "before" and value}
    return render_template(
        "console/audit.html",
        lines=lines,
        people=people,
        actions=audit.ACTIONS,
        more=more,
        kept=kept,
        before=before,
    )


def _chosen() -> audit.Filter:
    asked = request.args
    action = asked.get("action", "")
    until = _day(asked.get("until"))
    return audit.Filter(
        actions=(action,) if action else (),
        staff_id=asked.get("who", type=int),
        subject=asked.get("subject", "").strip(),
        since=_day(asked.get("since")),
        until=until + timedelta(days=1) if until else None,
    )


def _day(text: str | None) -> datetime | None:
    """The start of a day as the browser's field writes it; what is no day does not narrow the list."""
    try:
        return datetime.combine(date.fromisoformat(text or ""), time(), VIET_NAM)
    except ValueError:
        return None
