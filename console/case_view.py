"""The page of one case: its story, the facts beside it, what may be done, and the answer being written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from flask import render_template
from sqlalchemy import Connection

from bot.replies import Reply
from bot.zalo.messages import split_reply
from console import casework, story
from console.access import official
from console.facility_panel import panel_of
from console.services import ConsoleServices, services
from knowledge.library import Library
from knowledge.schema import FIELDS
from ward import canned, entry_drafts, photos, staff, tone
from ward.calendar import local
from ward.cases import find, views
from ward.cases.model import CHANNELS, KINDS, STATES, URGENCIES
from ward.cases.thread import thread
from ward.cases.work import Case
from ward.staff import Official, Permission

FOUND_SHOWN: Final = 6
PROPOSED: Final = {"urgent": "khẩn", "soon": "sớm"}


@dataclass(frozen=True)
class Typed:
    """What stands in the answer's form. `tab`: reply | note. `preview`: bubbles as the phone shows them."""

    text: str = ""
    tab: str = "reply"
    search: str = ""
    entry: str = ""
    preview: Sequence[Reply] = ()
    looked_over: bool = False
    fresh: bool = False
    left: Sequence[str] = field(default=())


def render(
    connection: Connection,
    case: Case,
    typed: Typed | None = None,
    error: str = "",
    stale_after: int | None = None,
) -> str:
    """`stale_after`: the last event the official had seen when another was faster."""
    house, me, now = services(), official(), services().now()
    typed = typed or Typed()
    names = casework.names_of(connection, house.oa_id)
    entries = thread(connection, house.oa_id, case.id)
    library = house.library()
    return render_template(
        "console/case.html",
        case=case,
        typed=typed,
        error=error,
        story=story.shown(entries, names),
        missed=story.shown(entries, names, stale_after) if stale_after is not None else None,
        seen=story.last_event(entries),
        said_before=_said_before(case),
        facts=_facts(case, names, now, house),
        candidates=_candidates(case, library),
        found=_found(typed, library),
        entry=_entry(typed, library, house, local(now).date()),
        canned=canned.fitting(connection, house.oa_id, case.kind, case.state, case.field),
        hints=tone.look_over(typed.text, _own_numbers(house)) if typed.looked_over else [],
        photos=photos.of_case(connection, house.oa_id, case.id),
        facility=panel_of(connection, case, me),
        others=_other_cases(connection, case, me),
        lookers=views.viewers(connection, [case.id], now, me.id)[case.id],
        draft=entry_drafts.of_case(connection, house.oa_id, case.id),
        **_allowed(connection, case, me),
        **_choices(house),
    )


def _said_before(case: Case) -> list[str]:
    said = case.context.get("said_before")
    return [str(one) for one in said if str(one) != case.question] if isinstance(said, list) else []


def _facts(case: Case, names: dict[int, str], now: datetime, house: ConsoleServices) -> dict[str, Any]:
    proposed = PROPOSED.get(str(case.context.get("urgency_proposed", "")), "")
    because = case.context.get("because")
    return {
        "clock": casework.clock(case, now, house.calendar),
        "state": STATES[case.state],
        "kind": KINDS[case.kind],
        "urgency": URGENCIES[case.urgency],
        "channel": CHANNELS[case.channel],
        "field": FIELDS.get(case.field or "", ""),
        "holder": names.get(case.assignee_id or 0, ""),
        "proposed": proposed if case.urgency == "normal" and not case.ended else "",
        "because": [str(word) for word in because] if isinstance(because, list) else [],
        "outside_field": str(case.context.get("outside_field", "")),
        "maps": _maps(case),
    }


def _maps(case: Case) -> list[tuple[str, str]]:
    """Plain links, opened by the official: nothing of the place leaves before that."""
    if case.latitude is None or case.longitude is None:
        return []
    at = f"{case.latitude:.5f},{case.longitude:.5f}"
    latitude, longitude = at.split(",")
    osm = f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=18/{latitude}/{longitude}"
    google = f"https://www.google.com/maps/search/?api=1&query={at}"
    return [("OpenStreetMap", osm), ("Google Maps", google)]


def _candidates(case: Case, library: Library) -> list[tuple[str, str, int]]:
    """(key, name, score in hundredths) of what the search thought of."""
    found = case.context.get("candidates")
    if not isinstance(found, list):
        return []
    named = [(str(one.get("key")), float(one.get("score") or 0)) for one in found if isinstance(one, dict)]
    return [
        (key, name, round(100 * score))
        for key, score in named[:5]
        if (name := library.label_of(key) or library.name_of(key))
    ]


def _found(typed: Typed, library: Library) -> list[tuple[str, str]]:
    if not typed.search.strip():
        return []
    return [
        (one.key, entry.plain_name)
        for one in library.search(typed.search[:300], FOUND_SHOWN)
        if (entry := library.entry(one.key)) is not None
    ]


def _entry(typed: Typed, library: Library, house: ConsoleServices, day: date) -> dict[str, Any] | None:
    entry = library.entry(typed.entry) if typed.entry else None
    if entry is None:
        return None
    parts = house.entry_words.parts(library, entry.key, day)
    return {"key": entry.key, "name": entry.plain_name, "verified_on": entry.verified_on, "parts": parts}


def _own_numbers(house: ConsoleServices) -> list[str]:
    contacts = (house.profile.counter.phone, house.profile.hotline)
    return [number for number in (*contacts, *(one.number for one in house.profile.phones)) if number]


def _other_cases(connection: Connection, case: Case, me: Official) -> list[find.QueueRow]:
    """The citizen's other cases; not when they asked that their name be kept from whoever handles it."""
    if not case.person_id or case.name_shown is False:
        return []
    rows = find.of_person(connection, case.oa_id, case.person_id, staff.scope_of(me), 8)
    return [row for row in rows if row.id != case.id][:6]


def _allowed(connection: Connection, case: Case, me: Official) -> dict[str, Any]:
    """Which doors stand open on this page."""
    works, running = me.may(Permission.CASES_WORK), not case.ended and case.state != "sending"
    mine, directs = case.assignee_id == me.id, casework.may_direct(me, case)
    return {
        "works": works,
        "mine": mine,
        "may_take": works and case.state == "new" and case.assignee_id is None,
        "may_reply": works and running and mine and bool(case.person_id),
        "may_note": works,
        "may_finish": works and running and mine,
        "may_sort": works and running and (directs or case.assignee_id is None),
        "may_pass": works and running and (directs or case.assignee_id is None),
        "may_return": works and running and directs and case.state in ("assigned", "waiting"),
        "may_extend": works and mine and case.state == "assigned",
        "may_merge": works and running and (directs or case.assignee_id is None),
        "may_erase": works and mine and casework.to_erase(case) is not None,
        "may_draft": works and case.state == "answered" and case.kind == "question",
        "receivers": _receivers(connection, case) if works and running else [],
    }


def _receivers(connection: Connection, case: Case) -> list[Official]:
    able = staff.holding(connection, case.oa_id, Permission.CASES_WORK)
    if case.head_only:
        able = [one for one in able if "head" in one.roles]
    return [one for one in able if one.id != case.assignee_id]


def _choices(house: ConsoleServices) -> dict[str, Any]:
    return {
        "kinds": KINDS,
        "fields": FIELDS,
        "urgencies": URGENCIES,
        "khoms": [khom.name for khom in house.profile.khom],
    }


def bubbles(replies: Sequence[Reply]) -> list[Reply]:
    """As the outbox would send them."""
    return [part for reply in replies for part in split_reply(reply)]
