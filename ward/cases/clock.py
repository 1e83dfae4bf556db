"""Work that falls due by itself: reminders, apologies, silent officials, answers that arrived or did not.

`plan` only reads, so that ten thousand open cases do not hold the database; `carry_out` writes the few that
are due, each checked once more. What is to be said to citizens is returned: the caller has the words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, literal, null, select, text, update

from store.engine import insert_new
from store.schema import case_messages, cases, staff_notices, staff_tasks
from ward.calendar import WorkCalendar, local
from ward.cases.answers import CALL_LIST, delivered, not_delivered
from ward.cases.changes import COLUMNS, SYSTEM, Case, MoveRefused, StaleCase, add_event, load
from ward.cases.citizen import audience
from ward.cases.deadlines import promise, share_used
from ward.cases.handling import give_back
from ward.cases.recipients import Colleague, colleagues, heads, whose_work
from ward.cases.thread import Sending, sendings

Later = Callable[[datetime, bool], datetime]
"""(now, urgent) → when officials may be told: now, or after the silent hours (from ward.settings)."""

STEPS: Final = (50, 80, 100)
RETURN_AFTER_MINUTES: Final = 240
LOST_AFTER: Final = timedelta(minutes=10)
"""An answer that is not in the outbox by then was never put there."""
ECHO_COMES_WITHIN: Final = timedelta(minutes=2)
"""A send without an answer may still be heard of, see bot.outbox.match_echo."""
SPEAK_FROM, SPEAK_UNTIL = 6, 21
"""By Viet Nam's clock: nobody is apologised to at night."""
NEW_TERM_SHARE: Final = 0.25
NEW_TERM_LEAST, NEW_TERM_MOST = 1.0, 16.0


@dataclass(frozen=True)
class Apology:
    """To be said by the caller, to everyone in `people`, under the outbox key `sent_as`."""

    case_id: int
    code: str
    people: Sequence[str]
    due_at: datetime
    new_due_at: datetime
    bereaved: bool
    sent_as: str


@dataclass
class Plan:
    """What is due. `settled`: how the answer of a case fared."""

    settled: list[tuple[Case, Sending]] = field(default_factory=list)
    reminders: list[tuple[Case, int]] = field(default_factory=list)
    late: list[Case] = field(default_factory=list)
    silent: list[Case] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.settled or self.reminders or self.late or self.silent)


@dataclass
class DueWork:
    """What was done: ids of cases, the apologies to be said, and how many notices officials get."""

    apologies: list[Apology] = field(default_factory=list)
    delivered: list[int] = field(default_factory=list)
    undelivered: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    notices: int = 0


def due_work(
    connection: Connection,
    oa_id: str,
    now: datetime,
    calendar: WorkCalendar,
    return_after_minutes: int = RETURN_AFTER_MINUTES,
    steps: Sequence[int] = STEPS,
    later: Later | None = None,
) -> DueWork:
    """Everything that is due now, in one transaction; a second call finds nothing to do."""
    due = plan(connection, oa_id, now, calendar, return_after_minutes, steps)
    return carry_out(connection, oa_id, due, now, calendar, later)


def plan(
    connection: Connection,
    oa_id: str,
    now: datetime,
    calendar: WorkCalendar,
    return_after_minutes: int = RETURN_AFTER_MINUTES,
    steps: Sequence[int] = STEPS,
) -> Plan:
    """Look for what is due; writes nothing."""
    due = Plan(settled=_answers_settled(connection, oa_id, now))
    for case in _running(connection, oa_id):
        percent = _step(case, now, calendar, steps)
        if percent > case.reminded_percent:
            due.reminders.append((case, percent))
        if _is_to_be_told(case, now):
            due.late.append(case)
        if _is_silent(case, now, calendar, return_after_minutes):
            due.silent.append(case)
    return due


def plan_deliveries(connection: Connection, oa_id: str, now: datetime) -> Plan:
    """Only how answers under way fared: cheap enough for every few seconds."""
    return Plan(settled=_answers_settled(connection, oa_id, now))


