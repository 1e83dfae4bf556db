"""docs/programmes.md names every row of the plans, every programme's file, and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

from bot.config import SAMPLE_WARD
from ward.programmes.load import load_files

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "programmes.md").read_text("utf-8")
LINES = [line.split(" | ") for line in DOCUMENT.splitlines() if line.startswith("| ")]
ROWS = {cells[0].removeprefix("| "): cells for cells in LINES if not cells[0].endswith("Row")}
SEEDS = [
    "SĐ-0", "SĐ-1", "SĐ-2", "SĐ-3", "SĐ-4", "SĐ-5", "SĐ-6", "SĐ-7", "SĐ-8", "SĐ-9", "SĐ-10", "SĐ-11",
    "SĐ-12", "SĐ-13", "SĐ-14", "SĐ-15", "SĐ-16", "SĐ-III.1", "SĐ-III.2", "SĐ-III.3/7", "SĐ-III.4",
    "SĐ-III.5", "SĐ-III.6", "SĐ-IV.1", "SĐ-IV.2", "PM-0", "PM-1", "PM-2", "PM-3", "PM-4", "PM-5", "PM-6",
    "PM-7", "PM-8", "PM-9", "PM-10", "PM-11", "PM-12", "PM-13", "PM-14", "PM-15", "PM-16", "PM-17",
    "PM-18", "PM-19", "PM-20", "PM-21", "PM-22", "PM-23", "PM-25", "PM-24", "PM-26", "ĐT-1", "ĐT-2",
    "ĐT-3", "ĐT-4", "ĐT-5", "ĐT-6", "ĐT-7", "ĐT-8", "ĐT-9", "ĐT-10", "ĐT-III.1", "ĐT-III.2", "ĐT-III.3",
    "ĐT-III.4", "ĐT-III.5–6", "ĐT-IV", "TH-1", "TH-2", "TH-3", "TH-4", "TH-III.1", "TH-III.2", "TH-III.3",
    "TH-III.4", "TH-III.5", "LX-1", "LX-2", "LX-3", "LX-4", "LX-5", "LX-6", "LX-7",
]  # fmt: skip
"""The rows of the five plans."""


def test_every_row_of_the_plans_stands_in_it_once() -> None:
    assert list(ROWS) == SEEDS


def test_every_programme_stands_at_the_rows_it_comes_from() -> None:
    for key, programme in load_files(SAMPLE_WARD).items():
        for row in programme.seed:
            assert f"`{key}`" in ROWS[row][2], (key, row)


def test_files_and_tests_it_names_are_there() -> None:
    files = load_files(SAMPLE_WARD)
    for row, cells in ROWS.items():
        assert len(cells) == 6, row
        assert set(re.findall(r"`([a-z0-9_]+)`", cells[2])) <= set(files), row
        test = cells[5].removesuffix(" |")
        assert test == "**waits**" or (ROOT / test.strip("`")).is_file(), row
