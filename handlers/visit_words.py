"""What is said of sessions and places in them: days, slots, checklists, reminders. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.replies import Button, Reply
from handlers.layout import decapitalise, pages
from handlers.parts import Writer, is_current, part_of
from handlers.phrases import Phrases
from handlers.services import Services
from handlers.tokens import token
from handlers.wording import WEEKDAYS, day_text
from knowledge.in_force import on_day
from knowledge.library import Library
from knowledge.schema import Entry
from ward.calendar import local, say_clock
from ward.profile import WEEKDAYS as WEEKDAY_NAMES
from ward.profile import WardProfile
from ward.programmes.model import Programme, Topic
from ward.reminders import Due
from ward.visits.facts import VisitFacts
from ward.visits.firms import AT_FIRM, ONLINE
from ward.visits.firms import KIND as COFFEE
from ward.visits.model import AT_THE_WARD, Visit
from ward.visits.people import Who

CHECKLIST_PAGES = 2
NEUTRAL = ("mình", "mình")
CALLED_BY = ("anh", "chị", "cô", "chú", "bác", "dì", "cậu", "mợ", "thím", "ông", "bà")
SHORT_PAPERS = 3
_BRACKETS = re.compile(r" ?\([^)]*\)")


def called(name: str | None) -> tuple[str, str]:
    """How a person is spoken to: ("chị Tám", "chị"); without a title, and as a couple, they are "mình"."""
    words = (name or "").split()
    title = words[0].lower() if words else ""
    if len(words) > 1 and title in CALLED_BY:
        return " ".join([title, *words[1:]]), NEUTRAL[1] if "và" in words else title
    return NEUTRAL


def day_long(moment: datetime | date) -> str:
    """thứ Bảy 05/12/2026"""
    day = local(moment).date() if isinstance(moment, datetime) else moment
    return f"{WEEKDAYS[day.weekday()]} {day_text(day)}"


def weekdays(programme: Programme) -> str:
    """thứ Năm, thứ Bảy; empty when the programme has no weekdays of its own"""
    return ", ".join(WEEKDAYS[WEEKDAY_NAMES.index(day)] for day in programme.weekdays)


def day_short(moment: datetime) -> str:
    """T7 05/12, CN 06/12"""
    here = local(moment)
    weekday = "CN" if here.weekday() == 6 else f"T{here.weekday() + 2}"
    return f"{weekday} {here:%d/%m}"


def hours(visit: Visit) -> str:
    return f"{say_clock(visit.starts_at)}–{say_clock(visit.ends_at)}"


def slot(visit: Visit, begins: datetime | None) -> str | None:
    """9h–9h30"""
    if begins is None:
        return None
    return f"{say_clock(begins)}–{say_clock(begins + timedelta(minutes=visit.slot_minutes))}"


def label(visit: Visit) -> str:
    """A session on a button: "Khóm 5 · T7 05/12"."""
    day = day_short(visit.starts_at)
    khom = (visit.khom or "")[: 20 - len(day) - 3]
    return f"{khom} · {day}" if khom else day


def at(visit: Visit) -> str:
    """ "khóm 5", or the place when the session is for no khóm."""
    return decapitalise(visit.khom) if visit.khom else visit.place


def where(topic: str | None, place: str, say: Phrases) -> str:
    """The place of the session; not every firm comes there to a business coffee."""
    key = {AT_FIRM: "coffee.where_firm", ONLINE: "coffee.where_online"}.get(topic or "")
    return say.say(key) if key else place


def topic_of(programme: Programme | None, key: str) -> Topic | None:
    return next((topic for topic in programme.topics if topic.key == key), None) if programme else None


@dataclass(frozen=True)
class Checklist:
    """What to bring for one matter, from the library, as the law stands on the day of the session."""

    library: Library
    say: Phrases
    profile: WardProfile
    day: date

    def replies(self, topic: Topic) -> list[Reply]:
        """At most two messages; the whole list is behind a button when it is longer."""
        items: list[str] = []
        entries = self._entries(topic.procedures)
        for entry in entries:
            part = part_of(Writer(entry, self.say, self.profile, self.day), "ho_so")
            if part is not None:
                items += [self.say.say("visit.bring", name=decapitalise(topic.name)), *part.items]
        for entry in self._entries(topic.together_with):
            items.append(self.say.say("visit.together", name=decapitalise(entry.choice_name)))
        if not items:
            return []
        told = pages(items)
        replies = [Reply(text=text) for text in told[:CHECKLIST_PAGES]]
        if len(told) > CHECKLIST_PAGES:
            more = Button(
                title=self.say.say("buttons.ho_so"), payload=token("answer", entries[0].key, "ho_so", 2)
            )
            replies[-1] = replies[-1].model_copy(update={"buttons": (more,)})
        return replies

    def short(self, topic: Topic) -> str | None:
        """The first papers by name, to ask "đủ … chưa"."""
        names = [
            decapitalise(_BRACKETS.sub("", paper.name))
            for entry in self._entries(topic.procedures)
            for paper in entry.documents
            if paper.holds_on(self.day) and paper.when is None and not paper.name.startswith("Tờ khai")
        ]
        return ", ".join(names[:SHORT_PAPERS]) or None

    def _entries(self, keys: Sequence[str]) -> list[Entry]:
        found = (self.library.entry(key) for key in keys)
        return [on_day(entry, self.day) for entry in found if entry and is_current(entry, self.day)]


def checklist(services: Services, visit: Visit) -> Checklist:
    day = local(visit.starts_at).date()
    return Checklist(services.library, services.phrases, services.profile, day)


@dataclass(frozen=True)
class Told:
    """A place in a session, as its reminders speak of it."""

    code: str
    kind: str
    topic: str | None
    programme: str | None
    number: int | None
    starts_at: datetime
    slot_at: datetime | None
    place: str | None
    khom: str | None
    who: Who
    waiting: bool = False
    waits_as: int | None = None
    moved_from: datetime | None = None
    reason: str | None = None

    @classmethod
    def of(cls, facts: VisitFacts) -> Told:
        signup, visit = facts.signup, facts.visit
        return cls(
            signup.code, visit.kind, signup.topic, visit.programme, signup.number, visit.starts_at,
            signup.slot_at, visit.place, visit.khom, facts.who, signup.state == "waiting", facts.waits_as,
            visit.moved_from, visit.reason,
        )  # fmt: skip


class MatterLike(Protocol):
    """What the reminding machine knows of a sign-up when it is due (ward/reminder_matters.py)."""

    @property
    def code(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def programme(self) -> str | None: ...
    @property
    def khom(self) -> str | None: ...
    @property
    def place(self) -> str | None: ...
    @property
    def number(self) -> int | None: ...
    @property
    def topic(self) -> str | None: ...
    @property
    def moved_from(self) -> datetime | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def who(self) -> bytes | None: ...


@dataclass(frozen=True)
class ReminderWords:
    """Words of what is told about a sign-up: `words(kind, facts, now)`; `reply` is the voice of "signup"."""

    phrases: Phrases
    profile: WardProfile
    library: Callable[[], Library]
    programmes: Callable[[], Mapping[str, Programme]]
    unsealed: Callable[[bytes | None], Who]

    def words(self, kind: str, facts: VisitFacts, now: datetime) -> Reply:
        """kind: t3, t1 (or another number of days) | morning | moved | cancelled | moved_up."""
        return self._say(kind, Told.of(facts), now)

    def reply(self, due: Due, matter: MatterLike, now: datetime) -> Reply | None:
        """The same for the reminding machine; None for a kind that has no words here."""
        if not (due.kind in BUTTONS or due.kind[1:].isdigit()):
            return None
        programme = self.programmes().get(matter.programme or "")
        waiting = matter.state == "waiting"
        told = Told(
            code=matter.code,
            kind=programme.kind if programme else "mobile",
            topic=matter.topic,
            programme=matter.programme,
            number=matter.number,
            starts_at=matter.starts_at,
            slot_at=None if waiting else matter.starts_at,
            place=matter.place,
            khom=matter.khom,
            who=self.unsealed(matter.who),
            waiting=waiting,
            moved_from=matter.moved_from,
            reason=matter.reason,
        )
        return self._say(due.kind, told, now)

    def _say(self, kind: str, told: Told, now: datetime) -> Reply:
        """A reminder names the day as it is at this moment: one that goes out late does not say "mai"."""
        days = (local(told.starts_at).date() - local(now).date()).days
        if kind[1:].isdigit():
            kind = "t3" if days > 1 else "t1"
        buttons = _HERE.get((told.kind, kind), BUTTONS[kind])
        if kind == "moved" and told.waiting:
            kind = "moved_waiting"
        elif told.kind == COFFEE and kind != "cancelled":
            kind = f"{kind}_coffee"
        elif kind == "t3" and told.kind in AT_THE_WARD:
            kind = f"t3_{told.kind}"
        text = self.phrases.say(f"visit_told.{kind}", **self._values(told, days))
        return Reply(text=text, buttons=tuple(self._button(name, told) for name in buttons))

    def _button(self, name: str, told: Told) -> Button:
        action, key = _ACTIONS[name]
        target = told.kind if key == "kind" else told.code
        return Button(title=self.phrases.say(f"buttons.{name}"), payload=token("visit", action, target))

    def _values(self, told: Told, days: int) -> dict[str, str | int | None]:
        name, who = called(told.who.name)
        day = local(told.starts_at).date()
        coffee = told.kind == COFFEE
        near = {0: "visit_told.today", 1: "visit_told.tomorrow"}.get(days)
        return {
            "called": name,
            "who": who,
            "who_first": who.capitalize(),
            "number": told.number,
            "days": days,
            "near": self.phrases.say(near) if near else day_long(day),
            "slot": self._slot(told),
            "hour": say_clock(told.slot_at or told.starts_at),
            "starts": say_clock(told.starts_at),
            "day": day_long(day),
            "old_day": f"{local(told.moved_from or told.starts_at):%d/%m}",
            "at": self._at(told),
            "place": where(told.topic, told.place or "", self.phrases) if coffee else told.place,
            "reason": decapitalise(told.reason).rstrip(". ") if told.reason else None,
            "papers": self._papers(told, day),
            "code": told.code,
            "waits_as": told.waits_as,
        }

    def _at(self, told: Told) -> str | None:
        """ "khóm 5"; what is held at the ward goes by its name."""
        programme = self.programmes().get(told.programme or "")
        if programme is not None and told.kind in AT_THE_WARD:
            return decapitalise(programme.name)
        return decapitalise(told.khom) if told.khom else told.place

    def _slot(self, told: Told) -> str | None:
        programme = self.programmes().get(told.programme or "")
        if told.slot_at is None or programme is None or programme.sessions is None:
            return None
        ends = told.slot_at + timedelta(minutes=programme.sessions.slot_minutes)
        return f"{say_clock(told.slot_at)}–{say_clock(ends)}"

    def _papers(self, told: Told, day: date) -> str | None:
        topic = topic_of(self.programmes().get(told.programme or ""), told.topic or "")
        return Checklist(self.library(), self.phrases, self.profile, day).short(topic) if topic else None


BUTTONS: dict[str, tuple[str, ...]] = {
    "t3": ("papers_ready", "papers_missing", "busy"),
    "t1": ("coming", "busy"),
    "morning": ("coming", "busy"),
    "moved": ("can_come", "busy", "at_office"),
    "cancelled": ("other_session",),
    "moved_up": ("coming", "busy"),
}
_HERE: dict[tuple[str, str], tuple[str, ...]] = {
    ("ceremony", "t3"): ("coming", "busy"),
    ("ceremony", "moved"): ("can_come", "busy"),
    ("same_day", "moved"): ("can_come", "busy"),
    ("coffee", "t3"): ("coming", "busy"),
    ("coffee", "moved"): ("can_come", "busy"),
}
"""Where other buttons fit: at a ceremony and a coffee no papers are asked for, and the ward is the office
already."""
_ACTIONS = {
    "papers_ready": ("ready", "code"),
    "papers_missing": ("papers", "code"),
    "coming": ("coming", "code"),
    "can_come": ("coming", "code"),
    "busy": ("busy", "code"),
    "at_office": ("office", "code"),
    "other_session": ("kind", "kind"),
}
