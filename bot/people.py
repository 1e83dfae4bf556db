"""What the conversation remembers of a person: state with a short life, and staff's silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update

from store.engine import insert_new
from store.schema import inbox_events, outbox, people, turns
from ward.forgetting import forget_person

STATE_LIFE = timedelta(minutes=30)
WORDS_BEFORE = 3


@dataclass(frozen=True)
class Person:
    oa_id: str
    person_id: str
    state: Mapping[str, Any]
    silent_until: datetime | None

    def is_silent(self, now: datetime) -> bool:
        return self.silent_until is not None and now < self.silent_until


def load(connection: Connection, oa_id: str, person_id: str, now: datetime) -> Person:
    """The person as of `now`; a state past its life is empty."""
    row = connection.execute(_PERSON, {"oa": oa_id, "person": person_id}).one_or_none()
    if row is None:
        new = {"oa_id": oa_id, "person_id": person_id, "first_seen_at": now, "state": {}}
        insert_new(connection, people, [new])
        return Person(oa_id, person_id, {}, None)
    alive = row.state_until is not None and now < row.state_until
    return Person(oa_id, person_id, row.state if alive else {}, row.silent_until)


_PERSON = select(people).where(people.c.oa_id == bindparam("oa"), people.c.person_id == bindparam("person"))


def save_state(connection: Connection, person: Person, state: Mapping[str, Any], now: datetime) -> None:
    _update(connection, person, state=dict(state), state_until=now + STATE_LIFE)


def last_words(connection: Connection, oa_id: str, person_id: str) -> list[str]:
    """The person's last messages, oldest first, for the official who takes the question over."""
    mine = (turns.c.oa_id == oa_id, turns.c.person_id == person_id, turns.c.text.is_not(None))
    newest = select(turns.c.text).where(*mine).order_by(turns.c.id.desc()).limit(WORDS_BEFORE)
    return [row.text for row in reversed(connection.execute(newest).all())]


def note_inbound(connection: Connection, person: Person, at: datetime) -> None:
    """A message from the person opens Zalo's 48-hour window."""
    _update(connection, person, last_inbound_at=at)


def note_following(connection: Connection, person: Person, following: bool) -> None:
    _update(connection, person, following=following)


def silence(connection: Connection, person: Person, until: datetime | None) -> None:
    """An official took over (`until`), or gave the person back to the bot (None)."""
    _update(connection, person, silent_until=until)


def forget(connection: Connection, person: Person, now: datetime) -> None:
    """The person withdrew at Zalo: no state, no draft, no pictures, no words of theirs in turns, raw events,
    answers and ended cases, nothing booked and no name or address where something was."""
    _update(connection, person, state={}, state_until=None, following=False)
    _blank(connection, person, turns, {"text": None, "normalized": None})
    _blank(connection, person, inbox_events, {"payload": None}, inbox_events.c.state != "new")
    _blank(connection, person, outbox, {"reply": None}, outbox.c.state.not_in(["queued", "sending"]))
    forget_person(connection, person.oa_id, person.person_id, now)


def _blank(
    connection: Connection, person: Person, table: Table, values: Mapping[str, None], *which: Any
) -> None:
    theirs = (table.c.oa_id == person.oa_id, table.c.person_id == person.person_id)
    connection.execute(update(table).where(*theirs, *which).values(**values))


def _update(connection: Connection, person: Person, **values: Any) -> None:
    connection.execute(update(people).where(*_is(person.oa_id, person.person_id)).values(**values))


def _is(oa_id: str, person_id: str) -> tuple[Any, Any]:
    return people.c.oa_id == oa_id, people.c.person_id == person_id
