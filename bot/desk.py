"""Where a handler's work for people lands: in the turn's own transaction, or (for a trial) nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import Connection

from bot import people
from bot.replies import Candidate, Ticket, Turn
from store.secrets import SecretBox
from ward.calendar import WorkCalendar
from ward.cases.opening import open_question
from ward.linking import Linked, link
from ward.restricted import keep
from ward.tasks import open_task


@dataclass(frozen=True)
class TransactionDesk:
    """The desk of one event being handled."""

    connection: Connection
    oa_id: str
    event_id: int
    box: SecretBox
    calendar: WorkCalendar
    answer_hours: float

    def hand_over(
        self, turn: Turn, question: str, field: str | None, candidates: Sequence[Candidate]
    ) -> Ticket:
        context = {
            "said_before": people.last_words(self.connection, self.oa_id, turn.person_id),
            "candidates": [asdict(candidate) for candidate in candidates],
        }
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

    def keep_restricted(self, turn: Turn) -> None:
        keep(self.connection, self.box, self.oa_id, turn.person_id, turn.text, turn.at)

    def link_official(self, turn: Turn, code: str) -> Linked:
        return link(self.connection, self.oa_id, turn.person_id, code, turn.at)


class TrialDesk:
    """For `knowledge ask` and the evaluation: shows what would be said, keeps nothing."""

    def hand_over(
        self, turn: Turn, question: str, field: str | None, candidates: Sequence[Candidate]
    ) -> Ticket:
        return Ticket("HD-0000-0000-0", turn.at + timedelta(days=1))

    def raise_alarm(self, turn: Turn, kind: str) -> None: ...

    def keep_restricted(self, turn: Turn) -> None: ...

    def link_official(self, turn: Turn, code: str) -> Linked:
        return "refused"
