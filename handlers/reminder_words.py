"""Words of reminders: those of the subject's own voice where it has one, else the plain ones of this file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.ladder import Words
from bot.replies import Reply
from handlers.layout import decapitalise
from handlers.phrases import Phrases
from handlers.wording import WEEKDAYS, day_text
from ward.calendar import local, say_clock
from ward.reminder_matters import Matter
from ward.reminders import Due

NEWS = ("moved", "cancelled", "moved_up")
NOON = 12


class Voice(Protocol):
    """Richer words of one subject: buttons, papers to bring."""

    def reply(self, due: Due, matter: Matter, now: datetime) -> Reply | None:
        """None: the plain words are good enough."""
        ...


def day_said(phrases: Phrases, day: date, today: date) -> str:
    """ "Mai" only when it is tomorrow at this very moment."""
    near = {today: "today", today + timedelta(days=1): "tomorrow"}
    key = near.get(day, "other_day")
    return phrases.say(f"reminder.{key}", weekday=WEEKDAYS[day.weekday()], date=day_text(day))


@dataclass(frozen=True)
class VoiceByTopic:
    """One subject with several topics, each with a voice of its own."""

    voices: Mapping[str, Voice]

    def reply(self, due: Due, matter: Matter, now: datetime) -> Reply | None:
        voice = self.voices.get(matter.topic or "")
        return voice.reply(due, matter, now) if voice else None


@dataclass(frozen=True)
class WordsOfReminders:
    """`voices` by subject: signup, home, appointment."""

    phrases: Phrases
    voices: Mapping[str, Voice] = field(default_factory=dict)

    def say(self, due: Due, matter: Matter, now: datetime) -> Words | None:
        """None: a kind of news without words; the subject's own voice has to know it."""
        voice = self.voices.get(due.subject)
        own = voice.reply(due, matter, now) if voice else None
        plain = self._plain(due, matter, now)
        reply = own or (Reply(text=plain) if plain else None)
        if reply is None:
            return None
        return Words(reply, " ".join((plain or reply.text).split()), self._data(matter))

    def mail_subject(self, ward: str) -> str:
        return self.phrases.say("reminder.mail_subject", ward=ward)

    def _plain(self, due: Due, matter: Matter, now: datetime) -> str | None:
        key = f"reminder.{due.kind if due.kind in NEWS else due.subject}"
        known = due.kind in NEWS or due.kind == "morning" or due.kind[1:].isdigit()
        return self.phrases.say(key, **self._values(matter, now)) if known else None

    def _values(self, matter: Matter, now: datetime) -> dict[str, str | int | None]:
        day = day_said(self.phrases, local(matter.starts_at).date(), local(now).date())
        afternoon = local(matter.starts_at).hour >= NOON
        half = "afternoon_half" if afternoon else "morning_half"
        return {
            "when": f"{say_clock(matter.starts_at)} {day}",
            "day": day,
            "half": self.phrases.say(f"reminder.{half}"),
            "place": matter.place,
            "number": matter.number,
            "code": matter.code,
            "hours": None,
            "reason": decapitalise(matter.reason).rstrip(". ") if matter.reason else None,
            "old_day": f"{local(matter.moved_from):%d/%m}" if matter.moved_from else None,
        }

    @staticmethod
    def _data(matter: Matter) -> dict[str, str]:
        """Values for ZBS templates: `ma`, `ngay`, `gio`, `dia_diem`, `so`; none of them names a person."""
        begins = local(matter.starts_at)
        told = {
            "ma": matter.code,
            "ngay": f"{begins:%d/%m/%Y}",
            "gio": f"{begins:%H:%M}",
            "dia_diem": matter.place,
            "so": matter.number,
        }
        return {name: str(value) for name, value in told.items() if value is not None}
