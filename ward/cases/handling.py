"""What officials do with a case before it is answered: take, pass on, give back, sort, ask, remark, merge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from store.engine import insert_new
from store.schema import case_people, cases, staff
from ward.calendar import WorkCalendar
from ward.cases.changes import (
    SYSTEM,
    By,
    Case,
    Changed,
    MoveRefused,
    add_event,
    add_message,
    begin,
    check_move,
    refuse_ended,
    save,
    sent_key,
)
from ward.cases.deadlines import Limits, due_for, pause, resume
from ward.cases.model import HEAD_ONLY, Kind, Urgency

HEAD = "head"


def take(
    connection: Connection, oa_id: str, case_id: int, version: int | None, by: By, now: datetime
) -> Changed:
    """A case nobody has becomes the official's; of two who take at once, one gets StaleCase."""
    case = begin(connection, oa_id, case_id, version)
    if case.assignee_id is not None:
        mine = case.assignee_id == by.staff_id
        raise MoveRefused("Mình đã nhận phiếu này rồi." if mine else "Phiếu này đã có người nhận.", "taken")
    values = {"state": "assigned", "assignee_id": by.staff_id, "taken_at": now}
    return Changed(save(connection, case, by, "taken", now, None, **values))


def pass_on(
    connection: Connection,
    oa_id: str,
    case_id: int,
    version: int | None,
    by: By,
    to_staff_id: int,
    note: str | None,
    now: datetime,
) -> Changed:
    """Give the case to another official; while the citizen is asked, it goes on waiting."""
    case = begin(connection, oa_id, case_id, version)
    refuse_ended(case)
    _refuse_receiver(connection, case, to_staff_id)
    values: dict[str, Any] = {"assignee_id": to_staff_id, "taken_at": now, "staff_spoke_at": None}
    if case.state == "new":
        values["state"] = "assigned"
    detail = {"from": case.assignee_id, "to": to_staff_id}
    changed = save(connection, case, by, "passed_on", now, detail, **values)
    _keep_note(connection, case, by, note, now)
    return Changed(changed)


def give_back(
    connection: Connection,
    oa_id: str,
    case_id: int,
    version: int | None,
    by: By,
    note: str | None,
    now: datetime,
    calendar: WorkCalendar,
) -> Changed:
    """Back to the queue, for whoever may see it; its clock runs."""
    case = begin(connection, oa_id, case_id, version)
    check_move(case, "new")
    free = {"state": "new", "assignee_id": None, "taken_at": None, "staff_spoke_at": None}
    event = "returned" if by == SYSTEM else "given_back"
    running = resume(case, now, calendar)
    changed = save(connection, case, by, event, now, {"from": case.assignee_id}, **free, **running)
    _keep_note(connection, case, by, note, now)
    return Changed(changed)


def classify(
    connection: Connection,
    oa_id: str,
    case_id: int,
    version: int | None,
    by: By,
    *,
    now: datetime,
    calendar: WorkCalendar,
    limits: Limits,
    field: str | None = None,
    urgency: Urgency | None = None,
    kind: Kind | None = None,
    khom: str | None = None,
    reason: str | None = None,
) -> Changed:
    """Sort the case; what is None stays. A new kind or urgency, or the first sorting of a report, sets a new
    due time, counted from the day the case came. The caller tells the citizen, if `due_at` changed.
    """
    case = begin(connection, oa_id, case_id, version)
    refuse_ended(case)
    kind, urgency = kind or case.kind, urgency or case.urgency
    values: dict[str, Any] = {"kind": kind, "urgency": urgency}
    values |= {"field": field or case.field, "khom": khom or case.khom}
    values |= _new_due(case, kind, urgency, now, calendar, limits)
    values |= _new_audience(case, kind)
    if case.assignee_id is not None and case.assignee_id == by.staff_id:
        values.setdefault("staff_spoke_at", now)
    detail = {name: values[name] for name in ("kind", "urgency", "field", "khom")}
    changed = save(connection, case, by, "classified", now, detail, **values)
    _keep_note(connection, case, by, reason, now)
    return Changed(changed)


def wait_for_citizen(
    connection: Connection,
    oa_id: str,
    case_id: int,
    version: int | None,
    by: By,
    text: str,
    now: datetime,
    calendar: WorkCalendar,
) -> Changed:
    """Ask the citizen for something; the clock stands until they write. The caller sends the text."""
    case = begin(connection, oa_id, case_id, version)
    refuse_other_hands(case, by)
    check_move(case, "waiting")
    refuse_unreachable(case)
    words, sent_as = need_text(text), sent_key(case)
    stopped = pause(case, now, calendar)
    changed = save(connection, case, by, "asked", now, None, state="waiting", staff_spoke_at=now, **stopped)
    message_id = add_message(connection, oa_id, case_id, "staff", words, now, by.staff_id, sent_as=sent_as)
    return Changed(changed, message_id, sent_as)


def note(
    connection: Connection, oa_id: str, case_id: int, version: int | None, by: By, text: str, now: datetime
) -> Changed:
    """A remark for officials only. It makes nobody's page stale: `version` is not looked at."""
    case = begin(connection, oa_id, case_id, None)
    message_id = add_message(connection, oa_id, case_id, "staff", need_text(text), now, by.staff_id, "note")
    add_event(connection, oa_id, case_id, by, "note", now)
    if case.assignee_id == by.staff_id:
        connection.execute(update(cases).where(cases.c.id == case_id).values(staff_spoke_at=now))
    return Changed(case, message_id)


