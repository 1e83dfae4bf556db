"""Smart questions: one at a time, by button, number or words, to the right entry and a personal checklist.

A message that answers the question stays in the guide, whatever else it names. One that clearly wants
something else leaves it: the guide is put aside, the person is told so, and TIẾP TỤC goes on with it.
"""

from __future__ import annotations

from dataclasses import replace

from bot.replies import Button, Reply, Result, Turn
from handlers import facilities, hand_over, procedures
from handlers.answers import buttons_of, source_of
from handlers.asking import OVERVIEWS, STEP, Asking, ask, begin, put_by, under_way
from handlers.layout import LINES, MESSAGES, after_opening, decapitalise, pages, without_pictures
from handlers.memory import Memory, Step
from handlers.offers import number_said
from handlers.parts import Writer, fact_lines, is_current, part_of
from handlers.reading import intent, reading, said, wants
from handlers.services import Services, today
from handlers.tokens import Token, read_token
from handlers.wording import in_case, sentence
from knowledge.events import life_event
from knowledge.in_force import has_ended, on_day
from knowledge.paths import Guide, Outcome, Question, Standing
from knowledge.personal import for_person
from knowledge.replies import meant, requests, says_no, wants_to_resume
from knowledge.understand import Context, Understanding, understand

NOT_TOLD = ("silent", "emergency", "formal_complaint", "human", "handover", "privacy")
"""Outcomes that say nothing of the guide that was put aside."""
ELSEWHERE = ("feedback", "tracking", "out_of_scope")
"""What a message is about although a "có" or "không" stands somewhere in it."""
CLEAR = 0.7
"""From this score on, the words beside an answer may be a request of their own."""
BUTTONS = 4
FACILITIES = "co_so_y_te"
"""The guide of private health facilities."""


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
    return procedures.show(turn, services, memory.key or asking.guide.starts_for[0], "tong_quan")


def resume(turn: Turn, services: Services) -> Result | None:
    """TIẾP TỤC, its button, or a no to the offered officer: the question that was left open."""
    memory = Memory.of(turn.state)
    asking = put_by(memory, services)
    if asking is None or asking.question is None or not _wants_back(turn, memory):
        return None
    return ask(replace(asking, again=False), memory, services, services.phrases.say("guide.resume"))


def _wants_back(turn: Turn, memory: Memory) -> bool:
    pressed = read_token(turn.text)
    if pressed is not None:
        return pressed.name == "resume"
    words = said(turn.text)
    offered = memory.step is not None and memory.step.name == hand_over.OFFER_STEP
    return wants_to_resume(words) or (offered and says_no(words))


def put_aside(turn: Turn, result: Result, services: Services) -> Result:
    """A guide this turn left unfinished is kept, and the person told how to go on with it."""
    asking = under_way(Memory.of(turn.state), services)
    if asking is None or asking.question is None or intent(turn, services) == "cancel":
        return result
    memory, asked = Memory.of(result.state), _guide_asked(result)
    if asked == asking.guide.key or memory.aside.startswith(f"{asking.guide.key}:"):
        return result
    if _ended(asking.guide, memory, services):
        return result
    left = memory.step is not None and memory.step.name == STEP and not asked
    kept = replace(memory, aside=replace(asking, again=False).data, step=None if left else memory.step)
    told = result.outcome not in NOT_TOLD and bool(result.replies)
    replies = _with_word(result.replies, asking.guide, services) if told else result.replies
    return replace(result, replies=replies, state=kept.as_state())


def _guide_asked(result: Result) -> str:
    """The guide whose question the last reply puts, if it does."""
    pressed = [read_token(button.payload) for reply in result.replies[-1:] for button in reply.buttons]
    return next((one.key for one in pressed if one and one.name == "guide" and one.question), "")


def _ended(guide: Guide, memory: Memory, services: Services) -> bool:
    at = under_way(memory, services)
    return at is not None and at.guide.key == guide.key and at.question is None


