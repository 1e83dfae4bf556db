"""The ward's public calendar: days off, service days, sessions at the khóm, citizen reception. No persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays
from sqlalchemy import Connection, select

from store.schema import visits
from ward.calendar import VIET_NAM, WorkCalendar, local, national_holidays
from ward.hotlines import reception_days
from ward.ical import Event, write
from ward.profile import WardProfile
from ward.programmes.days import spans_on
from ward.programmes.model import Programme

AHEAD_DAYS = 90
OF_THE_WARD = "lich-phuong"
BY_SESSIONS = ("mobile", "land", "ceremony", "coffee")
"""Programmes whose days are their planned sessions."""


def public_calendar(
    connection: Connection,
    oa_id: str,
    programmes: Mapping[str, Programme],
    profile: WardProfile,
    calendar: WorkCalendar,
    now: datetime,
) -> bytes:
    """The calendar as a file for telephones and other programs."""
    today = local(now).date()
    events = [
        *_days_off(calendar, today.year, oa_id),
        *_days_off(calendar, today.year + 1, oa_id),
        *_service_days(programmes, profile, calendar, today, oa_id),
        *_sessions(connection, oa_id, programmes, now),
        *_reception(profile, calendar, today, oa_id),
    ]
    return write(f"Lịch {profile.name}", events, now)


def _uid(oa_id: str, *parts: object) -> str:
    """The same for the same thing, whenever the file is made."""
    return "-".join(map(str, parts)) + f"@{oa_id}.{OF_THE_WARD}"


def _days_off(calendar: WorkCalendar, year: int, oa_id: str) -> Iterator[Event]:
    own = [day for day in (*calendar.own.holidays, *calendar.own.swap_off) if day.year == year]
    for day in sorted({*national_holidays(year), *own}):
        if calendar.is_holiday(day):
            name = _holiday_names(year).get(day)
            summary = f"Phường nghỉ: {name}" if name else "Phường nghỉ"
            yield Event(_uid(oa_id, "nghi", day), summary, day, day)
    for day in calendar.own.swap_work:
        if day.year == year:
            yield Event(_uid(oa_id, "lam-bu", day), "Phường làm việc bù", day, day)


@lru_cache(maxsize=16)
def _holiday_names(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("VN", years=year, language="vi"))


def _service_days(
    programmes: Mapping[str, Programme],
    profile: WardProfile,
    calendar: WorkCalendar,
    today: date,
    oa_id: str,
) -> Iterator[Event]:
    for programme in programmes.values():
        if not programme.weekdays or programme.kind in BY_SESSIONS:
            continue
        place = programme.place or (profile.counter.address if programme.kind == "same_day" else None)
        for number in range(AHEAD_DAYS):
            day = today + timedelta(days=number)
            for part, (opens, closes) in enumerate(spans_on(programme, day, calendar), 1):
                uid = _uid(oa_id, programme.key, day, part)
                yield Event(uid, programme.name, opens, closes, place, programme.about)


def _sessions(
    connection: Connection, oa_id: str, programmes: Mapping[str, Programme], now: datetime
) -> Iterator[Event]:
    """Planned sessions: what, where and when; nothing of who comes or who serves."""
    begin = datetime.combine(local(now).date(), time(), VIET_NAM)
    coming = (visits.c.oa_id == oa_id, visits.c.state == "planned", visits.c.starts_at >= begin)
    columns = (visits.c.id, visits.c.programme, visits.c.khom, visits.c.place)
    query = select(*columns, visits.c.starts_at, visits.c.ends_at).where(*coming)
    # the weekdays of a same-day programme stand in the calendar already
    query = query.where(visits.c.kind != "same_day").order_by(visits.c.starts_at)
    for row in connection.execute(query):
        programme = programmes.get(row.programme)
        name = programme.name if programme else row.programme
        summary = f"{name} – {row.khom}" if row.khom else name
        about = programme.about if programme else None
        yield Event(_uid(oa_id, "buoi", row.id), summary, row.starts_at, row.ends_at, row.place, about)


def _reception(profile: WardProfile, calendar: WorkCalendar, today: date, oa_id: str) -> Iterator[Event]:
    reception = profile.citizen_reception
    if reception is None:
        return
    for day in reception_days(reception, calendar, today):
        if day > today + timedelta(days=AHEAD_DAYS):
            return
        about = f"Giờ tiếp: {reception.hours}"
        yield Event(_uid(oa_id, "tiep-dan", day), "Tiếp công dân", day, day, reception.place, about)
