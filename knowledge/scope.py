"""Whether a message asks for something the library holds: better no choices than such as do not fit.

How well the nearest entry fits is not enough: "giấy phép bay flycam" is near to some permit. Besides it count
the words nobody near knows, the concepts of the library, and the words people use about papers. A small
logistic model weighs them; its weights are data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from knowledge.facets import FacetHit
from knowledge.features import concepts_in
from knowledge.search import Candidate, Index
from knowledge.syllables import plain
from knowledge.text import Normalized
from knowledge.words import lexicon

NEAREST = 3
"""Entries of which one at least should know the words."""
MOST_CONCEPTS, MOST_CUES = 2, 3
EXTREME = 0.005
UNTOLD = ("tong_quan", "other")


class Signs(NamedTuple):
    """What tells a question about a procedure from all else."""

    found: float
    uncovered: float
    concepts: float
    part: float
    cues: float


class _Weights(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    bias: float
    found: float = Field(ge=0)
    uncovered: float = Field(le=0)
    concepts: float = Field(ge=0)
    part: float = Field(ge=0)
    cues: float = Field(ge=0)


class Scope(BaseModel):
    """The model in force. `offer`: likelihood below which nothing unsure is told; `say_so`: below which the
    person hears that nothing is known, rather than being asked to say it again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: _Weights
    offer: float = Field(ge=0, le=1)
    say_so: float = Field(ge=0, le=1)
    cues: tuple[str, ...]

    def likelihood(self, signs: Signs) -> float:
        odds = self.weights.bias
        odds += sum(getattr(self.weights, name) * value for name, value in signs._asdict().items())
        return 1 / (1 + math.exp(-odds))


@cache
def scope() -> Scope:
    return Scope.model_validate(lexicon("scope"))


@cache
def _cues() -> frozenset[str]:
    return frozenset(plain(word) for cue in scope().cues for word in cue.split())


def likelihood(said: Normalized, found: Sequence[Candidate], facet: FacetHit | None, index: Index) -> float:
    """How likely it is that the message asks for one of the index's topics."""
    return scope().likelihood(signs(said, found, facet, index))


def signs(said: Normalized, found: Sequence[Candidate], facet: FacetHit | None, index: Index) -> Signs:
    best = min(max(found[0].score if found else 0.0, EXTREME), 1 - EXTREME)
    concepts = {hit.name for hit in concepts_in(said)}
    cues = _cues() & set(said.plain_tokens)
    return Signs(
        found=math.log(best / (1 - best)),
        uncovered=index.uncovered(said, [one.key for one in found[:NEAREST]]),
        concepts=min(MOST_CONCEPTS, len(concepts)),
        part=float(facet is not None and facet.facet not in UNTOLD),
        cues=min(MOST_CUES, len(cues)),
    )
