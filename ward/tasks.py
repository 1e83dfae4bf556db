"""Work for officials that is not a question: alarms, failed sends, checks. One row for one thing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, update

from store.engine import upsert
from store.schema import staff_tasks
from store.types import UtcDateTime


def open_task(
    connection: Connection,
    oa_id: str,
    kind: str,
    ref: str,
    person_id: str | None,
    detail: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Open a task, once for (oa_id, kind, ref). True when it is new."""
    adding = (
        upsert(connection, staff_tasks)
        .values(oa_id=oa_id, kind=kind, ref=ref, person_id=person_id, detail=dict(detail), created_at=now)
        .on_conflict_do_nothing(index_elements=["oa_id", "kind", "ref"])
        .returning(staff_tasks.c.id)
    )
    return connection.execute(adding).first() is not None


def close_task(connection: Connection, oa_id: str, kind: str, ref: str, now: datetime) -> bool:
    """Mark a task done. False when there is none, or it was done before."""
    values = {"oa": oa_id, "of_kind": kind, "to": ref, "now": now}
    return connection.execute(_CLOSE, values).first() is not None


_CLOSE = (
    update(staff_tasks)
    .where(
        staff_tasks.c.oa_id == bindparam("oa"),
        staff_tasks.c.kind == bindparam("of_kind"),
        staff_tasks.c.ref == bindparam("to"),
        staff_tasks.c.done_at.is_(None),
    )
    .values(done_at=bindparam("now", type_=UtcDateTime()))
    .returning(staff_tasks.c.id)
)
"""Built once: every message that was sent asks for it."""


def forget_task(connection: Connection, oa_id: str, kind: str, ref: str) -> None:
    """As if it had never been: the same thing may be opened as a new task."""
    mine = (staff_tasks.c.oa_id == oa_id, staff_tasks.c.kind == kind, staff_tasks.c.ref == ref)
    connection.execute(delete(staff_tasks).where(*mine))
