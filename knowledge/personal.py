"""An entry cut down to the cases that hold for one person: the personal checklist."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from knowledge.schema import Document, Duration, Entry, Fee, Place

Told = TypeVar("Told", Duration, Fee, Place)


def for_person(entry: Entry, cases: Collection[str], leaves_out: Sequence[str] = ()) -> Entry:
    """Papers, times, fees and places without a case and of these cases; of the terms, only theirs."""
    kept = {
        "documents": _papers(entry.documents, cases, leaves_out),
        "times": _of_cases(entry.times, cases),
        "fees": _of_cases(entry.fees, cases),
        "places": _of_cases(entry.places, cases),
        "conditions": [term for term in entry.conditions if term.when in cases],
        "mistakes": [slip for slip in entry.mistakes if slip.when in cases],
    }
    return entry.model_copy(update=kept)


def _papers(papers: Sequence[Document], cases: Collection[str], leaves_out: Sequence[str]) -> list[Document]:
    """The chosen cases are no longer cases: their papers are simply to be brought."""
    wanted = [paper for paper in papers if paper.when is None or paper.when in cases]
    return [
        paper.model_copy(update={"when": None})
        for paper in wanted
        if not paper.name.startswith(tuple(leaves_out))
    ]


def _of_cases(facts: Sequence[Told], cases: Collection[str]) -> list[Told]:
    """What is told of their cases; where nothing is, everything with its case."""
    return [fact for fact in facts if fact.when is None or fact.when in cases] or list(facts)
