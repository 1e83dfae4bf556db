"""The entries' own phrasings as questions, asked of a library that does not hold them.

A phrasing is easy to find in the library it stands in. So the phrasings are held out in rounds: in each
round every entry lacks one of them, and just those are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from knowledge.evaluation.questions import Question
from knowledge.library import Library
from knowledge.schema import Entry

ROUNDS = 10
DEFAULT = (0, 4, 7)
"""Rounds that are enough to see a change, without asking every phrasing."""


@dataclass(frozen=True)
class Round:
    library: Library
    questions: tuple[Question, ...]


def held_out(entries: Sequence[Entry], rounds: Iterable[int] = DEFAULT) -> Iterator[Round]:
    for number in rounds:
        asked = tuple(probe for entry in entries for probe in _probes(entry, number))
        yield Round(Library.from_entries(_without(entry, number) for entry in entries), asked)


def _without(entry: Entry, number: int) -> Entry:
    kept = [phrase for n, phrase in enumerate(entry.phrasings) if n % ROUNDS != number]
    return entry.model_copy(update={"phrasings": kept})


def _probes(entry: Entry, number: int) -> Iterator[Question]:
    for n, phrase in enumerate(entry.phrasings):
        if n % ROUNDS == number:
            yield Question(
                id=f"{entry.key}-{n}",
                question=phrase,
                expected=(entry.code,) if entry.code else (),
                expected_key=entry.key,
                facet="other",
                kind="probe",
                note=f"need {entry.key}",
            )
