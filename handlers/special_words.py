"""Words about special days: what is promised of a dossier, the rule of a day, a list, who is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.replies import Turn
from handlers.layout import decapitalise
from handlers.parts import Writer
from handlers.services import Services, today
from handlers.wording import document, duration, listed
from knowledge.schema import Entry
from ward.calendar import VIET_NAM, WEEKDAY_NAMES, local, say_by_when, say_clock
from ward.profile import WEEKDAYS
from ward.programmes.days import next_service_day, serves_on, spans_on
from ward.programmes.duties import Role, names
from ward.programmes.lists import Listed, is_on
from ward.programmes.model import Programme
from ward.programmes.promise import LAW_CUT_OFF, Promise, next_working_day, promise

BY_LAW = ("ho_tich", "chung_thuc")
"""Fields whose same-day results the law itself gives, received by 15:00."""
PAPERS = 3


@dataclass(frozen=True)
class Scene:
    """One turn, with the ward's programmes of results without waiting."""

    turn: Turn
    services: Services
    programmes: Mapping[str, Programme]

    def say(self, key: str, **values: str | int | None) -> str:
        return self.services.phrases.say(f"special.{key}", **values)

    @property
    def today(self) -> date:
        return today(self.turn)

    def same_day(self) -> list[Programme]:
        """In force, or coming."""
        return [
            one
            for one in self.programmes.values()
            if one.kind == "same_day" and not one.has_ended(self.today)
        ]

    def serving(self, day: date) -> list[Programme]:
        return [one for one in self.same_day() if serves_on(one, day, self.services.calendar)]

    def listed(self, programme: Programme) -> Sequence[Listed]:
        return self.services.desk.procedures_of(self.turn, programme)

    def has(self, programme: Programme, entry: Entry) -> bool:
        return is_on(self.listed(programme), entry.key, entry.code)

    def day(self, day: date) -> str:
        """hôm nay, thứ Sáu 27/11"""
        if day == self.today:
            return self.say("today")
        year = f"/{day.year}" if day.year != self.today.year else ""
        return f"{WEEKDAY_NAMES[day.weekday()]} {day:%d/%m}{year}"

    def name(self, programme: Programme) -> str:
        return decapitalise(programme.name)


@dataclass(frozen=True)
class Outlook:
    """When a dossier handed in at `at` is ready. `moved`: it was shut when they meant to come."""

    entry: Entry
    at: datetime
    moved: bool
    promised: Promise
    programme: Programme | None
    asked_at_once: bool = False


def outlook(scene: Scene, entry: Entry, wanted: datetime, at_once: bool = False) -> Outlook:
    """The best that any programme of the moment, or the law, gives."""
    calendar = scene.services.calendar
    at = local(wanted)
    serving = scene.serving(at.date())
    inside = any(
        opens <= at < closes for one in serving for opens, closes in spans_on(one, at.date(), calendar)
    )
    shut = not inside and not calendar.is_open(at)
    if shut:
        at = calendar.next_opening(at)
        serving = scene.serving(at.date())
    by_law = same_day_by_law(entry, at.date())
    ways: list[tuple[Promise, Programme | None]] = [(promise(None, False, by_law, at, calendar), None)]
    ways += [(promise(one, scene.has(one, entry), by_law, at, calendar), one) for one in serving]
    best, programme = min(ways, key=_rank)
    return Outlook(entry, at, shut, best, programme if best.rule == "programme" else None, at_once)


def _rank(way: tuple[Promise, Programme | None]) -> tuple[bool, datetime, bool, bool]:
    """Soonest first; of equals the ward's own promise, and the one that says an hour."""
    promised, programme = way
    latest = datetime.max.replace(tzinfo=VIET_NAM)
    rule = programme.same_day if programme else None
    hourless = rule is None or rule.cut_off is None
    return promised.by is None, promised.by or latest, promised.rule != "programme", hourless


def same_day_by_law(entry: Entry, day: date) -> bool:
    """The entry's own term: on the day, without a condition."""
    usual = [term for term in entry.times if term.holds_on(day) and term.when is None and not term.adds]
    return entry.field in BY_LAW and bool(usual) and all(term.same_day for term in usual)


def outlook_lines(scene: Scene, seen: Outlook) -> list[str]:
    """The promise in words, always for a dossier that is whole."""
    lines = _shut_lines(scene, seen)
    if seen.promised.kind == "today":
        return lines + _today_lines(scene, seen)
    if seen.promised.kind == "next_day" and seen.promised.by is not None:
        when = say_by_when(seen.promised.by, scene.turn.at)
        key = "later_by" if seen.promised.hour_promised else "later_day"
        day = scene.day(seen.promised.by.date())
        return [*lines, scene.say(key, when=when, day=day)]
    return lines + _normal_lines(scene, seen)


