"""After a restore the past is uncertain: what the backup says is waiting may have been sent since.

Nothing is told twice: what waited (`restored`, see store.backup) becomes `unknown` or is closed, each with
a task for staff; the newest tokens are kept, because Zalo's refresh tokens work once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update

from store.engine import write_tx
from store.schema import inbox_events, oa_tokens, outbox
from ward.tasks import open_task


def settle_after_restore(engine: Engine, oa_id: str, tokens: Mapping[str, Any] | None, now: datetime) -> int:
    """Returns how many messages and events an official should look at."""
    with write_tx(engine) as connection:
        messages = connection.execute(
            update(outbox)
            .where(outbox.c.state == "restored")
            .values(state="unknown", settled_at=now, error="restored from a backup")
            .returning(outbox.c.id, outbox.c.person_id)
        ).all()
        for row in messages:
            open_task(
                connection, oa_id, "send_unknown", str(row.id), row.person_id, {"reason": "restore"}, now
            )
        events = connection.execute(
            update(inbox_events)
            .where(inbox_events.c.state == "restored")
            .values(state="failed", done_at=now, error="restored")
            .returning(inbox_events.c.id, inbox_events.c.person_id)
        ).all()
        for row in events:
            open_task(
                connection, oa_id, "event_unknown", str(row.id), row.person_id, {"reason": "restore"}, now
            )
        if tokens is not None:
            connection.execute(delete(oa_tokens).where(oa_tokens.c.oa_id == oa_id))
            connection.execute(insert(oa_tokens).values(**tokens))
    return len(messages) + len(events)


def newest_tokens(engine: Engine, oa_id: str) -> Mapping[str, Any] | None:
    """The token row as it stands, to be carried over a restore."""
    with engine.connect() as connection:
        row = connection.execute(select(oa_tokens).where(oa_tokens.c.oa_id == oa_id)).mappings().one_or_none()
    return None if row is None else dict(row)
