"""What a bench hands back, and how it is shown."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Goal:
    """Held or not; never an assertion, for machines differ."""

    what: str
    measured: str
    met: bool


@dataclass(frozen=True)
class Bench:
    name: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = field(default=())

    def markdown(self) -> str:
        parts = [f"## {self.name}\n", f"{self.about}\n", _table(self.columns, self.rows)]
        if self.goals:
            met = [(goal.what, goal.measured, "yes" if goal.met else "**no**") for goal in self.goals]
            parts.append(_table(("goal", "measured", "met"), met))
        parts += [f"{note}\n" for note in self.notes]
        return "\n".join(parts)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def machine(quick: bool) -> str:
    busy = os.getloadavg()[1]
    lines = [
        f"- processor: {_cpu_model()}, {os.cpu_count()} cores; memory: {_memory_gib():.0f} GiB",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        f"- {datetime.now(UTC):%Y-%m-%d}, load average when it began: {busy:.1f}"
        + (", short run (`--quick`)" if quick else ""),
    ]
    return "\n".join(lines) + "\n"
