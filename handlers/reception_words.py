"""What is said before a day of citizen reception: the day and the hour, nothing of why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.replies import Button, Reply
from handlers.phrases import Phrases
from handlers.reminder_words import day_said
from handlers.tokens import token
from ward.calendar import local
from ward.reminder_matters import Matter
from ward.reminders import Due, days_before


@dataclass(frozen=True)
class ReceptionVoice:
    """Words for whoever sends reminders (subject "appointment")."""

    phrases: Phrases
    hours: str | None = None

    def reply(self, due: Due, matter: Matter, now: datetime) -> Reply | None:
        if days_before(due.kind) is None:
            return None
        day = day_said(self.phrases, local(matter.starts_at).date(), local(now).date())
        text = self.phrases.say("reminder.appointment", day=day, hours=self.hours, code=matter.code)
        away = Button(title=self.phrases.say("buttons.not_coming"), payload=token("not_coming", matter.code))
        return Reply(text=text, buttons=(away,))
