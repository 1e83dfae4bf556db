"""Is the question one of an entry's side questions? Then its answer comes first."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz

from knowledge.schema import Entry, Faq
from knowledge.search import stopwords
from knowledge.text import normalize

ALIKE = 90.0
"""token_set_ratio from which two questions are alike."""
SAID = 0.5
"""Share of what sets the side question apart that must have been said."""


def nearest_faq(text: str, entry: Entry, day: date) -> Faq | None:
    said = normalize(text).plain
    name = frozenset(normalize(f"{entry.plain_name} {entry.choice_name}").plain_tokens)
    scored = [
        (max(_likeness(said, _plain(ask), name) for ask in faq.asks), -place, faq)
        for place, faq in enumerate(entry.faqs)
        if faq.holds_on(day)
    ]
    best = max(scored, key=lambda item: item[:2], default=None)
    return best[2] if best and best[0] else None


def _likeness(said: str, ask: str, name: frozenset[str]) -> float:
    """How alike, 0 unless the very words that make it this side question were said."""
    telling = set(ask.split()) - name - stopwords()
    spoken = set(said.split())
    if not telling or len(telling & spoken) < SAID * len(telling):
        return 0.0
    alike = fuzz.token_set_ratio(said, ask)
    return alike + fuzz.token_sort_ratio(said, ask) / 100 if alike >= ALIKE else 0.0


@lru_cache(maxsize=4096)
def _plain(ask: str) -> str:
    return normalize(ask).plain
