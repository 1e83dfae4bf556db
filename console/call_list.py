"""The one list of calls; each line says why the call is to be made.

Appointments that no message could carry, moves of sessions that were not seen, messages that did not arrive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from bot.reminding import who_of
from console.access import official, page
from console.call_lines import KINDS, open_lines
from console.services import ConsoleServices, services
from ward import call_marks, issues, reminder_calls
from ward.issues import Issue
from ward.reminder_calls import Sight
from ward.staff import Official, Permission, scope_of
from ward.visits import sessions
from ward.visits.access import may_call
from ward.visits.model import Visit
from ward.visits.people import PURPOSE
from ward.visits.unseen import unseen

blueprint = Blueprint("call_list", __name__)

GROUPS: Final = {"": "Tất cả", "lich": "Lịch hẹn", "tin": "Tin chưa tới"}
AHEAD: Final = timedelta(days=180)
TOO_LATE: Final = "Không bỏ được nữa: quá một giờ, hoặc người khác ghi."
TASKS_OF: Final = {Permission.REMINDER_CALLS: (reminder_calls.TASK,), Permission.SENDS: tuple(KINDS)}


@dataclass(frozen=True)
class Opened:
    """The number that is shown: of a reminder, or of a message's case."""

    of: Literal["reminder", "send"]
    id: int
    number: str


@blueprint.get("/can-goi")
@page(Permission.CALLS)
def listing() -> str:
    return render()


@blueprint.get("/can-nhac")
@page(Permission.CALLS)
def old_address() -> Response:
    return redirect(url_for("call_list.listing", nhom="lich"), 301)


def render(error: str = "", opened: Opened | None = None) -> str:
    house, me, now = services(), official(), services().now()
    group = request.values.get("nhom", "")
    group = group if group in GROUPS else ""
    with house.read() as connection:
        calls = _reminders(connection) if group != "tin" else []
        moved = to_tell(connection, house, me, now) if group != "tin" else []
        answers = firm_answers(connection, house, me) if group != "lich" else []
        lines = open_lines(connection) if group != "lich" and me.may(Permission.SENDS) else []
        undone = _recent(connection, me, now)
    return render_template(
        "console/calls.html",
        calls=calls,
        moved=moved,
        answers=answers,
        lines=lines,
        undone=undone,
        mine=lambda mark: mark is not None and mark.may_undo(me.id, now),
        people=_people(calls),
        opened=opened,
        error=error,
        group=group,
        groups=GROUPS,
        works=me.may(Permission.CASES_WORK),
        sends=me.may(Permission.SENDS),
    )


def to_tell(
    connection: Connection, house: ConsoleServices, who: Official, now: datetime
) -> list[tuple[Visit, int]]:
    """Moved sessions with people who have not seen it, whose names this official may open."""
    if not who.may(Permission.VISITS):
        return []
    coming = sessions.between(connection, house.oa_id, now, now + AHEAD)
    moved = [one for one in coming if one.moved_from and one.state == "planned"]
    mine = [one for one in moved if may_call(who, sessions.setup_of(connection, house.oa_id, one.id)[0], one)]
    counted = ((one, len(unseen(connection, house.oa_id, one.id, now))) for one in mine)
    return [(visit, count) for visit, count in counted if count]


def firm_answers(connection: Connection, house: ConsoleServices, who: Official) -> list[Issue]:
    """Answers to firms that are not on Zalo."""
    if not who.may(Permission.ISSUES):
        return []
    return issues.calls(connection, house.oa_id, issues.sight_of(connection, who))


def _reminders(connection: Connection) -> list[reminder_calls.Call]:
    house = services()
    if not official().may(Permission.REMINDER_CALLS):
        return []
    return reminder_calls.waiting(connection, house.oa_id, sight_of(official()), house.now())


def sight_of(who: Official) -> Sight:
    return Sight(scope_of(who), who.may(Permission.RECEPTION), who.may(Permission.FACILITIES))


def _people(calls: list[reminder_calls.Call]) -> dict[int, dict[str, str]]:
    """Names to be called by; of the number only whether there is one."""
    box = services().box(PURPOSE)
    known = {call.reminder_id: who_of(box, call.matter.who) for call in calls}
    return {
        number: {"name": who.get("name", ""), "phone": "yes" if who.get("phone") else ""}
        for number, who in known.items()
    }


def _recent(connection: Connection, who: Official, now: datetime) -> list[Any]:
    """What one has just ticked off, to be taken back."""
    kinds = [kind for permission, kinds in TASKS_OF.items() if who.may(permission) for kind in kinds]
    return call_marks.recent(connection, services().oa_id, kinds, who.id, now)
