"""Service at home for somebody who called or came: entered by an official, by the rules of the chat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.access import official, page
from console.services import services
from ward import audit, callers
from ward.calendar import local
from ward.callers import CallerRefused
from ward.home import requests
from ward.home.model import HALVES, SERVICES, HomeRefused, NewRequest, Request, Service, Slot, Where, seal
from ward.home.room import free_slots
from ward.khom import khom_named
from ward.programmes.load import programmes_of
from ward.programmes.model import Programme
from ward.staff import Permission
from ward.visits.people import PURPOSE

blueprint = Blueprint("home_entry", __name__, url_prefix="/tai-nha/ghi-giup")

KINDS: Final[dict[str, tuple[Service, ...]]] = {
    "home_certify": ("certify",),
    "home_timed": ("guide", "receive", "return"),
}
KIND_NAMES: Final = {"home_certify": "Chứng thực chữ ký", "home_timed": "Hẹn giờ làm thủ tục"}
SLOTS_SHOWN: Final = 12


@blueprint.get("")
@page(Permission.HOME)
def form() -> str:
    return _page(request.args.get("loai", ""), {}, "")


@blueprint.post("")
@page(Permission.HOME)
def add() -> tuple[str, int] | Response:
    typed = request.form
    try:
        with services().write() as connection:
            made = _ask(connection, typed)
    except (HomeRefused, CallerRefused) as error:
        return _page(typed.get("kind", ""), typed, str(error)), 400
    sure = made.state == "confirmed"
    flash(
        f"Đã ghi hẹn {made.code}. " + ("Hẹn đã chắc." if sure else "Hẹn chờ xác nhận: gọi lại cho họ."), "ok"
    )
    return redirect(url_for("home.one", request_id=made.id))


def _ask(connection: Connection, typed: Mapping[str, str]) -> Request:
    house, now = services(), services().now()
    programme = _offered(connection).get(typed.get("kind", ""))
    if programme is None:
        raise HomeRefused("Hiện không có chương trình phục vụ tại nhà loại này.")
    name, phone = callers.read_who(typed)
    service, box = _service(programme, typed), house.box(PURPOSE)
    today = local(now).date()
    if before := callers.visit_of(connection, house.oa_id, box, service, phone, today):
        raise HomeRefused(f"Số này đang có hẹn {before} còn mở. Mở hẹn đó để đổi giờ hoặc hủy trước giùm.")
    where = Where(name, phone, _address(typed))
    new = NewRequest(
        programme.key,
        service,
        _slot(typed),
        None,
        seal(box, where),
        _group(programme, typed),
        programme.procedures[0] if programme.procedures else None,
        _hour(programme, typed),
        _khom(typed, where.address or ""),
    )
    made = requests.ask(connection, house.oa_id, new, programme, house.calendar, now)
    _note(connection, made, typed)
    if typed.get("sure") != "yes":
        return made
    return requests.confirm(connection, house.oa_id, made, programme, house.calendar, now, tell=False)


def _note(connection: Connection, made: Request, typed: Mapping[str, str]) -> None:
    house = services()
    subject, trace = f"home:{made.id}", callers.traces(typed)
    audit.record(
        connection, house.oa_id, official().id, "home_added", subject, house.now(), code=made.code, **trace
    )


# --- what is typed ---


def _service(programme: Programme, typed: Mapping[str, str]) -> Service:
    found = [one for one in KINDS[programme.kind] if one == typed.get("service")]
    if not found and len(KINDS[programme.kind]) > 1:
        raise HomeRefused("Chọn việc cần làm.")
    return found[0] if found else KINDS[programme.kind][0]


def _group(programme: Programme, typed: Mapping[str, str]) -> str | None:
    """As they say it of themselves; no paper is asked for."""
    if not programme.groups:
        return None
    group = typed.get("group", "")
    if group not in {one.key for one in programme.groups}:
        raise HomeRefused(
            "Chọn diện được phục vụ (người dân tự khai). Không thuộc diện nào thì mời tới quầy, "
            "ghi tên lưu động hoặc hẹn giờ tại nhà."
        )
    return group


def _slot(typed: Mapping[str, str]) -> Slot:
    day, _, half = typed.get("slot", "").partition("/")
    try:
        chosen = date.fromisoformat(day)
    except ValueError as error:
        raise HomeRefused("Chọn buổi hẹn.") from error
    return Slot(chosen, "pm" if half == "pm" else "am")


def _hour(programme: Programme, typed: Mapping[str, str]) -> str | None:
    return typed.get("hour", "").strip()[:20] or None if programme.kind == "home_timed" else None


def _address(typed: Mapping[str, str]) -> str:
    address = " ".join(typed.get("address", "").split())
    if len(address) < callers.SHORTEST_ADDRESS:
        raise HomeRefused("Ghi địa chỉ nhà để cán bộ tới được.")
    return address[:200]


def _khom(typed: Mapping[str, str], address: str) -> str | None:
    profile = services().profile
    chosen = typed.get("khom", "")
    return chosen if chosen in {one.name for one in profile.khom} else khom_named(address, profile)


# --- the page ---


def _page(kind: str, typed: Mapping[str, str], error: str) -> str:
    house, now = services(), services().now()
    with house.read() as connection:
        offered = _offered(connection)
        kind = kind if kind in offered else next(iter(offered), "")
        free = (
            free_slots(connection, house.oa_id, offered[kind], house.calendar, now, SLOTS_SHOWN)
            if kind
            else []
        )
    return render_template(
        "console/home_entry.html",
        kind=kind,
        kind_names={key: KIND_NAMES[key] for key in offered},
        programme=offered.get(kind),
        services=[(one, SERVICES[one]) for one in KINDS.get(kind, ())],
        free=free,
        halves=HALVES,
        khoms=house.profile.khom,
        ways=callers.WAYS,
        typed=typed,
        error=error,
    )


def _offered(connection: Connection) -> dict[str, Programme]:
    """The programme that runs, of each kind: the same one that the chat offers."""
    house, today = services(), local(services().now()).date()
    running = [
        one
        for one in programmes_of(connection, house.oa_id, house.programme_files).values()
        if one.kind in KINDS and one.in_force(today)
    ]
    return {kind: next(one for one in running if one.kind == kind) for kind in KINDS if _any(running, kind)}


def _any(running: list[Programme], kind: str) -> bool:
    return any(one.kind == kind for one in running)
