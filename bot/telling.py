"""Telling a person something out of turn: into the outbox; its buttons can be chosen by number or words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot import outbox, people
from bot.replies import Reply


def tell(
    connection: Connection,
    oa_id: str,
    person_id: str,
    replies: Sequence[Reply],
    dedupe_key: str,
    now: datetime,
    priority: int = 0,
) -> int:
    """Queue the replies, once for the key. What was open in the person's conversation stays open."""
    queued = outbox.enqueue(connection, oa_id, person_id, replies, dedupe_key, now, priority)
    buttons = replies[-1].buttons if replies else ()
    if queued and buttons:
        person = people.load(connection, oa_id, person_id, now)
        offered = [{"label": button.title, "say": button.payload} for button in buttons]
        people.save_state(connection, person, {**person.state, "offered": offered}, now)
    return queued
