"""Who is looking at a case, and who is writing an answer: officials see each other before they collide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from store.engine import upsert
from store.schema import case_views, staff

FRESH: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Viewer:
    staff_id: int
    name: str
    writing: bool


def look(connection: Connection, case_id: int, staff_id: int, writing: bool, now: datetime) -> None:
    """Note that an official has the case open (each page load or ping)."""
    row = {"case_id": case_id, "staff_id": staff_id, "at": now, "writing": writing}
    adding = upsert(connection, case_views).values(**row)
    again = {"at": adding.excluded.at, "writing": adding.excluded.writing}
    connection.execute(adding.on_conflict_do_update(index_elements=["case_id", "staff_id"], set_=again))


def viewers(
    connection: Connection, case_ids: Sequence[int], now: datetime, except_staff: int | None = None
) -> dict[int, list[Viewer]]:
    """Who else has each case open now."""
    query = (
        select(case_views.c.case_id, case_views.c.staff_id, staff.c.name, case_views.c.writing)
        .join(staff, staff.c.id == case_views.c.staff_id)
        .where(case_views.c.case_id.in_(case_ids), case_views.c.at > now - FRESH)
        .order_by(case_views.c.case_id, staff.c.name)
    )
    found: dict[int, list[Viewer]] = {case_id: [] for case_id in case_ids}
    for row in connection.execute(query):
        if row.staff_id != except_staff:
            found[row.case_id].append(Viewer(row.staff_id, row.name, row.writing))
    return found
