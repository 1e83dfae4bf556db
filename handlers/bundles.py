"""Life events: what has to be done, in order, what goes in one trip, and each step to be opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.replies import Button, Candidate, Reply, Result, Turn
from handlers import procedures
from handlers.changed import changed_on, not_in_force, same_change
from handlers.layout import LINES, MESSAGES, capitalise, decapitalise, pages, without_pictures
from handlers.memory import Choice, Memory, Place, Step
from handlers.offers import number_said
from handlers.parts import in_brackets, is_current
from handlers.phrases import Phrases
from handlers.reading import candidates, reading
from handlers.services import Services, today
from handlers.tokens import read_token, token
from handlers.wording import day_text, sentence, span
from knowledge.events import life_event
from knowledge.in_force import has_ended, on_day
from knowledge.paths import Bundle, visits
from knowledge.paths import Step as BundleStep
from knowledge.schema import Entry

STEP = "bundle"
BUTTONS = 4
UNTOLD = ("ubnd_cap_xa", "khac")
"""Authorities of which the list says nothing: the ward itself, and those it has no name for."""


@dataclass(frozen=True)
class Todo:
    """A step with its number and its entry as it stands on the day."""

    number: int
    step: BundleStep
    entry: Entry
    visit: Entry | None
    current: bool
    ended: bool = False


def handle(turn: Turn, services: Services) -> Result | None:
    pressed = read_token(turn.text)
    if pressed is not None:
        return show(turn, services, pressed.key) if pressed.name == "bundle" else None
    if not turn.text.strip():
        return None
    if (number := number_said(turn.text)) is not None:
        return _open(number, turn, services)
    bundle = life_event(reading(turn, services), services.library)
    if bundle is None:
        return None
    found = candidates(reading(turn, services).candidates, services)
    told = show(turn, services, bundle.key)
    return replace(told, candidates=found) if told else None


def show(turn: Turn, services: Services, key: str) -> Result | None:
    """The whole list, with the way back to it kept for whoever opens a step."""
    bundle = services.library.bundle(key)
    if bundle is None:
        return None
    memory = Memory.of(turn.state)
    todo = _todo(bundle, services, today(turn))
    if same_change([one.entry for one in todo], turn):
        return not_in_force([one.entry for one in todo], "trinh_tu", turn, services)
    texts = pages(_lines(bundle, todo, services, memory.condoled), LINES if memory.greeted else LINES - 1)
    texts = [without_pictures(text) for text in texts[:MESSAGES]] if bundle.mourning else texts[:MESSAGES]
    replies = (
        *(Reply(text=text) for text in texts[:-1]),
        Reply(text=texts[-1], buttons=_buttons(todo, services)),
    )
    choices = tuple(Candidate(one.entry.key, one.entry.code, 0.0) for one in todo)
    return Result(
        "clarify", replies, _after(bundle, todo, memory).as_state(), facet="trinh_tu", choices=choices
    )


def back(turn: Turn, services: Services) -> Result | None:
    """QUAY LẠI from an opened step to the list, from the list to what was before; else None."""
    memory = Memory.of(turn.state)
    at_list = memory.step is not None and memory.step.name == STEP
    previous = memory.previous[:-1] if at_list else memory.previous
    if not previous or (previous[-1].facet != STEP and not at_list):
        return None
    *before, last = previous
    left = replace(turn, state=replace(memory.settled(), key=None, previous=tuple(before)).as_state())
    return show(left, services, last.key) or procedures.show(left, services, last.key, last.facet)


def _open(number: int, turn: Turn, services: Services) -> Result | None:
    """A step by its number, also one that had no room for a button."""
    memory = Memory.of(turn.state)
    if memory.step is None or memory.step.name != STEP or not 1 <= number <= len(memory.choices):
        return None
    return procedures.show(turn, services, memory.choices[number - 1].key, "tong_quan")


def _after(bundle: Bundle, todo: Sequence[Todo], memory: Memory) -> Memory:
    """Nothing is spoken of but the list; its steps can be chosen by number and by words."""
    place = Place(bundle.key, STEP)
    previous = memory.previous
    if memory.key and memory.facet:
        previous = (*previous, Place(memory.key, memory.facet))
    if not previous or previous[-1] != place:
        previous = (*previous, place)
    choices = tuple(Choice(one.entry.key, _name(one)) for one in todo)
    condoled = memory.condoled or bundle.mourning
    cleared = replace(memory.settled(), key=None, facet=None, previous=previous, condoled=condoled)
    return replace(cleared, choices=choices, step=Step(STEP, bundle.key))


def _todo(bundle: Bundle, services: Services, day: date) -> list[Todo]:
    found = []
    for number, step in enumerate(bundle.steps, 1):
        entry = services.library.entry(step.entry)
        visit = services.library.entry(step.visit) if step.visit else None
        assert entry is not None
        visit = visit if visit and is_current(visit, day) else None
        stands, ended = is_current(entry, day), has_ended(entry, day)
        found.append(Todo(number, step, on_day(entry, day), visit, stands, ended))
    return found


def _name(one: Todo) -> str:
    return one.step.label or one.entry.choice_name


def _lines(bundle: Bundle, todo: Sequence[Todo], services: Services, condoled: bool) -> list[str]:
    """Beside the list nothing is told of steps whose rule has changed, nor notes that may speak of them."""
    say = services.phrases
    standing = [one for one in todo if one.current]
    head = "head" if not bundle.mourning else "head_mourning" if condoled else "head_condolence"
    day = min(bundle.verified_on, *(one.entry.verified_on for one in todo))
    return [
        say.say(f"bundle.{head}", title=decapitalise(bundle.title)),
        *(_line(one, say) for one in todo),
        *map(sentence, bundle.notes if len(standing) == len(todo) else ()),
        *_together(todo, say),
        *_by_body(standing, say),
        *_ways(standing, say),
        *_changed(todo, say),
        say.say("bundle.pick", day=day_text(day)),
    ]


def _line(one: Todo, say: Phrases) -> str:
    """1. Khai sinh cho bé (nếu …), trong 60 ngày kể từ ngày sinh"""
    text = in_brackets(f"{one.number}. {_name(one)}", one.step.when)
    if one.ended:
        return say.say("bundle.changed", step=text)
    limit = one.entry.deadlines[0] if one.entry.deadlines and one.entry.kind == "procedure" else None
    if limit is None or not one.current:
        return sentence(text)
    time = span(say, limit.amount, limit.unit)
    if limit.since is None:
        return say.say("bundle.within", step=text, time=time)
    return say.say("bundle.within_since", step=text, time=time, since=decapitalise(limit.since))


def _together(todo: Sequence[Todo], say: Phrases) -> list[str]:
    """Steps that are handed in together, each chain a line."""
    chains: list[list[int]] = []
    for one in todo:
        if not one.current:
            chains.append([])
        elif one.step.with_previous and chains and chains[-1]:
            chains[-1].append(one.number)
        else:
            chains.append([one.number])
    return [say.say("bundle.together", steps=_numbers(chain)) for chain in chains if len(chain) > 1]


def _changed(todo: Sequence[Todo], say: Phrases) -> list[str]:
    """The day on which the rule of some steps changed, and what is done about it."""
    days: dict[str, list[int]] = {}
    for one in todo:
        if one.ended:
            days.setdefault(changed_on(one.entry), []).append(one.number)
    return [say.say("bundle.law_changed", day=day, steps=_numbers(steps)) for day, steps in days.items()]


def _by_body(todo: Sequence[Todo], say: Phrases) -> list[str]:
    """What other bodies than the ward do."""
    bodies: dict[str, list[int]] = {}
    for one in todo:
        if one.entry.authority not in UNTOLD:
            bodies.setdefault(say.say(f"authority.{one.entry.authority}"), []).append(one.number)
    parts = [say.say("bundle.body", steps=_numbers(steps), body=body) for body, steps in bodies.items()]
    return [sentence(capitalise("; ".join(parts)))] if parts else []


def _ways(todo: Sequence[Todo], say: Phrases) -> list[str]:
    online = [one.number for one in todo if "truc_tuyen" in one.entry.channels]
    coming = [(one.number, visits(one.visit)) for one in todo if one.visit is not None]
    khom = [number for number, ways in coming if "luu_dong" in ways]
    home = [number for number, ways in coming if "tai_nha" in ways]
    items = [say.say("bundle.online", steps=_numbers(online) if online else None)]
    items.append(say.say("bundle.visit", ways=_coming(khom, home, say) or None))
    return [item for item in items if item]


def _coming(khom: Sequence[int], home: Sequence[int], say: Phrases) -> str:
    if khom and khom == home:
        return say.say("bundle.both", steps=_numbers(khom))
    ways = [say.say("bundle.khom", steps=_numbers(khom))] if khom else []
    ways += [say.say("bundle.home", steps=_numbers(home))] if home else []
    return ", ".join(ways)


def _numbers(numbers: Sequence[int]) -> str:
    """1–3, 5"""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def _buttons(todo: Sequence[Todo], services: Services) -> tuple[Button, ...]:
    return tuple(
        Button(title=str(one.number), payload=token("answer", one.entry.key, "tong_quan"))
        for one in todo[:BUTTONS]
    )
