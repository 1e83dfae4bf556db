"""A PostgreSQL of our own, where its tools are installed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.machine import postgres_bin
from tests.support.postgres import PostgresServer

FSYNC_NOTE = (
    "PostgreSQL is the tests' own server: it runs with `fsync = off`, SQLite with `synchronous = FULL`."
)


@contextmanager
def databases() -> Iterator[dict[str, str | None]]:
    """Engine name → URL; None for SQLite, which lives in each bench's own folder."""
    if postgres_bin() is None:
        yield {"SQLite": None}
        return
    with tempfile.TemporaryDirectory() as folder, PostgresServer(Path(folder)) as server:
        yield {"SQLite": None, "PostgreSQL": server.url("postgres")}
