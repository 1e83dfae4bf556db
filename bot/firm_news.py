"""What firms are told by officials: a coming session (only those who agreed), and the answer to a matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, select

from bot import outbox
from bot.replies import Reply
from store.schema import outbox as outbox_table
from ward import issues
from ward.issues import Issue
from ward.visits.model import Visit

LATER = 1
"""Behind the answers to people who wait."""


class FirmWords(Protocol):
    """The words are the handlers'; the console gets them from wsgi."""

    def announced(self, visit: Visit, name: str) -> Reply:
        """A coming session of the programme of this name, [Ghi tên]."""
        ...

    def answered(self, issue: Issue, code: str) -> Reply:
        """The ward's answer; `code`: of the place the matter was raised from."""
        ...


def announce(
    connection: Connection, oa_id: str, visit: Visit, to: Sequence[str], reply: Reply, now: datetime
) -> int:
    """Tell each of them once of this session, however often it is asked for. How many are told now."""
    told = 0
    for person_id in to:
        told += bool(
            outbox.enqueue(connection, oa_id, person_id, [reply], _key(visit, person_id), now, LATER)
        )
    return told


def not_told(connection: Connection, oa_id: str, visit: Visit, hearers: Sequence[str]) -> list[str]:
    """Those of the hearers to whom this session was not announced yet."""
    keys = {f"{_key(visit, person_id)}:0": person_id for person_id in hearers}
    told = select(outbox_table.c.dedupe_key).where(
        outbox_table.c.oa_id == oa_id, outbox_table.c.dedupe_key.in_(list(keys))
    )
    known = set(connection.execute(told).scalars())
    return [person_id for key, person_id in keys.items() if key not in known]


def send_answer(connection: Connection, issue: Issue, oa_id: str, words: FirmWords, now: datetime) -> bool:
    """To whom raised it in chat; False: nobody to write to, so they are on the list of calls."""
    asker = issues.asker(connection, issue)
    if asker is None or asker["person_id"] is None:
        issues.to_be_called(connection, issue, oa_id, now)
        return False
    reply = words.answered(issue, asker["code"])
    outbox.enqueue(connection, oa_id, asker["person_id"], [reply], issues.sent_as(issue), now)
    return True


def _key(visit: Visit, person_id: str) -> str:
    return f"coffee{visit.id}.{person_id}"
