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
def _patterns() -> tuple[PatternSet, dict[str, float]]:
    patterns, weights = PatternSet(), {}
    for group in lexicon("facets")["facets"]:
        patterns.add(group["name"], group["patterns"])
        weights[group["name"]] = float(group["weight"])
    return patterns, weights


def facet_of(text: str | Normalized) -> Facet:
    """The asked part, `tong_quan` when none is named."""
    hit = best_facet(normalize(text) if isinstance(text, str) else text)
    return hit.facet if hit else DEFAULT


def best_facet(said: Normalized) -> FacetHit | None:
    patterns, weights = _patterns()
    text = script(said)
    found = patterns.find(said, text)
    if not found:
        return None
    best = max(found, key=lambda hit: (_score(hit, text, weights), hit.start, len(hit.written)))
    return FacetHit(best.name, _score(best, text, weights), tuple(found))  # type: ignore[arg-type]


def _score(hit: Found, text: str, weights: dict[str, float]) -> float:
    after = text.count(" ", hit.end)
    near_end = 1.0 - 0.5 * min(1.0, max(0, after - LAST_WORDS) / LAST_WORDS)
    return round(weights[hit.name] * near_end, 3)
