"""Reminders that are due: decided again, put into words, and into the outbox in the transaction of the claim.

A reminder whose message fails takes the next rung of the ladder; one of which nobody knows whether it arrived
is listed for staff and never repeated by itself. Nothing is dropped: the last rung is the call list.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection, Engine, Row, and_, func, select, text

from bot import ladder, outbox
from bot.ladder import Means, Reach, Words
from bot.metrics import REMINDERS
from store.engine import read_tx, write_tx
from store.schema import contact_attempts, people, reminders, staff_tasks
from store.schema import outbox as outbox_table
from store.secrets import SecretBox, SecretsUnreadable
from ward import contacts, settings
from ward import reminders as rows
from ward.calendar import local
from ward.reminder_matters import FACILITY, Matter, matter_of, stands, useless_after
from ward.reminders import Due
from ward.tasks import close_task, open_task

log = structlog.get_logger("reminding")

PRIORITY: Final = 1
BATCH: Final = 50
CALL_TASK: Final = "call_reminder"
SEND_TASKS: Final = ("send_stopped", "send_dead", "send_unknown")
LOOK_AGAIN_AFTER: Final = timedelta(minutes=1)
UNKNOWN_FOR: Final = timedelta(hours=24)
"""An echo that comes later than this settles nothing any more."""


class ReminderWords(Protocol):
    """What is said, and in which words (handlers/reminder_words.py)."""

    def say(self, due: Due, matter: Matter, now: datetime) -> Words | None:
        """None: nothing is to be said, the reminder is void."""
        ...


@dataclass(frozen=True)
class Reminding:
    """The jobs of one OA. Each may run late, twice, or in two processes: everybody is told once."""

    engine: Engine
    oa_id: str
    words: ReminderWords
    box: SecretBox
    rate: int
    has_sms: bool = False
    has_mail: bool = False
    facility_box: SecretBox | None = None
    """What opens the contact of a facility; without one it has no telephone."""

    def tick(self, now: datetime) -> int:
        """Everything that is due, in small transactions; how many reminders were decided.

        Only as many as leave within two minutes: what waits in the table is decided again, late as it may be.
        """
        done = 0
        while True:
            with read_tx(self.engine) as connection:
                if not _anything_due(connection, self.oa_id, now):
                    return done
            with write_tx(self.engine) as connection:
                decided = self.tell_due(connection, now)
            done += decided
            if not decided:
                return done

    def tell_due(self, connection: Connection, now: datetime) -> int:
        """One batch, in the caller's transaction."""
        if self._is_quiet(connection, now):
            return 0
        room = max(1, 2 * self.rate) - _waiting(connection, self.oa_id)
        if room <= 0:
            return 0
        means = self._means(connection)
        claimed = rows.claim_due(connection, self.oa_id, now, min(BATCH, room))
        for due in claimed:
            self._decide(connection, due, means, now)
        return len(claimed)

    def settle(self, now: datetime) -> int:
        """Messages under way: arrived, failed (the next rung), or unknown (listed). How many changed."""
        with read_tx(self.engine) as connection:
            found = _ended(connection, self.oa_id)
            stale = [
                row for row in _resting(connection, self.oa_id, now) if self._is_void(connection, row, now)
            ]
            done_calls = self._needless_calls(connection, now)
        changed = 0
        for start in range(0, len(found), BATCH):
            with write_tx(self.engine) as connection:
                means, quiet = self._means(connection), self._is_quiet(connection, now)
                batch = found[start : start + BATCH]
                changed += sum(self._end(connection, row, means, quiet, now) for row in batch)
        if stale or done_calls:
            with write_tx(self.engine) as connection:
                changed += sum(self._take_back(connection, row, now) for row in stale)
                changed += sum(self._forget_call(connection, number, now) for number in done_calls)
        return changed

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────

    def _decide(self, connection: Connection, due: Due, means: Means, now: datetime) -> str:
        """Void, or the next rung that was not tried yet."""
        matter = matter_of(connection, self.oa_id, due)
        said = None
        if matter and stands(due, matter, now) and not rows.overtaken(connection, self.oa_id, due, now):
            said = self.words.say(due, matter, now)
        if matter is None or said is None:
            rows.settle(connection, due.id, "void", now)
            return _count("void")
        reach = self._reach(connection, due, matter)
        channel = ladder.next_rung(reach, means, due.kind, contacts.tried(connection, due.id), now)
        if channel == "call":
            return self._to_call_list(connection, due, matter, said, now)
        until = useless_after(due, matter, now)
        reply = ladder.as_reply(channel, said, reach, means, due.kind, until, self.box)
        first = not contacts.tried(connection, due.id)
        key = f"r{due.id}" if first else f"r{due.id}.{channel}"
        contacts.begin(connection, self.oa_id, due.id, channel, now, means.cost(channel))
        to = reach.person_id or f"reminder{due.id}"
        outbox.enqueue(connection, self.oa_id, to, [reply], key, now, PRIORITY)
        if first:
            self._tell_others(connection, due, matter, said, now)
        rows.settle(connection, due.id, "queued", now, sent_as=key)
        return _count(channel)

    def _tell_others(
        self, connection: Connection, due: Due, matter: Matter, said: Words, now: datetime
    ) -> None:
        """Further accounts of a facility, where writing is free; how the first one ends is what counts."""
        until = useless_after(due, matter, now)
        for place, person_id in enumerate(matter.others):
            reach = Reach(person_id, self._seen(connection, person_id))
            if "free" in ladder.rungs(reach, Means(), due.kind, now):
                reply = ladder.as_reply("free", said, reach, Means(), due.kind, until, self.box)
                key = f"r{due.id}.also{place}"
                outbox.enqueue(connection, self.oa_id, person_id, [reply], key, now, PRIORITY)

    def _to_call_list(
        self, connection: Connection, due: Due, matter: Matter, said: Words, now: datetime
    ) -> str:
        contacts.begin(connection, self.oa_id, due.id, "call", now)
        rows.settle(connection, due.id, "call", now)
        self._list(connection, due, matter, said, now, "no_way")
        return _count("call")

    def _list(
        self, connection: Connection, due: Due, matter: Matter, said: Words, now: datetime, why: str
    ) -> None:
        detail = {
            "why": why,
            "topic": matter.topic,
            "code": matter.code,
            "khom": matter.khom,
            "day": local(matter.starts_at).date().isoformat(),
            "say": said.line,
        }
        open_task(connection, self.oa_id, CALL_TASK, str(due.id), due.person_id, detail, now)

    # ── how it ended ─────────────────────────────────────────────────────────────────────────────

    def _end(self, connection: Connection, row: Row[Any], means: Means, quiet: bool, now: datetime) -> bool:
        if row.sending_state == "sent":
            return self._delivered(connection, row, now)
        if row.sending_state in ("stopped", "dead"):
            return self._failed(connection, row, means, quiet, now)
        return self._unclear(connection, row, now)

    def _delivered(self, connection: Connection, row: Row[Any], now: datetime) -> bool:
        if not contacts.end(connection, row.id, row.channel, "sent"):
            return False
        rows.settle(connection, row.id, "delivered", now)
        close_task(connection, self.oa_id, CALL_TASK, str(row.id), now)
        _count("delivered")
        return True

    def _failed(
        self, connection: Connection, row: Row[Any], means: Means, quiet: bool, now: datetime
    ) -> bool:
        """The next rung, decided afresh; not in the night."""
        if quiet:
            return False
        detail = f"{row.error_code or ''} {row.error or ''}".strip()
        if not contacts.end(connection, row.id, row.channel, "failed", detail):
            return False
        self._close_send_tasks(connection, row, now)
        if row.channel.startswith("zbs") and row.error_code is not None:
            ref = f"zbs{row.error_code}:{now:%Y-%m-%d}"
            detail_of = {"code": row.error_code, "meaning": row.error}
            open_task(connection, self.oa_id, "zalo_alert", ref, None, detail_of, now)
        due = rows.find(connection, self.oa_id, row.id)
        if due is not None:
            self._decide(connection, due, means, now)
        return True

    def _unclear(self, connection: Connection, row: Row[Any], now: datetime) -> bool:
        """One entry in the list of calls instead of the send's own task; an echo may still settle it."""
        if contacts.end(connection, row.id, row.channel, "unknown", row.error):
            due = rows.find(connection, self.oa_id, row.id)
            matter = matter_of(connection, self.oa_id, due) if due else None
            said = self.words.say(due, matter, now) if due and matter else None
            if due and matter and said:
                self._list(connection, due, matter, said, now, "unknown")
                self._close_send_tasks(connection, row, now)
            _count("unknown")
            return True
        if row.decided_at < now - UNKNOWN_FOR:
            rows.settle(connection, row.id, "unknown", now)
            return True
        return False

    def _close_send_tasks(self, connection: Connection, row: Row[Any], now: datetime) -> None:
        for kind in SEND_TASKS:
            close_task(connection, self.oa_id, kind, str(row.outbox_id), now)

    # ── what changed while it waited ─────────────────────────────────────────────────────────────

    def _is_void(self, connection: Connection, row: Row[Any], now: datetime) -> bool:
        due = rows.find(connection, self.oa_id, row.id)
        matter = matter_of(connection, self.oa_id, due) if due else None
        return due is None or matter is None or not stands(due, matter, now)

    def _take_back(self, connection: Connection, row: Row[Any], now: datetime) -> bool:
        if not outbox.withdraw(connection, self.oa_id, row.sent_as, now):
            return False
        contacts.end(connection, row.id, row.channel, "failed", outbox.WITHDRAWN)
        rows.settle(connection, row.id, "void", now)
        _count("void")
        return True

    def _needless_calls(self, connection: Connection, now: datetime) -> list[int]:
        """Calls about what was cancelled or moved since. What is merely over stays, so that it is seen."""
        mine = (staff_tasks.c.oa_id == self.oa_id, staff_tasks.c.kind == CALL_TASK)
        query = select(staff_tasks.c.ref).where(*mine, staff_tasks.c.done_at.is_(None))
        numbers = [int(ref) for ref in connection.execute(query).scalars()]
        return [number for number in numbers if self._changed(connection, number)]

    def _changed(self, connection: Connection, number: int) -> bool:
        due = rows.find(connection, self.oa_id, number)
        matter = matter_of(connection, self.oa_id, due) if due else None
        return due is None or matter is None or not stands(due, matter, due.due_at)

    def _forget_call(self, connection: Connection, number: int, now: datetime) -> bool:
        contacts.end(connection, number, "call", "failed", outbox.WITHDRAWN)
        rows.settle(connection, number, "void", now)
        return close_task(connection, self.oa_id, CALL_TASK, str(number), now)

    # ── what is known ────────────────────────────────────────────────────────────────────────────

    def _reach(self, connection: Connection, due: Due, matter: Matter) -> Reach:
        of_facility = matter.topic == FACILITY
        person_id = matter.person_id if of_facility else due.person_id
        seen = self._seen(connection, person_id) if person_id else None
        box = self.facility_box if of_facility else self.box
        who = who_of(box, matter.who) if box else {}
        return Reach(person_id, seen, who.get("phone"), who.get("mail"), who.get("way") == "sms")

    def _seen(self, connection: Connection, person_id: str) -> datetime | None:
        query = select(people.c.last_inbound_at).where(people.c.person_id == person_id)
        seen: datetime | None = connection.execute(query.where(people.c.oa_id == self.oa_id)).scalar()
        return seen

    def _means(self, connection: Connection) -> Means:
        chosen = settings.load(connection, self.oa_id)
        return Means(
            paid=chosen.reminder_paid,
            paid_vnd=chosen.reminder_paid_vnd,
            templates=chosen.templates,
            zbs_vnd=chosen.reminder_zbs_vnd,
            sms=chosen.reminder_sms and self.has_sms,
            mail=chosen.reminder_mail and self.has_mail,
        )

    def _is_quiet(self, connection: Connection, now: datetime) -> bool:
        quiet = rows.rules_of(connection, self.oa_id)[1]
        return quiet.covers(local(now).time())


