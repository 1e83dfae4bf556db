"""When the ward works: its hours, Viet Nam's holidays, and the ward's own `calendar.toml` over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
from pydantic import ValidationError

from ward.profile import Hours, Strict, WardFileError, explain, read_toml

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
FILE = "calendar.toml"
CULTURE_DAY = (11, 24)
CULTURE_DAY_SINCE = 2026
HORIZON_DAYS = 400
HOUR = timedelta(hours=1)
WEEKDAY_NAMES = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

Span = tuple[datetime, datetime]


class CalendarFile(Strict):
    """`calendar.toml`: days off, days given off, and Saturdays worked in their place."""

    holidays: tuple[date, ...] = ()
    swap_off: tuple[date, ...] = ()
    swap_work: tuple[date, ...] = ()
    checked_years: tuple[int, ...] = ()


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and hours in Viet Nam time. The ward's own file wins over the national list."""

    hours: Hours
    own: CalendarFile = CalendarFile()
    _known: dict[date, list[Span]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lengths: dict[date, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    def is_holiday(self, day: date) -> bool:
        if day in self.own.swap_work:
            return False
        return day in self.own.holidays or day in self.own.swap_off or day in national_holidays(day.year)

    def is_working_day(self, day: date) -> bool:
        return bool(self.sessions(day))

    def sessions(self, day: date) -> list[Span]:
        """The day's working sessions as moments, none on a day off."""
        if day not in self._known:  # the deadlines of thousands of cases ask for the same few days
            self._known[day] = self._worked_out(day)
        return self._known[day]

    def _worked_out(self, day: date) -> list[Span]:
        if self.is_holiday(day):
            return []
        made_up = day in self.own.swap_work
        day_hours = self.hours.usual() if made_up else self.hours.of(day.weekday())
        return [(_moment(day, hours.opens), _moment(day, hours.closes)) for hours in day_hours]

    def is_open(self, moment: datetime) -> bool:
        here = local(moment)
        return any(opens <= here < closes for opens, closes in self.sessions(here.date()))

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself while open, else the start of the next session."""
        here = local(moment)
        opens, _ = next(self._sessions_from(here))
        return max(opens, here)

    def add_working_time(self, start: datetime, hours: float) -> datetime:
        """The moment when `hours` of work have passed since `start`."""
        left = timedelta(hours=hours)
        here = local(start)
        for opens, closes in self._sessions_from(here):
            begin = max(opens, here)
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        raise AssertionError("the sessions never end")

    def working_hours_between(self, start: datetime, end: datetime) -> float:
        """Hours of work from `start` to `end`; below zero when `end` comes first."""
        if end < start:
            return -self.working_hours_between(end, start)
        begin, stop = local(start), local(end)
        first, last = begin.toordinal(), stop.toordinal()
        ends = {first, last}
        between = sum(self._hours_of(date.fromordinal(n)) for n in range(first + 1, last))
        return between + sum(self._hours_within(date.fromordinal(n), begin, stop) for n in ends)

    def _hours_of(self, day: date) -> float:
        if day not in self._lengths:
            self._lengths[day] = sum((closes - opens) / HOUR for opens, closes in self.sessions(day))
        return self._lengths[day]

    def _hours_within(self, day: date, begin: datetime, stop: datetime) -> float:
        spans = ((max(opens, begin), min(closes, stop)) for opens, closes in self.sessions(day))
        return sum((closes - opens) / HOUR for opens, closes in spans if closes > opens)

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The close of the `days`-th working day after `start`; the day of `start` itself is not counted."""
        if days < 1:
            raise ValueError("a term of working days has at least one")
        next_morning = datetime.combine(local(start).date() + timedelta(days=1), time(), VIET_NAM)
        closings: dict[date, datetime] = {}
        for opens, closes in self._sessions_from(next_morning):
            if opens.date() not in closings and len(closings) == days:
                break
            closings[opens.date()] = closes
        return max(closings.values())

    def add_days(self, start: datetime, days: int) -> date:
        """The last day of a term of calendar days: the day of `start` is not counted, and a last day that
        falls on a day off is the next working day."""
        if days < 1:
            raise ValueError("a term of days has at least one")
        return self.working_day_from(local(start).date() + timedelta(days=days))

    def working_day_from(self, day: date) -> date:
        """The day itself when it is worked, else the next that is."""
        midnight = datetime.combine(day, time(), VIET_NAM)
        opens, _ = next(self._sessions_from(midnight))
        return opens.date()

    def is_checked(self, year: int) -> bool:
        """Whether the ward has compared the year with the official notice of days off."""
        return year in self.own.checked_years

    def _sessions_from(self, moment: datetime) -> Iterator[Span]:
        """Sessions not over at `moment`, in order, without end."""
        day = moment.date()
        idle = 0
        while True:
            spans = [span for span in self.sessions(day) if span[1] > moment]
            yield from spans
            idle = 0 if spans else idle + 1
            if idle > HORIZON_DAYS:
                raise WardFileError(f"{FILE}: {HORIZON_DAYS} ngày liền không có buổi làm việc nào")
            day += timedelta(days=1)


def local(moment: datetime) -> datetime:
    """The same moment by Viet Nam's clock; a moment without zone is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(VIET_NAM)


@lru_cache(maxsize=64)
def national_holidays(year: int) -> frozenset[date]:
    days = set(holidays.country_holidays("VN", years=year))
    if year >= CULTURE_DAY_SINCE:  # stated by law; not left to the library's release
        days.add(date(year, *CULTURE_DAY))
    return frozenset(days)


def load_calendar(ward_dir: Path, hours: Hours) -> WorkCalendar:
    """The calendar of a ward; a missing `calendar.toml` means the national list alone."""
    path = ward_dir / FILE
    if not path.exists():
        return WorkCalendar(hours)
    try:
        own = CalendarFile.model_validate(read_toml(path))
    except ValidationError as error:
        raise WardFileError(explain(path, error)) from error
    both = sorted(set(own.swap_work) & {*own.swap_off, *own.holidays})
    if both:
        raise WardFileError(f"{path}: vừa nghỉ vừa làm bù: {', '.join(day.isoformat() for day in both)}")
    return WorkCalendar(hours, own)


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, VIET_NAM)


def say_clock(moment: datetime) -> str:
    """15h, 15h30."""
    here = local(moment)
    return f"{here.hour}h{here.minute:02d}" if here.minute else f"{here.hour}h"


def say_by_when(due: datetime, now: datetime) -> str:
    """A promised time as people say it: "15h30 hôm nay", "9h sáng mai", "9h thứ Hai 23/11"."""
    end, today = local(due), local(now).date()
    if end.date() == today:
        return f"{say_clock(end)} hôm nay"
    year = f"/{end.year}" if end.year != today.year else ""
    return f"{say_clock(end)} {WEEKDAY_NAMES[end.weekday()]} {end:%d/%m}{year}"
