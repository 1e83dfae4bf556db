"""What is said when a result is ready: the dossier's code, where and from when. Nothing of whom or what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.replies import Reply
from handlers.phrases import Phrases
from handlers.visit_words import day_long
from ward.profile import WardProfile
from ward.reminder_matters import Matter
from ward.reminders import Due
from ward.results import READY


@dataclass(frozen=True)
class ResultVoice:
    """Words for whoever sends reminders (subject "appointment"). `opened`: what is sealed in the wish."""

    phrases: Phrases
    profile: WardProfile
    opened: Callable[[bytes | None], Mapping[str, str]]

    def reply(self, due: Due, matter: Matter, now: datetime) -> Reply | None:
        """A day is named by its date: the message may wait for the morning."""
        if due.kind != READY:
            return None
        counter = self.profile.counter
        text = self.phrases.say(
            "result.ready",
            dossier=self.opened(matter.who).get("dossier"),
            counter=counter.name,
            address=counter.address or self.profile.address,
            day=day_long(matter.starts_at),
            code=matter.code,
        )
        return Reply(text=text)
