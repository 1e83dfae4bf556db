"""What is said of visits at home: half days, what to prepare, news and reminders. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.replies import Button, Reply
from handlers.layout import decapitalise, pages
from handlers.parts import Writer, is_current, part_of
from handlers.phrases import Phrases
from handlers.services import Services
from handlers.tokens import token
from handlers.visit_words import day_long
from handlers.wording import WEEKDAYS
from knowledge.in_force import on_day
from ward.calendar import WorkCalendar, local, say_clock
from ward.home.model import HALVES, Half, Slot
from ward.home.room import confirm_by
from ward.profile import WEEKDAYS as WEEKDAY_NAMES
from ward.programmes.model import Programme
from ward.reminder_matters import Matter
from ward.reminders import Due, days_before

NEWS = {"confirmed": "confirmed", "proposed": "proposed", "declined": "declined"}
"""Which state each news speaks of; when the request is in another one by now, it is not told."""


def slot_text(phrases: Phrases, slot: Slot, hour: str | None = None) -> str:
    """thứ Năm 03/12/2026, buổi sáng"""
    key = "home.slot_hour" if hour else "home.slot"
    more = {"hour": hour} if hour else {}
    return phrases.say(key, day=day_long(slot.day), half=HALVES[slot.half], **more)


def confirm_text(calendar: WorkCalendar, day: date) -> str:
    """16h thứ Tư 02/12"""
    moment = confirm_by(day, calendar)
    return f"{say_clock(moment)} {WEEKDAYS[local(moment).weekday()]} {local(moment):%d/%m}"


def weekdays_text(phrases: Phrases, programme: Programme) -> str:
    """thứ Năm hằng tuần"""
    names = [WEEKDAYS[WEEKDAY_NAMES.index(day)] for day in programme.weekdays]
    return phrases.say("home.weekly", days=", ".join(names)) if names else phrases.say("home.work_days")


def prepare(services: Services, key: str, day: date) -> list[Reply]:
    """Papers and fee of the library's entry, as they hold on the day; nothing when it is unknown."""
    found = services.library.entry(key)
    if found is None or not is_current(found, day):
        return []
    writer = Writer(on_day(found, day), services.phrases, services.profile, day)
    items = [services.phrases.say("home.prepare")]
    for part in (part_of(writer, "ho_so"), part_of(writer, "le_phi")):
        items += part.items if part else ()
    return [Reply(text=text) for text in pages(items)]


@dataclass(frozen=True)
class HomeVoice:
    """Words of what is told about a visit at home, for whoever sends reminders (subject "home")."""

    phrases: Phrases

    def reply(self, due: Due, matter: Matter, now: datetime) -> Reply | None:
        if due.kind in NEWS:
            return self._news(due.kind, matter) if matter.state == NEWS[due.kind] else None
        if days_before(due.kind) is None:
            return None
        key = "home_told.remind_certify" if matter.topic == "certify" else "home_told.remind_other"
        text = self.phrases.say(key, when=self._when(matter), code=matter.code)
        return Reply(text=text, buttons=(self._button("home_cancel", "drop", matter),))

    def _news(self, kind: str, matter: Matter) -> Reply:
        if kind == "confirmed":
            text = self.phrases.say("home_told.confirmed", when=self._when(matter), code=matter.code)
            return Reply(text=text, buttons=(self._button("home_cancel", "drop", matter),))
        reason = decapitalise(matter.reason).rstrip(". ") if matter.reason else None
        if kind == "declined":
            person = Button(title=self.phrases.say("buttons.ask_person"), payload=token("home", "person"))
            text = self.phrases.say("home_told.declined", code=matter.code, reason=reason)
            return Reply(text=text, buttons=(person,))
        text = self.phrases.say(
            "home_told.proposed", when=self._when(matter), code=matter.code, reason=reason
        )
        buttons = (
            self._button("home_accept", "accept", matter),
            self._button("home_refuse", "drop", matter),
        )
        return Reply(text=text, buttons=buttons)

    def _when(self, matter: Matter) -> str:
        half: Half = "pm" if matter.half == "pm" else "am"
        return slot_text(self.phrases, Slot(local(matter.starts_at).date(), half), matter.asked_for)

    def _button(self, name: str, action: str, matter: Matter) -> Button:
        return Button(title=self.phrases.say(f"buttons.{name}"), payload=token("home", action, matter.code))
