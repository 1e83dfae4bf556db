"""Other ways to find an entry, as somebody would build them in an afternoon: fuzzy names, BM25, full text."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import bm25s
from rapidfuzz import fuzz, process

from knowledge.schema import Entry
from knowledge.search import topic_of
from knowledge.syllables import plain

DEEP = 10
"""As many keys as each way hands back, best first."""
_WORD = re.compile(r"\w+")

Search = Callable[[str], list[str]]
Texts = Callable[[Entry], Sequence[str]]
Written = Callable[[str], str]
Scorer = Callable[..., float]


@dataclass(frozen=True)
class Rival:
    """`over`: what it looks at; `accents`: how question and texts are written."""

    name: str
    over: str
    accents: str
    build: Callable[[Sequence[Entry]], Search]


def as_typed(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def stripped(text: str) -> str:
    return plain(as_typed(text))


def names(entry: Entry) -> Sequence[str]:
    return (entry.plain_name, entry.choice_name, entry.official_name)


def names_and_phrasings(entry: Entry) -> Sequence[str]:
    return (*names(entry), *entry.phrasings)


def full_text(entry: Entry) -> Sequence[str]:
    """Everything our own search reads."""
    return [text for _, text in topic_of(entry).texts]


def fuzzy(entries: Sequence[Entry], texts: Texts, written: Written, scorer: Scorer) -> Search:
    """The entries by the text of theirs that is most alike."""
    pairs = [(entry.key, _signless(written(text))) for entry in entries for text in texts(entry)]
    keys, choices = [key for key, _ in pairs], [text for _, text in pairs]
    most_each = max((len(texts(entry)) for entry in entries), default=1)

    def search(question: str) -> list[str]:
        asked = _signless(written(question))
        found = process.extract(asked, choices, scorer=scorer, limit=DEEP * most_each)
        return list(dict.fromkeys(keys[place] for _, _, place in found))[:DEEP]

    return search


def _signless(text: str) -> str:
    return " ".join(_WORD.findall(text))


def bm25(entries: Sequence[Entry], texts: Texts, written: Written) -> Search:
    keys = [entry.key for entry in entries]
    index = bm25s.BM25()
    index.index([_words(texts(entry), written) for entry in entries], show_progress=False)

    def search(question: str) -> list[str]:
        asked = [word for word in _words([question], written) if word in index.vocab_dict]
        if not asked:
            return []
        scores = index.get_scores(asked)
        return [keys[place] for place in (-scores).argsort(kind="stable")[:DEEP] if scores[place] > 0]

    return search


def _words(texts: Iterable[str], written: Written) -> list[str]:
    return [word for text in texts for word in _WORD.findall(written(text))]


def fts5(entries: Sequence[Entry], texts: Texts, written: Written) -> Search:
    """SQLite's own full text, any of the words, by its bm25()."""
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table t using fts5(key unindexed, text, "
               "tokenize='unicode61 remove_diacritics 0')")  # fmt: skip
    db.executemany("insert into t values (?, ?)",
                   ((entry.key, " ".join(_words(texts(entry), written))) for entry in entries))  # fmt: skip

    def search(question: str) -> list[str]:
        wanted = " OR ".join(f'"{word}"' for word in dict.fromkeys(_words([question], written)))
        if not wanted:
            return []
        rows = db.execute("select key from t where t match ? order by bm25(t), key limit ?", (wanted, DEEP))
        return [str(key) for (key,) in rows]

    return search


def rivals() -> list[Rival]:
    ways = {"as typed": as_typed, "stripped": stripped}
    makes: list[tuple[str, str, Callable[[Sequence[Entry], Written], Search]]] = [
        ("rapidfuzz WRatio", "names", lambda e, w: fuzzy(e, names, w, fuzz.WRatio)),
        ("rapidfuzz token_set_ratio", "names", lambda e, w: fuzzy(e, names, w, fuzz.token_set_ratio)),
        ("rapidfuzz token_set_ratio", "names and phrasings",
         lambda e, w: fuzzy(e, names_and_phrasings, w, fuzz.token_set_ratio)),
        ("BM25 (bm25s)", "names", lambda e, w: bm25(e, names, w)),
        ("BM25 (bm25s)", "full text", lambda e, w: bm25(e, full_text, w)),
        ("SQLite FTS5", "names", lambda e, w: fts5(e, names, w)),
        ("SQLite FTS5", "full text", lambda e, w: fts5(e, full_text, w)),
    ]  # fmt: skip
    return [
        Rival(name, over, accents, lambda entries, make=make, written=written: make(entries, written))  # type: ignore[misc]
        for name, over, make in makes
        for accents, written in ways.items()
    ]
