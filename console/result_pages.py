"""Notices of results: who waits to hear, the dossier's code written to it, and how the message went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.access import official, page
from console.services import services
from ward import audit, results
from ward.calendar import local
from ward.results import ResultRefused
from ward.staff import Permission
from ward.visits.people import PURPOSE

blueprint = Blueprint("results", __name__, url_prefix="/bao-ket-qua")

SHOWN = timedelta(days=30)
MESSAGE: Mapping[str | None, str] = {
    "pending": "Đang chờ gửi",
    "queued": "Đang gửi",
    "delivered": "Đã báo",
    "call": "Cần gọi điện",
    "unknown": "Không rõ đã tới chưa",
    "void": "Không gửi nữa",
}


@blueprint.get("")
@page(Permission.RESULTS)
def listing() -> str:
    return _page()


@blueprint.post("/<code>")
@page(Permission.RESULTS)
def ready(code: str) -> tuple[str, int] | Response:
    """The dossier's code and from when it can be fetched: the person is told."""
    house, form = services(), request.form
    try:
        day = _day(form.get("day", ""))
        with house.write() as connection:
            box, now = house.box(PURPOSE), house.now()
            results.ready(connection, box, house.oa_id, code, form.get("dossier", ""), day, now)
            audit.record(connection, house.oa_id, official().id, "result_ready", code, now)
    except ResultRefused as error:
        return _page(code, str(error)), 400
    flash("Đã ghi. Người dân được báo theo cách đã chọn.", "ok")
    return redirect(url_for("results.listing"))


def _page(wrong: str = "", error: str = "") -> str:
    house = services()
    now = house.now()
    today, box = local(now).date(), house.box(PURPOSE)
    with house.read() as connection:
        waits = results.waiting(connection, box, house.oa_id)
        told = results.told(connection, box, house.oa_id, today - SHOWN)
    name_of = house.library().name_of
    return render_template(
        "console/results.html",
        waits=waits,
        told=told,
        today=today,
        ways=results.WAYS,
        message=MESSAGE,
        name_of=name_of,
        wrong=wrong,
        error=error,
        typed=request.form,
    )


def _day(text: str) -> date:
    """Not before today: nobody can fetch it yesterday."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ResultRefused("Chọn ngày người dân tới nhận được.") from error
    if day < local(services().now()).date():
        raise ResultRefused("Ngày nhận phải từ hôm nay trở đi.")
    return day
