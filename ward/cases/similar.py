"""Open reports that may be the same matter: near by, or, without a place, of the same khóm and topic."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, text

from store.schema import case_people, cases
from ward.cases.nearby import Nearby, nearby

RECENT: Final = timedelta(days=30)
LOOKED_AT: Final = 50
_OPEN = text("state NOT IN ('answered', 'merged', 'withdrawn')")


def similar(
    connection: Connection,
    oa_id: str,
    topic: str | None,
    khom: str | None,
    place: tuple[float, float] | None,
    now: datetime,
) -> list[Nearby]:
    """Nearest or newest first. Where only one of both reports has a known topic, the place decides."""
    if place is not None:
        close = nearby(connection, oa_id, *place)
        topics = _topics(connection, [item.case_id for item in close])
        return [item for item in close if topic is None or topics[item.case_id] in (None, topic)]
    if topic is None or khom is None:
        return []
    columns = (cases.c.id, cases.c.code, cases.c.field, cases.c.khom, cases.c.created_at, cases.c.context)
    which = (cases.c.oa_id == oa_id, cases.c.kind == "report", cases.c.khom == khom, _OPEN)
    query = select(*columns).where(*which, cases.c.created_at > now - RECENT)
    rows = connection.execute(query.order_by(cases.c.id.desc()).limit(LOOKED_AT))
    return [Nearby(*row[:5], 0.0) for row in rows if row.context.get("topic") == topic]


def is_told(connection: Connection, case_id: int, person_id: str) -> bool:
    """Whether the case is the person's own, or one they joined."""
    own = select(cases.c.id).where(cases.c.id == case_id, cases.c.person_id == person_id)
    joined = select(case_people.c.case_id).where(
        case_people.c.case_id == case_id, case_people.c.person_id == person_id
    )
    return connection.execute(own.union(joined)).first() is not None


def _topics(connection: Connection, ids: list[int]) -> dict[int, str | None]:
    rows = connection.execute(select(cases.c.id, cases.c.context).where(cases.c.id.in_(ids)))
    return {row.id: row.context.get("topic") for row in rows}
