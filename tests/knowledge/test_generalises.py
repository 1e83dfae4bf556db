"""Questions of authors who saw neither search nor entries: what a change of either must not cost.

`fresh.jsonl`: its totals were looked at while the search was made. `unseen.jsonl`: written after that was
done, asked once, its questions read by nobody who changed anything.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import SAMPLE_WARD, Settings
from knowledge.evaluation.judge import Verdict, judge_all
from knowledge.evaluation.questions import read_questions
from tests.support.house import furnish
from wsgi import House

FOLDER = Path(__file__).parent / "questions"
pytestmark = pytest.mark.xdist_group("generalises")
LEAST_SOLVED = {"fresh": 0.83, "unseen": 0.84}
LEAST_FIRST = {"fresh": 0.77, "unseen": 0.75}


@pytest.fixture(scope="module", params=["fresh", "unseen"])
def named(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def verdicts(named: str, tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    folder = tmp_path_factory.mktemp("house")
    house = House(Settings(database_url=f"sqlite:///{furnish(folder)}/ward.db", ward_dir=SAMPLE_WARD))
    return judge_all(
        read_questions([FOLDER / f"{named}.jsonl"]), house.library, house.voice(None)(house.library)
    )


def share(verdicts: list[Verdict], name: str) -> float:
    asked = [one for one in verdicts if one.question.of_procedure]
    return sum(getattr(one, name) for one in asked) / len(asked)


def test_most_are_solved(named: str, verdicts: list[Verdict]) -> None:
    assert share(verdicts, "solved") >= LEAST_SOLVED[named]
    assert share(verdicts, "top1") >= LEAST_FIRST[named]


def test_hardly_any_is_answered_wrongly(verdicts: list[Verdict]) -> None:
    assert share(verdicts, "wrong") <= 0.02


def test_what_is_no_procedure_is_not_answered_as_one(verdicts: list[Verdict]) -> None:
    others = [one for one in verdicts if not one.question.of_procedure]
    assert len(others) > 15
    assert not [one.question.id for one in others if one.false]
