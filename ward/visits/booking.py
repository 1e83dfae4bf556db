"""Signing up: a number and a time slot while there is room, else a waiting number. Never over capacity.

Room is taken by one guarded UPDATE of the session, so that many people at once queue at that row alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from store.schema import signups, visits
from ward import issues
from ward.calendar import local
from ward.cases.opening import next_code
from ward.reminders import void
from ward.visits import telling
from ward.visits.model import (
    CODE_PREFIX,
    IN_DAY,
    NOT_IN_DAY,
    OPEN_STATES,
    SPECIAL,
    Answer,
    BookingRefused,
    NewSignup,
    Signup,
    SignupState,
)

SHORTEST_REASON = 5


def sign_up(connection: Connection, oa_id: str, visit_id: int, new: NewSignup, now: datetime) -> Signup:
    """A place, a waiting place, or the place the person has already for this kind of session."""
    visit = connection.execute(
        select(visits).where(visits.c.oa_id == oa_id, visits.c.id == visit_id)
    ).mappings().one_or_none()  # fmt: skip
    if visit is None or visit["state"] != "planned" or visit["ends_at"] <= now:
        raise BookingRefused("Buổi này không còn nhận ghi tên.")
    if before := open_signup(connection, oa_id, new.person_id, visit["kind"], new.for_other):
        return before
    placed = connection.execute(
        update(visits)
        .where(visits.c.id == visit_id, visits.c.state == "planned", visits.c.taken < visits.c.capacity)
        .values(taken=visits.c.taken + 1, last_number=visits.c.last_number + 1)
        .returning(visits)
    ).mappings().one_or_none()  # fmt: skip
    number = placed["last_number"] if placed else _waiting_number(connection, visit_id)
    slot = _free_slot(connection, placed) if placed else None
    row = {
        "oa_id": oa_id,
        "visit_id": visit_id,
        "code": next_code(connection, oa_id, CODE_PREFIX, now),
        "person_id": new.person_id,
        "kind": visit["kind"],
        "topic": new.topic,
        "for_other": new.for_other,
        "number": number,
        "slot_at": slot,
        "state": "booked" if placed else "waiting",
        "who": new.who,
        "guests": new.guests,
        "photo_consent": new.photo_consent,
        "checked": [SPECIAL] if new.special else None,
        "created_at": now,
        "changed_at": now,
    }
    made = connection.execute(insert(signups).values(**row).returning(signups)).mappings().one()
    if placed:
        telling.booked(connection, oa_id, made, placed, now)
    return as_signup(made)


def _waiting_number(connection: Connection, visit_id: int) -> int:
    number: int = connection.execute(
        update(visits)
        .where(visits.c.id == visit_id)
        .values(last_number=visits.c.last_number + 1)
        .returning(visits.c.last_number)
    ).scalar_one()
    return number


def _free_slot(connection: Connection, visit: RowMapping) -> datetime:
    """The first time slot with room; the last one takes what is left. The session's row is locked by now."""
    used: dict[datetime, int] = dict(
        connection.execute(
            select(signups.c.slot_at, func.count())
            .where(signups.c.visit_id == visit["id"], signups.c.state == "booked")
            .group_by(signups.c.slot_at)
        ).all()
    )
    slots = slots_of(visit["starts_at"], visit["ends_at"], visit["slot_minutes"])
    return next((slot for slot in slots if used.get(slot, 0) < visit["per_slot"]), slots[-1])