def who_of(box: SecretBox, kept: bytes | None) -> dict[str, str]:
    """Name, phone and mail of a sealed `who`; empty when there is none, or it cannot be read."""
    if kept is None:
        return {}
    try:
        found = json.loads(box.open_text(kept))
    except (SecretsUnreadable, ValueError):
        return {}
    return {name: str(value) for name, value in found.items() if value} if isinstance(found, dict) else {}


def _count(fate: str) -> str:
    REMINDERS.labels(fate).inc()
    return fate


def _anything_due(connection: Connection, oa_id: str, now: datetime) -> bool:
    query = select(reminders.c.id).where(reminders.c.oa_id == oa_id, reminders.c.due_at <= now)
    return connection.execute(query.where(text("state = 'pending'")).limit(1)).first() is not None


def _waiting(connection: Connection, oa_id: str) -> int:
    """Reminders that wait in the outbox."""
    query = select(func.count()).where(
        outbox_table.c.oa_id == oa_id,
        outbox_table.c.priority == PRIORITY,
        outbox_table.c.state == text("'queued'"),
    )
    return int(connection.execute(query).scalar_one())


def _under_way(oa_id: str) -> Any:
    """Queued reminders with the first part of their message; other parts have tasks of their own."""
    message = and_(
        outbox_table.c.oa_id == reminders.c.oa_id, outbox_table.c.dedupe_key == reminders.c.sent_as + ":0"
    )
    rung = and_(
        contact_attempts.c.reminder_id == reminders.c.id,
        contact_attempts.c.outcome.in_(["queued", "unknown"]),
    )
    return (
        select(
            reminders.c.id,
            reminders.c.sent_as,
            reminders.c.decided_at,
            contact_attempts.c.channel,
            outbox_table.c.id.label("outbox_id"),
            outbox_table.c.state.label("sending_state"),
            outbox_table.c.error_code,
            outbox_table.c.error,
        )
        .join(outbox_table, message)
        .join(contact_attempts, rung)
        .where(reminders.c.oa_id == oa_id, text("reminders.state = 'queued'"))
        .order_by(reminders.c.id)
    )


def _ended(connection: Connection, oa_id: str) -> Sequence[Row[Any]]:
    ended = outbox_table.c.state.not_in(["queued", "sending"])
    return connection.execute(_under_way(oa_id).where(ended)).all()


def _resting(connection: Connection, oa_id: str, now: datetime) -> Sequence[Row[Any]]:
    """Messages that have waited so long that their matter may have changed."""
    rests = (outbox_table.c.state == text("'queued'"), reminders.c.decided_at < now - LOOK_AGAIN_AFTER)
    return connection.execute(_under_way(oa_id).where(*rests).limit(200)).all()
