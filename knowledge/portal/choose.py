"""Whether a record nobody reviewed is told: shy of the reviewed entries, which always come first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from knowledge.portal.shelf import Hit, Shelf, label
from knowledge.search import Candidate, Index
from knowledge.text import Normalized
from knowledge.words import lexicon


def instead(
    shelf: Shelf, said: Normalized, decided: str, reviewed: Sequence[Candidate], index: Index
) -> list[Hit]:
    """What is told in place of the reviewed entries' answer, choices or silence (`decided`): one record,
    several to choose from, or, nearly always, none."""
    hits = shelf.search(said, int(_limits("choices")["most"]) + 1)
    if not hits or hits[0].words < int(lexicon("imported")["words"]):
        return []
    best, first = hits[0], reviewed[0] if reviewed else None
    held = shelf.share_said(said, index, first.key) if first else 0.0
    if _is_exact(best, first) or (decided != "intent" and _is_over_reviewed(best, held)):
        return [best] if _is_ahead(hits) else _to_choose(hits)
    if decided != "unsure" or (first is not None and first.score >= _limits("alone")["reviewed_below"]):
        return []
    return [best] if _is_strong(best, "alone") and _is_ahead(hits) else _to_choose(hits)


def behind(hits: Iterable[Hit]) -> list[Candidate]:
    """The hits for one list with reviewed entries: with so much less that those come first when near."""
    less = float(lexicon("imported")["behind"])
    found = (hit.as_candidate() for hit in hits)
    return [replace(one, score=round(max(0.0, one.score - less), 4)) for one in found]


def _limits(name: str) -> Mapping[str, float]:
    limits: Mapping[str, float] = lexicon("imported")[name]
    return limits


def _is_exact(best: Hit, first: Candidate | None) -> bool:
    """Nearly the official name, word for word."""
    least = _limits("exact")
    spoken = best.said >= least["said"] and best.named >= least["named"]
    return spoken and (first is None or first.score < least["reviewed_below"])


def _is_over_reviewed(best: Hit, held: float) -> bool:
    more = _limits("over_reviewed")["more_than_held"]
    return _is_strong(best, "over_reviewed") and best.said - held >= more


def _is_strong(best: Hit, name: str) -> bool:
    least = _limits(name)
    return best.said >= least["said"] and best.named >= least["named"] and best.score >= least["score"]


def _is_ahead(hits: Sequence[Hit]) -> bool:
    """Of the records that hold the words, one is named more fully than any other."""
    if len(hits) == 1:
        return True
    best, second = hits[0], hits[1]
    return best.score + best.named - second.score - second.named >= _limits("alone")["gap"]


def _to_choose(hits: Sequence[Hit]) -> list[Hit]:
    """The near ones that can be told apart by their short names; none when they are too many or one alone."""
    limits = _limits("choices")
    near = [hit for hit in hits if hit.score >= max(limits["score"], hits[0].score - limits["near"])]
    near = [hit for hit in near if hit.said >= limits["said"]]
    named = list({label(hit.record): hit for hit in reversed(near)}.values())[::-1]
    return named[: int(limits["most"])] if len(named) > 1 else []
