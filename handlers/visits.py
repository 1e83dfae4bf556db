"""Sessions at the khóm in chat (dialogue 8): when they come, a place with a number, answers to reminders.

Three steps of the order: `answered` hears buttons, codes and short answers at any time; `inside` goes on
with a sign-up under way; `begin` hears the question when a session comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

from bot.replies import Button, Reply, Result, Turn
from bot.visiting import Booking, Place
from handlers import firm_parts
from handlers import visit_extras as extras
from handlers.layout import decapitalise, pages, short_title
from handlers.memory import Memory
from handlers.offers import number_said
from handlers.reading import asks_something_new, intent, said
from handlers.reception import PASSES, read_name
from handlers.services import Services, today
from handlers.tokens import Token, read_token, token
from handlers.visit_extras import OTHER, Wanted
from handlers.visit_reading import action_said, action_with_code, for_other, kind_asked, rather_just_comes
from handlers.visit_words import (
    at,
    called,
    checklist,
    day_long,
    hours,
    label,
    slot,
    topic_of,
    weekdays,
)
from knowledge.text import normalize
from ward.calendar import say_clock
from ward.codes import parse_code
from ward.khom import khom_named
from ward.programmes.model import Programme
from ward.visits import firms
from ward.visits.model import AT_THE_WARD, Visit, VisitKind

TOPIC_STEP, NAME_STEP, EXTRA_STEP = "visit_topic", "visit_name", "visit_extra"
BUTTONS = 4
KINDS: tuple[VisitKind, ...] = ("mobile", "land", "ceremony", "same_day", "coffee")


# --- hearing ---


def answered(turn: Turn, services: Services) -> Result | None:
    """Buttons of sessions, codes LD-…, and short answers of those who have a place."""
    pressed = read_token(turn.text)
    if pressed is not None:
        return _PRESSED[pressed.facet](pressed, turn, services) if _is_ours(pressed) else None
    reading = parse_code(turn.text)
    if reading.code is not None and reading.code.startswith("LD-"):
        return _act(action_with_code(turn.text) or "show", reading.code, turn, services)
    action = action_said(turn.text)
    step = Memory.of(turn.state).step
    if action is None or (step is not None and action in ("ready", "papers", "coming")):
        return None
    mine = services.desk.bookings(turn)
    if not mine:
        return None
    return (
        _act(action, mine[0].signup.code, turn, services)
        if len(mine) == 1
        else _which(action, mine, turn, services)
    )


def inside(turn: Turn, services: Services) -> Result | None:
    """A sign-up under way: which matter, then the name."""
    step = Memory.of(turn.state).step
    if step is None or step.name not in _STEPS or not turn.text.strip():
        return None
    if read_token(turn.text) is not None or intent(turn, services) in PASSES:
        return None
    wanted = Wanted.read(step.data)
    return _STEPS[step.name](wanted, turn, services)


def begin(turn: Turn, services: Services) -> Result | None:
    """ "Bữa nào phường về khóm 5": the next session there, or what there is."""
    if read_token(turn.text) is not None or (kind := kind_asked(turn.text)) is None:
        return None
    if not _programmes(turn, services, kind):
        return None
    return coming(turn, services, kind, khom_named(turn.text, services.profile), for_other(turn.text))


def _is_ours(pressed: Token) -> bool:
    return pressed.name == "visit" and pressed.facet in _PRESSED


# --- what there is ---


def offered(turn: Turn, services: Services, kind: VisitKind) -> bool:
    """Whether the kind is worth a line in the booking menu."""
    return bool(services.desk.visits(turn, kind))


def menu_values(turn: Turn, services: Services, kind: VisitKind) -> dict[str, str]:
    """What the line of the booking menu says of a kind: the programme's name and its weekdays, as now."""
    visit = services.desk.visits(turn, kind)[0]
    programme = services.desk.programmes(turn).get(visit.programme)
    if programme is None:
        return {"name": at(visit), "days": day_long(visit.starts_at)}
    return {"name": programme.name, "days": weekdays(programme) or day_long(visit.starts_at)}


