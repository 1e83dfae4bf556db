"""What was learned about one OA and must outlive a restart: which endpoint works, whether buttons do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from store.engine import is_sqlite, read_tx, write_tx
from store.schema import oa_memory

VALUE_CHARACTERS = 200
_VALUES = (
    select(oa_memory.c.name, oa_memory.c.value, oa_memory.c.changed_at)
    .where(oa_memory.c.oa_id == bindparam("oa"))
    .where(oa_memory.c.name.in_(bindparam("called", expanding=True)))
)
"""Built once: every send asks."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


log = structlog.get_logger(__name__)


def _is_fresh(changed_at: datetime, now: datetime, newer_than: timedelta | None) -> bool:
    return newer_than is None or changed_at > now - newer_than


class OaMemory:
    """Short texts by name, shared by all processes."""

    def __init__(self, engine: Engine, oa_id: str, now: Callable[[], datetime] = _utc_now) -> None:
        self._engine = engine
        self._oa_id = oa_id
        self._now = now

    def get(self, name: str, newer_than: timedelta | None = None) -> str | None:
        """The text, or None when there is none or it was set longer ago than `newer_than`."""
        return self.get_all({name: newer_than})[name]

    def get_all(self, names: Mapping[str, timedelta | None]) -> dict[str, str | None]:
        """The same for several, each with its own age, in one look."""
        with read_tx(self._engine) as connection:
            rows = connection.execute(_VALUES, {"oa": self._oa_id, "called": list(names)}).all()
        now, found = self._now(), dict.fromkeys(names, None)
        fresh = {row.name: row.value for row in rows if _is_fresh(row.changed_at, now, names[row.name])}
        return {**found, **fresh}

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
