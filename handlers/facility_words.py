"""What a facility hears when a paper of its own is about to expire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.replies import Reply
from handlers.layout import decapitalise
from handlers.phrases import Phrases
from ward.calendar import local
from ward.reminder_matters import Matter
from ward.reminders import Due, days_before


@dataclass(frozen=True)
class FacilityVoice:
    """The voice of reminders with the subject `facility`."""

    phrases: Phrases

    def reply(self, due: Due, matter: Matter, now: datetime) -> Reply | None:
        if days_before(due.kind) is None or matter.place is None or matter.reason is None:
            return None
        day = local(matter.starts_at).date()
        text = self.phrases.say(
            "facility.expiring",
            facility=matter.place,
            paper=decapitalise(matter.reason),
            day=f"{day:%d/%m/%Y}",
            days=(day - local(now).date()).days,
        )
        return Reply(text=text)
