"""Backup and restore of a database in use.

SQLite: its own online backup, both ways, so that running processes see either the old or the new data.
PostgreSQL: pg_dump, and psql in one transaction. A file of a live database is never copied.
What a backup says is waiting comes back as `restored`: no running process may take it for work.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from store.engine import is_sqlite
from store.migrate import known_revisions, upgrade
from store.schema import APPEND_ONLY, metadata

HOLD = (
    "UPDATE {0}outbox SET state = 'restored' WHERE state IN ('queued', 'sending')",
    "UPDATE {0}inbox_events SET state = 'restored' WHERE state = 'new'",
)
LOCK_WAIT = "SET lock_timeout = '30s'"

NOT_OURS = "Tệp sao lưu hỏng hoặc không phải của chương trình này / damaged, or not a backup of ours"
TOO_NEW = (
    "Bản sao lưu của phiên bản mới hơn, nâng cấp chương trình trước / made by a newer version: upgrade first"
)


class BackupError(RuntimeError):
    """Says in Vietnamese and English what could not be done, and the mend."""


def back_up(engine: Engine, target: Path) -> int:
    """Write a whole, checked copy to `target`. Returns its size in bytes."""
    part = target.with_name(target.name + ".part")
    try:
        if target.exists():
            raise BackupError(f"Tệp đã có, không ghi đè / file exists: {target}")
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)  # before there is anything in it
        (_sqlite_to if is_sqlite(engine) else _dump_to)(engine, part)
        part.replace(target)
        return target.stat().st_size
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"Không sao lưu được / backup failed: {error}") from error
    finally:
        _remove(part)


def _remove(part: Path) -> None:
    for leftover in (part, part.with_name(part.name + "-wal"), part.with_name(part.name + "-shm")):
        if leftover.is_file():
            leftover.unlink()


def restore_from(engine: Engine, source: Path) -> None:
    """Put the backup in the place of all present data, then bring it to the newest schema."""
    if not source.is_file():
        raise BackupError(f"Không có tệp / no such file: {source}")
    try:
        (_sqlite_from if is_sqlite(engine) else _restore_dump)(engine, source)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"Không phục hồi được, dữ liệu cũ còn nguyên / nothing changed: {error}") from error
    engine.dispose()
    upgrade(engine)


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────


def _sqlite_to(engine: Engine, part: Path) -> None:
    with closing(_raw(engine)) as live, closing(sqlite3.connect(part)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, no -wal beside it
        _check(copy)


def _sqlite_from(engine: Engine, source: Path) -> None:
    address = f"{source.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as copy, _scratch(engine) as held:
        _check(copy)
        copy.backup(held)
        for statement in HOLD:
            held.execute(statement.format(""))
        held.commit()
        with closing(_raw(engine)) as live:
            held.backup(live)


@contextmanager
def _scratch(engine: Engine) -> Iterator[sqlite3.Connection]:
    """A database of our own beside the live one, for the data before anybody may see it."""
    folder = tempfile.TemporaryDirectory(dir=_file(engine).parent)
    with folder as name, closing(sqlite3.connect(Path(name) / "held.db")) as database:
        yield database


def _raw(engine: Engine) -> sqlite3.Connection:
    return sqlite3.connect(_file(engine), timeout=30)


def _file(engine: Engine) -> Path:
    assert engine.url.database is not None
    return Path(engine.url.database)


def _check(database: sqlite3.Connection) -> None:
    found = database.execute("PRAGMA integrity_check").fetchone()[0]
    tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('inbox_events', 'alembic_version')"
    if found != "ok" or database.execute(tables).fetchone()[0] != 2:
        raise BackupError(NOT_OURS)
    _check_revision([row[0] for row in database.execute("SELECT version_num FROM alembic_version")])


def _check_revision(found: Sequence[str]) -> None:
    if not known_revisions() & set(found):
        raise BackupError(TOO_NEW)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────


def _dump_to(engine: Engine, part: Path) -> None:
    _run(engine, "pg_dump", "--dbname", _address(engine), "--format=custom", f"--file={part}")


def _restore_dump(engine: Engine, source: Path) -> None:
    contents = _run(engine, "pg_restore", "--list", str(source))  # a damaged file ends here
    if not all(f" TABLE public {name} " in contents for name in ("inbox_events", "alembic_version")):
        raise BackupError(NOT_OURS)
    revision = ("--data-only", "--table=alembic_version", "--file=-")
    _check_revision(_run(engine, "pg_restore", *revision, str(source)).split())
    with tempfile.TemporaryDirectory() as folder:  # only its owner may enter
        script = Path(folder) / "restore.sql"
        _run(engine, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(source))
        _replace_all(engine, script)


def _replace_all(engine: Engine, script: Path) -> None:
    """Old tables out, those of the script in, all in one transaction."""
    tables = ", ".join(f"public.{name}" for name in ("alembic_version", *metadata.tables))
    guards = ", ".join(f"public.{name}_append_only()" for name in APPEND_ONLY)
    out = (f"DROP TABLE IF EXISTS {tables} CASCADE", f"DROP FUNCTION IF EXISTS {guards}")
    before = [part for statement in (LOCK_WAIT, *out) for part in ("--command", statement)]
    after = [part for statement in HOLD for part in ("--command", statement.format("public."))]
    once = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
    _run(engine, "psql", "--dbname", _address(engine), *once, *before, "--file", str(script), *after)


def _address(engine: Engine) -> str:
    """For the command line, hence without the password."""
    return engine.url.set(drivername="postgresql", password=None).render_as_string()


def _run(engine: Engine, tool: str, *arguments: str) -> str:
    """Run a PostgreSQL tool; the password goes through the environment, never the command line."""
    password = {"PGPASSWORD": engine.url.password} if engine.url.password else {}
    environment = {**os.environ, **password}
    try:
        done = subprocess.run([tool, *arguments], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    except FileNotFoundError as error:
        raise BackupError(f"Thiếu {tool}: cài gói postgresql-client / install postgresql-client") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{tool}: {error.stderr.strip()[-400:]}") from error
    return done.stdout
