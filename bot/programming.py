"""What handlers ask the desk about programmes (mô hình). No database here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from ward.programmes.duties import Duty
from ward.programmes.lists import Listed
from ward.programmes.model import Programme

if TYPE_CHECKING:
    from bot.replies import Turn


class ProgrammeDesk(Protocol):
    """The part of the desk that knows the ward's programmes, as the console has them now."""

    def programmes(self, turn: Turn) -> Mapping[str, Programme]:
        """All programmes of the ward, ended ones too."""
        ...

    def procedures_of(self, turn: Turn, programme: Programme) -> Sequence[Listed]:
        """What a programme is for; empty also when its list is not loaded yet."""
        ...

    def on_duty(self, turn: Turn, day: date) -> Sequence[Duty]:
        """Who is there on a day, as far as the ward has said."""
        ...
