"""Where two programmes want the same people, place or khóm at the same time (Thursdays are crowded)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Literal

from sqlalchemy import Connection, select

from knowledge.text import normalize
from store.schema import visits
from ward.calendar import VIET_NAM, WorkCalendar, local
from ward.programmes.days import spans_on
from ward.programmes.duties import Duty, on_days
from ward.programmes.model import Programme

Kind = Literal["staff", "place", "khom", "unassigned"]
"""unassigned: at the same time, and for one of them nobody is on duty yet: it cannot be told."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Busy:
    """Something that takes people or a place for a while."""

    name: str
    programme: str
    starts: datetime
    ends: datetime
    people: frozenset[str] = frozenset()
    place: str | None = None
    khom: str | None = None

    def overlaps(self, other: Busy) -> bool:
        return self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True)
class Clash:
    """`what`: the person, place or khóm both want."""

    day: date
    kind: Kind
    what: str
    first: Busy
    second: Busy


def clashes(
    connection: Connection,
    oa_id: str,
    programmes: Mapping[str, Programme],
    calendar: WorkCalendar,
    first: date,
    days: int,
) -> list[Clash]:
    """All of them on `days` days from `first` on."""
    last = first + ONE_DAY * (days - 1)
    roster = on_days(connection, oa_id, first, last)
    gone_out = _visits(connection, oa_id, programmes, first, last)
    found: list[Clash] = []
    for number in range(days):
        day = first + ONE_DAY * number
        today = [*_services(programmes, calendar, day, roster), *(one for one in gone_out if _on(one, day))]
        found += among(day, today)
    return found


def among(day: date, several: Sequence[Busy]) -> list[Clash]:
    """What clashes in the things of one day; each pair of programmes once for each reason."""
    found: dict[tuple[str, str, str, str], Clash] = {}
    for one, other in combinations(several, 2):
        if one.overlaps(other):
            for kind, what in _reasons(one, other):
                found.setdefault((kind, what, one.name, other.name), Clash(day, kind, what, one, other))
    return list(found.values())


def _reasons(one: Busy, other: Busy) -> Iterator[tuple[Kind, str]]:
    both = one.people & other.people
    for person in sorted(both):
        yield "staff", person
    if one.place and other.place and _same(one.place, other.place):
        yield "place", one.place
    if one.khom and other.khom and _same(one.khom, other.khom):
        yield "khom", one.khom
    if one.programme != other.programme and not both and not (one.people and other.people):
        yield "unassigned", ""


def _services(
    programmes: Mapping[str, Programme], calendar: WorkCalendar, day: date, roster: Sequence[Duty]
) -> Iterator[Busy]:
    """Programmes with days of their own; those that hold sessions are busy by their planned sessions."""
    for programme in programmes.values():
        if not programme.weekdays or programme.kind in ("mobile", "land", "ceremony", "coffee"):
            continue
        mine = [duty for duty in roster if duty.day == day and duty.programme == programme.key]
        people = frozenset(duty.name for duty in mine)
        for opens, closes in spans_on(programme, day, calendar):
            yield Busy(programme.name, programme.key, opens, closes, people, programme.place)


def _visits(
    connection: Connection, oa_id: str, programmes: Mapping[str, Programme], first: date, last: date
) -> list[Busy]:
    begin = datetime.combine(first, time(), VIET_NAM)
    end = datetime.combine(last + ONE_DAY, time(), VIET_NAM)
    planned = (visits.c.oa_id == oa_id, visits.c.state == "planned")
    within = (visits.c.starts_at >= begin, visits.c.starts_at < end)
    rows = connection.execute(select(visits).where(*planned, *within).order_by(visits.c.starts_at))
    return [
        Busy(
            _visit_name(programmes, row.programme, row.khom),
            row.programme,
            local(row.starts_at),
            local(row.ends_at),
            frozenset(map(str, row.team)),
            row.place,
            row.khom,
        )
        for row in rows
    ]


def _visit_name(programmes: Mapping[str, Programme], key: str, khom: str | None) -> str:
    name = programmes[key].name if key in programmes else key
    return f"{name} – {khom}" if khom else name


def _on(one: Busy, day: date) -> bool:
    return local(one.starts).date() == day


def _same(one: str, other: str) -> bool:
    return normalize(one).plain == normalize(other).plain
