"""After a session was moved: who has neither seen the news nor answered it, two hours on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, exists, or_, select

from store.schema import contact_attempts, inbox_events, reminders, signups, visits
from ward.tasks import close_task, open_task
from ward.visits.model import OPEN_STATES
from ward.visits.telling import MOVED, SUBJECT

PATIENCE = timedelta(hours=2)
TASK = "visit_unseen"
"""A task for staff: people to be called about a moved session. ref: "visit:version"."""


@dataclass(frozen=True)
class Moved:
    visit_id: int
    version: int
    unseen: int


def unseen(connection: Connection, oa_id: str, visit_id: int, now: datetime) -> list[int]:
    """Sign-ups told of the session's last move over two hours ago, from whose people nothing came since.

    Who is on the list of calls for it already, or was called, is not listed here as well."""
    answered_since = exists().where(
        inbox_events.c.oa_id == oa_id,
        inbox_events.c.person_id == signups.c.person_id,
        or_(
            inbox_events.c.event_name == "user_seen_message",
            inbox_events.c.event_name.like("user_send_%"),
        ),
        inbox_events.c.occurred_at >= reminders.c.due_at,
    )
    telephoned = exists().where(
        contact_attempts.c.reminder_id == reminders.c.id,
        contact_attempts.c.channel == "call",
        contact_attempts.c.outcome == "done",
    )
    rows = connection.execute(
        select(signups.c.id)
        .join(visits, visits.c.id == signups.c.visit_id)
        .join(
            reminders,
            and_(
                reminders.c.oa_id == oa_id,
                reminders.c.subject == SUBJECT,
                reminders.c.subject_id == signups.c.id,
                reminders.c.kind == MOVED,
                reminders.c.version == visits.c.version,
            ),
        )
        .where(
            signups.c.oa_id == oa_id,
            signups.c.visit_id == visit_id,
            signups.c.state.in_(OPEN_STATES),
            signups.c.answer.is_(None),
            reminders.c.due_at <= now - PATIENCE,
            ~answered_since,
            reminders.c.state != "call",
            ~telephoned,
        )
        .order_by(signups.c.number)
    )
    return [row.id for row in rows]


def watch(connection: Connection, oa_id: str, now: datetime) -> list[Moved]:
    """For the clock: a task for each moved session with people who have not seen it; ended when none is."""
    rows = connection.execute(
        select(visits.c.id, visits.c.version).where(
            visits.c.oa_id == oa_id,
            visits.c.state == "planned",
            visits.c.moved_from.is_not(None),
            visits.c.ends_at > now,
        )
    ).all()
    found = []
    for row in rows:
        ref = f"{row.id}:{row.version}"
        left = unseen(connection, oa_id, row.id, now)
        if left:
            detail = {"visit_id": row.id, "people": len(left)}
            open_task(connection, oa_id, TASK, ref, None, detail, now)
            found.append(Moved(row.id, row.version, len(left)))
        else:
            close_task(connection, oa_id, TASK, ref, now)
    return found
