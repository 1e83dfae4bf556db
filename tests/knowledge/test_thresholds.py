from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from knowledge.library import Library
from knowledge.thresholds import FILE, Thresholds, thresholds, write_thresholds
from knowledge.understand import Context, decide, gather, understand
from knowledge.words import LexiconError

FRESH = Context()


def changed(**limits: Any) -> Thresholds:
    return Thresholds.model_validate(thresholds().model_dump() | limits)


def test_the_file_holds_every_threshold_and_nothing_else() -> None:
    with pytest.raises(ValidationError, match="Field required"):
        Thresholds.model_validate({"floor": 0.3})
    with pytest.raises(ValidationError, match="flor"):
        changed(flor=0.3)


@pytest.mark.parametrize("wrong", [{"sure": 1.5}, {"gap": -0.1}, {"max_choices": 5}, {"near": "nhiều"}])
def test_values_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        changed(**wrong)


def test_what_answers_stands_above_what_offers() -> None:
    with pytest.raises(ValidationError, match="lonely must be below sure"):
        changed(lonely=0.7, sure=0.7)


def test_writing_keeps_everything_else(tmp_path: Path) -> None:
    path = tmp_path / "choosing.yaml"
    path.write_text(FILE.read_text("utf-8"), "utf-8")
    wanted = changed(sure=0.61, max_choices=3)
    write_thresholds(wanted, path)
    before, after = FILE.read_text("utf-8").splitlines(), path.read_text("utf-8").splitlines()
    assert yaml.safe_load(path.read_text("utf-8"))["thresholds"] == wanted.model_dump()
    different = [new for old, new in zip(before, after, strict=True) if old != new]
    assert [line.split("#")[0].split() for line in different] == [["sure:", "0.61"], ["max_choices:", "3"]]
    assert different[0].endswith("trả lời")


def test_a_file_without_its_lines_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "choosing.yaml"
    path.write_text("thresholds: {}\n", "utf-8")
    with pytest.raises(LexiconError, match="floor"):
        write_thresholds(thresholds(), path)
    assert path.read_text("utf-8") == "thresholds: {}\n"


def test_stricter_thresholds_answer_less(library: Library) -> None:
    text = "sửa năm sinh ghi sai trên giấy khai sinh"
    strict = changed(floor=0.95, confirm=0.96, lonely=0.97, sure=0.98, very_sure=0.99)
    assert understand(text, FRESH, library).outcome == "answer"
    assert understand(text, FRESH, library, strict).outcome == "unsure"


def test_evidence_can_be_decided_many_times(library: Library) -> None:
    for text in ("làm khai sinh cho bé", "2", "giá vàng hôm nay", "tui muốn làm giấy đất", "", "cảm ơn em"):
        evidence = gather(text, library)
        assert decide(evidence, FRESH, library, thresholds()) == understand(text, FRESH, library)
