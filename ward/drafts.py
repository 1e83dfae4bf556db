"""Reports being made in chat: one sealed row a person, good for 24 hours after its last change."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from store.engine import upsert
from store.schema import drafts
from store.secrets import SecretBox

KEPT = timedelta(hours=24)


def load(connection: Connection, box: SecretBox, oa_id: str, person_id: str, now: datetime) -> str | None:
    """The draft's JSON; None when there is none, or it is past its day."""
    row = connection.execute(
        select(drafts).where(drafts.c.oa_id == oa_id, drafts.c.person_id == person_id)
    ).one_or_none()
    if row is None or now - row.updated_at >= KEPT:
        return None
    return box.open_text(row.data)


def save(
    connection: Connection, box: SecretBox, oa_id: str, person_id: str, data: str, now: datetime
) -> None:
    values = {"data": box.seal_text(data), "updated_at": now}
    connection.execute(
        upsert(connection, drafts)
        .values(oa_id=oa_id, person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["oa_id", "person_id"], set_=values)
    )


def drop(connection: Connection, oa_id: str, person_id: str) -> None:
    connection.execute(delete(drafts).where(drafts.c.oa_id == oa_id, drafts.c.person_id == person_id))
