""" "Mình muốn em nhắn khi có kết quả không ạ?" (dialogue 10): the wish is kept with its consent, and a code.

The officer writes the dossier's code to it later (console), and the notice goes out by the chosen way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from bot.replies import Button, Result, Turn
from handlers.memory import Memory
from handlers.reading import asks_something_new, intent, said
from handlers.reception import PASSES, read_phone
from handlers.services import Services, today
from handlers.tokens import read_token, token
from ward.codes import parse_code
from ward.results import PREFIX, Notice, Way, Wish

ASK_STEP, PHONE_STEP = "result_ask", "result_phone"
LOOK_AHEAD = timedelta(days=14)
"""A promised day later than this is none of ours: a typed-in button."""
_DROPS = frozenset({"huy", "bo", "thoi", "khoi"})
SHORT = 7
"""Words."""
_SMS = re.compile(r"\b(tin nhan|sms|nhan tin|nhan (vo|qua) (so|dien thoai))\b")
_ZALO = re.compile(r"\bzalo\b")
_YES = ("co", "nhan", "nhan di", "co nhan", "nhan giup", "nhan gium", "duoc", "ok", "u", "co a", "da co")
_NO = ("khong", "khong can", "khoi", "thoi", "khong a", "khoi can", "da khong", "khong can dau")


def offer(key: str, day: date, services: Services) -> tuple[Button, ...]:
    """Three buttons under a promise: by which way they want to hear that it is ready."""
    wish = data_of(key, day)
    names = ("zalo", "sms", "no")
    title = services.phrases.say
    return tuple(Button(title=title(f"buttons.result_{n}"), payload=token("result", n, wish)) for n in names)


def data_of(key: str, day: date) -> str:
    """What the open question remembers."""
    return f"{key}.{day:%Y%m%d}"


def answered(turn: Turn, services: Services) -> Result | None:
    """The buttons, and codes KQ-…"""
    pressed = read_token(turn.text)
    if pressed is not None:
        action = _PRESSED.get(pressed.facet) if pressed.name == "result" else None
        return action(pressed.key, turn, services) if action else None
    reading = parse_code(turn.text)
    if reading.code is None or not reading.code.startswith(f"{PREFIX}-"):
        return None
    drops = _DROPS & set(said(turn.text).plain_tokens)
    return (_drop if drops else _show)(reading.code, turn, services)


def inside(turn: Turn, services: Services) -> Result | None:
    """The open question in the person's own words; the telephone number."""
    step = Memory.of(turn.state).step
    if step is None or read_token(turn.text) is not None or not turn.text.strip():
        return None
    if step.name == PHONE_STEP and intent(turn, services) not in PASSES:
        return _phone_said(step.data, turn, services)
    if step.name != ASK_STEP:
        return None
    name = _way_said(said(turn.text).plain)
    return _PRESSED[name](step.data, turn, services) if name else None


def _way_said(plain: str) -> str | None:
    """ "Nhắn zalo đi", "tin nhắn nha", "khỏi": short, or it is something else."""
    if plain in _NO:
        return "no"
    if plain in _YES or (_ZALO.search(plain) and len(plain.split()) <= SHORT):
        return "zalo"
    return "sms" if _SMS.search(plain) and len(plain.split()) <= SHORT else None


def _zalo(data: str, turn: Turn, services: Services) -> Result:
    return _keep(data, "zalo", None, turn, services)


def _sms(data: str, turn: Turn, services: Services) -> Result:
    return _ask_phone(data, turn, services) if _read(data, turn, services) else _not_found(turn, services)


def _no(data: str, turn: Turn, services: Services) -> Result:
    return _told(turn, services, "result.declined", "menu")


def _ask_phone(data: str, turn: Turn, services: Services, key: str = "result.phone") -> Result:
    button = _button("zalo", data.removesuffix(".again"), services)
    reply = services.reply(key, "menu")
    reply = reply.model_copy(update={"buttons": (button, *reply.buttons)})
    return Result("booking", (reply,), Memory.of(turn.state).waiting(PHONE_STEP, data).as_state())


def _phone_said(data: str, turn: Turn, services: Services) -> Result | None:
    """The number is sealed with the wish, and kept nowhere else."""
    phone, _ = read_phone(turn.text)
    wish = data.removesuffix(".again")
    if phone is not None:
        return replace(_keep(wish, "sms", phone, turn, services), restricted=True)
    if said(turn.text).plain in _NO:
        return _no(wish, turn, services)
    if data.endswith(".again") or asks_something_new(turn, services):
        return None
    again = _ask_phone(f"{data}.again", turn, services, "result.phone_again")
    return replace(again, restricted=True)


def _keep(data: str, way: Way, phone: str | None, turn: Turn, services: Services) -> Result:
    found = _read(data, turn, services)
    if found is None:
        return _not_found(turn, services)
    key, day = found
    code = services.desk.ask_result(turn, Wish(key, way, phone), day)
    return _kept(f"result.kept_{way}", code, phone, turn, services)


def _kept(key: str, code: str, phone: str | None, turn: Turn, services: Services) -> Result:
    values: dict[str, str | int | None] = {"code": code}
    if key != "result.not_yet":
        values["counter"] = services.profile.counter.name
    if phone is not None:
        values["tail"] = phone[-3:]
    reply = services.reply(key, "menu", **values)
    reply = reply.model_copy(update={"buttons": (_button("drop", code, services), *reply.buttons)})
    return Result("booking", (reply,), Memory.of(turn.state).settled().as_state())


def _show(code: str, turn: Turn, services: Services) -> Result:
    mine: Notice | None = services.desk.result_notice(turn, code)
    if mine is None or mine.state == "cancelled":
        return _not_found(turn, services)
    if mine.state == "ready":
        return _told(
            turn, services, "result.was_ready", "menu",
            dossier=mine.dossier, day=f"{mine.day:%d/%m/%Y}", counter=services.profile.counter.name,
        )  # fmt: skip
    return _kept("result.not_yet", code, None, turn, services)


def _drop(code: str, turn: Turn, services: Services) -> Result:
    if not services.desk.cancel_result(turn, code):
        return _not_found(turn, services)
    return _told(turn, services, "result.dropped", "menu", code=code)


def _not_found(turn: Turn, services: Services) -> Result:
    return _told(turn, services, "result.not_found", "human", "menu")


def _told(turn: Turn, services: Services, key: str, *buttons: str, **values: str | int | None) -> Result:
    reply = services.reply(key, *buttons, **values)
    return Result("booking", (reply,), Memory.of(turn.state).settled().as_state())


def _button(name: str, key: str, services: Services) -> Button:
    return Button(title=services.phrases.say(f"buttons.result_{name}"), payload=token("result", name, key))


def _read(data: str, turn: Turn, services: Services) -> tuple[str, date] | None:
    """Procedure and promised day; a citizen can type a button, so both are looked at."""
    key, _, written = data.partition(".")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    known = services.library.entry(key) is not None
    return (key, day) if known and today(turn) <= day <= today(turn) + LOOK_AHEAD else None


_PRESSED: dict[str, Callable[[str, Turn, Services], Result]] = {
    "zalo": _zalo,
    "sms": _sms,
    "no": _no,
    "drop": _drop,
}
