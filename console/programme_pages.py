"""Programmes (mô hình): what runs, its days, its list, who is there, what clashes; edited with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import islice
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console import programme_forms as forms
from console import programme_parts as parts
from console.access import official, page
from console.services import services
from ward import audit
from ward.calendar import local
from ward.programmes import changes, duties, ending, lists, todo
from ward.programmes.changes import ChangeRefused, subject
from ward.programmes.clashes import clashes
from ward.programmes.days import service_days
from ward.programmes.duties import DutyRefused
from ward.programmes.lists import ListRefused
from ward.programmes.load import programmes_of
from ward.programmes.model import Programme
from ward.programmes.todo import TodoRefused
from ward.staff import Permission
from ward.visits import booking, figures

blueprint = Blueprint("programmes", __name__, url_prefix="/mo-hinh")
DAYS_SHOWN = 8
CLASH_DAYS = 28
Answer = str | tuple[str, int] | Response


@blueprint.get("")
@page(Permission.PROGRAMMES)
def listing() -> str:
    return _listing()


@blueprint.post("/viec/<int:task_id>")
@page(Permission.PROGRAMMES_EDIT)
def settle(task_id: int) -> Answer:
    """Something to see to is ticked off, with a note."""
    house, me, note = services(), official(), request.form.get("note", "")
    try:
        with house.write() as connection:
            done = todo.settle(connection, house.oa_id, task_id, me.id, me.name, note, house.now())
    except TodoRefused as error:
        return _listing(str(error), task_id), 400
    flash(f"Đã ghi lo xong: {done.title}.", "ok")
    return redirect(url_for("programmes.listing", _anchor="todo"))


def _listing(error: str = "", at: int = 0) -> str:
    """`at`: the task whose note could not be taken."""
    house, day = services(), _today()
    with house.read() as connection:
        waits = todo.waiting(connection, house.oa_id)
        settled = todo.settled(connection, house.oa_id, house.now())
        found = list(programmes_of(connection, house.oa_id, house.programme_files).values())
    groups = (
        ("Đang chạy", [one for one in found if one.in_force(day)]),
        ("Sắp bắt đầu", [one for one in found if not one.in_force(day) and not one.has_ended(day)]),
        ("Đã kết thúc", [one for one in found if one.has_ended(day)]),
    )
    soon = {one.key for one in found if ending.ends_soon(one, day)}
    return render_template(
        "console/programmes.html",
        groups=groups,
        soon=soon,
        kinds=forms.KINDS,
        waits=waits,
        settled=settled,
        error=error,
        at=at,
        typed=request.form.get("note", ""),
    )


@blueprint.get("/trung-lich")
@page(Permission.PROGRAMMES)
def clash_list() -> str:
    house = services()
    with house.read() as connection:
        programmes = programmes_of(connection, house.oa_id, house.programme_files)
        found = clashes(connection, house.oa_id, programmes, house.calendar, _today(), CLASH_DAYS)
    by_day: dict[date, list[Any]] = {}
    for clash in found:
        by_day.setdefault(clash.day, []).append(clash)
    return render_template("console/programme_clashes.html", by_day=by_day, days=CLASH_DAYS)


@blueprint.get("/them")
@page(Permission.PROGRAMMES_EDIT)
def new() -> str:
    return _form(None, forms.shown(None), {})


@blueprint.post("/them")
@page(Permission.PROGRAMMES_EDIT)
def add() -> Answer:
    house, typed = services(), request.form
    kind = typed.get("kind", "")
    if (again := _not_yet(None)) is not None:
        return again
    data = {**forms.read(typed, kind), "kind": kind, "key": typed.get("key", "").strip()}
    data |= _parts_read(kind, None)
    data |= {"weekdays": typed.getlist("weekdays"), "needs_list": "needs_list" in typed}
    try:
        with house.write() as connection:
            _check_parts(connection, None)
            made = changes.create(
                connection, house.oa_id, house.programme_files, data, official().id, _reason(), house.now()
            )
    except ChangeRefused as error:
        return _form(None, typed, data, str(error)), 400
    flash(f"Đã thêm mô hình {made.name}.", "ok")
    return redirect(url_for("programmes.one", key=made.key))


@blueprint.get("/<key>")
@page(Permission.PROGRAMMES)
def one(key: str) -> str:
    return _one(key)


@blueprint.get("/<key>/in")
@page(Permission.PROGRAMMES)
def printed(key: str) -> str:
    return _one(key, template="console/programme_print.html")


@blueprint.get("/<key>/sua")
@page(Permission.PROGRAMMES_EDIT)
def edit(key: str) -> str:
    programme = _found(key)
    return _form(programme, forms.shown(programme), {"weekdays": programme.weekdays})


@blueprint.post("/<key>/sua")
@page(Permission.PROGRAMMES_EDIT)
def save(key: str) -> Answer:
    house, programme, typed = services(), _found(key), request.form
    if (again := _not_yet(programme)) is not None:
        return again
    data = {**forms.read(typed, programme.kind, programme), "weekdays": typed.getlist("weekdays")}
    data |= _parts_read(programme.kind, programme)
    try:
        with house.write() as connection:
            _check_parts(connection, programme)
            changed = changes.change(
                connection,
                house.oa_id,
                house.programme_files,
                key,
                data,
                official().id,
                _reason(),
                house.now(),
            )
    except ChangeRefused as error:
        return _form(programme, typed, data, str(error)), 400
    flash("Đã lưu mô hình." if changed else "Không có gì thay đổi.", "ok")
    return redirect(url_for("programmes.one", key=key))


@blueprint.post("/<key>/tra-ve")
@page(Permission.PROGRAMMES_EDIT)
def restore(key: str) -> Answer:
    def doing(connection: Connection, oa_id: str) -> str:
        files = services().programme_files
        done = changes.restore(connection, oa_id, files, key, official().id, _reason(), services().now())
        return "Đã trả về bản gốc của phường." if done else "Mô hình này chưa bị sửa."

    return _do(key, doing)


@blueprint.post("/<key>/danh-muc")
@page(Permission.PROGRAMMES_EDIT)
def load_list(key: str) -> Answer:
    """The file is looked at first; it is loaded when the same form comes back with a reason."""
    house, programme = services(), _found(key)
    upload = request.files.get("file")
    text = (
        upload.read(lists.LARGEST + 1)
        if upload and upload.filename
        else request.form.get("text", "").encode()
    )
    library = house.library()
    try:
        read = lists.read_list(text, lambda code: [entry.key for entry in library.by_code(code)])
        if "load" not in request.form:
            return _preview(programme, read, text)
        with house.write() as connection:
            lists.store_list(connection, house.oa_id, programme, read, official().id, _reason(), house.now())
    except (ListRefused, ChangeRefused) as error:
        return _one(key, str(error)), 400
    flash(f"Đã nạp {len(read.listed)} thủ tục.", "ok")
    return redirect(url_for("programmes.one", key=key))


@blueprint.post("/<key>/truc")
@page(Permission.PROGRAMMES_EDIT)
def assign(key: str) -> Answer:
    def doing(connection: Connection, oa_id: str) -> str:
        form = request.form
        try:
            day = date.fromisoformat(form.get("day", ""))
        except ValueError as error:
            raise DutyRefused("Chọn ngày trực.") from error
        role, name, me = form.get("role", ""), form.get("name", ""), official().id
        new = duties.assign(connection, oa_id, day, key, role, name, me, services().now())
        return "Đã phân công." if new else "Người này đã được phân công rồi."

    return _do(key, doing)


@blueprint.post("/<key>/truc/<int:duty_id>/bo")
@page(Permission.PROGRAMMES_EDIT)
def unassign(key: str, duty_id: int) -> Answer:
    def doing(connection: Connection, oa_id: str) -> str:
        done = duties.remove(connection, oa_id, duty_id, official().id, services().now())
        return "Đã bỏ phân công." if done else "Phân công này không còn."

    return _do(key, doing)


def _do(key: str, doing: Callable[[Connection, str], str]) -> Answer:
    """One action on a programme; what is refused is said above the page."""
    house = services()
    _found(key)
    try:
        with house.write() as connection:
            words = doing(connection, house.oa_id)
    except (ChangeRefused, DutyRefused) as error:
        return _one(key, str(error)), 400
    flash(words, "ok")
    return redirect(url_for("programmes.one", key=key))


def _period(today: date) -> tuple[date, date, str]:
    """?tu=…&den=…: the days the figures are of; this quarter without them. The text says what is wrong."""
    first, last = figures.this_quarter(today)
    asked = request.args
    try:
        typed_first = date.fromisoformat(asked["tu"]) if asked.get("tu") else first
        typed_last = date.fromisoformat(asked["den"]) if asked.get("den") else last
    except ValueError:
        return first, last, "Chọn lại ngày. Số dưới đây là của quý này."
    if typed_first > typed_last:
        return first, last, "“Từ ngày” phải trước “tới ngày”. Số dưới đây là của quý này."
    return typed_first, typed_last, ""


def _one(key: str, error: str = "", template: str = "console/programme.html") -> str:
    house, programme, day = services(), _found(key), _today()
    first, last, strange = _period(day)
    counts = programme.kind == "same_day" and programme.sessions is not None
    days = (
        list(islice(service_days(programme, house.calendar, day), DAYS_SHOWN)) if programme.weekdays else []
    )
    with house.read() as connection:
        listed = lists.procedures_of(connection, house.oa_id, programme)
        roster = duties.on_days(connection, house.oa_id, day, day + timedelta(days=60))
        history = audit.lines(connection, house.oa_id, audit.Filter(subject=subject(key)), limit=30)
        changed = changes.is_changed(connection, house.oa_id, key) and key in house.programme_files
        told = figures.in_day(connection, house.oa_id, key, first, last) if counts else None
    return render_template(
        template,
        one=programme,
        shown=forms.shown(programme),
        fields=forms.FIELDS,
        kinds=forms.KINDS,
        day_names=forms.DAYS,
        days=days,
        listed=listed,
        state=lists.list_state(programme, listed),
        roster=[duty for duty in roster if duty.programme == key],
        roles=duties.ROLES,
        history=history,
        labels=parts.LABELS,
        setup=parts.summary(programme),
        changed=changed,
        in_force=programme.in_force(day),
        ended=programme.has_ended(day),
        soon=ending.ends_soon(programme, day),
        told=told,
        strange=strange,
        error=error,
    )


def _preview(programme: Programme, read: lists.ListRead, data: bytes) -> Answer:
    try:
        lists.check_count(programme, read)
        refused = ""
    except ListRefused as error:
        refused = str(error)
    text = data.decode("utf-8-sig")
    page_ = render_template(
        "console/programme_list.html", one=programme, read=read, refused=refused, text=text
    )
    return (page_, 400) if refused else page_


def _form(programme: Programme | None, typed: Any, data: dict[str, Any], error: str = "") -> str:
    library, again = services().library(), "topics_count" in request.form
    held = parts.of_form(request.form) if again else parts.of_programme(programme)
    boxes = [(parts.PROCEDURES, held.find), *((f"topic_{n}", row.find) for n, row in enumerate(held.topics))]
    kind = programme.kind if programme else data.get("kind", "same_day")
    return render_template(
        "console/programme_form.html",
        one=programme,
        typed=typed,
        chosen=data.get("weekdays", ()),
        kind=kind,
        fields=forms.FIELDS,
        kinds=forms.KINDS,
        day_names=forms.DAYS,
        error=error,
        held=held,
        found={name: parts.search(library, words) for name, words in boxes},
        name_of=lambda key: library.name_of(key) or key,
        session_fields=parts.SESSION_FIELDS,
        sessions_shown=programme is None or parts.shows_sessions(kind, programme),
        topics_shown=programme is None or kind in parts.TOPIC_KINDS or programme.topics,
        groups_shown=programme is None or kind in parts.GROUP_KINDS or programme.groups,
    )


def _not_yet(programme: Programme | None) -> Answer | None:
    """A search, or one more line: the form comes back as it was typed, and nothing is saved."""
    typed = request.form
    doing = typed.get("do", "save")
    if doing == "save" and not parts.of_form(typed).unsought:
        return None
    data = {"weekdays": typed.getlist("weekdays"), "kind": typed.get("kind", "same_day")}
    return _form(programme, typed, data)


def _parts_read(kind: str, before: Programme | None) -> dict[str, Any]:
    """Nothing when the form was sent without these parts."""
    typed = request.form
    return parts.read(parts.of_form(typed), kind, before) if "topics_count" in typed else {}


def _check_parts(connection: Connection, before: Programme | None) -> None:
    if "topics_count" not in request.form:
        return
    typed, house = parts.of_form(request.form), services()
    if strange := parts.unknown(house.library(), typed, before):
        raise ChangeRefused(f"Cẩm nang không có thủ tục mang mã: {', '.join(strange)}.")
    if before is None:
        return
    kept = {row.key for row in typed.topics if not row.drop}
    gone = {topic.key for topic in before.topics} - kept
    used = booking.topics_in_use(connection, house.oa_id, before.key)
    names = [topic.name for topic in before.topics if topic.key in gone & used]
    if names:
        raise ChangeRefused(
            f"Chưa bỏ được việc {', '.join(names)}: còn người đã ghi tên trong buổi sắp tới. "
            "Đợi xong buổi, hoặc sửa tên việc."
        )


def _found(key: str) -> Programme:
    house = services()
    with house.read() as connection:
        programme = programmes_of(connection, house.oa_id, house.programme_files).get(key)
    if programme is None:
        abort(404)
    return programme


def _reason() -> str:
    reason = " ".join(request.form.get("reason", "").split())
    if len(reason) < changes.LEAST_REASON:
        raise ChangeRefused("Ghi lý do (ít nhất vài chữ) để người sau còn hiểu.")
    return reason


def _today() -> date:
    return local(services().now()).date()
