"""Where the ward is, when it is open, whom to call."""

from __future__ import annotations

from functools import cache

from bot.replies import Reply, Result, Turn
from handlers.layout import LINES, pages
from handlers.memory import Memory
from handlers.reading import is_answer, said
from handlers.services import Services
from handlers.wording import office_hours
from knowledge.patterns import PatternSet
from ward.calendar import say_by_when

ASKED = (
    "mấy giờ * (làm việc|mở cửa|đóng cửa|nghỉ)",
    "giờ (làm việc|mở cửa|hành chính|tiếp dân)",
    "lịch (làm việc|tiếp dân|tiếp công dân)",
    "(thứ bảy|thứ bẩy|chủ nhật|cuối tuần|hôm nay|ngày mai|trưa) * có (làm|làm việc|mở cửa)",
    "địa chỉ * (phường|xã|ủy ban|ubnd|một cửa)",
    "(phường|xã|ủy ban|ubnd|một cửa) * (ở đâu|nằm đâu|chỗ nào)$",
)


@cache
def _patterns() -> PatternSet:
    patterns = PatternSet()
    patterns.add("office", ASKED)
    return patterns


def handle(turn: Turn, services: Services) -> Result | None:
    if is_answer(turn, services) or not _patterns().find(said(turn.text)):
        return None
    return contacts(turn, services)


def contacts(turn: Turn, services: Services) -> Result:
    """Address, hours, whether it is open now, telephone lines, citizen reception."""
    say, profile, counter = services.phrases, services.profile, services.profile.counter
    lines = [
        say.say("command.ward_office", name=counter.name, address=counter.address, phone=counter.phone),
        *(say.say("command.ward_hours", hours=hours) for hours in office_hours(profile.hours)),
    ]
    if not services.calendar.is_open(turn.at):
        opening = services.calendar.next_opening(turn.at)
        lines.append(say.say("command.closed_now", when=say_by_when(opening, turn.at)))
    lines += [
        say.say("command.ward_phone", purpose=phone.purpose, number=phone.number) for phone in profile.phones
    ]
    texts = pages(lines, LINES - 1)
    replies = [Reply(text=text) for text in texts[:-1]]
    replies.append(Reply(text=texts[-1], buttons=(services.button("ask"), services.button("human"))))
    return Result("answered", tuple(replies), Memory.of(turn.state).settled().as_state())
