"""When officials may be told: silent hours, what goes through them, and when digests leave.

The figures are settings of the ward's head; here is what they mean for a moment of the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from ward import settings
from ward.calendar import WorkCalendar, local


@dataclass(frozen=True)
class Rules:
    """`silence`: from and until, also over midnight; None: officials may be told at any hour."""

    silence: tuple[time, time] | None = (time(21), time(6, 30))
    urgent_in_silence: bool = True
    digest_at: tuple[time, ...] = (time(7, 30), time(13, 30))
    return_after_minutes: int = 240
    steps: tuple[int, ...] = (50, 80, 100)


def rules_of(connection: Connection, oa_id: str) -> Rules:
    """What the head set (ward/settings.py), as moments of the day."""
    chosen = settings.load(connection, oa_id)
    return Rules(
        silence=chosen.silence,
        urgent_in_silence=chosen.urgent_in_silence,
        digest_at=tuple(settings.clock_of(hour) for hour in chosen.digest_hours),
        return_after_minutes=chosen.return_after_minutes,
        steps=chosen.reminder_percents,
    )


def told_at(now: datetime, urgent: bool, rules: Rules) -> datetime:
    """Now, or the end of the silent hours."""
    if rules.silence is None or (urgent and rules.urgent_in_silence):
        return now
    begins, ends = rules.silence
    here = local(now)
    over_midnight = ends <= begins
    clock = here.timetz().replace(tzinfo=None)
    quiet = clock >= begins or clock < ends if over_midnight else begins <= clock < ends
    if not quiet:
        return now
    tomorrow = over_midnight and clock >= begins
    return datetime.combine(here.date() + timedelta(days=tomorrow), ends, here.tzinfo)


def digest_slot(now: datetime, calendar: WorkCalendar, rules: Rules) -> datetime | None:
    """The last time of today at which a digest was to leave; None on a day off, or before the first."""
    here = local(now)
    if not calendar.is_working_day(here.date()):
        return None
    slots = [datetime.combine(here.date(), clock, here.tzinfo) for clock in rules.digest_at]
    return max((slot for slot in slots if slot <= here), default=None)
