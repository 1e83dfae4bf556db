"""Questions about procedures: the answer, a side question's answer, or which of several is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.replies import Button, Candidate, Outcome, Reply, Result, Turn
from handlers import asking, hand_over, imported
from handlers.answers import FACETS, answer, answer_faq
from handlers.faqs import nearest_faq
from handlers.layout import LINES, numbered
from handlers.memory import Choice, Memory
from handlers.offers import is_number
from handlers.parts import Writer, is_current
from handlers.reading import candidates, reading, said
from handlers.services import Services, today
from handlers.tokens import read_token, token
from handlers.wording import day_text
from knowledge.facets import Facet
from knowledge.schema import Entry

WARM = {"khai_sinh": "answer.warm_birth", "ket_hon": "answer.warm_wedding"}
OVERVIEWS = ("tong_quan", "other")
YES = (
    "dung",
    "dung roi",
    "da dung",
    "da dung roi",
    "phai",
    "phai roi",
    "da phai",
    "u",
    "u dung roi",
    "chinh xac",
)
NO = ("khong", "khong phai", "da khong", "sai", "sai roi", "khong dung", "da khong phai")


@dataclass(frozen=True)
class Ask:
    """A part of a procedure somebody wants. `page` > 0: go on with a long answer."""

    entry: Entry
    facet: Facet
    outcome: Outcome
    words: str = ""
    page: int = 0
    opening: str = ""


def handle(turn: Turn, services: Services) -> Result | None:
    pressed = read_token(turn.text)
    if pressed is not None:
        answering = pressed.name == "answer"
        return show(turn, services, pressed.key, pressed.facet, pressed.number) if answering else None
    if not said(turn.text).plain or is_number(turn.text):
        return None
    return _asked_in_words(turn, services)


def show(turn: Turn, services: Services, key: str, facet: str, page: int = 0) -> Result | None:
    """A part of a procedure, as a button or the way back asks for it."""
    entry, record = services.library.entry(key), services.library.record(key)
    if facet not in FACETS:
        return None
    if record is not None:
        return imported.tell(record, facet, turn, services)
    if entry is None:
        return None
    return _tell(Ask(entry, facet, "answered", page=page), turn, services)


def confirmed(turn: Turn, services: Services) -> Result | None:
    """The yes or no to "mình hỏi việc …, đúng không ạ?"; of what is unreviewed, to asking an officer."""
    memory = Memory.of(turn.state)
    unreviewed = services.library.record(memory.key)
    told = unreviewed is not None or memory.facet in OVERVIEWS
    if memory.key is None or not told or read_token(turn.text) is not None:
        return None
    words = said(turn.text).plain
    if words in YES:
        if unreviewed is not None:
            return hand_over.agreed(turn, services)
        return show(turn, services, memory.key, "ho_so")
    return hand_over.not_that(turn, services) if words in NO else None


def _asked_in_words(turn: Turn, services: Services) -> Result | None:
    understood = reading(turn, services)
    found = candidates(understood.candidates, services)
    if understood.outcome == "choices":
        keys = [choice.key for choice in understood.choices]
        offered = candidates(understood.choices, services)
        return replace(_offer(keys, understood.facet, turn, services), candidates=found, choices=offered)
    if understood.outcome not in ("answer", "followup") or understood.key is None:
        return None
    outcome: Outcome = "followup" if understood.outcome == "followup" else "answered"
    entry, record = services.library.entry(understood.key), services.library.record(understood.key)
    if record is not None:
        return replace(imported.tell(record, understood.facet, turn, services, outcome), candidates=found)
    if entry is None:
        return None
    told = _tell(Ask(entry, understood.facet, outcome, turn.text), turn, services)
    return replace(told, candidates=found)


def _tell(ask: Ask, turn: Turn, services: Services) -> Result:
    """The part asked for, or the nearest side question's answer; what is no longer in force is not shown."""
    day = today(turn)
    if ask.entry.kind == "superseded":
        return _superseded(ask, turn, services)
    if not is_current(ask.entry, day):
        return _not_in_force(ask, turn, services)
    memory = Memory.of(turn.state)
    guide = asking.asks_at_once(ask.entry, ask.facet, services) if ask.words else None
    writer = Writer(ask.entry, services.phrases, services.profile, day, asks=guide is None)
    new = memory.key != ask.entry.key
    opening = ask.opening or (_opening(writer, memory) if new else "")
    room = LINES if memory.greeted else LINES - 1
    faq = nearest_faq(ask.words, ask.entry, day) if ask.words else None
    replies = (
        answer_faq(writer, faq, ask.facet, opening=opening, room=room)
        if faq
        else answer(writer, ask.facet, opening=opening, follows=not new, page=ask.page, room=room)
    )
    after = replace(memory.at(ask.entry.key, ask.facet), condoled=memory.condoled or writer.mourning)
    pointed = ask.entry.kind == "pointer" and ask.outcome == "answered"
    told = Result(
        "other_authority" if pointed else ask.outcome,
        tuple(asking.with_offer(replies, ask.entry, ask.facet, services)),
        after.as_state(),
        keys=(ask.entry.key,),
        facet=ask.facet,
    )
    return asking.follows_answer(told, guide, ask.words, services) if guide and not faq else told


