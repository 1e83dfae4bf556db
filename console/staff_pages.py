"""Officials and their roles."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.access import official, page
from console.services import services
from knowledge.schema import FIELDS
from ward import audit, staff
from ward.staff import NewOfficial, Official, Permission, StaffRefused

blueprint = Blueprint("staff", __name__, url_prefix="/can-bo")


@blueprint.get("")
@page(Permission.STAFF)
def listing() -> str:
    house = services()
    with house.read() as connection:
        people = staff.everyone(connection, house.oa_id)
    return render_template("console/staff.html", people=people)


@blueprint.get("/them")
@page(Permission.STAFF)
def new() -> str:
    return _form(None, NewOfficial(""), "")


@blueprint.post("/them")
@page(Permission.STAFF)
def add() -> tuple[str, int] | str:
    house, typed, username = services(), _typed(), request.form.get("username", "")
    try:
        with house.write() as connection:
            made, password = staff.add(connection, house.oa_id, official(), username, typed, house.now())
    except StaffRefused as error:
        return _form(None, typed, username, str(error)), 400
    return render_template("console/one_time.html", made=made, password=password, fresh=True)


@blueprint.get("/<int:staff_id>")
@page(Permission.STAFF)
def one(staff_id: int) -> str:
    target = _found(staff_id)
    return _form(target, _as_typed(target), target.username)


@blueprint.post("/<int:staff_id>")
@page(Permission.STAFF)
def save(staff_id: int) -> tuple[str, int] | Response:
    house, target, typed = services(), _found(staff_id), _typed()
    try:
        with house.write() as connection:
            staff.change(connection, house.oa_id, official(), staff_id, typed, house.now())
    except StaffRefused as error:
        return _form(target, typed, target.username, str(error)), 400
    flash(f"Đã lưu thông tin của {typed.name.strip()}.", "ok")
    return redirect(url_for("staff.listing"))


@blueprint.post("/<int:staff_id>/mat-khau")
@page(Permission.STAFF)
def reset(staff_id: int) -> tuple[str, int] | str:
    house, target = services(), _found(staff_id)
    try:
        with house.write() as connection:
            password = staff.reset_password(connection, house.oa_id, official(), staff_id, house.now())
    except StaffRefused as error:
        return _form(target, _as_typed(target), target.username, str(error)), 400
    return render_template("console/one_time.html", made=target, password=password, fresh=False)


@blueprint.post("/<int:staff_id>/ngung")
@page(Permission.STAFF)
def deactivate(staff_id: int) -> tuple[str, int] | Response:
    house, target = services(), _found(staff_id)
    try:
        with house.write() as connection:
            staff.deactivate(connection, house.oa_id, official(), staff_id, _reason(), house.now())
    except StaffRefused as error:
        return _form(target, _as_typed(target), target.username, str(error)), 400
    flash(f"Đã ngừng tài khoản của {target.name}. Việc đã làm vẫn còn trong nhật ký.", "ok")
    return redirect(url_for("staff.listing"))


@blueprint.post("/<int:staff_id>/mo-lai")
@page(Permission.STAFF)
def reactivate(staff_id: int) -> tuple[str, int] | str:
    house, target = services(), _found(staff_id)
    try:
        with house.write() as connection:
            password = staff.reactivate(connection, house.oa_id, official(), staff_id, _reason(), house.now())
    except StaffRefused as error:
        return _form(target, _as_typed(target), target.username, str(error)), 400
    return render_template("console/one_time.html", made=target, password=password, fresh=False)


@blueprint.post("/<int:staff_id>/bo-noi-zalo")
@page(Permission.STAFF)
def unlink(staff_id: int) -> tuple[str, int] | Response:
    house, target = services(), _found(staff_id)
    try:
        with house.write() as connection:
            staff.unlink_zalo(connection, official(), staff_id, house.now())
    except StaffRefused as error:
        return _form(target, _as_typed(target), target.username, str(error)), 400
    flash(f"Đã bỏ nối Zalo của {target.name}.", "ok")
    return redirect(url_for("staff.one", staff_id=staff_id))


def _reason() -> str:
    reason = " ".join(request.form.get("reason", "").split())
    if len(reason) < 5:
        raise StaffRefused("Ghi lý do (ít nhất vài chữ) để người sau còn hiểu.")
    return reason


def _found(staff_id: int) -> Official:
    house = services()
    with house.read() as connection:
        target = staff.find(connection, house.oa_id, staff_id)
    if target is None:
        abort(404)
    return target


def _typed() -> NewOfficial:
    form = request.form
    return NewOfficial(
        name=form.get("name", ""),
        title=form.get("title", ""),
        roles=tuple(form.getlist("roles")),
        fields=tuple(form.getlist("fields")),
        khoms=tuple(form.getlist("khoms")),
        email=form.get("email") or None,
    )


def _as_typed(target: Official) -> NewOfficial:
    return NewOfficial(
        target.name,
        target.title,
        tuple(target.roles),
        tuple(target.fields),
        tuple(target.khoms),
        target.email,
    )


def _form(target: Official | None, typed: NewOfficial, username: str, error: str = "") -> str:
    house = services()
    with house.read() as connection:
        refused = {
            role: staff.refusal(connection, official(), target, {*(target.roles if target else ()), role})
            for role in staff.ROLES
        }
        locked = staff.refusal(connection, official(), target, None) if target else None
        history = _history(connection, target.username) if target else []
    return render_template(
        "console/staff_form.html",
        target=target,
        typed=typed,
        username=username,
        error=error,
        roles=staff.ROLES,
        role_help=staff.ROLE_HELP,
        refused=refused,
        locked=locked,
        fields=FIELDS,
        khoms=[khom.name for khom in house.profile.khom],
        history=history,
    )


def _history(connection: Any, username: str) -> list[audit.Line]:
    oa_id = services().oa_id
    return audit.lines(connection, oa_id, audit.Filter(subject=username), limit=15)
