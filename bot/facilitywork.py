"""What handlers and the desk tell each other about private health facilities. No database here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from bot.replies import Ticket, Turn

Joined = Literal["confirmed", "asked", "elsewhere"]


class FacilityDraft(BaseModel):
    """What a facility said of itself before it agreed to be kept."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = ""
    kind: str = ""
    khom: str | None = None
    question: str = ""
    asked_again: bool = False


@dataclass(frozen=True)
class FacilityCard:
    """The facility that an account speaks for."""

    name: str
    kind: str
    confirmed: bool
    news: bool


class FacilityDesk(Protocol):
    def facility(self, turn: Turn) -> FacilityCard | None:
        """The facility this account speaks for."""
        ...

    def facility_draft(self, turn: Turn) -> FacilityDraft | None: ...

    def keep_facility_draft(self, turn: Turn, draft: FacilityDraft | None) -> None:
        """Sealed, for a day; None: forget it."""
        ...

    def sign_up_facility(self, turn: Turn, draft: FacilityDraft) -> Joined:
        """Keep the facility and the account, as was agreed to."""
        ...

    def leave_facility(self, turn: Turn) -> bool:
        """Take the account (and what only it told) out of the register."""
        ...

    def facility_news(self, turn: Turn, yes: bool) -> bool:
        """Told of new rules or not any more. False: nothing changed."""
        ...

    def ask_health(self, turn: Turn, question: str, topic: str | None = None) -> Ticket:
        """A question for the health officer, with the facility beside it."""
        ...

    def form_sent(self, turn: Turn, form: str) -> None:
        """Count a form that was sent, without the person."""
        ...


class NoFacilities:
    """For trials: keeps nothing."""

    def facility(self, turn: Turn) -> FacilityCard | None:
        return None

    def facility_draft(self, turn: Turn) -> FacilityDraft | None:
        return None

    def keep_facility_draft(self, turn: Turn, draft: FacilityDraft | None) -> None: ...

    def sign_up_facility(self, turn: Turn, draft: FacilityDraft) -> Joined:
        return "confirmed"

    def leave_facility(self, turn: Turn) -> bool:
        return False

    def facility_news(self, turn: Turn, yes: bool) -> bool:
        return False

    def ask_health(self, turn: Turn, question: str, topic: str | None = None) -> Ticket:
        from bot.replies import Ticket

        return Ticket("HD-0000-0000-0", turn.at + timedelta(days=1))

    def form_sent(self, turn: Turn, form: str) -> None: ...
