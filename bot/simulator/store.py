"""One SQLite file, one connection, one lock."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL,
    expires_at INTEGER NOT NULL, challenge TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS people (
    id TEXT PRIMARY KEY, id_by_app TEXT NOT NULL, name TEXT NOT NULL,
    following INTEGER NOT NULL DEFAULT 0, unfollowed_at INTEGER,
    last_interaction INTEGER, welcome_used INTEGER NOT NULL DEFAULT 0,
    info TEXT, added_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, event_name TEXT NOT NULL,
    body TEXT NOT NULL, timestamp TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS events_pending ON events (id) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, direction TEXT NOT NULL,
    origin TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, content TEXT NOT NULL,
    body TEXT, msg_id TEXT NOT NULL UNIQUE, quote TEXT, reaction TEXT,
    hidden INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL, event_id INTEGER);
CREATE INDEX IF NOT EXISTS messages_of ON messages (user_id, seq);
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, mime TEXT NOT NULL,
    size INTEGER NOT NULL, checksum TEXT NOT NULL, data BLOB NOT NULL, added_at INTEGER NOT NULL);
"""


def now_ms() -> int:
    return int(time.time() * 1000)


class Store:
    """Small helpers over sqlite3. Every call takes the one lock; transactions nest into the outermost."""

    def __init__(self, path: str | Path) -> None:
        if str(path) != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._depth = 0
        self._after_commit: list[Callable[[], None]] = []
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None, timeout=10)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; what `after_commit` was given runs once the outermost is on disk."""
        with self.lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._leave("ROLLBACK")
                raise
            self._leave("COMMIT")

    def _leave(self, verb: str) -> None:
        self._depth -= 1
        if verb == "ROLLBACK":
            self._after_commit.clear()
        if self._depth == 0:
            if self._db.in_transaction:
                self._db.execute(verb)
            waiting, self._after_commit = self._after_commit, []
            for call in waiting:
                call()

    def after_commit(self, call: Callable[[], None]) -> None:
        self._after_commit.append(call)

    def run(self, sql: str, *values: Any) -> int:
        """Execute; the number of rows changed."""
        with self.lock:
            return self._db.execute(sql, values).rowcount

    def insert(self, table: str, **values: Any) -> int:
        marks = ",".join("?" * len(values))
        with self.lock:
            cursor = self._db.execute(
                f"INSERT INTO {table} ({','.join(values)}) VALUES ({marks})",  # noqa: S608 - own names
                tuple(values.values()),
            )
            return cursor.lastrowid or 0

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with self.lock:
            return [dict(row) for row in self._db.execute(sql, values).fetchall()]

    def row(self, sql: str, *values: Any) -> Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def get(self, key: str, default: Any) -> Any:
        found = self.row("SELECT value FROM kept WHERE key = ?", key)
        return json.loads(found["value"]) if found else default

    def put(self, key: str, value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False)
        self.run("INSERT OR REPLACE INTO kept (key, value) VALUES (?, ?)", key, text)

    def clear(self, *tables: str) -> None:
        for table in tables:
            self.run(f"DELETE FROM {table}")  # noqa: S608 - own names

    def count(self, name: str) -> None:
        self.run("INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1", name)

    def counters(self) -> dict[str, int]:
        return {row["name"]: row["n"] for row in self.rows("SELECT name, n FROM counters ORDER BY name")}

    def close(self) -> None:
        with self.lock:
            self._db.close()
