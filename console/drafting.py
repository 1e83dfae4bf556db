"""A good answer becomes a draft of an entry: names and numbers out, read over, decided by a second person."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from console import casework
from console.access import official, page
from console.services import services
from knowledge.schema import FIELDS
from store.schema import case_messages
from ward import audit, entry_drafts
from ward.cases.work import Case
from ward.entry_drafts import DraftRefused
from ward.staff import Permission

blueprint = Blueprint("drafting", __name__)


@blueprint.get("/phieu/<code>/thanh-the")
@page(Permission.QUESTIONS)
def form(code: str) -> str:
    house = services()
    with house.read() as connection:
        case = _answered(connection, code)
        answer = _answer_of(connection, case)
    question = entry_drafts.scrubbed(case.question)
    return _page(case, question, entry_drafts.scrubbed(answer))


@blueprint.post("/phieu/<code>/thanh-the")
@page(Permission.QUESTIONS)
def keep(code: str) -> str | tuple[str, int] | Response:
    house, me = services(), official()
    question, answer = request.form.get("question", ""), request.form.get("answer", "")
    field = request.form.get("field") or None
    with house.read() as connection:
        case = _answered(connection, code)
    try:
        with house.write() as connection:
            field = field if field in FIELDS else case.field
            entry_drafts.propose(
                connection, house.oa_id, me.id, question, answer, field, case.id, house.now()
            )
            audit.record(connection, house.oa_id, me.id, "draft_proposed", case.code, house.now())
    except DraftRefused as error:
        return _page(case, question, answer, str(error)), 400
    flash("Đã lưu bản nháp. Một cán bộ khác duyệt thì mới dùng.", "ok")
    return redirect(url_for("case.show", code=case.code))


def _answered(connection: Connection, code: str) -> Case:
    case = casework.the_case(connection, code)
    if case.state != "answered" or case.head_only:
        abort(404)
    return case


def _answer_of(connection: Connection, case: Case) -> str:
    query = select(case_messages.c.text).where(
        case_messages.c.id == case.answer_message_id, case_messages.c.case_id == case.id
    )
    return connection.execute(query).scalar() or ""


def _page(case: Case, question: str, answer: str, error: str = "") -> str:
    return render_template(
        "console/entry_draft.html", case=case, question=question, answer=answer, error=error, fields=FIELDS
    )
