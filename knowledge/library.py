"""What the bot knows, ready to be asked: procedures, life events and guides, compiled or from entries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from copy import copy
from pathlib import Path

from knowledge import messages
from knowledge.paths import Bundle, Guide, Paths
from knowledge.portal.choose import behind
from knowledge.portal.record import Record
from knowledge.portal.shelf import Shelf, label
from knowledge.readings import Readings
from knowledge.schema import Entry
from knowledge.search import Candidate, Index, Topic, topic_of
from knowledge.text import Normalized, normalize


class LibraryError(RuntimeError):
    """The compiled library cannot be read."""


class Library:
    """Entries by key and code, and the search over them. Never changes once made.

    Bundles and guides that name an entry it does not hold are left out.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        content_hash: str = "",
        path: Path | None = None,
        paths: Paths | None = None,
        readings: Readings | None = None,
    ) -> None:
        readings = Readings() if readings is None else readings
        self._entries = {entry.key: entry for entry in sorted(entries, key=lambda entry: entry.key)}
        self.index = Index(map(topic_of, self._entries.values()), readings=readings)
        within = (paths or Paths()).within(self._entries)
        self._bundles = {bundle.key: bundle for bundle in within.bundles}
        self._guides = {guide.key: guide for guide in within.guides}
        self._guide_of = {key: guide for guide in within.guides for key in guide.starts_for}
        self.events = Index(map(topic_of_event, within.bundles), common=self.index, readings=readings)
        self.messages = messages.index_beside(self.index, readings)
        self.imported = Shelf()
        self.content_hash = content_hash
        self.path = path

    @classmethod
    def from_entries(cls, entries: Iterable[Entry], paths: Paths | None = None) -> Library:
        return cls(entries, paths=paths)

    @classmethod
    def open(cls, db_path: Path | str) -> Library:
        """Load a file written by `knowledge.compile.build`."""
        path = Path(db_path)
        try:
            with closing(read_only(path)) as db:
                rows = db.execute("select json from entries order by key").fetchall()
                meta = dict(db.execute("select name, value from meta").fetchall())
                paths = _read_paths(db)
                readings = Readings.in_file(db, meta.get("readings"))
        except sqlite3.Error as error:
            raise LibraryError(f"{path}: not a compiled library: {error}") from error
        entries = (Entry.model_validate_json(row[0]) for row in rows)
        return cls(entries, meta.get("content_hash", ""), path, paths, readings)

    def entry(self, key: str) -> Entry | None:
        return self._entries.get(key)

    def with_changed(self, changed: Mapping[str, Entry]) -> Library:
        """The same library with other facts in some entries; names and phrasings must be the same."""
        made = copy(self)
        made._entries = {**self._entries, **changed}
        return made

    def with_imported(self, records: Iterable[Record]) -> Library:
        """The same library with the portal's unreviewed records behind its own entries."""
        made = copy(self)
        made.imported = Shelf.beside(records, self.entries())
        return made

    def record(self, key: str | None) -> Record | None:
        """An unreviewed record of the portal."""
        return self.imported.record(key)

    def with_phrasings(self, more: Mapping[str, Iterable[str]]) -> Library:
        """A library that knows more ways of asking, by key of the entry; unknown keys are passed over."""
        if not any(key in self for key in more):
            return self
        paths = Paths(tuple(self._bundles.values()), tuple(self._guides.values()))
        entries = [_asked_so(entry, more.get(entry.key, ())) for entry in self._entries.values()]
        made = type(self)(entries, self.content_hash, self.path, paths)
        made.imported = self.imported
        return made

    def code_of(self, key: str) -> str | None:
        """The national code of an entry or record; None for an unknown key and a procedure without one."""
        found = self.entry(key) or self.record(key)
        return found.code if found else None

    def name_of(self, key: str) -> str | None:
        """What an entry is called by people, or a record by the portal."""
        entry, record = self.entry(key), self.record(key)
        return entry.plain_name if entry else record.name if record else None

    def by_code(self, code: str) -> list[Entry]:
        """Entries with this national code; more than one where we cut a procedure into its cases."""
        return [entry for entry in self._entries.values() if entry.code == code]

    def bundle(self, key: str) -> Bundle | None:
        return self._bundles.get(key)

    def bundles(self) -> list[Bundle]:
        return list(self._bundles.values())

    def guide(self, key: str) -> Guide | None:
        return self._guides.get(key)

    def guides(self) -> list[Guide]:
        return list(self._guides.values())

    def guide_for(self, entry_key: str) -> Guide | None:
        """The questions that tell more exactly what somebody asking for this entry needs."""
        return self._guide_of.get(entry_key)

    def keys(self) -> list[str]:
        return list(self._entries)

    def entries(self) -> list[Entry]:
        return list(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def label_of(self, key: str) -> str | None:
        """The words that set an entry or record apart when it is offered beside others."""
        entry, record = self.entry(key), self.record(key)
        return entry.choice_name if entry else label(record) if record else None

    def search(self, text: str | Normalized, limit: int = 5) -> list[Candidate]:
        """Everything that may be meant, best first; the unreviewed behind what fits nearly as well."""
        said = normalize(text) if isinstance(text, str) else text
        reviewed = self.search_reviewed(said, limit)
        imported = behind(self.imported.search(said, limit))
        return sorted([*reviewed, *imported], key=lambda found: -found.score)[:limit]

    def search_reviewed(self, said: Normalized, limit: int = 5) -> list[Candidate]:
        return self.index.search(said, limit)

    def rank(self, keys: Iterable[str], text: str | Normalized) -> list[Candidate]:
        """These entries only, best first: which of those offered is meant?"""
        said = normalize(text) if isinstance(text, str) else text
        return self.index.rank(keys, said)

    def full_text(self, words: str, limit: int = 20) -> list[str]:
        """Keys whose text holds all the words, best first: the handbook's search box."""
        tokens = normalize(words).plain_tokens
        if self.path is None or not tokens:
            return [found.key for found in self.search(words, limit)] if tokens else []
        wanted = " ".join(f'"{token}"' for token in tokens)
        with closing(read_only(self.path)) as db:
            rows = db.execute(
                "select key from entries_text where entries_text match ? order by rank, key limit ?",
                (wanted, limit),
            )
            return [str(row[0]) for row in rows]


def _asked_so(entry: Entry, more: Iterable[str]) -> Entry:
    return entry.model_copy(update={"phrasings": [*entry.phrasings, *more]})


def texts_of(entries: Iterable[Entry], paths: Paths) -> Iterator[tuple[str, str]]:
    """Every text that making a library of these reads, with the kind of evidence it is."""
    for topic in (*map(topic_of, entries), *map(topic_of_event, paths.bundles), *messages.topics()):
        yield from topic.texts


def topic_of_event(bundle: Bundle) -> Topic:
    return Topic(bundle.key, (("name", bundle.title), *(("phrasing", phrase) for phrase in bundle.phrasings)))


def _read_paths(db: sqlite3.Connection) -> Paths:
    bundles = db.execute("select json from bundles order by key").fetchall()
    guides = db.execute("select json from guides order by key").fetchall()
    return Paths(
        tuple(Bundle.model_validate_json(row[0]) for row in bundles),
        tuple(Guide.model_validate_json(row[0]) for row in guides),
    )


def read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def json_of(entry: Entry) -> str:
    return json.dumps(entry.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
