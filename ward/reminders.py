"""Reminders: rows written when a booking is made, and decided again when they are due.

A row says whom to remind of what, never what to say. What it is about may have been moved or cancelled
since: a row of an older version is void. Each row is claimed by one UPDATE, so that two clocks, or one that
runs late or twice, tell nobody twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, func, select, update

from store.engine import insert_new, is_sqlite
from store.schema import reminders
from ward import settings
from ward.calendar import VIET_NAM, local

Subject = Literal["signup", "home", "appointment", "facility"]
BATCH = 200
FIRST_HOUR = time(6, 0)


@dataclass(frozen=True)
class Rule:
    """Remind `days` before, at `at` Viet Nam time."""

    kind: str
    days: int
    at: time


USUAL_RULES = (
    Rule("t3", 3, time(9, 0)),
    Rule("t1", 1, time(17, 0)),
    Rule("morning", 0, time(6, 30)),
)


@dataclass(frozen=True)
class Quiet:
    """Hours in which nobody is written to, given as begin and end of the night."""

    begins: time = time(21, 0)
    ends: time = FIRST_HOUR

    def covers(self, clock: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def over_at(self, moment: datetime) -> datetime:
        """The moment itself, or the end of the quiet hours it falls into."""
        here = local(moment)
        if not self.covers(here.timetz().replace(tzinfo=None)):
            return moment
        end = datetime.combine(here.date(), self.ends, VIET_NAM)
        return end if end > here else end + timedelta(days=1)


def rules_of(connection: Connection, oa_id: str) -> tuple[tuple[Rule, ...], Quiet]:
    """When to remind and when not, as the ward has set it."""
    chosen = settings.load(connection, oa_id)
    rules = tuple(Rule(kind_of(days), days, at) for days, at in chosen.reminder_times)
    night = chosen.reminders_quiet
    return rules, Quiet(*night) if night else Quiet(time(0), time(0))


def kind_of(days: int) -> str:
    return f"t{days}" if days else "morning"


def days_before(kind: str) -> int | None:
    """How long before the day a reminder of this kind is due; None: it is news, not a reminder."""
    if kind == "morning":
        return 0
    return int(kind[1:]) if kind[:1] == "t" and kind[1:].isdigit() else None


@dataclass(frozen=True)
class Due:
    """A reminder whose time has come, claimed for deciding."""

    id: int
    subject: Subject
    subject_id: int
    version: int
    kind: str
    person_id: str | None
    due_at: datetime


def write(
    connection: Connection,
    oa_id: str,
    subject: Subject,
    subject_id: int,
    version: int,
    person_id: str | None,
    starts_at: datetime,
    now: datetime,
    rules: Sequence[Rule] | None = None,
    quiet: Quiet | None = None,
) -> int:
    """The reminders still to come before `starts_at`; those whose time has passed are not made.

    Rules and quiet hours are the ward's settings, unless given.
    """
    if rules is None or quiet is None:
        set_rules, set_quiet = rules_of(connection, oa_id)
        rules = set_rules if rules is None else rules
        quiet = set_quiet if quiet is None else quiet
    day = local(starts_at).date()
    rows = []
    for rule in rules:
        planned = datetime.combine(day - timedelta(days=rule.days), rule.at, VIET_NAM)
        due = quiet.over_at(planned)
        if now < due < starts_at:
            rows.append(_row(oa_id, subject, subject_id, version, rule.kind, person_id, due))
    return insert_new(connection, reminders, rows)


def tell(
    connection: Connection,
    oa_id: str,
    subject: Subject,
    subject_id: int,
    version: int,
    kind: str,
    person_id: str | None,
    now: datetime,
    quiet: Quiet | None = None,
) -> bool:
    """Something to tell once, as soon as it is decent: moved, cancelled, moved up. False: written before."""
    quiet = quiet or rules_of(connection, oa_id)[1]
    row = _row(oa_id, subject, subject_id, version, kind, person_id, quiet.over_at(now))
    return insert_new(connection, reminders, [row]) == 1


def void(
    connection: Connection, oa_id: str, subject: Subject, subject_ids: Sequence[int], now: datetime
) -> int:
    """What waits for these is not told any more."""
    done = 0
    for start in range(0, len(subject_ids), BATCH):
        done += connection.execute(
            update(reminders)
            .where(
                reminders.c.oa_id == oa_id,
                reminders.c.subject == subject,
                reminders.c.subject_id.in_(subject_ids[start : start + BATCH]),
                reminders.c.state == "pending",
            )
            .values(state="void", decided_at=now)
        ).rowcount
    return done


def newest_version(connection: Connection, oa_id: str, subject: Subject, subject_id: int) -> int | None:
    """Of what was ever written about it; None: nothing was."""
    mine = (reminders.c.oa_id == oa_id, reminders.c.subject == subject, reminders.c.subject_id == subject_id)
    found: int | None = connection.execute(select(func.max(reminders.c.version)).where(*mine)).scalar()
    return found


def claim_due(connection: Connection, oa_id: str, now: datetime, limit: int = BATCH) -> list[Due]:
    """The next due ones, now `queued` and ours: the caller says or voids them in this transaction."""
    due = (
        select(reminders.c.id)
        .where(reminders.c.oa_id == oa_id, reminders.c.state == "pending", reminders.c.due_at <= now)
        .order_by(reminders.c.due_at, reminders.c.id)
        .limit(limit)
    )
    if not is_sqlite(connection):
        due = due.with_for_update(skip_locked=True)
    chosen = connection.execute(due).scalars().all()  # PostgreSQL may run a sub-query again, past its limit
    rows = connection.execute(
        update(reminders)
        .where(reminders.c.id.in_(chosen), reminders.c.state == "pending")
        .values(state="queued", decided_at=now)
        .returning(*(reminders.c[name] for name in Due.__dataclass_fields__))
    ).mappings()
    return sorted((Due(**row) for row in rows), key=lambda one: (one.due_at, one.id))


def find(connection: Connection, oa_id: str, reminder_id: int) -> Due | None:
    columns = [reminders.c[name] for name in Due.__dataclass_fields__]
    query = select(*columns).where(reminders.c.oa_id == oa_id, reminders.c.id == reminder_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Due(**row)


def overtaken(connection: Connection, oa_id: str, due: Due, now: datetime) -> bool:
    """Its day has passed, and a later one for the same has come or comes today: that one speaks."""
    today = local(now).date()
    if days_before(due.kind) is None or local(due.due_at).date() >= today:
        return False
    others = connection.execute(
        select(reminders.c.kind, reminders.c.due_at).where(
            reminders.c.oa_id == oa_id,
            reminders.c.subject == due.subject,
            reminders.c.subject_id == due.subject_id,
            reminders.c.version == due.version,
            reminders.c.due_at > due.due_at,
            reminders.c.state != "void",
        )
    )
    return any(days_before(row.kind) is not None and local(row.due_at).date() <= today for row in others)


def settle(
    connection: Connection, reminder_id: int, state: str, now: datetime, sent_as: str | None = None
) -> None:
    """How a claimed reminder went on: queued (with its message), delivered, void, or call."""
    values: dict[str, Any] = {"state": state, "decided_at": now}
    if sent_as is not None:
        values["sent_as"] = sent_as
    connection.execute(update(reminders).where(reminders.c.id == reminder_id).values(**values))


def _row(
    oa_id: str,
    subject: Subject,
    subject_id: int,
    version: int,
    kind: str,
    person_id: str | None,
    due_at: datetime,
) -> dict[str, Any]:
    return {
        "oa_id": oa_id,
        "subject": subject,
        "subject_id": subject_id,
        "version": version,
        "kind": kind,
        "person_id": person_id,
        "due_at": due_at,
        "state": "pending",
    }
