"""Which part of a procedure is asked: papers, time, fee, place …"""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class FacetHit:
    facet: Facet
    score: float
    found: tuple[Found, ...]


@cache
def _patterns() -> tuple[PatternSet, list[tuple[Facet, float]]]:
    """The patterns under the number of their group, and each group's facet and weight."""
    patterns, groups = PatternSet(), []
    for number, group in enumerate(lexicon("facets")["facets"]):
        patterns.add(str(number), group["patterns"])
        groups.append((group["name"], float(group["weight"])))
    return patterns, groups


def facet_of(text: str | Normalized) -> Facet:
    """The asked part, `tong_quan` when none is named."""
    hit = best_facet(normalize(text) if isinstance(text, str) else text)
    return hit.facet if hit else DEFAULT


def best_facet(said: Normalized) -> FacetHit | None:
    patterns, groups = _patterns()
    text = script(said)
    found = patterns.find(said, text)
    if not found:
        return None
    best = max(found, key=lambda hit: (_score(hit, text, groups), hit.start, len(hit.written)))
    return FacetHit(groups[int(best.name)][0], _score(best, text, groups), tuple(found))


def _score(hit: Found, text: str, groups: list[tuple[Facet, float]]) -> float:
    after = text.count(" ", hit.end)
    near_end = 1.0 - 0.5 * min(1.0, max(0, after - LAST_WORDS) / LAST_WORDS)
    return round(groups[int(hit.name)][1] * near_end, 3)
