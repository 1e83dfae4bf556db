"""What a search costs as entries grow: each size in a process of its own."""

from __future__ import annotations

import gc
import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.made_up import SEED, records, sized
from benchmarks.plot import Line, as_svg
from benchmarks.processes import ROOT
from benchmarks.questions import mistyped
from benchmarks.report import Bench, Goal, quantile
from benchmarks.search import IMPORTED, IMPORTED_GOAL_MS, P95_GOAL_MS, milliseconds
from knowledge.library import Library
from knowledge.load import load_entries

SIZES = (250, 0, IMPORTED, 10_000)
"""0: as many entries as the ward has."""
QUESTIONS, FEW = 1000, 200
PICTURE = ROOT / "docs" / "images" / "search-cost.svg"


@dataclass(frozen=True)
class Cost:
    entries: int
    imported: int
    built_s: float
    memory_mib: float
    p50: float
    p95: float
    longest: float


def cost_of(count: int, imported: int, asked: int) -> Cost:
    """Measured in this process, so it should be a new one: memory once taken is seldom given back."""
    real = load_entries()
    entries = sized(real, count or len(real))
    found = records(real, imported)
    before = _resident_mib()
    began = time.process_time()
    library = Library.from_entries(entries)
    library = library.with_imported(found) if found else library
    built = time.process_time() - began
    held = _resident_mib() - before
    chance = random.Random(SEED)
    phrasings = [phrase for entry in real for phrase in entry.phrasings]
    questions = [mistyped(phrase, chance) for phrase in chance.sample(phrasings, asked)]
    milliseconds(library.search, questions[:20])
    took = milliseconds(library.search, questions)
    shown = (quantile(took, 0.5), quantile(took, 0.95), max(took))
    return Cost(len(library), len(library.imported), built, held, *shown)


def _resident_mib() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def bench(quick: bool) -> Bench:
    asked = FEW if quick else QUESTIONS
    wanted = [(size, 0) for size in SIZES[:-1] if not quick or size <= IMPORTED]
    wanted += [(0, IMPORTED), *([] if quick else [(SIZES[-1], 0)])]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        costs = list(pool.map(cost_of, *zip(*wanted, strict=True), [asked] * len(wanted)))
    PICTURE.write_text(picture([cost for cost in costs if not cost.imported]), "utf-8")
    ward = next(
        cost for (size, imported), cost in zip(wanted, costs, strict=True) if not size and not imported
    )
    among = next(cost for cost in costs if cost.imported)
    many = next(cost for cost in costs if cost.entries == IMPORTED)
    return Bench(
        "growth",
        "One search as entries grow, each size in a new process. Entries beyond the ward's own are crossed "
        f"from two of them (names, phrasings; seed {SEED}), so neighbours are nearer than in life. {asked} "
        "questions: the entries' phrasings without accents and with one slip of the fingers. Building: from "
        "entries already read; MiB: what the library then adds to the process. Times are of the processor.",
        ["entries", "imported records beside them", "p50 ms", "p95 ms", "longest ms", "built in s", "MiB"],
        [_row(cost) for cost in costs],
        [
            _goal("the ward's library", ward, P95_GOAL_MS),
            _goal("with the portal's records beside it", among, IMPORTED_GOAL_MS),
            _goal(f"{IMPORTED} full entries", many, IMPORTED_GOAL_MS),
        ],
        [f"![Time of a search by number of entries](images/{PICTURE.name})"],
    )


def _row(cost: Cost) -> list[str]:
    times = [f"{value:.2f}" for value in (cost.p50, cost.p95, cost.longest, cost.built_s)]
    return [
        f"{cost.entries:,}",
        f"{cost.imported:,}" if cost.imported else "",
        *times,
        f"{cost.memory_mib:.0f}",
    ]


def _goal(what: str, cost: Cost, most: float) -> Goal:
    return Goal(f"{what}: p95 < {most:.0f} ms", f"{cost.p95:.2f} ms", cost.p95 < most)


def picture(costs: list[Cost]) -> str:
    """Both axes by powers of ten."""
    return as_svg(
        "Time of one search by number of entries",
        ("entries", "milliseconds"),
        [
            Line("p50", "#1f77b4", [(cost.entries, cost.p50) for cost in costs]),
            Line("p95", "#d62728", [(cost.entries, cost.p95) for cost in costs]),
        ],
    )
