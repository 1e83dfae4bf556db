"""Approved news of new rules on its way to facilities, and reminders of papers that expire."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, Engine

from bot import outbox
from bot.replies import Reply
from store.engine import write_tx
from ward import facility_dates, health_news, reminders
from ward.calendar import local
from ward.facilities import FacilityRefused
from ward.facility_dates import Expiring

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


def expiry_reply(expiring: Expiring, words: Words, now: datetime) -> Reply:
    """What a facility is told of a paper whose day comes near."""
    paper = expiring.paper
    assert paper.expires_on is not None
    days = paper.days_left(local(now).date())
    title = paper.title[:1].lower() + paper.title[1:]
    day = f"{paper.expires_on:%d/%m/%Y}"
    text = words.say("facility.expiring", facility=expiring.facility, paper=title, day=day, days=days)
    return Reply(text=text)


def remind(engine: Engine, oa_id: str, words: Words, now: datetime) -> int:
    """Tell facilities of papers that expire, not at night; how each message went stands in the outbox."""
    told = 0
    with write_tx(engine) as connection:
        if reminders.rules_of(connection, oa_id)[1].covers(local(now).time()):
            return 0
        for due in facility_dates.claim_due(connection, oa_id, now):
            expiring = facility_dates.expiring(connection, oa_id, due, local(now).date())
            if expiring is None:
                continue
            reply = expiry_reply(expiring, words, now)
            for person_id in expiring.people:
                key = f"paper{due.id}.{person_id}"
                told += outbox.enqueue(connection, oa_id, person_id, [reply], key, now, LATER)
    return told
