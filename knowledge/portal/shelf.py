"""Searching imported records by name: light, and shy of what the ward has reviewed.

An official name is long and nobody types it whole, so two shares count: how much of what was said stands
in the name, and how much of the name was said. `Shelf.beside` takes out what the ward has reviewed.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from knowledge.facets import best_facet
from knowledge.intents import fillers
from knowledge.patterns import ACCENTED, script, without
from knowledge.portal.record import Record
from knowledge.schema import Entry
from knowledge.search import Candidate, Index, stopwords
from knowledge.text import Normalized, normalize
from knowledge.words import lexicon

SHORTLIST = 20
LONGEST_LABEL = 68
_WHERE_DONE = re.compile(
    r"\s*\(?\s*(?:được )?(?:thực hiện|cấp|áp dụng)?\s*(?:tại|ở)?\s*"
    r"cấp (?:xã|tỉnh|tinh|trung ương|bộ|huyện)\s*\)?\s*\.?\s*$",
    re.I,
)
_OPENING = re.compile(r"^\s*(?:thủ tục|giải quyết thủ tục)\s*:?\s+", re.I)


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that may be meant. `said`: share of the message in its name; `named`: share of the name said;
    `words`: how many words both have."""

    record: Record
    score: float
    said: float
    named: float
    words: int

    def as_candidate(self) -> Candidate:
        why = {"said": round(self.said, 4), "named": round(self.named, 4)}
        return Candidate(self.record.key, round(self.score, 4), why)


class Shelf:
    """Imported records by key and by the words of their names. Never changes once made."""

    def __init__(self, records: Iterable[Record] = (), without: Container[str] = ()) -> None:
        """`without`: contents of names (`_content`) that are left out."""
        self._records: list[Record] = []
        self._texts: list[tuple[str, str]] = []
        self._postings: dict[str, array[int]] = {}
        for record in sorted(records, key=lambda record: record.key):
            self._add(record, without)
        self._numbers = {record.key: number for number, record in enumerate(self._records)}
        total = len(self._records)
        self._unknown = math.log(total + 1) + 0.25
        self._idf = {word: math.log((total + 1) / (len(found) + 0.4)) + 0.25
                     for word, found in self._postings.items()}  # fmt: skip
        self._masses = array("f", (self._mass(set(plain.split())) for plain, _ in self._texts))

    @classmethod
    def beside(cls, records: Iterable[Record], entries: Iterable[Entry]) -> Shelf:
        """Without what reviewed entries tell: same code, also of what is no longer in force, or same name."""
        entries = list(entries)
        codes = {entry.code for entry in entries} | _ended()
        names = {_content(normalize(subject(entry.official_name)))[0] for entry in entries}
        return cls((record for record in records if record.code not in codes), names)

    def _add(self, record: Record, without: Container[str]) -> None:
        content = _content(normalize(subject(record.name)))
        if content[0] in without:
            return
        for word in sorted(set(content[0].split())):
            self._postings.setdefault(word, array("I")).append(len(self._records))
        self._records.append(record)
        self._texts.append(content)

    def __len__(self) -> int:
        return len(self._records)

    def record(self, key: str | None) -> Record | None:
        number = self._numbers.get(key or "")
        return None if number is None else self._records[number]

    def keys_of(self, codes: Iterable[str]) -> set[str]:
        wanted = set(codes)
        return {record.key for record in self._records if record.code in wanted}

    def search(self, said: Normalized, limit: int = 5) -> list[Hit]:
        """The best first; of the same procedure at several levels the one nearest to the ward."""
        if not self._records:
            return []
        asked = substance(said)
        mass = self._mass(asked)
        if not mass:
            return []
        scores: dict[int, float] = {}
        for word in asked:
            weight = self._idf.get(word, 0.0)
            for number in self._postings.get(word, ()):
                scores[number] = scores.get(number, 0.0) + weight
        rough = sorted(scores, key=lambda n: (-scores[n] / mass - 0.5 * scores[n] / self._masses[n], n))
        hits = [self._hit(number, asked, mass, said) for number in rough[:SHORTLIST]]
        hits.sort(key=lambda hit: (-hit.score, "xã" not in (hit.record.level or ""), hit.record.key))
        return _once_each(hits)[:limit]

    def share_said(self, said: Normalized, index: Index, key: str) -> float:
        """How much of the message a reviewed entry holds, measured as for the imported ones."""
        asked = substance(said)
        return self._mass(index.held(key, asked)) / (self._mass(asked) or 1.0)

    def _mass(self, words: Iterable[str]) -> float:
        return sum(self._idf.get(word, self._unknown) for word in words)

    def _hit(self, number: int, asked: frozenset[str], mass: float, said: Normalized) -> Hit:
        plain, accented = self._texts[number]
        common = _common(asked, said, plain, accented)
        shared = self._mass(common)
        whole = self._masses[number] if said.diacritics >= ACCENTED else self._mass(_told_bare(plain))
        covered, named = shared / mass, min(1.0, shared / (whole or 1.0))
        score = 0.55 * covered + 0.3 * min(1.0, named * 1.25) + 0.15 * _in_order(said, plain, common)
        return Hit(self._records[number], min(1.0, score), covered, named, len(common))


