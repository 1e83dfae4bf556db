"""How sure is sure enough: the thresholds of `lexicon/choosing.yaml` as one value that is passed along."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knowledge.words import lexicon

Share = Field(ge=0, le=1)


class Thresholds(BaseModel):
    """All are scores 0..1 but `max_choices`. What each one means stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    floor: float = Share
    sure: float = Share
    gap: float = Share
    very_sure: float = Share
    small_gap: float = Share
    near: float = Share
    near_both: float = Share
    offer: float = Share
    lonely: float = Share
    new_request: float = Share
    pick: float = Share
    pick_gap: float = Share
    covers: float = Share
    max_choices: int = Field(ge=2, le=4)
    doubt: float = Share
    confirm: float = Share

    @model_validator(mode="after")
    def _rises(self) -> Thresholds:
        """What answers is never below what only offers."""
        steps = ("offer", "floor", "confirm", "lonely", "sure", "very_sure")
        for lower, higher in zip(steps, steps[1:], strict=False):
            if getattr(self, lower) > getattr(self, higher):
                raise ValueError(f"{lower} must not be above {higher}")
        return self


@cache
def thresholds() -> Thresholds:
    """Those in force."""
    return Thresholds.model_validate(lexicon("choosing")["thresholds"])
