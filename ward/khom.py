"""Which khóm a citizen means: by its name, old or new, or by a place on the map. The person confirms."""

from __future__ import annotations

import re
from math import asin, cos, radians, sin, sqrt

from knowledge.syllables import plain
from ward.profile import Khom, Point, WardProfile

EARTH_M = 6_371_000
_NUMBERED = re.compile(r"(khom|ap|khu pho|to dan pho|thon|to) (\w{1,4})")
_SIGNS = re.compile(r"[^\w]+")


def khom_named(words: str, profile: WardProfile) -> str | None:
    """The one khóm that the words name; None when they name none, or several."""
    said = f" {_bare(words)} "
    found = {khom.name for khom in profile.khom if any(f" {name} " in said for name in _names(khom))}
    return found.pop() if len(found) == 1 else None


def khom_meant(answer: str, profile: WardProfile) -> str | None:
    """The same for an answer to "khóm mấy": a bare "3" is enough."""
    named = khom_named(answer, profile)
    said = _bare(answer)
    if named is not None or len(said.split()) > 3:
        return named
    endings = {khom.name: _bare(khom.name).split()[-1] for khom in profile.khom}
    found = [name for name, ending in endings.items() if ending in said.split()]
    return found[0] if len(found) == 1 else None


def khom_at(latitude: float, longitude: float, profile: WardProfile) -> str | None:
    """The khóm whose area holds the place; else the nearest whose circle does."""
    here = (latitude, longitude)
    for khom in profile.khom:
        if khom.area and _inside(here, khom.area):
            return khom.name
    circles = [
        (metres(here, khom.centre), khom)
        for khom in profile.khom
        if khom.centre is not None and not khom.area
    ]
    near = [(away, khom.name) for away, khom in circles if away <= khom.radius_m]
    return min(near)[1] if near else None


def metres(one: Point, other: Point) -> float:
    """Along the ground, between two places."""
    a, b, c, d = map(radians, (*one, *other))
    half = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


def _names(khom: Khom) -> set[str]:
    """As people write them: "khom 3", "khom3", "k3", the old name."""
    names = {_bare(name) for name in (khom.name, *khom.former_names)}
    for name in list(names):
        if found := _NUMBERED.fullmatch(name):
            kind, number = found.groups()
            names |= {f"{kind}{number}", f"{kind} so {number}", f"{kind} {number.lstrip('0')}"}
            names |= {f"k{number}"} if kind == "khom" else set()
    return names


def _bare(words: str) -> str:
    return " ".join(_SIGNS.sub(" ", plain(words.casefold())).split())


def _inside(here: Point, corners: tuple[Point, ...]) -> bool:
    """Ray casting: a line from the place to the east crosses the boundary an odd number of times."""
    y, x = here
    inside = False
    for (y1, x1), (y2, x2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
