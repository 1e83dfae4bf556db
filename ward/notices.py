"""Officials are told of what waits for them: who, when, once. The words and the sending are elsewhere.

Rows of `staff_notices` come from the history of cases (`collect`) and from the clock of cases
(ward/cases/clock.py: reminders, silent owners). No row, and no message made of it, carries a citizen's
words or data: a code, kinds, the field, the khóm and the deadline only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update

from store.engine import insert_new, upsert
from store.schema import case_events, cases, counters, outbox, staff, staff_notices
from ward.cases.model import ENDED
from ward.cases.recipients import Colleague, colleagues, heads, whose_work
from ward.notice_rules import Rules, told_at

KINDS: Final[dict[str, str]] = {
    "new": "phiếu mới",
    "urgent": "phiếu khẩn",
    "passed_on": "phiếu được chuyển tới",
    "given_back": "phiếu được trả lại hàng chờ",
    "returned": "phiếu về hàng chờ vì chưa có lời nào",
    "reopened": "phiếu mở lại",
    "wrote": "người dân nhắn thêm",
    "undelivered": "câu trả lời chưa tới người dân",
    "due_50": "đã qua nửa thời hạn",
    "due_80": "sắp hết hạn",
    "late": "quá hạn",
}
"""Kind of a notice → its words. Another percentage of the clock is told as "due"."""

SEEN = "notices_seen"
SETTLES = timedelta(minutes=2)
"""An event so old has no neighbour with a lower number that is not committed yet."""
TOO_OLD = timedelta(days=7)
BATCH = 500
GAP = timedelta(minutes=10)
"""Between two messages to one official; what comes meanwhile is told together. Urgent ones do not wait."""
FAILED: Final = ("stopped", "dead", "unknown")


@dataclass(frozen=True)
class Told:
    """One thing an official is told."""

    kind: str
    code: str
    case_id: int
    case_kind: str
    field: str | None
    khom: str | None
    due_at: datetime
    urgent: bool


@dataclass(frozen=True)
class Bundle:
    """What one official is told in one message, under one outbox key."""

    staff_id: int
    person_id: str
    key: str
    items: tuple[Told, ...]


# ── who is told ──────────────────────────────────────────────────────────────────────────────────


def _new(everyone: Sequence[Colleague], case: Any, _event: Any) -> list[int]:
    return whose_work(everyone, case) if case.assignee_id is None else []


def _owner(_everyone: Sequence[Colleague], case: Any, _event: Any) -> list[int]:
    return [] if case.assignee_id is None else [case.assignee_id]


def _reopened(everyone: Sequence[Colleague], case: Any, event: Any) -> list[int]:
    return [*(_owner(everyone, case, event) or whose_work(everyone, case)), *heads(everyone)]


_RECIPIENTS: Final = {
    "opened": _new,
    "classified": _new,
    "given_back": _new,
    "passed_on": _owner,
    "citizen_wrote": _owner,
    "not_delivered": _owner,
    "reopened": _reopened,
}
_NAMES: Final = {
    "opened": "new",
    "classified": "new",
    "citizen_wrote": "wrote",
    "not_delivered": "undelivered",
}


# ── from the history of cases ────────────────────────────────────────────────────────────────────


def collect(connection: Connection, oa_id: str, now: datetime, rules: Rules) -> int:
    """Turn new events of cases into notices. Any number of calls, at any time, tells each thing once."""
    seen = _seen(connection, oa_id)
    events = connection.execute(
        select(case_events)
        .where(case_events.c.oa_id == oa_id, case_events.c.id > seen)
        .order_by(case_events.c.id)
        .limit(BATCH)
    ).all()
    if not events:
        return 0
    everyone = colleagues(connection, oa_id)
    telling = [event for event in events if event.kind in _RECIPIENTS and event.at > now - TOO_OLD]
    known = _cases(connection, oa_id, {event.case_id for event in telling})
    rows = [
        row
        for event in telling
        if event.case_id in known
        for row in _rows(everyone, known[event.case_id], event, now, rules)
    ]
    written = insert_new(connection, staff_notices, rows)
    settled = [event.id for event in events if event.at <= now - SETTLES]
    if settled:
        _note_seen(connection, oa_id, max(settled))
    return written


def _rows(
    everyone: Sequence[Colleague], case: Any, event: Any, now: datetime, rules: Rules
) -> list[dict[str, Any]]:
    kind, key = _NAMES.get(event.kind, event.kind), f"event:{event.id}"
    urgent = case.urgency == "urgent"
    if kind == "new":
        kind = "urgent" if urgent else kind
        key = f"case:{case.id}:{kind}"
    people = set(_RECIPIENTS[event.kind](everyone, case, event)) - {event.staff_id}
    if case.head_only:
        people &= set(heads(everyone))
    at_work = {one.id for one in everyone}
    row = {"oa_id": case.oa_id, "key": key, "kind": kind, "case_id": case.id, "urgent": urgent}
    row |= {"created_at": now, "send_at": told_at(now, urgent, rules)}
    return [{**row, "staff_id": staff_id} for staff_id in sorted(people & at_work)]


def _cases(connection: Connection, oa_id: str, ids: set[int]) -> dict[int, Row[Any]]:
    """Those that still wait for an official."""
    query = select(cases).where(cases.c.oa_id == oa_id, cases.c.id.in_(ids), cases.c.state.not_in(ENDED))
    return {row.id: row for row in connection.execute(query)}


def _seen(connection: Connection, oa_id: str) -> int:
    mine = (counters.c.oa_id == oa_id, counters.c.name == SEEN)
    return connection.execute(select(counters.c.value).where(*mine)).scalar() or 0


def _note_seen(connection: Connection, oa_id: str, event_id: int) -> None:
    adding = upsert(connection, counters).values(oa_id=oa_id, name=SEEN, value=event_id)
    forward = counters.c.value < adding.excluded.value
    connection.execute(
        adding.on_conflict_do_update(
            index_elements=["oa_id", "name"], set_={"value": adding.excluded.value}, where=forward
        )
    )


# ── into Zalo ────────────────────────────────────────────────────────────────────────────────────


def claim_due(connection: Connection, oa_id: str, now: datetime, rules: Rules) -> list[Bundle]:
    """What is to be told in Zalo now, marked as told: the caller puts it into the outbox at once."""
    _hold_back(connection, oa_id, now, rules)
    waiting = _waiting(connection, oa_id, now)
    theirs: dict[int, list[Any]] = {}
    for row in waiting:
        theirs.setdefault(row.staff_id, []).append(row)
    last = _last_told(connection, oa_id, now)
    bundles = []
    for staff_id, rows in theirs.items():
        at = last.get(staff_id)
        if at is not None and now - at < GAP and not any(row.urgent for row in rows):
            continue
        bundles += _claim(connection, rows, now)
    return bundles


def _hold_back(connection: Connection, oa_id: str, now: datetime, rules: Rules) -> None:
    """Whoever wrote the row, and however late we are: nobody is woken but for what is urgent."""
    for urgent in (False, True):
        at = told_at(now, urgent, rules)
        if at > now:
            which = (*_unsent(oa_id, now), staff_notices.c.urgent.is_(urgent))
            connection.execute(update(staff_notices).where(*which).values(send_at=at))


def _unsent(oa_id: str, now: datetime) -> tuple[Any, ...]:
    return (
        staff_notices.c.oa_id == oa_id,
        staff_notices.c.created_at > now - TOO_OLD,
        staff_notices.c.zalo_at.is_(None),
        staff_notices.c.mailed_at.is_(None),
        staff_notices.c.send_at <= now,
    )


def _waiting(connection: Connection, oa_id: str, now: datetime) -> Sequence[Any]:
    query = (
        select(*_COLUMNS, staff.c.zalo_person_id)
        .join(staff, staff.c.id == staff_notices.c.staff_id)
        .join(cases, cases.c.id == staff_notices.c.case_id)
        .where(*_unsent(oa_id, now), staff.c.active, staff.c.zalo_person_id.is_not(None))
        .where(cases.c.state.not_in(ENDED))
        .order_by(staff_notices.c.urgent.desc(), staff_notices.c.id)
    )
    return connection.execute(query).all()


_COLUMNS = (
    staff_notices.c.id,
    staff_notices.c.staff_id,
    staff_notices.c.kind,
    staff_notices.c.urgent,
    cases.c.id.label("case_id"),
    cases.c.code,
    cases.c.kind.label("case_kind"),
    cases.c.field,
    cases.c.khom,
    cases.c.due_at,
)


def _claim(connection: Connection, rows: Sequence[Any], now: datetime) -> list[Bundle]:
    key = f"notice{rows[0].staff_id}-{max(row.id for row in rows)}"
    taking = (
        update(staff_notices)
        .where(staff_notices.c.id.in_([row.id for row in rows]), staff_notices.c.zalo_at.is_(None))
        .values(zalo_at=now, sent_as=key)
        .returning(staff_notices.c.id)
    )
    ours = set(connection.execute(taking).scalars())
    items = told_of(row for row in rows if row.id in ours)
    return [Bundle(rows[0].staff_id, rows[0].zalo_person_id, key, items)] if items else []


def told_of(rows: Iterable[Any]) -> tuple[Told, ...]:
    """Rows as what is said; of several about one case the newest is enough."""
    newest: dict[int, Told] = {}
    for row in rows:
        told = Told(
            row.kind, row.code, row.case_id, row.case_kind, row.field, row.khom, row.due_at, row.urgent
        )
        newest[row.case_id] = told
    return tuple(newest.values())


def _last_told(connection: Connection, oa_id: str, now: datetime) -> dict[int, datetime]:
    recent = (staff_notices.c.oa_id == oa_id, staff_notices.c.created_at > now - TOO_OLD)
    query = (
        select(staff_notices.c.staff_id, func.max(staff_notices.c.zalo_at).label("at"))
        .where(*recent, staff_notices.c.zalo_at.is_not(None))
        .group_by(staff_notices.c.staff_id)
    )
    return {row.staff_id: row.at for row in connection.execute(query)}


# ── what Zalo did not deliver ────────────────────────────────────────────────────────────────────


def untold(connection: Connection, oa_id: str, now: datetime, staff_id: int | None = None) -> Sequence[Any]:
    """Notices of open cases that did not reach their official in Zalo: no account is linked, or the send
    failed (`outbox_state`). For the e-mail digest and the console ("chưa tới Zalo")."""
    query = (
        select(*_COLUMNS, outbox.c.state.label("outbox_state"), staff_notices.c.created_at)
        .join(staff, staff.c.id == staff_notices.c.staff_id)
        .join(cases, cases.c.id == staff_notices.c.case_id)
        .outerjoin(
            outbox,
            (outbox.c.oa_id == staff_notices.c.oa_id)
            & (outbox.c.dedupe_key == staff_notices.c.sent_as + ":0"),
        )
        .where(staff_notices.c.oa_id == oa_id, staff_notices.c.created_at > now - TOO_OLD, staff.c.active)
        .where(staff_notices.c.mailed_at.is_(None), cases.c.state.not_in(ENDED))
        .where(
            (staff_notices.c.zalo_at.is_(None) & staff.c.zalo_person_id.is_(None))
            | outbox.c.state.in_(FAILED)
        )
        .order_by(staff_notices.c.staff_id, staff_notices.c.id)
    )
    if staff_id is not None:
        query = query.where(staff_notices.c.staff_id == staff_id)
    return connection.execute(query).all()


# ── by e-mail ────────────────────────────────────────────────────────────────────────────────────


def claim_digest(
    connection: Connection, oa_id: str, now: datetime, slot: datetime
) -> dict[int, tuple[Any, ...]]:
    """What each official with an address is told by this digest, marked as mailed: staff id → rows."""
    rows = [row for row in untold(connection, oa_id, now) if row.created_at <= slot]
    query = select(staff.c.id).where(staff.c.oa_id == oa_id, staff.c.active, staff.c.email.is_not(None))
    reachable = set(connection.execute(query).scalars())
    taking = (
        update(staff_notices)
        .where(staff_notices.c.id.in_([row.id for row in rows if row.staff_id in reachable]))
        .where(staff_notices.c.mailed_at.is_(None))
        .values(mailed_at=now)
        .returning(staff_notices.c.id)
    )
    ours = set(connection.execute(taking).scalars())
    found: dict[int, tuple[Any, ...]] = {}
    for row in rows:
        if row.id in ours:
            found[row.staff_id] = (*found.get(row.staff_id, ()), row)
    return found


def not_mailed(connection: Connection, ids: Sequence[int]) -> None:
    """The mail did not leave: the next digest tells them."""
    connection.execute(update(staff_notices).where(staff_notices.c.id.in_(ids)).values(mailed_at=None))
