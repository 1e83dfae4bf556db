"""Which part of a procedure is asked: papers, time, fee, place …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from knowledge.patterns import Found, PatternSet, script
from knowledge.text import Normalized, normalize
from knowledge.words import lexicon

Facet = Literal[
    "ho_so", "thoi_han", "le_phi", "noi_nop", "dieu_kien", "trinh_tu",
    "bieu_mau", "ket_qua", "can_cu", "tong_quan", "other",
]  # fmt: skip
DEFAULT: Facet = "tong_quan"
LAST_WORDS = 14
"""A hit so near the end of a long message weighs more: the question comes after the story."""
PLACE: Facet = "noi_nop"
WITH_PLACE: tuple[Facet, ...] = ("ho_so", "thoi_han", "le_phi", "trinh_tu")
CLEAR = 1.7
"""Weight of a hit that is a question by itself."""
_MASK = "not_asked"
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_MACRO = re.compile(r"[A-Z]{3,}")


@dataclass(frozen=True, slots=True)
class FacetHit:
    facet: Facet
    score: float
    found: tuple[Found, ...]


@cache
def _patterns() -> tuple[PatternSet, list[tuple[Facet, float]]]:
    """The patterns under the number of their group, and each group's facet and weight."""
    data = lexicon("facets")
    patterns, groups = PatternSet(), []
    patterns.add(_MASK, _written_out(data["not_asked"], data["words"]))
    for number, group in enumerate(data["facets"]):
        patterns.add(str(number), _written_out(group["patterns"], data["words"]))
        groups.append((group["name"], float(group["weight"])))
    return patterns, groups


def _written_out(patterns: Sequence[str], words: dict[str, str]) -> list[str]:
    """The patterns with their word classes ("GIAYTO") replaced by the words."""
    return [_MACRO.sub(lambda found: f"({words[found[0]]})", pattern) for pattern in patterns]


def facet_of(text: str | Normalized) -> Facet:
    """The asked part, `tong_quan` when none is named."""
    hit = best_facet(normalize(text) if isinstance(text, str) else text)
    return hit.facet if hit else DEFAULT


def best_facet(said: Normalized) -> FacetHit | None:
    """The part asked for in the last sentence that asks for one."""
    found = _asked(said)
    if not found:
        return None
    for sentence in reversed(_sentences(said)):
        if hits := _asked(sentence):
            facet, score = _best(hits, script(sentence))
            return FacetHit(facet, score, tuple(found))
    facet, score = _best(found, script(said))
    return FacetHit(facet, score, tuple(found))


def _sentences(said: Normalized) -> list[Normalized]:
    """The sentences of a message of several; none when it is one."""
    parts = [part for part in _SENTENCE.split(said.original.strip()) if part]
    return [normalize(part) for part in parts] if len(parts) > 1 else []


def _asked(said: Normalized) -> list[Found]:
    """The hits, without those inside a phrase that only sounds like a question."""
    found = _patterns()[0].find(said)
    masks = [hit for hit in found if hit.name == _MASK]
    return [hit for hit in found if hit.name != _MASK and not _inside(hit, masks)]


def _inside(hit: Found, masks: Sequence[Found]) -> bool:
    return any(mask.start < hit.end and hit.start < mask.end for mask in masks)


def _best(found: Sequence[Found], text: str) -> tuple[Facet, float]:
    """The heaviest hit; of equals the first: the first question is the one people want most."""
    groups = _patterns()[1]
    if together := _whole_way(found, groups):
        return together
    best = max(found, key=lambda hit: (_score(hit, text, groups), -hit.start, len(hit.written)))
    return groups[int(best.name)][0], _score(best, text, groups)


def _whole_way(found: Sequence[Found], groups: list[tuple[Facet, float]]) -> tuple[Facet, float] | None:
    """Where to go and, apart from it, something else of the way asked in one sentence: how to go about it."""
    places = [hit for hit in found if groups[int(hit.name)][0] == PLACE]
    others = [hit for hit in found if groups[int(hit.name)][0] in WITH_PLACE and not _inside(hit, places)]
    weights = [groups[int(hit.name)][1] for hit in others]
    if not places or max(weights, default=0.0) < CLEAR:
        return None
    return "trinh_tu", max(weights)


def _score(hit: Found, text: str, groups: list[tuple[Facet, float]]) -> float:
    after = text.count(" ", hit.end)
    near_end = 1.0 - 0.5 * min(1.0, max(0, after - LAST_WORDS) / LAST_WORDS)
    return round(groups[int(hit.name)][1] * near_end, 3)
