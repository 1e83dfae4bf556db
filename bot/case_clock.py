"""The clock's part in casework: reminders, apologies and silent owners; answers that arrived or did not.

An answer is given only when Zalo took it. One whose window is closed, or of which nobody knows, goes back to
its official and onto the call list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, or_, select

from bot import outbox
from bot.notices import SEND_TASKS
from bot.replies import Reply
from store.engine import read_tx, write_tx
from store.schema import case_messages, cases
from store.schema import outbox as outbox_table
from ward.calendar import WorkCalendar
from ward.cases.clock import Apology, DueWork, Plan, carry_out, plan, plan_deliveries
from ward.notice_rules import rules_of, told_at
from ward.tasks import close_task

LateWords = Callable[[str, datetime, datetime, datetime], Sequence[Reply]]
"""(code, was due, is due now, now) → the apology a citizen reads."""


@dataclass(frozen=True)
class CaseClock:
    """The jobs of one OA. Each may run late, twice, or in two processes: everything happens once."""

    engine: Engine
    oa_id: str
    calendar: WorkCalendar
    late: LateWords

    def run(self, now: datetime) -> DueWork:
        """Everything that is due. The look costs no lock; only what is due is written."""
        with read_tx(self.engine) as connection:
            rules = rules_of(connection, self.oa_id)
            due = plan(connection, self.oa_id, now, self.calendar, rules.return_after_minutes, rules.steps)
        return self._do(due, now)

    def settle(self, now: datetime) -> DueWork:
        """Answers under way: arrived, or not."""
        with read_tx(self.engine) as connection:
            due = plan_deliveries(connection, self.oa_id, now)
        return self._do(due, now)

    def _do(self, due: Plan, now: datetime) -> DueWork:
        if not due:
            return DueWork()
        with write_tx(self.engine) as connection:
            rules = rules_of(connection, self.oa_id)
            done = carry_out(
                connection, self.oa_id, due, now, self.calendar, lambda at, urgent: told_at(at, urgent, rules)
            )
            for apology in done.apologies:
                self._apologise(connection, apology, now)
            for case_id in done.undelivered:
                close_send_tasks(connection, self.oa_id, case_id, now)
        return done

    def _apologise(self, connection: Connection, apology: Apology, now: datetime) -> None:
        replies = self.late(apology.code, apology.due_at, apology.new_due_at, now)
        for number, person in enumerate(apology.people):
            key = f"{apology.sent_as}.{number}" if number else apology.sent_as
            outbox.enqueue(connection, self.oa_id, person, replies, key, now)


def close_send_tasks(connection: Connection, oa_id: str, case_id: int, now: datetime) -> None:
    """The call list has the whole answer; its failed parts need no task of their own."""
    sent_as = connection.execute(
        select(case_messages.c.sent_as)
        .join(cases, cases.c.answer_message_id == case_messages.c.id)
        .where(cases.c.id == case_id)
    ).scalar()
    if sent_as is None:
        return
    keys = or_(*(outbox_table.c.dedupe_key == f"{sent_as}:{number}" for number in range(20)))
    parts = select(outbox_table.c.id).where(outbox_table.c.oa_id == oa_id, keys)
    for outbox_id in connection.execute(parts).scalars().all():
        for kind in SEND_TASKS:
            close_task(connection, oa_id, kind, str(outbox_id), now)
