"""Hotlines and citizen reception of the ward's folder: what holds today, what nobody checked lately."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ward.calendar import WorkCalendar, local
from ward.profile import WEEKDAYS, CitizenReception, HotlineGroup, HotlineLine, WardProfile
from ward.tasks import open_task

STALE_MONTHS = 3
STALE_TASK = "hotlines_stale"
LONGEST_LOOK = 400


def in_force(profile: WardProfile, day: date) -> list[HotlineGroup]:
    """Groups with the numbers that hold on the day; a group without any is left out."""
    found = []
    for group in profile.hotlines:
        lines = tuple(line for line in group.lines if line.holds_on(day))
        if lines:
            found.append(group.model_copy(update={"lines": lines}))
    return found


def stale(profile: WardProfile, day: date) -> list[HotlineLine]:
    """Published numbers that were last checked more than three months ago."""
    limit = _months_before(day, STALE_MONTHS)
    return [line for group in in_force(profile, day) for line in group.lines if line.checked_on < limit]


def remind_of_stale(connection: Connection, oa_id: str, profile: WardProfile, now: datetime) -> bool:
    """One task a quarter while a published number waits for its check. True when the task is new."""
    today = local(now).date()
    old = stale(profile, today)
    if not old:
        return False
    quarter = f"{today.year}-Q{(today.month + 2) // 3}"
    detail = {"names": [line.name for line in old]}
    return open_task(connection, oa_id, STALE_TASK, quarter, None, detail, now)


def reception_days(reception: CitizenReception, calendar: WorkCalendar, start: date) -> Iterator[date]:
    """Days of citizen reception from `start` on, without days off."""
    wanted = WEEKDAYS.index(reception.weekday)
    days = (start + timedelta(days=ahead) for ahead in range(LONGEST_LOOK))
    return (day for day in days if day.weekday() == wanted and calendar.is_working_day(day))


def next_reception(reception: CitizenReception, calendar: WorkCalendar, now: datetime) -> date | None:
    """The next day of reception; today still counts while the ward is to work today."""
    here = local(now)
    over = all(closes <= here for _, closes in calendar.sessions(here.date()))
    return next(reception_days(reception, calendar, here.date() + timedelta(days=over)), None)


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or its last day."""
    count = day.year * 12 + day.month - 1 - months
    first = date(count // 12, count % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)
