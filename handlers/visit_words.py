"""What is said of sessions and places in them: days, slots, checklists, reminders. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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
from ward.profile import WardProfile
from ward.programmes.model import Programme, Topic
from ward.visits.facts import VisitFacts
from ward.visits.model import Visit

CHECKLIST_PAGES = 2
NEUTRAL = ("mình", "mình")
CALLED_BY = ("anh", "chị", "cô", "chú", "bác", "dì", "cậu", "mợ", "thím", "ông", "bà")
SHORT_PAPERS = 3
_BRACKETS = re.compile(r" ?\([^)]*\)")


def called(name: str | None) -> tuple[str, str]:
    """How a person is spoken to: ("chị Tám", "chị"); without a title they are "mình"."""
    words = (name or "").split()
    title = words[0].lower() if words else ""
    if len(words) > 1 and title in CALLED_BY:
        return " ".join([title, *words[1:]]), title
    return NEUTRAL


def day_long(moment: datetime | date) -> str:
    """thứ Bảy 05/12/2026"""
    day = local(moment).date() if isinstance(moment, datetime) else moment
    return f"{WEEKDAYS[day.weekday()]} {day_text(day)}"


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
class ReminderWords:
    """Words of what is told about a sign-up, for whoever sends reminders: `words(kind, facts)`."""

    phrases: Phrases
    profile: WardProfile
    library: Callable[[], Library]
    programmes: Callable[[], dict[str, Programme]]

    def words(self, kind: str, facts: VisitFacts) -> Reply:
        """kind: t3 | t1 | morning | moved | cancelled | moved_up."""
        buttons = BUTTONS[kind]
        if kind == "moved" and facts.signup.state == "waiting":
            kind = "moved_waiting"
        text = self.phrases.say(f"visit_told.{kind}", **self._values(facts))
        return Reply(text=text, buttons=tuple(self._button(name, facts) for name in buttons))

    def _button(self, name: str, facts: VisitFacts) -> Button:
        action, key = _ACTIONS[name]
        target = facts.visit.kind if key == "kind" else facts.signup.code
        return Button(title=self.phrases.say(f"buttons.{name}"), payload=token("visit", action, target))

    def _values(self, facts: VisitFacts) -> dict[str, str | int | None]:
        signup, visit = facts.signup, facts.visit
        name, who = called(facts.who.name)
        topic = topic_of(self.programmes().get(visit.programme), signup.topic)
        day = local(visit.starts_at).date()
        papers = Checklist(self.library(), self.phrases, self.profile, day).short(topic) if topic else None
        return {
            "called": name,
            "who": who,
            "who_first": who.capitalize(),
            "number": signup.number,
            "slot": slot(visit, signup.slot_at),
            "hour": say_clock(signup.slot_at or visit.starts_at),
            "starts": say_clock(visit.starts_at),
            "day": day_long(visit.starts_at),
            "old_day": f"{local(visit.moved_from):%d/%m}" if visit.moved_from else f"{day:%d/%m}",
            "at": at(visit),
            "place": visit.place,
            "reason": decapitalise(visit.reason).rstrip(". ") if visit.reason else None,
            "papers": papers,
            "code": signup.code,
            "waits_as": facts.waits_as,
        }


BUTTONS: dict[str, tuple[str, ...]] = {
    "t3": ("papers_ready", "papers_missing", "busy"),
    "t1": ("coming", "busy"),
    "morning": ("coming", "busy"),
    "moved": ("can_come", "busy", "at_office"),
    "cancelled": ("other_session",),
    "moved_up": ("coming", "busy"),
}
_ACTIONS = {
    "papers_ready": ("ready", "code"),
    "papers_missing": ("papers", "code"),
    "coming": ("coming", "code"),
    "can_come": ("coming", "code"),
    "busy": ("busy", "code"),
    "at_office": ("office", "code"),
    "other_session": ("kind", "kind"),
}
