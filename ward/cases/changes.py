"""How a case changes: read with its version, moved only where it may go, saved once, noted for ever.

Every change is one UPDATE that names the version it was made from, and one row in `case_events`. Events
carry no words of people; reasons and remarks are messages of kind "note".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, insert, select, update

from store.schema import case_events, case_messages, cases
from ward.cases.model import ENDED, MOVES, STATES, Actor, Channel, Kind, State, Urgency

Author = Literal["citizen", "staff", "bot"]
MessageKind = Literal["public", "note"]


@dataclass(frozen=True)
class Case:
    """A row of `cases`, see store/schema.py."""

    id: int
    oa_id: str
    code: str
    kind: Kind
    person_id: str
    field: str | None
    question: str
    context: Mapping[str, Any]
    state: State
    created_at: datetime
    due_at: datetime
    version: int
    first_due_at: datetime | None
    urgency: Urgency
    channel: Channel
    outside_code: str | None
    head_only: bool
    title: str | None
    khom: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    name_shown: bool | None
    contact: bytes | None
    phone_tail: str | None
    assignee_id: int | None
    taken_at: datetime | None
    staff_spoke_at: datetime | None
    citizen_spoke_at: datetime | None
    waiting_since: datetime | None
    waiting_hours_left: float | None
    allowed_hours: float | None
    reminded_percent: int
    late_told_at: datetime | None
    answer_message_id: int | None
    answered_at: datetime | None
    answered_by: str | None
    rating: int | None
    rated_at: datetime | None
    reopened: int
    merged_into: int | None

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def bereaved(self) -> bool:
        """A death in the family stands behind it: no rating is asked, no cheer is shown."""
        return bool(self.context.get("bereavement"))


COLUMNS: Final = tuple(cases.c[field.name] for field in fields(Case))


@dataclass(frozen=True)
class By:
    """Who acts."""

    actor: Actor
    staff_id: int | None = None


CITIZEN: Final = By("citizen")
SYSTEM: Final = By("system")


def official(staff_id: int) -> By:
    return By("staff", staff_id)


@dataclass(frozen=True)
class Changed:
    """The case as it is now. `message_id` and `sent_as` when words were written that are to be sent:
    the outbox takes them under the dedupe key `sent_as`."""

    case: Case
    message_id: int | None = None
    sent_as: str | None = None


class NoSuchCase(LookupError):
    """Not in this ward."""


class StaleCase(Exception):
    """The case changed since it was read; `case` is how it is now."""

    def __init__(self, case: Case) -> None:
        super().__init__("Phiếu vừa có người khác thay đổi. Mình coi lại rồi làm tiếp.")
        self.case = case


class MoveRefused(Exception):
    """It may not be done; `reason` in Vietnamese for officials, `why` for programs."""

    def __init__(self, reason: str, why: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.why = why


def load(connection: Connection, oa_id: str, case_id: int) -> Case:
    return _one(connection, oa_id, cases.c.id == case_id)


def load_by_code(connection: Connection, oa_id: str, code: str) -> Case:
    return _one(connection, oa_id, cases.c.code == code)


def find_code(connection: Connection, oa_id: str, code: str) -> Case | None:
    """The case with this code, whoever asks."""
    query = select(*COLUMNS).where(cases.c.oa_id == oa_id, cases.c.code == code)
    row = connection.execute(query).one_or_none()
    return None if row is None else Case(**row._mapping)


def begin(connection: Connection, oa_id: str, case_id: int, version: int | None) -> Case:
    """The case, ours to change until the transaction ends. `version` None: whatever it is now."""
    case = _one(connection, oa_id, cases.c.id == case_id, lock=True)
    if version is not None and version != case.version:
        raise StaleCase(case)
    return case


def check_move(case: Case, to: State) -> None:
    if to not in MOVES[case.state]:
        reason = f'Phiếu {case.code} đang ở "{STATES[case.state]}", không chuyển qua "{STATES[to]}" được.'
        raise MoveRefused(reason, "state")


def refuse_ended(case: Case) -> None:
    """For what may be done at any time before the end."""
    if case.ended or case.state == "sending":
        reason = f'Phiếu {case.code} đang ở "{STATES[case.state]}", không sửa được.'
        raise MoveRefused(reason, "state")


def save(
    connection: Connection,
    case: Case,
    by: By,
    event: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    **values: Any,
) -> Case:
    """Write the new values and the event; StaleCase when another was first."""
    if "state" in values:
        check_move(case, values["state"])
    values["version"] = case.version + 1
    changed = connection.execute(
        update(cases).where(cases.c.id == case.id, cases.c.version == case.version).values(**values)
    )
    if changed.rowcount != 1:
        raise StaleCase(load(connection, case.oa_id, case.id))
    add_event(connection, case.oa_id, case.id, by, event, now, detail)
    return replace(case, **values)


def add_event(
    connection: Connection,
    oa_id: str,
    case_id: int,
    by: By,
    event: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    row = {"oa_id": oa_id, "case_id": case_id, "at": now, "kind": event}
    connection.execute(
        insert(case_events).values(**row, actor=by.actor, staff_id=by.staff_id, detail=dict(detail or {}))
    )


def add_message(
    connection: Connection,
    oa_id: str,
    case_id: int,
    author: Author,
    text: str,
    now: datetime,
    staff_id: int | None = None,
    kind: MessageKind = "public",
    sent_as: str | None = None,
    person_id: str | None = None,
) -> int:
    """Append words to the thread; returns the message's id. Does not touch the case itself."""
    adding = (
        insert(case_messages)
        .values(
            oa_id=oa_id,
            case_id=case_id,
            at=now,
            author=author,
            staff_id=staff_id,
            person_id=person_id,
            kind=kind,
            text=text,
            sent_as=sent_as,
        )
        .returning(case_messages.c.id)
    )
    message_id: int = connection.execute(adding).scalar_one()
    return message_id


def sent_key(case: Case) -> str:
    """The dedupe key of what is said with the next change: no two changes of a case have the same."""
    return f"c{case.id}v{case.version + 1}"


def _one(connection: Connection, oa_id: str, which: Any, lock: bool = False) -> Case:
    query = select(*COLUMNS).where(cases.c.oa_id == oa_id, which)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NoSuchCase("Không có phiếu này.")
    return Case(**row._mapping)
