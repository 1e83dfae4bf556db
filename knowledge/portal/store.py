"""`imported.sqlite`: the imported records, a file of their own that officials open with ordinary tools.

Written to a part beside it and put in place in one step: whatever goes wrong, readers see the old file.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database

from knowledge.portal.errors import ImportStopped, in_words
from knowledge.portal.record import Record

log = logging.getLogger(__name__)
FORMAT = "imported-1"
FILE_NAME = "imported.sqlite"
_COLUMNS = tuple(Record.model_fields)


class StoreError(RuntimeError):
    """The file is not one that an import wrote, or is damaged."""


@dataclass(frozen=True)
class Source:
    """A file that was imported, and under which name."""

    sha256: str
    name: str


@dataclass(frozen=True)
class Stored:
    """All that is imported. `origin`: code → the file the record came from."""

    records: Mapping[str, Record] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_hash(self) -> str:
        hashed = hashlib.sha256(FORMAT.encode())
        for code in sorted(self.records):
            hashed.update(self.records[code].model_dump_json().encode() + b"\0")
        return hashed.hexdigest()


def read_store(path: Path) -> Stored:
    """What the file holds; nothing when there is no file."""
    if not path.exists():
        return Stored()
    try:
        with closing(_read_only(path)) as db:
            meta = dict(db.execute("select name, value from meta").fetchall())
            rows = db.execute(f"select {', '.join(_COLUMNS)}, source from records order by code")  # noqa: S608
            kept = [(Record(**dict(zip(_COLUMNS, row, strict=False))), str(row[-1])) for row in rows]
            sources = db.execute("select sha256, name from sources order by n").fetchall()
    except (sqlite3.Error, ValueError, OSError) as error:
        raise StoreError(f"{path}: không phải tệp do lệnh import ghi, hoặc đã hỏng ({error})") from error
    if meta.get("format") != FORMAT:
        raise StoreError(f"{path}: do một bản khác của chương trình ghi; nhập lại từ tệp gốc")
    return Stored(
        {record.code: record for record, _ in kept},
        tuple(Source(*row) for row in sources),
        {record.code: origin for record, origin in kept},
    )


def imported_records(path: Path) -> list[Record]:
    """For the bot's start: none when there is no file; a damaged one is told and left aside."""
    try:
        return list(read_store(path).records.values())
    except StoreError as error:
        log.warning("imported records are left aside: %s", error)
        return []


def write_store(path: Path, stored: Stored) -> None:
    """Put `stored` in the place of the file, in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        _write(part, stored)
        os.chmod(part, 0o644)
        _to_disk(part)
        os.replace(part, path)
    finally:
        for left in (part, Path(f"{name}-journal")):
            left.unlink(missing_ok=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One import at a time for a folder; what a killed one left behind is cleared away."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ImportStopped(
            f"{path.parent}: không tạo hoặc mở được thư mục này ({in_words(error)}). Kiểm quyền ghi."
        ) from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in path.parent.glob(f".{path.name}.*.part*"):
            left.unlink(missing_ok=True)
        yield
    except BlockingIOError as error:
        raise ImportStopped(f"{path}: đang có một lệnh nhập khác chạy. Đợi nó xong rồi nhập lại.") from error
    finally:
        os.close(folder)


def _write(path: Path, stored: Stored) -> None:
    db = Database(path)
    try:
        records = db.table("records")
        records.create(
            {"code": str, "key": str, **dict.fromkeys(_COLUMNS[1:], str), "source": str}, pk="code",
            not_null={"name", "url"},
        )  # fmt: skip
        records.insert_all(
            record.model_dump() | {"key": record.key, "source": stored.origin[code]}
            for code, record in sorted(stored.records.items())
        )
        db.table("sources").create({"n": int, "sha256": str, "name": str}, pk="n")
        db.table("sources").insert_all(
            {"n": n, "sha256": one.sha256, "name": one.name} for n, one in enumerate(stored.sources, 1)
        )
        meta = {"format": FORMAT, "content_hash": stored.content_hash, "records": str(len(stored.records))}
        db.table("meta").insert_all([{"name": k, "value": v} for k, v in sorted(meta.items())], pk="name")
    finally:
        db.close()


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
