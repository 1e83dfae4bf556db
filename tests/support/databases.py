"""New databases for tests: migrated once, then copied."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from store.engine import open_engine
from store.migrate import upgrade


def new_sqlite(path: Path) -> Engine:
    """A migrated database in a file that is not there yet."""
    shutil.copyfile(_migrated(), path)
    return open_engine(f"sqlite:///{path}")


@cache
def _migrated() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ward-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    engine = open_engine(f"sqlite:///{folder / 'ward.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return folder / "ward.db"
