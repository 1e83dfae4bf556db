"""What every truth rule is made of: a registry, what a rule may look at, and what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeVar

from knowledge.checks.official import Record
from knowledge.schema import Entry, Fact, Source
from knowledge.text import normalize

K = TypeVar("K")
V = TypeVar("V")
_CODE = re.compile(r"\b\d\.\d{6}\b")
Level = Literal["error", "warning"]
Hit = tuple[str, str]
"""Field (`fees.0`) and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`where`: file name and field."""

    level: Level
    where: str
    text: str
    rule: str = ""

    def __str__(self) -> str:
        name = f" [{self.rule}]" if self.rule else ""
        return f"{'LỖI' if self.level == 'error' else 'lưu ý'}  {self.where}: {self.text}{name}"


@dataclass(frozen=True)
class Context:
    """The whole library, the day, and the official records where they are given."""

    entries: tuple[Entry, ...]
    today: date
    records: dict[str, Record] | None = None

    @cached_property
    def by_key(self) -> dict[str, Entry]:
        """The first entry of each key."""
        return first_of((entry.key, entry) for entry in self.entries)

    @cached_property
    def asked(self) -> dict[str, tuple[Entry, str]]:
        """Plain question → the entry and field that had it first."""
        return first_of(
            (plain_of(words), (entry, field)) for entry in self.entries for field, words in asks(entry)
        )

    @cached_property
    def names(self) -> dict[str, Entry]:
        """Plain official or everyday name → its entry."""
        return first_of(
            (plain_of(name), entry)
            for entry in self.entries
            for name in (entry.official_name, entry.plain_name)
        )

    @cached_property
    def choices(self) -> dict[tuple[str, str], Entry]:
        return first_of(((entry.field, plain_of(entry.choice_name)), entry) for entry in self.entries)

    @cached_property
    def codes(self) -> dict[str, Entry]:
        return first_of((entry.code, entry) for entry in self.entries if entry.code is not None)

    def record(self, entry: Entry) -> Record | None:
        """The official record of the entry's code, if it is at hand."""
        return record_of(entry, self.records or {})


Run = Callable[[Entry, Context], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`explains`: what it demands, for whoever has to mend an entry."""

    name: str
    explains: str
    level: Level
    run: Run

    def findings(self, entry: Entry, context: Context) -> Iterator[Finding]:
        for field, text in self.run(entry, context):
            yield Finding(self.level, f"{entry.field}/{entry.key}.yaml {field}", text, self.name)


RULES: dict[str, Rule] = {}


def rule(name: str, explains: str, level: Level = "error") -> Callable[[Run], Run]:
    """Enter a function into the registry."""

    def enter(run: Run) -> Run:
        if name in RULES:
            raise ValueError(f"two rules are called {name}")
        RULES[name] = Rule(name, explains, level, run)
        return run

    return enter


def first_of(pairs: Iterable[tuple[K, V]]) -> dict[K, V]:
    found: dict[K, V] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def plain_of(words: str) -> str:
    return normalize(words).plain


def asks(entry: Entry) -> list[tuple[str, str]]:
    """Field and words of every question the entry answers to."""
    sides = [
        (f"faqs.{n}.asks.{m}", ask) for n, faq in enumerate(entry.faqs) for m, ask in enumerate(faq.asks)
    ]
    return [(f"phrasings.{n}", phrase) for n, phrase in enumerate(entry.phrasings)] + sides


_NOT_TOLD = {
    *("key", "code", "field", "kind", "official_name", "authority", "channels", "phrasings", "asks"),
    *("legal_basis", "links", "related", "superseded_by", "sources", "source", "confidence", "to_check"),
    *("unit", "how", "basis", "one_of"),
}


def told(entry: Entry) -> list[tuple[str, str]]:
    """Field and words of everything a citizen may be shown."""
    return [(field.removesuffix(".text"), words) for field, words in _strings(entry.model_dump(), "")]


def _strings(value: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in _NOT_TOLD:
                yield from _strings(inner, f"{field}.{name}".lstrip("."))
    elif isinstance(value, list | tuple):
        for n, inner in enumerate(value):
            yield from _strings(inner, f"{field}.{n}")


def source_of(entry: Entry, fact: Fact) -> Source:
    """The source a fact names, else the entry's first."""
    return next((one for one in entry.sources if one.id == fact.source), entry.sources[0])


def from_portal(entry: Entry, fact: Fact) -> bool:
    """Whether the fact rests on a page of the portal alone."""
    source = source_of(entry, fact)
    return "dichvucong.gov.vn" in (source.url or "") or "Cổng Dịch vụ công" in source.title


def record_of(entry: Entry, records: Mapping[str, Record]) -> Record | None:
    """The record of the entry's code, when it holds more than a name."""
    record = records.get(entry.code) if entry.code else None
    return record if record is not None and record.has_body else None


def record_behind(entry: Entry, fact: Fact, context: Context) -> Record | None:
    """The official record a fact was taken from: of the code its source names, else of the entry's own."""
    if not from_portal(entry, fact):
        return None
    cited = _CODE.search(source_of(entry, fact).title)
    record = (context.records or {}).get(cited[0] if cited else str(entry.code))
    return record if record is not None and record.has_body else None
