"""Appointments for citizen reception: a name to be called by and a day. Nothing of the matter is asked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, insert, select, update

from store.schema import appointments
from store.secrets import SecretBox
from ward.calendar import WorkCalendar, local
from ward.cases.opening import next_code
from ward.profile import WEEKDAYS, WardProfile
from ward.reminder_matters import received_from
from ward.reminders import rules_of, void, write

KIND = "citizen_reception"
DAYS_SHOWN = 3
SUBJECT: Final = "appointment"
"""Of its reminders."""
LATEST_NOTICE = 1
"""Days: it is reminded of on the eve and on the day itself, however early other things are."""
LOOK_AHEAD = 90
"""Days: three reception days are found in them, whatever holidays fall on it."""
_CLOCK = re.compile(r"(\d{1,2})\s*(?:h|:|giờ)\s*(\d{2})?")

State = Literal["booked", "cancelled", "came", "absent"]


@dataclass(frozen=True)
class Who:
    """How to call the person, and (if given) where."""

    name: str
    phone: str | None = None


FORGOTTEN: Final = Who("(đã xóa)")
"""Somebody who asked to be forgotten, or whose day is long past."""


@dataclass(frozen=True)
class Appointment:
    code: str
    day: date
    state: str
    who: Who


def reception_days(
    profile: WardProfile, calendar: WorkCalendar, now: datetime, count: int = DAYS_SHOWN
) -> list[date]:
    """The coming reception days, days off skipped. Today only while its hours are not begun."""
    where = profile.citizen_reception
    if where is None:
        return []
    here = local(now)
    begins = _CLOCK.search(where.hours)
    clock = (int(begins[1]), int(begins[2] or 0)) if begins else (0, 0)
    first = here.date() + timedelta(days=(here.hour, here.minute) >= clock)
    weekday = WEEKDAYS.index(where.weekday)
    days = (first + timedelta(days=n) for n in range(LOOK_AHEAD))
    return [day for day in days if day.weekday() == weekday and calendar.is_working_day(day)][:count]


def book(
    connection: Connection, box: SecretBox, oa_id: str, person_id: str, day: date, who: Who, now: datetime
) -> str:
    """Keep a day for the person; the code. A second time the same day: a new name, the old code."""
    sealed = box.seal_text(json.dumps({"name": who.name, "phone": who.phone}, ensure_ascii=False))
    again = connection.execute(
        update(appointments)
        .where(*_mine(oa_id, person_id), appointments.c.day == day, appointments.c.state == "booked")
        .values(who=sealed)
        .returning(appointments.c.code)
    ).first()
    if again is not None:
        return str(again.code)
    code = next_code(connection, oa_id, "TD", now)
    row = {"oa_id": oa_id, "code": code, "kind": KIND, "person_id": person_id, "day": day, "who": sealed}
    adding = insert(appointments).values(**row, state="booked", created_at=now).returning(appointments.c.id)
    _remind(connection, oa_id, connection.execute(adding).scalar_one(), person_id, day, now)
    return code


def _remind(
    connection: Connection, oa_id: str, appointment_id: int, person_id: str, day: date, now: datetime
) -> None:
    rules, quiet = rules_of(connection, oa_id)
    near = [rule for rule in rules if rule.days <= LATEST_NOTICE]
    write(
        connection, oa_id, SUBJECT, appointment_id, 0, person_id, received_from(day), now, near, quiet
    )  # fmt: skip


def cancel(connection: Connection, oa_id: str, person_id: str, code: str, now: datetime) -> date | None:
    """Give a booked day back; the day. None when there is no such booking of this person."""
    done = connection.execute(
        update(appointments)
        .where(*_mine(oa_id, person_id), appointments.c.code == code, appointments.c.state == "booked")
        .values(state="cancelled")
        .returning(appointments.c.id, appointments.c.day)
    ).first()
    if done is None:
        return None
    void(connection, oa_id, SUBJECT, [done.id], now)
    day: date = done.day
    return day


def forget(connection: Connection, oa_id: str, person_id: str, now: datetime) -> None:
    """Names and numbers of the person are gone, coming days given back."""
    for code in connection.execute(_booked_codes(oa_id, person_id)).scalars().all():
        cancel(connection, oa_id, person_id, code, now)
    connection.execute(update(appointments).where(*_mine(oa_id, person_id)).values(who=b""))


def _booked_codes(oa_id: str, person_id: str) -> Any:
    return select(appointments.c.code).where(*_mine(oa_id, person_id), appointments.c.state == "booked")


def booked_by(connection: Connection, oa_id: str, person_id: str, today: date) -> list[tuple[str, date]]:
    """Code and day of the person's coming appointments."""
    query = (
        select(appointments.c.code, appointments.c.day)
        .where(*_mine(oa_id, person_id), appointments.c.state == "booked", appointments.c.day >= today)
        .order_by(appointments.c.day)
    )
    return [(row.code, row.day) for row in connection.execute(query)]


def on_day(connection: Connection, box: SecretBox, oa_id: str, day: date) -> list[Appointment]:
    """Everybody of a day, for the official who receives."""
    query = (
        select(appointments)
        .where(appointments.c.oa_id == oa_id, appointments.c.kind == KIND, appointments.c.day == day)
        .order_by(appointments.c.id)
    )
    return [
        Appointment(row.code, row.day, row.state, _who(box, row.who)) for row in connection.execute(query)
    ]


def settle(connection: Connection, oa_id: str, code: str, state: Literal["came", "absent"]) -> bool:
    """What became of an appointment, once."""
    which = (appointments.c.oa_id == oa_id, appointments.c.kind == KIND, appointments.c.code == code)
    booked = (*which, appointments.c.state == "booked")
    return connection.execute(update(appointments).where(*booked).values(state=state)).rowcount == 1


def _who(box: SecretBox, sealed: bytes) -> Who:
    if not sealed:
        return FORGOTTEN
    clear = json.loads(box.open_text(sealed))
    return Who(clear["name"], clear["phone"])


def _mine(oa_id: str, person_id: str) -> tuple[Any, ...]:
    mine = (appointments.c.oa_id == oa_id, appointments.c.person_id == person_id)
    return *mine, appointments.c.kind == KIND
