"""News of new rules for health facilities: written, approved by a second person, and how the sends went."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.health_news import approve
from console.access import official, page
from console.services import services
from ward import audit, facilities, health_news, staff
from ward.facilities import KINDS, FacilityRefused
from ward.staff import Permission

blueprint = Blueprint("health_news", __name__, url_prefix="/tin-y-te")


@blueprint.get("")
@page(Permission.HEALTH_NEWS)
def listing() -> str:
    return _page()


@blueprint.post("")
@page(Permission.HEALTH_NEWS)
def write() -> tuple[str, int] | Response:
    house, form = services(), request.form
    kinds = form.getlist("kinds")
    try:
        with house.write() as connection:
            number = health_news.write(
                connection,
                house.oa_id,
                form.get("title", ""),
                form.get("text", ""),
                kinds,
                official().id,
                house.now(),
            )
            _note(connection, "health_news_written", number)
    except FacilityRefused as error:
        return _page(str(error)), 400
    flash("Đã lưu bản nháp. Nhờ một người khác duyệt rồi mới gửi.", "ok")
    return redirect(url_for("health_news.listing"))


@blueprint.post("/<int:news_id>")
@page(Permission.HEALTH_NEWS)
def decide(news_id: int) -> tuple[str, int] | Response:
    house, send = services(), request.form.get("decision") == "send"
    try:
        with house.write() as connection:
            if send:
                number = approve(connection, house.oa_id, news_id, official().id, house.words, house.now())
                words = f"Đã duyệt, đang gửi tới {number} tài khoản đã đồng ý nhận tin."
            else:
                health_news.decide(connection, house.oa_id, news_id, official().id, False, house.now())
                words = "Đã bỏ tin này."
            _note(connection, "health_news_approved" if send else "health_news_dropped", news_id)
    except FacilityRefused as error:
        return _page(str(error)), 400
    flash(words, "ok")
    return redirect(url_for("health_news.listing"))


def _page(error: str = "") -> str:
    house = services()
    with house.read() as connection:
        found = health_news.newest(connection, house.oa_id)
        went = health_news.deliveries(connection, house.oa_id, [one.id for one in found])
        hearers = {
            one.id: len(facilities.hearers(connection, house.oa_id, one.kinds))
            for one in found
            if one.state == "draft"
        }
        names = {one.id: one.name for one in staff.everyone(connection, house.oa_id)}
    return render_template(
        "console/health_news.html",
        found=found,
        went=went,
        hearers=hearers,
        names=names,
        kinds=KINDS,
        longest=health_news.LONGEST,
        typed=request.form,
        chosen=request.form.getlist("kinds"),
        error=error,
    )


def _note(connection: object, action: str, news_id: int) -> None:
    house = services()
    audit.record(connection, house.oa_id, official().id, action, f"tin y tế {news_id}", house.now())  # type: ignore[arg-type]
