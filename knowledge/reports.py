"""What a citizen's report says: its topic, how urgent it sounds, whether it names a place. Pure.

Nothing here decides: the urgency is a proposal to the official, the topic only chooses kind words and finds
reports that may be the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from knowledge.patterns import PatternSet, script
from knowledge.text import Normalized, normalize
from knowledge.words import lexicon

LONGEST_ANSWER = 8
"""Words of a message that may be a bare answer to a question about the report."""


@dataclass(frozen=True, slots=True)
class Urgency:
    """A proposal, with the words it rests on."""

    level: str
    because: tuple[str, ...] = ()


def topic_of(words: str) -> str | None:
    """The first topic, in the order of the list, that the words carry."""
    said = normalize(words)
    found = {hit.name for hit in _set("topics").find(said)}
    return next((name for name in lexicon("reports")["topics"] if name in found), None)


def topics() -> tuple[str, ...]:
    return tuple(lexicon("reports")["topics"])


def has_place(topic: str | None) -> bool:
    """Is it something that stands somewhere in the ward?"""
    return topic is None or lexicon("reports")["topics"][topic].get("place", True)


def names_place(words: str) -> bool:
    return bool(_set("places").find(normalize(words)))


def urgency_of(words: str) -> Urgency:
    said = normalize(words)
    for level in ("urgent", "soon"):
        if _set(f"{level} unless").find(said):
            continue
        hits = _set(level).find(said)
        if hits:
            return Urgency(level, tuple(dict.fromkeys(_typed(said, hit.start, hit.end) for hit in hits)))
    return Urgency("normal")


def answer_of(words: str, *wanted: str) -> str | None:
    """Which of the wanted answers a short message gives; the longest hit counts."""
    said = normalize(words)
    if not said.tokens or len(said.tokens) > LONGEST_ANSWER:
        return None
    hits = [hit for hit in _set("answers").find(said) if hit.name in wanted]
    return max(hits, key=lambda hit: hit.end - hit.start).name if hits else None


def speaks_of_a_death(words: str) -> bool:
    return bool(_set("mourning").find(normalize(words)))


def tells_of_late_dossier(words: str) -> bool:
    said = normalize(words)
    return bool(_set("late_dossier").find(said)) and not _set("late_dossier unless").find(said)


@cache
def _set(name: str) -> PatternSet:
    """The patterns of one list of the file, ready to search."""
    raw, patterns = lexicon("reports"), PatternSet()
    if name in ("topics", "answers"):
        for key, value in raw[name].items():
            patterns.add(key, value["patterns"] if isinstance(value, dict) else value)
    elif name in ("places", "mourning"):
        patterns.add(name, raw[name])
    else:
        key, _, exceptions = name.partition(" ")
        rule = raw["late_dossier"] if key == "late_dossier" else raw["urgency"][key]
        patterns.add(name, rule.get("unless", []) if exceptions else rule["patterns"])
    return patterns


def _typed(said: Normalized, start: int, end: int) -> str:
    """The words of a hit, as they were read."""
    before = script(said)[:start].count(" ")
    count = script(said)[start:end].count(" ")
    return " ".join(said.tokens[before : before + count])