def coming(
    turn: Turn, services: Services, kind: VisitKind, khom: str | None = None, other: bool = False
) -> Result:
    """The next session of the khóm; several to choose from; or, honestly, that there is none."""
    here = services.desk.visits(turn, kind, khom) if khom else ()
    if here:
        return _shown(here[0], turn, services, other)
    found = services.desk.visits(turn, kind)
    if not found:
        return _nothing(turn, services, kind)
    if len(found) == 1 and khom is None:
        return _shown(found[0], turn, services, other)
    key, values = ("visit.several_elsewhere", {"khom": khom}) if khom else ("visit.several", {})
    programme = services.desk.programmes(turn).get(found[0].programme)
    name = decapitalise(programme.name) if programme else ""
    text = services.phrases.say(key, **({"name": name} | values if not khom else values))
    return _told(turn, Reply(text=text, buttons=_session_buttons(found, "show")))


def _shown(visit: Visit, turn: Turn, services: Services, other: bool = False) -> Result:
    programme = services.desk.programmes(turn).get(visit.programme)
    topics = ", ".join(decapitalise(topic.name) for topic in programme.topics) if programme else ""
    values = {"day": day_long(visit.starts_at), "hours": hours(visit), "place": visit.place}
    if visit.kind in AT_THE_WARD:
        name = decapitalise(programme.name) if programme else at(visit)
        text = services.phrases.say(
            "visit.next_here" if visit.left else "visit.full_here", name=name, **values
        )
    elif visit.left:
        text = services.phrases.say("visit.next", at=at(visit), topics=topics, **values)
    else:
        text = services.phrases.say("visit.full", at=at(visit), **values)
    mark = f"{visit.id}.{OTHER}" if other else str(visit.id)
    first = _button(services, "sign_up" if visit.left else "sign_up_waiting", "sign", mark)
    return _told(
        turn,
        Reply(text=text, buttons=(first, _other_sessions(services, visit.kind), services.button("menu"))),
    )


def _nothing(turn: Turn, services: Services, kind: VisitKind) -> Result:
    """No session: the programme has ended, or none is planned."""
    ended = [one for one in _programmes(turn, services, kind) if one.has_ended(today(turn))]
    running = [one for one in _programmes(turn, services, kind) if not one.has_ended(today(turn))]
    if ended and not running:
        last = max(ended, key=lambda one: one.ends or today(turn))
        day = f"{last.ends:%d/%m/%Y}" if last.ends else None
        return _told(turn, services.reply("visit.ended", "hand_over", "menu", name=last.name, day=day))
    return _told(turn, services.reply("visit.none", "human", "menu"))


def _programmes(turn: Turn, services: Services, kind: VisitKind) -> list[Programme]:
    return [
        one
        for one in services.desk.programmes(turn).values()
        if one.kind == kind and one.sessions is not None
    ]


# --- signing up ---


def _sign(wanted: Wanted, turn: Turn, services: Services) -> Result:
    """Begin: the matter is asked for, unless there is only one."""
    visit = services.desk.visit(turn, wanted.visit_id)
    if visit is None:
        return gone(turn, services)
    mine = [one for one in services.desk.bookings(turn) if one.signup.kind == visit.kind]
    if not wanted.other and (own := next((one for one in mine if not one.signup.for_other), None)):
        return _already(own, turn, services, visit)
    programme = services.desk.programmes(turn).get(visit.programme)
    topics = programme.topics if programme else ()
    if len(topics) <= 1:
        return _further(replace(wanted, topic=topics[0].key if topics else visit.kind), turn, services)
    coffee = visit.kind == firms.KIND
    lines = [services.phrases.say("coffee.how" if coffee else "visit.topic")]
    lines += [
        services.phrases.say("visit.topic_line", n=n, name=topic.name) for n, topic in enumerate(topics, 1)
    ]
    buttons = tuple(
        Button(
            title=short_title(topic.name),
            payload=token("visit", "topic", replace(wanted, topic=topic.key).write()),
        )
        for topic in topics[:BUTTONS]
    )
    *before, last = pages(lines)
    replies = (*(Reply(text=text) for text in before), Reply(text=last, buttons=buttons))
    return Result("booking", replies, Memory.of(turn.state).waiting(TOPIC_STEP, wanted.write()).as_state())


