"""Questions about procedures: the answer, a side question's answer, or which of several is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from bot.replies import Button, Candidate, Reply, Result, Turn
from handlers import hand_over
from handlers.answers import answer, answer_faq
from handlers.faqs import nearest_faq
from handlers.layout import capitalise, decapitalise, numbered
from handlers.memory import Choice, Memory
from handlers.parts import FACETS, Writer, is_current
from handlers.reading import candidates, reading
from handlers.services import Services, today
from handlers.tokens import Token, read_token, token
from handlers.wording import day_text
from knowledge.facets import Facet
from knowledge.schema import Entry
from knowledge.understand import Understanding

WARM = {"khai_sinh": "answer.warm_birth", "ket_hon": "answer.warm_wedding"}
MOST_CHOICES = 4


def handle(turn: Turn, services: Services) -> Result | None:
    pressed = read_token(turn.text)
    if pressed is not None:
        return _pressed(pressed, turn, services)
    if not turn.text.strip():
        return None
    understood = reading(turn, services)
    found = candidates(understood.candidates, services)
    if understood.outcome in ("answer", "followup") and understood.key:
        return _answer(understood, found, turn, services)
    if understood.outcome == "choices":
        keys = [choice.key for choice in understood.choices]
        return _offer(keys, understood.facet, found, turn, services)
    return None


def show(turn: Turn, services: Services, key: str, facet: str, page: int = 0) -> Result | None:
    """A part of a procedure, as a button or the way back asks for it."""
    entry = services.library.entry(key)
    if entry is None or facet not in FACETS:
        return None
    asked = cast("Facet", facet)
    return _tell(entry, asked, turn, services, "answered", page=page)


def _pressed(pressed: Token, turn: Turn, services: Services) -> Result | None:
    if pressed.name != "answer":
        return None
    return show(turn, services, pressed.key, pressed.facet, pressed.number)


def _answer(
    understood: Understanding, found: tuple[Candidate, ...], turn: Turn, services: Services
) -> Result | None:
    entry = services.library.entry(understood.key or "")
    if entry is None:
        return None
    facet = understood.facet
    outcome = "followup" if understood.outcome == "followup" else "answered"
    told = _tell(entry, facet, turn, services, outcome, question=True)
    return replace(told, candidates=found or told.candidates)


def _tell(
    entry: Entry, facet: Facet, turn: Turn, services: Services, outcome: str, *, page: int = 0, question: bool = False
) -> Result:
    """The part asked for, or the nearest side question's answer; an entry no longer in force is not shown."""
    day = today(turn)
    if not is_current(entry, day):
        return _not_in_force(entry, facet, turn, services)
    memory = Memory.of(turn.state)
    writer = Writer(entry, services.phrases, services.profile, day)
    opening = _opening(writer, memory, question and memory.key != entry.key)
    room = 6 if memory.greeted else 5
    faq = nearest_faq(turn.text, entry, facet, day) if question else None
    replies = (
        answer_faq(writer, faq, opening=opening, first_lines=room)
        if faq
        else answer(writer, facet, opening=opening, follows=memory.key == entry.key, page=page, first_lines=room)
    )
    after = replace(memory.at(entry.key, facet), condoled=memory.condoled or writer.mourning)
    named = "other_authority" if entry.kind == "pointer" and outcome == "answered" else outcome
    return Result(named, tuple(replies), after.as_state(), keys=(entry.key,), facet=facet)  # type: ignore[arg-type]
