"""Officials and citizens at once, through real processes: nothing fails, no answer is lost."""

from __future__ import annotations

import pytest

from benchmarks.console import play


@pytest.mark.parametrize(
    ("seconds", "per_second"),
    [(6, 5), pytest.param(60, 20, marks=pytest.mark.soak)],
    ids=["short", "full"],
)
def test_fifty_officials_answer_while_citizens_ask(seconds: float, per_second: float) -> None:
    outcome = play(None, seconds, per_second)
    assert outcome.seen.wrong == []
    assert outcome.seen.answered
    assert outcome.lost == []
    assert outcome.unanswered == 0