def merge(
    connection: Connection, oa_id: str, case_id: int, version: int | None, by: By, into: int, now: datetime
) -> Changed:
    """The same matter as `into`: its people are told what that case is told."""
    first, second = sorted((case_id, into))  # locked in one order, whoever merges what
    begin(connection, oa_id, first, None)
    begin(connection, oa_id, second, None)
    case, target = begin(connection, oa_id, case_id, version), begin(connection, oa_id, into, None)
    _refuse_merging(case, target)
    changed = save(connection, case, by, "merged", now, {"into": into}, state="merged", merged_into=into)
    _bring_people(connection, case, target, now)
    add_event(connection, oa_id, into, by, "took_in", now, {"from": case_id})
    return Changed(changed)


# ── what several moves ask ───────────────────────────────────────────────────────────────────────


def need_text(text: str, least: int = 1) -> str:
    words = text.strip()
    if len(words) < least:
        reason = "Mình chưa ghi nội dung." if least == 1 else f"Nội dung cần ít nhất {least} ký tự."
        raise MoveRefused(reason, "text")
    return words


def refuse_other_hands(case: Case, by: By) -> None:
    """Words to the citizen come from the one official who has the case."""
    if by.actor == "staff" and case.assignee_id != by.staff_id:
        free = case.assignee_id is None
        reason = "Mình bấm Nhận việc trước đã." if free else "Phiếu này cán bộ khác đang giữ."
        raise MoveRefused(reason, "not_yours")


def refuse_unreachable(case: Case) -> None:
    if not case.person_id:
        raise MoveRefused("Người này không nhắn qua Zalo. Mình gọi hoặc gặp rồi ghi lại.", "no_chat")


def _refuse_receiver(connection: Connection, case: Case, staff_id: int) -> None:
    query = select(staff.c.roles, staff.c.active).where(staff.c.id == staff_id, staff.c.oa_id == case.oa_id)
    row = connection.execute(query).one_or_none()
    if row is None or not row.active:
        raise MoveRefused("Người nhận không còn làm việc ở đây.", "receiver")
    if case.head_only and HEAD not in row.roles:
        raise MoveRefused("Phiếu này chỉ lãnh đạo được xem.", "head_only")
    if case.assignee_id == staff_id:
        raise MoveRefused("Người này đang giữ phiếu rồi.", "taken")


def _new_due(
    case: Case, kind: Kind, urgency: Urgency, now: datetime, calendar: WorkCalendar, limits: Limits
) -> dict[str, Any]:
    was = limits.of(case.kind, case.urgency, bool(case.context.get("classified")))
    if (kind, urgency) == (case.kind, case.urgency) and was == limits.of(kind, urgency, True):
        return {}
    deadline = due_for(kind, urgency, case.created_at, calendar, limits, classified=True)
    if deadline.due_at <= now:  # sorted late: the new time starts now
        deadline = due_for(kind, urgency, now, calendar, limits, classified=True)
    values: dict[str, Any] = {"due_at": deadline.due_at, "allowed_hours": deadline.allowed_hours}
    values |= {"reminded_percent": 0, "late_told_at": None}
    values["context"] = {**case.context, "classified": True}
    if case.state == "waiting":
        left = calendar.working_hours_between(case.waiting_since or now, deadline.due_at)
        values["waiting_hours_left"] = max(0.0, left)
    return values


def _new_audience(case: Case, kind: Kind) -> dict[str, Any]:
    """What becomes the head's alone leaves the hands it is in."""
    closed = kind in HEAD_ONLY
    if not closed or case.head_only:
        return {"head_only": closed}
    free = {"head_only": True, "assignee_id": None, "taken_at": None, "staff_spoke_at": None}
    free |= {"waiting_since": None, "waiting_hours_left": None}
    return free if case.state == "new" else {**free, "state": "new"}


def _refuse_merging(case: Case, target: Case) -> None:
    check_move(case, "merged")
    if case.id == target.id:
        raise MoveRefused("Không gộp phiếu vào chính nó.", "same")
    if target.ended:
        raise MoveRefused(f"Phiếu {target.code} đã kết thúc, không gộp vào được.", "target")
    if case.head_only != target.head_only:
        raise MoveRefused("Phiếu chỉ lãnh đạo xem không gộp với phiếu thường.", "head_only")


def _bring_people(connection: Connection, case: Case, target: Case, now: datetime) -> None:
    joined = select(case_people.c.person_id).where(case_people.c.case_id == case.id)
    coming = {case.person_id, *connection.execute(joined).scalars()} - {target.person_id, ""}
    rows = [
        {"case_id": target.id, "person_id": person, "oa_id": target.oa_id, "joined_at": now}
        for person in sorted(coming)
    ]
    insert_new(connection, case_people, rows)


def _keep_note(connection: Connection, case: Case, by: By, text: str | None, now: datetime) -> None:
    if text and text.strip():
        add_message(connection, case.oa_id, case.id, "staff", text.strip(), now, by.staff_id, "note")
