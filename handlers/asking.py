"""A guide's questions as messages, and the button that offers a guide under an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.replies import Button, Reply, Result, Turn
from handlers.layout import decapitalise, numbered
from handlers.memory import Memory, Step
from handlers.services import Services
from handlers.tokens import token
from knowledge.facets import Facet
from knowledge.paths import Guide, Option, Question
from knowledge.replies import meant
from knowledge.schema import Entry
from knowledge.text import normalize

STEP = "guide"
OVERVIEWS: tuple[Facet, ...] = ("tong_quan", "other")
OFFERED_UNDER: tuple[Facet, ...] = (*OVERVIEWS, "ho_so")
BUTTONS = 4
LIKELIEST = 2
TITLE = 20
_DATA = re.compile(r"([a-z0-9_]{2,80}):([1-4]*)(\?)?")


@dataclass(frozen=True)
class Asking:
    """A guide under way: the answers so far; `again`: the open question was put a second time."""

    guide: Guide
    answers: tuple[int, ...] = ()
    again: bool = False

    @property
    def name(self) -> str:
        """The open question, '' at the end."""
        at = self.guide.follow(self.answers)
        return (at.question or "") if at else ""

    @property
    def question(self) -> Question | None:
        return self.guide.questions.get(self.name)

    def answered(self, number: int) -> Asking:
        return Asking(self.guide, (*self.answers, number))

    def before(self) -> Asking:
        return Asking(self.guide, self.answers[:-1])

    @property
    def data(self) -> str:
        return f"{self.guide.key}:{''.join(map(str, self.answers))}{'?' if self.again else ''}"

    def as_step(self) -> Step:
        return Step(STEP, self.data)


def under_way(memory: Memory, services: Services) -> Asking | None:
    """The guide that is open; None as well when its data has changed under the conversation."""
    step = memory.step
    return _read(step.data, services) if step is not None and step.name == STEP else None


def put_by(memory: Memory, services: Services) -> Asking | None:
    """The guide that was left for something else, with the answers given so far."""
    return _read(memory.aside, services) if memory.aside else None


def _read(data: str, services: Services) -> Asking | None:
    found = _DATA.fullmatch(data)
    guide = services.library.guide(found[1]) if found else None
    if found is None or guide is None:
        return None
    asking = Asking(guide, tuple(map(int, found[2])), bool(found[3]))
    return asking if guide.follow(asking.answers) is not None else None


def ask(asking: Asking, memory: Memory, services: Services, lead: str) -> Result:
    """The open question, with its options as buttons and by number."""
    aside = "" if memory.aside.startswith(f"{asking.guide.key}:") else memory.aside
    if memory.key not in asking.guide.entries():
        memory = replace(memory, key=asking.guide.starts_for[0], facet="tong_quan")
    state = replace(memory.settled(), step=asking.as_step(), aside=aside).as_state()
    return Result("clarify", (_question(asking, services, lead),), state, facet="tong_quan")


def _question(asking: Asking, services: Services, lead: str) -> Reply:
    question = asking.question
    assert question is not None
    options = numbered([option.label for option in question.options])
    buttons = [_button(asking, option, number) for number, option in enumerate(question.options, 1)]
    if asking.answers and len(buttons) < BUTTONS:
        buttons.append(services.button("back"))
    return Reply(text="\n".join([lead, question.text, options]), buttons=tuple(buttons))


def _button(asking: Asking, option: Option, number: int) -> Button:
    title = option.label if len(option.label) <= TITLE else str(number)
    return Button(title=title, payload=token("guide", asking.guide.key, asking.name, number))


def begin(guide: Guide, turn: Turn, services: Services) -> Result:
    lead = services.phrases.say("guide.start")
    return ask(Asking(guide), Memory.of(turn.state), services, lead)


def asks_at_once(entry: Entry, facet: Facet, services: Services) -> Guide | None:
    """The guide that asks without being pressed: the answer hangs on it, and no part was asked.

    Papers asked for where the entry lists none are no part either: there is nothing else to tell.
    """
    unlisted = facet == "ho_so" and not entry.documents
    guide = services.library.guide_for(entry.key) if unlisted or facet in OVERVIEWS else None
    return guide if guide is not None and entry.key in guide.at_once else None


def in_place_of(choices: Sequence[Entry], services: Services) -> Guide | None:
    """The guide that asks what a list of these would ask: the two likeliest are its own."""
    likeliest = {entry.key for entry in choices[:LIKELIEST]}
    guides = (services.library.guide_for(key) for key in sorted(likeliest))
    return next((one for one in guides if one and one.for_choices and likeliest <= {*one.entries()}), None)


def begin_with(guide: Guide, words: str, turn: Turn, services: Services) -> Result:
    """The first question that the words do not answer yet."""
    asking, lead = _already_said(guide, words, services, services.phrases.say("guide.start"))
    return ask(asking, Memory.of(turn.state), services, lead)


def follows_answer(told: Result, guide: Guide, words: str, services: Services) -> Result:
    """The first question under an overview that the words did not answer already, if one is left."""
    asking, lead = _already_said(guide, words, services, services.phrases.say("guide.at_once"))
    if not asking.answers and asking.question and _named(asking.question, words):
        return told
    asked = ask(asking, Memory.of(told.state), services, lead)
    *before, last = told.replies
    return replace(told, replies=(*before, Reply(text=last.text), *asked.replies), state=asked.state)


def _already_said(guide: Guide, words: str, services: Services, lead: str) -> tuple[Asking, str]:
    """Past the questions that the words answer; the last one before a result is always asked."""
    asking = Asking(guide)
    while (question := asking.question) is not None:
        number = _named(question, words)
        option = question.options[number - 1] if number else None
        if number is None or option is None or option.ask is None:
            break
        asking = asking.answered(number)
        lead = services.phrases.say("guide.heard", answer=decapitalise(option.label))
    return asking, lead


def _named(question: Question, words: str) -> int | None:
    """The option that the words name themselves; a mere yes or no in them answers nothing yet."""
    reply = meant(question, normalize(words))
    return None if reply.plainly else reply.option


def with_offer(replies: Sequence[Reply], entry: Entry, facet: Facet, services: Services) -> list[Reply]:
    """The same replies with the guide's button first among the last one's, where there is a guide."""
    guide = services.library.guide_for(entry.key) if facet in OFFERED_UNDER else None
    if guide is None:
        return list(replies)
    *before, last = replies
    offer = Button(title=services.phrases.say("buttons.guide"), payload=token("guide", guide.key))
    return [*before, last.model_copy(update={"buttons": _with_room(offer, last.buttons)})]


def _with_room(offer: Button, buttons: Sequence[Button]) -> tuple[Button, ...]:
    """In place of the last button that says a word: links stay, and so does the way to read on."""
    said = [button for button in buttons if button.kind == "say"]
    links = [button for button in buttons if button.kind != "say"]
    room = BUTTONS - 1 - len(links)
    return (*said[:1], offer, *said[1:room], *links) if room > 0 else tuple(buttons)
