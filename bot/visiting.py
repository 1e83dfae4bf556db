"""What handlers and the desk tell each other about sessions and places in them. No database here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ward.programmes.model import Programme
from ward.visits.model import Answer, Signup, Visit, VisitKind

if TYPE_CHECKING:
    from bot.replies import Turn


@dataclass(frozen=True)
class Place:
    """What a person asks for at a session. Without a name they rather just come."""

    topic: str
    for_other: bool = False
    name: str | None = None
    phone: str | None = None
    guests: int | None = None
    photos: bool | None = None
    """Whether photos may be taken, when that was asked."""
    special: bool = False
    """Said that a case applies for which more is needed, or more time."""
    firm: str | None = None


@dataclass(frozen=True)
class Booking:
    """A person's place in a session; `waits_as`: their place in the waiting list."""

    signup: Signup
    visit: Visit
    name: str | None = None
    firm: str | None = None
    waits_as: int | None = None


class VisitDesk(Protocol):
    """The part of the desk that has to do with sessions. A code that is not the person's is unknown."""

    def programmes(self, turn: Turn) -> Mapping[str, Programme]:
        """All programmes of the ward, ended ones too."""
        ...

    def visits(self, turn: Turn, kind: VisitKind, khom: str | None = None) -> Sequence[Visit]:
        """Sessions that are coming, soonest first."""
        ...

    def visit(self, turn: Turn, visit_id: int) -> Visit | None:
        """One of the coming sessions."""
        ...

    def sign_up(self, turn: Turn, visit_id: int, place: Place) -> Booking | None:
        """A place, a waiting place, or the one the person has; None when the session is over or gone."""
        ...

    def bookings(self, turn: Turn) -> Sequence[Booking]:
        """The person's open places, soonest session first."""
        ...

    def answer_visit(self, turn: Turn, code: str, said: Answer) -> Booking | None:
        """What they say to a reminder, kept."""
        ...

    def change_visit(self, turn: Turn, code: str, visit_id: int) -> Booking | None:
        """The same matter at another session; None when it has no room: the old place stays."""
        ...

    def cancel_visit(self, turn: Turn, code: str) -> Booking | None:
        """Give the place up; whoever moves up is told."""
        ...

    def visit_to_office(self, turn: Turn, code: str) -> Booking | None:
        """Come to the ward's office instead; officials are told to expect them."""
        ...
