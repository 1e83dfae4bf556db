"""What the pages about cases share: who sees which, the case of a code, telling citizens, time in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import abort
from sqlalchemy import Connection

from bot.case_words import Speaker
from bot.replies import Reply
from bot.telling import tell
from console.access import official
from console.services import services
from ward import staff
from ward.calendar import WorkCalendar, local
from ward.cases import find
from ward.cases.citizen import audience
from ward.cases.find import QueueRow
from ward.cases.work import Case
from ward.codes import parse_code
from ward.staff import Official, Permission

Tone = Literal["calm", "soon", "late"]
SOON_HOURS = 4.0
HOURS_OF_A_DAY = 8.0


def the_case(connection: Connection, code: str) -> Case:
    """The case with this code; 404 when there is none, and the same when the official may not see it."""
    written = parse_code(code).code
    scope = staff.scope_of(official())
    case = find.by_code(connection, services().oa_id, written, scope) if written else None
    if case is None:
        abort(404)
    return case


def may_direct(who: Official, case: Case) -> bool:
    """May sort, pass on, give back, merge: the one who has the case, or who assigns work."""
    return case.assignee_id == who.id or who.may(Permission.CASES_ASSIGN)


def to_erase(case: Case) -> str | None:
    """Whose data an official is asked to erase with this case; None when it is none of that, or ended."""
    asked = case.kind == "data_right" and case.context.get("right") == "erase"
    return case.person_id if asked and not case.ended and case.state != "sending" else None


def speaker(who: Official) -> Speaker:
    return Speaker(who.name, who.title)


def say_to_all(
    connection: Connection, case: Case, replies: Sequence[Reply], sent_as: str, now: datetime
) -> None:
    """To everyone the case concerns: the first under `sent_as`, the others under `{sent_as}.1` …"""
    for number, person in enumerate(audience(connection, case)):
        key = f"{sent_as}.{number}" if number else sent_as
        tell(connection, case.oa_id, person, replies, key, now)


# ── time in words ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ClockWords:
    text: str
    tone: Tone


def clock(row: Case | QueueRow, now: datetime, calendar: WorkCalendar) -> ClockWords:
    """còn 2 giờ làm việc · quá hạn 1 ngày làm việc · chờ dân từ 28/11 09:00"""
    if row.state == "answered" and row.answered_at is not None:
        return ClockWords(f"xong {_short(row.answered_at)}", "calm")
    if row.state in ("merged", "withdrawn"):
        return ClockWords("đã kết thúc", "calm")
    if row.state == "waiting":
        since = _short(row.waiting_since) if row.waiting_since else ""
        return ClockWords(f"chờ dân từ {since}, đồng hồ dừng", "calm")
    left = calendar.working_hours_between(now, row.due_at)
    if left < 0 or row.due_at < now:
        return ClockWords(f"quá hạn {amount(-left)}", "late")
    return ClockWords(f"còn {amount(left)}", "soon" if left <= SOON_HOURS else "calm")


def amount(hours: float) -> str:
    """Working time as people say it, rounded down so that nobody counts on more than there is."""
    if hours >= 2 * HOURS_OF_A_DAY:
        return f"{int(hours / HOURS_OF_A_DAY)} ngày làm việc"
    if hours >= 1:
        return f"{int(hours)} giờ làm việc"
    return f"{max(0, int(hours * 60))} phút làm việc"


def _short(moment: datetime) -> str:
    return f"{local(moment):%d/%m %H:%M}"


def names_of(connection: Connection, oa_id: str) -> dict[int, str]:
    return {one.id: one.name for one in staff.everyone(connection, oa_id)}


def shown_count(number: int) -> str:
    return "999+" if number >= find.MOST_COUNTED else str(number)


def with_names(rows: Sequence[QueueRow], names: dict[int, str]) -> dict[int, str]:
    """Row id → who has it."""
    return {row.id: names.get(row.assignee_id or 0, "") for row in rows if row.assignee_id}


def detail_of(**values: Any) -> dict[str, Any]:
    """What of a change goes into the log: codes and keys, never words."""
    return {name: value for name, value in values.items() if value is not None}
