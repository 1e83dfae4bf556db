"""Danger first: the numbers to call, and the officer on duty told at once."""

from __future__ import annotations

from bot.replies import Button, Result, Turn
from handlers.memory import Memory
from handlers.reading import asks_something_new, intent, intent_detail
from handlers.services import Services
from handlers.tokens import read_token

STEP = "emergency"
NUMBERS = {"fire": ("114", "115"), "injury": ("115", "113"), "crime": ("113", "115")}
KINDS = tuple(NUMBERS)
OTHER_KIND = "injury"


def handle(turn: Turn, services: Services) -> Result | None:
    if intent(turn, services) == "emergency":
        return _alarm(turn, services)
    memory = Memory.of(turn.state)
    if memory.step is None or memory.step.name != STEP:
        return None
    return _after(turn, services, memory)


def _alarm(turn: Turn, services: Services) -> Result:
    kind = intent_detail(turn, services)
    kind = kind if kind in NUMBERS else OTHER_KIND
    services.desk.raise_alarm(turn, kind)
    buttons = [_call(services, number) for number in NUMBERS[kind]]
    reply = services.reply(f"emergency.{kind}", "called", "place")
    reply = reply.model_copy(update={"buttons": (*buttons, *reply.buttons), "safe_to_repeat": True})
    memory = Memory.of(turn.state).waiting(STEP, kind)
    return Result("emergency", (reply,), memory.as_state())


def _after(turn: Turn, services: Services, memory: Memory) -> Result | None:
    """What follows an alarm: the place, or that they called. Other business goes its own way."""
    assert memory.step is not None
    pressed = read_token(turn.text)
    if pressed is not None and pressed.name in ("called", "place"):
        key = "emergency.called" if pressed.name == "called" else "emergency.send_place"
        return Result("emergency", (services.reply(key),), memory.as_state())
    located = turn.event_name == "user_send_location"
    if not located and (not turn.text.strip() or pressed or _is_other_business(turn, services)):
        return None
    services.desk.raise_alarm(turn, memory.step.data)
    return Result("emergency", (services.reply("emergency.place_noted"),), memory.as_state())


def _is_other_business(turn: Turn, services: Services) -> bool:
    called = turn.text.strip() in ("113", "114", "115")
    return called or intent(turn, services) != "" or asks_something_new(turn, services)


def _call(services: Services, number: str) -> Button:
    title = services.phrases.say("buttons.call", number=number)
    return Button(title=title, kind="phone", payload=number)
