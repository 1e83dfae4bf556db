"""Smart questions: one at a time, by button, number or words, to the right entry and a personal checklist."""

from __future__ import annotations

from dataclasses import replace

from bot.replies import Reply, Result, Turn
from handlers import hand_over, procedures
from handlers.answers import buttons_of, source_of
from handlers.asking import Asking, ask, begin, option_meant, under_way
from handlers.layout import LINES, MESSAGES, pages, without_pictures
from handlers.memory import Memory
from handlers.offers import number_said
from handlers.parts import Writer, fact_lines, is_current, part_of
from handlers.reading import asks_something_new, intent, said
from handlers.services import Services, today
from handlers.tokens import Token, read_token
from handlers.wording import in_case, sentence
from knowledge.in_force import has_ended, on_day
from knowledge.paths import Guide, Outcome, Question, Standing
from knowledge.personal import for_person
from knowledge.text import Normalized
from knowledge.understand import ordinal


def handle(turn: Turn, services: Services) -> Result | None:
    pressed = read_token(turn.text)
    if pressed is not None:
        return _pressed(pressed, turn, services) if pressed.name == "guide" else None
    asking = under_way(Memory.of(turn.state), services)
    if asking is None or asking.question is None or not turn.text.strip():
        return None
    return _spoken(asking, asking.question, turn, services)


def back(turn: Turn, services: Services) -> Result | None:
    """QUAY LẠI: the question before, from the first one the procedure spoken of; None without a guide."""
    memory = Memory.of(turn.state)
    asking = under_way(memory, services)
    if asking is None:
        return None
    if asking.answers:
        return ask(asking.before(), memory, services, services.phrases.say("guide.back"))
    return procedures.show(turn, services, memory.key or "", "tong_quan")


def _pressed(pressed: Token, turn: Turn, services: Services) -> Result | None:
    """A button, perhaps an old one: it answers its own question, as far as the way there is known."""
    guide = services.library.guide(pressed.key)
    if guide is None:
        return None
    if (told := _law_changed(guide, turn, services)) is not None:
        return told
    asking = under_way(Memory.of(turn.state), services)
    if not pressed.question or asking is None or asking.guide.key != guide.key:
        at_start = pressed.question == guide.start
        return (
            _go_on(Asking(guide), pressed.number, turn, services)
            if at_start
            else begin(guide, turn, services)
        )
    while asking.answers and asking.name != pressed.question:
        asking = asking.before()
    if asking.name != pressed.question:
        return begin(guide, turn, services)
    return _go_on(asking, pressed.number, turn, services)


def _spoken(asking: Asking, question: Question, turn: Turn, services: Services) -> Result | None:
    """Words or a number for the open question, unless the message clearly wants something else."""
    if (told := _law_changed(asking.guide, turn, services)) is not None:
        return told
    words = said(turn.text)
    chosen, whole = option_meant(question, words)
    if (number := _number(turn.text, words, question)) is not None and not whole:
        chosen = number
    elif not whole and (intent(turn, services) or asks_something_new(turn, services)):
        return None
    if chosen is None or not 1 <= chosen <= len(question.options):
        return _unfit(asking, turn, services)
    return _go_on(asking, chosen, turn, services)


def _law_changed(guide: Guide, turn: Turn, services: Services) -> Result | None:
    """Nothing is asked when every way through the guide ends at a rule that is over."""
    found = [services.library.entry(outcome.entry) for outcome in guide.outcomes.values()]
    if not all(entry is not None and has_ended(entry, today(turn)) for entry in found):
        return None
    return procedures.show(turn, services, guide.starts_for[0], "tong_quan")


def _number(text: str, words: Normalized, question: Question) -> int | None:
    if (number := number_said(text)) is not None:
        return number
    place = ordinal(words, len(question.options))
    return None if place is None else place + 1


def _unfit(asking: Asking, turn: Turn, services: Services) -> Result:
    """Once more with the options, then an officer."""
    memory = Memory.of(turn.state)
    if not asking.again:
        return ask(replace(asking, again=True), memory, services, services.phrases.say("guide.again"))
    entry = services.library.entry(memory.key or asking.guide.starts_for[0])
    assert entry is not None
    about = services.phrases.say("hand_over.about", name=entry.plain_name)
    lead = services.phrases.say("guide.unsure")
    return hand_over.to_officer(turn, services, about, "handover", lead, entry.field)


def _go_on(asking: Asking, number: int, turn: Turn, services: Services) -> Result | None:
    """The next question, or the end. A number the question does not have is put aside."""
    memory, asking = Memory.of(turn.state), asking.answered(number)
    at = asking.guide.follow(asking.answers)
    if at is None:
        return ask(
            replace(asking.before(), again=True), memory, services, services.phrases.say("guide.again")
        )
    if at.question is not None:
        return ask(asking, memory, services, services.phrases.say("guide.next"))
    return _end(asking, at, turn, services)


def _end(asking: Asking, at: Standing, turn: Turn, services: Services) -> Result | None:
    """The right entry with the papers, times, fees and places of this person's cases."""
    outcome = asking.guide.outcomes[at.outcome or ""]
    entry = services.library.entry(outcome.entry)
    assert entry is not None
    day = today(turn)
    if not is_current(entry, day) or entry.kind == "superseded":
        return procedures.show(turn, services, entry.key, "tong_quan")
    own = for_person(on_day(entry, day), at.cases, at.leaves_out)
    writer = Writer(own, services.phrases, services.profile, day)
    memory = Memory.of(turn.state)
    texts = _fitted(writer, outcome, LINES if memory.greeted else LINES - 1)
    texts = [without_pictures(text) for text in texts] if writer.mourning else texts
    whole = Writer(entry, services.phrases, services.profile, day)
    last = Reply(text=texts[-1], buttons=buttons_of(whole, "ho_so"))
    after = replace(memory.at(entry.key, "ho_so"), condoled=memory.condoled or writer.mourning)
    return Result(
        procedures.told_as(entry),
        (*(Reply(text=text) for text in texts[:-1]), last),
        replace(after, step=asking.as_step()).as_state(),
        keys=(entry.key,),
        facet="ho_so",
    )


def _fitted(writer: Writer, outcome: Outcome, room: int) -> list[str]:
    """The checklist as messages; without what can be done without, when it is too long otherwise."""
    for brief in (False, True):
        texts = pages(_checklist(writer, outcome, brief), room)
        if len(texts) <= MESSAGES:
            break
    return texts[:MESSAGES]


def _checklist(writer: Writer, outcome: Outcome, brief: bool) -> list[str]:
    """What it is, the papers, what is to be minded, then time, fee and place.

    `brief`: without notes, and without what officers look up themselves.
    """
    say, entry = writer.say, writer.entry
    if brief:
        kept = [paper for paper in entry.documents if paper.how != "looked_up"]
        writer = replace(writer, entry=entry.model_copy(update={"documents": kept}))
    papers = part_of(writer, "ho_so")
    minded = writer.now(entry.conditions)
    facts = fact_lines(writer, notes=not brief)
    summary = writer.now([entry.summary])
    items = [
        say.say("guide.result", name=writer.name),
        *([outcome.note] if outcome.note else []),
        *(
            [say.say("guide.papers"), *papers.items]
            if papers
            else [*(one.text for one in summary), say.say("guide.no_papers")]
        ),
        *(f"• {sentence(in_case(say, term.when, term.text))}" for term in minded),
        *facts.items,
    ]
    used = (*(papers.used if papers else summary), *minded, *facts.used)
    return [*items, *source_of(writer, used)]
