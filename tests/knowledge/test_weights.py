"""Fitting the weights of the ranking, on samples whose truth is known."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from knowledge.evaluation.weights import Sample, fit
from knowledge.ranking import FILE, Ranking, Signals, ranking, write_ranking
from knowledge.words import LexiconError
from knowledge.yaml_file import read_yaml

NOTHING = Signals(0, 0, 0, 0, 0, 0, 0)


def sample(chance: random.Random) -> Sample:
    """Six topics; the right one mostly has most `words`, `spelling` says nothing, `lacks` speaks against."""
    right = chance.randrange(6)
    signals = tuple(
        NOTHING._replace(
            words=chance.uniform(0.3, 0.9) if place == right else chance.uniform(0.0, 0.6),
            spelling=chance.random(),
            lacks=0.0 if place == right else chance.choice((0.0, 0.2)),
        )
        for place in range(6)
    )
    return Sample(signals, tuple(place == right for place in range(6)))


@pytest.fixture(scope="module")
def fitted() -> Ranking:
    chance = random.Random(11)
    return fit([sample(chance) for _ in range(300)])


def test_what_tells_is_weighed_and_what_does_not_is_not(fitted: Ranking) -> None:
    assert fitted.words > 1
    assert fitted.spelling < fitted.words / 5
    assert fitted.lacks < -1
    assert fitted.body == fitted.phrases == 0  # never seen


def test_no_signal_is_weighed_against_its_sense() -> None:
    chance = random.Random(12)
    turned = [
        Sample(one.signals, tuple(not right for right in one.right)) for one in map(sample, [chance] * 100)
    ]
    against = fit(turned)
    assert against.words == 0
    assert against.lacks == 0


def test_a_score_is_about_the_chance_of_being_right(fitted: Ranking) -> None:
    chance = random.Random(13)
    scored = []
    for one in (sample(chance) for _ in range(600)):
        ranked = sorted(zip(map(fitted.score, one.signals), one.right, strict=True), reverse=True)
        scored += ranked[:3]
    sure = [right for score, right in scored if score > 0.7]
    unlikely = [right for score, right in scored if score < 0.2]
    assert sum(sure) / len(sure) > 0.7
    assert sum(unlikely) / len(unlikely) < 0.25


def test_written_weights_are_read_back_and_comments_stay(fitted: Ranking, tmp_path: Path) -> None:
    path = tmp_path / "ranking.yaml"
    path.write_text(FILE.read_text("utf-8"), "utf-8")
    write_ranking(fitted, path)
    assert Ranking.model_validate(read_yaml(path)) == fitted
    assert path.read_text("utf-8").splitlines()[0] == FILE.read_text("utf-8").splitlines()[0]


def test_a_file_without_a_weight_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "ranking.yaml"
    path.write_text("bias: 1\n", "utf-8")
    with pytest.raises(LexiconError, match="words"):
        write_ranking(ranking(), path)
    assert path.read_text("utf-8") == "bias: 1\n"
