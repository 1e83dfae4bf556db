"""Reminders due in the same minute, workers killed, two clocks: each is said exactly once.

One whose request had left when its worker died is unknown: listed for a call, never repeated.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.reminders import COUNT, KILLS, RATE, measure


@pytest.mark.parametrize(
    ("count", "kills", "rate"),
    [(150, 1, 6000), pytest.param(COUNT, KILLS, RATE, marks=pytest.mark.soak)],
    ids=["short", "full"],
)
def test_each_is_said_exactly_once(
    database_url: str, tmp_path: Path, count: int, kills: int, rate: int
) -> None:
    got = measure(database_url, tmp_path, count, kills, rate)
    print(got)
    assert got.delivered + got.unknown == count
    assert (got.twice, got.lost) == (0, 0)
    assert got.listed == got.unknown