def subject(name: str) -> str:
    """The name without "Thủ tục …" and without the level it is done at."""
    return _WHERE_DONE.sub("", _OPENING.sub("", name)) or name


def label(record: Record) -> str:
    """The name short enough to be offered by number."""
    words = subject(record.name).rstrip(" .;,")
    if len(words) <= LONGEST_LABEL:
        return words
    return words[: LONGEST_LABEL - 1].rsplit(" ", 1)[0].rstrip(" ,;(-") + "…"


@lru_cache(maxsize=64)
def substance(said: Normalized) -> frozenset[str]:
    """The bare words that name something: without the asked part, politeness and little words."""
    written = script(said)
    facet = best_facet(said)
    around = [*(facet.found if facet else ()), *fillers().find(said, written)]
    little = _little(said)
    left = (word for word in without(written, around) if word not in little and len(word) > 1)
    return frozenset(word for word in left if not word.isdigit())


def _little(said: Normalized) -> set[str]:
    """The bare words of a message that only help: by their accents where it has accents."""
    if said.diacritics < ACCENTED:
        return set(stopwords()) & set(said.plain_tokens)
    return set(said.plain_tokens) - set(_content(said)[0].split())


def _told_bare(plain: str) -> set[str]:
    """The words of a name that a message without accents can be sure to mean."""
    return set(plain.split()) - stopwords()


@cache
def _little_forms() -> frozenset[str]:
    return frozenset(normalize(lexicon("imported")["little"]).tokens)


def _content(said: Normalized) -> tuple[str, str]:
    """The words that name something, bare and as written. Little words are told by their accents: "mới" is
    one, "môi" is not."""
    both = zip(said.plain_tokens, said.tokens, strict=True)
    kept = [(bare, form) for bare, form in both if form not in _little_forms()]
    return " ".join(bare for bare, _ in kept), " ".join(form for _, form in kept)


def _common(asked: frozenset[str], said: Normalized, plain: str, accented: str) -> set[str]:
    """Words of both; where the message has accents, a word with other accents is another word."""
    words = set(plain.split())
    if said.diacritics < ACCENTED:
        return words & asked
    forms = set(accented.split())
    typed = zip(said.plain_tokens, said.tokens, strict=True)
    return words & asked & {bare for bare, form in typed if form == bare or form in forms}


def _in_order(said: Normalized, plain: str, common: set[str]) -> float:
    """Share of the message's neighbouring words that are neighbours in the name as well."""
    tokens = [word for word in said.plain_tokens if word in common]
    pairs = [f" {one} {two} " for one, two in zip(tokens, tokens[1:], strict=False)]
    return sum(pair in f" {plain} " for pair in pairs) / len(pairs) if pairs else 0.0


def _once_each(hits: Sequence[Hit]) -> list[Hit]:
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(subject(hit.record.name).casefold(), hit)
    return list(best.values())


def _ended() -> set[str]:
    """Codes that have a known last day: the ward's own entries tell of them, or nobody does."""
    ends: Mapping[str, object] = lexicon("repealed")["codes_end"]
    return set(ends)
