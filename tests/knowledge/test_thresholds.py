from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from knowledge.library import Library
from knowledge.thresholds import Thresholds, thresholds
from knowledge.understand import Context, decide, gather, understand

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


def test_what_answers_is_never_below_what_offers() -> None:
    with pytest.raises(ValidationError, match="lonely must not be above sure"):
        changed(lonely=0.7, sure=0.6)


def test_stricter_thresholds_answer_less(library: Library) -> None:
    text = "làm khai sinh cho bé cần giấy gì"
    strict = changed(floor=0.99, confirm=0.99, lonely=0.99, sure=0.99, very_sure=0.99)
    assert understand(text, FRESH, library).outcome == "answer"
    assert understand(text, FRESH, library, strict).outcome == "unsure"


def test_evidence_can_be_decided_many_times(library: Library) -> None:
    for text in ("làm khai sinh cho bé", "2", "giá vàng hôm nay", "tui muốn làm giấy đất", "", "cảm ơn em"):
        evidence = gather(text, library)
        assert decide(evidence, FRESH, library, thresholds()) == understand(text, FRESH, library)
