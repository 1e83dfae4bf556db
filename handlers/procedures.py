"""Questions about procedures: the answer, a side question's answer, or which of several is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.replies import Button, Candidate, Outcome, Reply, Result, Turn
from handlers import asking, both, changed, hand_over, imported
from handlers import visit_extras as extras
from handlers.answers import FACETS, answer, answer_faq
from handlers.changed import changed_on, same_change
from handlers.faqs import nearest_faq
from handlers.layout import LINES, decapitalise, numbered
from handlers.memory import Choice, Memory
from handlers.offers import is_number
from handlers.parts import Writer, is_current
from handlers.reading import candidates, reading, said
from handlers.services import Services, today
from handlers.tokens import read_token, token
from knowledge.facets import Facet
from knowledge.in_force import has_ended
from knowledge.intents import is_referral
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
    if understood.outcome == "both":
        told = both.tell([choice.key for choice in understood.choices], understood.facet, turn, services)
        if told is not None:
            return replace(told, candidates=found)
    if understood.outcome in ("choices", "both"):
        told = _which([choice.key for choice in understood.choices], understood.facet, turn, services)
        scored = {choice.key: choice for choice in candidates(understood.choices, services)}
        offered = tuple(scored.get(choice.key, choice) for choice in told.choices)
        return replace(told, candidates=found, choices=offered)
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
        return changed.not_in_force([ask.entry], ask.facet, turn, services, words=ask.words)
    memory = Memory.of(turn.state)
    guide = asking.asks_at_once(ask.entry, ask.facet, services) if ask.words else None
    writer = Writer(ask.entry, services.phrases, services.profile, day, asks=guide is None)
    new = memory.key != ask.entry.key
    opening = ask.opening or (_opening(writer, memory) if new else "")
    room = LINES if memory.greeted else LINES - 1
    faq = nearest_faq(ask.words, ask.entry, day) if ask.words else None
    if guide and not faq and ask.facet not in OVERVIEWS:
        shown = replace(ask, facet="tong_quan", opening=services.phrases.say("guide.no_list"))
        return replace(_tell(shown, turn, services), facet=ask.facet)
    if not faq and changed.has_lapsed(writer, ask.facet):
        return changed.lapsed(writer, ask.facet, turn, services, ask.words)
    replies = (
        answer_faq(writer, faq, ask.facet, opening=opening, room=room)
        if faq
        else answer(writer, ask.facet, opening=opening, follows=not new, page=ask.page, room=room)
    )
    after = replace(memory.at(ask.entry.key, ask.facet), condoled=memory.condoled or writer.mourning)
    told = Result(
        told_as(ask.entry) if ask.outcome == "answered" else ask.outcome,
        tuple(asking.with_offer(replies, ask.entry, ask.facet, services)),
        after.as_state(),
        keys=(ask.entry.key,),
        facet=ask.facet,
    )
    asked = asking.follows_answer(told, guide, ask.words, services) if guide and not faq else told
    offered = extras.offer(ask.entry, ask.facet, turn, services) if new and not ask.page else None
    return asked if offered is None else _with_offer(asked, offered, after_last=asked is told)


def _with_offer(told: Result, offered: Reply, after_last: bool) -> Result:
    """What can be booked comes after the answer, but before the question of a guide."""
    place = len(told.replies) if after_last else len(told.replies) - 1
    return replace(told, replies=(*told.replies[:place], offered, *told.replies[place:]))


def told_as(entry: Entry) -> Outcome:
    """How a turn that told this entry is named."""
    return "other_authority" if is_referral(entry.kind, entry.field, entry.code) else "answered"


def _opening(writer: Writer, memory: Memory) -> str:
    """A human word before the facts, once."""
    if writer.mourning:
        return "" if memory.condoled else writer.say.say("answer.condolence")
    warm = WARM.get(writer.entry.key)
    return writer.say.say(warm) if warm else ""


def _superseded(ask: Ask, turn: Turn, services: Services) -> Result:
    """What is done instead: told at once when it is one thing, offered when it is several."""
    say = services.phrases
    keys = ask.entry.superseded_by
    only = services.library.entry(keys[0]) if len(keys) == 1 else None
    name = Writer(ask.entry, say, services.profile, today(turn)).name
    opening = say.say("answer.superseded", name=name, new=decapitalise(only.plain_name) if only else None)
    if only is None or only.kind == "superseded":
        lead = f"{opening}\n{say.say('answer.superseded_by')}"
        told = _offer(keys, ask.facet, turn, services, lead=lead)
    elif not is_current(only, today(turn)):
        told = changed.not_in_force([only], ask.facet, turn, services, words=ask.words, opening=opening)
    else:
        told = _tell(replace(ask, entry=only, words="", opening=opening), turn, services)
    return replace(told, keys=tuple(dict.fromkeys((*told.keys, ask.entry.key))))


def _which(keys: Sequence[str], facet: Facet, turn: Turn, services: Services) -> Result:
    """Which is meant? Not asked when the answer would be the same, or when only one of them stands.

    What is superseded is not shown beside what replaces it, but stays named among the choices.
    """
    found = [entry for key in keys if (entry := services.library.entry(key)) is not None]
    if not found:
        return imported.offer(keys, facet, turn, services)
    if same_change(found, turn):
        return changed.not_in_force(found, facet, turn, services, words=turn.text)
    left = [entry for entry in found if not _steps_aside(entry, found, today(turn))] or found
    if len(left) > 1 and (guide := asking.in_place_of(left, services)) is not None:
        told = asking.begin_with(guide, turn.text, turn, services)
        return replace(told, facet=facet, choices=tuple(map(_unscored, left)))
    if len(left) > 1:
        told = _offer([entry.key for entry in left], facet, turn, services)
        aside = [entry for entry in found if entry.kind == "superseded" and entry not in left]
        return replace(told, choices=(*told.choices, *map(_unscored, aside)))
    told = _tell(Ask(left[0], facet, "answered", turn.text), turn, services)
    return replace(told, keys=tuple(dict.fromkeys((*told.keys, *(entry.key for entry in found)))))


def _steps_aside(entry: Entry, among: Sequence[Entry], day: date) -> bool:
    """Not yet in force, or superseded by another one that is offered."""
    if entry.kind == "superseded":
        return any(other.key in entry.superseded_by for other in among)
    return not is_current(entry, day) and not has_ended(entry, day)


def _offer(keys: Sequence[str], facet: Facet, turn: Turn, services: Services, lead: str = "") -> Result:
    """Which is meant? Two to four, by number or by words."""
    say, memory = services.phrases, Memory.of(turn.state)
    entries = [entry for key in keys if (entry := services.library.entry(key)) is not None]
    choices = tuple(Choice(entry.key, entry.choice_name) for entry in entries)
    lead = lead or say.say("choose.which_more" if memory.choices else "choose.which")
    lines = [lead, numbered([_choice_line(entry, turn, services) for entry in entries])]
    buttons = [
        Button(title=str(number), payload=token("answer", choice.key, facet))
        for number, choice in enumerate(choices, 1)
    ]
    if len(buttons) < 4:
        buttons.append(services.button("other"))
    after = replace(memory.settled(), facet=facet, choices=choices)
    offered = tuple(map(_unscored, entries))
    reply = Reply(text="\n".join(lines), buttons=tuple(buttons))
    return Result("clarify", (reply,), after.as_state(), facet=facet, choices=offered)


def _unscored(entry: Entry) -> Candidate:
    return Candidate(entry.key, entry.code, 0.0)


def _choice_line(entry: Entry, turn: Turn, services: Services) -> str:
    """What sets the entry apart; an entry of the law before says so."""
    if not has_ended(entry, today(turn)):
        return entry.choice_name
    return services.phrases.say("choose.changed", name=entry.choice_name, day=changed_on(entry))
