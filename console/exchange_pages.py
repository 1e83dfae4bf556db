"""Cases out as CSV for reports, and in from the 1022 switchboard and other channels."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from console.access import official, page
from console.services import services
from ward import audit
from ward.calendar import VIET_NAM, local
from ward.cases import work
from ward.cases.deadlines import limits_for
from ward.cases.exchange import Imported, ImportRefused, export_csv, import_csv
from ward.cases.model import CHANNELS
from ward.staff import Permission, scope_of

blueprint = Blueprint("exchange", __name__, url_prefix="/phieu-csv")
SOURCES = {key: CHANNELS[key] for key in ("1022", "dvcqg", "facebook", "truc_tiep")}
LONGEST = timedelta(days=400)


@blueprint.get("")
@page(Permission.CASES_EXPORT)
def form() -> str:
    return _page()


@blueprint.post("/xuat")
@page(Permission.CASES_EXPORT)
def export() -> tuple[str, int] | Response:
    house, me = services(), official()
    since, until = _day(request.form.get("since")), _day(request.form.get("until"))
    if since is None or until is None or until < since or until - since > LONGEST:
        return _page("Chọn từ ngày, đến ngày; dài nhất 400 ngày."), 400
    start, end = _start(since), _start(until + timedelta(days=1))
    with house.write() as connection:
        data = export_csv(connection, house.oa_id, scope_of(me), start, end)
        subject = f"{since}/{until}"
        audit.record(connection, house.oa_id, me.id, "cases_exported", subject, house.now())
    answer = make_response(data)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="phieu-{since}-{until}.csv"'
    return answer


@blueprint.post("/nhap")
@page(Permission.CASES_EXPORT)
def take_in() -> tuple[str, int] | str:
    house, me, now = services(), official(), services().now()
    file, channel = request.files.get("file"), request.form.get("channel", "")
    if file is None or not file.filename or channel not in SOURCES:
        return _page("Chọn nguồn và tệp CSV."), 400
    data = file.read()
    chosen: Any = channel
    try:
        with house.write() as connection:
            limits = limits_for(connection, house.oa_id, house.profile.answer_hours)
            by, seal = work.official(me.id), house.box("personal").seal_text
            done = import_csv(connection, house.oa_id, data, chosen, by, now, house.calendar, limits, seal)
            counts = {"opened": len(done.opened), "known": len(done.known), "bad": len(done.bad)}
            audit.record(connection, house.oa_id, me.id, "cases_imported", channel, now, None, **counts)
    except ImportRefused as error:
        return _page(str(error)), 400
    return _page(done=done)


def _page(error: str = "", done: Imported | None = None) -> str:
    today = local(services().now()).date()
    return render_template(
        "console/exchange.html",
        error=error,
        done=done,
        sources=SOURCES,
        since=request.form.get("since") or today.replace(day=1).isoformat(),
        until=request.form.get("until") or today.isoformat(),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), VIET_NAM)
