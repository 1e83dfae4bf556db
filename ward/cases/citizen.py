"""What the citizen does with a case: writes, joins, rates, reopens, withdraws."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from store.engine import insert_new
from store.schema import case_people
from ward.calendar import WorkCalendar
from ward.cases.changes import (
    CITIZEN,
    By,
    Case,
    Changed,
    MoveRefused,
    add_event,
    add_message,
    begin,
    check_move,
    save,
)
from ward.cases.deadlines import Limits, due_for, resume
from ward.cases.handling import need_text
from ward.cases.model import RATINGS

REOPEN_WITHIN: Final = timedelta(days=7)


def citizen_wrote(
    connection: Connection,
    oa_id: str,
    case_id: int,
    text: str,
    now: datetime,
    calendar: WorkCalendar,
    by: By = CITIZEN,
) -> Changed:
    """More words of the citizen in an open case; a clock that stood runs on."""
    case = begin(connection, oa_id, case_id, None)
    if case.ended:
        raise MoveRefused(f"Phiếu {case.code} đã kết thúc.", "ended")
    message_id = add_message(connection, oa_id, case_id, "citizen", need_text(text), now)
    values: dict[str, Any] = {"citizen_spoke_at": now}
    if case.state == "waiting":
        values |= {"state": "assigned", **resume(case, now, calendar)}
    return Changed(save(connection, case, by, "citizen_wrote", now, None, **values), message_id)


def join(
    connection: Connection, oa_id: str, case_id: int, person_id: str, words: str | None, now: datetime
) -> Changed:
    """One more person with the same matter; told whatever the first is told."""
    case = begin(connection, oa_id, case_id, None)
    if case.ended or case.head_only:
        raise MoveRefused(f"Phiếu {case.code} không nhận thêm người.", "ended")
    row = {"case_id": case_id, "person_id": person_id, "oa_id": oa_id, "joined_at": now}
    if person_id != case.person_id and insert_new(connection, case_people, [row]):
        add_event(connection, oa_id, case_id, CITIZEN, "joined", now)
    message_id = None
    if words and words.strip():
        other = None if person_id == case.person_id else person_id
        message_id = add_message(connection, oa_id, case_id, "citizen", words.strip(), now, person_id=other)
    return Changed(case, message_id)


def rate(
    connection: Connection, oa_id: str, case_id: int, version: int | None, by: By, value: int, now: datetime
) -> Changed:
    """3 satisfied, 2 so-so, 1 not done: once for a case, and never asked in bereavement."""
    case = begin(connection, oa_id, case_id, version)
    refusal = why_not_rate(case)
    if refusal is not None:
        raise refusal
    if value not in RATINGS:
        raise MoveRefused("Chỉ có ba mức nhận xét.", "value")
    return Changed(save(connection, case, by, "rated", now, {"rating": value}, rating=value, rated_at=now))


def why_not_rate(case: Case) -> MoveRefused | None:
    if case.bereaved:
        return MoveRefused("Việc tang không xin nhận xét.", "bereavement")
    if case.rating is not None:
        return MoveRefused("Phiếu này đã có nhận xét.", "again")
    if case.state != "answered":
        return MoveRefused("Phiếu chưa xong nên chưa nhận xét.", "state")
    return None


def reopen(
    connection: Connection,
    oa_id: str,
    case_id: int,
    version: int | None,
    by: By,
    words: str | None,
    now: datetime,
    calendar: WorkCalendar,
    limits: Limits,
) -> Changed:
    """Not done after all: once, within seven days of the answer. Back to its official, with a new time."""
    case = begin(connection, oa_id, case_id, version)
    refusal = why_not_reopen(case, now)
    if refusal is not None:
        raise refusal
    deadline = due_for(case.kind, case.urgency, now, calendar, limits, classified=True)
    values: dict[str, Any] = {"state": "assigned", "reopened": case.reopened + 1, "citizen_spoke_at": now}
    values |= {"due_at": deadline.due_at, "allowed_hours": deadline.allowed_hours}
    values |= {"reminded_percent": 0, "late_told_at": None, "answered_at": None, "answered_by": None}
    changed = save(connection, case, by, "reopened", now, None, **values)
    message_id = None
    if words and words.strip():
        message_id = add_message(connection, oa_id, case_id, "citizen", words.strip(), now)
    return Changed(changed, message_id)


def why_not_reopen(case: Case, now: datetime) -> MoveRefused | None:
    if case.state != "answered" or case.answered_at is None:
        return MoveRefused("Phiếu này chưa đóng.", "state")
    if case.reopened:
        return MoveRefused("Phiếu đã mở lại một lần rồi.", "again")
    if now - case.answered_at > REOPEN_WITHIN:
        return MoveRefused("Đã quá 7 ngày từ lúc trả lời.", "late")
    return None


def withdraw(
    connection: Connection, oa_id: str, case_id: int, version: int | None, by: By, now: datetime
) -> Changed:
    """The citizen takes the case back (or an official notes that they did)."""
    case = begin(connection, oa_id, case_id, version)
    check_move(case, "withdrawn")
    still = {"waiting_since": None, "waiting_hours_left": None}
    return Changed(save(connection, case, by, "withdrawn", now, None, state="withdrawn", **still))


def audience(connection: Connection, case: Case) -> Sequence[str]:
    """Whom to tell what the case says: the one who opened it, then those who joined."""
    joined = select(case_people.c.person_id).where(case_people.c.case_id == case.id)
    others = connection.execute(joined.order_by(case_people.c.joined_at, case_people.c.person_id)).scalars()
    return [person for person in (case.person_id, *others) if person]
