"""Write the procedure library as one read-only SQLite file.

The file is for reading with ordinary tools as well as for the bot: facts in tables by kind, full text in
`entries_text`, the words and letter groups of every phrasing in `terms`, life events in `bundles`, smart
questions in `guides`, and in `readings` what the bot would else work out at every start.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.library import Library, json_of, read_only, texts_of
from knowledge.load import PROCEDURES, load_entries
from knowledge.paths import Bundle, Guide, Paths, load_paths, path_files
from knowledge.readings import Readings, fingerprint
from knowledge.schema import Entry, Fact
from knowledge.search import BODY

if TYPE_CHECKING:
    from sqlite_utils import Database

FORMAT = "4"
"""Raise it when the tables change, so that old files are rebuilt."""
CONTENT = "2"
"""Raise it when the same entries are to be counted as other content."""
Row = dict[str, Any]


def ensure_library(db_path: Path | str, root: Path = PROCEDURES) -> Library:
    """Open the compiled library; write it first when the YAML files have changed since."""
    path = Path(db_path)
    wanted = source_hash(root)
    if _stored_source(path) != wanted:
        build(path, load_entries(root), source=wanted, paths=load_paths(root))
    return Library.open(path)


def source_hash(root: Path = PROCEDURES) -> str:
    """Changes when any file of an entry, a bundle or a guide changes, comes or goes; and with how we read."""
    digest = hashlib.sha256(FORMAT.encode() + fingerprint().encode())
    for path in [*sorted(root.glob("*/*.yaml")), *path_files(root)]:
        digest.update(path.relative_to(root.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def content_hash(entries: Iterable[Entry]) -> str:
    digest = hashlib.sha256(CONTENT.encode())
    for entry in sorted(entries, key=lambda entry: entry.key):
        digest.update(json_of(entry).encode() + b"\0")
    return digest.hexdigest()


def build(
    db_path: Path | str, entries: Sequence[Entry], *, source: str = "", paths: Paths | None = None
) -> Path:
    """Write `entries` to `db_path` in one step: readers see the old file or the new one, never a part."""
    path = Path(db_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    try:
        _write(Path(name), sorted(entries, key=lambda entry: entry.key), source, paths or Paths())
        os.chmod(name, 0o644)
        _to_disk(name)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path


def _to_disk(name: str) -> None:
    """The whole file must be on the disk before it takes the place of the old one."""
    handle = os.open(name, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stored_source(path: Path) -> str | None:
    if not path.exists():
        return None
    try:
        with closing(read_only(path)) as db:
            row = db.execute("select value from meta where name = 'source_hash'").fetchone()
    except sqlite3.Error:  # any unreadable file is simply rebuilt
        return None
    return str(row[0]) if row else None


def _write(path: Path, entries: Sequence[Entry], source: str, paths: Paths) -> None:
    from sqlite_utils import Database  # only a build waits for it, not every start

    db = Database(path)
    try:
        db.execute("pragma journal_mode = off")  # a part that fails is thrown away
        db.execute("pragma synchronous = off")
        readings = Readings()
        for kind, text in texts_of(entries, paths):
            readings.of(text, with_concepts=kind != BODY)
        _tables(db, entries, readings)
        _path_tables(db, paths)
        _full_text(db, entries, readings)
        _readings_table(db, readings)
        meta = {"format": FORMAT, "content_hash": content_hash(entries), "source_hash": source,
                "entries": str(len(entries)), "readings": fingerprint()}  # fmt: skip
        db.table("meta").create({"name": str, "value": str}, pk="name")
        _insert(db, "meta", [{"name": k, "value": v} for k, v in sorted(meta.items())])
        db.vacuum()
    finally:
        db.close()


def _tables(db: Database, entries: Sequence[Entry], readings: Readings) -> None:
    db.table("entries").create(_EMPTY["entries"], pk="key")
    _insert(db, "entries", [_entry_row(entry) for entry in entries])
    for name, rows in _fact_rows(entries, readings).items():
        table = db.table(name)
        table.create(_EMPTY[name], pk=("key", "n"), foreign_keys=[("key", "entries", "key")])
        _insert(db, name, rows)
    db.table("terms").create({"term": str, "kind": str, "key": str, "n": int}, pk=("term", "kind", "key"))
    # in the order of the table's index SQLite writes it fastest
    _fill(db, "terms", sorted(term for entry in entries for term in _terms(entry, readings)))


def _insert(db: Database, table: str, rows: Iterable[Row]) -> None:
    columns = [column.name for column in db.table(table).columns]
    _fill(db, table, ([row[name] for name in columns] for row in rows))


def _fill(db: Database, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """All rows in one transaction, their values in the order of the columns."""
    places = ", ".join("?" for _ in db.table(table).columns)
    db.execute("begin")
    db.conn.executemany(f"insert into [{table}] values ({places})", rows)  # noqa: S608 - a table of ours
    db.execute("commit")


def _path_tables(db: Database, paths: Paths) -> None:
    several: tuple[tuple[str, tuple[Bundle, ...] | tuple[Guide, ...]], ...]
    several = (("bundles", paths.bundles), ("guides", paths.guides))
    for name, made in several:
        table = db.table(name)
        table.create({"key": str, "title": str, "json": str}, pk="key")
        rows = [{"key": one.key, "title": one.title, "json": one.model_dump_json()} for one in made]
        _insert(db, name, sorted(rows, key=lambda row: row["key"]))


_DATES: dict[str, type] = {"effective_from": str, "effective_to": str}
"""The days on which a row holds, both included; empty: no limit."""
_EMPTY: dict[str, dict[str, type]] = {
    "entries": {"key": str, "code": str, "field": str, "kind": str, "official_name": str, "plain_name": str,
                "choice_name": str, "authority": str, "confidence": str, "verified_on": str, **_DATES,
                "json": str},
    "phrasings": {"key": str, "n": int, "phrasing": str, "plain": str},
    "documents": {"key": str, "n": int, "name": str, "how": str, "originals": int, "copies": int,
                  "when": str, **_DATES},
    "fees": {"key": str, "n": int, "basis": str, "amount_vnd": int, "per": str, "when": str, "note": str,
             **_DATES},
    "times": {"key": str, "n": int, "amount": int, "unit": str, "same_day": int, "when": str, "note": str,
              **_DATES},
    "places": {"key": str, "n": int, "authority": str, "text": str, "when": str, **_DATES},
    "faqs": {"key": str, "n": int, "asks": str, "answer": str, **_DATES},
}  # fmt: skip


def _entry_row(entry: Entry) -> Row:
    return {name: _plain_value(entry, name) for name in _EMPTY["entries"] if name != "json"} | {
        "json": json_of(entry)
    }


def _plain_value(thing: Entry | Fact, name: str) -> Any:
    value = getattr(thing, name)
    return value.isoformat() if isinstance(value, date) else value


def _fact_rows(entries: Sequence[Entry], readings: Readings) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {name: [] for name in _EMPTY if name != "entries"}
    for entry in entries:
        for n, phrasing in enumerate(entry.phrasings):
            rows["phrasings"].append(
                {"key": entry.key, "n": n, "phrasing": phrasing, "plain": readings.plain(phrasing)}
            )
        for n, faq in enumerate(entry.faqs):
            rows["faqs"].append(_row("faqs", entry.key, n, faq) | {"asks": " | ".join(faq.asks)})
        for name in ("documents", "fees", "times", "places"):
            rows[name] += [_row(name, entry.key, n, fact) for n, fact in enumerate(getattr(entry, name))]
    return rows


def _row(table: str, key: str, n: int, fact: Fact) -> Row:
    return {"key": key, "n": n} | {
        name: _plain_value(fact, name) for name in _EMPTY[table] if name not in ("key", "n")
    }


def _terms(entry: Entry, readings: Readings) -> Iterator[tuple[str, str, str, int]]:
    words: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    for text in (entry.plain_name, entry.choice_name, *entry.phrasings):
        plain = readings.plain(text)
        words.update(plain.split())
        groups.update(plain[at : at + 3] for at in range(len(plain) - 2))
    for kind, counts in (("word", words), ("letters", groups)):
        for term, n in counts.items():
            yield term, kind, entry.key, n


def _readings_table(db: Database, readings: Readings) -> None:
    """What making the library reads, so that opening it need not."""
    table = db.table("readings")
    table.create({"text": str, "tokens": str, "plain": str, "concepts": str}, pk="text")
    _fill(db, "readings", readings.rows())


def _full_text(db: Database, entries: Sequence[Entry], readings: Readings) -> None:
    db.execute("create virtual table entries_text using fts5(key unindexed, names, phrasings, body)")
    _fill(db, "entries_text", ((entry.key, *_searchable(entry, readings)) for entry in entries))


def _searchable(entry: Entry, readings: Readings) -> tuple[str, ...]:
    """Names, ways of asking, everything else."""
    names = (entry.official_name, entry.plain_name, entry.choice_name)
    asks = (ask for faq in entry.faqs for ask in faq.asks)
    body = (
        entry.summary.text,
        *(document.name for document in entry.documents),
        *(text.text for text in (*entry.steps, *entry.conditions, *entry.mistakes)),
        *(faq.answer for faq in entry.faqs),
    )
    return tuple(" . ".join(map(readings.plain, texts)) for texts in (names, (*entry.phrasings, *asks), body))
