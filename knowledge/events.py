"""Is a message about something that happened in a life, rather than about one procedure?

Two things must be in it: that everything there is to do is asked for ("giờ phải làm gì", "lo những giấy tờ
nào"), and an event, found with the same evidence as entries are. What names a matter of its own, one the
event does not speak of (khai sinh, sổ đất …), or asks for a part (fee, time, place) is no event.
"""

from __future__ import annotations

from functools import cache

from knowledge.intents import fillers
from knowledge.library import Library
from knowledge.paths import Bundle
from knowledge.patterns import PatternSet, script, without
from knowledge.search import Candidate, concepts_in, stopwords
from knowledge.text import Normalized
from knowledge.understand import Understanding
from knowledge.words import lexicon

WHOLE = ("tong_quan", "ho_so", "trinh_tu", "dieu_kien", "other")
"""Parts that an ordered list answers."""
CLOSE = 3
"""So many of the nearest events are looked at."""
YIELDING = ("other_authority", "out_of_scope")
"""Intents that a life event goes before."""


def life_event(understood: Understanding, library: Library) -> Bundle | None:
    """The bundle a message asks for, if it does."""
    if understood.facet not in WHOLE:
        return None
    if understood.intent is not None and understood.intent.name not in YIELDING:
        return None
    if not asks_for_all(understood.said) or not names_event(understood.said):
        return None
    found = nearest(understood.said, library)
    if found is None:
        return None
    best = understood.candidates[0].score if understood.candidates else 0.0
    least = _limit("changes" if understood.outcome == "followup" else "sure")
    sure = found.score >= least and found.score >= best - _limit("behind")
    bundle = library.bundle(found.key) if sure else None
    return None if bundle is None or _goes_on(understood, bundle) else bundle


def _goes_on(understood: Understanding, bundle: Bundle) -> bool:
    """Is it a further question about one of the bundle's own steps?"""
    return understood.outcome == "followup" and understood.key in bundle.entries()


def nearest(said: Normalized, library: Library) -> Candidate | None:
    """The event nearest to the message, unless the message names what this event knows nothing of."""
    found = [one for one in library.events.search(said, CLOSE) if _has_needed(said, library.bundle(one.key))]
    if not found:
        return None
    named = {hit.name for hit in concepts_in(said)}
    return found[0] if named <= library.events.concepts_of(found[0].key) else None


def _has_needed(said: Normalized, bundle: Bundle | None) -> bool:
    """Selling, giving and inheriting land are told alike: the word that decides must be there."""
    if bundle is None or not bundle.needs:
        return True
    patterns = PatternSet()
    patterns.add(bundle.key, bundle.needs)
    return bool(patterns.find(said))


@cache
def _patterns() -> PatternSet:
    patterns = PatternSet()
    patterns.add("all", lexicon("events")["asks_for_all"])
    return patterns


def asks_for_all(said: Normalized) -> bool:
    return bool(_patterns().find(said))


def names_event(said: Normalized) -> bool:
    """Is anything said beside the asking itself?"""
    text = script(said)
    left = without(text, [*_patterns().find(said, text), *fillers().find(said, text)])
    return len(left) > 1 or any(word not in stopwords() for word in left)


def _limit(name: str) -> float:
    return float(lexicon("events")["thresholds"][name])