def _with_word(replies: tuple[Reply, ...], guide: Guide, services: Services) -> tuple[Reply, ...]:
    *before, last = replies
    word = services.phrases.say("guide.aside", title=guide.title)
    buttons = last.buttons
    if len(buttons) < BUTTONS:
        buttons = (*buttons, services.button("resume"))
    return (*before, last.model_copy(update={"text": f"{last.text}\n{word}", "buttons": buttons}))


def _pressed(pressed: Token, turn: Turn, services: Services) -> Result | None:
    """A button, perhaps an old one: it answers its own question, as far as the way there is known."""
    guide = services.library.guide(pressed.key)
    if guide is None:
        return None
    if (told := _law_changed(guide, turn, services)) is not None:
        return told
    memory = Memory.of(turn.state)
    asking = _known_way(guide, memory, services)
    if not pressed.question or asking is None:
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


def _known_way(guide: Guide, memory: Memory, services: Services) -> Asking | None:
    """The answers given so far in this guide, open or put aside."""
    for asking in (under_way(memory, services), put_by(memory, services)):
        if asking is not None and asking.guide.key == guide.key:
            return asking
    return None


def _spoken(asking: Asking, question: Question, turn: Turn, services: Services) -> Result | None:
    """Words or a number for the open question, unless the message clearly wants something else."""
    if (told := _law_changed(asking.guide, turn, services)) is not None:
        return told
    reply = meant(question, said(turn.text))
    number = number_said(turn.text) or reply.option
    if number is not None and number <= len(question.options):
        other = reply.rest and _asks_for_another(reply.rest, asking.guide, services)
        stray = reply.plainly and reply.rest and intent(turn, services) in ELSEWHERE
        return None if other or stray else _go_on(asking, number, turn, services)
    if reply.unsure and not (reply.rest and _asks_for_another(reply.rest, asking.guide, services)):
        return _unsure(asking, question, turn, services)
    if number is None and reply.rest and _leaves(asking, turn, services):
        return None
    return _unfit(asking, question, turn, services)


def _law_changed(guide: Guide, turn: Turn, services: Services) -> Result | None:
    """Nothing is asked when every way through the guide ends at a rule that is over."""
    found = [services.library.entry(outcome.entry) for outcome in guide.outcomes.values()]
    if not all(entry is not None and has_ended(entry, today(turn)) for entry in found):
        return None
    return procedures.show(turn, services, guide.starts_for[0], "tong_quan")


def _asks_for_another(words: str, guide: Guide, services: Services) -> bool:
    """What is left of a message without its answer: is it a clear request for a matter not of this guide?"""
    understood = understand(words, Context(), services.library)
    if life_event(understood, services.library) is not None:
        return True
    best = understood.candidates[0] if understood.candidates else None
    if best is None or best.score < CLEAR or best.key in guide.entries():
        return False
    return wants(understood, words) or (_all_foreign(understood, guide) and requests(understood.said))


def _leaves(asking: Asking, turn: Turn, services: Services) -> bool:
    """Does a message that answers nothing want something else?"""
    understood = reading(turn, services)
    name = intent(turn, services)
    if name and name != "nonsense":
        return True
    if _asks_a_part(understood, turn) or _asks_for_another(turn.text, asking.guide, services):
        return True
    return asking.again and _all_foreign(understood, asking.guide)


def _all_foreign(understood: Understanding, guide: Guide) -> bool:
    """Several matters are near, and none of them is this guide's."""
    offered = {one.key for one in understood.choices}
    return understood.outcome == "choices" and not offered & {*guide.entries()}


def _asks_a_part(understood: Understanding, turn: Turn) -> bool:
    """ "tốn nhiêu tiền vậy": a part of what is spoken of, or of a matter that is named."""
    if understood.facet in OVERVIEWS:
        return False
    return understood.outcome == "followup" or wants(understood, turn.text)


