"""What officials are to be told of programmes in time: an end, a report, a year without a new one, a clash.

Each is one task, opened once; a change of date is another task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from store.schema import audit
from ward.calendar import VIET_NAM, WorkCalendar, local
from ward.programmes import todo
from ward.programmes.changes import ADDED
from ward.programmes.clashes import clashes
from ward.programmes.model import Programme, Rhythm
from ward.programmes.todo import CLASH, ENDS, NEW_ONE, NEXT_YEAR, REPORT
from ward.tasks import forget_task, open_task

Wanted = dict[tuple[str, str], dict[str, Any]]
"""What is to be told of now: (kind, ref) → detail."""
DAYS_OF_CLASHES = 14
DAYS_BEFORE_END = 60
DAYS_BEFORE_REPORT = 7
QUARTER_FOUR = 10
"""From this month on a missing new programme, or an unchecked calendar of next year, is told of."""
MONTHS: Final[Mapping[Rhythm, int]] = {"monthly": 1, "quarterly": 3, "half_year": 6, "yearly": 12}


@dataclass(frozen=True)
class ReportDue:
    """One report of one period, for all programmes that owe it."""

    rhythm: Rhythm
    to: str
    due: date
    programmes: tuple[str, ...]

    @property
    def ref(self) -> str:
        return f"{self.rhythm}:{self.due.isoformat()}:{self.to}"[:120]


def ends_soon(programme: Programme, day: date) -> bool:
    return programme.in_force(day) and programme.ends is not None and _left(programme.ends, day)


def _left(ends: date, day: date) -> bool:
    return ends - day <= timedelta(days=DAYS_BEFORE_END)


def reports_due(programmes: Mapping[str, Programme], day: date) -> list[ReportDue]:
    """Reports whose day is within a week. A period's report is due on its last day, until the ward's own
    day is known."""
    owed: dict[tuple[Rhythm, str, date], list[str]] = {}
    for programme in programmes.values():
        for rhythm, to, due in _reports(programme, day):
            if timedelta() <= due - day <= timedelta(days=DAYS_BEFORE_REPORT):
                owed.setdefault((rhythm, to, due), []).append(programme.name)
    return [ReportDue(rhythm, to, due, tuple(names)) for (rhythm, to, due), names in sorted(owed.items())]


def _reports(programme: Programme, day: date) -> Iterator[tuple[Rhythm, str, date]]:
    for report in programme.reports:
        due = report.on or _period_end(day, MONTHS.get(report.rhythm))
        if due is not None and (report.on is not None or programme.in_force(day)):
            yield report.rhythm, report.to, due


def _period_end(day: date, months: int | None) -> date | None:
    if months is None:
        return None
    month = ((day.month - 1) // months + 1) * months
    following = date(day.year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def has_new_one(connection: Connection, oa_id: str, programmes: Mapping[str, Programme], year: int) -> bool:
    """A programme that began this year, or was entered in the console this year."""
    if any(
        one.starts is not None and one.starts.year == year and not one.sample for one in programmes.values()
    ):
        return True
    begin = datetime(year, 1, 1, tzinfo=VIET_NAM)
    end = datetime(year + 1, 1, 1, tzinfo=VIET_NAM)
    when = (audit.c.at >= begin, audit.c.at < end)
    query = select(audit.c.id).where(audit.c.oa_id == oa_id, audit.c.action == ADDED, *when).limit(1)
    return connection.execute(query).first() is not None


def remind(
    connection: Connection,
    oa_id: str,
    programmes: Mapping[str, Programme],
    calendar: WorkCalendar,
    now: datetime,
) -> int:
    """Open the tasks that are due, and let go of those whose cause is gone; how many are new.

    What was ticked off keeps its row, so it is not opened again.
    """
    wanted = {
        **_ends(programmes, local(now).date()),
        **_reports_owed(programmes, local(now).date()),
        **_of_the_year(connection, oa_id, programmes, calendar, local(now).date()),
        **_clashing(connection, oa_id, programmes, calendar, local(now).date()),
    }
    known_ends = ((ENDS, f"{one.key}:{one.ends}") for one in programmes.values())
    for kind, ref in todo.lapsed(connection, oa_id, (*wanted, *known_ends)):
        forget_task(connection, oa_id, kind, ref)
    return sum(
        open_task(connection, oa_id, kind, ref, None, detail, now) for (kind, ref), detail in wanted.items()
    )


def _ends(programmes: Mapping[str, Programme], day: date) -> Wanted:
    return {
        (ENDS, f"{one.key}:{one.ends}"): {"name": one.name, "ends": f"{one.ends}"}
        for one in programmes.values()
        if ends_soon(one, day)
    }


def _reports_owed(programmes: Mapping[str, Programme], day: date) -> Wanted:
    return {
        (REPORT, one.ref): {"to": one.to, "due": one.due.isoformat(), "programmes": list(one.programmes)}
        for one in reports_due(programmes, day)
    }


def _of_the_year(
    connection: Connection,
    oa_id: str,
    programmes: Mapping[str, Programme],
    calendar: WorkCalendar,
    day: date,
) -> Wanted:
    wanted: Wanted = {}
    if day.month >= QUARTER_FOUR and not has_new_one(connection, oa_id, programmes, day.year):
        wanted[NEW_ONE, str(day.year)] = {"year": day.year}
    if day.month >= QUARTER_FOUR and not calendar.is_checked(day.year + 1):
        wanted[NEXT_YEAR, str(day.year + 1)] = {"year": day.year + 1}
    return wanted


def _clashing(
    connection: Connection,
    oa_id: str,
    programmes: Mapping[str, Programme],
    calendar: WorkCalendar,
    day: date,
) -> Wanted:
    found = clashes(connection, oa_id, programmes, calendar, day, DAYS_OF_CLASHES)
    return {(CLASH, todo.clash_ref(one)): todo.clash_detail(one) for one in found if one.kind != "unassigned"}
