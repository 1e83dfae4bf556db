"""Whose names and telephone numbers an official may open: of the sessions they go to; the head, of all."""

from __future__ import annotations

from collections.abc import Sequence

from ward.staff import Official
from ward.visits.model import Visit

NAMES_OPENED = "visit_names_opened"


def may_open_names(who: Official, team: Sequence[str]) -> bool:
    mine = {who.name.casefold(), who.username.casefold()}
    return "head" in who.roles or any(one.strip().casefold() in mine for one in team)


def may_call(who: Official, team: Sequence[str], visit: Visit) -> bool:
    """Those who have not seen a move are called by the khóm, too."""
    return may_open_names(who, team) or ("khom" in who.roles and visit.khom in who.khoms)
