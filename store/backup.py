"""Backup and restore of a database in use.

SQLite: its own online backup, both ways, so that running processes see either the old or the new data.
PostgreSQL: pg_dump and pg_restore in one transaction. A file of a live database is never copied.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from store.engine import is_sqlite
from store.migrate import upgrade


class BackupError(RuntimeError):
    """Says in Vietnamese and English what could not be done, and the mend."""


def back_up(engine: Engine, target: Path) -> int:
    """Write a whole, checked copy to `target`. Returns its size in bytes."""
    if target.exists():
        raise BackupError(f"Tệp đã có, không ghi đè / file exists: {target}")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        (_sqlite_to if is_sqlite(engine) else _dump_to)(engine, part)
        os.chmod(part, 0o600)
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"Không sao lưu được / backup failed: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


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


def _sqlite_to(engine: Engine, part: Path) -> None:
    with closing(_raw(engine)) as live, closing(sqlite3.connect(part)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, no -wal beside it
        _check(copy)


def _sqlite_from(engine: Engine, source: Path) -> None:
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
        _check(copy)
        with closing(_raw(engine)) as live:
            copy.backup(live)


def _raw(engine: Engine) -> sqlite3.Connection:
    assert engine.url.database is not None
    return sqlite3.connect(engine.url.database, timeout=30)


def _check(database: sqlite3.Connection) -> None:
    found = database.execute("PRAGMA integrity_check").fetchone()[0]
    tables = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'inbox_events'").fetchone()[0]
    if found != "ok" or not tables:
        raise BackupError(
            "Tệp sao lưu hỏng hoặc không phải của chương trình này / damaged, or not a backup of ours"
        )


def _dump_to(engine: Engine, part: Path) -> None:
    _postgres(engine, "pg_dump", "--format=custom", f"--file={part}")


def _restore_dump(engine: Engine, source: Path) -> None:
    _postgres(engine, "pg_restore", "--list", str(source))  # a damaged file ends here
    engine.dispose()
    into = ("--dbname", str(engine.url.database), "--no-owner", "--clean", "--if-exists")
    _postgres(engine, "pg_restore", *into, "--single-transaction", str(source))


def _postgres(engine: Engine, tool: str, *arguments: str) -> None:
    """Run a PostgreSQL tool; the password goes through the environment, never the command line."""
    url = engine.url
    settings = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    environment = {**os.environ, **{name: value for name, value in settings.items() if value}}
    try:
        subprocess.run([tool, *arguments], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    except FileNotFoundError as error:
        raise BackupError(f"Thiếu {tool}: cài gói postgresql-client / install postgresql-client") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{tool}: {error.stderr.strip()[-400:]}") from error
