"""What holds on a day: facts with dates of their own, and the instruments an entry stands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from knowledge.schema import Entry, Fact
from knowledge.words import lexicon

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Repeal:
    """An instrument that ends: as people call it, the first day without it, and what comes instead."""

    number: str
    called: str
    since: date
    replaced_by: tuple[str, ...]


def has_ended(entry: Entry, day: date) -> bool:
    return entry.effective_to is not None and entry.effective_to < day


def first_day_without(entry: Entry) -> date | None:
    """The day on which the rule of the entry has changed."""
    return entry.effective_to + _ONE_DAY if entry.effective_to is not None else None


def on_day(entry: Entry, day: date) -> Entry:
    """The entry with those facts only that hold on the day. Its summary stays: an entry cannot be without."""
    kept: dict[str, Any] = {}
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        if isinstance(value, list) and any(_is_off(one, day) for one in value):
            kept[name] = [one for one in value if not _is_off(one, day)]
        elif name != "summary" and _is_off(value, day):
            kept[name] = None
    return entry.model_copy(update=kept) if kept else entry


def turning_days(entry: Entry) -> list[date]:
    """The days on which some fact of the entry begins or holds for the last time."""
    days = {day for fact in entry.facts() for day in (fact.effective_from, fact.effective_to) if day}
    return sorted(days)


def ended_with(entry: Entry) -> Repeal | None:
    """The instrument whose end is the end of the entry."""
    day = first_day_without(entry)
    return next((one for one in _of(entry) if one.since == day), None)


def ended_basis(entry: Entry, day: date) -> list[Repeal]:
    """Instruments the entry names that are no longer in force on the day."""
    return [one for one in _of(entry) if one.since <= day]


def _of(entry: Entry) -> Iterator[Repeal]:
    known = _repeals()
    return (known[legal.number] for legal in entry.legal_basis if legal.number in known)


@cache
def _repeals() -> dict[str, Repeal]:
    """By number; only those whose day is known and whose end is sure."""
    texts = lexicon("repealed")["texts"]
    sure = [text for text in texts if text["since"] and text.get("state", "dead") == "dead"]
    return {text["number"]: _repeal(text) for text in sure}


def _repeal(text: dict[str, Any]) -> Repeal:
    number = str(text["number"])
    later = tuple(_called(one) for one in text["replaced_by"])
    return Repeal(number, text.get("called") or _called(number), text["since"], later)


def _called(number: str) -> str:
    """Nghị định 120/2025/NĐ-CP, Luật 03/2026/QH16"""
    kinds: dict[str, str] = lexicon("repealed")["kinds"]
    kind = next((said for sign, said in kinds.items() if number.rsplit("/", 1)[-1].startswith(sign)), "")
    return f"{kind} {number}".strip()


def _is_off(value: object, day: date) -> bool:
    return isinstance(value, Fact) and not value.holds_on(day)
