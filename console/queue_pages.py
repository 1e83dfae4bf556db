"""The queue: tabs of cases by deadline, what the official may see of them, page by page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console import casework
from console.access import official, page
from console.services import services
from knowledge.schema import FIELDS
from ward.cases import find, views
from ward.cases.find import TABS, Only, Tab
from ward.cases.model import KINDS
from ward.codes import parse_code
from ward.staff import Permission, scope_of

blueprint = Blueprint("queue", __name__, url_prefix="/phieu")

SHOWN = 50
EMPTY: dict[Tab, str] = {
    "unclaimed": "Không có phiếu nào đang chờ nhận. Việc mới tới sẽ hiện ở đây.",
    "mine": "Bạn chưa giữ phiếu nào. Qua mục Chưa nhận để nhận việc.",
    "overdue": "Không có phiếu quá hạn. Cảm ơn mọi người.",
    "waiting": "Không có phiếu nào đang chờ người dân trả lời.",
    "done": "Trong ba tháng qua chưa có phiếu nào xong.",
}


@blueprint.get("")
@page(Permission.CASES_READ)
def listing() -> str | Response:
    asked = request.args.get("q", "").strip()
    if asked:
        return _looked_up(asked)
    return render_template("console/queue.html", **_list(_tab()))


@blueprint.get("/dem")
@page(Permission.CASES_READ, background=True)
def counting() -> str:
    """The tabs with their counts, asked for by the page itself."""
    tab = _tab()
    return render_template(
        "console/_tabs.html", tab=tab, tabs=_tabs(), kept=_kept(), shown_at=services().now()
    )


def _list(tab: Tab) -> dict[str, Any]:
    house, me, now = services(), official(), services().now()
    scope = scope_of(me)
    after = request.args.get("sau")
    with house.read() as connection:
        found = find.queue(connection, house.oa_id, tab, scope, now, after, SHOWN, _only())
        counts = find.counts(connection, house.oa_id, scope, now)
        lookers = views.viewers(connection, [row.id for row in found.rows], now, me.id)
        names = casework.names_of(connection, house.oa_id)
    return {
        "tab": tab,
        "tabs": _with_counts(counts),
        "rows": found.rows,
        "next": found.after,
        "first": after is None,
        "lookers": lookers,
        "holders": casework.with_names(found.rows, names),
        "clock": lambda row: casework.clock(row, now, house.calendar),
        "kept": _kept(),
        "kinds": KINDS,
        "fields": FIELDS,
        "khoms": [khom.name for khom in house.profile.khom],
        "empty": EMPTY[tab],
        "works": me.may(Permission.CASES_WORK),
        "shown_at": now,
        "not_found": "",
    }


def _looked_up(asked: str) -> str | Response:
    """A code opens its case; what cannot be found is said, and nobody learns whether it exists."""
    house = services()
    code = parse_code(asked).code
    with house.read() as connection:
        scope = scope_of(official())
        case = find.by_code(connection, house.oa_id, code, scope) if code else None
    if case is not None:
        return redirect(url_for("case.show", code=case.code))
    shown = {**_list(_tab()), "not_found": asked}
    return render_template("console/queue.html", **shown)


def _tab() -> Tab:
    asked = request.args.get("tab", "")
    if asked in TABS:
        return asked
    return "unclaimed"


def _only() -> Only:
    chosen = {name: request.args.get(name) or None for name in ("kind", "field", "khom")}
    return Only(**chosen)


def _kept() -> dict[str, str]:
    """The filter, to be carried from page to page."""
    return {name: value for name in ("kind", "field", "khom") if (value := request.args.get(name, ""))}


def _tabs() -> list[tuple[Tab, str, str]]:
    house = services()
    with house.read() as connection:
        counts = find.counts(connection, house.oa_id, scope_of(official()), house.now())
    return _with_counts(counts)


def _with_counts(counts: dict[Tab, int]) -> list[tuple[Tab, str, str]]:
    return [(tab, title, casework.shown_count(counts[tab])) for tab, title in TABS.items()]
