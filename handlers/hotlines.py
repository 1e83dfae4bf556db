"""Hotlines by group, tap to call, and when the ward's leader receives citizens (PM-17, PM-18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from bot.replies import Button, Reply, Result, Turn
from handlers import office
from handlers.layout import LINES, height
from handlers.memory import Memory
from handlers.reading import said
from handlers.services import Services, today
from handlers.wording import WEEKDAYS
from knowledge.patterns import PatternSet
from ward.hotlines import in_force, next_reception
from ward.profile import WEEKDAYS as WEEKDAY_NAMES

BUTTONS = 5
RECEPTION = "tiep_cong_dan_xa"
"""The procedure that receiving citizens is; the ward's own days are its best answer."""
NUMBERS_ASKED = (
    "đường dây nóng",
    "hotline",
    "(số|số điện thoại|sđt|điện thoại|số đt) (của|) (lãnh đạo|chủ tịch|phó chủ tịch|kiểm soát)",
    "(xin|cho) * (số|số điện thoại|sđt) * (lãnh đạo|chủ tịch|phó chủ tịch)",
    "tổ kiểm tra công vụ",
)
RECEPTION_ASKED = (
    "lịch * tiếp (công dân|dân)",
    "(lãnh đạo|chủ tịch) * tiếp (công dân|dân) * (ngày nào|bữa nào|thứ mấy|lúc nào|khi nào|mấy giờ|hôm nào)",
    "(ngày nào|bữa nào|thứ mấy|khi nào|hôm nào) * (lãnh đạo|chủ tịch) * tiếp (công dân|dân)",
)


@cache
def _patterns() -> PatternSet:
    patterns = PatternSet()
    patterns.add("numbers", NUMBERS_ASKED)
    patterns.add("reception", RECEPTION_ASKED)
    return patterns


def asked(turn: Turn) -> bool:
    """Whether the words ask for hotline numbers."""
    return "numbers" in _found(turn)


def handle(turn: Turn, services: Services) -> Result | None:
    found = _found(turn)
    if "reception" in found and services.profile.citizen_reception is not None:
        return reception(turn, services)
    return numbers(turn, services) if "numbers" in found else None


def numbers(turn: Turn, services: Services) -> Result:
    """The groups in force; without any, the ward's usual contacts."""
    groups = in_force(services.profile, today(turn))
    if not groups:
        return office.contacts(turn, services)
    profile = services.profile
    pages = [_Page([services.phrases.say("hotlines.head", ward=profile.name, phone=profile.hotline)])]
    for group in groups:
        heading = group.group
        for line in group.lines:
            told = services.phrases.say("hotlines.line", number=line.number, name=line.name, hours=line.hours)
            lines = [heading, told] if heading else [told]
            if not pages[-1].has_room(lines):
                pages.append(_Page())
                lines = [group.group, told]
            pages[-1].add(lines, call_button(line.number, services))
            heading = ""
    replies = tuple(Reply(text="\n".join(page.lines), buttons=tuple(page.buttons)) for page in pages)
    return Result("answered", replies, Memory.of(turn.state).settled().as_state())


def reception(turn: Turn, services: Services) -> Result:
    """The weekly day, the place, and the next date that is no holiday."""
    where = services.profile.citizen_reception
    assert where is not None
    day = next_reception(where, services.calendar, turn.at)
    text = services.phrases.say(
        "hotlines.reception",
        weekday=WEEKDAYS[WEEKDAY_NAMES.index(where.weekday)],
        hours=where.hours,
        place=where.place,
        phone=where.phone,
        day=f"{WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}" if day else None,
    )
    buttons = [call_button(where.phone, services)] if where.phone else []
    buttons += [services.button("hotlines"), services.button("menu")]
    state = Memory.of(turn.state).at(RECEPTION, "thoi_han").as_state()
    return Result("answered", (Reply(text=text, buttons=tuple(buttons)),), state, keys=(RECEPTION,))


def call_button(number: str, services: Services) -> Button:
    return Button(title=services.phrases.say("buttons.call", number=number), kind="phone", payload=number)


@dataclass
class _Page:
    """One message: six lines and five numbers at most, a heading never without its number."""

    lines: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def has_room(self, more: Sequence[str]) -> bool:
        return len(self.buttons) < BUTTONS and height("\n".join([*self.lines, *more])) <= LINES

    def add(self, lines: Sequence[str], button: Button) -> None:
        self.lines += lines
        self.buttons.append(button)


def _found(turn: Turn) -> set[str]:
    return {hit.name for hit in _patterns().find(said(turn.text))}