def _topic_said(wanted: Wanted, turn: Turn, services: Services) -> Result | None:
    visit = services.desk.visit(turn, wanted.visit_id)
    programme = services.desk.programmes(turn).get(visit.programme) if visit else None
    topics = programme.topics if programme else ()
    number = number_said(turn.text)
    if number is not None and 1 <= number <= len(topics):
        return _further(replace(wanted, topic=topics[number - 1].key), turn, services)
    plain = said(turn.text).plain
    named = [topic for topic in topics if normalize(topic.name).plain in plain]
    if len(named) == 1 and len(plain.split()) <= 10:
        other = wanted.other or for_other(turn.text)
        return _further(replace(wanted, topic=named[0].key, other=other), turn, services)
    return None if asks_something_new(turn, services) or number is None else _sign(wanted, turn, services)


def _further(wanted: Wanted, turn: Turn, services: Services) -> Result:
    """What this kind of session asks besides; then the name."""
    visit = services.desk.visit(turn, wanted.visit_id)
    if visit is None:
        return gone(turn, services)
    if visit.kind == firms.KIND:
        return firm_parts.ask_firm(wanted, turn, services)
    programme = services.desk.programmes(turn).get(visit.programme)
    asked = extras.question(wanted, visit, programme, services) if programme else None
    if asked is None:
        return _consent(wanted, turn, services)
    state = Memory.of(turn.state).waiting(EXTRA_STEP, wanted.write()).as_state()
    return Result("booking", tuple(asked), state)


def _extra_said(wanted: Wanted, turn: Turn, services: Services) -> Result | None:
    visit = services.desk.visit(turn, wanted.visit_id)
    programme = services.desk.programmes(turn).get(visit.programme) if visit else None
    if visit is None or programme is None:
        return gone(turn, services)
    heard = extras.answer(wanted, programme, turn.text, visit.kind)
    if heard is not None:
        return _further(heard, turn, services)
    return _further(wanted, turn, services) if number_said(turn.text) is not None else None


def _consent(wanted: Wanted, turn: Turn, services: Services) -> Result:
    """Why the name and number are asked for, and that one may do without."""
    key = "visit.consent_other" if wanted.other else "visit.consent"
    data = wanted.write()
    buttons = (_button(services, "agree_name", "name", data), _button(services, "just_come", "come", data))
    reply = Reply(text=services.phrases.say(key), buttons=buttons)
    return Result("booking", (reply,), Memory.of(turn.state).waiting(NAME_STEP, data).as_state())


def _ask_name(wanted: Wanted, turn: Turn, services: Services, key: str = "visit.name") -> Result:
    data = wanted.write()
    visit = services.desk.visit(turn, wanted.visit_id)
    if key == "visit.name" and visit is not None and visit.kind == "ceremony":
        key = "visit.name_couple"
    reply = Reply(text=services.phrases.say(key), buttons=(_button(services, "just_come", "come", data),))
    return Result("booking", (reply,), Memory.of(turn.state).waiting(NAME_STEP, data).as_state())


def _name_said(wanted: Wanted, turn: Turn, services: Services) -> Result | None:
    """Name and number are kept sealed in the sign-up and nowhere else."""
    if said(turn.text).plain in ("dong y", "dong y nhap", "ok", "duoc", "dong y a"):
        return _ask_name(wanted, turn, services)
    name, phone = read_name(turn.text)
    if phone is None and rather_just_comes(turn.text):
        return _booked(wanted, None, None, turn, services)
    if asks_something_new(turn, services) and phone is None:
        return None
    if name is None and phone is None:
        if wanted.asked:
            return None
        again = _ask_name(replace(wanted, asked=True), turn, services, "visit.name_again")
        return replace(again, restricted=True)
    result = _booked(wanted, name, phone, turn, services)
    return replace(result, restricted=True)


def _booked(wanted: Wanted, name: str | None, phone: str | None, turn: Turn, services: Services) -> Result:
    place = Place(wanted.topic, wanted.other, name, phone, wanted.guests, wanted.photos, wanted.special)
    made = services.desk.sign_up(turn, wanted.visit_id, place)
    if made is None:
        return gone(turn, services)
    if made.signup.already:
        return _already(made, turn, services)
    return _place_told("visit.booked", "visit.waiting", made, turn, services)


