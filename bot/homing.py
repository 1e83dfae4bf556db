"""What handlers and the desk tell each other about service at home. No database here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ward.home.model import Request, Service, Slot, Where
from ward.programmes.model import Programme

if TYPE_CHECKING:
    from bot.replies import Turn


@dataclass(frozen=True)
class HomeWish:
    """What a person asks for. `group` as they say it of themselves; `asked_for`: an hour, as "9h"."""

    service: Service
    slot: Slot
    where: Where = field(repr=False)
    group: str | None = None
    asked_for: str | None = None
    khom: str | None = None


class HomeDesk(Protocol):
    """The part of the desk that has to do with service at home. A code of somebody else is unknown."""

    def home_slots(self, turn: Turn, programme: Programme, count: int = 3) -> Sequence[Slot]:
        """The next half days with room that can still be confirmed in time."""
        ...

    def ask_home(self, turn: Turn, programme: Programme, wish: HomeWish) -> Request | None:
        """The request, or the open one the person has; None when the half day has no room."""
        ...

    def homes(self, turn: Turn) -> Sequence[Request]:
        """The person's open requests, soonest first."""
        ...

    def accept_home(self, turn: Turn, code: str) -> Request | None:
        """Take the time that an official proposed."""
        ...

    def cancel_home(self, turn: Turn, code: str) -> Request | None:
        """Give the visit up, or refuse the proposed time."""
        ...
