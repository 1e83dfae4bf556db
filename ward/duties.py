"""What a private health facility must keep in date, with its legal basis and what is not known of it."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.yaml_file import read_yaml

FILE = Path(__file__).with_name("duties.yaml")


class Duty(BaseModel):
    """`years` None: not known, or none. `dated`: such a paper may carry a day on which it expires.
    `entry`: the procedure that renews it. `for`: types of facilities, none named: all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    of: str
    kinds: tuple[str, ...] = Field(alias="for")
    years: int | None = Field(ge=1, le=20)
    dated: bool
    entry: str | None
    legal: tuple[str, ...]
    note: str | None
    to_check: tuple[str, ...]
    confidence: Literal["high", "medium", "low"]

    def holds_for(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


class Duties(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    duties: dict[str, Duty]
    sources: tuple[str, ...]
    verified_on: date


@cache
def all_duties() -> Duties:
    return Duties.model_validate(read_yaml(FILE))


def duties_of(kind: str) -> dict[str, Duty]:
    return {name: duty for name, duty in all_duties().duties.items() if duty.holds_for(kind)}


def title_of(name: str) -> str:
    duty = all_duties().duties.get(name)
    return duty.title if duty else name
