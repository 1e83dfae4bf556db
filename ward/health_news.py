"""News of new rules for facilities: written by one official, approved by another, sent to who agreed.

How each send went is the outbox's knowledge; it is read from there, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, case, func, insert, select, update

from store.engine import insert_new
from store.schema import health_news, health_news_sends, outbox
from ward import facilities
from ward.facilities import KINDS, FacilityRefused

LONGEST: Final = 700
FAILED: Final = ("stopped", "dead")


@dataclass(frozen=True)
class News:
    id: int
    title: str
    text: str
    kinds: tuple[str, ...]
    state: str
    made_by: int
    made_at: datetime
    decided_by: int | None
    decided_at: datetime | None

    @property
    def for_whom(self) -> str:
        return ", ".join(KINDS.get(kind, kind) for kind in self.kinds) or "Mọi loại hình"


@dataclass(frozen=True)
class Delivery:
    """`unknown`: sent, and Zalo did not say whether it arrived."""

    total: int = 0
    sent: int = 0
    waiting: int = 0
    failed: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class Heard:
    """News that was written to a facility."""

    title: str
    sent_at: datetime


def write(
    connection: Connection,
    oa_id: str,
    title: str,
    text: str,
    kinds: Sequence[str],
    by: int,
    now: datetime,
) -> int:
    title, text = " ".join(title.split()), text.strip()
    if not 5 <= len(title) <= 120:
        raise FacilityRefused("Tiêu đề dài 5–120 ký tự.")
    if not 20 <= len(text) <= LONGEST:
        raise FacilityRefused(f"Nội dung dài 20–{LONGEST} ký tự, để đọc được trên điện thoại.")
    chosen = [kind for kind in KINDS if kind in kinds]
    values = {"title": title, "text": text, "kinds": chosen, "state": "draft", "made_by": by, "made_at": now}
    adding = insert(health_news).values(oa_id=oa_id, **values).returning(health_news.c.id)
    number: int = connection.execute(adding).scalar_one()
    return number


def find(connection: Connection, oa_id: str, news_id: int) -> News | None:
    query = select(health_news).where(health_news.c.oa_id == oa_id, health_news.c.id == news_id)
    row = connection.execute(query).first()
    return None if row is None else _news(row)


def newest(connection: Connection, oa_id: str, limit: int = 50) -> list[News]:
    query = select(health_news).where(health_news.c.oa_id == oa_id).order_by(health_news.c.id.desc())
    return [_news(row) for row in connection.execute(query.limit(limit))]


def decide(
    connection: Connection, oa_id: str, news_id: int, by: int, approve: bool, now: datetime
) -> list[tuple[str, str]]:
    """Approve by a second person, or drop. Whom to write to, each with the key under which it is sent."""
    news = find(connection, oa_id, news_id)
    if news is None or news.state != "draft":
        raise FacilityRefused("Tin này đã được duyệt hoặc bỏ rồi.")
    if approve and news.made_by == by:
        raise FacilityRefused("Người soạn không tự duyệt. Nhờ một người khác coi rồi duyệt.")
    mine = (health_news.c.id == news_id, health_news.c.state == "draft")
    values = {"state": "sent" if approve else "dropped", "decided_by": by, "decided_at": now}
    if connection.execute(update(health_news).where(*mine).values(**values)).rowcount != 1:
        raise FacilityRefused("Tin này đã được duyệt hoặc bỏ rồi.")
    return _hearers(connection, oa_id, news) if approve else []


def _hearers(connection: Connection, oa_id: str, news: News) -> list[tuple[str, str]]:
    rows = [
        {
            "news_id": news.id,
            "person_id": person_id,
            "oa_id": oa_id,
            "facility_id": facility_id,
            "sent_as": f"{facilities.NEWS_KEY}{news.id}.{person_id}",
        }
        for person_id, facility_id in facilities.hearers(connection, oa_id, news.kinds)
    ]
    insert_new(connection, health_news_sends, rows)
    return [(str(row["person_id"]), str(row["sent_as"])) for row in rows]


def deliveries(connection: Connection, oa_id: str, news_ids: Sequence[int]) -> dict[int, Delivery]:
    """As the outbox knows it: a message of several parts counts by its first."""
    states = {
        "sent": outbox.c.state == "sent",
        "waiting": outbox.c.state.in_(["queued", "sending"]),
        "failed": outbox.c.state.in_(FAILED),
    }
    counted = [func.sum(case((which, 1), else_=0)).label(name) for name, which in states.items()]
    query = (
        select(health_news_sends.c.news_id, func.count().label("total"), *counted)
        .outerjoin(
            outbox,
            (outbox.c.oa_id == health_news_sends.c.oa_id)
            & (outbox.c.dedupe_key == health_news_sends.c.sent_as + ":0"),
        )
        .where(health_news_sends.c.oa_id == oa_id, health_news_sends.c.news_id.in_(news_ids))
        .group_by(health_news_sends.c.news_id)
    )
    found = {}
    for row in connection.execute(query):
        known = int(row.sent) + int(row.waiting) + int(row.failed)
        found[row.news_id] = Delivery(row.total, row.sent, row.waiting, row.failed, row.total - known)
    return found


def heard_by(connection: Connection, oa_id: str, facility_id: int, limit: int) -> list[Heard]:
    """The newest news written to any of its accounts."""
    query = (
        select(health_news.c.title, health_news.c.decided_at)
        .where(
            health_news.c.oa_id == oa_id,
            health_news.c.state == "sent",
            health_news.c.id.in_(
                select(health_news_sends.c.news_id).where(
                    health_news_sends.c.oa_id == oa_id, health_news_sends.c.facility_id == facility_id
                )
            ),
        )
        .order_by(health_news.c.id.desc())
    )
    return [Heard(row.title, row.decided_at) for row in connection.execute(query.limit(limit))]


def _news(row: Any) -> News:
    names = [name for name in News.__dataclass_fields__ if name != "kinds"]
    return News(**{name: row._mapping[name] for name in names}, kinds=tuple(row.kinds))
