"""Words that always work: MENU, HỦY, QUAY LẠI, GẶP CÁN BỘ, XÓA DỮ LIỆU, DỪNG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.replies import Result, Turn
from handlers import bundles, guides, hand_over, hotlines, office, privacy, procedures, reports
from handlers.memory import Memory
from handlers.reading import intent, intent_matched
from handlers.services import Services
from handlers.tokens import read_token

ASKS_PHONE = ("điện thoại", "hotline", "đường dây nóng")


def handle(turn: Turn, services: Services) -> Result | None:
    if (told := guides.resume(turn, services) or privacy.unsure(turn, services)) is not None:
        return told
    pressed = read_token(turn.text)
    name = pressed.name if pressed else intent(turn, services)
    command = _COMMANDS.get(name)
    return command(turn, services) if command else None


def menu(turn: Turn, services: Services) -> Result:
    reply = services.reply("command.menu", "ask", "feedback", "bookings", "human")
    return Result("menu", (reply,), Memory.of(turn.state).home().as_state())


def ask(turn: Turn, services: Services) -> Result:
    return Result("menu", (services.reply("command.ask"),), Memory.of(turn.state).home().as_state())


def cancel(turn: Turn, services: Services) -> Result:
    if (dropped := reports.cancel(turn, services)) is not None:
        return dropped
    state = replace(Memory.of(turn.state).home(), aside="").as_state()
    return Result("menu", (services.reply("command.cancelled", "menu"),), state)


def back(turn: Turn, services: Services) -> Result:
    """One question back, to the list a step was opened from, or to the part shown before."""
    for way in (reports.back, guides.back, bundles.back):
        if (told := way(turn, services)) is not None:
            return told
    memory = Memory.of(turn.state)
    if not memory.previous:
        return Result("menu", (services.reply("command.no_way_back", "menu"),), memory.settled().as_state())
    place = memory.previous[-1]
    memory = replace(memory, previous=memory.previous[:-1], key=place.key, facet=place.facet)
    shown = procedures.show(replace(turn, state=memory.as_state()), services, place.key, place.facet)
    return shown or menu(turn, services)


def human(turn: Turn, services: Services) -> Result:
    if hotlines.asked(turn):
        return replace(hotlines.numbers(turn, services), outcome="human")
    if any(word in pattern for pattern in intent_matched(turn, services) for word in ASKS_PHONE):
        return replace(office.contacts(turn, services), outcome="human")
    return hand_over.asked_for(turn, services)


_COMMANDS: dict[str, Callable[[Turn, Services], Result]] = {
    "menu": menu,
    "ask": ask,
    "other": hand_over.not_that,
    "cancel": cancel,
    "back": back,
    "human": human,
    "yes": hand_over.agreed,
    "hours": office.contacts,
    "hotlines": hotlines.numbers,
    "privacy": privacy.erase,
    "stop": privacy.stop,
}
