"""A firm at a business coffee: its name, who comes, what is stuck; later news, matters taken back.

The place is taken as soon as the firm's name is told, so that nothing is lost when the rest is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.replies import Button, Reply, Result, Turn
from bot.visiting import Booking, Place
from handlers import bookings, visits
from handlers import firm_parts as parts
from handlers.firm_parts import FIRM_STEP, GUEST_STEP, MATTER_STEP, NEWS_STEP
from handlers.memory import Memory
from handlers.reading import asks_something_new, intent, said, word_count
from handlers.reception import PASSES, read_name, read_phone
from handlers.services import Services, today
from handlers.tokens import read_token, token
from handlers.visit_extras import NO, YES, Wanted
from handlers.visit_reading import asks_what_coffee_is
from knowledge.replies import asks
from ward.codes import parse_code
from ward.issues import LONGEST, MOST_OF_ONE, SHORTEST
from ward.visits.firms import KIND

SHORT = 6
"""Words of a message that may be a wish of its own ("gặp cán bộ"); a longer one is what was asked for."""
LONGEST_GUEST = 60
WAYS_ELSEWHERE = ("ask", "feedback", "bookings")
_HOW_FAR = re.compile(r"\bvuong mac\b.*\b(toi dau|den dau|sao roi|(giai quyet|tra loi) (chua|the nao))\b")
_ADDS = re.compile(r"\b(them|ghi|gui|neu|noi) (them )?(mot |1 |cac |may )?vuong mac\b|^vuong mac$")


def answered(turn: Turn, services: Services) -> Result | None:
    """Buttons of firms, DỪNG, more matters, and the code of a place given up or past with open matters."""
    pressed = read_token(turn.text)
    if pressed is not None:
        return _PRESSED[pressed.facet](pressed.key, turn, services) if pressed.name == "firm" else None
    step = Memory.of(turn.state).step
    nothing_told = step is None or step.name == bookings.STEP
    if nothing_told and (told := _unasked(turn, services)) is not None:
        return told
    if intent(turn, services) == "stop" and services.desk.firm_news(turn, yes=False):
        return _stopped(turn, services)
    return _of_code(turn, services)


def _unasked(turn: Turn, services: Services) -> Result | None:
    """What a firm may say at any time, when nothing else is being told."""
    plain = said(turn.text).plain
    if _ADDS.search(plain):
        return _add(turn, services)
    if _HOW_FAR.search(plain):
        return _how_far(turn, services)
    return _what_it_is(turn, services) if asks_what_coffee_is(turn.text) else None


def inside(turn: Turn, services: Services) -> Result | None:
    """The questions of a sign-up under way."""
    step = Memory.of(turn.state).step
    if step is None or step.name not in _STEPS or not turn.text.strip():
        return None
    if read_token(turn.text) is not None or _passes(turn, services):
        return None
    return _STEPS[step.name](step.data, turn, services)


def _passes(turn: Turn, services: Services) -> bool:
    """A command, the name of a button, or a clear question; "hết rồi" is no goodbye here."""
    plain = said(turn.text).plain
    if parts.says_done(turn.text):
        return False
    if any(plain == said(services.phrases.say(f"buttons.{name}")).plain for name in WAYS_ELSEWHERE):
        return True
    if word_count(turn.text) <= SHORT and intent(turn, services) in PASSES:
        return True
    return asks(said(turn.text)) and asks_something_new(turn, services)


# --- signing up ---


def _firm_said(data: str, turn: Turn, services: Services) -> Result:
    """Kept sealed in the sign-up and nowhere else."""
    wanted = Wanted.read(data)
    phone, rest = read_phone(turn.text)
    firm = parts.read_firm(rest)
    if firm is None:
        again = parts.ask_firm(replace(wanted, asked=True), turn, services, "coffee.firm_again")
        return replace(again, restricted=True)
    made = services.desk.sign_up(turn, wanted.visit_id, Place(wanted.topic, phone=phone, firm=firm))
    if made is None:
        return visits.gone(turn, services)
    key = "coffee.waiting" if made.signup.state == "waiting" else "coffee.booked"
    told = parts.place_told("coffee.mine" if made.signup.already else key, made, turn, services)
    return replace(parts.ask_guest(made.signup.code, told, turn, services), restricted=True)


def _guest_said(code: str, turn: Turn, services: Services) -> Result:
    """A name; or, where more is told than that, the first matter already."""
    if parts.says_unknown(turn.text):
        return parts.ask_matter(code, turn, services)
    name, phone = read_name(turn.text)
    if name is None and word_count(turn.text) > 2 * SHORT:
        return _matter_said(code, turn, services)
    words = name or " ".join(read_phone(turn.text)[1].split())[:LONGEST_GUEST]
    services.desk.name_guest(turn, code, words, phone)
    return replace(parts.ask_matter(code, turn, services), restricted=True)


def _matter_said(code: str, turn: Turn, services: Services) -> Result:
    """Every message is one matter, until "xong"."""
    words = turn.text.strip()
    if parts.says_done(words):
        return _done(code, turn, services)
    if not SHORTEST <= len(words) <= LONGEST:
        key = "coffee.matter_short" if len(words) < SHORTEST else "coffee.matter_long"
        return parts.ask_matter(code, turn, services, key)
    if services.desk.raise_matter(turn, code, words):
        return parts.ask_matter(code, turn, services, "coffee.matter_kept")
    if services.desk.open_matters(turn, code) >= MOST_OF_ONE:
        return parts.ask_matter(code, turn, services, "coffee.matter_full")
    return _told(turn, services.reply("visit.not_found", "human", "menu"))


def _done(code: str, turn: Turn, services: Services) -> Result:
    """What is written down; and whether they want to hear of later sessions, unless that is known."""
    open_ones = services.desk.open_matters(turn, code)
    text = services.phrases.say("coffee.done" if open_ones else "coffee.done_none", code=code, n=open_ones)
    if services.desk.hears_firm_news(turn):
        return _told(turn, Reply(text=text, buttons=(services.button("menu"),)))
    question = services.phrases.say("coffee.news")
    buttons = (_news_button(services, "hear_coffee", "yes"), _news_button(services, "no_coffee", "no"))
    reply = Reply(text=f"{text}\n{question}", buttons=buttons)
    return Result("booking", (reply,), Memory.of(turn.state).waiting(NEWS_STEP, code).as_state())


def _news_button(services: Services, name: str, action: str) -> Button:
    return Button(title=services.phrases.say(f"buttons.{name}"), payload=token("firm", action))


def _news_said(code: str, turn: Turn, services: Services) -> Result | None:
    plain = said(turn.text).plain
    return _news(plain in YES, turn, services) if plain in (*YES, *NO) else None


def _news(yes: bool, turn: Turn, services: Services) -> Result:
    services.desk.firm_news(turn, yes)
    return _told(turn, services.reply("coffee.news_yes" if yes else "coffee.news_no", "menu"))


def _stopped(turn: Turn, services: Services) -> Result:
    """DỪNG ends all news: a firm may have asked for those of health facilities too."""
    lines = [services.phrases.say("coffee.stopped")]
    if services.desk.facility_news(turn, yes=False):
        lines.append(services.phrases.say("facility.stopped"))
    return _told(turn, Reply(text="\n".join(lines), buttons=(services.button("menu"),)))


# --- later ---


def _add(turn: Turn, services: Services) -> Result | None:
    """More matters for the place they have; without one, the sessions there are."""
    mine = _mine(turn, services)
    if mine is not None:
        return parts.ask_matter(mine.signup.code, turn, services)
    if not visits.offered(turn, services, KIND):
        return None
    coming = visits.coming(turn, services, KIND)
    return replace(coming, replies=(Reply(text=services.phrases.say("coffee.which")), *coming.replies))


def _how_far(turn: Turn, services: Services) -> Result | None:
    code = services.desk.open_code(turn)
    return None if code is None else _still_open(code, turn, services)


def _what_it_is(turn: Turn, services: Services) -> Result | None:
    """The programme in its own words, and the session that comes."""
    programmes = services.desk.programmes(turn).values()
    running = [one for one in programmes if one.kind == KIND and one.in_force(today(turn))]
    if not running:
        return None
    told = services.reply("special.about", "menu", name=running[0].name, text=running[0].about)
    if not visits.offered(turn, services, KIND):
        return _told(turn, told)
    coming = visits.coming(turn, services, KIND)
    return replace(coming, replies=(Reply(text=told.text), *coming.replies))


def _mine(turn: Turn, services: Services) -> Booking | None:
    return next((one for one in services.desk.bookings(turn) if one.signup.kind == KIND), None)


def _of_code(turn: Turn, services: Services) -> Result | None:
    """A place that is past or given up, with matters to which an answer is owed."""
    code = parse_code(turn.text).code
    if code is None or not code.startswith("LD-"):
        return None
    if any(one.signup.code == code for one in services.desk.bookings(turn)):
        return None
    return _still_open(code, turn, services)


def _still_open(code: str, turn: Turn, services: Services) -> Result | None:
    left = services.desk.open_matters(turn, code)
    if not left:
        return None
    text = services.phrases.say("coffee.open_only", code=code, n=left)
    away = parts.button(services, "withdraw_matters", "withdraw", code)
    return _told(turn, Reply(text=text, buttons=(away, services.button("menu"))))


def _withdraw(code: str, turn: Turn, services: Services) -> Result:
    dropped = services.desk.drop_matters(turn, code)
    if not dropped:
        return _told(turn, services.reply("visit.not_found", "human", "menu"))
    return _told(turn, services.reply("coffee.withdrawn", "menu", n=dropped))


def _leave(code: str, turn: Turn, services: Services) -> Result:
    return _told(turn, services.reply("coffee.left_open", "menu"))


def _told(turn: Turn, reply: Reply) -> Result:
    return Result("booking", (reply,), Memory.of(turn.state).settled().as_state())


def _more(code: str, turn: Turn, services: Services) -> Result:
    return parts.ask_matter(code, turn, services)


_PRESSED: dict[str, Callable[[str, Turn, Services], Result]] = {
    "guest": _more,
    "more": _more,
    "done": _done,
    "withdraw": _withdraw,
    "leave": _leave,
    "yes": lambda _code, turn, services: _news(True, turn, services),
    "no": lambda _code, turn, services: _news(False, turn, services),
}
_STEPS: dict[str, Callable[[str, Turn, Services], Result | None]] = {
    FIRM_STEP: _firm_said,
    GUEST_STEP: _guest_said,
    MATTER_STEP: _matter_said,
    NEWS_STEP: _news_said,
}
