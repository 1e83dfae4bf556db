"""What a reminder is about, as it stands now: a place in a session, a home visit, a reception, a licence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, and_, select

from store.schema import (
    appointments,
    facilities,
    facility_dates,
    facility_people,
    home_requests,
    people,
    signups,
    visits,
)
from ward.calendar import VIET_NAM, local
from ward.duties import title_of
from ward.reminders import Due, days_before

MORNING, NOON, EVENING, LAST_HOUR = time(7, 0), time(12, 0), time(18, 0), time(23, 0)
AWAY = ("busy", "move")
HOME_CERTAIN = ("confirmed",)
HOME_OPEN = ("asked", "proposed", "confirmed")
CALLED_OFF = ("cancelled", "declined")
"""Kinds of news that speak of an end: true only while it is one."""
FACILITY = "facility"
"""Topic of reminders that a facility's paper expires."""
RESULT = "result"
"""Kind of the appointments that are wishes to hear of a result (ward/results.py)."""
FETCHED_WITHIN = timedelta(days=30)
"""For so long the news of a result is worth telling."""


@dataclass(frozen=True)
class Matter:
    """`reminds`: a reminder of it makes sense. `holds`: it still takes place, or waits to."""

    code: str
    state: str
    reminds: bool
    holds: bool
    version: int | None
    starts_at: datetime
    ends_at: datetime
    person_id: str | None
    programme: str | None = None
    khom: str | None = None
    place: str | None = None
    number: int | None = None
    topic: str | None = None
    moved_from: datetime | None = None
    reason: str | None = None
    who: bytes | None = None
    half: str | None = None
    """am or pm, of a visit at home."""
    asked_for: str | None = None
    """The hour of a visit at home, as "9h"."""
    others: tuple[str, ...] = ()
    """Further accounts of the same facility: told too, where that is free."""


def matter_of(connection: Connection, oa_id: str, due: Due) -> Matter | None:
    """None: there is no such thing any more."""
    return _READERS[due.subject](connection, oa_id, due.subject_id)


def stands(due: Due, matter: Matter, now: datetime) -> bool:
    """Whether this is still to be told: not moved or cancelled since, not over, not of another day."""
    if matter.version is not None and matter.version != due.version:
        return False
    if due.kind in CALLED_OFF:
        return not matter.holds and now < matter.ends_at
    days = days_before(due.kind)
    if days is None:
        return matter.holds and now < matter.ends_at
    planned = local(matter.starts_at).date() - timedelta(days=days)
    of_this_day = planned <= local(due.due_at).date() <= planned + timedelta(days=1)
    return matter.reminds and of_this_day and now < matter.starts_at


def useless_after(due: Due, matter: Matter, now: datetime) -> datetime:
    """News is good until the thing is over; a reminder, which names a day as "mai", until midnight."""
    if days_before(due.kind) is None:
        return matter.ends_at
    midnight = datetime.combine(local(now).date() + timedelta(days=1), time(0), VIET_NAM)
    return min(matter.starts_at, midnight)


def _signup(connection: Connection, oa_id: str, signup_id: int) -> Matter | None:
    columns: list[Any] = [*signups.c, *(visits.c[name].label(f"visit_{name}") for name in _OF_VISIT)]
    row = connection.execute(
        select(*columns)
        .join(visits, visits.c.id == signups.c.visit_id)
        .where(signups.c.oa_id == oa_id, signups.c.id == signup_id)
    ).one_or_none()
    if row is None:
        return None
    planned = row.visit_state == "planned"
    return Matter(
        code=row.code,
        state=row.state,
        reminds=planned and row.state == "booked" and row.answer not in AWAY,
        holds=planned and row.state in ("booked", "waiting"),
        version=row.visit_version,
        starts_at=row.slot_at or row.visit_starts_at,
        ends_at=row.visit_ends_at,
        person_id=row.person_id,
        programme=row.visit_programme,
        khom=row.visit_khom,
        place=row.visit_place,
        number=row.number,
        topic=row.topic,
        moved_from=row.visit_moved_from,
        reason=row.visit_reason,
        who=row.who,
    )


_OF_VISIT = ("state", "version", "starts_at", "ends_at", "programme", "khom", "place", "moved_from", "reason")


