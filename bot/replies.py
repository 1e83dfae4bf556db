"""What a handler is given and what it returns. Nothing here knows Zalo, Flask or a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from bot.casework import CaseDesk
from bot.facilitywork import FacilityDesk
from bot.firming import FirmDesk
from bot.homing import HomeDesk
from bot.programming import ProgrammeDesk
from bot.visiting import VisitDesk

if TYPE_CHECKING:
    from ward.results import Notice, Wish

Outcome = Literal[
    "answered",
    "clarify",
    "followup",
    "handover",
    "out_of_scope",
    "other_authority",
    "smalltalk",
    "feedback",
    "formal_complaint",
    "emergency",
    "booking",
    "tracking",
    "privacy",
    "menu",
    "human",
    "silent",
]
"""How a turn ended (DESIGN §5). `silent`: staff took over, or nothing is to be said."""


class Button(BaseModel):
    """A choice under a message. `say` comes back as the person's own text with `payload`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=100)
    kind: Literal["say", "url", "phone"] = "say"
    payload: str = Field(min_length=1, max_length=1000)


class Route(BaseModel):
    """Another way than the OA's free message. `to`: a telephone number or mail address, sealed always."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Literal["paid", "zbs_uid", "zbs_phone", "sms", "mail"]
    to: str | None = None
    template_id: str | None = None
    template_data: dict[str, str] = Field(default_factory=dict)


class Reply(BaseModel):
    """One message to a person: text, at most five buttons, perhaps a picture or a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = ""
    buttons: tuple[Button, ...] = Field((), max_length=5)
    image: str | None = Field(None, description="https address, file below the ward's folder, photo:token")
    file: str | None = Field(None, description="a PDF/DOC/DOCX/CSV file below the ward's folder")
    quote: str | None = Field(None, description="msg_id of the message this answers")
    safe_to_repeat: bool = Field(False, description="may be sent again when the outcome is unknown")
    route: Route | None = Field(None, description="how it goes out; None: as the OA's usual message")
    useless_after: datetime | None = Field(None, description="not sent any more after this moment")


@dataclass(frozen=True)
class Attachment:
    """A picture, file, place … that came with a message."""

    type: str
    url: str | None = None
    name: str | None = None
    size: int | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Turn:
    """One message of one person, with what the conversation remembers.

    `state` is empty when the last message is older than the state's life (30 minutes).
    """

    person_id: str
    text: str
    at: datetime
    state: Mapping[str, Any] = field(default_factory=dict)
    event_name: str = "user_send_text"
    attachments: tuple[Attachment, ...] = ()
    msg_id: str | None = None
    quotes: str | None = None
    """msg_id of the message this one answers, when the person chose "trả lời" on it."""


@dataclass(frozen=True)
class Candidate:
    """A procedure the search thought of, kept for staff and for the evaluation."""

    key: str
    code: str | None
    score: float


@dataclass(frozen=True)
class Result:
    """What a handler decided: replies, the new state, and how the turn is to be named."""

    outcome: Outcome
    replies: tuple[Reply, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    keys: tuple[str, ...] = ()
    facet: str | None = None
    choices: tuple[Candidate, ...] = ()
    restricted: bool = field(default=False)
    """The person's words must not be kept outside the restricted table."""


@dataclass(frozen=True)
class Ticket:
    """A question that is now an officer's: its code, and when the citizen was promised an answer."""

    code: str
    due_at: datetime


class Desk(CaseDesk, ProgrammeDesk, VisitDesk, HomeDesk, FacilityDesk, FirmDesk, Protocol):
    """Where a handler puts work for people. Everything lands in the turn's own transaction."""

    def hand_over(
        self, turn: Turn, question: str, field: str | None, candidates: Sequence[Candidate]
    ) -> Ticket:
        """Open a question for an officer (once for a turn) and promise a time."""
        ...

    def raise_alarm(self, turn: Turn, kind: str) -> None:
        """Tell the officer on duty at once (emergency words in the chat)."""
        ...

    def keep_photos(self, turn: Turn, most: int = 4) -> tuple[str, ...]:
        """Keep the pictures of this turn as the person's own, until a case takes them; their tokens.

        Fewer than the turn's pictures when some could not be taken: the person is to be told.
        """
        ...

    def book_reception(self, turn: Turn, day: date, name: str, phone: str | None) -> str:
        """Keep a day of citizen reception for the person; the code."""
        ...

    def cancel_reception(self, turn: Turn, code: str) -> date | None:
        """Give a booked day back; the day, None when the person has no such appointment."""
        ...

    def receptions(self, turn: Turn) -> Sequence[tuple[str, date]]:
        """Code and day of the person's coming appointments."""
        ...

    def ask_result(self, turn: Turn, wish: Wish, day: date) -> str:
        """Keep the wish to hear of a result; its code."""
        ...

    def cancel_result(self, turn: Turn, code: str) -> bool:
        """False: the person has no such wish that is still open."""
        ...

    def result_notice(self, turn: Turn, code: str) -> Notice | None:
        """The person's own, or None."""
        ...

    def link_official(self, turn: Turn, code: str) -> Literal["linked", "refused", "too_many"]:
        """Make the account the one in which an official is told of work; the code comes from the console."""
        ...

    @property
    def closed_words(self) -> str:
        """What the head adds when a question goes to an official while the office is closed; may be empty."""
        ...

    def keep_restricted(self, turn: Turn) -> None:
        """Keep the words of a formal complaint in the restricted table, and nowhere else."""
        ...


Respond = Callable[[Turn, Desk], Result]
"""The whole of what the bot says: one turn in, one result out."""
