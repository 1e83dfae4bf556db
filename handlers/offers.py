"""What was offered last can be chosen by number, by its words or by its button: all are read alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.replies import Reply, Result, Turn
from handlers.answers import OFFERED
from handlers.memory import Memory, Offer
from handlers.phrases import Phrases
from handlers.services import Services
from handlers.tokens import PREFIX, read_token, token
from knowledge.text import normalize

_NUMBER = re.compile(r"^\s*(?:số\s*)?(\d{1,2})\s*[.)]?\s*$", re.IGNORECASE)
WEB = "https://"


def chosen(turn: Turn, phrases: Phrases) -> str:
    """The text of the turn, or what the offer it names stands for."""
    memory = Memory.of(turn.state)
    place = _place(turn.text, memory.offered)
    if place is not None and 0 <= place < len(memory.offered):
        return memory.offered[place].say
    facet = _part_named(turn.text, phrases) if memory.key else None
    return token("answer", memory.key or "", facet) if facet else turn.text


def _part_named(text: str, phrases: Phrases) -> str | None:
    """A part of the procedure spoken of, named as its button is, whether or not that was shown."""
    plain = normalize(text).plain
    labels = {normalize(phrases.say(f"buttons.{facet}")).plain: facet for facet in OFFERED}
    return labels.get(plain)


def _place(text: str, offered: Sequence[Offer]) -> int | None:
    pressed = read_token(text)
    if pressed is not None:
        return pressed.number - 1 if pressed.name == "choose" else None
    if found := _NUMBER.match(text):
        return int(found[1]) - 1
    plain = normalize(text).plain
    labels = [normalize(offer.label).plain for offer in offered]
    return labels.index(plain) if plain and plain in labels else None


def number_said(text: str) -> int | None:
    found = _NUMBER.match(text)
    return int(found[1]) if found else None


def is_number(text: str) -> bool:
    """A bare number: once it chose nothing, it asks for nothing."""
    return _NUMBER.match(text) is not None


def offers_of(replies: Sequence[Reply]) -> tuple[Offer, ...]:
    """The choices under the last reply, in their order."""
    if not replies:
        return ()
    return tuple(Offer(button.title, button.payload) for button in replies[-1].buttons)


def link_reply(turn: Turn, services: Services) -> Result | None:
    """A web link or telephone number chosen by its number: shown in words, for those who see no buttons."""
    memory = Memory.of(turn.state)
    if turn.text not in [offer.say for offer in memory.offered] or turn.text.startswith(PREFIX):
        return None
    key = "answer.link" if turn.text.startswith(WEB) else "answer.call"
    reply = services.reply(key, "menu", target=turn.text)
    return Result("answered", (reply,), memory.as_state(), keys=(memory.key,) if memory.key else ())
