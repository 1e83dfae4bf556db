"""The cases of a person who asks to be forgotten: words, phone and places leave them; the facts stay.

What happened, when, who answered and how stays for the record (events hold no words of people). A case that
still runs needs its words until it ends; the daily purge then takes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, select, text, update

from store.schema import case_events, case_messages, case_people, cases, drafts, photos
from ward.cases.changes import COLUMNS, SYSTEM, Case, add_event, begin

KEPT_CONTEXT: Final = ("bereavement", "classified")
BLANK: Final[dict[str, Any]] = {
    "question": "",
    "title": None,
    "contact": None,
    "phone_tail": None,
    "address": None,
    "latitude": None,
    "longitude": None,
    "name_shown": False,
}


@dataclass(frozen=True)
class Forgotten:
    """`cases`: blanked now. `open_cases`: those that still run and are blanked when they end."""

    cases: tuple[int, ...]
    open_cases: tuple[int, ...]
    photos: int


def forget_cases(connection: Connection, oa_id: str, person_id: str, now: datetime) -> Forgotten:
    """Take the person's data out of their cases. A second call does nothing more."""
    theirs = _cases_of(connection, oa_id, person_id)
    ended = [case for case in theirs if case.ended]
    running = [case for case in theirs if not case.ended]
    connection.execute(delete(drafts).where(drafts.c.oa_id == oa_id, drafts.c.person_id == person_id))
    gone = _drop_photos(connection, oa_id, person_id, [case.id for case in running])
    blanked = [case.id for case in ended if _blank(connection, case, now)]
    for case in running:
        if not _has_event(connection, case.id, "forget_asked"):
            add_event(connection, oa_id, case.id, SYSTEM, "forget_asked", now)
    _leave_joined(connection, oa_id, person_id)
    return Forgotten(tuple(blanked), tuple(case.id for case in running), gone)


def to_forget(connection: Connection, limit: int) -> list[tuple[str, int]]:
    """OA and id of cases that ended since their person asked to be forgotten."""
    ended = text("cases.state IN ('answered', 'merged', 'withdrawn')")
    query = select(cases.c.oa_id, cases.c.id).where(ended, _noted("forget_asked"), ~_noted("forgotten"))
    return [(row.oa_id, row.id) for row in connection.execute(query.limit(limit))]


def forget_case(connection: Connection, oa_id: str, case_id: int, now: datetime) -> bool:
    """Blank one ended case and drop the pictures its person sent. False when it was done before."""
    case = begin(connection, oa_id, case_id, None)
    if not case.ended:
        return False
    theirs = (photos.c.case_id == case_id, photos.c.kind == "before")
    connection.execute(delete(photos).where(*theirs))
    return _blank(connection, case, now)


def _cases_of(connection: Connection, oa_id: str, person_id: str) -> list[Case]:
    query = select(*COLUMNS).where(cases.c.oa_id == oa_id, cases.c.person_id == person_id)
    return [Case(*row) for row in connection.execute(query.order_by(cases.c.id))]


def _blank(connection: Connection, case: Case, now: datetime) -> bool:
    if _has_event(connection, case.id, "forgotten"):
        return False
    context = {name: case.context[name] for name in KEPT_CONTEXT if name in case.context}
    values = {**BLANK, "context": context, "version": case.version + 1}
    connection.execute(update(cases).where(cases.c.id == case.id).values(**values))
    said = (case_messages.c.case_id == case.id, case_messages.c.author == "citizen")
    own = case_messages.c.person_id.is_(None)
    connection.execute(update(case_messages).where(*said, own).values(text=None))
    add_event(connection, case.oa_id, case.id, SYSTEM, "forgotten", now)
    return True


def _drop_photos(connection: Connection, oa_id: str, person_id: str, except_cases: Iterable[int]) -> int:
    """What they sent; pictures that officials took of the mended place are not theirs."""
    kept = list(except_cases)
    which = [photos.c.oa_id == oa_id, photos.c.kind == "before"]
    of_theirs = select(cases.c.id).where(cases.c.oa_id == oa_id, cases.c.person_id == person_id)
    mine = (photos.c.person_id == person_id) | photos.c.case_id.in_(of_theirs)
    if kept:
        which.append(photos.c.case_id.is_(None) | photos.c.case_id.not_in(kept))
    return connection.execute(delete(photos).where(*which, mine)).rowcount


def _leave_joined(connection: Connection, oa_id: str, person_id: str) -> None:
    """They are told nothing more of other people's cases, and their words leave those."""
    said = (case_messages.c.oa_id == oa_id, case_messages.c.person_id == person_id)
    connection.execute(update(case_messages).where(*said).values(text=None))
    joined = (case_people.c.oa_id == oa_id, case_people.c.person_id == person_id)
    connection.execute(delete(case_people).where(*joined))


def _has_event(connection: Connection, case_id: int, kind: str) -> bool:
    query = select(case_events.c.id).where(case_events.c.case_id == case_id, case_events.c.kind == kind)
    return connection.execute(query.limit(1)).first() is not None


def _noted(kind: str) -> Any:
    return exists().where(case_events.c.case_id == cases.c.id, case_events.c.kind == kind)
