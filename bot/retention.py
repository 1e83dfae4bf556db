"""What is not kept: raw events a week, words of turns two months (law-context §5.10), names of those who
signed up for a session or a reception day two months after it, addresses of service at home one, a report
never sent a day, counted tries a day, pictures of nobody's report a day, those of ended cases half a year.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Table, and_, delete, func, or_, select, text, tuple_, update

from store.engine import read_tx, write_tx
from store.schema import (
    appointments,
    attempts,
    case_views,
    cases,
    drafts,
    facility_drafts,
    home_requests,
    inbox_events,
    outbox,
    photos,
    signups,
    staff_notices,
    turns,
    visits,
)
from ward.calendar import local
from ward.cases.forgetting import forget_case, to_forget
from ward.photos import drop_old_loose
from ward.reception import KIND as RECEPTION
from ward.reminder_matters import RESULT
from ward.visits.firms import KIND as FIRMS

EVENTS_KEPT = timedelta(days=7)
WORDS_KEPT = timedelta(days=60)
DRAFTS_KEPT = timedelta(hours=24)
ATTEMPTS_KEPT = timedelta(days=1)
VIEWS_KEPT = timedelta(days=1)
NOTICES_KEPT = timedelta(days=60)
PHOTOS_KEPT = timedelta(days=180)
ADDRESSES_KEPT = timedelta(days=30)
"""Of service at home, after the day of the visit, or after it was given up."""
BATCH = 500


def purge(engine: Engine, now: datetime, photos_kept: timedelta = PHOTOS_KEPT) -> dict[str, int]:
    """Remove what is past its time, in small transactions. Returns how many rows of each kind."""
    old_turn = (turns.c.text.is_not(None), turns.c.at < now - WORDS_KEPT)
    settled = outbox.c.state.not_in(["queued", "sending"])
    old_message = (outbox.c.reply.is_not(None), settled, outbox.c.created_at < now - WORDS_KEPT)
    old_notice = (staff_notices.c.created_at < now - NOTICES_KEPT,)
    return {
        "events": _purge_events(engine, now),
        "turns": _in_batches(engine, turns, old_turn, {"text": None, "normalized": None}),
        "messages": _in_batches(engine, outbox, old_message, {"reply": None}),
        "drafts": _in_batches(engine, drafts, (drafts.c.updated_at < now - DRAFTS_KEPT,), None),
        "facility_drafts": _in_batches(
            engine, facility_drafts, (facility_drafts.c.updated_at < now - DRAFTS_KEPT,), None
        ),
        "photos": _purge_photos(engine, now, photos_kept),
        "attempts": _in_batches(engine, attempts, (attempts.c.at < now - ATTEMPTS_KEPT,), None),
        "views": _in_batches(engine, case_views, (case_views.c.at < now - VIEWS_KEPT,), None),
        "notices": _in_batches(engine, staff_notices, old_notice, None),
        "addresses": _in_batches(engine, home_requests, _old_address(now), {"who": None}),
        "result_notices": _in_batches(
            engine, appointments, _old_result(now), {"who": b"", "state": "cancelled"}
        ),
        "names": _in_batches(engine, signups, _old_signup(now), {"who": None})
        + _in_batches(engine, appointments, _old_reception(now), {"who": b""}),
        "forgotten": _forget(engine, now),
    }


def _purge_events(engine: Engine, now: datetime) -> int:
    """The newest stays, without its words: SQLite would number the next one anew, as one that was handled."""
    row = inbox_events.c
    old = (row.state != "new", row.received_at < now - EVENTS_KEPT)
    newest = select(func.max(row.id)).scalar_subquery()
    gone = _in_batches(engine, inbox_events, (*old, row.id < newest), None)
    return gone + _in_batches(engine, inbox_events, (*old, row.payload.is_not(None)), {"payload": None})


def _old_address(now: datetime) -> tuple[Any, ...]:
    row, limit = home_requests.c, now - ADDRESSES_KEPT
    given_up = and_(row.state.in_(("declined", "cancelled")), row.changed_at < limit)
    return row.who.is_not(None), or_(row.day < local(limit).date(), given_up)


def _old_result(now: datetime) -> tuple[Any, ...]:
    """Wishes to hear of a result, with their telephone numbers, as long as addresses."""
    past = appointments.c.day < local(now - ADDRESSES_KEPT).date()
    return appointments.c.kind == RESULT, past, appointments.c.who != b""


def _old_signup(now: datetime) -> tuple[Any, ...]:
    """Firms are seen to by ward.visits.firms: they may have agreed to news, or wait for an answer."""
    past = select(visits.c.id).where(visits.c.ends_at < now - WORDS_KEPT, visits.c.kind != FIRMS)
    return signups.c.who.is_not(None), signups.c.visit_id.in_(past)


def _old_reception(now: datetime) -> tuple[Any, ...]:
    past = appointments.c.day < local(now - WORDS_KEPT).date()
    return appointments.c.kind == RECEPTION, past, appointments.c.who != b""


def _purge_photos(engine: Engine, now: datetime, kept: timedelta) -> int:
    """Pictures of a draft that was never sent, and those of cases long ended."""
    ended = text("cases.state IN ('answered', 'merged', 'withdrawn')")
    long_ended = select(cases.c.id).where(ended, cases.c.answered_at < now - kept)
    old = (photos.c.created_at < now - kept, photos.c.case_id.in_(long_ended))
    return _loose_photos(engine, now) + _in_batches(engine, photos, old, None)


def _loose_photos(engine: Engine, now: datetime) -> int:
    """Those of no case, unless their draft still lives."""
    done = 0
    while True:
        with write_tx(engine) as connection:
            dropped = drop_old_loose(connection, now, BATCH)
        done += dropped
        if dropped < BATCH:
            return done


def _forget(engine: Engine, now: datetime) -> int:
    """Cases that ended since their person asked to be forgotten."""
    with read_tx(engine) as connection:
        found = to_forget(connection, BATCH)
    done = 0
    for oa_id, case_id in found:
        with write_tx(engine) as connection:
            done += forget_case(connection, oa_id, case_id, now)
    return done


def _in_batches(engine: Engine, table: Table, which: tuple[Any, ...], blank: dict[str, Any] | None) -> int:
    """Delete the rows, or blank the named columns; a long table never holds the lock for long."""
    key = tuple(table.primary_key.columns)
    done = 0
    while True:
        with write_tx(engine) as connection:
            found = connection.execute(select(*key).where(*which).limit(BATCH)).all()
            chosen = tuple_(*key).in_([tuple(row) for row in found])
            change = delete(table) if blank is None else update(table).values(**blank)
            connection.execute(change.where(chosen))
        done += len(found)
        if len(found) < BATCH:
            return done
