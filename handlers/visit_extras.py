"""What a ceremony and a same-day booking ask besides: guests, photos, and whether the matter is ready.

Everything said of the matter stands in the library's checked entry; nothing is added to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.replies import Button, Reply, Turn
from handlers.asking import OFFERED_UNDER
from handlers.layout import decapitalise, pages
from handlers.offers import number_said
from handlers.parts import is_current
from handlers.reading import said
from handlers.services import Services, today
from handlers.tokens import token
from knowledge.facets import Facet
from knowledge.in_force import on_day
from knowledge.schema import Entry
from ward.calendar import local
from ward.programmes.model import Programme, Topic
from ward.visits.model import AT_THE_WARD, Visit, VisitKind

OTHER, ASKED = "o", "a"
"""Marks in a button: a place for somebody else; the name was asked for once more."""
BOTH, CHECKED, SPECIAL = "B", "C", "S"
YES = ("co", "da co", "dong y", "duoc", "ok", "co dong y", "co a", "duoc a", "u")
NO = ("khong", "da khong", "khong dong y", "thoi", "khong co", "khong a", "chua", "khong dau")
GUEST_BUTTONS = (0, 2, 5, 10)


@dataclass(frozen=True)
class Wanted:
    """What is known of a sign-up: session, matter, for whom. No words of the citizen."""

    visit_id: int
    topic: str = ""
    other: bool = False
    asked: bool = False
    """The name was asked for once more."""
    guests: int | None = None
    photos: bool | None = None
    both: bool = False
    """Both of the couple will come."""
    checked: bool = False
    """The cases in which it takes longer were read."""
    special: bool = False
    """One of them applies."""

    @classmethod
    def read(cls, data: str) -> Wanted:
        number, *rest = data.split(".")
        topic = next((part for part in rest if len(part) > 1 and part[0].islower()), "")
        guests = next((part[1:] for part in rest if part[0] == "G" and part[1:].isdigit()), None)
        return cls(
            int(number) if number.isdigit() else 0,
            topic,
            OTHER in rest,
            ASKED in rest,
            None if guests is None else int(guests),
            True if "PY" in rest else False if "PN" in rest else None,
            BOTH in rest,
            CHECKED in rest,
            SPECIAL in rest,
        )

    def write(self) -> str:
        marks = (
            (OTHER, self.other),
            (ASKED, self.asked),
            (BOTH, self.both),
            (CHECKED, self.checked),
            (SPECIAL, self.special),
        )
        parts = [str(self.visit_id), self.topic, *(mark for mark, on in marks if on)]
        if self.guests is not None:
            parts.append(f"G{self.guests}")
        if self.photos is not None:
            parts.append("PY" if self.photos else "PN")
        return ".".join(part for part in parts if part)


# --- the questions of a sign-up ---


def question(
    wanted: Wanted, visit: Visit, programme: Programme, services: Services
) -> Sequence[Reply] | None:
    """What is still to be asked before the name; None: nothing."""
    setup = programme.sessions
    if visit.kind == "same_day":
        return _pre_check(wanted, visit, programme, services)
    if visit.kind != "ceremony" or setup is None:
        return None
    if setup.guests is not None and wanted.guests is None:
        return (_ask_guests(wanted, setup.guests, services),)
    return (_ask_photos(wanted, services),) if wanted.photos is None else None


def answer(wanted: Wanted, programme: Programme, text: str, kind: VisitKind) -> Wanted | None:
    """The same with a typed answer to the open question; None when it is none."""
    plain, number = said(text).plain, number_said(text)
    yes, no = plain in YES, plain in NO
    if kind == "same_day":
        if not wanted.both:
            return replace(wanted, both=True) if yes or plain.startswith("ca hai") else None
        return replace(wanted, checked=True, special=yes) if yes or no else None
    most = programme.sessions.guests if programme.sessions else None
    if most is not None and wanted.guests is None:
        digits = [int(word) for word in plain.split() if word.isdigit()]
        number = digits[0] if len(digits) == 1 else number
        number = 0 if no else number
        return replace(wanted, guests=number) if number is not None and number <= most else None
    return replace(wanted, photos=yes) if yes or no else None


def _ask_guests(wanted: Wanted, most: int, services: Services) -> Reply:
    offered = [n for n in GUEST_BUTTONS if n <= most]
    say = services.phrases.say
    buttons = [
        _more(say("buttons.guests", n=n) if n else say("buttons.no_guests"), replace(wanted, guests=n))
        for n in offered
    ]
    return Reply(text=say("visit.guests", most=most), buttons=tuple(buttons))


def _ask_photos(wanted: Wanted, services: Services) -> Reply:
    say = services.phrases.say
    buttons = (
        _more(say("buttons.photos_yes"), replace(wanted, photos=True)),
        _more(say("buttons.photos_no"), replace(wanted, photos=False)),
    )
    return Reply(text=say("visit.photos"), buttons=buttons)


def _more(title: str, wanted: Wanted) -> Button:
    return Button(title=title, payload=token("visit", "more", wanted.write()))


# --- the pre-check of a same-day matter ---


def _pre_check(
    wanted: Wanted, visit: Visit, programme: Programme, services: Services
) -> Sequence[Reply] | None:
    """Do both come? Is there a case in which it takes longer? As the entry says on that day."""
    entry = _entry(wanted, visit, programme, services)
    if entry is None:
        return None
    say = services.phrases.say
    if not wanted.both:
        rules = [f"- {one.text}" for one in entry.conditions if one.when is None]
        if not rules:
            return None
        buttons: tuple[Button, ...] = (
            _more(say("buttons.both_come"), replace(wanted, both=True)),
            Button(title=say("buttons.other_session"), payload=token("visit", "kind", visit.kind)),
        )
        return _with_buttons([say("visit.check_both"), *rules, say("visit.check_both_ask")], buttons)
    cases = _cases(entry)
    if wanted.checked or not cases:
        return None
    go_on = replace(wanted, checked=True)
    buttons = (
        _more(say("buttons.no_case"), go_on),
        _more(say("buttons.case_go_on"), replace(go_on, special=True)),
        services.button("human"),
    )
    return _with_buttons([say("visit.check_cases"), *cases, say("visit.check_cases_ask")], buttons)


def _cases(entry: Entry) -> list[str]:
    """Cases the entry names for which more is needed, or more time."""
    needs = [
        f"- {_capital(one.when)}: {decapitalise(one.text)}"
        for one in entry.conditions
        if one.when is not None
    ]
    longer = [f"- {_capital(one.when)}" for one in entry.times if one.when and not one.same_day]
    return [*longer, *needs]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_buttons(lines: Sequence[str], buttons: tuple[Button, ...]) -> Sequence[Reply]:
    *before, last = pages(list(lines))
    return (*(Reply(text=text) for text in before), Reply(text=last, buttons=buttons))


def _entry(wanted: Wanted, visit: Visit, programme: Programme, services: Services) -> Entry | None:
    topic: Topic | None = next((one for one in programme.topics if one.key == wanted.topic), None)
    day = local(visit.starts_at).date()
    found = services.library.entry(topic.procedures[0]) if topic and topic.procedures else None
    return on_day(found, day) if found is not None and is_current(found, day) else None


# --- what was told under an answer ---


def offer(entry: Entry, facet: Facet, turn: Turn, services: Services) -> Reply | None:
    """After an answer about a matter with a ceremony or a same-day booking coming: whether they want one."""
    if facet not in OFFERED_UNDER:
        return None
    kinds = [kind for kind in AT_THE_WARD if _comes(kind, entry, turn, services)]
    if not kinds:
        return None
    say = services.phrases.say
    lines = [say("visit.offer")] if "ceremony" not in kinds else [say("visit.offer_ceremony")]
    if len(kinds) > 1:
        lines.append(say("visit.offer_too"))
    buttons = tuple(
        Button(title=say(f"buttons.book_{kind}"), payload=token("visit", "kind", kind)) for kind in kinds
    )
    return Reply(text="\n".join(lines), buttons=buttons)


def _comes(kind: VisitKind, entry: Entry, turn: Turn, services: Services) -> bool:
    running = {
        key
        for key, one in services.desk.programmes(turn).items()
        if one.kind == kind and entry.key in one.procedures and one.in_force(today(turn))
    }
    return bool(running) and any(one.programme in running for one in services.desk.visits(turn, kind))
