"""Sessions: planning, finding the coming ones, moving and cancelling. All in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, get_args

from sqlalchemy import Connection, RowMapping, Select, insert, or_, select, update

from store.schema import signups, visits
from ward import issues
from ward.calendar import VIET_NAM, WorkCalendar, local
from ward.programmes import duties
from ward.programmes.days import service_days, spans_on
from ward.programmes.model import Programme
from ward.visits import telling
from ward.visits.model import OPEN_STATES, BookingRefused, StaleVisit, Visit, VisitKind

SHORTEST_REASON = 5
MOST_WEEKS = 26
KEPT_AHEAD = timedelta(days=28)
"""How far days of same-day programmes are opened for booking."""
MOST_GUESTS = 500
LONGEST_MEETING = timedelta(hours=12)
SKIPPED_WEEKS = 8
"""Weeks without a day of service (holidays) that a plan reaches over."""


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
    if programme.sessions is None or programme.kind not in get_args(VisitKind):
        raise BookingRefused(f"“{programme.name}” không có buổi hẹn.")
    spans = spans_on(programme, day, calendar)
    if spans and spans[-1][1] <= now:
        raise BookingRefused(f"Ngày {day:%d/%m/%Y} đã qua.")
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
        "returns_on": returns_on or second_trip(programme, day, calendar),
        "slot_minutes": setup.slot_minutes,
        "per_slot": setup.per_slot,
        "capacity": setup.capacity,
    }
    return _insert(connection, row, programme, team, now)


def plan_meeting(
    connection: Connection,
    oa_id: str,
    programme: Programme,
    place: str,
    begins: datetime,
    ends: datetime,
    capacity: int,
    now: datetime,
    team: Sequence[str] = (),
) -> Visit:
    """One session at an hour of its own, to which everybody comes at the same time; any day of the week."""
    if programme.kind != "coffee":
        raise BookingRefused(f"“{programme.name}” không phải buổi gặp doanh nghiệp.")
    if not programme.in_force(local(begins).date()):
        raise BookingRefused(f"Ngày {local(begins):%d/%m/%Y} ngoài thời hạn của “{programme.name}”.")
    if begins <= now or not timedelta() < ends - begins <= LONGEST_MEETING:
        raise BookingRefused("Giờ bắt đầu phải chưa qua, giờ kết thúc sau giờ bắt đầu trong ngày.")
    if not place.strip() or not 1 <= capacity <= MOST_GUESTS:
        raise BookingRefused(f"Ghi nơi gặp, và số chỗ từ 1 đến {MOST_GUESTS}.")
    row: dict[str, Any] = {
        "oa_id": oa_id,
        "programme": programme.key,
        "kind": programme.kind,
        "khom": None,
        "place": place.strip()[:200],
        "starts_at": begins,
        "ends_at": ends,
        "returns_on": None,
        "slot_minutes": (ends - begins) // timedelta(minutes=1),
        "per_slot": capacity,
        "capacity": capacity,
    }
    return _insert(connection, row, programme, team, now)


def _insert(
    connection: Connection, row: dict[str, Any], programme: Programme, team: Sequence[str], now: datetime
) -> Visit:
    setup = programme.sessions
    more = {
        "team": list(team or (setup.team if setup else ())),
        "kit": list(setup.kit) if setup else [],
        "state": "planned",
        "created_at": now,
    }
    made = connection.execute(insert(visits).values(**row, **more).returning(visits)).mappings().one()
    return as_visit(made)


def second_trip(programme: Programme, day: date, calendar: WorkCalendar) -> date | None:
    """The last day by which the papers are brought back, when the programme makes two trips."""
    setup = programme.sessions
    if setup is None or setup.trips < 2 or setup.return_within_days is None:
        return None
    morning = datetime.combine(day, time(8), VIET_NAM)
    return local(calendar.add_working_days(morning, setup.return_within_days)).date()


def plan_weekly(
    connection: Connection,
    oa_id: str,
    programme: Programme,
    khoms: Sequence[tuple[str | None, str]],
    first: date,
    weeks: int,
    calendar: WorkCalendar,
    now: datetime,
    team: Sequence[str] = (),
) -> list[Visit]:
    """One khóm (or one place) a week in turn, over the programme's own days; none is planned twice."""
    if not khoms or not 1 <= weeks <= MOST_WEEKS:
        raise BookingRefused(f"Chọn ít nhất một khóm, và từ 1 đến {MOST_WEEKS} tuần.")
    made: list[Visit] = []
    for day in _one_a_week(programme, calendar, first, weeks):
        khom, place = khoms[len(made) % len(khoms)]
        if not planned_on(connection, oa_id, programme.key, khom, day):
            made.append(plan(connection, oa_id, programme, khom, place, day, calendar, now, team))
        else:
            khoms = [*khoms[1:], khoms[0]]
    if not made:
        raise BookingRefused("Không có ngày nào để lên lịch: chương trình đã hết hạn, hoặc đã có lịch rồi.")
    return made


def keep_planned(
    connection: Connection,
    oa_id: str,
    programmes: Iterable[Programme],
    place: str,
    calendar: WorkCalendar,
    now: datetime,
) -> list[Visit]:
    """The coming days of same-day programmes that take bookings. A day moved or called off stays so."""
    made: list[Visit] = []
    today = local(now).date()
    for programme in programmes:
        if programme.kind != "same_day" or programme.sessions is None:
            continue
        for day in service_days(programme, calendar, today):
            if day > today + KEPT_AHEAD:
                break
            over = spans_on(programme, day, calendar)[-1][1] <= now
            if not over and not _known_on(connection, oa_id, programme.key, day):
                where = programme.place or place
                made.append(plan(connection, oa_id, programme, None, where, day, calendar, now))
    return made