def _opening(writer: Writer, memory: Memory) -> str:
    """A human word before the facts, once."""
    if writer.mourning:
        return "" if memory.condoled else writer.say.say("answer.condolence")
    warm = WARM.get(writer.entry.key)
    return writer.say.say(warm) if warm else ""


def _superseded(ask: Ask, turn: Turn, services: Services) -> Result:
    """What is done instead: told at once when it is one thing, offered when it is several."""
    say = services.phrases
    writer = Writer(ask.entry, say, services.profile, today(turn))
    opening = say.say("answer.superseded", name=writer.name)
    keys = ask.entry.superseded_by
    only = services.library.entry(keys[0]) if len(keys) == 1 else None
    if only is not None and only.kind != "superseded":
        return _tell(replace(ask, entry=only, words="", opening=opening), turn, services)
    return _offer(keys, ask.facet, turn, services, lead=f"{opening}\n{say.say('answer.superseded_by')}")


def _not_in_force(ask: Ask, turn: Turn, services: Services) -> Result:
    """The law changed: nothing of the old entry is told, an officer answers."""
    entry, say = ask.entry, services.phrases
    writer = Writer(entry, say, services.profile, today(turn))
    if entry.effective_to is not None and entry.effective_to < today(turn):
        lead = say.say("answer.law_changed", name=writer.name, day=day_text(entry.effective_to))
    else:
        assert entry.effective_from is not None
        lead = say.say("answer.not_yet", name=writer.name, day=day_text(entry.effective_from))
    question = ask.words or say.say("hand_over.about", name=entry.plain_name)
    told = hand_over.to_officer(turn, services, question, "handover", lead, entry.field)
    return replace(told, keys=(entry.key,), facet=ask.facet)


def _offer(keys: Sequence[str], facet: Facet, turn: Turn, services: Services, lead: str = "") -> Result:
    """Which is meant? Two to four, by number or by words."""
    say, memory = services.phrases, Memory.of(turn.state)
    library = services.library
    choices = tuple(Choice(key, label) for key in keys if (label := library.label_of(key)) is not None)
    lead = lead or say.say(_which(choices, memory, services))
    lines = [lead, numbered([choice.label for choice in choices])]
    buttons = [
        Button(title=str(number), payload=token("answer", choice.key, facet))
        for number, choice in enumerate(choices, 1)
    ]
    if len(buttons) < 4:
        buttons.append(services.button("other"))
    after = replace(memory.settled(), facet=facet, choices=choices)
    offered = tuple(Candidate(choice.key, library.code_of(choice.key), 0.0) for choice in choices)
    reply = Reply(text="\n".join(lines), buttons=tuple(buttons))
    return Result("clarify", (reply,), after.as_state(), facet=facet, choices=offered)


def _which(choices: Sequence[Choice], memory: Memory, services: Services) -> str:
    if any(services.library.record(choice.key) for choice in choices):
        return "imported.which"
    return "choose.which_more" if memory.choices else "choose.which"
