"""Service at home in chat (dialogue 9): who it is for, what to mind, a half day, where; and answers later.

`answered` hears buttons and codes TN-… at any time; `inside` goes on with a request under way; `begin`
hears the wish. Address and phone number go sealed into the request and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.homing import HomeWish
from bot.replies import Button, Reply, Result, Turn
from handlers import hand_over
from handlers.home_reading import HomeKind, home_asked, homebound, read_address, time_said
from handlers.home_words import confirm_text, prepare, slot_text, weekdays_text
from handlers.layout import pages, short_title
from handlers.memory import Memory
from handlers.offers import number_said
from handlers.reading import asks_something_new, intent, said
from handlers.reception import PASSES
from handlers.services import Services, today
from handlers.tokens import Token, read_token, token
from knowledge.text import normalize
from ward.codes import parse_code
from ward.home.model import Half, Request, Service, Slot, Where
from ward.khom import khom_named
from ward.programmes.model import Programme

GROUP_STEP, SERVICE_STEP, SLOT_STEP, ADDRESS_STEP = "home_group", "home_service", "home_slot", "home_address"
PERSON_STEP = "home_person"
STEPS = (GROUP_STEP, SERVICE_STEP, SLOT_STEP, ADDRESS_STEP, PERSON_STEP)
KINDS: tuple[HomeKind, ...] = ("home_certify", "home_timed")
TIMED: tuple[Service, ...] = ("guide", "receive", "return")
BUTTONS = 4
MOST_REPLIES = 5
FIELD = "chung_thuc"
"""Whose officials help when no visit can be had."""
WARD_DOES = ("ubnd_cap_xa",)
AGAIN = "again"
_CANCELS = frozenset({"huy", "bo", "ban", "thoi"})
_DROPS = ("huy hen tai nha", "huy hen", "huy lich hen", "bo hen")
_YES = ("dong y", "dong y dat hen", "ok", "duoc", "u", "co", "dat hen", "dong y a", "da duoc")


@dataclass(frozen=True)
class _Wish:
    """What is known of a request under way. No words of the citizen."""

    service: Service = "certify"
    group: str = ""
    day: str = ""
    half: str = ""
    hour: str = ""
    again: bool = False

    @classmethod
    def read(cls, data: str) -> _Wish:
        parts = (data.split(".") + [""] * 6)[:6]
        service: Service = next((one for one in ("certify", *TIMED) if one == parts[0]), "certify")
        return cls(service, parts[1], parts[2], parts[3], parts[4], parts[5] == AGAIN)

    def write(self) -> str:
        parts = (self.service, self.group, self.day, self.half, self.hour, AGAIN if self.again else "")
        return ".".join(parts)

    def at(self, slot: Slot, hour: str | None = None) -> _Wish:
        return replace(self, day=f"{slot.day:%Y%m%d}", half=slot.half, hour=hour or "", again=False)

    @property
    def slot(self) -> Slot | None:
        half: Half | None = "am" if self.half == "am" else "pm" if self.half == "pm" else None
        try:
            return Slot(date.fromisoformat(self.day), half) if half else None
        except ValueError:
            return None

    @property
    def kind(self) -> HomeKind:
        return "home_certify" if self.service == "certify" else "home_timed"


# --- hearing ---


def answered(turn: Turn, services: Services) -> Result | None:
    pressed = read_token(turn.text)
    if pressed is not None:
        action = _PRESSED.get(pressed.facet) if pressed.name == "home" else None
        return action(pressed, turn, services) if action else None
    reading = parse_code(turn.text)
    if reading.code is not None and reading.code.startswith("TN-"):
        drops = _CANCELS & set(said(turn.text).plain_tokens)
        return (_cancel if drops else _show)(reading.code, turn, services)
    if said(turn.text).plain not in _DROPS:
        return None
    mine = services.desk.homes(turn)
    return _cancel(mine[0].code, turn, services) if len(mine) == 1 else None


def inside(turn: Turn, services: Services) -> Result | None:
    """A request under way: the group or the matter, the half day, then where."""
    step = Memory.of(turn.state).step
    if step is None or step.name not in STEPS or not turn.text.strip():
        return None
    if read_token(turn.text) is not None or intent(turn, services) in PASSES:
        return None
    return _INSIDE[step.name](_Wish.read(step.data), turn, services)


def begin(turn: Turn, services: Services) -> Result | None:
    """ "Má tôi không đi nổi, cần ký giấy ủy quyền"; "hẹn giờ làm giấy tại nhà"."""
    if read_token(turn.text) is not None or (kind := home_asked(turn.text)) is None:
        return None
    return _start(kind, turn, services) if _programmes(turn, services, kind) else None


def offered(turn: Turn, services: Services, kind: HomeKind) -> bool:
    """Whether the kind is worth a line in the booking menu."""
    return _current(turn, services, kind) is not None


def beside(turn: Turn, result: Result, services: Services) -> Result:
    """Another matter than a signature, of somebody who cannot come: the answer, and that we can come."""
    if result.outcome not in ("answered", "clarify") or len(result.replies) >= MOST_REPLIES:
        return result
    entries = [services.library.entry(key) for key in result.keys]
    elsewhere = any(one is not None and one.authority not in WARD_DOES for one in entries)
    if elsewhere or read_token(turn.text) is not None or not homebound(turn.text):
        return result
    if not offered(turn, services, "home_timed"):
        return result
    title = services.phrases.say("buttons.book_home_timed")
    button = Button(title=title, payload=token("home", "kind", "home_timed"))
    reply = Reply(text=services.phrases.say("home.beside"), buttons=(button,))
    return replace(result, replies=(reply, *result.replies))


# --- a request, step by step ---


def _start(kind: HomeKind, turn: Turn, services: Services) -> Result:
    programme = _current(turn, services, kind)
    if programme is None:
        return _over(kind, turn, services)
    return _ask_service(turn, services) if kind == "home_timed" else _ask_group(programme, turn, services)


def _over(kind: HomeKind, turn: Turn, services: Services) -> Result:
    """The plan has ended, or there is none: said honestly, with a person in reach."""
    ended = [one for one in _programmes(turn, services, kind) if one.has_ended(today(turn))]
    if not ended:
        return _for_person("home.none", turn, services)
    last = max(one.ends or date.min for one in ended)
    return _for_person("home.ended", turn, services, day=f"{last:%d/%m/%Y}")


def _ask_group(programme: Programme, turn: Turn, services: Services) -> Result:
    say = services.phrases.say
    names = [(group.key, group.name) for group in programme.groups]
    if not names:
        return _advise(_Wish(), turn, services)
    names.append(("none", say("home.group_none")))
    lines = [say("home.group", days=weekdays_text(services.phrases, programme))]
    lines += [say("home.group_line", n=n, name=name) for n, (_, name) in enumerate(names, 1)]
    buttons = [
        Button(title=short_title(name), payload=token("home", "group", _Wish(group=key).write()))
        for key, name in names[:BUTTONS]
    ]
    return _waits(turn, GROUP_STEP, _Wish(), lines, buttons)


def _group_said(wish: _Wish, turn: Turn, services: Services) -> Result | None:
    programme = _current(turn, services, "home_certify")
    if programme is None:
        return None
    keys = [*(group.key for group in programme.groups), "none"]
    number = number_said(turn.text)
    if number is not None and 1 <= number <= len(keys):
        return _group(replace(wish, group=keys[number - 1]), turn, services)
    plain = said(turn.text).plain
    named = [group.key for group in programme.groups if normalize(group.name).plain.split(",")[0] in plain]
    if len(named) == 1:
        return _group(replace(wish, group=named[0]), turn, services)
    if plain.startswith("khong thuoc") or plain in ("khong", "khong phai"):
        return _group(replace(wish, group="none"), turn, services)
    return None if asks_something_new(turn, services) else _ask_group(programme, turn, services)


def _group(wish: _Wish, turn: Turn, services: Services) -> Result:
    programme = _current(turn, services, "home_certify")
    if programme is None:
        return _over("home_certify", turn, services)
    if wish.group not in {group.key for group in programme.groups}:
        return _other_ways(turn, services)
    return _advise(wish, turn, services)


def _other_ways(turn: Turn, services: Services) -> Result:
    """Not of the named groups: the counter, a visit at an asked time, a person."""
    counter = services.profile.counter.name
    buttons = [_person(services)]
    if offered(turn, services, "home_timed"):
        title = services.phrases.say("buttons.book_home_timed")
        buttons.append(Button(title=title, payload=token("home", "kind", "home_timed")))
    text = services.phrases.say("home.not_eligible", counter=counter)
    return _told(turn, Reply(text=text, buttons=(*buttons, services.button("menu"))))


def _advise(wish: _Wish, turn: Turn, services: Services) -> Result:
    programme = _current(turn, services, "home_certify")
    key = programme.procedures[0] if programme and programme.procedures else ""
    agree = Button(
        title=services.phrases.say("buttons.home_agree"), payload=token("home", "slots", wish.write())
    )
    buttons = [agree]
    if services.library.entry(key) is not None:
        more = services.phrases.say("buttons.more_question")
        buttons.append(Button(title=more, payload=token("answer", key, "tong_quan")))
    replies = [Reply(text=services.phrases.say("home.advice")), *prepare(services, key, today(turn))]
    replies[-1] = replies[-1].model_copy(update={"buttons": tuple(buttons)})
    state = Memory.of(turn.state).waiting(SLOT_STEP, wish.write()).as_state()
    return Result("booking", tuple(replies), state)


def _ask_service(turn: Turn, services: Services) -> Result:
    buttons = [
        Button(
            title=services.phrases.say(f"buttons.home_{one}"),
            payload=token("home", "slots", _Wish(one).write()),
        )
        for one in TIMED
    ]
    return _waits(turn, SERVICE_STEP, _Wish("guide"), [services.phrases.say("home.service")], buttons)


def _service_said(wish: _Wish, turn: Turn, services: Services) -> Result | None:
    plain = said(turn.text).plain
    heard = {
        "guide": ("chi", "huong dan", "khai"),
        "receive": ("nhan ho so", "nop"),
        "return": ("tra", "giao"),
    }
    named = [one for one in TIMED if any(word in plain for word in heard[one])]
    return _slots(_Wish(named[0]), turn, services) if len(named) == 1 else None


def _slots(wish: _Wish, turn: Turn, services: Services, key: str = "") -> Result:
    programme = _current(turn, services, wish.kind)
    if programme is None:
        return _over(wish.kind, turn, services)
    found = services.desk.home_slots(turn, programme)
    if not found:
        return _for_person("home.full", turn, services)
    say = services.phrases.say
    usual = "home.slots_timed" if wish.kind == "home_timed" else "home.slots"
    told = [slot_text(services.phrases, slot) for slot in found]
    lines = [say(key or usual), *(say("home.slot_line", n=n, when=when) for n, when in enumerate(told, 1))]
    buttons = [
        Button(
            title=f"{slot.day:%d/%m} {_HALF[slot.half]}",
            payload=token("home", "where", wish.at(slot).write()),
        )
        for slot in found
    ]
    return _waits(turn, SLOT_STEP, wish, lines, buttons)


_HALF: dict[Half, str] = {"am": "sáng", "pm": "chiều"}


def _slot_said(wish: _Wish, turn: Turn, services: Services) -> Result | None:
    """A time in the person's own words; "đồng ý" to the advice."""
    if said(turn.text).plain in _YES:
        return _slots(wish, turn, services)
    programme = _current(turn, services, wish.kind)
    asked = time_said(turn.text, turn.at)
    if programme is None or asked is None:
        number = number_said(turn.text)
        return None if number is None else _slots(wish, turn, services)
    slot, hour = asked
    if slot not in services.desk.home_slots(turn, programme, count=40):
        return _slots(wish, turn, services, "home.slots_other")
    return _ask_where(wish.at(slot, hour if wish.kind == "home_timed" else None), turn, services)


