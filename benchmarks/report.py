"""What a bench hands back, and how it is shown."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Mapping, Sequence
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


def circumstances(quick: bool) -> str:
    """Where and when a bench was run: below its figures, for each may be of another day."""
    busy = os.getloadavg()[1]
    return (
        f"*{datetime.now(UTC):%Y-%m-%d}; {_cpu_model()}, {os.cpu_count()} cores, {_memory_gib():.0f} GiB; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; "
        f"load average when it began: {busy:.1f}{', short run (`--quick`)' if quick else ''}*\n"
    )


def sections_of(report: str) -> dict[str, str]:
    """The sections of a report, by name."""
    pieces = re.split(r"(?m)^## (.+)\n", report)
    return {name: f"## {name}\n{text}" for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def merged(report: str, head: str, renewed: Mapping[str, str], order: Sequence[str]) -> str:
    """The report with these sections renewed and all others as they were; those no longer measured go."""
    kept = sections_of(report) | dict(renewed)
    return "\n".join([head, *(kept[name].rstrip("\n") + "\n" for name in order if name in kept)])