def _shut_lines(scene: Scene, seen: Outlook) -> list[str]:
    if not seen.moved:
        return []
    return [scene.say("shut", when=say_by_when(seen.at, scene.turn.at))]


def _today_lines(scene: Scene, seen: Outlook) -> list[str]:
    day = seen.at.date()
    programme = seen.programme
    head = "in_time_moved" if seen.moved else "can" if seen.asked_at_once else "in_time"
    if programme is None:
        cut_off = say_clock(datetime.combine(day, LAW_CUT_OFF, VIET_NAM))
        following = scene.day(next_working_day(day, scene.services.calendar))
        lines = [scene.say(head), scene.say("by_law", clock=cut_off, day=scene.day(day))]
        return [*lines, scene.say("after_law", clock=cut_off, day=following)]
    lines = [scene.say(head), scene.say("is_day", day=_capital(scene.day(day)), name=scene.name(programme))]
    return lines + rule_lines(scene, programme, day)


def rule_lines(scene: Scene, programme: Programme, day: date) -> list[str]:
    """The hour of the programme on a day, and what comes after it; without an hour none is promised."""
    rule = programme.same_day
    if rule is None or rule.cut_off is None:
        return [scene.say("no_hour")]
    clock = say_clock(datetime.combine(day, rule.cut_off, VIET_NAM))
    lines = [scene.say("until", clock=clock, day=scene.day(day))]
    if rule.later_by is not None:
        after = next_working_day(day, scene.services.calendar)
        when = say_by_when(datetime.combine(after, rule.later_by, VIET_NAM), scene.turn.at)
        lines.append(scene.say("after", clock=clock, when=when))
    return lines


def _normal_lines(scene: Scene, seen: Outlook) -> list[str]:
    """Not on the list of the day, or no such day: its normal time, and the next day that has it."""
    serving = scene.serving(seen.at.date())
    named = [one for one in serving if scene.listed(one)]
    if named:
        lines = [scene.say("not_listed", name=scene.name(named[0]))]
    else:
        lines = [scene.say("no_such_day", day=scene.day(seen.at.date()))]
    lines += [line for line in [scene.say("normal", time=normal_time(scene, seen.entry))] if line]
    return lines + next_day_lines(scene, seen.entry)


def next_day_lines(scene: Scene, entry: Entry) -> list[str]:
    """The next day on which the procedure is done at once, when a list has it."""
    days = [
        (day, one)
        for one in scene.same_day()
        if scene.has(one, entry)
        and (day := next_service_day(one, scene.services.calendar, scene.turn.at)) is not None
    ]
    if not days:
        return []
    day, programme = min(days, key=lambda item: item[0])
    return [scene.say("next_day", name=scene.name(programme), day=scene.day(day))]


def normal_time(scene: Scene, entry: Entry, most: int = 2) -> str | None:
    terms = [term for term in entry.times if term.holds_on(scene.today) and term.known and not term.adds]
    told = [
        f"{duration(scene.services.phrases, term)} ({decapitalise(term.when)})"
        if term.when
        else duration(scene.services.phrases, term)
        for term in terms[:most]
    ]
    return listed(told) or None


def papers_line(scene: Scene, entry: Entry) -> str:
    """What to bring, when it is short; the button has the rest."""
    say = scene.services.phrases
    writer = Writer(entry, say, scene.services.profile, scene.today)
    sheets = writer.now(entry.documents)
    plain = [paper for paper in sheets if paper.when is None and paper.how in ("submit", "show")]
    brought = plain or [paper for paper in sheets if paper.when == "nộp tại quầy"]
    told = listed(document(say, paper) for paper in brought[:PAPERS])
    return scene.say("bring", papers=told or None)


def list_lines(scene: Scene, programme: Programme, most: int = 24) -> list[str]:
    """The procedures of a list, by the names people use where the library has them."""
    listed_ = scene.listed(programme)
    library = scene.services.library
    told = [(library.name_of(one.key) if one.key else None) or one.name for one in listed_]
    lines = [f"• {name}" for name in told[:most] if name]
    more = len(told) - most
    return [*lines, scene.say("more", n=more)] if more > 0 else lines


def duty_lines(scene: Scene, day: date) -> list[str]:
    on_duty = scene.services.desk.on_duty(scene.turn, day)
    roles: tuple[Role, ...] = ("receives", "signs", "helps", "team")
    told = [(role, listed_names(names(on_duty, role))) for role in roles]
    return [scene.say(f"duty_{role}", names=who) for role, who in told if who]


def listed_names(several: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(several))


def days_of(scene: Scene, programme: Programme) -> str | None:
    """thứ Ba và thứ Sáu"""
    found = [WEEKDAY_NAMES[WEEKDAYS.index(weekday)] for weekday in programme.weekdays]
    return " và ".join(found) or None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
