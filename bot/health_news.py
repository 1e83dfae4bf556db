"""Approved news of new rules on its way to facilities."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from bot import outbox
from bot.replies import Reply
from ward import health_news
from ward.facilities import FacilityRefused

LATER = 1
"""Behind the answers to people who wait."""


class Words(Protocol):
    """Words for citizens, from the phrase files."""

    def say(self, key: str, **values: str | int | None) -> str: ...


def approve(connection: Connection, oa_id: str, news_id: int, by: int, words: Words, now: datetime) -> int:
    """Send it to everybody who agreed to such news. How many that is."""
    news = health_news.find(connection, oa_id, news_id)
    if news is None:
        raise FacilityRefused("Không có tin này.")
    reply = Reply(text=words.say("facility.broadcast", title=news.title, text=news.text))
    hearers = health_news.decide(connection, oa_id, news_id, by, True, now)
    for person_id, key in hearers:
        outbox.enqueue(connection, oa_id, person_id, [reply], key, now, LATER)
    return len(hearers)