def _home(connection: Connection, oa_id: str, request_id: int) -> Matter | None:
    """Its version rises with every change of the row, so the day tells what is old, not the version."""
    found = (home_requests.c.oa_id == oa_id, home_requests.c.id == request_id)
    row = connection.execute(select(home_requests).where(*found)).one_or_none()
    if row is None:
        return None
    begins, ends = (time(7, 0), NOON) if row.half == "am" else (time(13, 0), EVENING)
    return Matter(
        code=row.code,
        state=row.state,
        reminds=row.state in HOME_CERTAIN,
        holds=row.state in HOME_OPEN,
        version=None,
        starts_at=_at(row.day, begins),
        ends_at=_at(row.day, ends),
        person_id=row.person_id,
        programme=row.programme,
        khom=row.khom,
        topic=row.service,
        reason=row.result,
        who=row.who,
        half=row.half,
        asked_for=row.asked_for,
    )


def _appointment(connection: Connection, oa_id: str, appointment_id: int) -> Matter | None:
    found = (appointments.c.oa_id == oa_id, appointments.c.id == appointment_id)
    row = connection.execute(select(appointments).where(*found)).one_or_none()
    if row is None:
        return None
    if row.kind == RESULT:
        return _result(row)
    booked = row.state == "booked"
    return Matter(
        code=row.code,
        state=row.state,
        reminds=booked,
        holds=booked,
        version=None,
        starts_at=received_from(row.day),
        ends_at=_at(row.day, EVENING),
        person_id=row.person_id,
        topic=row.kind,
    )


def received_from(day: date) -> datetime:
    """When a day of reception begins for its reminders: the ward's own hours are text, and no earlier."""
    return _at(day, MORNING)


def _result(row: Any) -> Matter:
    """From its day on it can be fetched."""
    return Matter(
        code=row.code,
        state=row.state,
        reminds=False,
        holds=row.state == "ready",
        version=None,
        starts_at=_at(row.day, MORNING),
        ends_at=_at(row.day + FETCHED_WITHIN, EVENING),
        person_id=row.person_id,
        topic=row.kind,
        who=row.who,
    )


def _paper(connection: Connection, oa_id: str, paper_id: int) -> Matter | None:
    """A licence of a facility: `place` is the facility, `reason` the paper, the day that on which it ends.

    Of several accounts the one that wrote last is told; who took the consent back is none.
    """
    row = connection.execute(
        select(facility_dates, *(facilities.c[name].label(f"of_{name}") for name in _OF_FACILITY))
        .join(facilities, facilities.c.id == facility_dates.c.facility_id)
        .where(facility_dates.c.oa_id == oa_id, facility_dates.c.id == paper_id)
    ).one_or_none()
    if row is None or row.expires_on is None:
        return None
    first, *others = _accounts(connection, oa_id, row.facility_id) or [None]
    return Matter(
        code=f"CS-{row.facility_id}",
        state="active" if row.of_active else "closed",
        reminds=row.of_active,
        holds=row.of_active,
        version=row.version,
        starts_at=_at(row.expires_on, LAST_HOUR),
        ends_at=_at(row.expires_on, LAST_HOUR),
        person_id=first,
        khom=row.of_khom,
        place=row.of_name,
        topic=FACILITY,
        reason=title_of(row.kind),
        who=row.of_who,
        others=tuple(one for one in others if one is not None),
    )


_OF_FACILITY = ("active", "khom", "name", "who")


def _accounts(connection: Connection, oa_id: str, facility_id: int) -> list[str | None]:
    account = facility_people.c
    same = and_(people.c.oa_id == account.oa_id, people.c.person_id == account.person_id)
    query = (
        select(account.person_id)
        .outerjoin(people, same)
        .where(
            account.oa_id == oa_id,
            account.facility_id == facility_id,
            account.state == "confirmed",
        )
        .order_by(people.c.last_inbound_at.desc().nulls_last(), account.person_id)
    )
    return list(connection.execute(query).scalars())


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, VIET_NAM)


Reader = Callable[[Connection, str, int], Matter | None]
_READERS: dict[str, Reader] = {
    "signup": _signup,
    "home": _home,
    "appointment": _appointment,
    "facility": _paper,
}
