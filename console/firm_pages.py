"""The log of firms' matters: the list with its filters, one matter, what is done about it, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import Connection, RowMapping
from werkzeug.wrappers import Response as AnyResponse

from bot import firm_news
from console.access import official, page
from console.services import services
from ward import audit, issues, staff
from ward.calendar import local
from ward.issue_files import Line, as_csv, as_xlsx
from ward.issues import OWED, STATES, Issue, IssueRefused, Sight, Wanted
from ward.programmes.load import programmes_of
from ward.programmes.model import Programme
from ward.staff import Permission
from ward.visits import sessions
from ward.visits.firms import KIND
from ward.visits.model import VISIT_STATES, Visit
from ward.visits.people import PURPOSE, Who, unseal

blueprint = Blueprint("firms", __name__, url_prefix="/ca-phe")

SPAN: Final = timedelta(days=60)
"""Sessions shown: so far ahead, and so far back."""
TABS: Final = {
    "": "Chưa trả lời",
    "tre": "Trễ hạn",
    "cua-toi": "Của tôi",
    "chua-giao": "Chưa giao ai",
    "chuyen": "Đã chuyển cấp trên",
    "xong": "Đã trả lời",
    "tat-ca": "Tất cả",
}
FORMS: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MOST_IN_A_FILE: Final = 5000
GONE: Final = "(nội dung đã xóa theo yêu cầu của người gửi)"
SENDINGS: Final = {
    "queued": "Đang gửi qua Zalo",
    "sending": "Đang gửi qua Zalo",
    "sent": "Đã gửi qua Zalo",
    "unknown": "Không rõ Zalo đã chuyển chưa: hỏi cơ sở trước khi gửi lại",
    "stopped": "Zalo không chuyển được: gọi báo cơ sở",
    "dead": "Zalo không chuyển được: gọi báo cơ sở",
}


# --- the list ---


@blueprint.get("")
@page(Permission.ISSUES)
def listing() -> str:
    house, now = services(), services().now()
    today, tab = local(now).date(), request.args.get("nhom", "")
    tab = tab if tab in TABS else ""
    with house.read() as connection:
        sight = issues.sight_of(connection, official())
        found = issues.listing(connection, house.oa_id, sight, _wanted(tab, today))
        held = [
            one
            for one in sessions.between(connection, house.oa_id, now - SPAN, now + SPAN)
            if one.kind == KIND
        ]
        return render_template(
            "console/issues.html",
            found=found,
            visits=_visits_of(connection, found),
            held=held,
            raised=issues.of_sessions(connection, house.oa_id, [one.id for one in held]),
            share=issues.share(connection, house.oa_id, sight, today),
            calls=issues.calls(connection, house.oa_id, sight),
            sent=issues.sendings(connection, house.oa_id, found),
            owners=_names(connection),
            tab=tab,
            tabs=TABS,
            visit_id=request.args.get("buoi", type=int),
            states=STATES,
            visit_states=VISIT_STATES,
            today=today,
            gone=GONE,
            everything=sight.everything,
            runs=official().may(Permission.VISITS_RUN),
        )


def _wanted(tab: str, today: date) -> Wanted:
    visit_id = request.values.get("buoi", type=int)
    return {
        "tre": Wanted(late_on=today, visit_id=visit_id),
        "cua-toi": Wanted(owner=str(official().id), visit_id=visit_id),
        "chua-giao": Wanted(owner="none", visit_id=visit_id),
        "chuyen": Wanted(("forwarded",), visit_id=visit_id),
        "xong": Wanted(("answered",), visit_id=visit_id),
        "tat-ca": Wanted((), visit_id=visit_id),
    }.get(tab, Wanted(visit_id=visit_id))


@blueprint.post("/xuat")
@page(Permission.ISSUES)
def export() -> AnyResponse:
    """What a tab of the list shows, with the names of firms: for the report, or for the province."""
    house, now, form = services(), services().now(), request.form.get("dang", "")
    tab = request.form.get("nhom", "")
    if form not in FORMS or tab not in TABS:
        abort(400)
    with house.write() as connection:
        sight = issues.sight_of(connection, official())
        wanted = _wanted(tab, local(now).date())
        found = issues.listing(connection, house.oa_id, sight, wanted, MOST_IN_A_FILE)
        lines = _lines(connection, found)
        _note(connection, "issues_exported", tab or "chua-tra-loi", lines=len(lines), form=form)
    group = f"{TABS[tab].lower()}, {local(now):%d/%m/%Y}"
    title = f"{house.profile.authority_name} – Vướng mắc doanh nghiệp: {group}"
    answer: Response = make_response(as_xlsx(lines, title) if form == "xlsx" else as_csv(lines))
    answer.headers["Content-Type"] = FORMS[form]
    name = f"vuong-mac-{tab or 'chua-tra-loi'}-{local(now):%Y-%m-%d}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _lines(connection: Connection, found: Sequence[Issue]) -> list[Line]:
    places, held = issues.askers(connection, found), _visits_of(connection, found)
    names, programmes, box = _names(connection), _programmes(connection), services().box(PURPOSE)
    lines = []
    for one in found:
        place = places.get(one.signup_id or 0)
        firm = unseal(box, place["who"]).firm if place else None
        wish = _way(programmes.get(one.programme), place)
        visit = held.get(one.visit_id or 0)
        lines.append(Line(one, visit, firm, wish, names.get(one.owner_id or 0, "")))
    return lines


def _way(programme: Programme | None, place: RowMapping | None) -> str:
    """How the firm wants to meet."""
    topics = programme.topics if programme else ()
    wanted = place["topic"] if place else ""
    return next((topic.name for topic in topics if topic.key == wanted), "")


# --- one matter ---


@dataclass(frozen=True)
class Shown:
    """A matter with what its other tables know. `contact`: when it was opened."""

    issue: Issue
    visit: Visit | None
    place: RowMapping | None
    way: str
    contact: Who | None = None


@blueprint.get("/<int:issue_id>")
@page(Permission.ISSUES)
def one(issue_id: int) -> str:
    return _page(issue_id)


@blueprint.post("/<int:issue_id>/co-so")
@page(Permission.ISSUES)
def contact(issue_id: int) -> str:
    """Firm, who comes and the number, on the page itself; who looked is in the log."""
    with services().write() as connection:
        _found(connection, issue_id)
        _note(connection, "issue_firm_opened", _subject(issue_id))
    return _page(issue_id, opened=True)


@blueprint.post("/<int:issue_id>/giao")
@page(Permission.ISSUES)
def assign(issue_id: int) -> tuple[str, int] | AnyResponse:
    form = request.form

    def assigned(connection: Connection, issue: Issue) -> str:
        names, owner = _names(connection), form.get("owner", type=int)
        if owner is not None and owner not in _may_own(connection, issue):
            raise IssueRefused("Chọn người phụ trách trong danh sách.")
        due = _day(form.get("due", ""))
        issues.assign(connection, issue, _seen(), owner, due, services().now())
        told = {"owner": names.get(owner or 0, ""), "due": due.isoformat() if due else ""}
        _note(connection, "issue_assigned", _subject(issue_id), **told)
        return "Đã ghi người phụ trách và hạn."

    return _do(issue_id, assigned)


@blueprint.post("/<int:issue_id>/chuyen")
@page(Permission.ISSUES)
def forward(issue_id: int) -> tuple[str, int] | AnyResponse:
    def forwarded(connection: Connection, issue: Issue) -> str:
        issues.forward(connection, issue, _seen(), services().now())
        _note(connection, "issue_forwarded", _subject(issue_id))
        return "Đã đưa vào danh sách chuyển cấp trên. Có trả lời thì ghi vào đây để báo cơ sở."

    return _do(issue_id, forwarded)


@blueprint.post("/<int:issue_id>/tra-loi")
@page(Permission.ISSUES)
def answer(issue_id: int) -> tuple[str, int] | AnyResponse:
    """The firm is told once; who has no Zalo is on the list of calls."""

    def answered(connection: Connection, issue: Issue) -> str:
        house, words = services(), request.form.get("answer", "")
        done = issues.answer(connection, issue, _seen(), words, house.now())
        sent = firm_news.send_answer(connection, done, house.oa_id, house.firm_words, house.now())
        _note(connection, "issue_answered", _subject(issue_id), sent=sent)
        by_phone = "Đã ghi câu trả lời. Cơ sở không dùng Zalo: gọi báo."
        return "Đã trả lời, đang gửi qua Zalo." if sent else by_phone

    return _do(issue_id, answered)


@blueprint.post("/<int:issue_id>/rut")
@page(Permission.ISSUES)
def withdraw(issue_id: int) -> tuple[str, int] | AnyResponse:
    def withdrawn(connection: Connection, issue: Issue) -> str:
        issues.take_back(connection, issue, _seen(), services().now())
        _note(connection, "issue_withdrawn", _subject(issue_id))
        return "Đã ghi cơ sở rút vướng mắc này."

    return _do(issue_id, withdrawn)


@blueprint.post("/<int:issue_id>/da-goi")
@page(Permission.ISSUES)
def called(issue_id: int) -> tuple[str, int] | AnyResponse:
    def told(connection: Connection, issue: Issue) -> str:
        house = services()
        if issues.called(connection, issue, house.oa_id, house.now()):
            _note(connection, "issue_called", _subject(issue_id))
        return "Đã ghi: gọi báo cơ sở rồi."

    return _do(issue_id, told)


# --- small parts ---


def _do(issue_id: int, change: Callable[[Connection, Issue], str]) -> tuple[str, int] | AnyResponse:
    """In one transaction; what cannot be done is said on the page, nothing typed is lost."""
    try:
        with services().write() as connection:
            done = change(connection, _found(connection, issue_id))
    except IssueRefused as error:
        return _page(issue_id, str(error)), 400
    flash(done, "ok")
    return redirect(url_for("firms.one", issue_id=issue_id))


def _page(issue_id: int, error: str = "", opened: bool = False) -> str:
    house = services()
    with house.read() as connection:
        shown = _shown(connection, issue_id, opened)
        sight = issues.sight_of(connection, official())
        history = audit.lines(connection, house.oa_id, audit.Filter(subject=_subject(issue_id)), limit=15)
        sent = issues.sendings(connection, house.oa_id, [shown.issue]).get(issue_id)
        return render_template(
            "console/issue.html",
            shown=shown,
            one=shown.issue,
            owed=shown.issue.state in OWED,
            owners=_may_own(connection, shown.issue),
            names=_names(connection),
            calls=any(one.id == issue_id for one in issues.calls(connection, house.oa_id, sight)),
            sent=SENDINGS.get(sent or ""),
            history=history,
            states=STATES,
            today=local(house.now()).date(),
            typed=request.form if error else {},
            longest=issues.LONGEST,
            gone=GONE,
            error=error,
        )


def _shown(connection: Connection, issue_id: int, opened: bool) -> Shown:
    issue = _found(connection, issue_id)
    place = issues.asker(connection, issue)
    visit = sessions.visit(connection, services().oa_id, issue.visit_id) if issue.visit_id else None
    who = unseal(services().box(PURPOSE), place["who"]) if opened and place else None
    return Shown(issue, visit, place, _way(_programmes(connection).get(issue.programme), place), who)


def _found(connection: Connection, issue_id: int) -> Issue:
    sight: Sight = issues.sight_of(connection, official())
    found = issues.find(connection, services().oa_id, sight, issue_id)
    if found is None:
        abort(404)
    return found


def _visits_of(connection: Connection, found: Sequence[Issue]) -> dict[int, Visit]:
    wanted = {one.visit_id for one in found if one.visit_id is not None}
    known = ((number, sessions.visit(connection, services().oa_id, number)) for number in wanted)
    return {number: visit for number, visit in known if visit is not None}


def _names(connection: Connection) -> dict[int, str]:
    return {one.id: one.name for one in staff.everyone(connection, services().oa_id)}


def _may_own(connection: Connection, issue: Issue) -> Mapping[int, str]:
    """Who works with this log, and whoever has the matter already."""
    every = staff.everyone(connection, services().oa_id)
    return {one.id: one.name for one in every if one.may(Permission.ISSUES) or one.id == issue.owner_id}


def _programmes(connection: Connection) -> dict[str, Programme]:
    return programmes_of(connection, services().oa_id, services().programme_files)


def _note(connection: Connection, action: str, subject: str, **detail: Any) -> None:
    house = services()
    audit.record(connection, house.oa_id, official().id, action, subject, house.now(), None, **detail)


def _subject(issue_id: int) -> str:
    return f"issue:{issue_id}"


def _seen() -> datetime:
    """When the matter stood as the page showed it."""
    try:
        return datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError as error:
        raise IssueRefused("Mở lại trang rồi làm lại giùm.") from error


def _day(typed: str) -> date | None:
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError as error:
        raise IssueRefused("Chọn ngày hạn, hoặc để trống.") from error
