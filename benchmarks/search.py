"""How long the library thinks about one question."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from benchmarks.questions import mistyped
from benchmarks.report import Bench, Goal, quantile
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.portal.record import PORTAL, Record
from knowledge.understand import Context, understand

P95_GOAL_MS = 5.0
IMPORTED_GOAL_MS = 25.0
IMPORTED = 2600
"""As many records as a crawl of the portal leaves; here made up of the entries' own official names."""


def _milliseconds(ask: Callable[[str], object], questions: list[str]) -> list[float]:
    taken = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _row(what: str, taken: list[float]) -> list[str]:
    shown = [f"{value:.2f}" for value in (quantile(taken, 0.5), quantile(taken, 0.95), max(taken))]
    return [what, str(len(taken)), *shown]


def _imported(library: Library) -> list[Record]:
    """Long official names of the usual words: the beginning of one, the end of another."""
    names = [entry.official_name.split() for entry in library.entries()]
    chance = random.Random(20251121)
    pairs = ((chance.choice(names), chance.choice(names)) for _ in range(IMPORTED))
    empty = dict.fromkeys(("field", "level", "body", "audience", "decision", "ministry"))
    return [
        Record(
            code=f"9.{n:06}",
            name=" ".join((*one[: len(one) // 2 + 1], *other[len(other) // 2 :])),
            url=f"https://{PORTAL}/{n}",
            **empty,
        )
        for n, (one, other) in enumerate(pairs)
    ]


def bench(quick: bool) -> Bench:
    began = time.perf_counter()
    library = Library.from_entries(load_entries())
    built = time.perf_counter() - began
    chance = random.Random(20251121)
    asked = [
        (entry.key, mistyped(phrasing, chance)) for entry in library.entries() for phrasing in entry.phrasings
    ]
    asked = chance.sample(asked, min(len(asked), 300 if quick else 2000))
    questions = [words for _, words in asked]
    for question in questions[:20]:
        understand(question, Context(), library)
    searched = _milliseconds(library.search, questions)
    imported = library.with_imported(_imported(library))
    among = _milliseconds(imported.search, questions)
    understood = _milliseconds(lambda words: understand(words, Context(), library), questions)
    found = sum(key in {hit.key for hit in library.search(words)} for key, words in asked)
    p95 = quantile(searched, 0.95)
    return Bench(
        "search",
        f"One question to the ward's library of {len(library)} entries: the entries' own phrasings without "
        "accents and with one slip of the fingers.",
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