def _ask_where(wish: _Wish, turn: Turn, services: Services, key: str = "home.address") -> Result:
    if wish.slot is None or not _may_ask(wish, turn, services):
        return _slots(replace(wish, day="", half="", hour=""), turn, services)
    return _waits(turn, ADDRESS_STEP, wish, [services.phrases.say(key)], [services.button("menu")])


def _may_ask(wish: _Wish, turn: Turn, services: Services) -> bool:
    """A typed-in button cannot leave the question of the group out."""
    programme = _current(turn, services, wish.kind)
    if programme is None:
        return False
    return wish.kind == "home_timed" or wish.group in {group.key for group in programme.groups}


def _where_said(wish: _Wish, turn: Turn, services: Services) -> Result | None:
    address, phone = read_address(turn.text)
    if phone is None and asks_something_new(turn, services):
        return None
    if address is None or phone is None:
        again = _ask_where(replace(wish, again=True), turn, services, "home.address_again")
        return replace(again, restricted=True)
    return replace(_book(wish, Where(None, phone, address), turn, services), restricted=True)


def _book(wish: _Wish, where: Where, turn: Turn, services: Services) -> Result:
    programme = _current(turn, services, wish.kind)
    if programme is None or wish.slot is None:
        return _over(wish.kind, turn, services)
    khom = khom_named(where.address or "", services.profile)
    asked = HomeWish(wish.service, wish.slot, where, wish.group or None, wish.hour or None, khom)
    made = services.desk.ask_home(turn, programme, asked)
    if made is None:
        return _slots(replace(wish, day="", half="", hour=""), turn, services, "home.gone")
    if made.already:
        return _tell(made, turn, services)
    confirm = confirm_text(services.calendar, made.day)
    text = services.phrases.say("home.booked", when=_when(made, services), confirm=confirm, code=made.code)
    return _told(turn, Reply(text=text, buttons=(_drop(made, services), services.button("menu"))))


