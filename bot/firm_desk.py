"""The part of the desk that has to do with firms at a business coffee, on one event's transaction."""

from __future__ import annotations

from bot.replies import Turn
from bot.visit_desk import VisitWork
from ward import issues
from ward.issues import OWED, IssueRefused
from ward.visits import booking, firms, sessions
from ward.visits.model import OPEN_STATES, Signup


class FirmWork(VisitWork):
    """What bot.firming.FirmDesk asks for."""

    def name_guest(self, turn: Turn, code: str, name: str | None, phone: str | None) -> bool:
        mine = self._place(turn, code)
        if mine is None or mine.state not in OPEN_STATES:
            return False
        told = {key: value for key, value in (("name", name), ("phone", phone)) if value}
        return firms.keep_who(self.connection, self._visit_box, self.oa_id, mine.id, turn.at, **told)

    def raise_matter(self, turn: Turn, code: str, words: str) -> bool:
        mine = self._place(turn, code)
        visit = sessions.visit(self.connection, self.oa_id, mine.visit_id) if mine else None
        if mine is None or visit is None or mine.state == "cancelled":
            return False
        try:
            issues.raised(self.connection, self.oa_id, visit, words, mine.id, self.calendar, turn.at)
        except IssueRefused:
            return False
        return True

    def open_matters(self, turn: Turn, code: str) -> int:
        mine = self._place(turn, code)
        found = issues.of_signup(self.connection, self.oa_id, mine.id) if mine else []
        return sum(one.state in OWED for one in found)

    def open_code(self, turn: Turn) -> str | None:
        return issues.owed_code(self.connection, self.oa_id, turn.person_id)

    def drop_matters(self, turn: Turn, code: str) -> int:
        mine = self._place(turn, code)
        return issues.withdraw(self.connection, self.oa_id, mine.id, turn.at) if mine else 0

    def hears_firm_news(self, turn: Turn) -> bool:
        return firms.hears(self.connection, self._visit_box, self.oa_id, turn.person_id)

    def firm_news(self, turn: Turn, yes: bool) -> bool:
        change = firms.agree if yes else firms.stop
        return change(self.connection, self._visit_box, self.oa_id, turn.person_id, turn.at)

    def _place(self, turn: Turn, code: str) -> Signup | None:
        """The person's own place at a coffee, open or not."""
        found = booking.of_code(self.connection, self.oa_id, code)
        mine = found is not None and found.person_id == turn.person_id and found.kind == firms.KIND
        return found if mine else None
