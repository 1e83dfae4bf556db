"""On which days a programme serves: weekday, dates, holidays and the ward's own hours together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from ward.calendar import VIET_NAM, WorkCalendar, local
from ward.programmes.model import Programme

LOOK_AHEAD = 400
ONE_DAY = timedelta(days=1)


def serves_on(programme: Programme, day: date, calendar: WorkCalendar) -> bool:
    """In force, on its weekday, and no holiday. With hours of its own it may serve on a Saturday."""
    if not programme.in_force(day) or not programme.runs_on_weekday(day):
        return False
    if programme.hours and programme.weekdays:
        return not calendar.is_holiday(day)
    return calendar.is_working_day(day)


def spans_on(programme: Programme, day: date, calendar: WorkCalendar) -> list[tuple[datetime, datetime]]:
    """The programme's sessions of the day as moments; none on a day it does not serve."""
    if not serves_on(programme, day, calendar):
        return []
    if not programme.hours:
        return calendar.sessions(day)
    return [
        (
            datetime.combine(day, hours.opens, VIET_NAM),
            datetime.combine(day, hours.closes, VIET_NAM),
        )
        for hours in programme.hours
    ]


def service_days(programme: Programme, calendar: WorkCalendar, first: date) -> Iterator[date]:
    """Days it serves from `first` on, in order; ends with the programme, or when none comes in 400 days."""
    day = max(first, programme.starts) if programme.starts else first
    idle = 0
    while not programme.has_ended(day) and idle <= LOOK_AHEAD:
        if serves_on(programme, day, calendar):
            idle = 0
            yield day
        idle += 1
        day += ONE_DAY


def next_service_day(programme: Programme, calendar: WorkCalendar, now: datetime) -> date | None:
    """Today while a session of today is not over, else the next day it serves; None when there is none."""
    today = local(now).date()
    for day in service_days(programme, calendar, today):
        if day > today or any(closes > now for _, closes in spans_on(programme, day, calendar)):
            return day
    return None
