"""What `python -m knowledge check` looks at: errors stop a release, warnings are told.

Each rule is a small function in the module of its family, entered into `RULES` with a name and the
Vietnamese sentence that says what it demands; `docs/knowledge.md` lists them all (tested).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from knowledge.checks import (
    dates,
    fees,
    law,
    names,
    numbers,
    papers,
    phrases,
    places,
    relations,
    sources,
    times,
)
from knowledge.checks.base import RULES, Context, Finding, Rule
from knowledge.checks.dates import not_current, review_due
from knowledge.checks.official import load_records, official_names
from knowledge.load import PROCEDURES, EntryError, load_entry
from knowledge.path_checks import check_paths
from knowledge.schema import Entry

__all__ = [
    "FAMILIES", "RULES", "Context", "Finding", "Rule", "check_all", "find", "load_records", "not_current",
    "official_names", "read_all", "review_due", "today_here",
]  # fmt: skip

FAMILIES = (names, sources, fees, times, papers, law, places, numbers, relations, phrases, dates)
"""The modules whose rules are in the registry."""
PATHS_RULE = "duong_di"
"""The name under which findings in bundles and guides are told; their own rules are in path_checks."""
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def check_all(
    root: Path = PROCEDURES, today: date | None = None, official: Path | None = None
) -> list[Finding]:
    """Everything found below `root`, errors first."""
    entries, found = read_all(root)
    records = load_records(official) if official is not None else None
    today = today or today_here()
    context = Context(tuple(entries), today, records)
    found += [Finding(*one, PATHS_RULE) for one in check_paths(root, entries, today)]
    return sorted([*found, *find(context)], key=lambda one: (one.level, one.where, one.text))


def find(context: Context) -> list[Finding]:
    """What every rule says of every entry."""
    return [
        finding
        for entry in context.entries
        for one in RULES.values()
        for finding in one.findings(entry, context)
    ]


def read_all(root: Path) -> tuple[Sequence[Entry], list[Finding]]:
    """The entries that can be read, and an error for each file that cannot."""
    entries: list[Entry] = []
    found: list[Finding] = []
    for path in sorted(root.glob("*/*.yaml")):
        try:
            entries.append(load_entry(path))
        except EntryError as error:
            found.append(Finding("error", f"{path.parent.name}/{path.name}", str(error), "dang_the"))
    return entries, found


def today_here() -> date:
    return datetime.now(VIETNAM).date()
