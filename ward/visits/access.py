"""Whose names and telephone numbers an official may open: of the sessions they go to; the head, of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ward.staff import Official
from ward.visits.model import Visit

NAMES_OPENED = "visit_names_opened"


CIVIL_STATUS: Final = "ho_tich"
"""The field whose officials run ceremonies and marriages done in a day when no team is named for them."""
OF_CIVIL_STATUS: Final = ("ceremony", "same_day")


def goes_there(who: Official, team: Sequence[str]) -> bool:
    """The team by name or user name, and the head."""
    mine = {who.name.casefold(), who.username.casefold()}
    return "head" in who.roles or any(one.strip().casefold() in mine for one in team)


def may_open_names(who: Official, team: Sequence[str], visit: Visit) -> bool:
    if goes_there(who, team):
        return True
    return not team and visit.kind in OF_CIVIL_STATUS and "field" in who.roles and CIVIL_STATUS in who.fields


def may_call(who: Official, team: Sequence[str], visit: Visit) -> bool:
    """Those who have not seen a move are called by the khóm, too."""
    return may_open_names(who, team, visit) or ("khom" in who.roles and visit.khom in who.khoms)
