"""Where a handler's work for people lands: in the turn's own transaction, or (for a trial) nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from bot import people
from bot.casework import CaseStatus, Draft, NewReport, Reopened, Similar, Tracked
from bot.facility_desk import FacilityWork
from bot.facilitywork import NoFacilities
from bot.firm_desk import FirmWork
from bot.firming import NoFirms
from bot.homing import HomeWish
from bot.replies import Candidate, Ticket, Turn
from bot.visiting import Booking, Place
from knowledge.reports import speaks_of_a_death
from ward import reception, results
from ward.calendar import local
from ward.cases.opening import open_question
from ward.home.model import Request, Slot
from ward.linking import Linked, link
from ward.programmes.duties import Duty
from ward.programmes.lists import Listed
from ward.programmes.model import Programme
from ward.restricted import keep
from ward.results import Notice, Wish
from ward.tasks import open_task
from ward.visits.model import Answer, Visit, VisitKind


@dataclass(frozen=True)
class TransactionDesk(FacilityWork, FirmWork):
    """The desk of one event being handled."""

    def hand_over(
        self, turn: Turn, question: str, field: str | None, candidates: Sequence[Candidate]
    ) -> Ticket:
        said_before = people.last_words(self.connection, self.oa_id, turn.person_id)
        context: dict[str, Any] = {
            "said_before": said_before,
            "candidates": [asdict(candidate) for candidate in candidates],
        }
        if turn.state.get("condoled") or speaks_of_a_death(" . ".join((*said_before, question))):
            context["bereavement"] = True
        opened = open_question(
            self.connection,
            self.oa_id,
            turn.person_id,
            question,
            field,
            context,
            turn.at,
            self.calendar,
            self.answer_hours,
        )
        return Ticket(opened.code, opened.due_at)

    def raise_alarm(self, turn: Turn, kind: str) -> None:
        detail = {"event_id": self.event_id}
        open_task(self.connection, self.oa_id, kind, str(self.event_id), turn.person_id, detail, turn.at)

    def book_reception(self, turn: Turn, day: date, name: str, phone: str | None) -> str:
        box = self.appointment_box or self.box
        who = reception.Who(name, phone)
        return reception.book(self.connection, box, self.oa_id, turn.person_id, day, who, turn.at)

    def cancel_reception(self, turn: Turn, code: str) -> date | None:
        return reception.cancel(self.connection, self.oa_id, turn.person_id, code, turn.at)

    def receptions(self, turn: Turn) -> Sequence[tuple[str, date]]:
        today = local(turn.at).date()
        return reception.booked_by(self.connection, self.oa_id, turn.person_id, today)

    def ask_result(self, turn: Turn, wish: Wish, day: date) -> str:
        box = self._visit_box
        return results.ask(self.connection, box, self.oa_id, turn.person_id, wish, day, turn.at)

    def cancel_result(self, turn: Turn, code: str) -> bool:
        return results.cancel(self.connection, self.oa_id, turn.person_id, code)

    def result_notice(self, turn: Turn, code: str) -> Notice | None:
        return results.of_person(self.connection, self._visit_box, self.oa_id, turn.person_id, code)

    def keep_restricted(self, turn: Turn) -> None:
        keep(self.connection, self.box, self.oa_id, turn.person_id, turn.text, turn.at)

    def link_official(self, turn: Turn, code: str) -> Linked:
        return link(self.connection, self.oa_id, turn.person_id, code, turn.at)


@dataclass
class TrialDesk(NoFacilities, NoFirms):
    """For `knowledge ask` and the evaluation: shows what would be said, keeps nothing."""

    programme_files: Mapping[str, Programme] = field(default_factory=dict)

    def hand_over(
        self, turn: Turn, question: str, field: str | None, candidates: Sequence[Candidate]
    ) -> Ticket:
        return Ticket("HD-0000-0000-0", turn.at + timedelta(days=1))

    def raise_alarm(self, turn: Turn, kind: str) -> None: ...

    def keep_photos(self, turn: Turn, most: int = 4) -> tuple[str, ...]:
        return ()

    def book_reception(self, turn: Turn, day: date, name: str, phone: str | None) -> str:
        return "TD-0000-0000-0"

    def cancel_reception(self, turn: Turn, code: str) -> date | None:
        return None

    def receptions(self, turn: Turn) -> Sequence[tuple[str, date]]:
        return ()

    def ask_result(self, turn: Turn, wish: Wish, day: date) -> str:
        return "KQ-0000-0000-0"

    def cancel_result(self, turn: Turn, code: str) -> bool:
        return False

    def result_notice(self, turn: Turn, code: str) -> Notice | None:
        return None

    @property
    def closed_words(self) -> str:
        return ""

    def keep_restricted(self, turn: Turn) -> None: ...

    def link_official(self, turn: Turn, code: str) -> Linked:
        return "refused"

    def draft(self, turn: Turn) -> Draft | None:
        return None

    def save_draft(self, turn: Turn, draft: Draft) -> None: ...

    def drop_draft(self, turn: Turn) -> None: ...

    def similar(self, turn: Turn, draft: Draft) -> tuple[Similar, ...]:
        return ()

    def submit(self, turn: Turn, report: NewReport) -> Ticket:
        return Ticket("PA-0000-0000-0", turn.at + timedelta(days=1))

    def sent_as(self, turn: Turn, mark: str) -> str | None:
        return None

    def join(self, turn: Turn, code: str, draft: Draft) -> bool:
        return False

    def leave_phone(self, turn: Turn, code: str, phone: str) -> bool:
        return False

    def track(self, turn: Turn, code: str, phone_tail: str | None = None) -> Tracked:
        return "needs_phone" if phone_tail is None else "not_found"

    def open_case(self, turn: Turn, code: str | None = None) -> CaseStatus | None:
        return None

    def write_on(self, turn: Turn, code: str, words: str, photos_kept: tuple[str, ...] = ()) -> bool:
        return False

    def nudge(self, turn: Turn, code: str) -> bool:
        return False

    def withdraw(self, turn: Turn, code: str) -> bool:
        return False

    def rate(self, turn: Turn, code: str, value: int) -> bool:
        return False

    def reopen(self, turn: Turn, code: str, words: str, tell_head: bool) -> Reopened:
        return "not_found"

    def programmes(self, turn: Turn) -> Mapping[str, Programme]:
        return self.programme_files

    def procedures_of(self, turn: Turn, programme: Programme) -> Sequence[Listed]:
        return [Listed(name="", key=key) for key in programme.procedures]

    def on_duty(self, turn: Turn, day: date) -> Sequence[Duty]:
        return ()

    def visits(self, turn: Turn, kind: VisitKind, khom: str | None = None) -> Sequence[Visit]:
        return ()

    def visit(self, turn: Turn, visit_id: int) -> Visit | None:
        return None

    def sign_up(self, turn: Turn, visit_id: int, place: Place) -> Booking | None:
        return None

    def bookings(self, turn: Turn) -> Sequence[Booking]:
        return ()

    def answer_visit(self, turn: Turn, code: str, said: Answer) -> Booking | None:
        return None

    def change_visit(self, turn: Turn, code: str, visit_id: int) -> Booking | None:
        return None

    def cancel_visit(self, turn: Turn, code: str) -> Booking | None:
        return None

    def visit_to_office(self, turn: Turn, code: str) -> Booking | None:
        return None

    def home_slots(self, turn: Turn, programme: Programme, count: int = 3) -> Sequence[Slot]:
        return ()

    def ask_home(self, turn: Turn, programme: Programme, wish: HomeWish) -> Request | None:
        return None

    def homes(self, turn: Turn) -> Sequence[Request]:
        return ()

    def accept_home(self, turn: Turn, code: str) -> Request | None:
        return None

    def cancel_home(self, turn: Turn, code: str) -> Request | None:
        return None
