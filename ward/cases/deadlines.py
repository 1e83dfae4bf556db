"""How long a case may take, in working time, and how much of it is used. No figure here is law for a ward:
the head sets them in the console (table `settings`), `answer_hours` stands in ward.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator
from sqlalchemy import Connection, select

from store.schema import settings
from ward.calendar import WorkCalendar
from ward.cases.changes import Case
from ward.cases.model import Kind, Urgency
from ward.profile import Strict

PROMISE_STEP = timedelta(minutes=30)
LONGEST_DAYS = 15
LONGEST_HOURS = 120.0
SETTING = "limits"


class Limit(Strict):
    """Either hours of work, or working days (the first not counted, up to the close of the last)."""

    hours: float | None = Field(None, gt=0, le=LONGEST_HOURS)
    days: int | None = Field(None, ge=1, le=LONGEST_DAYS)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.hours is None) == (self.days is None):
            raise ValueError("ghi số giờ làm việc (hours) hoặc số ngày làm việc (days), một trong hai")
        return self

    @property
    def amount(self) -> str:
        return f"{self.hours if self.days is None else self.days:g}"


class Limits(Strict):
    """The ward's table of limits. `accept`: until a report is looked at and sorted."""

    question: Limit = Limit(hours=8)
    accept: Limit = Limit(hours=8)
    urgent: Limit = Limit(hours=4)
    soon: Limit = Limit(days=3)
    normal: Limit = Limit(days=7)
    conduct: Limit = Limit(days=10)
    late_dossier: Limit = Limit(hours=16)
    data_right: Limit = Limit(days=2)

    def of(self, kind: Kind, urgency: Urgency, classified: bool) -> Limit:
        """A report counts by its urgency once an official has sorted it; before, by the time to accept it."""
        if urgency == "urgent" and kind in ("report", "question"):
            return self.urgent
        if kind != "report":
            limit: Limit = getattr(self, kind)
            return limit
        if not classified:
            return self.accept
        return self.soon if urgency == "soon" else self.normal


@dataclass(frozen=True)
class Deadline:
    due_at: datetime
    allowed_hours: float


def limits_for(connection: Connection, oa_id: str, answer_hours: float) -> Limits:
    """The defaults, `answer_hours` of ward.toml over them, and what the head set over both.

    A figure that this version no longer takes is not an error: the default stands in its place.
    """
    mine = (settings.c.oa_id == oa_id, settings.c.name == SETTING)
    stored = connection.execute(select(settings.c.value).where(*mine)).scalar_one_or_none()
    chosen: dict[str, Any] = {"question": {"hours": answer_hours}, **(stored or {})}
    while True:
        try:
            return Limits.model_validate(chosen)
        except ValidationError as error:
            bad = {item["loc"][0] for item in error.errors()}
            chosen = {name: value for name, value in chosen.items() if name not in bad}


def due_for(
    kind: Kind,
    urgency: Urgency,
    since: datetime,
    calendar: WorkCalendar,
    limits: Limits,
    classified: bool = False,
) -> Deadline:
    """When a case of this kind that came at `since` is due."""
    due_at = end_of(limits.of(kind, urgency, classified), since, calendar)
    return Deadline(due_at, calendar.working_hours_between(since, due_at))


def end_of(limit: Limit, since: datetime, calendar: WorkCalendar) -> datetime:
    if limit.days is not None:
        return calendar.add_working_days(since, limit.days)
    assert limit.hours is not None
    return promise(calendar, since, limit.hours)


def promise(calendar: WorkCalendar, now: datetime, hours: float) -> datetime:
    """The end of `hours` of work, rounded up to a half hour inside the session."""
    due = calendar.add_working_time(now, hours)
    over = timedelta(minutes=due.minute, seconds=due.second, microseconds=due.microsecond) % PROMISE_STEP
    rounded = due if not over else due + PROMISE_STEP - over
    return rounded if calendar.is_open(rounded - timedelta(seconds=1)) else due


def hours_left(case: Case, now: datetime, calendar: WorkCalendar) -> float:
    """Working hours until the case is due; below zero when late. While the citizen is asked it stands."""
    if case.waiting_hours_left is not None:
        return case.waiting_hours_left
    return calendar.working_hours_between(now, case.due_at)


def share_used(case: Case, now: datetime, calendar: WorkCalendar) -> float:
    """0 at the start, 1 when due, more when late."""
    allowed = case.allowed_hours or calendar.working_hours_between(case.created_at, case.due_at)
    return 1.0 if allowed <= 0 else max(0.0, 1 - hours_left(case, now, calendar) / allowed)


def pause(case: Case, now: datetime, calendar: WorkCalendar) -> dict[str, Any]:
    """The columns that stop the clock."""
    left = max(0.0, calendar.working_hours_between(now, case.due_at))
    return {"waiting_since": now, "waiting_hours_left": left}


def resume(case: Case, now: datetime, calendar: WorkCalendar) -> dict[str, Any]:
    """The columns that let it run on. A case that was late when it stopped stays late."""
    going = {"waiting_since": None, "waiting_hours_left": None}
    if not case.waiting_hours_left:
        return going
    return {**going, "due_at": calendar.add_working_time(now, case.waiting_hours_left)}