def _place_told(booked: str, waiting: str, made: Booking, turn: Turn, services: Services) -> Result:
    """Number and slot with what to bring, or the place in the waiting list with other dates."""
    code, visit = made.signup.code, made.visit
    if made.signup.kind == firms.KIND:
        return _of_firm(made, turn, services, _FIRM_WORDS[booked])
    if made.signup.state == "waiting":
        buttons = (
            _button(services, "change_session", "move", code),
            _button(services, "cancel_place", "drop", code),
        )
        return _told(turn, Reply(text=services.phrases.say(waiting, **_values(made)), buttons=buttons))
    replies = [Reply(text=services.phrases.say(booked, **_values(made))), *_papers(made, turn, services)]
    if visit.returns_on is not None and made.signup.kind == "mobile":
        told = services.phrases.say("visit.returns", day=day_long(visit.returns_on))
        replies[0] = replies[0].model_copy(update={"text": f"{replies[0].text}\n{told}"})
    if told := _agreed(made, services):
        replies[0] = replies[0].model_copy(update={"text": f"{replies[0].text}\n{told}"})
    drop = _button(services, "cancel_place", "drop", code)
    last = replies[-1]
    replies[-1] = last.model_copy(update={"buttons": (*last.buttons, drop, services.button("menu"))})
    return _told(turn, *replies)


def _agreed(made: Booking, services: Services) -> str:
    """What was written of guests and photos, to be seen again."""
    signup, say = made.signup, services.phrases.say
    lines = [] if signup.guests is None else [say("visit.guests_line", n=signup.guests)]
    if signup.photo_consent is not None:
        lines.append(say("visit.photos_line_yes" if signup.photo_consent else "visit.photos_line_no"))
    return "\n".join(lines)


def _papers(made: Booking, turn: Turn, services: Services) -> list[Reply]:
    topic = topic_of(services.desk.programmes(turn).get(made.visit.programme), made.signup.topic)
    return checklist(services, made.visit).replies(topic) if topic else []


def _already(made: Booking, turn: Turn, services: Services, wanted: Visit | None = None) -> Result:
    """The place they have; another session can take it over, or somebody of the family can have one."""
    if made.signup.kind == firms.KIND:
        return _of_firm(made, turn, services, "coffee.mine")
    key = "visit.already_waiting" if made.signup.state == "waiting" else "visit.already"
    code = made.signup.code
    buttons = [_button(services, "change_session", "move", code)]
    if wanted is not None and wanted.id != made.visit.id and wanted.left:
        buttons = [Button(title=label(wanted), payload=token("visit", "to", f"{code}.{wanted.id}")), *buttons]
    if not made.signup.for_other:
        target = wanted or made.visit
        buttons.append(_button(services, "sign_other", "sign", f"{target.id}.{OTHER}"))
    buttons.append(_button(services, "cancel_place", "drop", code))
    return _told(
        turn, Reply(text=services.phrases.say(key, **_values(made)), buttons=tuple(buttons[:BUTTONS]))
    )


def _of_firm(made: Booking, turn: Turn, services: Services, key: str) -> Result:
    """The place of a firm, with what may be done about it."""
    code = made.signup.code
    if key == "coffee.mine" and made.signup.state == "waiting":
        key = "coffee.mine_waiting"
    buttons = (
        firm_parts.button(services, "add_matter", "more", code),
        _button(services, "change_session", "move", code),
        _button(services, "cancel_place", "drop", code),
    )
    told = firm_parts.place_told(key, made, turn, services)
    return _told(turn, told.model_copy(update={"buttons": buttons}))


def gone(turn: Turn, services: Services) -> Result:
    buttons = tuple(_other_sessions(services, kind) for kind in KINDS if offered(turn, services, kind))[:1]
    return _told(
        turn, Reply(text=services.phrases.say("visit.gone"), buttons=(*buttons, services.button("menu")))
    )


# --- a place one has ---


def _act(action: str, code: str, turn: Turn, services: Services) -> Result:
    mine = next((one for one in services.desk.bookings(turn) if one.signup.code == code), None)
    if mine is None:
        return _told(turn, services.reply("visit.not_found", "human", "menu"))
    return _ACTIONS[action](mine, turn, services)


