"""When officials may be told: silent hours, what goes through them, and when digests leave.

The figures stand in the table `settings` (the console writes them); here are their names and defaults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from store.schema import settings
from ward.calendar import WorkCalendar, local

NAMES: Final = (
    "silent_hours",
    "urgent_in_silence",
    "digest_hours",
    "return_after_minutes",
    "reminder_percents",
)
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:h]([0-5]\d)")


@dataclass(frozen=True)
class Rules:
    """`silence`: from and until, also over midnight; None: officials may be told at any hour."""

    silence: tuple[time, time] | None = (time(21), time(6, 30))
    urgent_in_silence: bool = True
    digest_at: tuple[time, ...] = (time(7, 30), time(13, 30))
    return_after_minutes: int = 240
    steps: tuple[int, ...] = (50, 80, 100)


def rules_of(connection: Connection, oa_id: str) -> Rules:
    """What the head set, over the defaults; a value that cannot be read is as if it were not set."""
    query = select(settings.c.name, settings.c.value).where(
        settings.c.oa_id == oa_id, settings.c.name.in_(NAMES)
    )
    found = {row.name: row.value for row in connection.execute(query)}
    usual = Rules()
    minutes, steps = found.get("return_after_minutes"), found.get("reminder_percents")
    through = found.get("urgent_in_silence")
    return Rules(
        silence=_silence(found.get("silent_hours"), usual.silence),
        urgent_in_silence=through if isinstance(through, bool) else usual.urgent_in_silence,
        digest_at=_clocks(found.get("digest_hours")) or usual.digest_at,
        return_after_minutes=minutes if isinstance(minutes, int) and minutes > 0 else 240,
        steps=_steps(steps) or usual.steps,
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


def _silence(value: Any, usual: tuple[time, time] | None) -> tuple[time, time] | None:
    if value == "":
        return None
    clocks = _clocks(value)
    return (clocks[0], clocks[1]) if len(clocks) == 2 else usual


def _clocks(value: Any) -> tuple[time, ...]:
    """ "07:30, 13:30" or ["07:30", "13:30"]."""
    words = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return tuple(time(int(hour), int(minute)) for hour, minute in _CLOCK.findall(words))


def _steps(value: Any) -> tuple[int, ...]:
    return tuple(step for step in value if isinstance(step, int)) if isinstance(value, list) else ()
