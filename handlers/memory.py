"""What the bot remembers of a conversation between two messages: JSON-able, no words of the citizen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

DEEPEST_BACK = 3


@dataclass(frozen=True)
class Offer:
    """Something offered for choosing by number, by its words or by its button."""

    label: str
    say: str

    def as_state(self) -> dict[str, str]:
        return {"label": self.label, "say": self.say}


@dataclass(frozen=True)
class Choice:
    """A procedure offered because the question could mean several."""

    key: str
    label: str

    def as_state(self) -> dict[str, str]:
        return {"key": self.key, "label": self.label}


@dataclass(frozen=True)
class Step:
    """An open step: what the next message is expected to be."""

    name: str
    data: str = ""


@dataclass(frozen=True)
class Place:
    """A place to come back to (QUAY LẠI)."""

    key: str
    facet: str


@dataclass(frozen=True)
class Memory:
    key: str | None = None
    facet: str | None = None
    choices: tuple[Choice, ...] = ()
    offered: tuple[Offer, ...] = ()
    misses: int = 0
    greeted: bool = False
    condoled: bool = False
    step: Step | None = None
    previous: tuple[Place, ...] = ()
    guarded: bool = False
    """A complaint or denunciation came up: what sounds like more of it is sealed too."""
    aside: str = ""
    """A guide left unfinished, to go on with."""

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Memory:
        """Read a stored state; parts written by another version are forgotten, not fatal."""
        return cls(
            key=_text(state.get("key")),
            facet=_text(state.get("facet")),
            choices=tuple(
                Choice(item["key"], item["label"]) for item in _maps(state, "choices", "key", "label")
            ),
            offered=tuple(
                Offer(item["label"], item["say"]) for item in _maps(state, "offered", "label", "say")
            ),
            misses=state["misses"] if isinstance(state.get("misses"), int) else 0,
            greeted=state.get("greeted") is True,
            condoled=state.get("condoled") is True,
            guarded=state.get("guarded") is True,
            step=_step(state.get("step")),
            previous=tuple(
                Place(item["key"], item["facet"]) for item in _maps(state, "previous", "key", "facet")
            )[-DEEPEST_BACK:],
            aside=_text(state.get("aside")) or "",
        )

    def as_state(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            "key": self.key,
            "facet": self.facet,
            "choices": [choice.as_state() for choice in self.choices],
            "offered": [offer.as_state() for offer in self.offered],
            "misses": self.misses,
            "greeted": self.greeted,
            "condoled": self.condoled,
            "guarded": self.guarded,
            "step": {"name": self.step.name, "data": self.step.data} if self.step else None,
            "previous": [{"key": place.key, "facet": place.facet} for place in self.previous],
            "aside": self.aside,
        }
        return {name: value for name, value in state.items() if value not in (None, [], 0, False, "")}

    def settled(self) -> Memory:
        """After a turn that was understood: no open step, no misses, nothing waiting to be chosen."""
        return replace(self, choices=(), offered=(), misses=0, step=None)

    def home(self) -> Memory:
        """Nothing open, nothing to go on with; greetings are remembered."""
        return Memory(
            greeted=self.greeted,
            condoled=self.condoled,
            guarded=self.guarded,
            previous=self.previous,
            aside=self.aside,
        )

    def at(self, key: str, facet: str) -> Memory:
        """Standing at a procedure's part, with the way back kept."""
        back = self.previous
        if self.key and self.facet and (self.key, self.facet) != (key, facet):
            back = (*back, Place(self.key, self.facet))[-DEEPEST_BACK:]
        return replace(self.settled(), key=key, facet=facet, previous=back)

    def waiting(self, name: str, data: str = "") -> Memory:
        return replace(self.settled(), step=Step(name, data))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _maps(state: Mapping[str, Any], name: str, *keys: str) -> list[Mapping[str, str]]:
    items = state.get(name)
    if not isinstance(items, list):
        return []
    return [
        item
        for item in items
        if isinstance(item, Mapping) and all(isinstance(item.get(k), str) for k in keys)
    ]


def _step(value: Any) -> Step | None:
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return None
    return Step(value["name"], str(value.get("data") or ""))
