"""What a handler works with during one turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from bot.replies import Button, Desk, Reply, Result, Turn
from handlers.ahead import ReadAhead
from handlers.phrases import Phrases
from handlers.tokens import token
from knowledge.library import Library
from knowledge.understand import Understanding
from ward.calendar import WorkCalendar, local
from ward.forms import FormShelf
from ward.profile import WardProfile

MEANS = {"hand_over": "yes", "call_me": "yes"}
"""Buttons whose words differ from what they do."""


@dataclass(frozen=True)
class Services:
    library: Library
    phrases: Phrases
    profile: WardProfile
    calendar: WorkCalendar
    desk: Desk
    forms: FormShelf = FormShelf()
    ahead: ReadAhead = field(default_factory=ReadAhead, repr=False, compare=False)
    readings: dict[str, Understanding] = field(default_factory=dict, repr=False, compare=False)
    """What the turn's text was understood as, so that it is worked out once."""

    def reply(self, key: str, *buttons: str, **values: str | int | None) -> Reply:
        """One phrase with buttons named by what they do ("menu", "human" …)."""
        return Reply(text=self.phrases.say(key, **values), buttons=tuple(map(self.button, buttons)))

    def button(self, name: str) -> Button:
        return Button(title=self.phrases.say(f"buttons.{name}"), payload=token(MEANS.get(name, name)))


Handler = Callable[[Turn, Services], Result | None]
"""One step of DESIGN §5: a result, or None when the turn is for another."""


def today(turn: Turn) -> date:
    """The turn's date by Viet Nam's calendar."""
    return local(turn.at).date()
