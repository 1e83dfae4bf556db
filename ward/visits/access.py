"""Whose names and telephone numbers an official may open: of the sessions they go to; the head, of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ward.staff import Official
from ward.visits.model import AT_THE_WARD, Visit

NAMES_OPENED = "visit_names_opened"


CIVIL_STATUS: Final = "ho_tich"
"""The field whose officials run what is held at the ward (ceremonies, marriages done in a day) when no
team is named for it."""


def may_open_names(who: Official, team: Sequence[str], visit: Visit) -> bool:
    mine = {who.name.casefold(), who.username.casefold()}
    if "head" in who.roles or any(one.strip().casefold() in mine for one in team):
        return True
    return not team and visit.kind in AT_THE_WARD and "field" in who.roles and CIVIL_STATUS in who.fields


def may_call(who: Official, team: Sequence[str], visit: Visit) -> bool:
    """Those who have not seen a move are called by the khóm, too."""
    return may_open_names(who, team, visit) or ("khom" in who.roles and visit.khom in who.khoms)
