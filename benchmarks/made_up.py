"""More entries and records than there are, made of the words of the real ones; the same every time."""

from __future__ import annotations

import random
from collections.abc import Sequence

from knowledge.portal.record import PORTAL, Record
from knowledge.schema import Entry

SEED = 20251121


def crossed(one: str, other: str) -> str:
    """The beginning of one, the end of another."""
    first, second = one.split(), other.split()
    return " ".join((*first[: len(first) // 2 + 1], *second[len(second) // 2 :]))


def records(entries: Sequence[Entry], count: int) -> list[Record]:
    """Imported records: long official names of the usual words."""
    chance = random.Random(SEED)
    empty = dict.fromkeys(("field", "level", "body", "audience", "decision", "ministry"))
    return [
        Record(
            code=f"9.{n:06}",
            name=crossed(chance.choice(entries).official_name, chance.choice(entries).official_name),
            url=f"https://{PORTAL}/{n}",
            **empty,
        )
        for n in range(count)
    ]


def sized(entries: Sequence[Entry], count: int) -> list[Entry]:
    """So many entries: some of the real ones, or all and others crossed from two of them."""
    chance = random.Random(SEED)
    if count <= len(entries):
        return chance.sample(list(entries), count)
    more = range(count - len(entries))
    return [*entries, *(_child(chance.choice(entries), chance.choice(entries), n, chance) for n in more)]


def _child(one: Entry, other: Entry, number: int, chance: random.Random) -> Entry:
    """The facts of one; a name and phrasings half of which are the other's."""
    asked = one.phrasings or [one.plain_name]
    changed = {
        "key": f"{one.key}_{number}",
        "plain_name": crossed(one.plain_name, other.plain_name),
        "choice_name": crossed(one.choice_name, other.choice_name),
        "official_name": crossed(one.official_name, other.official_name),
        "phrasings": [crossed(phrase, chance.choice(other.phrasings or asked)) for phrase in asked],
    }
    return one.model_copy(update=changed)