def _which(action: str, mine: Sequence[Booking], turn: Turn, services: Services) -> Result:
    buttons = tuple(
        Button(title=label(one.visit), payload=token("visit", action, one.signup.code))
        for one in mine[:BUTTONS]
    )
    return _told(turn, Reply(text=services.phrases.say("visit.which"), buttons=buttons))


def _coming(mine: Booking, turn: Turn, services: Services, key: str = "visit.coming") -> Result:
    services.desk.answer_visit(turn, mine.signup.code, "coming")
    key = "visit.coming_waiting" if mine.signup.state == "waiting" else key
    if mine.signup.kind == firms.KIND and mine.signup.state != "waiting":
        reply = firm_parts.place_told("coffee.coming", mine, turn, services)
        return _told(turn, reply.model_copy(update={"buttons": (services.button("menu"),)}))
    return _told(
        turn, Reply(text=services.phrases.say(key, **_values(mine)), buttons=(services.button("menu"),))
    )


def _ready(mine: Booking, turn: Turn, services: Services) -> Result:
    return _coming(mine, turn, services, "visit.ready")


def _missing(mine: Booking, turn: Turn, services: Services) -> Result:
    """What to bring, once more."""
    papers = _papers(mine, turn, services)
    return _told(turn, *(papers or [Reply(text=services.phrases.say("visit.papers_none"))]))


def _busy(mine: Booking, turn: Turn, services: Services) -> Result:
    services.desk.answer_visit(turn, mine.signup.code, "busy")
    key = "visit.busy_here" if mine.visit.kind in AT_THE_WARD else "visit.busy"
    return _told(
        turn,
        Reply(text=services.phrases.say(key, **_values(mine)), buttons=_ways_out(mine, services)),
    )


def _move(mine: Booking, turn: Turn, services: Services) -> Result:
    services.desk.answer_visit(turn, mine.signup.code, "move")
    others = [
        one for one in services.desk.visits(turn, mine.visit.kind) if one.left and one.id != mine.visit.id
    ]
    if not others:
        key = "visit.move_none_here" if mine.visit.kind in AT_THE_WARD else "visit.move_none"
        text = services.phrases.say(key, **_values(mine))
        return _told(turn, Reply(text=text, buttons=_ways_out(mine, services)[1:]))
    near = sorted(others, key=lambda one: (one.khom != mine.visit.khom, one.starts_at))
    buttons = _session_buttons(near[: BUTTONS - 1], "to", f"{mine.signup.code}.")
    if mine.visit.kind not in AT_THE_WARD:
        buttons = (*buttons, _button(services, "at_office", "office", mine.signup.code))
    return _told(turn, Reply(text=services.phrases.say("visit.move"), buttons=buttons))


def _office(mine: Booking, turn: Turn, services: Services) -> Result:
    services.desk.visit_to_office(turn, mine.signup.code)
    counter = services.profile.counter
    values = _values(mine) | {"counter": counter.name, "address": counter.address or services.profile.address}
    return _told(
        turn, Reply(text=services.phrases.say("visit.office", **values), buttons=(services.button("menu"),))
    )


def _drop(mine: Booking, turn: Turn, services: Services) -> Result:
    services.desk.cancel_visit(turn, mine.signup.code)
    again = _other_sessions(services, mine.visit.kind)
    if mine.signup.kind == firms.KIND and (asked := firm_parts.ask_withdraw(mine, turn, services, again)):
        return asked
    text = services.phrases.say("visit.cancelled", code=mine.signup.code)
    return _told(turn, Reply(text=text, buttons=(again, services.button("menu"))))


def _show(mine: Booking, turn: Turn, services: Services) -> Result:
    return _already(mine, turn, services)


def _change(pressed: Token, turn: Turn, services: Services) -> Result:
    code, _, number = pressed.key.rpartition(".")
    made = services.desk.change_visit(turn, code, int(number)) if number.isdigit() else None
    if made is None:
        mine = next((one for one in services.desk.bookings(turn) if one.signup.code == code), None)
        if mine is None:
            return _told(turn, services.reply("visit.not_found", "human", "menu"))
        again = _button(services, "change_session", "move", code)
        return _told(
            turn,
            Reply(text=services.phrases.say("visit.move_full"), buttons=(again, services.button("menu"))),
        )
    return _place_told("visit.moved", "visit.waiting", made, turn, services)