# --- a request one has ---


def _show(code: str, turn: Turn, services: Services) -> Result:
    mine = next((one for one in services.desk.homes(turn) if one.code == code), None)
    return _tell(mine, turn, services) if mine else _not_found(turn, services)


def _tell(mine: Request, turn: Turn, services: Services) -> Result:
    state = {"asked": "home.waits", "proposed": "home.offered"}.get(mine.state, "home.fixed")
    values = {"when": _when(mine, services), "code": mine.code, "state": services.phrases.say(state)}
    buttons = [_drop(mine, services), services.button("menu")]
    if mine.state == "proposed":
        title = services.phrases.say("buttons.home_accept")
        buttons.insert(0, Button(title=title, payload=token("home", "accept", mine.code)))
    return _told(turn, Reply(text=services.phrases.say("home.already", **values), buttons=tuple(buttons)))


def _cancel(code: str, turn: Turn, services: Services) -> Result:
    done = services.desk.cancel_home(turn, code)
    if done is None:
        return _not_found(turn, services)
    return _told(turn, services.reply("home.cancelled", "bookings", "menu", code=code))


def _accept(code: str, turn: Turn, services: Services) -> Result:
    done = services.desk.accept_home(turn, code)
    if done is None:
        return _show(code, turn, services)
    text = services.phrases.say("home.accepted", when=_when(done, services), code=code)
    return _told(turn, Reply(text=text, buttons=(_drop(done, services), services.button("menu"))))


