"""A guide's questions as messages, and the button that offers a guide under an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.replies import Button, Reply, Result, Turn
from handlers.layout import numbered
from handlers.memory import Memory, Step
from handlers.services import Services
from handlers.tokens import token
from knowledge.facets import Facet
from knowledge.intents import fillers
from knowledge.paths import Guide, Option, Question
from knowledge.patterns import Found, PatternSet, script, without
from knowledge.schema import Entry
from knowledge.text import Normalized, normalize

STEP = "guide"
OVERVIEWS: tuple[Facet, ...] = ("tong_quan", "other")
OFFERED_UNDER: tuple[Facet, ...] = (*OVERVIEWS, "ho_so")
NEGATIONS = ("khong", "chua", "chang")
BUTTONS = 4
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

    def as_step(self) -> Step:
        return Step(STEP, f"{self.guide.key}:{''.join(map(str, self.answers))}{'?' if self.again else ''}")


def under_way(memory: Memory, services: Services) -> Asking | None:
    """The guide that is open; None as well when its data has changed under the conversation."""
    if memory.step is None or memory.step.name != STEP:
        return None
    found = _DATA.fullmatch(memory.step.data)
    guide = services.library.guide(found[1]) if found else None
    if found is None or guide is None:
        return None
    asking = Asking(guide, tuple(map(int, found[2])), bool(found[3]))
    return asking if guide.follow(asking.answers) is not None else None


def ask(asking: Asking, memory: Memory, services: Services, lead: str) -> Result:
    """The open question, with its options as buttons and by number."""
    state = replace(memory.settled(), step=asking.as_step()).as_state()
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
    """The guide that asks without being pressed: no part was asked, and the answer hangs on it."""
    guide = services.library.guide_for(entry.key) if facet in OVERVIEWS else None
    return guide if guide is not None and entry.key in guide.at_once else None


def follows_answer(told: Result, guide: Guide, words: str, services: Services) -> Result:
    """The first question under an overview, or the second when the words answered the first already."""
    asking, lead = Asking(guide), services.phrases.say("guide.at_once")
    number, _ = option_meant(guide.questions[guide.start], normalize(words))
    option = guide.questions[guide.start].options[number - 1] if number else None
    if option is not None and option.ask is not None:
        asking, lead = asking.answered(number or 0), services.phrases.say("guide.heard", answer=option.label)
    asked = ask(asking, Memory.of(told.state), services, lead)
    *before, last = told.replies
    return replace(told, replies=(*before, Reply(text=last.text), *asked.replies), state=asked.state)


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


def option_meant(question: Question, words: Normalized) -> tuple[int | None, bool]:
    """Which option the words name (1 = the first), and whether they say nothing else.

    The longest hit wins; one after a "không", "chưa" it does not hold itself does not count.
    """
    text = script(words)
    hits = [hit for hit in _patterns(question).find(words, text) if not _denied(hit, text)]
    if not hits:
        return None, False
    longest = max(hit.end - hit.start for hit in hits)
    best = {int(hit.name) for hit in hits if hit.end - hit.start == longest}
    if len(best) > 1:
        return None, False
    whole = not without(text, [*hits, *fillers().find(words, text)])
    return best.pop(), whole


def _patterns(question: Question) -> PatternSet:
    patterns = PatternSet()
    for number, option in enumerate(question.options, 1):
        patterns.add(str(number), [_label(option), *option.says])
    return patterns


def _label(option: Option) -> str:
    """The label as a pattern: its words, without its signs."""
    return " ".join(normalize(option.label).tokens)


def _denied(hit: Found, text: str) -> bool:
    first = text[hit.start :].split("/", 1)[0]
    before = text[: hit.start].split()
    return first not in NEGATIONS and bool(before) and before[-1].split("/", 1)[0] in NEGATIONS
