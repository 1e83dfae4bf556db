"""What is asked of a firm that comes to a business coffee, and what is said of its place there."""

from __future__ import annotations

import re

from bot.replies import Button, Reply, Result, Turn
from bot.visiting import Booking
from handlers.memory import Memory
from handlers.reading import said
from handlers.services import Services
from handlers.tokens import token
from handlers.visit_extras import Wanted
from handlers.visit_words import called, day_long, hours, where
from ward.calendar import say_clock
from ward.issues import LONGEST, MOST_OF_ONE, SHORTEST

FIRM_STEP, GUEST_STEP, MATTER_STEP, NEWS_STEP = "firm_name", "firm_guest", "firm_matter", "firm_news"
LONGEST_FIRM = 80
_OPENING = re.compile(
    r"^(?:dạ|thưa|em là|tôi là|mình là|bên em là|bên tôi là|tên là|tên cơ sở là|tên)\s*[:,]?\s+",
    re.IGNORECASE,
)
_DONE = re.compile(r"(?:da |a )?(?:xong|het|khong|thoi|khong con|khong co|du)(?: (?:roi|a|nha|gi|viec))*")
_UNKNOWN = re.compile(r"(?:da )?(?:chua biet|chua ro|de sau|bo qua|khong ghi)(?: (?:a|nha|ai di))*")


# --- questions ---


def ask_firm(wanted: Wanted, turn: Turn, services: Services, key: str = "coffee.firm") -> Result:
    return _waiting(services.reply(key, "menu"), turn, FIRM_STEP, wanted.write())


def ask_guest(code: str, before: Reply, turn: Turn, services: Services) -> Result:
    reply = Reply(
        text=services.phrases.say("coffee.guest"), buttons=(button(services, "firm_unknown", "guest", code),)
    )
    state = Memory.of(turn.state).waiting(GUEST_STEP, code).as_state()
    return Result("booking", (before, reply), state)


def ask_matter(code: str, turn: Turn, services: Services, key: str = "coffee.matter") -> Result:
    """Also what was wrong with the last one, when there was something."""
    text = services.phrases.say(key, **_of(key, code, turn, services))
    reply = Reply(text=text, buttons=(button(services, "firm_done", "done", code),))
    return _waiting(reply, turn, MATTER_STEP, code)


def _of(key: str, code: str, turn: Turn, services: Services) -> dict[str, int]:
    if key == "coffee.matter_kept":
        return {"n": services.desk.open_matters(turn, code)}
    return {"coffee.matter_full": {"most": MOST_OF_ONE}, "coffee.matter_long": {"most": LONGEST}}.get(key, {})


def ask_withdraw(mine: Booking, turn: Turn, services: Services, again: Button) -> Result | None:
    """The place was given up: what of the matters to which an answer is owed? None: there are none."""
    code = mine.signup.code
    left = services.desk.open_matters(turn, code)
    if not left:
        return None
    text = services.phrases.say("coffee.ask_withdraw", code=code, n=left)
    buttons = (
        button(services, "withdraw_matters", "withdraw", code),
        button(services, "leave_matters", "leave", code),
        again,
    )
    return Result("booking", (Reply(text=text, buttons=buttons),), Memory.of(turn.state).settled().as_state())


# --- the place ---


def place_told(key: str, made: Booking, turn: Turn, services: Services) -> Reply:
    left = services.desk.open_matters(turn, made.signup.code)
    return Reply(text=services.phrases.say(key, **_values(made, services), open=left or None))


def _values(made: Booking, services: Services) -> dict[str, str | int | None]:
    visit = made.visit
    name, _who = called(made.name)
    return {
        "firm": made.firm or "mình",
        "called": name,
        "day": day_long(visit.starts_at),
        "hours": hours(visit),
        "hour": say_clock(visit.starts_at),
        "where": where(made.signup.topic, visit.place, services.phrases),
        "code": made.signup.code,
        "waits_as": made.waits_as,
    }


# --- reading ---


def read_firm(text: str) -> str | None:
    """The name of a firm, as it was written; None where there is none, or a whole story."""
    name = " ".join(_OPENING.sub("", text.strip(" ,.:;-\n")).split()).strip(" ,.:;-")
    fits = SHORTEST - 2 <= len(name) <= LONGEST_FIRM and any(letter.isalpha() for letter in name)
    return name if fits else None


def says_done(text: str) -> bool:
    return _DONE.fullmatch(said(text).plain) is not None


def says_unknown(text: str) -> bool:
    return _UNKNOWN.fullmatch(said(text).plain) is not None or says_done(text)


# --- small parts ---


def button(services: Services, name: str, action: str, code: str) -> Button:
    return Button(title=services.phrases.say(f"buttons.{name}"), payload=token("firm", action, code))


def _waiting(reply: Reply, turn: Turn, step: str, data: str) -> Result:
    return Result("booking", (reply,), Memory.of(turn.state).waiting(step, data).as_state())
