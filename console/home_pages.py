"""Service at home: what waits to be confirmed, one request, the route of a day with sheets to print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.access import official, page
from console.services import services
from ward import audit
from ward.calendar import VIET_NAM, local
from ward.home import requests
from ward.home.model import HALVES, OPEN_STATES, SERVICES, STATES, Half, HomeRefused, Request, Slot
from ward.home.room import capacity, check_serves, confirm_by, free_slots, taken
from ward.programmes.load import programmes_of
from ward.programmes.model import Programme
from ward.staff import Permission
from ward.visits.people import PURPOSE

blueprint = Blueprint("home", __name__, url_prefix="/tai-nha")

AHEAD = timedelta(days=30)
ADDRESS_OPENED = "home_address_opened"
SLOTS_SHOWN = 6


@blueprint.get("")
@page(Permission.HOME)
def listing() -> str:
    """To confirm first, then the days to come; the last 30 days with ?qua=1. No names, no addresses."""
    house, today, past = services(), local(services().now()).date(), bool(request.args.get("qua"))
    first, last = (today - AHEAD, today) if past else (today, today + AHEAD)
    with house.read() as connection:
        waits = requests.waiting(connection, house.oa_id)
        found = requests.between(connection, house.oa_id, first, last)
        programmes = _programmes(connection)
    days: dict[date, list[Request]] = {}
    for one in found:
        if one.state != "asked":
            days.setdefault(one.day, []).append(one)
    return render_template(
        "console/home.html",
        waits=[(one, confirm_by(one.day, house.calendar)) for one in waits],
        days=days,
        programmes=programmes,
        past=past,
        halves=HALVES,
        states=STATES,
        kinds=SERVICES,
    )


@blueprint.get("/ngay/<day>")
@page(Permission.HOME)
def route(day: str) -> str:
    """Addresses of a day for those who go there; every look is noted. Prints as one sheet for each visit."""
    house, chosen = services(), _day(day)
    with house.write() as connection:
        found = requests.route(connection, house.oa_id, chosen)
        box = house.box(PURPOSE)
        rows = [(one, requests.where_of(connection, house.oa_id, box, one.id)) for one in found]
        programmes = _programmes(connection)
        audit.record(
            connection,
            house.oa_id,
            official().id,
            ADDRESS_OPENED,
            f"home_day:{chosen}",
            house.now(),
            visits=len(rows),
        )
    return render_template(
        "console/home_route.html",
        day=chosen,
        rows=rows,
        programmes=programmes,
        halves=HALVES,
        states=STATES,
        kinds=SERVICES,
        group=_group,
        procedure=_procedure,
        opened_at=house.now(),
    )


@blueprint.get("/<int:request_id>")
@page(Permission.HOME)
def one(request_id: int) -> str:
    return _page(request_id)


@blueprint.post("/<int:request_id>/dia-chi")
@page(Permission.HOME)
def address(request_id: int) -> str:
    """The address, to call and confirm; noted."""
    house = services()
    with house.write() as connection:
        _found(connection, request_id)
        audit.record(
            connection, house.oa_id, official().id, ADDRESS_OPENED, _subject(request_id), house.now()
        )
    return _page(request_id, opened=True)


@blueprint.post("/<int:request_id>/nhan")
@page(Permission.HOME)
def confirm(request_id: int) -> tuple[str, int] | Response:
    def change(connection: Connection, mine: Request) -> str:
        house = services()
        requests.confirm(
            connection, house.oa_id, mine, _programme(connection, mine), house.calendar, house.now()
        )
        return "Đã nhận hẹn và báo cho người dân."

    return _do(request_id, "home_confirmed", change)


@blueprint.post("/<int:request_id>/gio-khac")
@page(Permission.HOME)
def propose(request_id: int) -> tuple[str, int] | Response:
    def change(connection: Connection, mine: Request) -> str:
        house, form = services(), request.form
        half: Half | None = next((half for half in HALVES if half == form.get("half")), None)
        if half is None:
            raise HomeRefused("Chọn buổi sáng hoặc buổi chiều.")
        slot = Slot(_date_typed(form.get("day", "")), half)
        hour = form.get("hour", "").strip()[:20] or None
        programme, reason = _programme(connection, mine), form.get("reason", "")
        requests.propose(
            connection, house.oa_id, mine, programme, slot, hour, reason, house.calendar, house.now()
        )
        return "Đã gửi giờ đề nghị. Người dân bấm nhận hoặc hủy."

    return _do(request_id, "home_proposed", change)


@blueprint.post("/<int:request_id>/khong-nhan")
@page(Permission.HOME)
def decline(request_id: int) -> tuple[str, int] | Response:
    def change(connection: Connection, mine: Request) -> str:
        house = services()
        requests.decline(connection, house.oa_id, mine, request.form.get("reason", ""), house.now())
        return "Đã báo không nhận, kèm lý do."

    return _do(request_id, "home_declined", change)


@blueprint.post("/<int:request_id>/dan-nhan")
@page(Permission.HOME)
def accepted(request_id: int) -> tuple[str, int] | Response:
    """The proposed time is taken by somebody who has no account to press the button with."""

    def change(connection: Connection, mine: Request) -> str:
        house = services()
        _by_telephone(mine)
        begins = check_serves(_programme(connection, mine), mine.slot, house.calendar)
        requests.accept(connection, house.oa_id, mine, begins, house.now())
        return "Đã ghi người dân nhận giờ này."

    return _do(request_id, "home_accepted", change)


@blueprint.post("/<int:request_id>/dan-huy")
@page(Permission.HOME)
def given_up(request_id: int) -> tuple[str, int] | Response:
    def change(connection: Connection, mine: Request) -> str:
        house = services()
        _by_telephone(mine)
        requests.cancel(connection, house.oa_id, mine, house.now())
        return "Đã hủy hẹn theo lời người dân."

    return _do(request_id, "home_given_up", change)


@blueprint.post("/<int:request_id>/ket-qua")
@page(Permission.HOME)
def done(request_id: int) -> tuple[str, int] | Response:
    def change(connection: Connection, mine: Request) -> str:
        house, form = services(), request.form
        at = _moment_typed(mine.day, form.get("clock", ""))
        place, words = form.get("place", ""), form.get("result", "")
        requests.done(connection, house.oa_id, house.box(PURPOSE), mine, at, place, words, house.now())
        return "Đã ghi kết quả."

    return _do(request_id, "home_done", change)


@blueprint.post("/<int:request_id>/khong-lam")
@page(Permission.HOME)
def not_done(request_id: int) -> tuple[str, int] | Response:
    def change(connection: Connection, mine: Request) -> str:
        house = services()
        requests.not_done(connection, house.oa_id, mine, request.form.get("reason", ""), house.now())
        return "Đã ghi không thực hiện."

    return _do(request_id, "home_not_done", change)


# --- small parts ---


def _do(
    request_id: int, action: str, change: Callable[[Connection, Request], str]
) -> tuple[str, int] | Response:
    """One transaction; what cannot be done is said on the page, and nothing typed is lost."""
    house = services()
    try:
        with house.write() as connection:
            mine = _found(connection, request_id)
            if str(mine.version) != request.form.get("version", ""):
                raise HomeRefused("Phiếu này vừa được người khác sửa. Coi lại rồi làm lại giùm.")
            told = change(connection, mine)
            audit.record(
                connection,
                house.oa_id,
                official().id,
                action,
                _subject(request_id),
                house.now(),
                code=mine.code,
            )
    except HomeRefused as error:
        return _page(request_id, str(error)), 400
    flash(told, "ok")
    return redirect(url_for("home.one", request_id=request_id))


def _page(request_id: int, error: str = "", opened: bool = False) -> str:
    house = services()
    with house.read() as connection:
        mine = _found(connection, request_id)
        programme = _programmes(connection).get(mine.programme)
        box = house.box(PURPOSE)
        where = requests.where_of(connection, house.oa_id, box, mine.id) if opened else None
        now = house.now()
        free = (
            free_slots(connection, house.oa_id, programme, house.calendar, now, SLOTS_SHOWN)
            if programme
            else []
        )
        used = taken(connection, house.oa_id, mine.programme, mine.day, mine.day).get(mine.slot, 0)
        history = audit.lines(connection, house.oa_id, audit.Filter(subject=_subject(request_id)), limit=15)
    return render_template(
        "console/home_one.html",
        one=mine,
        programme=programme,
        where=where,
        free=free,
        used=used,
        room=capacity(programme) if programme else 0,
        by=confirm_by(mine.day, house.calendar),
        error=error,
        typed=request.form if error else {},
        open=mine.state in OPEN_STATES,
        history=history,
        halves=HALVES,
        states=STATES,
        kinds=SERVICES,
        group=_group,
        procedure=_procedure,
    )


def _found(connection: Connection, request_id: int) -> Request:
    found = requests.find(connection, services().oa_id, request_id)
    if found is None:
        abort(404)
    return found


def _programme(connection: Connection, mine: Request) -> Programme:
    found = _programmes(connection).get(mine.programme)
    if found is None:
        raise HomeRefused("Chương trình của hẹn này không còn trong phường.")
    return found


def _programmes(connection: Connection) -> dict[str, Programme]:
    return programmes_of(connection, services().oa_id, services().programme_files)


def _by_telephone(mine: Request) -> None:
    if mine.person_id is not None:
        raise HomeRefused("Hẹn này đặt qua Zalo: người dân tự bấm nhận hoặc hủy.")


def _group(programme: Programme | None, key: str | None) -> str | None:
    groups = programme.groups if programme else ()
    return next((group.name for group in groups if group.key == key), key)


def _procedure(key: str | None) -> str | None:
    return services().library().name_of(key) if key else None


def _subject(request_id: int) -> str:
    return f"home:{request_id}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


def _date_typed(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise HomeRefused("Chọn ngày.") from error


def _moment_typed(day: date, clock: str) -> datetime:
    try:
        hour, minute = (int(part) for part in clock.split(":")[:2])
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIET_NAM)
    except ValueError as error:
        raise HomeRefused("Ghi giờ và phút thực hiện, ví dụ 08:47.") from error
