"""What is broken, dirty or dangerous in the ward: acknowledged, and given to an officer with a code."""

from __future__ import annotations

from bot.replies import Reply, Result, Turn
from handlers.memory import Memory
from handlers.reading import CHATTER, asks_something_new, intent, intent_matched
from handlers.services import Services
from handlers.tokens import read_token
from ward.calendar import say_by_when

STEP = "feedback"
FIELD = "phan_anh"
BARE = ("phản ánh", "góp ý", "kiến nghị")
SCAM = ("lừa đảo", "mạo danh", "giả danh")
SHORTEST = 4
"""Words below which a message announces a report rather than makes one."""


def is_open(turn: Turn) -> bool:
    step = Memory.of(turn.state).step
    return step is not None and step.name == STEP


def handle(turn: Turn, services: Services) -> Result | None:
    pressed = read_token(turn.text)
    if pressed is not None:
        return _tell(turn, services) if pressed.name == "feedback" else None
    if is_open(turn) and not _goes_elsewhere(turn, services):
        return _note(turn, services) if turn.text.strip() else _tell(turn, services, "feedback.tell_more")
    if intent(turn, services) != "feedback":
        return None
    short = len(turn.text.split()) < SHORTEST and any(word in turn.text.lower() for word in BARE)
    return _tell(turn, services) if short else _note(turn, services)


def _goes_elsewhere(turn: Turn, services: Services) -> bool:
    return intent(turn, services) in CHATTER or asks_something_new(turn, services)


def _tell(turn: Turn, services: Services, key: str = "feedback.tell") -> Result:
    memory = Memory.of(turn.state).waiting(STEP)
    return Result("feedback", (services.reply(key),), memory.as_state())


def _note(turn: Turn, services: Services) -> Result:
    ticket = services.desk.hand_over(turn, turn.text, FIELD, ())
    when = say_by_when(ticket.due_at, turn.at)
    replies = [services.reply("feedback.noted", "menu", code=ticket.code, when=when)]
    if any(word in pattern for pattern in intent_matched(turn, services) for word in SCAM):
        replies.insert(0, _beware(services))
    return Result("feedback", tuple(replies), Memory.of(turn.state).settled().as_state())


def _beware(services: Services) -> Reply:
    police = services.profile.bodies.police
    oa, phone = services.profile.oa_name, police.phone if police else None
    return services.reply("scope.scam", oa=oa, police=police.name if police else None, phone=phone)