def slots_of(starts_at: datetime, ends_at: datetime, minutes: int) -> list[datetime]:
    """Starts of the time slots of a session; at least one."""
    step = timedelta(minutes=minutes)
    return [starts_at + n * step for n in range(max(1, (ends_at - starts_at) // step))]


def open_signup(
    connection: Connection, oa_id: str, person_id: str | None, kind: str, for_other: bool
) -> Signup | None:
    if person_id is None:
        return None
    query = select(signups).where(
        signups.c.oa_id == oa_id,
        signups.c.person_id == person_id,
        signups.c.kind == kind,
        signups.c.for_other == for_other,
        signups.c.state.in_(OPEN_STATES),
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else as_signup(row, already=True)


def of_person(connection: Connection, oa_id: str, person_id: str) -> list[Signup]:
    """Open sign-ups of a person, newest first."""
    query = select(signups).where(
        signups.c.oa_id == oa_id, signups.c.person_id == person_id, signups.c.state.in_(OPEN_STATES)
    )
    return [as_signup(row) for row in connection.execute(query.order_by(signups.c.id.desc())).mappings()]


def topics_in_use(connection: Connection, oa_id: str, programme: str) -> set[str]:
    """Matters that people have an open place for in a coming session of the programme."""
    query = (
        select(signups.c.topic)
        .join(visits, visits.c.id == signups.c.visit_id)
        .where(signups.c.oa_id == oa_id, visits.c.programme == programme, visits.c.state == "planned")
        .where(signups.c.state.in_(OPEN_STATES))
    )
    return set(connection.execute(query.distinct()).scalars())


def find(connection: Connection, oa_id: str, signup_id: int) -> Signup | None:
    query = select(signups).where(signups.c.oa_id == oa_id, signups.c.id == signup_id)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else as_signup(row)


def cancel(connection: Connection, oa_id: str, signup_id: int, now: datetime) -> Signup | None:
    """Give the place up. Returns who moves up from the waiting list, to be told; None when nobody."""
    return _leave(connection, oa_id, signup_id, "cancelled", now)


def change(connection: Connection, oa_id: str, signup_id: int, visit_id: int, now: datetime) -> Signup:
    """The same matter at another session that has room; the old place is given up in the same step."""
    before = find(connection, oa_id, signup_id)
    if before is None or before.state not in OPEN_STATES:
        raise BookingRefused("Lượt ghi tên này không còn mở.")
    for one in sorted(
        {before.visit_id, visit_id}
    ):  # always in this order: two changes cannot block each other
        _locked(connection, one)
    target = connection.execute(select(visits).where(visits.c.id == visit_id)).mappings().one()
    if target["oa_id"] != oa_id or target["kind"] != before.kind or visit_id == before.visit_id:
        raise BookingRefused("Buổi này không đổi qua được.")
    if target["state"] != "planned" or target["ends_at"] <= now or target["taken"] >= target["capacity"]:
        raise BookingRefused("Buổi mới vừa đủ người. Mình chọn buổi khác giùm.")
    row = _row(connection, oa_id, signup_id)
    _leave(connection, oa_id, signup_id, "cancelled", now)
    kept = {name: row[name] for name in ("topic", "for_other", "who", "guests", "photo_consent")}
    special = SPECIAL in (row["checked"] or [])
    new = NewSignup(before.person_id, **kept, special=special)
    made = sign_up(connection, oa_id, visit_id, new, now)
    issues.follow(connection, signup_id, made.id, visit_id)
    return made


def forget(connection: Connection, oa_id: str, person_id: str, now: datetime) -> None:
    """Open places of the person are given up, and names and numbers are gone from all of theirs."""
    for mine in of_person(connection, oa_id, person_id):
        cancel(connection, oa_id, mine.id, now)
    theirs = (signups.c.oa_id == oa_id, signups.c.person_id == person_id)
    connection.execute(update(signups).where(*theirs).values(who=None, photo_consent=None))


def waiting_place(connection: Connection, signup: Signup) -> int:
    """How many wait before this one, itself counted."""
    before = select(func.count()).where(
        signups.c.visit_id == signup.visit_id,
        signups.c.state == "waiting",
        signups.c.number <= signup.number,
    )
    return int(connection.execute(before).scalar_one())


def of_code(connection: Connection, oa_id: str, code: str) -> Signup | None:
    query = select(signups).where(signups.c.oa_id == oa_id, signups.c.code == code)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else as_signup(row)


def day_list(connection: Connection, oa_id: str, visit_id: int) -> list[Signup]:
    """Everybody of a session by number, also those who cancelled."""
    query = select(signups).where(signups.c.oa_id == oa_id, signups.c.visit_id == visit_id)
    return [as_signup(row) for row in connection.execute(query.order_by(signups.c.number)).mappings()]


def to_office(connection: Connection, oa_id: str, signup_id: int, now: datetime) -> Signup | None:
    """The person comes to the ward's office instead; the place is free again."""
    return _leave(connection, oa_id, signup_id, "at_office", now)


def answer(connection: Connection, oa_id: str, signup_id: int, said: Answer | None, now: datetime) -> bool:
    """What the person says to a reminder; None takes it back. False when it is not open any more."""
    changed = connection.execute(
        update(signups)
        .where(
            signups.c.oa_id == oa_id, signups.c.id == signup_id, signups.c.state.in_(OPEN_STATES)
        )
        .values(answer=said, changed_at=now)
    )  # fmt: skip
    return changed.rowcount == 1


def attend(
    connection: Connection, oa_id: str, signup_id: int, came: bool, result: str, now: datetime
) -> None:
    """An official writes who came and what came of it; may be mended afterwards."""
    state: SignupState = "came" if came else "absent"
    changed = connection.execute(
        update(signups)
        .where(
            signups.c.oa_id == oa_id,
            signups.c.id == signup_id,
            signups.c.state.in_(["booked", "waiting", "came", "absent"]),
        )
        .values(state=state, result=result.strip()[:300] or None, changed_at=now)
    )
    if changed.rowcount != 1:
        raise BookingRefused("Lượt ghi tên này đã hủy, không ghi kết quả được.")


def tick(connection: Connection, oa_id: str, signup_id: int, item: str, on: bool, now: datetime) -> bool:
    """Something was handed over to this couple (or not after all). False: it stood so before."""
    before = _marked(connection, oa_id, signup_id)
    if (item in before) == on:
        return False
    after = [*before, item] if on else [one for one in before if one != item]
    _set(connection, signup_id, checked=after, changed_at=now)
    return True


def ended_in_day(
    connection: Connection, oa_id: str, signup_id: int, done: bool, reason: str, now: datetime
) -> None:
    """Whether the result was given the same day; if not, why. Not before that day; may be mended later."""
    begins = _begins(connection, oa_id, signup_id)
    if local(begins).date() > local(now).date():
        raise BookingRefused(
            f"Chưa tới ngày {local(begins):%d/%m/%Y}, chưa ghi kết quả trong ngày được. Đúng ngày ghi giùm."
        )
    words = "" if done else reason.strip()
    if not done and len(words) < SHORTEST_REASON:
        raise BookingRefused("Chưa trả được trong ngày thì ghi lý do giùm (ít nhất 5 ký tự), để báo cáo.")
    said = [one for one in _marked(connection, oa_id, signup_id) if one == SPECIAL]
    attend(connection, oa_id, signup_id, True, words, now)
    _set(connection, signup_id, checked=[*said, IN_DAY if done else NOT_IN_DAY], changed_at=now)


def _begins(connection: Connection, oa_id: str, signup_id: int) -> datetime:
    """When the session of a sign-up begins."""
    query = select(visits.c.starts_at).join(signups, signups.c.visit_id == visits.c.id)
    found = query.where(signups.c.oa_id == oa_id, signups.c.id == signup_id)
    begins: datetime = connection.execute(found).scalar_one()
    return begins


def _marked(connection: Connection, oa_id: str, signup_id: int) -> list[str]:
    """What is ticked, held until the transaction ends: two officials cannot undo each other."""
    query = select(signups.c.checked).where(
        signups.c.oa_id == oa_id, signups.c.id == signup_id, signups.c.state.in_(["booked", "came"])
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise BookingRefused("Lượt này đang chờ chỗ, không tới hoặc đã hủy, không đánh dấu được.")
    return list(row.checked or [])


def _leave(
    connection: Connection, oa_id: str, signup_id: int, state: SignupState, now: datetime
) -> Signup | None:
    open_one = (signups.c.oa_id == oa_id, signups.c.id == signup_id, signups.c.state.in_(OPEN_STATES))
    visit_id = connection.execute(select(signups.c.visit_id).where(*open_one)).scalar_one_or_none()
    if visit_id is None:
        raise BookingRefused("Lượt ghi tên này không còn mở.")
    visit = _locked(connection, visit_id)
    before = connection.execute(select(signups.c.state).where(*open_one)).scalar_one()
    _set(connection, signup_id, state=state, changed_at=now)
    void(connection, oa_id, "signup", [signup_id], now)
    return _move_up(connection, visit, now) if before == "booked" else None


def _row(connection: Connection, oa_id: str, signup_id: int) -> RowMapping:
    query = select(signups).where(signups.c.oa_id == oa_id, signups.c.id == signup_id)
    return connection.execute(query).mappings().one()


def _locked(connection: Connection, visit_id: int) -> RowMapping:
    """The session's row, held until the transaction ends: places are given and freed one at a time."""
    query = select(visits).where(visits.c.id == visit_id).with_for_update()
    return connection.execute(query).mappings().one()


def _move_up(connection: Connection, visit: RowMapping, now: datetime) -> Signup | None:
    """The first of the waiting list gets the free place and its slot; else the place is free."""
    first = connection.execute(
        select(signups.c.id)
        .where(signups.c.visit_id == visit["id"], signups.c.state == "waiting")
        .order_by(signups.c.number)
        .limit(1)
    ).scalar_one_or_none()
    if first is None or visit["state"] != "planned":
        freed = update(visits).where(visits.c.id == visit["id"]).values(taken=visits.c.taken - 1)
        connection.execute(freed)
        return None
    slot = _free_slot(connection, visit)
    moved = _set(connection, first, state="booked", slot_at=slot, changed_at=now)
    telling.moved_up(connection, visit["oa_id"], moved, visit, now)
    return as_signup(moved)


def _set(connection: Connection, signup_id: int, **values: Any) -> RowMapping:
    return (
        connection.execute(
            update(signups)
            .where(signups.c.id == signup_id)
            .values(version=signups.c.version + 1, **values)
            .returning(signups)
        )
        .mappings()
        .one()
    )


def as_signup(row: RowMapping, already: bool = False) -> Signup:
    names = [name for name in Signup.__dataclass_fields__ if name != "already"]
    return Signup(**{name: row[name] for name in names}, already=already)
