"""The part of the desk that has to do with service at home, on the open transaction of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.homing import HomeWish
from bot.replies import Turn
from bot.visit_desk import VisitWork
from ward.calendar import local
from ward.home import requests
from ward.home.model import HomeRefused, NewRequest, Request, Slot, seal
from ward.home.room import check_serves, free_slots
from ward.programmes.model import Programme


@dataclass(frozen=True)
class HomeWork(VisitWork):
    """What bot.homing.HomeDesk asks for."""

    def home_slots(self, turn: Turn, programme: Programme, count: int = 3) -> Sequence[Slot]:
        return free_slots(self.connection, self.oa_id, programme, self.calendar, turn.at, count)

    def ask_home(self, turn: Turn, programme: Programme, wish: HomeWish) -> Request | None:
        new = NewRequest(
            programme.key,
            wish.service,
            wish.slot,
            turn.person_id,
            seal(self._visit_box, wish.where),
            wish.group,
            programme.procedures[0] if programme.procedures else None,
            wish.asked_for,
            wish.khom,
        )
        try:
            return requests.ask(self.connection, self.oa_id, new, programme, self.calendar, turn.at)
        except HomeRefused:
            return None

    def homes(self, turn: Turn) -> Sequence[Request]:
        today = local(turn.at).date()
        return requests.of_person(self.connection, self.oa_id, turn.person_id, today)

    def accept_home(self, turn: Turn, code: str) -> Request | None:
        mine = self._mine(turn, code)
        programme = self.programmes(turn).get(mine.programme) if mine else None
        if mine is None or programme is None:
            return None
        try:
            begins = check_serves(programme, mine.slot, self.calendar)
            return requests.accept(self.connection, self.oa_id, mine, begins, turn.at)
        except HomeRefused:
            return None

    def cancel_home(self, turn: Turn, code: str) -> Request | None:
        mine = self._mine(turn, code)
        return requests.cancel(self.connection, self.oa_id, mine, turn.at) if mine else None

    def _mine(self, turn: Turn, code: str) -> Request | None:
        return next((one for one in self.homes(turn) if one.code == code), None)
