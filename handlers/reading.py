"""What the turn's text means, worked out once a turn by `knowledge.understand`."""

from __future__ import annotations

from typing import cast

from bot.replies import Candidate, Turn
from handlers.memory import Memory
from handlers.services import Services
from handlers.tokens import read_token
from knowledge import search
from knowledge.facets import Facet
from knowledge.replies import asks, requests, wants_to_resume
from knowledge.reports import answer_of
from knowledge.text import Normalized, normalize
from knowledge.thresholds import thresholds
from knowledge.understand import Context, Offer, Understanding, decide, gather, is_sure

SHORT = 6
"""Words of a message that names a matter and nothing else ("làm khai sinh cho bé")."""

ELSEWHERE = ("other_authority", "out_of_scope")
"""Intents of a question that somebody else answers; a part is asked for all the same."""

CHATTER = ("thanks", "goodbye", "greeting", "test", "chitchat")
"""Never the content a step is waiting for."""


def reading(turn: Turn, services: Services) -> Understanding:
    known = services.readings.get(turn.text)
    if known is None:
        evidence = services.ahead.take(turn.text) or gather(turn.text, services.library)
        known = decide(evidence, _context(turn), services.library, thresholds())
        services.readings[turn.text] = known
    return known


def said(text: str) -> Normalized:
    return normalize(text)


def intent(turn: Turn, services: Services) -> str:
    """The name of what the message is when it asks for no procedure, else ''."""
    if not turn.text.strip() or read_token(turn.text) is not None:
        return ""
    found = reading(turn, services).intent
    return found.name if found else ""


def intent_detail(turn: Turn, services: Services) -> str:
    found = reading(turn, services).intent
    return found.detail if found else ""


def intent_who(turn: Turn, services: Services) -> str:
    found = reading(turn, services).intent
    return found.who if found else ""


def intent_matched(turn: Turn, services: Services) -> tuple[str, ...]:
    """The patterns that gave the intent."""
    if read_token(turn.text) is not None:
        return ()
    found = reading(turn, services).intent
    return found.matched if found else ()


def facet_heard(turn: Turn, services: Services) -> Facet | None:
    """The part asked for, in a message that was read as words; also kept where nothing was answered or
    the matter is another's."""
    understood = services.readings.get(turn.text)
    if understood is None or (understood.intent is not None and understood.intent.name not in ELSEWHERE):
        return None
    return understood.facet


def is_answer(turn: Turn, services: Services) -> bool:
    return read_token(turn.text) is None and reading(turn, services).outcome == "answer"


def asks_something_new(turn: Turn, services: Services) -> bool:
    """A clear question about a procedure: surely found, and a part asked or hardly anything else said."""
    if not turn.text.strip() or read_token(turn.text) is not None:
        return False
    return wants(reading(turn, services), turn.text)


def wants_to_go_on(turn: Turn) -> bool:
    """ "ghi tiếp", "tiếp tục": back to what was left open."""
    words = said(turn.text)
    return wants_to_resume(words) or answer_of(turn.text, "resume") is not None


def wishes_something(turn: Turn, services: Services) -> bool:
    """Looser: any wish of its own, be it small talk or a matter that is not clear yet."""
    if not turn.text.strip() or read_token(turn.text) is not None:
        return False
    told = intent(turn, services) not in ("", "nonsense") and intent_matched(turn, services)
    if told or asks_something_new(turn, services):  # what a message is merely like may belong to what is open
        return True
    understood = reading(turn, services)
    return understood.outcome == "choices" and word_count(turn.text) <= SHORT and requests(understood.said)


def asks_on(turn: Turn, services: Services) -> bool:
    """A further question about the procedure that was told last: of a part of it, and put as a question."""
    understood = reading(turn, services)
    return understood.outcome == "followup" and understood.facet is not None and asks(understood.said)


def wants(understood: Understanding, text: str) -> bool:
    """The same of a message read already."""
    found = understood.candidates
    if understood.outcome != "answer" or not found or not is_sure(found, thresholds()):
        return False
    return understood.facet != "tong_quan" or word_count(text) <= SHORT


def word_count(text: str) -> int:
    return len(normalize(text).plain_tokens)


def candidates(found: tuple[search.Candidate, ...], services: Services) -> tuple[Candidate, ...]:
    """Search results as staff and the evaluation keep them."""
    return tuple(Candidate(one.key, services.library.code_of(one.key), one.score) for one in found)


def _context(turn: Turn) -> Context:
    memory = Memory.of(turn.state)
    return Context(
        last_key=memory.key,
        last_facet=cast("Facet | None", memory.facet),
        offered=tuple(Offer(choice.key, choice.label) for choice in memory.choices),
        misses=memory.misses,
    )