# --- small parts ---


def _values(made: Booking) -> dict[str, str | int | None]:
    signup, visit = made.signup, made.visit
    name, who = called(made.name)
    return {
        "called": name if signup.state == "booked" or name != who else who,
        "who": who,
        "who_first": who.capitalize(),
        "number": signup.number,
        "slot": slot(visit, signup.slot_at),
        "hour": say_clock(signup.slot_at or visit.starts_at),
        "day": day_long(visit.starts_at),
        "place": visit.place,
        "code": signup.code,
        "waits_as": made.waits_as,
    }


def _ways_out(mine: Booking, services: Services) -> tuple[Button, ...]:
    code = mine.signup.code
    office = () if mine.visit.kind in AT_THE_WARD else (_button(services, "at_office", "office", code),)
    return (
        _button(services, "change_session", "move", code),
        *office,
        _button(services, "cancel_place", "drop", code),
    )


def _session_buttons(found: Sequence[Visit], action: str, before: str = "") -> tuple[Button, ...]:
    return tuple(
        Button(title=label(visit), payload=token("visit", action, f"{before}{visit.id}"))
        for visit in found[:BUTTONS]
    )


def _other_sessions(services: Services, kind: str) -> Button:
    return _button(services, "other_session", "kind", kind)


def _button(services: Services, name: str, action: str, key: str) -> Button:
    return Button(title=services.phrases.say(f"buttons.{name}"), payload=token("visit", action, key))


def _told(turn: Turn, *replies: Reply) -> Result:
    return Result("booking", replies, Memory.of(turn.state).settled().as_state())


def _kind(pressed: Token, turn: Turn, services: Services) -> Result:
    kind: VisitKind = next((kind for kind in get_args(VisitKind) if kind == pressed.key), "mobile")
    found = services.desk.visits(turn, kind)
    if not found:
        return _nothing(turn, services, kind)
    programme = services.desk.programmes(turn).get(found[0].programme)
    name = decapitalise(programme.name) if programme else at(found[0])
    text = services.phrases.say("visit.several", name=name)
    return _told(turn, Reply(text=text, buttons=_session_buttons(found, "show")))


def _show_session(pressed: Token, turn: Turn, services: Services) -> Result:
    number = pressed.key
    visit = services.desk.visit(turn, int(number)) if number.isdigit() else None
    return gone(turn, services) if visit is None else _shown(visit, turn, services)


def _of_code(action: str) -> Callable[[Token, Turn, Services], Result]:
    return lambda pressed, turn, services: _act(action, pressed.key, turn, services)


def _of_wish(do: Callable[[Wanted, Turn, Services], Result]) -> Callable[[Token, Turn, Services], Result]:
    return lambda pressed, turn, services: do(Wanted.read(pressed.key), turn, services)


def _come(wanted: Wanted, turn: Turn, services: Services) -> Result:
    return _booked(wanted, None, None, turn, services)


_FIRM_WORDS = {"visit.booked": "coffee.booked", "visit.moved": "coffee.moved"}
_ACTIONS: dict[str, Callable[[Booking, Turn, Services], Result]] = {
    "coming": _coming,
    "ready": _ready,
    "papers": _missing,
    "busy": _busy,
    "move": _move,
    "office": _office,
    "drop": _drop,
    "show": _show,
}
_PRESSED: dict[str, Callable[[Token, Turn, Services], Result]] = {
    **{name: _of_code(name) for name in _ACTIONS if name != "show"},
    "kind": _kind,
    "show": _show_session,
    "sign": _of_wish(_sign),
    "topic": _of_wish(_further),
    "more": _of_wish(_further),
    "name": _of_wish(_ask_name),
    "come": _of_wish(_come),
    "to": _change,
}
_STEPS: dict[str, Callable[[Wanted, Turn, Services], Result | None]] = {
    TOPIC_STEP: _topic_said,
    EXTRA_STEP: _extra_said,
    NAME_STEP: _name_said,
}