def _unsure(asking: Asking, question: Question, turn: Turn, services: Services) -> Result | None:
    """ "Không biết" is no "không": first how to tell, then the safe answer, else an officer."""
    say, memory = services.phrases, Memory.of(turn.state)
    if question.help is not None and not asking.again:
        lead = say.say("guide.help", help=question.help)
        return ask(replace(asking, again=True), memory, services, lead)
    if question.safe is not None:
        lead = say.say("guide.safe", answer=decapitalise(question.options[question.safe - 1].label))
        return _go_on(asking, question.safe, turn, services, lead)
    key = memory.key or asking.guide.starts_for[0]
    entry = services.library.entry(key)
    assert entry is not None
    offering = Step(hand_over.OFFER_STEP, entry.field)
    after = replace(memory.settled(), key=key, facet="ho_so", step=offering)
    reply = services.reply("guide.offer", "hand_over", "resume", "menu")
    aside = replace(asking, again=False).data
    return Result("clarify", (reply,), replace(after, aside=aside).as_state())


def _unfit(asking: Asking, question: Question, turn: Turn, services: Services) -> Result:
    """Once more with the options, then an officer."""
    memory, say = Memory.of(turn.state), services.phrases
    if not asking.again:
        lead = say.say("guide.again_help", help=question.help) if question.help else say.say("guide.again")
        return ask(replace(asking, again=True), memory, services, lead)
    entry = services.library.entry(memory.key or asking.guide.starts_for[0])
    assert entry is not None
    about = say.say("hand_over.about", name=entry.plain_name)
    lead = say.say("guide.unsure")
    return hand_over.to_officer(turn, services, about, "handover", lead, entry.field)


def _go_on(asking: Asking, number: int, turn: Turn, services: Services, lead: str = "") -> Result | None:
    """The next question, or the end. A number the question does not have is put aside."""
    memory, asking = Memory.of(turn.state), asking.answered(number)
    at = asking.guide.follow(asking.answers)
    if at is None:
        again = replace(asking.before(), again=True)
        return ask(again, memory, services, services.phrases.say("guide.again"))
    if at.question is not None:
        return ask(asking, memory, services, lead or services.phrases.say("guide.next"))
    return _end(asking, at, turn, services, lead)


def _end(asking: Asking, at: Standing, turn: Turn, services: Services, lead: str = "") -> Result | None:
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
    texts = _fitted(writer, outcome, lead, LINES if memory.greeted else LINES - 1)
    texts = [without_pictures(text) for text in texts] if writer.mourning else texts
    whole = Writer(entry, services.phrases, services.profile, day)
    last = Reply(text=texts[-1], buttons=_last_buttons(asking.guide, whole, services))
    after = replace(memory.at(entry.key, "ho_so"), condoled=memory.condoled or writer.mourning)
    return Result(
        procedures.told_as(entry),
        (*(Reply(text=text) for text in texts[:-1]), last),
        replace(after, step=asking.as_step(), aside=_other(memory.aside, asking.guide)).as_state(),
        keys=(entry.key,),
        facet="ho_so",
    )


def _last_buttons(guide: Guide, whole: Writer, services: Services) -> tuple[Button, ...]:
    """Facilities are led on to forms and the health officer."""
    buttons = buttons_of(whole, "ho_so")
    if guide.key != FACILITIES:
        return buttons
    return (*buttons[:2], *facilities.buttons_after(whole.entry.key, services))


def _other(aside: str, guide: Guide) -> str:
    """A guide put aside, unless it is the one that has just come to its end."""
    return "" if aside.startswith(f"{guide.key}:") else aside


def _fitted(writer: Writer, outcome: Outcome, lead: str, room: int) -> list[str]:
    """The checklist as messages; without what can be done without, when it is too long otherwise."""
    for brief in (False, True):
        items = _checklist(writer, outcome, brief)
        items = [lead, after_opening(items[0]), *items[1:]] if lead else items
        texts = pages(items, room)
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
