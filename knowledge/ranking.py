"""How the kinds of evidence are weighed into one score: a logistic model whose weights are data.

The weights stand in `lexicon/ranking.yaml`; `python -m knowledge calibrate --weights` fits them.
"""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from knowledge.words import LEXICON, LexiconError, lexicon

FILE = LEXICON / "ranking.yaml"
COSTS = ("lacks", "surplus")


class Signals(NamedTuple):
    """Evidence that a topic is meant. All 0..1 but the last two, which are costs that add up.

    `words`: share of what the message says that the topic holds; `phrases`: likeness of the three nearest
    phrasings; `spelling`: of the nearest ones; `part_words`: `words` of the best part of a story; `body`: the
    whole text against the best; `lacks`: decisive concepts the topic knows nothing of; `surplus`: concepts in
    its name that the message does not speak of.
    """

    words: float
    phrases: float
    spelling: float
    part_words: float
    body: float
    lacks: float
    surplus: float


class Ranking(BaseModel):
    """Log odds: what each signal adds when it is 1; `bias` when there is no evidence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bias: float
    words: float = Field(ge=0)
    phrases: float = Field(ge=0)
    spelling: float = Field(ge=0)
    part_words: float = Field(ge=0)
    body: float = Field(ge=0)
    lacks: float = Field(le=0)
    surplus: float = Field(le=0)

    def shares(self, signals: Signals) -> dict[str, float]:
        """What each signal but the costs adds to the log odds."""
        return {name: getattr(self, name) * value for name, value in zip(_SHOWN, signals, strict=False)}

    def cost(self, concept: str, cost: float) -> float:
        """What a contrast concept (`-name`, `+name`) adds to the log odds."""
        return (self.lacks if concept[0] == "-" else self.surplus) * cost

    def score(self, signals: Signals) -> float:
        """How likely it is that the topic is meant, 0..1."""
        odds = self.bias + sum(getattr(self, name) * value for name, value in signals._asdict().items())
        return 1 / (1 + math.exp(-odds))


_SHOWN = Signals._fields[: -len(COSTS)]


@cache
def ranking() -> Ranking:
    """The weights in force."""
    return Ranking.model_validate(lexicon("ranking"))


def write_ranking(weights: Ranking, path: Path = FILE) -> None:
    """Put the weights into the file; its comments stay."""
    text = path.read_text("utf-8")
    for name, value in weights.model_dump().items():
        text, changed = re.subn(rf"(?m)^{name}: .*$", f"{name}: {value}", text)
        if changed != 1:
            raise LexiconError(f"{path.name}: expected one line `{name}: …`, found {changed}")
    path.write_text(text, "utf-8")
