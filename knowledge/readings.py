"""How the library's own texts read: normal words and concepts, worked out once and kept in the compiled file.

Reading eleven thousand phrasings is most of a start. What is kept is trusted only under the fingerprint of
everything it was worked out from: the words of the lexicon and the programs that read.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from sys import intern
from typing import NamedTuple

from knowledge.features import concepts_in
from knowledge.text import normalize
from knowledge.words import LEXICON

HERE = Path(__file__).parent
READERS = ("features.py", "patterns.py", "readings.py", "syllables.py", "text.py", "words.py")


class Reading(NamedTuple):
    """A text's words, as typed and bare, and the concepts in it. A body is compared by its words only."""

    tokens: tuple[str, ...]
    plain_tokens: tuple[str, ...]
    concepts: frozenset[str] | None


class Readings:
    """Texts read already. What is not known is read, and known from then on."""

    def __init__(self, known: dict[str, Reading] | None = None) -> None:
        self._known = known if known is not None else {}

    def of(self, text: str, with_concepts: bool) -> Reading:
        found = self._known.get(text)
        if found is None or (with_concepts and found.concepts is None):
            found = self._known[text] = _read(text, with_concepts)
        return found

    def plain(self, text: str) -> str:
        return " ".join(self.of(text, with_concepts=False).plain_tokens)

    def rows(self) -> Iterator[tuple[str, str, str, str | None]]:
        """For the table `readings`, in order of the text."""
        for text, read in sorted(self._known.items()):
            concepts = None if read.concepts is None else " ".join(sorted(read.concepts))
            yield text, " ".join(read.tokens), " ".join(read.plain_tokens), concepts

    @classmethod
    def kept(cls, rows: Iterable[tuple[str, str, str, str | None]]) -> Readings:
        return cls({text: _unpacked(tokens, bare, concepts) for text, tokens, bare, concepts in rows})

    @classmethod
    def in_file(cls, db: sqlite3.Connection, stored: str | None) -> Readings:
        """Those of a compiled library; none when they were made by other programs or words."""
        if stored != fingerprint():
            return cls()
        return cls.kept(db.execute("select text, tokens, plain, concepts from readings"))


def _read(text: str, with_concepts: bool) -> Reading:
    said = normalize(text)
    concepts = frozenset(hit.name for hit in concepts_in(said)) if with_concepts else None
    return Reading(said.tokens, said.plain_tokens, concepts)


def _unpacked(tokens: str, bare: str, concepts: str | None) -> Reading:
    typed = tuple(map(intern, tokens.split()))
    plain = typed if tokens == bare else tuple(map(intern, bare.split()))
    return Reading(typed, plain, None if concepts is None else frozenset(concepts.split()))


@cache
def fingerprint() -> str:
    """Changes with any word of the lexicon and any line of the programs that read."""
    digest = hashlib.sha256()
    for path in [*sorted(LEXICON.glob("*.yaml")), *(HERE / name for name in READERS)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
