"""Messages that ask for no procedure, told by their likeness to samples rather than by a sure pattern.

The samples (`lexicon/messages.yaml`) are compared as the entries' phrasings are, with the same knowledge of
how rare a word is: both scores can be held side by side, and the better one is what was meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from knowledge.features import LONG
from knowledge.intents import Intent
from knowledge.readings import Readings
from knowledge.search import Candidate, Index, Topic
from knowledge.text import Normalized
from knowledge.words import lexicon


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    intent: str
    who: str = ""
    say: tuple[str, ...] = Field(min_length=1)


class _Limits(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    own: float = Field(ge=0, le=1)
    ahead: float = Field(ge=0, le=1)
    wary: float = Field(ge=0, le=1)


@cache
def groups() -> dict[str, _Group]:
    """The kinds of messages, with samples of each."""
    return {key: _Group.model_validate(raw) for key, raw in lexicon("messages")["topics"].items()}


@cache
def _limits() -> _Limits:
    return _Limits.model_validate(lexicon("messages")["limits"])


def index_beside(common: Index, readings: Readings) -> Index:
    """The samples, to be searched as the entries of `common` are."""
    return Index(topics(), common=common, readings=readings)


def topics() -> list[Topic]:
    return [Topic(key, tuple(("phrasing", text) for text in group.say)) for key, group in groups().items()]


def meant(
    alike: Sequence[Candidate], found: Sequence[Candidate], said: Normalized, amid: bool
) -> Intent | None:
    """The kind of message it is, if it is clearly more like its samples than like any entry.

    `amid`: a procedure is being spoken of, so that anything may belong to it.
    """
    if not alike or not said.plain_tokens:
        return None
    best, limits = alike[0], _limits()
    procedure = found[0].score if found else 0.0
    least = limits.wary if amid or len(said.tokens) > LONG else limits.own
    if best.score < least or best.score < procedure + limits.ahead:
        return None
    group = groups()[best.key]
    return Intent(group.intent, best.score, best.key, who=group.who)
