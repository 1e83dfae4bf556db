"""The database engine: SQLite in WAL mode (default) or PostgreSQL, one code path.

SQLite answers BUSY at once when a read transaction turns into a write, whatever the busy timeout; so
every transaction that may write begins with BEGIN IMMEDIATE, through `write_tx()`.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_S = 10.0
GATE_TIMEOUT_S = 30.0
_WRITE = "ward_write"


def open_engine(url: str) -> Engine:
    """An engine for `url`; a missing folder of a SQLite file is made."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    return create_engine(
        _with_driver(url), pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True
    )


def is_sqlite(engine: Engine | Connection) -> bool:
    return engine.dialect.name == "sqlite"


class Gate:
    """Lets one writer at a time through, of all threads and processes, and wakes the next at once.

    SQLite itself would have the others poll its lock, sleeping up to 100 ms between two looks. The
    kernel opens the gate again when a process dies. BEGIN IMMEDIATE stays what correctness rests on.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._threads = threading.Lock()

    def __enter__(self) -> None:
        if not self._threads.acquire(timeout=GATE_TIMEOUT_S):
            raise TimeoutError("another write transaction of this process does not end")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_error: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


@contextmanager
def write_tx(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on any exception."""
    with (
        _turn_of(engine),
        engine.connect().execution_options(**{_WRITE: True}) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def read_tx(engine: Engine) -> Iterator[Connection]:
    """Reads only. On PostgreSQL each statement is by itself: no BEGIN and ROLLBACK around a single look."""
    with engine.connect() as connection:
        if not is_sqlite(engine):
            connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


def _turn_of(engine: Engine) -> AbstractContextManager[object]:
    """Writers of a SQLite file queue at its gate; PostgreSQL needs none."""
    database = engine.url.database
    if not is_sqlite(engine) or not database or database == ":memory:":
        return nullcontext()
    mine = (os.getpid(), database)  # a forked child must not share its parent's lock
    with _gates_lock:
        if mine not in _gates:
            _gates[mine] = Gate(Path(f"{database}.lock"))
        return _gates[mine]


_gates: dict[tuple[int, str], Gate] = {}
_gates_lock = threading.Lock()


def _with_driver(url: str) -> str:
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        hide_parameters=True,  # an error text must not carry a citizen's words into a log
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by us, see _begin
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # an acknowledged message survives a power cut
        "foreign_keys = ON",
        "secure_delete = ON",  # removed words are not left in free pages
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options: dict[str, Any] = dict(connection.get_execution_options())
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITE) else "BEGIN")


def upsert(connection: Connection, table: Table) -> Any:
    """INSERT that takes ON CONFLICT, for whichever engine the connection speaks to."""
    return _dialect_insert(table, connection.dialect)


def _dialect_insert(table: Table, dialect: Dialect) -> Any:
    module: Any = sqlite_dialect if dialect.name == "sqlite" else postgresql_dialect
    return module.insert(table)


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose unique keys are not there yet; returns how many were new.

    All rows have the columns of the first. The statement is compiled once, for the webhook waits for it.
    """
    if not rows:
        return 0
    prepared = _prepared_insert(table, tuple(rows[0]), connection.dialect)
    done = connection.exec_driver_sql(
        prepared.sql, [prepared.bound(row) for row in rows], {"preserve_rowcount": True}
    )
    return done.rowcount


@dataclass(frozen=True)
class _PreparedInsert:
    """The driver's own SQL, and how each value becomes one of the driver's."""

    sql: str
    positional: bool
    binds: tuple[tuple[str, Callable[[Any], Any] | None], ...]

    def bound(self, row: Mapping[str, Any]) -> Any:
        values = {name: row[name] if bind is None else bind(row[name]) for name, bind in self.binds}
        return tuple(values.values()) if self.positional else values


@lru_cache(maxsize=256)
def _prepared_insert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> _PreparedInsert:
    statement = _dialect_insert(table, dialect).on_conflict_do_nothing()
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    order = compiled.positiontup or columns
    binds = tuple((name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in order)
    return _PreparedInsert(str(compiled), bool(compiled.positional), binds)
