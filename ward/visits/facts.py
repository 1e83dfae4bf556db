"""Decides again, when a reminder is due, whether it is still to be said, and gives what it says."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from store.secrets import SecretBox
from ward.reminders import Due
from ward.visits import booking, sessions
from ward.visits.model import OPEN_STATES, Signup, Visit
from ward.visits.people import Who, unseal
from ward.visits.telling import CALLED_OFF, MOVED

AWAY = ("busy", "move")


@dataclass(frozen=True)
class VisitFacts:
    """All that the words of a reminder may need."""

    signup: Signup
    visit: Visit
    who: Who
    waits_as: int | None = None


def decide(connection: Connection, oa_id: str, due: Due, box: SecretBox) -> VisitFacts | None:
    """None: cancelled, moved again, over, or answered meanwhile; nothing is to be said."""
    signup = booking.find(connection, oa_id, due.subject_id)
    visit = sessions.visit(connection, oa_id, signup.visit_id) if signup else None
    if signup is None or visit is None or visit.version != due.version:
        return None
    if due.kind == CALLED_OFF:
        return _facts(connection, signup, visit, box) if visit.state == "cancelled" else None
    if visit.state != "planned" or signup.state not in OPEN_STATES:
        return None
    if due.kind != MOVED and (signup.state != "booked" or signup.answer in AWAY):
        return None
    return _facts(connection, signup, visit, box)


def _facts(connection: Connection, signup: Signup, visit: Visit, box: SecretBox) -> VisitFacts:
    waits = booking.waiting_place(connection, signup) if signup.state == "waiting" else None
    return VisitFacts(signup, visit, unseal(box, signup.who), waits)
