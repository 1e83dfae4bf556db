"""What firms are told by officials: a coming session (only those who agreed), and the answer to a matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from bot import outbox
from bot.replies import Button, Reply
from ward import issues
from ward.issues import Issue
from ward.visits.model import Visit

LATER = 1
"""Behind the answers to people who wait."""
ABOUT = 90


class Words(Protocol):
    """Words for citizens, from the phrase files."""

    def say(self, key: str, **values: str | int | None) -> str: ...


def announce(
    connection: Connection, oa_id: str, visit: Visit, to: Sequence[str], reply: Reply, now: datetime
) -> int:
    """Tell each of them once of this session, however often it is asked for. How many are told now."""
    told = 0
    for person_id in to:
        told += bool(
            outbox.enqueue(connection, oa_id, person_id, [reply], f"coffee{visit.id}.{person_id}", now, LATER)
        )
    return told


def announcement(
    words: Words, name: str, day: str, hours: str, place: str, buttons: Sequence[Button]
) -> Reply:
    text = words.say("coffee.announced", name=name, day=day, hours=hours, place=place)
    return Reply(text=text, buttons=tuple(buttons))


def send_answer(connection: Connection, issue: Issue, oa_id: str, words: Words, now: datetime) -> bool:
    """To whom raised it in chat; False: nobody to write to, so they are on the list of calls."""
    asker = issues.asker(connection, issue)
    if asker is None or asker["person_id"] is None:
        issues.to_be_called(connection, issue, oa_id, now)
        return False
    about = issue.text if len(issue.text) <= ABOUT else f"{issue.text[:ABOUT].rsplit(' ', 1)[0]} …"
    text = words.say("coffee.answer", code=asker["code"], about=about, text=issue.answer)
    outbox.enqueue(connection, oa_id, asker["person_id"], [Reply(text=text)], issues.sent_as(issue), now)
    return True
