"""Meetings with firms: planning one at an hour of its own, announcing it, writing down what was raised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from bot import firm_news
from console.access import official, page
from console.services import services
from ward import audit, issues
from ward.calendar import VIET_NAM, local
from ward.issues import IssueRefused
from ward.programmes.load import programmes_of
from ward.programmes.model import Programme
from ward.staff import Permission
from ward.visits import booking, firms, sessions
from ward.visits.access import NAMES_OPENED, may_open_names
from ward.visits.model import BookingRefused, Signup, Visit
from ward.visits.people import PURPOSE, unseal

blueprint = Blueprint("meetings", __name__, url_prefix="/ca-phe")


# --- planning ---


@blueprint.get("/len-lich")
@page(Permission.VISITS_RUN)
def planning() -> str:
    return _form({}, "")


@blueprint.post("/len-lich")
@page(Permission.VISITS_RUN)
def plan() -> tuple[str, int] | Response:
    house, form = services(), request.form
    try:
        with house.write() as connection:
            programme = _programmes(connection).get(form.get("programme", ""))
            if programme is None:
                raise BookingRefused("Chọn chương trình.")
            begins, ends = _hours(form)
            room = form.get("capacity", type=int) or 0
            made = sessions.plan_meeting(
                connection, house.oa_id, programme, form.get("place", ""), begins, ends, room, house.now(),
                _lines(form.get("team", "")),
            )  # fmt: skip
            _note(connection, "meeting_planned", made)
    except BookingRefused as error:
        return _form(form, str(error)), 400
    flash(f"Đã lên lịch buổi {local(made.starts_at):%H:%M %d/%m/%Y}. Cơ sở ghi tên được qua Zalo.", "ok")
    return redirect(url_for("visits.one", visit_id=made.id))


def _form(typed: Mapping[str, str], error: str) -> str:
    house = services()
    today = local(house.now()).date()
    with house.read() as connection:
        every = _programmes(connection).values()
    usable = [one for one in every if one.kind == firms.KIND and not one.has_ended(today)]
    room = next((one.sessions.capacity for one in usable if one.sessions), 30)
    return render_template(
        "console/meeting_plan.html", programmes=usable, typed=typed, error=error, today=today, room=room
    )


def _hours(form: Mapping[str, str]) -> tuple[datetime, datetime]:
    try:
        day = date.fromisoformat(form.get("day", "").strip())
        opens, closes = (time.fromisoformat(form.get(name, "").strip()) for name in ("opens", "closes"))
    except ValueError as error:
        raise BookingRefused("Chọn ngày, giờ bắt đầu và giờ kết thúc; giờ viết như 07:30.") from error
    return datetime.combine(day, opens, VIET_NAM), datetime.combine(day, closes, VIET_NAM)


# --- announcing ---


@blueprint.get("/buoi/<int:visit_id>/bao")
@page(Permission.VISITS_RUN)
def announcing(visit_id: int) -> str:
    """Who would be told, before anybody is."""
    house = services()
    with house.read() as connection:
        visit = _visit(connection, visit_id)
        hearers = firms.hearers(connection, house.box(PURPOSE), house.oa_id, visit_id)
        to = firm_news.not_told(connection, house.oa_id, visit, hearers)
        words = house.firm_words.announced(visit, _name(connection, visit))
    coming = visit.state == "planned" and visit.starts_at > house.now()
    return render_template(
        "console/meeting_announce.html",
        visit=visit,
        to=len(to),
        told=len(hearers) - len(to),
        words=words,
        coming=coming,
    )


@blueprint.post("/buoi/<int:visit_id>/bao")
@page(Permission.VISITS_RUN)
def announce(visit_id: int) -> Response:
    """Each of those who agreed is told of a session once, however often this is pressed."""
    house = services()
    with house.write() as connection:
        visit = _visit(connection, visit_id)
        if visit.state != "planned" or visit.starts_at <= house.now():
            flash("Buổi này đã qua hoặc đã hủy, không báo nữa.", "warn")
            return redirect(url_for("visits.one", visit_id=visit_id))
        hearers = firms.hearers(connection, house.box(PURPOSE), house.oa_id, visit_id)
        words = house.firm_words.announced(visit, _name(connection, visit))
        told = firm_news.announce(connection, house.oa_id, visit, hearers, words, house.now())
        _note(connection, "meeting_announced", visit, told=told)
    flash(f"Đang báo cho {told} cơ sở đã đồng ý nhận lịch.", "ok")
    return redirect(url_for("visits.one", visit_id=visit_id))


# --- what was raised ---


@blueprint.get("/buoi/<int:visit_id>/ghi")
@page(Permission.ISSUES)
def raising(visit_id: int) -> str:
    return _raise_form(visit_id, "")


@blueprint.post("/buoi/<int:visit_id>/ghi")
@page(Permission.ISSUES)
def raise_one(visit_id: int) -> tuple[str, int] | Response:
    house, form = services(), request.form
    try:
        with house.write() as connection:
            visit = _visit(connection, visit_id)
            signup_id = form.get("signup", type=int)
            if signup_id is not None and signup_id not in {one.id for one in _places(connection, visit)}:
                raise IssueRefused("Chọn cơ sở trong danh sách của buổi này.")
            made = issues.raised(
                connection, house.oa_id, visit, form.get("text", ""), signup_id, house.calendar, house.now()
            )
            subject = f"issue:{made.id}"
            audit.record(connection, house.oa_id, official().id, "issue_added", subject, house.now())
    except IssueRefused as error:
        return _raise_form(visit_id, str(error)), 400
    flash("Đã ghi vướng mắc. Giao người phụ trách giùm.", "ok")
    if not _sees(made.id):
        return redirect(url_for("visits.one", visit_id=visit_id))
    return redirect(url_for("firms.one", issue_id=made.id))


def _sees(issue_id: int) -> bool:
    """Who only helped to write it down may not see the log."""
    house = services()
    with house.read() as connection:
        sight = issues.sight_of(connection, official())
        return issues.find(connection, house.oa_id, sight, issue_id) is not None


def _raise_form(visit_id: int, error: str) -> str:
    """Names of firms for the team and the head, and that is noted; others choose by the code."""
    house = services()
    with house.write() as connection:
        visit = _visit(connection, visit_id)
        team, _kit = sessions.setup_of(connection, house.oa_id, visit_id)
        places = _places(connection, visit)
        opens = may_open_names(official(), team, visit)
        if opens and places:
            _note(connection, NAMES_OPENED, visit, people=len(places))
    box = house.box(PURPOSE)
    named = [(one, unseal(box, one.who).firm if opens else None) for one in places]
    return render_template(
        "console/issue_new.html",
        visit=visit,
        places=named,
        typed=request.form if error else {},
        longest=issues.LONGEST,
        error=error,
    )


def _places(connection: Connection, visit: Visit) -> list[Signup]:
    every = booking.day_list(connection, services().oa_id, visit.id)
    return [one for one in every if one.state in ("booked", "waiting", "came")]


# --- small parts ---


def _visit(connection: Connection, visit_id: int) -> Visit:
    found = sessions.visit(connection, services().oa_id, visit_id)
    if found is None or found.kind != firms.KIND:
        abort(404)
    return found


def _name(connection: Connection, visit: Visit) -> str:
    programme = _programmes(connection).get(visit.programme)
    return programme.name if programme else visit.programme


def _programmes(connection: Connection) -> dict[str, Programme]:
    return programmes_of(connection, services().oa_id, services().programme_files)


def _note(connection: Connection, action: str, visit: Visit, **detail: Any) -> None:
    house = services()
    audit.record(
        connection, house.oa_id, official().id, action, f"visit:{visit.id}", house.now(), None, **detail
    )


def _lines(text: str) -> list[str]:
    return [line.strip()[:120] for line in text.splitlines() if line.strip()]
