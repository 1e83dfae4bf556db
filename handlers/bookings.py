""" "Đặt hẹn": what can be booked now. Each kind of booking adds its line to `BOOKABLE`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from bot.replies import Button, Reply, Result, Turn
from handlers import home, reception, visits
from handlers.memory import Memory
from handlers.offers import number_said
from handlers.reading import said
from handlers.services import Services
from handlers.tokens import read_token, token
from ward.reception import reception_days

STEP = "bookings"
BUTTONS = 4
_ASKED = re.compile(
    r"(?:(?:em|toi|tui|minh|cho|xin|muon|can|co|duoc) )*"
    r"(?:dat|dang ky|hen|xin) (?:lich|hen|lich hen|truoc|lich truoc)"
    r"(?: (?:voi phuong|o phuong|truoc|gi|duoc khong|khong|a|nha))*"
)


@dataclass(frozen=True)
class Bookable:
    """`name`: of its phrases booking.<name> and buttons.book_<name>; `payload`: the button that begins it."""

    name: str
    payload: str
    offered: Callable[[Turn, Services], bool]
    values: Callable[[Turn, Services], Mapping[str, str]] = lambda _turn, _services: {}
    """What its line says besides; asked only when it is offered."""


def _receives(turn: Turn, services: Services) -> bool:
    return bool(reception_days(services.profile, services.calendar, turn.at))


BOOKABLE: tuple[Bookable, ...] = (
    *(
        Bookable(
            kind,
            token("visit", "kind", kind),
            partial(visits.offered, kind=kind),
            partial(visits.menu_values, kind=kind),
        )
        for kind in visits.KINDS
    ),
    *(Bookable(kind, token("home", "kind", kind), partial(home.offered, kind=kind)) for kind in home.KINDS),
    Bookable("reception", token("tiep_dan"), _receives),
)


def handle(turn: Turn, services: Services) -> Result | None:
    pressed = read_token(turn.text)
    if pressed is not None:
        return menu(turn, services) if pressed.name == "bookings" else None
    memory = Memory.of(turn.state)
    if memory.step is not None and memory.step.name == STEP:
        return _chosen(turn, services, memory.step.data.split())
    return menu(turn, services) if _ASKED.fullmatch(said(turn.text).plain) else None


def menu(turn: Turn, services: Services) -> Result:
    """What can be booked today, numbered; buttons for the first four."""
    found = [one for one in BOOKABLE if one.offered(turn, services)]
    memory = Memory.of(turn.state)
    if not found:
        reply = services.reply("booking.none", "human", "menu")
        return Result("booking", (reply,), memory.settled().as_state())
    say = services.phrases.say
    lines = [say("booking.menu")]
    for n, one in enumerate(found, 1):
        name = say(f"booking.{one.name}", **one.values(turn, services))
        lines.append(say("booking.menu_line", n=n, name=name))
    buttons = tuple(
        Button(title=say(f"buttons.book_{one.name}"), payload=one.payload) for one in found[:BUTTONS]
    )
    state = memory.waiting(STEP, " ".join(one.name for one in found)).as_state()
    return Result("booking", (Reply(text="\n".join(lines), buttons=buttons),), state)


def _chosen(turn: Turn, services: Services, names: list[str]) -> Result | None:
    """A line beyond the buttons, by its number."""
    number = number_said(turn.text)
    if number is None or not 1 <= number <= len(names):
        return None
    payloads = {one.name: one.payload for one in BOOKABLE}
    pressed = replace(turn, text=payloads[names[number - 1]])
    return (
        reception.handle(pressed, services)
        or visits.answered(pressed, services)
        or home.answered(pressed, services)
    )
