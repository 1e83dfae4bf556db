"""When the bot does not know: ask to say it again, then offer a person, then hand over with code and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.replies import Candidate, Reply, Result, Ticket, Turn
from handlers.memory import Memory
from handlers.reading import CHATTER, candidates, intent, reading, word_count
from handlers.services import Services
from handlers.tokens import read_token
from ward.calendar import say_by_when

STEP = "human"
OFFER_STEP = "offer_person"
PROMISING = 0.3
"""A candidate from this score on tells which officer may know."""
BARE_WORDS = 6
AGREED = (
    "chuyen",
    "chuyen di",
    "chuyen can bo",
    "dong y",
    "dong y chuyen",
    "co",
    "u",
    "uh",
    "duoc",
    "ok",
    "oke",
    "u chuyen di",
    "u chuyen",
    "da chuyen di",
    "da chuyen",
    "chuyen gium",
    "chuyen giup",
    "da co",
    "da duoc",
    "da",
)


def waiting(turn: Turn, services: Services) -> Result | None:
    """The open steps of a hand-over: the question itself, or the yes to an offered person."""
    step = Memory.of(turn.state).step
    if step is None or not turn.text.strip() or read_token(turn.text) is not None:
        return None
    if step.name == STEP and intent(turn, services) not in CHATTER:
        return to_officer(turn, services, turn.text, "human")
    if step.name == OFFER_STEP and reading(turn, services).said.plain in AGREED:
        return agreed(turn, services)
    return None


def missed(turn: Turn, services: Services) -> Result:
    """First miss: say it again, with an example. From the second on: offer a person."""
    memory = Memory.of(turn.state)
    found = _candidates(turn, services)
    memory = replace(memory, misses=memory.misses + 1, choices=(), offered=(), step=None)
    if memory.misses < 2:
        reply = services.reply("hand_over.rephrase", "menu")
    else:
        memory = replace(
            memory.waiting(OFFER_STEP, _field(found, memory, services) or ""), misses=memory.misses
        )
        reply = services.reply("hand_over.offer", "hand_over", "menu")
    return Result("clarify", (reply,), memory.as_state(), candidates=found)


def offered(turn: Turn, services: Services, key: str) -> Result:
    """Nothing is known of the matter: say so, and offer a person, who gets what was asked."""
    memory = Memory.of(turn.state)
    found = _candidates(turn, services)
    after = replace(memory.waiting(OFFER_STEP), key=None, facet=None, misses=memory.misses + 1)
    reply = services.reply(key, "hand_over", "menu")
    return Result("out_of_scope", (reply,), after.as_state(), candidates=found)


def not_that(turn: Turn, services: Services) -> Result:
    """Not what was offered or understood: a miss, with a person in reach."""
    memory = Memory.of(turn.state)
    after = replace(memory.settled(), misses=memory.misses + 1, key=None, facet=None)
    return Result("clarify", (services.reply("choose.other", "human", "menu"),), after.as_state())


def asked_for(turn: Turn, services: Services) -> Result:
    """GẶP CÁN BỘ: with a question (now, or just before) it goes over; without one, it is asked for."""
    memory = Memory.of(turn.state)
    pressed = read_token(turn.text) is not None
    if not pressed and word_count(turn.text) > BARE_WORDS:
        return to_officer(turn, services, turn.text, "human")
    asked_before = memory.step is not None and memory.step.name == STEP
    if memory.key or memory.misses or asked_before:
        return agreed(turn, services)
    state = memory.waiting(STEP).as_state()
    return Result("human", (services.reply("hand_over.ask_question"),), state)


def agreed(turn: Turn, services: Services) -> Result:
    """Hand over what was spoken of before: the question stands in the earlier messages."""
    memory = Memory.of(turn.state)
    name = services.library.name_of(memory.key) if memory.key else None
    question = (
        services.phrases.say("hand_over.about", name=name)
        if name
        else services.phrases.say("hand_over.about_nothing")
    )
    return to_officer(turn, services, question, "human" if not memory.misses else "handover")


def to_officer(
    turn: Turn, services: Services, question: str, outcome: str, lead: str = "", field: str | None = None
) -> Result:
    """Open the question, and say its code and the promised time."""
    memory = Memory.of(turn.state)
    found = _candidates(turn, services) if question == turn.text else ()
    field = field or _field(found, memory, services)
    ticket = services.desk.hand_over(turn, question, field, found)
    text = lead + ("\n" if lead else "") + promise(ticket, field, turn, services, short=bool(lead))
    reply = Reply(text=text, buttons=(services.button("menu"),))
    return Result(outcome, (reply,), memory.settled().as_state(), candidates=found)  # type: ignore[arg-type]


def promise(ticket: Ticket, field: str | None, turn: Turn, services: Services, short: bool = False) -> str:
    """Who answers, by when, under which code; and when the office opens, if it is closed now."""
    say, when = services.phrases, say_by_when(ticket.due_at, turn.at)
    if short:
        told = say.say("hand_over.ticket", when=when, code=ticket.code)
    elif field and f"field.{field}" in say.texts:
        told = say.say("hand_over.done", field=say.say(f"field.{field}"), when=when, code=ticket.code)
    else:
        told = say.say("hand_over.done_plain", when=when, code=ticket.code)
    if services.calendar.is_open(turn.at):
        return told
    opening = say_by_when(services.calendar.next_opening(turn.at), turn.at)
    closed = say.say("hand_over.closed", opening=opening)
    return "\n".join(filter(None, (told, closed, services.desk.closed_words)))


def _candidates(turn: Turn, services: Services) -> tuple[Candidate, ...]:
    if not turn.text.strip() or read_token(turn.text) is not None:
        return ()
    return candidates(reading(turn, services).candidates, services)


def _field(found: Sequence[Candidate], memory: Memory, services: Services) -> str | None:
    """The field of work: of the best candidate, else of what was spoken of."""
    if memory.step and memory.step.name == OFFER_STEP and memory.step.data:
        return memory.step.data
    key = found[0].key if found and found[0].score >= PROMISING else memory.key
    entry = services.library.entry(key) if key else None
    return entry.field if entry else None