def carry_out(
    connection: Connection,
    oa_id: str,
    due: Plan,
    now: datetime,
    calendar: WorkCalendar,
    later: Later | None = None,
) -> DueWork:
    """Do what is planned; a case that an official changed meanwhile is left for the next time."""
    done = DueWork()
    notices = _Notices(connection, oa_id, now, later)
    for case, sending in due.settled:
        _settle(connection, case, sending, now, done)
    for case, percent in due.reminders:
        if _mark_reminded(connection, case, percent):
            notices.remind(case, percent)
    for case in due.late:
        _apologise(connection, case, now, calendar, done)
    for case in due.silent:
        if _return(connection, case, now, calendar):
            done.returned.append(case.id)
            notices.returned(case)
    done.notices = notices.written
    return done


# ── answers under way ────────────────────────────────────────────────────────────────────────────


def _answers_settled(connection: Connection, oa_id: str, now: datetime) -> list[tuple[Case, Sending]]:
    """Cases whose final answer has come to an end, or which was thought lost and did arrive."""
    calls = (staff_tasks.c.oa_id == oa_id, staff_tasks.c.kind == CALL_LIST, staff_tasks.c.done_at.is_(None))
    refs = connection.execute(select(staff_tasks.c.ref).where(*calls)).scalars()
    on_list = {int(ref.partition(":")[0]) for ref in refs}
    under_way = select(cases.c.id).where(cases.c.oa_id == oa_id, cases.c.state == text("'sending'"))
    wanted = on_list | set(connection.execute(under_way).scalars())
    if not wanted:
        return []
    query = (
        select(*COLUMNS, case_messages.c.sent_as)
        .join(case_messages, case_messages.c.id == cases.c.answer_message_id)
        .where(cases.c.id.in_(wanted), cases.c.state.in_(["sending", "assigned"]))
    )
    rows = connection.execute(query).all()
    found = sendings(connection, oa_id, [row.sent_as for row in rows if row.sent_as])
    pairs = [(Case(*row[:-1]), found.get(row.sent_as, Sending("missing"))) for row in rows]
    return [(case, sending) for case, sending in pairs if _is_settled(case, sending, now)]


def _is_settled(case: Case, sending: Sending, now: datetime) -> bool:
    if sending.state == "sent":
        return True
    if case.state != "sending" or sending.state == "going":
        return False
    if sending.state == "missing":
        return case.staff_spoke_at is None or now - case.staff_spoke_at > LOST_AFTER
    ended = sending.settled_at
    return sending.state == "failed" or ended is None or now - ended > ECHO_COMES_WITHIN


def _settle(connection: Connection, case: Case, sending: Sending, now: datetime, done: DueWork) -> None:
    try:
        if sending.state == "sent":
            delivered(connection, case.oa_id, case.id, now, case.version)
            done.delivered.append(case.id)
        else:
            not_delivered(connection, case.oa_id, case.id, sending.state, now, case.version)
            done.undelivered.append(case.id)
    except (StaleCase, MoveRefused):
        return


# ── reminders, apologies, silence ────────────────────────────────────────────────────────────────


def _running(connection: Connection, oa_id: str) -> list[Case]:
    """Cases whose clock runs and that wait for an official; without words, for there are many."""
    running = (cases.c.oa_id == oa_id, text("cases.state IN ('new', 'assigned')"))
    return [Case(*row) for row in connection.execute(select(*_WITHOUT_WORDS).where(*running))]


_WORDS: Final[dict[str, Any]] = {
    "question": literal(""),
    "context": null(),
    "contact": null(),
    "address": null(),
}
_WITHOUT_WORDS: Final[tuple[Any, ...]] = tuple(_WORDS.get(column.name, column) for column in COLUMNS)


def _step(case: Case, now: datetime, calendar: WorkCalendar, steps: Sequence[int]) -> int:
    """The highest step the case has reached; the ones passed over are not told one by one."""
    if case.reminded_percent >= max(steps, default=0):
        return 0
    used = 100 * share_used(case, now, calendar)
    return max((step for step in steps if used >= step), default=0)


def _mark_reminded(connection: Connection, case: Case, percent: int) -> bool:
    """No new version: a reminder must not make the page of the official at work stale."""
    marking = update(cases).where(cases.c.id == case.id, cases.c.version == case.version)
    marking = marking.where(cases.c.reminded_percent < percent).values(reminded_percent=percent)
    return connection.execute(marking).rowcount == 1


