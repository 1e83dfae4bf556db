"""A later term, told to the citizen with an apology. Officials give the day; it ends with that day's work."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection

from ward.calendar import VIET_NAM, WorkCalendar, local
from ward.cases.changes import By, Changed, MoveRefused, add_message, begin, save, sent_key
from ward.cases.handling import refuse_other_hands

LONGEST: Final = timedelta(days=60)
LATE_TOLD: Final = "late_told"
"""The same event as the clock's own apology: what the citizen may read of it is the same."""


def extend(
    connection: Connection,
    oa_id: str,
    case_id: int,
    version: int | None,
    by: By,
    day: date,
    reason: str,
    now: datetime,
    calendar: WorkCalendar,
) -> Changed:
    """A new due time, the close of work on `day`. The caller tells the citizen under `sent_as`."""
    case = begin(connection, oa_id, case_id, version)
    refuse_other_hands(case, by)
    if case.state not in ("new", "assigned"):
        raise MoveRefused("Phiếu này không còn tính hạn, không cần gia hạn.", "state")
    why = " ".join(reason.split())
    if len(why) < 5:
        raise MoveRefused("Ghi lý do gia hạn để người sau còn hiểu.", "reason")
    due_at = _closing(day, calendar)
    if due_at <= max(now, case.due_at):
        raise MoveRefused("Hạn mới phải sau hạn đang có và sau lúc này.", "day")
    if due_at > now + LONGEST:
        raise MoveRefused("Hạn mới xa quá 60 ngày. Nếu việc dài vậy, báo lãnh đạo.", "day")
    sent_as = sent_key(case) if case.person_id else None
    allowed = calendar.working_hours_between(case.created_at, due_at)
    detail = {"new_due_at": due_at.isoformat(), "old_due_at": case.due_at.isoformat()}
    values = {"due_at": due_at, "allowed_hours": allowed, "reminded_percent": 0, "late_told_at": None}
    changed = save(connection, case, by, LATE_TOLD, now, detail, staff_spoke_at=now, **values)
    add_message(connection, oa_id, case_id, "staff", why, now, by.staff_id, "note")
    return Changed(changed, None, sent_as)


def _closing(day: date, calendar: WorkCalendar) -> datetime:
    """The end of the day's work."""
    if not calendar.is_working_day(day):
        raise MoveRefused("Ngày này cơ quan nghỉ. Mình chọn ngày làm việc.", "day")
    morning = local(datetime.combine(day, time(), VIET_NAM))
    return calendar.add_working_days(morning - timedelta(days=1), 1)
