"""Looking at a case: the page, who else has it open, its pictures, the citizen's telephone number."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, request
from sqlalchemy import Connection

from console import case_view, casework
from console.access import official, page
from console.services import services
from store.secrets import SecretsUnreadable
from ward import audit, photos
from ward.cases import find, views
from ward.cases.work import Case, NoSuchCase, load
from ward.staff import Permission, scope_of

blueprint = Blueprint("case", __name__)


@blueprint.get("/phieu/<code>")
@page(Permission.CASES_READ)
def show(code: str) -> str:
    house, me = services(), official()
    with house.read() as connection:
        case = casework.the_case(connection, code)
        typed = case_view.Typed(
            tab="note" if request.args.get("muc") == "ghi-chu" else "reply",
            entry=request.args.get("the", ""),
        )
        shown = case_view.render(connection, case, typed)
    if me.may(Permission.CASES_WORK):
        with house.write() as connection:
            views.look(connection, case.id, me.id, False, house.now())
    return shown


@blueprint.get("/phieu/<code>/dang-mo")
@page(Permission.CASES_WORK, background=True)
def presence(code: str) -> str:
    """Who else is here, and whether something changed; asked for by the page itself."""
    house, me, now = services(), official(), services().now()
    with house.write() as connection:
        case = casework.the_case(connection, code)
        views.look(connection, case.id, me.id, request.args.get("viet") == "1", now)
        lookers = views.viewers(connection, [case.id], now, me.id)[case.id]
    changed = request.args.get("version", type=int) != case.version
    return render_template("console/_presence.html", case=case, lookers=lookers, changed=changed)


@blueprint.post("/phieu/<code>/so-dien-thoai")
@page(Permission.CASES_WORK)
def phone(code: str) -> str:
    """The number the citizen left; written down before it is shown."""
    house, me = services(), official()
    with house.write() as connection:
        case = casework.the_case(connection, code)
        number = phone_of(connection, case)
    return render_template("console/phone.html", case=case, number=number, me=me)


def phone_of(connection: Connection, case: Case) -> str:
    """Opened for the official signed in, with a line in the log."""
    house = services()
    if case.contact is None:
        abort(404)
    audit.record(connection, house.oa_id, official().id, "phone_opened", case.code, house.now())
    try:
        return house.box("personal").open_text(case.contact)
    except SecretsUnreadable:
        return ""


@blueprint.get("/anh/<token>")
@page(Permission.CASES_READ)
def picture(token: str) -> Response:
    """A picture of a case, to whoever may see the case."""
    house, scope = services(), scope_of(official())
    with house.read() as connection:
        case_id = photos.case_of(connection, house.oa_id, token)
        if case_id is None or not _visible(connection, case_id, scope):
            abort(404)
        photo = photos.read(connection, house.box("photos"), house.oa_id, token)
    if photo is None:
        abort(404)
    answer = make_response(photo.jpeg)
    answer.headers["Content-Type"] = "image/jpeg"
    answer.headers["Content-Disposition"] = 'inline; filename="anh.jpg"'
    return answer


def _visible(connection: Connection, case_id: int, scope: find.Scope) -> bool:
    try:
        return find.sees(scope, load(connection, services().oa_id, case_id))
    except NoSuchCase:
        return False
