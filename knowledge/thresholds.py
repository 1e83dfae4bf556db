"""How sure is sure enough: the thresholds of `lexicon/choosing.yaml` as one value that is passed along."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knowledge.words import LEXICON, LexiconError, lexicon
from knowledge.yaml_file import parse_yaml

FILE = LEXICON / "choosing.yaml"
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
        """What answers stands above what only offers."""
        steps = ("offer", "floor", "confirm", "lonely", "sure", "very_sure")
        for lower, higher in zip(steps, steps[1:], strict=False):
            if getattr(self, lower) >= getattr(self, higher):
                raise ValueError(f"{lower} must be below {higher}")
        return self


@cache
def thresholds() -> Thresholds:
    """Those in force."""
    return Thresholds.model_validate(lexicon("choosing")["thresholds"])


def write_thresholds(limits: Thresholds, path: Path = FILE) -> None:
    """Put the values into the file; its comments and everything else stay as they are."""
    text = path.read_text("utf-8")
    for name, value in limits.model_dump().items():
        shown = str(value) if isinstance(value, int) else f"{value:.2f}"
        text, changed = re.subn(rf"(?m)^(  {name}: *)[\d.]+", rf"\g<1>{shown}", text)
        if changed != 1:
            raise LexiconError(f"{path.name}: expected one line `  {name}: …`, found {changed}")
    if Thresholds.model_validate(parse_yaml(text)["thresholds"]) != limits:
        raise LexiconError(f"{path.name}: the values cannot be written with two digits")
    path.write_text(text, "utf-8")
