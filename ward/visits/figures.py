"""Of a programme whose results are given the same day: how many were, how many not and why, in a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, select

from store.schema import signups, visits
from ward.calendar import VIET_NAM
from ward.visits.model import IN_DAY, NOT_IN_DAY


@dataclass(frozen=True)
class NotInDay:
    """One that was not done the same day. No name."""

    code: str
    visit_id: int
    starts_at: datetime
    reason: str


@dataclass(frozen=True)
class InDay:
    """Of those who came from `first` to `last`, both counted."""

    first: date
    last: date
    done: int
    late: tuple[NotInDay, ...]
    unmarked: int
    """Came, and nobody has written yet how it ended."""

    @property
    def marked(self) -> int:
        return self.done + len(self.late)


def in_day(connection: Connection, oa_id: str, programme: str, first: date, last: date) -> InDay:
    begins = datetime.combine(first, time(), VIET_NAM)
    ends = datetime.combine(last + timedelta(days=1), time(), VIET_NAM)
    columns = (signups.c.code, signups.c.visit_id, signups.c.checked, signups.c.result, visits.c.starts_at)
    rows = connection.execute(
        select(*columns)
        .join(visits, visits.c.id == signups.c.visit_id)
        .where(signups.c.oa_id == oa_id, visits.c.programme == programme, signups.c.state == "came")
        .where(visits.c.starts_at >= begins, visits.c.starts_at < ends)
        .order_by(visits.c.starts_at, signups.c.number)
    ).all()
    late = [
        NotInDay(row.code, row.visit_id, row.starts_at, row.result or "")
        for row in rows
        if NOT_IN_DAY in (row.checked or ())
    ]
    done = sum(IN_DAY in (row.checked or ()) for row in rows)
    return InDay(first, last, done, tuple(late), len(rows) - done - len(late))


def this_quarter(today: date) -> tuple[date, date]:
    """From the first day of the quarter until today: what the quarterly report tells of."""
    return date(today.year, today.month - (today.month - 1) % 3, 1), today
