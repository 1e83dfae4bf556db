"""Officials and citizens at once, through real processes: nothing fails, no answer is lost."""

from __future__ import annotations

import pytest

from benchmarks.console import play


@pytest.mark.parametrize(
    ("officials", "seconds", "per_second"),
    [(12, 6, 5), pytest.param(50, 60, 20, marks=pytest.mark.soak)],
    ids=["short", "full"],
)
def test_officials_answer_while_citizens_ask(officials: int, seconds: float, per_second: float) -> None:
    outcome = play(None, seconds, per_second, officials=officials)
    assert outcome.seen.wrong == []
    assert outcome.seen.answered
    assert outcome.lost == []
    assert outcome.unanswered == 0
