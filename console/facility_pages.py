"""Private health facilities: the list with its filters, one facility, files in and out, the report."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response as AnyResponse

from console.access import official, page
from console.facility_panel import PURPOSE, questions_of
from console.services import services
from store.schema import facility_people
from ward import audit, facilities, facility_dates, facility_report
from ward.calendar import local
from ward.cases.exchange import ImportRefused
from ward.cases.model import STATES
from ward.duties import all_duties, duties_of
from ward.facilities import KINDS, Facility, FacilityRefused, NewFacility, Wanted, Who
from ward.facility_files import COLUMNS, LARGEST, export_csv, import_csv, read_day
from ward.staff import Permission

blueprint = Blueprint("facility", __name__, url_prefix="/co-so-y-te")
SOON = timedelta(days=90)
QUESTIONS = 30


@blueprint.get("")
@page(Permission.FACILITIES)
def listing() -> str:
    house, today = services(), _today()
    wanted = _wanted(today)
    with house.read() as connection:
        found = facilities.listing(connection, house.oa_id, wanted)
        papers = facility_dates.papers(connection, house.oa_id, [one.id for one in found])
        waiting = _waiting(connection)
        khoms = sorted({one.khom for one in facilities.listing(connection, house.oa_id) if one.khom})
    kept = {name: value for name, value in request.args.items() if value}
    return render_template(
        "console/facilities.html",
        found=found,
        papers=papers,
        waiting=waiting,
        kinds=KINDS,
        khoms=sorted({*khoms, *(khom.name for khom in house.profile.khom)}),
        kept=kept,
        today=today,
    )


def _wanted(today: date) -> Wanted:
    asked = request.args
    return Wanted(
        kind=asked.get("kind", ""),
        khom=asked.get("khom", ""),
        words=asked.get("words", "").strip(),
        no_consent=asked.get("consent") == "no",
        no_account=asked.get("account") == "no",
        expires_before=today + SOON if asked.get("expires") == "soon" else None,
        closed=asked.get("closed") == "yes",
    )


def _waiting(connection: Connection) -> list[Facility]:
    """Facilities of which an account waits to be confirmed."""
    oa_id = services().oa_id
    asked = select(facility_people.c.facility_id).where(
        facility_people.c.oa_id == oa_id, facility_people.c.state == "asked"
    )
    found = (
        facilities.find(connection, oa_id, number)
        for number in connection.execute(asked.distinct()).scalars()
    )
    return [one for one in found if one is not None]


@blueprint.get("/them")
@page(Permission.FACILITIES)
def new() -> str:
    return render_template("console/facility_form.html", **_form(None, NewFacility("", "")))


@blueprint.post("/them")
@page(Permission.FACILITIES)
def add() -> tuple[str, int] | AnyResponse:
    house, typed = services(), _typed()
    consent = facilities.CONSENT if request.form.get("consent") else None
    try:
        with house.write() as connection:
            number = facilities.register(
                connection, house.oa_id, typed, "staff", house.box(PURPOSE), house.now(), consent
            )
            _note(connection, "facility_added", number)
    except FacilityRefused as error:
        return render_template("console/facility_form.html", **_form(None, typed, str(error))), 400
    flash(f"Đã thêm {typed.name.strip()}.", "ok")
    return redirect(url_for("facility.one", facility_id=number))


@blueprint.get("/<int:facility_id>")
@page(Permission.FACILITIES)
def one(facility_id: int) -> str:
    return _page(_found(facility_id))


@blueprint.get("/<int:facility_id>/sua")
@page(Permission.FACILITIES)
def edit(facility_id: int) -> str:
    facility = _found(facility_id)
    return render_template("console/facility_form.html", **_form(facility, _as_typed(facility)))


@blueprint.post("/<int:facility_id>/sua")
@page(Permission.FACILITIES)
def save(facility_id: int) -> tuple[str, int] | AnyResponse:
    house, facility, typed = services(), _found(facility_id), _typed()
    version = request.form.get("version", -1, type=int)
    agreed = bool(request.form.get("consent"))
    try:
        with house.write() as connection:
            active = not request.form.get("closed")
            box = house.box(PURPOSE)
            facilities.change(connection, house.oa_id, facility_id, version, typed, active, box, house.now())
            if agreed != (facility.consent is not None):
                facilities.agreed(connection, house.oa_id, facility_id, version + 1, agreed, house.now())
            _note(connection, "facility_changed", facility_id)
    except FacilityRefused as error:
        return render_template("console/facility_form.html", **_form(facility, typed, str(error))), 400
    flash("Đã lưu.", "ok")
    return redirect(url_for("facility.one", facility_id=facility_id))


@blueprint.post("/<int:facility_id>/giay")
@page(Permission.FACILITIES)
def save_paper(facility_id: int) -> tuple[str, int] | AnyResponse:
    house, facility, form = services(), _found(facility_id), request.form
    kind = form.get("paper", "")
    try:
        issued, expires = read_day(form.get("issued", "")), read_day(form.get("expires", ""))
        with house.write() as connection:
            if form.get("drop"):
                facility_dates.drop(connection, house.oa_id, facility_id, kind, house.now())
            else:
                number = form.get("number", "")
                facility_dates.keep(
                    connection, house.oa_id, facility_id, kind, number, issued, expires, house.now()
                )
            _note(connection, "facility_paper", facility_id, paper=kind)
    except (FacilityRefused, ValueError) as error:
        return _page(facility, str(error)), 400
    flash(
        "Đã bỏ giấy này."
        if form.get("drop")
        else "Đã lưu giấy. Có ngày hết hạn thì trợ lý nhắc cơ sở trước.",
        "ok",
    )
    return redirect(url_for("facility.one", facility_id=facility_id))


@blueprint.post("/<int:facility_id>/tai-khoan")
@page(Permission.FACILITIES)
def account(facility_id: int) -> AnyResponse:
    house, facility = services(), _found(facility_id)
    person, accept = request.form.get("person", ""), request.form.get("accept") == "yes"
    with house.write() as connection:
        facilities.decide_join(connection, house.oa_id, facility.id, person, accept, house.now())
        _note(connection, "facility_account", facility.id, accepted=accept)
    flash("Đã nối tài khoản." if accept else "Đã gỡ tài khoản khỏi cơ sở.", "ok")
    return redirect(url_for("facility.one", facility_id=facility_id))


# -- files and report -----------------------------------------------------------------------------


@blueprint.get("/nhap")
@page(Permission.FACILITIES)
def import_form() -> str:
    return render_template("console/facility_import.html", columns=COLUMNS, report=None)


@blueprint.post("/nhap")
@page(Permission.FACILITIES)
def take_in() -> tuple[str, int] | str:
    house, sent = services(), request.files.get("file")
    try:
        data = sent.read(LARGEST + 1) if sent else b""
        with house.write() as connection:
            report = import_csv(connection, house.oa_id, data, house.box(PURPOSE), house.now())
            counts = {"added": len(report.added), "bad": len(report.bad)}
            audit.record(
                connection,
                house.oa_id,
                official().id,
                "facilities_imported",
                "csv",
                house.now(),
                None,
                **counts,
            )
    except ImportRefused as error:
        return render_template("console/facility_import.html", columns=COLUMNS, error=str(error)), 400
    return render_template("console/facility_import.html", columns=COLUMNS, report=report)


@blueprint.get("/xuat")
@page(Permission.FACILITIES)
def export() -> Response:
    house = services()
    with house.write() as connection:
        data = export_csv(connection, house.oa_id, _wanted(_today()), house.box(PURPOSE))
        audit.record(connection, house.oa_id, official().id, "facilities_exported", "csv", house.now())
    return _file(data, "co-so-y-te.csv", "text/csv; charset=utf-8")


@blueprint.get("/bao-cao")
@page(Permission.FACILITIES)
def report() -> str | Response:
    year = request.args.get("year", _today().year, type=int)
    number = request.args.get("quarter", (_today().month + 2) // 3, type=int)
    if not (2020 <= year <= 2100 and 0 <= number <= 4):
        abort(404)
    house = services()
    with house.read() as connection:
        told = facility_report.figures(
            connection, house.oa_id, *facility_report.quarter(year, number), house.calendar, _name_of
        )
    if request.args.get("file"):
        part = f"quy-{number}" if number else "nam"
        data = facility_report.xlsx(told, house.profile.name)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return _file(data, f"co-so-y-te-{part}-{year}.xlsx", kind)
    rows = facility_report.rows(told)
    return render_template("console/facility_report.html", told=told, rows=rows, year=year, quarter=number)


def _name_of(key: str) -> str | None:
    return services().library().name_of(key) if key else None


def _file(data: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, content_type=kind, headers=headers)


# -- small parts ----------------------------------------------------------------------------------


def _page(facility: Facility, error: str = "") -> str:
    house = services()
    with house.read() as connection:
        known = facility_dates.papers(connection, house.oa_id, [facility.id]).get(facility.id, [])
        people = facilities.accounts(connection, house.oa_id, facility.id)
        asked = questions_of(connection, facility.id, QUESTIONS)
        history = audit.lines(connection, house.oa_id, audit.Filter(subject=_subject(facility.id)), limit=15)
    return render_template(
        "console/facility.html",
        facility=facility,
        who=facilities.who_of(facility, house.box(PURPOSE)),
        papers=known,
        people=people,
        asked=asked,
        states=STATES,
        duties=duties_of(facility.kind),
        paper_kinds=all_duties().duties,
        verified_on=all_duties().verified_on,
        history=history,
        today=_today(),
        error=error,
    )


def _found(facility_id: int) -> Facility:
    house = services()
    with house.read() as connection:
        facility = facilities.find(connection, house.oa_id, facility_id)
    if facility is None:
        abort(404)
    return facility


def _form(facility: Facility | None, typed: NewFacility, error: str = "") -> dict[str, Any]:
    khoms = [khom.name for khom in services().profile.khom]
    if typed.khom and typed.khom not in khoms:
        khoms.append(typed.khom)
    return {"facility": facility, "typed": typed, "error": error, "kinds": KINDS, "khoms": khoms}


def _typed() -> NewFacility:
    form = request.form
    who = Who(name=form.get("who", "")[:120], phone=form.get("phone", "")[:30])
    return NewFacility(form.get("name", ""), form.get("kind", ""), form.get("khom"), form.get("address"), who)


def _as_typed(facility: Facility) -> NewFacility:
    who = facilities.who_of(facility, services().box(PURPOSE))
    return NewFacility(facility.name, facility.kind, facility.khom, facility.address, who)


def _note(connection: Connection, action: str, facility_id: int, **detail: Any) -> None:
    house = services()
    audit.record(
        connection, house.oa_id, official().id, action, _subject(facility_id), house.now(), None, **detail
    )


def _subject(facility_id: int) -> str:
    return f"cơ sở y tế {facility_id}"


def _today() -> date:
    moment: datetime = services().now()
    return local(moment).date()
