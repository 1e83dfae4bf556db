"""How long the library thinks about one question."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from benchmarks.made_up import records
from benchmarks.questions import mistyped
from benchmarks.report import Bench, Goal, quantile
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.understand import Context, understand

P95_GOAL_MS = 5.0
IMPORTED_GOAL_MS = 25.0
IMPORTED = 2642
"""As many records as a crawl of the portal leaves; here made up of the entries' own official names."""


def milliseconds(ask: Callable[[str], object], questions: list[str]) -> list[float]:
    """Of the processor: what else the machine does meanwhile is not counted."""
    taken = []
    for question in questions:
        began = time.process_time()
        ask(question)
        taken.append((time.process_time() - began) * 1000)
    return taken


def _row(what: str, taken: list[float]) -> list[str]:
    shown = [f"{value:.2f}" for value in (quantile(taken, 0.5), quantile(taken, 0.95), max(taken))]
    return [what, str(len(taken)), *shown]


def bench(quick: bool) -> Bench:
    began = time.process_time()
    library = Library.from_entries(load_entries())
    built = time.process_time() - began
    chance = random.Random(20251121)
    asked = [
        (entry.key, mistyped(phrasing, chance)) for entry in library.entries() for phrasing in entry.phrasings
    ]
    asked = chance.sample(asked, min(len(asked), 300 if quick else 2000))
    questions = [words for _, words in asked]
    for question in questions[:20]:
        understand(question, Context(), library)
    searched = milliseconds(library.search, questions)
    imported = library.with_imported(records(library.entries(), IMPORTED))
    among = milliseconds(imported.search, questions)
    understood = milliseconds(lambda words: understand(words, Context(), library), questions)
    found = sum(key in {hit.key for hit in library.search(words)} for key, words in asked)
    p95 = quantile(searched, 0.95)
    return Bench(
        "search",
        f"One question to the ward's library of {len(library)} entries: the entries' own phrasings without "
        "accents and with one slip of the fingers. Times are of the processor.",
        ["what", "questions", "p50 ms", "p95 ms", "longest ms"],
        [
            _row("search", searched),
            _row(f"search with {len(imported.imported)} imported records", among),
            _row("search and understanding", understood),
        ],
        [
            Goal(f"search p95 < {P95_GOAL_MS:.0f} ms", f"{p95:.2f} ms", p95 < P95_GOAL_MS),
            Goal(
                f"with imported records p95 < {IMPORTED_GOAL_MS:.0f} ms",
                f"{quantile(among, 0.95):.2f} ms",
                quantile(among, 0.95) < IMPORTED_GOAL_MS,
            ),
        ],
        [
            f"The entry meant was among the five found for {found / len(asked):.1%} of the questions.",
            f"Reading the entries' files and building the index took {built:.1f} s.",
        ],
    )
