"""What handlers and the desk tell each other about cases. No database here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from bot.replies import Ticket, Turn

Ask = Literal["purpose", "what", "place", "khom", "detail", "near", "send", "edit", "photos", "dossier"]
"""The open question of a draft."""

MOST_PHOTOS = 4


class Draft(BaseModel):
    """A report being made in chat. Sealed in the store; old buttons are known by `mark` and `revision`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    mark: str
    asks: Ask
    began_at: datetime
    revision: int = 0
    words: str = ""
    detail: str = ""
    detail_given: bool = False
    topic: str | None = None
    address: str | None = None
    placed: bool = False
    latitude: float | None = None
    longitude: float | None = None
    khom: str | None = None
    khom_given: bool = False
    photos: tuple[str, ...] = ()
    phone: str | None = None
    dossier: bool = False
    """A dossier that is late, not something of the street."""
    compared: bool = False
    """Open reports nearby were offered, and this is another matter."""
    held: str = ""
    """Words said while the draft was put aside: what they belong to was not yet asked."""
    undo: tuple[str, ...] = ()
    """The draft before each of the last answers, as JSON, for QUAY LẠI."""


@dataclass(frozen=True)
class NewReport:
    """What is sent to the ward. `mark`: of the draft it was."""

    kind: Literal["report", "conduct", "late_dossier", "data_right"]
    words: str
    mark: str = ""
    khom: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    name_shown: bool | None = None
    photos: tuple[str, ...] = ()
    phone: str | None = None
    dossier: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Similar:
    """An open report that may be the same matter. Nothing of what another citizen wrote."""

    code: str
    created_at: datetime
    khom: str | None
    metres: int | None
    own: bool
    """The person's own, or joined before."""


@dataclass(frozen=True)
class Step:
    """One line of a case's history that its citizen may read."""

    at: datetime
    kind: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseStatus:
    """A case as the person may see it. `own`: they may write in it; `first`: they opened it."""

    code: str
    kind: str
    state: str
    due_at: datetime
    steps: tuple[Step, ...] = ()
    own: bool = False
    first: bool = False
    rated: bool = False
    can_rate: bool = False
    can_reopen: bool = False
    can_withdraw: bool = False


Tracked = CaseStatus | Literal["needs_phone", "not_found", "too_many"]
"""Wrong and unknown are the same "not_found"."""

Reopened = Literal["reopened", "spent", "not_found"]
"""`spent`: reopened before, or the seven days are over."""


class CaseDesk(Protocol):
    """The part of the desk that has to do with cases. A code that is not the person's own is as unknown."""

    def draft(self, turn: Turn) -> Draft | None:
        """The person's draft, while it is younger than 24 hours."""
        ...

    def save_draft(self, turn: Turn, draft: Draft) -> None: ...

    def drop_draft(self, turn: Turn) -> None:
        """Forget the draft and its photos."""
        ...

    def similar(self, turn: Turn, draft: Draft) -> tuple[Similar, ...]:
        """Open reports of the same matter, nearest first."""
        ...

    def submit(self, turn: Turn, report: NewReport) -> Ticket:
        """Open the case, once for a draft or a dossier; the draft is gone with it."""
        ...

    def sent_as(self, turn: Turn, mark: str) -> str | None:
        """The code that a draft was sent or joined under."""
        ...

    def join(self, turn: Turn, code: str, draft: Draft) -> bool:
        """Add the person, words and photos to an open report; the draft is gone with it."""
        ...

    def leave_phone(self, turn: Turn, code: str, phone: str) -> bool: ...

    def track(self, turn: Turn, code: str, phone_tail: str | None = None) -> Tracked: ...

    def open_case(self, turn: Turn, code: str | None = None) -> CaseStatus | None:
        """The person's case of that code; without one, that which an official waits in or just answered."""
        ...

    def write_on(self, turn: Turn, code: str, words: str, photos_kept: tuple[str, ...] = ()) -> bool:
        """The citizen's words for the official; a waiting case goes on."""
        ...

    def nudge(self, turn: Turn, code: str) -> bool:
        """Remind the ward. False when the same was done today."""
        ...

    def withdraw(self, turn: Turn, code: str) -> bool: ...

    def rate(self, turn: Turn, code: str, value: int) -> bool:
        """False when it was rated before, or may not be."""
        ...

    def reopen(self, turn: Turn, code: str, words: str, tell_head: bool) -> Reopened:
        """Not done after all: back to its official, once within seven days."""
        ...
