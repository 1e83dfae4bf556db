"""Requests for service at home and all that becomes of them. Every change raises the version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from store.schema import home_requests
from store.secrets import SecretBox
from ward import reminders
from ward.calendar import WorkCalendar
from ward.cases.opening import next_code
from ward.home.model import (
    CODE_PREFIX,
    OPEN_STATES,
    SHORTEST_REASON,
    HomeRefused,
    HomeState,
    NewRequest,
    Request,
    Service,
    Slot,
    StaleRequest,
    Where,
    seal,
    unseal,
)
from ward.home.room import check_serves, take_room
from ward.programmes.model import Programme

SUBJECT: Final = "home"
CONFIRMED, PROPOSED, DECLINED = "confirmed", "proposed", "declined"


# --- by the citizen ---


def ask(
    connection: Connection,
    oa_id: str,
    new: NewRequest,
    programme: Programme,
    calendar: WorkCalendar,
    now: datetime,
) -> Request:
    """A place in the half day, to be confirmed by an official; or the open request the person has."""
    if before := open_one(connection, oa_id, new.person_id, new.service):
        return before
    if check_serves(programme, new.slot, calendar) <= now:
        raise HomeRefused("Buổi đó đã qua. Chọn buổi khác giùm.")
    take_room(connection, oa_id, programme, new.slot)
    row = {
        "oa_id": oa_id,
        "code": next_code(connection, oa_id, CODE_PREFIX, now),
        "programme": programme.key,
        "person_id": new.person_id,
        "service": new.service,
        "person_group": new.person_group,
        "procedure_key": new.procedure_key,
        "day": new.slot.day,
        "half": new.slot.half,
        "asked_for": new.asked_for,
        "khom": new.khom,
        "who": new.who,
        "state": "asked",
        "created_at": now,
        "changed_at": now,
    }
    made = connection.execute(insert(home_requests).values(**row).returning(home_requests)).mappings().one()
    return as_request(made)


def accept(connection: Connection, oa_id: str, request: Request, begins: datetime, now: datetime) -> Request:
    """The citizen takes the proposed time: it is fixed, and reminded of."""
    _expect(request, "proposed")
    after = _change(connection, oa_id, request, now, state="confirmed")
    _remind(connection, oa_id, after, begins, now)
    return after


def cancel(connection: Connection, oa_id: str, request: Request, now: datetime) -> Request:
    """Given up by the citizen, or a proposal refused: the place is free again."""
    _expect(request, *OPEN_STATES)
    after = _change(connection, oa_id, request, now, state="cancelled")
    reminders.void(connection, oa_id, SUBJECT, [request.id], now)
    return after


def forget(connection: Connection, oa_id: str, person_id: str, now: datetime) -> None:
    """Open requests are given up, and names, numbers and addresses are gone from all of theirs."""
    theirs = home_requests.c.person_id == person_id
    for mine in _all(connection, _of(oa_id).where(theirs, home_requests.c.state.in_(OPEN_STATES))):
        cancel(connection, oa_id, mine, now)
    blanked = update(home_requests).where(home_requests.c.oa_id == oa_id, theirs)
    connection.execute(blanked.values(who=None))


# --- by officials ---


def confirm(
    connection: Connection,
    oa_id: str,
    request: Request,
    programme: Programme,
    calendar: WorkCalendar,
    now: datetime,
    tell: bool = True,
) -> Request:
    """`tell` is false for somebody who is on the telephone, or stands there, and has just been told."""
    _expect(request, "asked")
    begins = check_serves(programme, request.slot, calendar)
    after = _change(connection, oa_id, request, now, state="confirmed", result=None)
    if tell:
        _tell(connection, oa_id, after, CONFIRMED, now)
    _remind(connection, oa_id, after, begins, now)
    return after


def propose(
    connection: Connection,
    oa_id: str,
    request: Request,
    programme: Programme,
    slot: Slot,
    asked_for: str | None,
    reason: str,
    calendar: WorkCalendar,
    now: datetime,
) -> Request:
    """Another time, which the citizen takes or leaves; its place is held meanwhile."""
    _expect(request, *OPEN_STATES)
    if check_serves(programme, slot, calendar) <= now:
        raise HomeRefused("Giờ đề nghị đã qua.")
    if slot != request.slot:
        take_room(connection, oa_id, programme, slot)
    elif asked_for == request.asked_for:
        raise HomeRefused("Giờ đề nghị giống giờ đang có. Nếu nhận giờ này thì bấm Xác nhận.")
    reminders.void(connection, oa_id, SUBJECT, [request.id], now)
    values = {"day": slot.day, "half": slot.half, "asked_for": asked_for, "result": said(reason)}
    after = _change(connection, oa_id, request, now, state="proposed", **values)
    _tell(connection, oa_id, after, PROPOSED, now)
    return after


def decline(connection: Connection, oa_id: str, request: Request, reason: str, now: datetime) -> Request:
    """Not taken, and the citizen hears why."""
    _expect(request, *OPEN_STATES)
    after = _change(connection, oa_id, request, now, state="declined", result=said(reason))
    reminders.void(connection, oa_id, SUBJECT, [request.id], now)
    _tell(connection, oa_id, after, DECLINED, now)
    return after


def done(
    connection: Connection,
    oa_id: str,
    box: SecretBox,
    request: Request,
    visited_at: datetime,
    place: str,
    result: str,
    now: datetime,
) -> Request:
    """Done at this hour and minute, at this place: both belong into a certification outside the office."""
    _expect(request, "confirmed", "done", "not_done")
    if visited_at > now:
        raise HomeRefused("Giờ thực hiện chưa tới. Ghi lại ngày, giờ, phút giùm.")
    where = where_of(connection, oa_id, box, request.id)
    spot = " ".join(place.split()) or where.address
    if not spot:
        raise HomeRefused("Ghi địa điểm thực hiện giùm.")
    sealed = seal(box, Where(where.name, where.phone, where.address, spot[:200]))
    values = {"visited_at": visited_at.replace(second=0, microsecond=0), "who": sealed}
    return _change(
        connection, oa_id, request, now, state="done", result=result.strip()[:300] or None, **values
    )


def not_done(connection: Connection, oa_id: str, request: Request, reason: str, now: datetime) -> Request:
    """The visit was made or meant, and the work was not done; why."""
    _expect(request, "confirmed", "done", "not_done")
    return _change(connection, oa_id, request, now, state="not_done", visited_at=None, result=said(reason))


# --- looking ---


def find(connection: Connection, oa_id: str, request_id: int) -> Request | None:
    return _one(connection, _of(oa_id).where(home_requests.c.id == request_id))


def of_code(connection: Connection, oa_id: str, code: str) -> Request | None:
    return _one(connection, _of(oa_id).where(home_requests.c.code == code))


def open_one(connection: Connection, oa_id: str, person_id: str | None, service: Service) -> Request | None:
    if person_id is None:
        return None
    mine = (home_requests.c.person_id == person_id, home_requests.c.service == service)
    row = (
        connection.execute(_of(oa_id).where(*mine, home_requests.c.state.in_(OPEN_STATES))).mappings().first()
    )
    return None if row is None else as_request(row, already=True)


def of_person(connection: Connection, oa_id: str, person_id: str, today: date) -> list[Request]:
    """Open requests whose day is not past, soonest first."""
    mine = (home_requests.c.person_id == person_id, home_requests.c.day >= today)
    query = _of(oa_id).where(*mine, home_requests.c.state.in_(OPEN_STATES))
    return _all(connection, query.order_by(home_requests.c.day, home_requests.c.half, home_requests.c.id))


def waiting(connection: Connection, oa_id: str) -> list[Request]:
    """What officials have to confirm, the soonest visit first."""
    query = _of(oa_id).where(home_requests.c.state == "asked")
    return _all(connection, query.order_by(home_requests.c.day, home_requests.c.half, home_requests.c.id))


def between(connection: Connection, oa_id: str, first: date, last: date) -> list[Request]:
    query = _of(oa_id).where(home_requests.c.day.between(first, last))
    return _all(connection, query.order_by(home_requests.c.day, home_requests.c.half, home_requests.c.id))


def route(connection: Connection, oa_id: str, day: date) -> list[Request]:
    """The visits of a day, morning first, neighbours together."""
    kept = home_requests.c.state.in_(("confirmed", "done", "not_done"))
    found = _all(connection, _of(oa_id).where(home_requests.c.day == day, kept))
    return sorted(found, key=lambda one: (one.half, one.khom is None, one.khom or "", one.id))


def where_of(connection: Connection, oa_id: str, box: SecretBox, request_id: int) -> Where:
    """Who and where: for the officials who go there. The page that asks writes it into the log."""
    query = select(home_requests.c.who).where(
        home_requests.c.oa_id == oa_id, home_requests.c.id == request_id
    )
    return unseal(box, connection.execute(query).scalar_one_or_none())


# --- small parts ---


def said(reason: str) -> str:
    words = " ".join(reason.split())
    if len(words) < SHORTEST_REASON:
        raise HomeRefused("Ghi lý do giùm (ít nhất 5 ký tự): người dân được nghe lý do này.")
    return words[:300]


def _expect(request: Request, *states: HomeState) -> None:
    if request.state not in states:
        raise HomeRefused("Phiếu này không còn ở bước đó nữa. Mở lại trang giùm.")


def _change(connection: Connection, oa_id: str, request: Request, now: datetime, **values: Any) -> Request:
    row = (
        connection.execute(
            update(home_requests)
            .where(
                home_requests.c.oa_id == oa_id,
                home_requests.c.id == request.id,
                home_requests.c.version == request.version,
            )
            .values(version=home_requests.c.version + 1, changed_at=now, **values)
            .returning(home_requests)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise StaleRequest
    return as_request(row)


def _tell(connection: Connection, oa_id: str, request: Request, kind: str, now: datetime) -> None:
    reminders.tell(
        connection, oa_id, SUBJECT, request.id, request.version, kind, request.person_id, now
    )  # fmt: skip


def _remind(connection: Connection, oa_id: str, request: Request, begins: datetime, now: datetime) -> None:
    reminders.write(
        connection, oa_id, SUBJECT, request.id, request.version, request.person_id, begins, now
    )  # fmt: skip


def _of(oa_id: str) -> Select[Any]:
    return select(home_requests).where(home_requests.c.oa_id == oa_id)


def _one(connection: Connection, query: Select[Any]) -> Request | None:
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else as_request(row)


def _all(connection: Connection, query: Select[Any]) -> list[Request]:
    return [as_request(row) for row in connection.execute(query).mappings()]


def as_request(row: RowMapping, already: bool = False) -> Request:
    names: Sequence[str] = [name for name in Request.__dataclass_fields__ if name != "already"]
    return Request(**{name: row[name] for name in names}, already=already)
