"""Formal complaints and denunciations are not taken over chat: say so, show the way, keep the words sealed.

Criticism of conduct is taken, and goes to the ward's leader.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.casework import NewReport
from bot.replies import Button, Reply, Result, Turn
from handlers.memory import Memory
from handlers.reading import (
    CHATTER,
    asks_something_new,
    intent,
    intent_detail,
    intent_matched,
    is_answer,
    said,
    wants_to_go_on,
    word_count,
)
from handlers.services import Services
from handlers.tokens import read_token
from handlers.wording import WEEKDAYS
from knowledge.intents import tells_complaint
from ward.calendar import say_by_when
from ward.profile import WEEKDAYS as WEEKDAY_NAMES

STEP = "complaint"
CONDUCT_STEP = "conduct"
BARE = frozenset(
    ("to", "cao", "khieu", "nai", "toi", "tui", "em", "minh", "con", "muon", "xin", "lam", "gui", "nop",
     "don", "da", "la", "viec", "chon", "ve", "a", "nha")
)  # fmt: skip
"""A message of these words alone says which of the three it is, and nothing of the matter itself."""
STORY_WORDS = 6
ASKING_WORDS = 14
"""A question inside a complaint is about something else when it is short and speaks of nobody."""
SOMEBODY = re.compile(
    r"\b(ong(?! ba| noi| ngoai| xa)|thang|can bo|dia chinh|cong an|chu tich|truong khom|bon ho|tui no)\b"
)
WAYS = {"denunciation": "to_cao", "bribe": "to_cao", "complaint": "khieu_nai"}
CONDUCT = ("thái độ", "hách dịch", "cọc cằn", "quát", "nạt", "la lối", "làm khó", "hành dân", "thô lỗ")
PASSES = ("menu", "cancel", "back", "stop", "privacy", "tracking", *CHATTER)


def handle(turn: Turn, services: Services) -> Result | None:
    memory = Memory.of(turn.state)
    pressed = read_token(turn.text)
    if pressed is not None:
        return _pressed(pressed.name, services, memory)
    step = memory.step.name if memory.step else ""
    if intent(turn, services) == "formal_complaint":
        return _guard(turn, services, memory, repeated=step == STEP)
    if step == STEP:
        return _inside(turn, services, memory)
    if step == CONDUCT_STEP and turn.text.strip():
        elsewhere = intent(turn, services) == "human" or _goes_elsewhere(turn, services)
        return None if elsewhere else report_conduct(turn, services)
    if is_conduct(turn, services):
        return report_conduct(turn, services)
    return _inside(turn, services, memory) if _goes_on(turn, services, memory) else None


def sealed_too(turn: Turn, result: Result, services: Services) -> Result:
    """A denunciation that another handler had to answer (danger goes first) is still sealed, not kept."""
    if result.restricted or not is_one(turn) or read_token(turn.text) is not None:
        return result
    services.desk.keep_restricted(turn)
    return replace(result, restricted=True)


def _goes_on(turn: Turn, services: Services, memory: Memory) -> bool:
    """A story told on after the way out was taken (MENU …): many words that answer and ask nothing."""
    if not memory.guarded or memory.step is not None or intent(turn, services):
        return False
    return word_count(turn.text) > STORY_WORDS and not is_answer(turn, services)


def is_open(turn: Turn) -> bool:
    """Whether this conversation is about a complaint or denunciation at the moment."""
    step = Memory.of(turn.state).step
    return step is not None and step.name == STEP


def is_one(turn: Turn) -> bool:
    """Whether the words alone are a complaint or denunciation."""
    return tells_complaint(turn.text)


def _pressed(name: str, services: Services, memory: Memory) -> Result | None:
    if name in ("khieu_nai", "to_cao"):
        replies = guidance(name, services)
        return Result("formal_complaint", replies, _guarded(memory, "guided").as_state())
    if name == "thai_do":
        reply = services.reply("complaint.tell_conduct")
        return Result("feedback", (reply,), memory.waiting(CONDUCT_STEP).as_state())
    return None


def _guard(turn: Turn, services: Services, memory: Memory, repeated: bool) -> Result:
    """The words are sealed; the person is told why, and asked which of three it is."""
    way = WAYS.get(intent_detail(turn, services))
    if repeated and way and set(said(turn.text).plain_tokens) <= BARE:
        return Result("formal_complaint", guidance(way, services), _guarded(memory, "guided").as_state())
    services.desk.keep_restricted(turn)
    if repeated:
        return _again(services, memory)
    replies = (
        services.reply("complaint.guard"),
        services.reply("complaint.which", "khieu_nai", "to_cao", "thai_do"),
    )
    state = _guarded(memory, "which").as_state()
    return Result("formal_complaint", replies, state, restricted=True)


def _inside(turn: Turn, services: Services, memory: Memory) -> Result | None:
    """Anything said while a complaint is open may belong to it, unless it is clearly something else."""
    if _leaves(turn, services):
        return None
    services.desk.keep_restricted(turn)
    return _again(services, memory)


def _again(services: Services, memory: Memory) -> Result:
    replies = (services.reply("complaint.again", "khieu_nai", "to_cao", "thai_do", "menu"),)
    state = _guarded(memory, "guided").as_state()
    return Result("formal_complaint", replies, state, restricted=True)


def _leaves(turn: Turn, services: Services) -> bool:
    """Whether the person turned to something else: a command, or a plain question that names nobody."""
    if wants_to_go_on(turn):
        return True
    if len(said(turn.text).plain_tokens) > ASKING_WORDS:
        return False
    if intent(turn, services) in PASSES:
        return True
    return asks_something_new(turn, services) and SOMEBODY.search(said(turn.text).plain) is None


def _guarded(memory: Memory, data: str) -> Memory:
    return replace(memory.waiting(STEP, data), guarded=True)


def _goes_elsewhere(turn: Turn, services: Services) -> bool:
    if wants_to_go_on(turn):
        return True
    return intent(turn, services) in PASSES or asks_something_new(turn, services)


def guidance(way: str, services: Services) -> tuple[Reply, ...]:
    """How a signed complaint (khieu_nai) or denunciation (to_cao) is made, where, and who stands above."""
    where = services.profile.citizen_reception
    texts = [f"{services.phrases.say(f'complaint.{way}')}\n{reception_place(services)}", _above(services)]
    buttons = [services.button("tiep_dan"), services.button("menu")]
    if services.profile.hotlines:
        buttons.insert(1, services.button("hotlines"))
    if where is not None and where.form_url is not None:
        title = services.phrases.say("buttons.form")
        buttons.insert(1, Button(title=title, kind="url", payload=where.form_url))
    return (Reply(text=texts[0]), Reply(text=texts[1], buttons=tuple(buttons)))


def reception_place(services: Services) -> str:
    """Where and when the ward's leader receives citizens."""
    profile, say = services.profile, services.phrases
    where = profile.citizen_reception
    if where is None:
        place = profile.address or profile.authority_name
        return say.say("complaint.reception_unknown", place=place, phone=profile.hotline)
    day = WEEKDAYS[WEEKDAY_NAMES.index(where.weekday)]
    return say.say(
        "complaint.reception", place=where.place, weekday=day, hours=where.hours, phone=where.phone
    )


def _above(services: Services) -> str:
    where = services.profile.citizen_reception
    upper = where.provincial if where else None
    if upper is None:
        return services.phrases.say("complaint.above_unknown")
    return services.phrases.say("complaint.above", name=upper.name, address=upper.address, phone=upper.phone)


def is_conduct(turn: Turn, services: Services) -> bool:
    """How someone was treated at the ward: for the leader's eyes."""
    if intent(turn, services) != "feedback":
        return False
    return any(word in pattern for pattern in intent_matched(turn, services) for word in CONDUCT)


def report_conduct(turn: Turn, services: Services) -> Result:
    """For the leader alone; the draft of a report is not touched by it."""
    ticket = services.desk.submit(turn, NewReport("conduct", turn.text))
    when = say_by_when(ticket.due_at, turn.at)
    reply = services.reply("complaint.conduct_noted", "menu", code=ticket.code, when=when)
    return Result("feedback", (reply,), Memory.of(turn.state).settled().as_state())
