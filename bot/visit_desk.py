"""The part of the desk that has to do with sessions, on the open transaction of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.programme_desk import ProgrammeWork
from bot.replies import Turn
from bot.visiting import Booking, Place
from store.secrets import SecretBox
from ward.tasks import open_task
from ward.visits import booking, sessions
from ward.visits.model import (
    AT_OFFICE,
    OPEN_STATES,
    Answer,
    BookingRefused,
    NewSignup,
    Signup,
    Visit,
    VisitKind,
)
from ward.visits.people import Who, seal, unseal


@dataclass(frozen=True)
class VisitWork(ProgrammeWork):
    """What bot.visiting.VisitDesk asks for. `visit_box`: seals names and numbers of sign-ups."""

    visit_box: SecretBox | None = None

    def visits(self, turn: Turn, kind: VisitKind, khom: str | None = None) -> Sequence[Visit]:
        return sessions.coming(self.connection, self.oa_id, turn.at, kind, khom)

    def visit(self, turn: Turn, visit_id: int) -> Visit | None:
        found = sessions.visit(self.connection, self.oa_id, visit_id)
        coming = found is not None and found.state == "planned" and found.ends_at > turn.at
        return found if coming else None

    def sign_up(self, turn: Turn, visit_id: int, place: Place) -> Booking | None:
        who = seal(self._visit_box, Who(place.name, place.phone, place.firm))
        new = NewSignup(
            turn.person_id, place.topic, place.for_other, who, place.guests, place.photos, place.special
        )
        try:
            made = booking.sign_up(self.connection, self.oa_id, visit_id, new, turn.at)
        except BookingRefused:
            return None
        return self._booking(made)

    def bookings(self, turn: Turn) -> Sequence[Booking]:
        mine = booking.of_person(self.connection, self.oa_id, turn.person_id)
        shown = [self._booking(one) for one in mine]
        return sorted(
            (one for one in shown if one.visit.ends_at > turn.at), key=lambda one: one.visit.starts_at
        )

    def answer_visit(self, turn: Turn, code: str, said: Answer) -> Booking | None:
        mine = self._own(turn, code)
        if mine is None or not booking.answer(self.connection, self.oa_id, mine.id, said, turn.at):
            return None
        return self._booking(mine)

    def change_visit(self, turn: Turn, code: str, visit_id: int) -> Booking | None:
        mine = self._own(turn, code)
        if mine is None:
            return None
        try:
            return self._booking(booking.change(self.connection, self.oa_id, mine.id, visit_id, turn.at))
        except BookingRefused:
            return None

    def cancel_visit(self, turn: Turn, code: str) -> Booking | None:
        mine = self._own(turn, code)
        if mine is None:
            return None
        booking.cancel(self.connection, self.oa_id, mine.id, turn.at)
        return self._booking(mine)

    def visit_to_office(self, turn: Turn, code: str) -> Booking | None:
        mine = self._own(turn, code)
        if mine is None:
            return None
        booking.to_office(self.connection, self.oa_id, mine.id, turn.at)
        detail = {"visit_id": mine.visit_id, "signup_id": mine.id, "code": code}
        open_task(self.connection, self.oa_id, AT_OFFICE, code, turn.person_id, detail, turn.at)
        return self._booking(mine)

    @property
    def _visit_box(self) -> SecretBox:
        return self.visit_box or self.personal

    def _own(self, turn: Turn, code: str) -> Signup | None:
        found = booking.of_code(self.connection, self.oa_id, code)
        mine = found is not None and found.person_id == turn.person_id and found.state in OPEN_STATES
        return found if mine else None

    def _booking(self, signup: Signup) -> Booking:
        visit = sessions.visit(self.connection, self.oa_id, signup.visit_id)
        assert visit is not None, "sessions are never deleted"
        waits = booking.waiting_place(self.connection, signup) if signup.state == "waiting" else None
        who = unseal(self._visit_box, signup.who)
        return Booking(signup, visit, who.name, who.firm, waits)
