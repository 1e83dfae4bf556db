"""Trouble on demand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.simulator.store import Store

Percent = Annotated[float, Field(ge=0, le=100)]
Kind = Literal["error", "delay", "drop_after_accept", "drop_before", "http", "rate_limit"]


class Fault(BaseModel):
    """One kind of trouble for the calls it matches."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    match: str = Field("*", description="a part of the path, e.g. message/cs or oauth; * is every call")
    user_id: str | None = Field(None, description="only messages to this person")
    times: int | None = Field(None, ge=0, description="how often; null is always")
    chance: Percent = 100.0
    code: int = -200
    message: str | None = None
    seconds: float = Field(1.0, ge=0, le=120)
    status: int = Field(503, ge=400, le=599)

    def fits(self, path: str, user_id: str | None) -> bool:
        wanted = self.match == "*" or self.match in path
        return wanted and self.times != 0 and self.user_id in (None, user_id)


class FaultList(BaseModel):
    """Faults to put in force together; `seed` makes their chance repeatable."""

    model_config = ConfigDict(extra="forbid")

    faults: list[Fault]
    seed: int = 0


@dataclass(frozen=True)
class Trouble:
    """What happens to one call: first the delay, then at most one fault."""

    delay: float = 0.0
    fault: Fault | None = None

    def is_kind(self, kind: Kind) -> bool:
        return self.fault is not None and self.fault.kind == kind


class Faults:
    """The list in force. Kept in the store, so a restart does not heal anything by accident."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._random = random.Random(0)  # noqa: S311 - chance, not secrecy

    def all(self) -> list[Fault]:
        return [Fault.model_validate(item) for item in self._store.get("faults", [])]

    def replace(self, faults: Sequence[Fault], seed: int = 0) -> None:
        with self._store.transaction():
            self._random = random.Random(seed)  # noqa: S311
            self._save(faults)

    def add(self, fault: Fault) -> None:
        with self._store.transaction():
            self._save([*self.all(), fault])

    def _save(self, faults: Sequence[Fault]) -> None:
        self._store.put("faults", [fault.model_dump() for fault in faults if fault.times != 0])

    def take(self, path: str, user_id: str | None) -> Trouble:
        """What befalls this call; each fault that strikes uses up one of its times."""
        with self._store.transaction():
            faults = self.all()
            if not faults:
                return Trouble()
            struck = self._strike([fault for fault in faults if fault.fits(path, user_id)])
            self._save(faults)
        delay = sum(fault.seconds for fault in struck if fault.kind == "delay")
        return Trouble(delay, next((fault for fault in struck if fault.kind != "delay"), None))

    def _strike(self, candidates: Sequence[Fault]) -> list[Fault]:
        struck: list[Fault] = []
        for fault in candidates:
            if fault.kind != "delay" and any(other.kind != "delay" for other in struck):
                continue
            if self._random.random() * 100 < fault.chance:
                fault.times = fault.times if fault.times is None else fault.times - 1
                struck.append(fault)
        return struck
