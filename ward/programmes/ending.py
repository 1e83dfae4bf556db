"""What officials are to be told of programmes in time: an end, a report, a year without a new one.

Each is one task, opened once; a change of date is another task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from store.schema import audit
from ward.calendar import VIET_NAM, WorkCalendar, local
from ward.programmes.changes import ADDED
from ward.programmes.model import Programme, Rhythm
from ward.tasks import open_task

ENDS, REPORT, NEW_ONE, NEXT_YEAR = "programme_ends", "programme_report", "programme_new", "calendar_unchecked"
TASKS: Final = (ENDS, REPORT, NEW_ONE, NEXT_YEAR)
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
    """Open the tasks that are due; how many are new."""
    day = local(now).date()
    made = 0
    for programme in programmes.values():
        if ends_soon(programme, day):
            detail = {"name": programme.name, "ends": f"{programme.ends}"}
            made += open_task(connection, oa_id, ENDS, f"{programme.key}:{programme.ends}", None, detail, now)
    for due in reports_due(programmes, day):
        owed = {"to": due.to, "due": due.due.isoformat(), "programmes": list(due.programmes)}
        made += open_task(connection, oa_id, REPORT, due.ref, None, owed, now)
    if day.month >= QUARTER_FOUR and not has_new_one(connection, oa_id, programmes, day.year):
        made += open_task(connection, oa_id, NEW_ONE, str(day.year), None, {"year": day.year}, now)
    if day.month >= QUARTER_FOUR and not calendar.is_checked(day.year + 1):
        year = day.year + 1
        made += open_task(connection, oa_id, NEXT_YEAR, str(year), None, {"year": year}, now)
    return made
