"""What was learned about one OA and must outlive a restart: which endpoint works, whether buttons do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from store.engine import is_sqlite, read_tx, write_tx
from store.schema import oa_memory
from store.types import UtcDateTime

VALUE_CHARACTERS = 200
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_VALUE = (
    select(oa_memory.c.value)
    .where(oa_memory.c.oa_id == bindparam("oa"), oa_memory.c.name == bindparam("called"))
    .where(oa_memory.c.changed_at > bindparam("oldest", type_=UtcDateTime()))
)
"""Built once: every send asks."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


log = structlog.get_logger(__name__)


class OaMemory:
    """Short texts by name, shared by all processes."""

    def __init__(self, engine: Engine, oa_id: str, now: Callable[[], datetime] = _utc_now) -> None:
        self._engine = engine
        self._oa_id = oa_id
        self._now = now

    def get(self, name: str, newer_than: timedelta | None = None) -> str | None:
        """The text, or None when there is none or it was set longer ago than `newer_than`."""
        oldest = self._now() - newer_than if newer_than is not None else LONG_AGO
        with read_tx(self._engine) as connection:
            asked = {"oa": self._oa_id, "called": name, "oldest": oldest}
            return connection.execute(_VALUE, asked).scalar_one_or_none()

    def set(self, name: str, value: str) -> None:
        changes = {"value": value, "changed_at": self._now()}
        insert = sqlite.insert if is_sqlite(self._engine) else postgresql.insert
        row = insert(oa_memory).values(oa_id=self._oa_id, name=name, **changes)
        with write_tx(self._engine) as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["oa_id", "name"], set_=changes))

    def note(self, name: str, value: str) -> None:
        """Like `set`, for what may be forgotten: a failing database is logged, not raised."""
        try:
            self.set(name, value)
        except SQLAlchemyError as error:
            log.error("oa_memory_not_written", name=name, error=type(error).__name__)
