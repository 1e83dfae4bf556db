"""Sessions: planning, finding the coming ones, moving and cancelling. All in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from store.schema import signups, visits
from ward.calendar import VIET_NAM, WorkCalendar
from ward.programmes.days import spans_on
from ward.programmes.model import Programme
from ward.visits.model import OPEN_STATES, BookingRefused, StaleVisit, Visit, VisitKind

SHORTEST_REASON = 5


def plan(
    connection: Connection,
    oa_id: str,
    programme: Programme,
    khom: str | None,
    place: str,
    day: date,
    calendar: WorkCalendar,
    now: datetime,
    team: Sequence[str] = (),
    returns_on: date | None = None,
) -> Visit:
    """One session of a programme on a day it serves; its hours are the programme's, as one span."""
    if programme.sessions is None or programme.kind not in ("mobile", "land", "ceremony", "coffee"):
        raise BookingRefused(f"“{programme.name}” không có buổi hẹn.")
    spans = spans_on(programme, day, calendar)
    if not spans:
        raise BookingRefused(
            f"Ngày {day:%d/%m/%Y} “{programme.name}” không phục vụ (lịch, ngày lễ, thời hạn)."
        )
    setup = programme.sessions
    row: dict[str, Any] = {
        "oa_id": oa_id,
        "programme": programme.key,
        "kind": programme.kind,
        "khom": khom,
        "place": place,
        "starts_at": spans[0][0],
        "ends_at": spans[-1][1],
        "returns_on": returns_on,
        "slot_minutes": setup.slot_minutes,
        "per_slot": setup.per_slot,
        "capacity": setup.capacity,
        "team": list(team),
        "kit": list(setup.kit),
        "state": "planned",
        "created_at": now,
    }
    made = connection.execute(insert(visits).values(**row).returning(visits)).mappings().one()
    return as_visit(made)


def visit(connection: Connection, oa_id: str, visit_id: int) -> Visit | None:
    row = connection.execute(_of(oa_id).where(visits.c.id == visit_id)).mappings().one_or_none()
    return None if row is None else as_visit(row)


def coming(
    connection: Connection,
    oa_id: str,
    now: datetime,
    kind: VisitKind | None = None,
    khom: str | None = None,
    limit: int = 20,
) -> list[Visit]:
    """Planned sessions not over yet, soonest first."""
    query = _of(oa_id).where(visits.c.state == "planned", visits.c.ends_at > now)
    if kind is not None:
        query = query.where(visits.c.kind == kind)
    if khom is not None:
        query = query.where(visits.c.khom == khom)
    rows = connection.execute(query.order_by(visits.c.starts_at, visits.c.id).limit(limit)).mappings()
    return [as_visit(row) for row in rows]


def postpone(
    connection: Connection,
    oa_id: str,
    visit_id: int,
    version: int,
    day: date,
    reason: str,
    now: datetime,
) -> Visit:
    """The same hours on another day. Numbers are kept, slots move along; old reminders become void."""
    before = _planned(connection, oa_id, visit_id)
    shift = timedelta(days=(day - before.starts_at.astimezone(VIET_NAM).date()).days)
    if not shift or before.starts_at + shift <= now:
        raise BookingRefused("Ngày mới phải khác ngày cũ và chưa qua.")
    values = {
        "starts_at": before.starts_at + shift,
        "ends_at": before.ends_at + shift,
        "moved_from": before.starts_at,
        "reason": _reason(reason),
    }
    after = _change(connection, oa_id, visit_id, version, **values)
    for row in connection.execute(
        select(signups.c.id, signups.c.slot_at).where(
            signups.c.visit_id == visit_id, signups.c.state.in_(OPEN_STATES)
        )
    ).all():
        moved = None if row.slot_at is None else row.slot_at + shift
        change = {"slot_at": moved, "answer": None, "changed_at": now, "version": signups.c.version + 1}
        connection.execute(update(signups).where(signups.c.id == row.id).values(**change))
    return after


def call_off(
    connection: Connection, oa_id: str, visit_id: int, version: int, reason: str, now: datetime
) -> Visit:
    """Cancel a session. Its sign-ups end too; telling the people is the reminders' work."""
    _planned(connection, oa_id, visit_id)
    after = _change(connection, oa_id, visit_id, version, state="cancelled", reason=_reason(reason))
    connection.execute(
        update(signups)
        .where(signups.c.visit_id == visit_id, signups.c.state.in_(OPEN_STATES))
        .values(state="cancelled", changed_at=now, version=signups.c.version + 1)
    )
    return after


def close(connection: Connection, oa_id: str, visit_id: int, version: int, note: str) -> Visit:
    """The session was held; who did not come is marked by the officials before."""
    _planned(connection, oa_id, visit_id)
    return _change(connection, oa_id, visit_id, version, state="held", note=note.strip() or None)


def _planned(connection: Connection, oa_id: str, visit_id: int) -> Visit:
    found = visit(connection, oa_id, visit_id)
    if found is None or found.state != "planned":
        raise BookingRefused("Buổi này không còn trong lịch sắp tới.")
    return found


def _reason(words: str) -> str:
    reason = words.strip()
    if len(reason) < SHORTEST_REASON:
        raise BookingRefused("Ghi lý do giùm (ít nhất 5 ký tự): người dân sẽ được nghe lý do này.")
    return reason[:300]


def _change(connection: Connection, oa_id: str, visit_id: int, version: int, **values: Any) -> Visit:
    row = (
        connection.execute(
            update(visits)
            .where(visits.c.oa_id == oa_id, visits.c.id == visit_id, visits.c.version == version)
            .values(version=visits.c.version + 1, **values)
            .returning(visits)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise StaleVisit
    return as_visit(row)


def _of(oa_id: str) -> Select[Any]:
    return select(visits).where(visits.c.oa_id == oa_id)


def as_visit(row: RowMapping) -> Visit:
    names = Visit.__dataclass_fields__
    return Visit(**{name: row[name] for name in names})
