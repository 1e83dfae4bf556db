"""What firms are told because an official acted."""

from __future__ import annotations

from dataclasses import dataclass

from bot.replies import Button, Reply
from handlers.layout import decapitalise
from handlers.phrases import Phrases
from handlers.tokens import token
from handlers.visit_words import day_long, hours
from ward.issues import Issue
from ward.visits.model import Visit

ABOUT = 90
"""So much of the matter is said again, to know it by."""


@dataclass(frozen=True)
class WordsOfFirms:
    """bot.firm_news.FirmWords."""

    phrases: Phrases

    def announced(self, visit: Visit, name: str) -> Reply:
        say = self.phrases.say
        values = {"day": day_long(visit.starts_at), "hours": hours(visit), "place": visit.place}
        button = Button(title=say("buttons.sign_up"), payload=token("visit", "sign", str(visit.id)))
        text = say("coffee.announced", name=decapitalise(name), **values)
        return Reply(text=text, buttons=(button,))

    def answered(self, issue: Issue, code: str) -> Reply:
        raised = " ".join(issue.text.split())
        about = raised if len(raised) <= ABOUT else f"{raised[:ABOUT].rsplit(' ', 1)[0]} …"
        return Reply(text=self.phrases.say("coffee.answer", code=code, about=about, text=issue.answer))
