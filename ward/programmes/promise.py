"""When a dossier handed in now is ready: a programme's same-day promise, over the law's own 15:00 rule.

The promise is always for a complete dossier. It is never stricter than the law: what the law itself gives
back on the day (received by 15:00) stays so, whatever the programme's hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from ward.calendar import VIET_NAM, WorkCalendar, local
from ward.programmes.days import serves_on, spans_on
from ward.programmes.model import Programme

LAW_CUT_OFF = time(15, 0)
"""Civil status and certification: received after 15:00 → the next working day (law-context §7.2)."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Promise:
    """today: on the day of receipt · next_day: on `by`'s day, before its hour if `hour_promised` · normal: as
    the procedure's own entry says. `rule` tells whose promise it is."""

    kind: Literal["today", "next_day", "normal"]
    rule: Literal["programme", "law", "none"]
    by: datetime | None = None
    hour_promised: bool = False


def promise(
    programme: Programme | None,
    on_list: bool,
    same_day_by_law: bool,
    received_at: datetime,
    calendar: WorkCalendar,
) -> Promise:
    """`on_list`: the programme lists the procedure. What comes when all is shut waits for the opening."""
    received = local(received_at)
    if not calendar.is_open(received) and not _is_serving(programme, received, calendar):
        received = calendar.next_opening(received)
    ours = _of_programme(programme, on_list, received, calendar)
    legal = _of_law(same_day_by_law, received, calendar)
    return min((ours, legal), key=_lateness)


def _is_serving(programme: Programme | None, moment: datetime, calendar: WorkCalendar) -> bool:
    """A programme with hours of its own may be open when the office is not (Saturday)."""
    if programme is None:
        return False
    return any(opens <= moment < closes for opens, closes in spans_on(programme, moment.date(), calendar))


def _of_programme(
    programme: Programme | None, on_list: bool, received: datetime, calendar: WorkCalendar
) -> Promise:
    if programme is None or programme.same_day is None or not on_list:
        return Promise("normal", "none")
    if not serves_on(programme, received.date(), calendar):
        return Promise("normal", "none")
    rule = programme.same_day
    if rule.cut_off is None or received.time() <= rule.cut_off:  # "sau 15h30" is late, 15:30:00 is not
        return Promise("today", "programme", _end_of(received.date()))
    if rule.later_by is None:
        return Promise("normal", "none")
    day = next_working_day(received.date(), calendar)
    return Promise("next_day", "programme", datetime.combine(day, rule.later_by, VIET_NAM), True)


def _of_law(same_day: bool, received: datetime, calendar: WorkCalendar) -> Promise:
    if not same_day:
        return Promise("normal", "none")
    if received.time() <= LAW_CUT_OFF:
        return Promise("today", "law", _end_of(received.date()))
    return Promise("next_day", "law", _end_of(next_working_day(received.date(), calendar)))


def _lateness(promised: Promise) -> tuple[bool, datetime]:
    return promised.by is None, promised.by or datetime.max.replace(tzinfo=VIET_NAM)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), VIET_NAM)


def next_working_day(day: date, calendar: WorkCalendar) -> date:
    following: Callable[[date], bool] = calendar.is_working_day
    after = day + ONE_DAY
    while not following(after):
        after += ONE_DAY
    return after
