"""Days without waiting: "giờ chạy ra làm … kịp hông", what is done at once, who is on duty, which programmes.

Only what is surely about such days is taken; every other question goes its ordinary way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.replies import Button, Reply, Result, Turn
from handlers import hand_over, results, visits
from handlers.layout import MESSAGES, pages
from handlers.memory import Memory
from handlers.services import Services
from handlers.special_reading import Asked, Kind, asked_of, meant, time_told
from handlers.special_words import (
    Scene,
    days_of,
    duty_lines,
    list_lines,
    normal_time,
    outlook,
    outlook_lines,
    papers_line,
    rule_lines,
)
from handlers.tokens import read_token, token
from handlers.visit_reading import asks_coffee, books_wedding
from knowledge.schema import Entry
from knowledge.text import normalize
from ward.calendar import VIET_NAM, local
from ward.programmes.days import next_service_day, serves_on, spans_on
from ward.programmes.lists import list_state
from ward.programmes.model import Programme

STEP = "special_day"
FREE = (None, STEP, results.ASK_STEP, hand_over.OFFER_STEP)
"""Steps in which a question about days may be asked."""
SERVED = ("same_day", "mobile", "land", "home_certify", "home_timed", "ceremony", "coffee")
MOST_NAMED = 8
LOOK_AHEAD = 14


def handle(turn: Turn, services: Services) -> Result | None:
    pressed = read_token(turn.text)
    if pressed is not None:
        return _pressed(pressed.key, turn, services) if pressed.name == "day_list" else None
    memory = Memory.of(turn.state)
    step = memory.step.name if memory.step else None
    if step not in FREE or not turn.text.strip():
        return None
    if books_wedding(turn.text) and visits.offered(turn, services, "same_day"):
        return visits.begin(turn, services)
    if asks_coffee(turn.text) and visits.offered(turn, services, "coffee"):
        return visits.begin(turn, services)
    asked = asked_of(turn) or (time_told(turn) if step in (STEP, results.ASK_STEP) else None)
    programmes = services.desk.programmes(turn) if asked else {}
    if asked is None or not programmes:
        return None
    return _ANSWERS[asked.kind](asked, Scene(turn, services, programmes))


def _pressed(key: str, turn: Turn, services: Services) -> Result | None:
    scene = Scene(turn, services, services.desk.programmes(turn))
    programme = scene.programmes.get(key)
    return _list_of(scene, programme, None) if programme else None


def _in_time(asked: Asked, scene: Scene) -> Result | None:
    """Is there still time, today or at the time they say?"""
    entry, several = _matter(asked, scene)
    if several:
        return None  # which procedure is meant is asked as ever
    if entry is None:
        return _rules_of(asked.day or scene.today, scene)
    seen = outlook(scene, entry, _moment(asked, scene), asked.kind == "at_once")
    unlisted = _unlisted(scene, seen.at.date())
    if seen.promised.kind == "normal" and unlisted and not _listed_somewhere(scene, entry):
        return _missing(scene, unlisted[0])
    lines = outlook_lines(scene, seen)
    if _says_when(asked) and seen.promised.by is not None:
        return _may_tell(scene, lines, entry, seen.promised.by.date())
    if asked.matter and seen.promised.kind != "normal":
        lines += [papers_line(scene, entry)]
    return _told(scene, lines, _buttons(scene, entry, seen.programme), entry)


def _says_when(asked: Asked) -> bool:
    """They told when they come, of what was spoken of before."""
    return not asked.matter and asked.kind == "in_time" and (asked.clock or asked.day) is not None


def _may_tell(scene: Scene, lines: Sequence[str], entry: Entry, day: date) -> Result:
    """They come: whether they want to be told when the result is there."""
    question = scene.services.phrases.say("result.ask")
    buttons = results.offer(entry.key, day, scene.services)
    told = _told(scene, [*lines, question], buttons, entry)
    memory = Memory.of(told.state)
    return replace(told, state=memory.waiting(results.ASK_STEP, results.data_of(entry.key, day)).as_state())


def _named(asked: Asked, scene: Scene) -> Result | None:
    """Whether a procedure is among those done without waiting; without one, the day itself."""
    entry, several = _matter(asked, scene)
    if not asked.matter or (entry is None and not several):
        programme = _programme_named(scene)
        return _about(scene, programme) if programme else _at_once(asked, scene)
    entries = [found for key in several if (found := scene.services.library.entry(key))]
    chosen = entry or next((one for one in entries if _listed_somewhere(scene, one)), None)
    unlisted = _unlisted(scene, asked.day)
    if chosen is not None and _listed_somewhere(scene, chosen):
        return _listed_reply(scene, chosen, asked.day, unlisted)
    loaded = sorted(
        (one for one in scene.same_day() if scene.listed(one)), key=lambda one: _nearness(one, scene)
    )
    if not loaded or (unlisted and len(unlisted) == len(scene.same_day())):
        return _missing(scene, unlisted[0]) if unlisted else None
    lines = [scene.say("not_listed_any"), *_normal_times(scene, (entry,) if entry else entries)]
    return _told(scene, lines, _buttons(scene, entry, loaded[0]), entry)


def _normal_times(scene: Scene, entries: Sequence[Entry]) -> list[str]:
    """How long it takes on other days; of several, each."""
    if len(entries) == 1:
        return [scene.say("normal", time=normal_time(scene, entries[0]))]
    told = [(scene.services.library.name_of(one.key), normal_time(scene, one, 1)) for one in entries]
    return [scene.say("normal_of", name=name, time=time) for name, time in told if time] or [
        scene.say("which")
    ]


def _nearness(programme: Programme, scene: Scene) -> tuple[bool, date, int]:
    """Served today first, then soonest, then the longest list."""
    day = next_service_day(programme, scene.services.calendar, scene.turn.at) or date.max
    return day != scene.today, day, -len(scene.listed(programme))


def _listed_reply(scene: Scene, entry: Entry, asked: date | None, unlisted: Sequence[Programme]) -> Result:
    having = [one for one in scene.same_day() if scene.has(one, entry)]
    on_day = [one for one in having if asked and serves_on(one, asked, scene.services.calendar)]
    programme = min(on_day or having, key=lambda one: _nearness(one, scene))
    name = scene.services.library.name_of(entry.key)
    head = scene.say("is_listed", name=name, day=days_of(scene, programme))
    calendar, at = scene.services.calendar, scene.turn.at
    day = asked if on_day else next_service_day(programme, calendar, at)
    lines = [head]
    if day:
        lines += [scene.say("nearest", day=scene.day(day)), *rule_lines(scene, programme, day)]
    if asked and not on_day:
        lines += [scene.say("list_missing_too", name=scene.name(one)) for one in unlisted[:1]]
    return _told(scene, lines, _buttons(scene, entry, programme), entry)


def _at_once(asked: Asked, scene: Scene) -> Result | None:
    """What is done at once on a day; a procedure that is named gets its own answer."""
    if asked.matter:
        entry, _ = _matter(asked, scene)
        if entry is not None:
            return _in_time(asked, scene)
    day = asked.day or _next_day(scene)
    if day is None:
        return _told(scene, [scene.say("none_now")], ())
    serving = scene.serving(day)
    if not serving:
        following = _next_day(scene)
        lines = [scene.say("no_such_day", day=scene.day(day))]
        lines += [scene.say("nearest", day=scene.day(following))] if following else []
        return _told(scene, lines, ())
    with_list = [one for one in serving if scene.listed(one)]
    return _list_of(scene, with_list[0] if with_list else serving[0], day)


def _list_of(scene: Scene, programme: Programme, day: date | None) -> Result:
    if programme.has_ended(scene.today):
        return _about(scene, programme)
    day = day or next_service_day(programme, scene.services.calendar, scene.turn.at)
    if list_state(programme, scene.listed(programme)) != "loaded":
        return _missing(scene, programme)
    head = scene.say("list_head", name=scene.name(programme), day=scene.day(day) if day else None)
    lines = [head, *list_lines(scene, programme), *(rule_lines(scene, programme, day) if day else ())]
    return _told(scene, lines, (scene.services.button("ask"),))


def _rules_of(day: date, scene: Scene) -> Result:
    """No procedure named: the rule of the day, and which one they need."""
    serving = scene.serving(day)
    if not serving:
        following = _next_day(scene)
        lines = [scene.say("no_such_day", day=scene.day(day))]
        lines += [scene.say("nearest", day=scene.day(following))] if following else []
    else:
        best = max(serving, key=lambda one: one.same_day is not None and one.same_day.cut_off is not None)
        lines = [scene.say("day_is", day=_capital(scene.day(day)), name=scene.name(best))]
        lines += rule_lines(scene, best, day)
    return _told(scene, [*lines, scene.say("which")], ())


def _duty(asked: Asked, scene: Scene) -> Result:
    day = asked.day or scene.today
    told = duty_lines(scene, day)
    if not told:
        lines = [scene.say("duty_unknown", day=scene.day(day))]
        return _told(scene, lines, (scene.services.button("human"),))
    return _told(scene, [scene.say("duty_head", day=scene.day(day)), *told], ())


def _programmes(asked: Asked, scene: Scene) -> Result | None:
    """What the ward runs for people now; one that has ended is said to be over."""
    if (programme := _programme_named(scene)) is not None:
        return _about(scene, programme)
    if asked.kind == "running":
        return None
    now = [one for one in scene.programmes.values() if one.kind in SERVED and one.in_force(scene.today)]
    if not now:
        return _told(scene, [scene.say("none_now")], ())
    lines = [f"• {one.name}" for one in now[:MOST_NAMED]]
    if len(now) > MOST_NAMED:
        lines.append(scene.say("more", n=len(now) - MOST_NAMED))
    return _told(scene, [scene.say("running"), *lines], (scene.services.button("ask"),))


def _about(scene: Scene, programme: Programme) -> Result:
    if programme.has_ended(scene.today) and programme.ends is not None:
        lines = [scene.say("ended", name=programme.name, day=f"{programme.ends:%d/%m/%Y}")]
        others = [one for one in scene.same_day() if one.in_force(scene.today)]
        lines += [scene.say("instead", names="; ".join(one.name for one in others[:3]) or None)]
        return _told(scene, lines, (scene.services.button("ask"), scene.services.button("human")))
    day = next_service_day(programme, scene.services.calendar, scene.turn.at)
    lines = [scene.say("about", name=programme.name, text=programme.about)]
    lines += [scene.say("nearest", day=scene.day(day)), *rule_lines(scene, programme, day)] if day else []
    return _told(scene, lines, (_list_button(scene, programme),))


def _missing(scene: Scene, programme: Programme) -> Result:
    """The list is an annex nobody has loaded: said so, and an officer answers."""
    lead = scene.say("list_missing", name=scene.name(programme))
    return hand_over.to_officer(scene.turn, scene.services, scene.turn.text, "handover", lead=lead)


_ANSWERS: dict[Kind, Callable[[Asked, Scene], Result | None]] = {
    "in_time": _in_time,
    "at_once": _at_once,
    "named": _named,
    "duty": _duty,
    "programmes": _programmes,
    "running": _programmes,
}


def _matter(asked: Asked, scene: Scene) -> tuple[Entry | None, tuple[str, ...]]:
    """The procedure spoken of (now, or before), or the several it could be."""
    library, memory = scene.services.library, Memory.of(scene.turn.state)
    keys = meant(asked, scene.turn, scene.services)
    if len(keys) == 1:
        return library.entry(keys[0]), ()
    if keys:
        return None, keys
    return (library.entry(memory.key) if memory.key and not asked.matter else None), ()


def _moment(asked: Asked, scene: Scene) -> datetime:
    """When they mean to come: the named hour of the named day; of another day its opening."""
    now = local(scene.turn.at)
    day = asked.day or now.date()
    if asked.clock is not None:
        return datetime.combine(day, asked.clock, VIET_NAM)
    if day == now.date():
        return now
    spans = [span for one in scene.serving(day) for span in spans_on(one, day, scene.services.calendar)]
    spans += scene.services.calendar.sessions(day)
    return min(opens for opens, _ in spans) if spans else datetime.combine(day, now.timetz())


def _unlisted(scene: Scene, day: date | None) -> list[Programme]:
    """Programmes (of a day) whose list is still to be loaded."""
    several = scene.serving(day) if day else scene.same_day()
    return [one for one in several if list_state(one, scene.listed(one)) == "not_loaded"]


def _listed_somewhere(scene: Scene, entry: Entry) -> bool:
    return any(scene.has(one, entry) for one in scene.same_day())


def _next_day(scene: Scene) -> date | None:
    """The next day of any programme without waiting."""
    days = [next_service_day(one, scene.services.calendar, scene.turn.at) for one in scene.same_day()]
    limit = scene.today + timedelta(days=LOOK_AHEAD)
    return min((day for day in days if day is not None and day <= limit), default=None)


def _programme_named(scene: Scene) -> Programme | None:
    """A programme whose name stands in the message; the longest of several."""
    plain = f" {normalize(scene.turn.text).plain} "
    named = [one for one in scene.programmes.values() if f" {_core(one.name)} " in plain]
    return max(named, key=lambda one: len(one.name), default=None)


def _core(name: str) -> str:
    return normalize(name).plain.removeprefix("ngay ")


def _buttons(scene: Scene, entry: Entry | None, programme: Programme | None) -> tuple[Button, ...]:
    buttons = [_list_button(scene, programme)] if programme else []
    if programme is not None and _takes_bookings(scene, programme):
        title = scene.services.phrases.say("buttons.book_same_day")
        buttons = [Button(title=title, payload=token("visit", "kind", "same_day")), *buttons]
    if entry is not None:
        title = scene.services.phrases.say("buttons.papers_needed")
        buttons.append(Button(title=title, payload=token("answer", entry.key, "ho_so")))
    return tuple(buttons)


def _takes_bookings(scene: Scene, programme: Programme) -> bool:
    """A place can be had on one of its days now."""
    if programme.kind != "same_day" or programme.sessions is None:
        return False
    coming = scene.services.desk.visits(scene.turn, "same_day")
    return any(one.programme == programme.key for one in coming)


def _list_button(scene: Scene, programme: Programme) -> Button:
    return Button(
        title=scene.services.phrases.say("buttons.day_list"), payload=token("day_list", programme.key)
    )


def _told(
    scene: Scene, lines: Sequence[str], buttons: Sequence[Button], entry: Entry | None = None
) -> Result:
    """The answer, open for "15h40 mới tới được"; what was spoken of stays what is spoken of."""
    texts = pages([line for line in lines if line])[:MESSAGES]
    replies = [Reply(text=text) for text in texts[:-1]]
    replies.append(Reply(text=texts[-1], buttons=tuple(buttons)))
    memory = Memory.of(scene.turn.state)
    after = memory.at(entry.key, "thoi_han") if entry else memory.settled()
    state = replace(after.waiting(STEP), previous=after.previous).as_state()
    return Result("answered", tuple(replies), state, keys=(entry.key,) if entry else ())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
