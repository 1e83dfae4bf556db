"""The part of the desk that knows programmes, on the open transaction of one event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.case_desk import CaseWork
from bot.replies import Turn
from ward.programmes.duties import Duty, on_days
from ward.programmes.lists import Listed, procedures_of
from ward.programmes.load import programmes_of
from ward.programmes.model import Programme


@dataclass(frozen=True)
class ProgrammeWork(CaseWork):
    """What bot.programming.ProgrammeDesk asks for. `programme_files`: of the ward's folder, read once."""

    programme_files: Mapping[str, Programme] = field(default_factory=dict)

    def programmes(self, turn: Turn) -> Mapping[str, Programme]:
        return programmes_of(self.connection, self.oa_id, self.programme_files)

    def procedures_of(self, turn: Turn, programme: Programme) -> Sequence[Listed]:
        return procedures_of(self.connection, self.oa_id, programme)

    def on_duty(self, turn: Turn, day: date) -> Sequence[Duty]:
        return on_days(self.connection, self.oa_id, day, day)
