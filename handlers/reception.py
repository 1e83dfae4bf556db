"""A day of citizen reception: a name to be called by and a day, nothing of the matter (dialogue 6)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from bot.replies import Button, Result, Turn
from handlers import complaints
from handlers.memory import Memory
from handlers.reading import intent, said
from handlers.services import Services
from handlers.tokens import read_token, token
from handlers.wording import WEEKDAYS
from ward.codes import parse_code
from ward.reception import reception_days

STEP = "reception"
PASSES = ("menu", "cancel", "back", "stop", "privacy", "human", "greeting", "thanks", "goodbye")
LONGEST_NAME = 6
"""Words; what is longer tells a matter."""
_ASKED = re.compile(r"\b(hen|dat lich|dang ky|dat) (ngay |lich |gap |buoi )*tiep (cong )?dan\b")
_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)(?:[\s.-]?\d){9}(?!\d)")
_OPENING = re.compile(
    r"^(?:dạ|da|thưa|ừ|cứ|cu|xin|em|tôi|toi|tui|mình|con|tên|ten|là|la|gọi|goi|kêu|keu|của|[\s,.:])+\b",
    re.IGNORECASE,
)
_CANCELS = frozenset({"huy", "bo", "ban", "khoi", "thoi"})


def handle(turn: Turn, services: Services) -> Result | None:
    pressed = read_token(turn.text)
    if pressed is not None:
        return _pressed(turn, pressed.name, pressed.key, services)
    if (told := _of_code(turn, services)) is not None:
        return told
    memory = Memory.of(turn.state)
    if memory.step is not None and memory.step.name == STEP:
        return _answered(turn, services, memory)
    return _days(turn, services) if _ASKED.search(said(turn.text).plain) else None


def _pressed(turn: Turn, name: str, key: str, services: Services) -> Result | None:
    if name == "tiep_dan":
        return _days(turn, services)
    if name == "not_coming":
        return _cancel(turn, key, services)
    if name != "reception":
        return None
    day = _coming(turn, services, key)
    return _days(turn, services) if day is None else _ask_name(turn, services, day)


def _coming(turn: Turn, services: Services, written: str) -> date | None:
    """The day, when it is one of those that can be had."""
    days = reception_days(services.profile, services.calendar, turn.at)
    return next((day for day in days if day.isoformat() == written), None)


def _days(turn: Turn, services: Services) -> Result:
    memory = Memory.of(turn.state)
    days = reception_days(services.profile, services.calendar, turn.at)
    where = services.profile.citizen_reception
    if where is None or not days:
        place = services.profile.address or services.profile.authority_name
        reply = services.reply("reception.no_days", "menu", place=place, phone=services.profile.hotline)
        return Result("booking", (reply,), memory.settled().as_state())
    buttons = tuple(Button(title=_short(day), payload=token("reception", day.isoformat())) for day in days)
    reply = services.reply("reception.days", "menu", hours=where.hours)
    reply = reply.model_copy(update={"buttons": (*buttons, *reply.buttons)})
    return Result("booking", (reply,), memory.waiting(STEP).as_state())


def _ask_name(turn: Turn, services: Services, day: date, key: str = "reception.name") -> Result:
    reply = services.reply(key, "menu", day=_long(day), hours=_hours(services))
    return Result("booking", (reply,), Memory.of(turn.state).waiting(STEP, day.isoformat()).as_state())


def _answered(turn: Turn, services: Services, memory: Memory) -> Result | None:
    """A name is booked and kept nowhere else; a story is sealed, and the name asked for once more."""
    if intent(turn, services) in PASSES or not turn.text.strip():
        return None
    day = _coming(turn, services, memory.step.data if memory.step else "")
    name, phone = read_name(turn.text)
    if name is None or complaints.is_one(turn):
        services.desk.keep_restricted(turn)
        again = (
            _days(turn, services) if day is None else _ask_name(turn, services, day, "reception.name_only")
        )
        return _sealed(again)
    if day is None:
        return _sealed(_days(turn, services))
    code = services.desk.book_reception(turn, day, name, phone)
    told = _told(turn, services, "reception.booked", code, day)
    return _sealed(told)


def _sealed(result: Result) -> Result:
    """Who comes to be heard stands in the appointment alone, and the story in the sealed table alone."""
    state = replace(Memory.of(result.state), guarded=True).as_state()
    return replace(result, restricted=True, state=state)


def read_name(text: str) -> tuple[str | None, str | None]:
    """The name to be called by and the phone number in an answer; no name where more is told than that."""
    phone, rest = read_phone(text)
    rest = re.sub(r"\b(số|sđt|đt|sdt|điện thoại|dien thoai|phone)\b", " ", rest, flags=re.IGNORECASE)
    name = " ".join(_OPENING.sub("", rest.strip(" ,.:;-")).split()).strip(" ,.:;-")
    words = name.split()
    fits = 1 <= len(words) <= LONGEST_NAME and len(name) <= 40
    return (name if fits and all(_is_name(word) for word in words) else None), phone


def read_phone(text: str) -> tuple[str | None, str]:
    """The phone number in an answer, and the rest of it."""
    found = _PHONE.search(text)
    if found is None:
        return None, text
    return re.sub(r"[\s.-]", "", found[0]), text.replace(found[0], " ")


def _is_name(word: str) -> bool:
    return word.strip(",.").isalpha()


def _of_code(turn: Turn, services: Services) -> Result | None:
    """An appointment named by its code: shown, or given back with "hủy"."""
    reading = parse_code(turn.text)
    if reading.code is None or not reading.code.startswith("TD-"):
        return None
    if _CANCELS & set(said(turn.text).plain_tokens):
        return _cancel(turn, reading.code, services)
    days = dict(services.desk.receptions(turn))
    if reading.code not in days:
        return _not_found(turn, services)
    return _told(turn, services, "reception.yours", reading.code, days[reading.code])


def _cancel(turn: Turn, code: str, services: Services) -> Result:
    day = services.desk.cancel_reception(turn, code)
    if day is None:
        return _not_found(turn, services)
    reply = services.reply("reception.cancelled", "tiep_dan", "menu", code=code, day=f"{day:%d/%m}")
    return Result("booking", (reply,), Memory.of(turn.state).settled().as_state())


def _not_found(turn: Turn, services: Services) -> Result:
    reply = services.reply("reception.not_found", "human", "menu")
    return Result("booking", (reply,), Memory.of(turn.state).settled().as_state())


def _told(turn: Turn, services: Services, key: str, code: str, day: date) -> Result:
    where = services.profile.citizen_reception
    place, phone = (
        (where.place, where.phone) if where else (services.profile.address, services.profile.hotline)
    )
    away = Button(title=services.phrases.say("buttons.not_coming"), payload=token("not_coming", code))
    values = {"code": code, "day": _long(day), "hours": _hours(services), "place": place, "phone": phone}
    reply = services.reply(key, "menu", **values)
    reply = reply.model_copy(update={"buttons": (away, *reply.buttons)})
    return Result("booking", (reply,), Memory.of(turn.state).settled().as_state())


def _hours(services: Services) -> str | None:
    where = services.profile.citizen_reception
    return where.hours if where else None


def _short(day: date) -> str:
    weekday = WEEKDAYS[day.weekday()]
    return f"{weekday[0].upper()}{weekday[1:]} {day:%d/%m}"


def _long(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"
