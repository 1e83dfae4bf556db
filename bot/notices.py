"""Tells officials: in their own Zalo through the outbox; what Zalo did not deliver, in a digest by e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, Engine, select

from bot import outbox
from bot.mail import Mail, Mailer, MailError
from bot.replies import Reply
from store.engine import read_tx, write_tx
from store.schema import outbox as outbox_table
from store.schema import staff, staff_tasks
from ward import notices
from ward.calendar import WorkCalendar
from ward.notice_rules import digest_slot, rules_of
from ward.notices import Told
from ward.tasks import close_task

log = structlog.get_logger("notices")

REMINDER = 1
"""Priority in the outbox: a citizen's answer goes first."""
SEND_TASKS = ("send_stopped", "send_dead", "send_unknown")


class NoticeWords(Protocol):
    """The words of what officials are told (handlers/notices.py)."""

    def message(self, items: Sequence[Told], now: datetime) -> Reply: ...

    def digest(self, name: str, items: Sequence[Told], now: datetime) -> tuple[str, str]:
        """Subject and text."""
        ...


@dataclass(frozen=True)
class Crier:
    """The jobs of one OA. Each may run late, twice, or in two processes: everybody is told once."""

    engine: Engine
    oa_id: str
    calendar: WorkCalendar
    words: NoticeWords
    mailer: Mailer | None = None

    def tell(self, now: datetime) -> int:
        """Notices that are due, as messages in the outbox; how many messages."""
        with write_tx(self.engine) as connection:
            rules = rules_of(connection, self.oa_id)
            notices.collect(connection, self.oa_id, now, rules)
            bundles = notices.claim_due(connection, self.oa_id, now, rules)
            for bundle in bundles:
                reply = self.words.message(bundle.items, now)
                outbox.enqueue(connection, self.oa_id, bundle.person_id, [reply], bundle.key, now, REMINDER)
            close_send_tasks(connection, self.oa_id, now)
        return len(bundles)

    def mail(self, now: datetime) -> int:
        """The digests of the last set hour that have not left yet; how many left."""
        if self.mailer is None:
            return 0
        with read_tx(self.engine) as connection:
            slot = digest_slot(now, self.calendar, rules_of(connection, self.oa_id))
        if slot is None:
            return 0
        with write_tx(self.engine) as connection:
            claimed = notices.claim_digest(connection, self.oa_id, now, slot)
            query = select(staff.c.id, staff.c.name, staff.c.email).where(staff.c.id.in_(claimed))
            people = connection.execute(query).all()
        return sum(self._mail_one(person, claimed[person.id], now) for person in people)

    def _mail_one(self, person: Any, rows: Sequence[Any], now: datetime) -> bool:
        """The network is waited for outside of any transaction."""
        assert self.mailer is not None
        subject, text = self.words.digest(person.name, notices.told_of(rows), now)
        try:
            self.mailer.send(Mail(person.email, subject, text))
        except MailError as error:
            log.error("digest not sent", reason=str(error), staff_id=person.id)
            with write_tx(self.engine) as connection:
                notices.not_mailed(connection, [row.id for row in rows])
            return False
        return True


def close_send_tasks(connection: Connection, oa_id: str, now: datetime) -> None:
    """A notice that did not arrive is told by mail and shown in the console: nobody calls the official."""
    open_ones = (staff_tasks.c.oa_id == oa_id, staff_tasks.c.done_at.is_(None))
    query = (
        select(staff_tasks.c.kind, staff_tasks.c.ref)
        .join(staff, (staff.c.zalo_person_id == staff_tasks.c.person_id) & (staff.c.oa_id == oa_id))
        .where(*open_ones, staff_tasks.c.kind.in_(SEND_TASKS))
    )
    tasks = {int(row.ref): row for row in connection.execute(query) if row.ref.isdigit()}
    ours = select(outbox_table.c.id).where(
        outbox_table.c.id.in_(tasks), outbox_table.c.dedupe_key.like("notice%")
    )
    for outbox_id in connection.execute(ours).scalars():
        close_task(connection, oa_id, tasks[outbox_id].kind, tasks[outbox_id].ref, now)
