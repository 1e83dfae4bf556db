"""Our search beside other ways to find the same entry: the same questions, entries, machine and run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT
from benchmarks.report import Bench, Goal, quantile
from benchmarks.rivals import DEEP, Rival, Search, rivals
from knowledge.evaluation.judge import right_keys
from knowledge.evaluation.questions import Question, read_questions
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.paths import load_paths
from knowledge.schema import Entry
from knowledge.understand import Context, understand

TRACKED = ROOT / "tests" / "knowledge" / "questions"
BESIDE = ROOT.parent / "shared" / "questions"
"""More labelled questions, where they lie beside the repository."""
WARM_UP = 20
NOTE = """“Stripped”: question and texts without accents. Our thresholds and weights are fitted to labelled
questions (`python -m knowledge calibrate`), those of `tune.jsonl` among them; the other ways have nothing
to fit."""


@dataclass(frozen=True)
class Asked:
    text: str
    right: frozenset[str]


@dataclass(frozen=True)
class Measured:
    """`places`: where the first right entry stood, 0 when not among the first; `took`: ms of each search."""

    places: tuple[int, ...]
    took: tuple[float, ...]
    built: float

    def within(self, most: int) -> float:
        return sum(0 < place <= most for place in self.places) / len(self.places)

    @property
    def mrr(self) -> float:
        return sum(1 / place for place in self.places if place) / len(self.places)


def question_files() -> list[Path]:
    return [*sorted(TRACKED.glob("*.jsonl")), *sorted(BESIDE.glob("*.jsonl"))]


def asked_of(questions: Sequence[Question], library: Library) -> list[Asked]:
    """Questions for a procedure that the library holds, each one message that says what it wants."""
    made = []
    for question in questions:
        right: frozenset[str] = frozenset().union(*right_keys(question, library))
        if question.of_procedure and question.context is None and right:
            made.append(Asked(question.question, right))
    return made


def place_of(found: Sequence[str], right: frozenset[str]) -> int:
    """1 for the first; 0 when none of them is right."""
    return next((place for place, key in enumerate(found[:DEEP], 1) if key in right), 0)


def measure(rival: Rival, entries: Sequence[Entry], asked: Sequence[Asked]) -> Measured:
    began = time.process_time()
    search = rival.build(entries)
    built = time.process_time() - began
    for one in asked[:WARM_UP]:
        search(one.text)
    places, took = [], []
    for one in asked:
        began = time.process_time()
        found = search(one.text)
        took.append((time.process_time() - began) * 1000)
        places.append(place_of(found, one.right))
    return Measured(tuple(places), tuple(took), built)


def _our_search(entries: Sequence[Entry]) -> Search:
    library = Library.from_entries(entries)
    return lambda question: [found.key for found in library.search(question, DEEP)]


def _our_understanding(entries: Sequence[Entry]) -> Search:
    library = Library.from_entries(entries, load_paths())

    def ranked(question: str) -> list[str]:
        got = understand(question, Context(), library)
        thought_of = [one.key for one in (*got.choices, *got.candidates)]
        return list(dict.fromkeys([*([got.key] if got.key else []), *thought_of]))

    return ranked


OURS = (
    Rival("**our search**", "full text", "both", _our_search),
    Rival("**our search and understanding**", "full text", "both", _our_understanding),
)


def bench(quick: bool) -> Bench:
    entries = load_entries()
    files = question_files()
    asked = asked_of(read_questions(files), Library.from_entries(entries))
    asked = asked[::8] if quick else asked
    measured = [(rival, measure(rival, entries, asked)) for rival in (*OURS, *rivals())]
    ours, best = measured[0][1], max(one.within(1) for _, one in measured[len(OURS) :])
    return Bench(
        "compare",
        f"{len(asked)} labelled questions as people write them ({', '.join(path.name for path in files)}), "
        f"each one message that asks for one of {len(entries)} entries, one after the other in one thread. "
        f"MRR over the first {DEEP}; what is built is built from entries already read; the time of a search "
        "has the making ready of the question in it. Times are of the processor.",
        ["way", "looks at", "accents", "first", "in 3", "MRR", "p50 ms", "p95 ms", "built in s"],
        [_row(rival, one) for rival, one in measured],
        [Goal("our search is right first more often than any other", f"{ours.within(1):.1%} : {best:.1%}",
              ours.within(1) > best)],
        [NOTE],
    )  # fmt: skip


def _row(rival: Rival, one: Measured) -> list[str]:
    shares = [f"{one.within(1):.1%}", f"{one.within(3):.1%}", f"{one.mrr:.3f}"]
    times = [f"{quantile(one.took, 0.5):.2f}", f"{quantile(one.took, 0.95):.2f}", f"{one.built:.2f}"]
    return [rival.name, rival.over, rival.accents, *shares, *times]