def _not_found(turn: Turn, services: Services) -> Result:
    return _told(turn, services.reply("home.not_found", "human", "menu"))


# --- small parts ---


def _programmes(turn: Turn, services: Services, kind: HomeKind) -> list[Programme]:
    return [one for one in services.desk.programmes(turn).values() if one.kind == kind]


def _current(turn: Turn, services: Services, kind: HomeKind) -> Programme | None:
    found = [one for one in _programmes(turn, services, kind) if one.in_force(today(turn))]
    return found[0] if found else None


def _when(request: Request, services: Services) -> str:
    return slot_text(services.phrases, request.slot, request.asked_for)


def _drop(request: Request, services: Services) -> Button:
    return Button(
        title=services.phrases.say("buttons.home_cancel"), payload=token("home", "drop", request.code)
    )


def _person(services: Services) -> Button:
    return Button(title=services.phrases.say("buttons.ask_person"), payload=token("home", "person"))


def _for_person(key: str, turn: Turn, services: Services, **values: str) -> Result:
    text = services.phrases.say(key, **values)
    return _waits(turn, PERSON_STEP, _Wish(), [text], [_person(services), services.button("menu")])


def _hand_over(turn: Turn, services: Services) -> Result:
    """An official is told what it is about; the words stand in the messages before."""
    question = services.phrases.say("home.asks_person")
    return hand_over.to_officer(turn, services, question, "handover", field=FIELD)


def _agreed(wish: _Wish, turn: Turn, services: Services) -> Result | None:
    return _hand_over(turn, services) if said(turn.text).plain in hand_over.AGREED else None


def _told(turn: Turn, *replies: Reply) -> Result:
    return Result("booking", replies, Memory.of(turn.state).settled().as_state())


def _waits(turn: Turn, step: str, wish: _Wish, lines: Sequence[str], buttons: Sequence[Button]) -> Result:
    *before, last = pages(lines)
    replies = (*(Reply(text=text) for text in before), Reply(text=last, buttons=tuple(buttons)))
    return Result("booking", replies, Memory.of(turn.state).waiting(step, wish.write()).as_state())


def _kind(pressed: Token, turn: Turn, services: Services) -> Result:
    certify = pressed.key == "home_certify"
    return _start("home_certify" if certify else "home_timed", turn, services)


Pressed = Callable[[Token, Turn, Services], Result]
_PRESSED: dict[str, Pressed] = {
    "kind": _kind,
    "group": lambda pressed, turn, services: _group(_Wish.read(pressed.key), turn, services),
    "slots": lambda pressed, turn, services: _slots(_Wish.read(pressed.key), turn, services),
    "where": lambda pressed, turn, services: _ask_where(_Wish.read(pressed.key), turn, services),
    "accept": lambda pressed, turn, services: _accept(pressed.key, turn, services),
    "drop": lambda pressed, turn, services: _cancel(pressed.key, turn, services),
    "person": lambda pressed, turn, services: _hand_over(turn, services),
}
_INSIDE: dict[str, Callable[[_Wish, Turn, Services], Result | None]] = {
    GROUP_STEP: _group_said,
    SERVICE_STEP: _service_said,
    SLOT_STEP: _slot_said,
    ADDRESS_STEP: _where_said,
    PERSON_STEP: _agreed,
}
