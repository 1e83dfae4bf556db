"""Which half days can be had: the programme's days, the time to confirm, and the room of each half day.

A half day's places are given one at a time: whoever takes one holds the half day's counter row until the
transaction ends, and counts the open requests then. So there are never more than the programme's capacity.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from sqlalchemy import Connection, func, select

from store.engine import upsert
from store.schema import counters, home_requests
from ward.calendar import VIET_NAM, WorkCalendar, local
from ward.home.model import OPEN_STATES, HalfDayFull, HomeRefused, Slot
from ward.programmes.days import serves_on, service_days, spans_on
from ward.programmes.model import Programme

CONFIRM_AT = time(16, 0)
NOON = time(12, 0)
LOOK_AT = 40
"""Half days looked at for a free one."""


def confirm_by(day: date, calendar: WorkCalendar) -> datetime:
    """Officials call by 16:00 of the working day before."""
    before = day - timedelta(days=1)
    while not calendar.is_working_day(before):
        before -= timedelta(days=1)
    return datetime.combine(before, CONFIRM_AT, VIET_NAM)


def begins_at(programme: Programme, slot: Slot, calendar: WorkCalendar) -> datetime | None:
    """When the half day of the programme begins; None when it does not serve then."""
    for opens, closes in spans_on(programme, slot.day, calendar):
        morning, afternoon = local(opens).time() < NOON, local(closes).time() > NOON
        if slot.half == "am" and morning:
            return opens
        if slot.half == "pm" and afternoon:
            return max(opens, datetime.combine(slot.day, NOON, VIET_NAM))
    return None


def slots(programme: Programme, calendar: WorkCalendar, now: datetime) -> Iterator[Slot]:
    """Half days that can still be confirmed in time, soonest first."""
    for day in service_days(programme, calendar, local(now).date() + timedelta(days=1)):
        if now < confirm_by(day, calendar):
            both = (Slot(day, "am"), Slot(day, "pm"))
            yield from (slot for slot in both if begins_at(programme, slot, calendar) is not None)


def free_slots(
    connection: Connection,
    oa_id: str,
    programme: Programme,
    calendar: WorkCalendar,
    now: datetime,
    count: int = 3,
) -> list[Slot]:
    near = list(islice(slots(programme, calendar, now), LOOK_AT))
    if not near:
        return []
    used = taken(connection, oa_id, programme.key, near[0].day, near[-1].day)
    return [slot for slot in near if used.get(slot, 0) < capacity(programme)][:count]


def taken(connection: Connection, oa_id: str, programme: str, first: date, last: date) -> dict[Slot, int]:
    """Open requests by half day."""
    table = home_requests.c
    query = (
        select(table.day, table.half, func.count())
        .where(table.oa_id == oa_id, table.programme == programme, table.day.between(first, last))
        .where(table.state.in_(OPEN_STATES))
        .group_by(table.day, table.half)
    )
    return {Slot(day, half): count for day, half, count in connection.execute(query)}


def capacity(programme: Programme) -> int:
    return programme.sessions.capacity if programme.sessions else 0


def check_serves(programme: Programme, slot: Slot, calendar: WorkCalendar) -> datetime:
    """The beginning of the half day; refused when the programme does not serve then."""
    begins = begins_at(programme, slot, calendar) if serves_on(programme, slot.day, calendar) else None
    if begins is None:
        raise HomeRefused(
            f"Ngày {slot.day:%d/%m/%Y} chương trình này không phục vụ (lịch, ngày lễ, thời hạn)."
        )
    return begins


def take_room(connection: Connection, oa_id: str, programme: Programme, slot: Slot) -> None:
    """Hold the half day and see that a place is left; refused when none is."""
    hold(connection, oa_id, slot)
    used = taken(connection, oa_id, programme.key, slot.day, slot.day).get(slot, 0)
    if used >= capacity(programme):
        raise HalfDayFull


def hold(connection: Connection, oa_id: str, slot: Slot) -> None:
    """Until the end of the transaction nobody else gets a place in this half day."""
    row = {"oa_id": oa_id, "name": f"home-{slot.day:%Y%m%d}-{slot.half}", "value": 1}
    held = {"value": counters.c.value + 1}
    connection.execute(
        upsert(connection, counters)
        .values(**row)
        .on_conflict_do_update(index_elements=["oa_id", "name"], set_=held)
    )