def _known_on(connection: Connection, oa_id: str, programme: str, day: date) -> bool:
    """A session of the day in any state, also one that was moved away from it."""
    begins = datetime.combine(day, time(), VIET_NAM)
    ends = begins + timedelta(days=1)
    on_it = or_(*(column.between(begins, ends) for column in (visits.c.starts_at, visits.c.moved_from)))
    return connection.execute(_of(oa_id).where(visits.c.programme == programme, on_it)).first() is not None


def _one_a_week(programme: Programme, calendar: WorkCalendar, first: date, weeks: int) -> list[date]:
    days: dict[tuple[int, int], date] = {}
    for day in service_days(programme, calendar, first):
        days.setdefault(day.isocalendar()[:2], day)
        if len(days) > weeks or (day - first).days > 7 * (weeks + SKIPPED_WEEKS):
            break
    return list(days.values())[:weeks]


def planned_on(connection: Connection, oa_id: str, programme: str, khom: str | None, day: date) -> bool:
    begins = datetime.combine(day, time(), VIET_NAM)
    found = connection.execute(
        _of(oa_id).where(
            visits.c.programme == programme,
            visits.c.khom == khom,
            visits.c.state == "planned",
            visits.c.starts_at >= begins,
            visits.c.starts_at < begins + timedelta(days=1),
        )
    )
    return found.first() is not None


def between(connection: Connection, oa_id: str, since: datetime, until: datetime) -> list[Visit]:
    """Sessions of a span of time in every state, soonest first."""
    query = _of(oa_id).where(visits.c.starts_at >= since, visits.c.starts_at < until)
    rows = connection.execute(query.order_by(visits.c.starts_at, visits.c.id)).mappings()
    return [as_visit(row) for row in rows]


def setup_of(connection: Connection, oa_id: str, visit_id: int) -> tuple[list[str], list[str]]:
    """Team and kit of a session. With no team of its own: who is on the programme's duty roster that day."""
    row = connection.execute(_of(oa_id).where(visits.c.id == visit_id)).one()
    team = list(row.team) or _on_duty(connection, oa_id, row.programme, local(row.starts_at).date())
    return team, list(row.kit)


def _on_duty(connection: Connection, oa_id: str, programme: str, day: date) -> list[str]:
    """Not those who only help: volunteers see no names and telephone numbers."""
    found = duties.of_programme(connection, oa_id, programme, day)
    return list(dict.fromkeys(one.name for one in found if one.role != "helps"))


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
    at: time | None = None,
    calendar: WorkCalendar | None = None,
) -> Visit:
    """Another day, perhaps another hour. Numbers are kept, slots move along, old reminders become void, and
    everybody is told once. `calendar`: to keep the second trip as many working days after."""
    before = _planned(connection, oa_id, visit_id)
    old = local(before.starts_at)
    shift = datetime.combine(day, at or old.time(), VIET_NAM) - old
    if not shift or before.starts_at + shift <= now:
        raise BookingRefused("Ngày giờ mới phải khác ngày giờ cũ và chưa qua.")
    values = {
        "starts_at": before.starts_at + shift,
        "ends_at": before.ends_at + shift,
        "returns_on": _returns_after(before, day, calendar),
        "moved_from": before.starts_at,
        "reason": _reason(reason),
    }
    after = _change(connection, oa_id, visit_id, version, **values)
    for row in _open_of(connection, visit_id):
        moved = None if row["slot_at"] is None else row["slot_at"] + shift
        change = {"slot_at": moved, "answer": None, "changed_at": now, "version": signups.c.version + 1}
        connection.execute(update(signups).where(signups.c.id == row["id"]).values(**change))
    telling.moved(connection, oa_id, after, now)
    issues.session_moved(connection, oa_id, visit_id, day - old.date(), calendar)
    return after


def _returns_after(before: Visit, day: date, calendar: WorkCalendar | None) -> date | None:
    if before.returns_on is None or calendar is None:
        return before.returns_on
    old = local(before.starts_at).date()
    days = [old + timedelta(days=n) for n in range(1, (before.returns_on - old).days + 1)]
    working = sum(map(calendar.is_working_day, days))
    return local(calendar.add_working_days(datetime.combine(day, time(8), VIET_NAM), max(1, working))).date()


def call_off(
    connection: Connection, oa_id: str, visit_id: int, version: int, reason: str, now: datetime
) -> Visit:
    """Cancel a session. Its sign-ups end too, and everybody is told once."""
    _planned(connection, oa_id, visit_id)
    after = _change(connection, oa_id, visit_id, version, state="cancelled", reason=_reason(reason))
    telling.called_off(connection, oa_id, after, now)
    connection.execute(
        update(signups)
        .where(signups.c.visit_id == visit_id, signups.c.state.in_(OPEN_STATES))
        .values(state="cancelled", changed_at=now, version=signups.c.version + 1)
    )
    return after


def _open_of(connection: Connection, visit_id: int) -> list[RowMapping]:
    query = select(signups).where(signups.c.visit_id == visit_id, signups.c.state.in_(OPEN_STATES))
    return list(connection.execute(query.order_by(signups.c.number)).mappings())


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