def _is_to_be_told(case: Case, now: datetime) -> bool:
    late = case.due_at <= now and case.late_told_at is None
    return late and bool(case.person_id) and SPEAK_FROM <= local(now).hour < SPEAK_UNTIL


def _apologise(
    connection: Connection, case: Case, now: datetime, calendar: WorkCalendar, done: DueWork
) -> None:
    """Once for a deadline. The deadline stays where it was: for officials the case is late until answered."""
    marking = update(cases).where(cases.c.id == case.id, cases.c.version == case.version)
    marking = marking.where(cases.c.late_told_at.is_(None)).values(late_told_at=now)
    if connection.execute(marking).rowcount != 1:
        return
    hours = min(max((case.allowed_hours or 0) * NEW_TERM_SHARE, NEW_TERM_LEAST), NEW_TERM_MOST)
    new_due_at = promise(calendar, now, hours)
    detail = {"new_due_at": new_due_at.isoformat()}
    add_event(connection, case.oa_id, case.id, SYSTEM, "late_told", now, detail)
    sent_as = f"c{case.id}late{case.due_at:%y%m%d%H%M}"
    people = audience(connection, case)
    bereaved = load(connection, case.oa_id, case.id).bereaved
    done.apologies.append(Apology(case.id, case.code, people, case.due_at, new_due_at, bereaved, sent_as))


def _is_silent(case: Case, now: datetime, calendar: WorkCalendar, minutes: int) -> bool:
    """Taken, or written to by the citizen, so many working minutes ago, and not a word of the owner since."""
    if case.state != "assigned" or case.taken_at is None:
        return False
    since = max(case.taken_at, case.citizen_spoke_at or case.taken_at)
    if case.staff_spoke_at is not None and case.staff_spoke_at >= since:
        return False
    return calendar.working_hours_between(since, now) * 60 >= minutes


def _return(connection: Connection, case: Case, now: datetime, calendar: WorkCalendar) -> bool:
    try:
        give_back(connection, case.oa_id, case.id, case.version, SYSTEM, None, now, calendar)
    except (StaleCase, MoveRefused):
        return False
    return True


# ── notices to officials ─────────────────────────────────────────────────────────────────────────


class _Notices:
    """Rows of `staff_notices`: each official is told each thing once."""

    def __init__(self, connection: Connection, oa_id: str, now: datetime, later: Later | None) -> None:
        self.connection, self.oa_id, self.now = connection, oa_id, now
        self.later = later or (lambda moment, _urgent: moment)
        self.written = 0
        self._colleagues: list[Colleague] | None = None

    def remind(self, case: Case, percent: int) -> None:
        """The owner; for a case nobody has, those whose work it is. The heads too, once it is late."""
        people = [case.assignee_id] if case.assignee_id is not None else self._whose_work(case)
        if percent >= 100:
            people = [*people, *self._heads()]
        kind = "late" if percent >= 100 else f"due_{percent}"
        self._write(people, case, kind, f"case:{case.id}:{percent}:{case.due_at:%y%m%d%H%M}")

    def returned(self, case: Case) -> None:
        """The one who was silent, and those who may take it now."""
        owner = [case.assignee_id] if case.assignee_id is not None else []
        key = f"case:{case.id}:back:{case.version}"
        self._write([*owner, *self._whose_work(case)], case, "returned", key)

    def _write(self, people: Sequence[int], case: Case, kind: str, key: str) -> None:
        urgent = case.urgency == "urgent"
        row = {"oa_id": self.oa_id, "key": key, "kind": kind, "case_id": case.id, "urgent": urgent}
        row |= {"created_at": self.now, "send_at": self.later(self.now, urgent)}
        rows = [{**row, "staff_id": staff_id} for staff_id in sorted(set(people))]
        self.written += insert_new(self.connection, staff_notices, rows)

    def _heads(self) -> list[int]:
        return heads(self._everyone())

    def _whose_work(self, case: Case) -> list[int]:
        return whose_work(self._everyone(), case)

    def _everyone(self) -> list[Colleague]:
        if self._colleagues is None:
            self._colleagues = colleagues(self.connection, self.oa_id)
        return self._colleagues
