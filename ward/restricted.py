"""Words of a formal complaint or denunciation: sealed with the sender's id, read by one role only.

Nothing here deletes them, and no job does (law-context §4.3: what is concrete must be looked into). A list
shows when something came, never what; each opening is written down in the transaction that opens, so that
nobody has read what no line says they read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from store.schema import audit, restricted_messages
from store.secrets import SecretBox
from ward.audit import record

OPENED, HANDLED = "restricted_opened", "restricted_handled"
PAGE = 50


class NotAllowed(PermissionError):
    """The official does not have the one role that may; nothing was opened."""


@dataclass(frozen=True)
class RestrictedMessage:
    person_id: str
    text: str


@dataclass(frozen=True)
class RestrictedNote:
    """A line of the list: when it came and whether it was dealt with."""

    id: int
    at: datetime
    opened: int
    handled_at: datetime | None


@dataclass(frozen=True)
class Reader:
    """Who asks. `may_read` is for the caller to find out from the roles of the official signed in."""

    staff_id: int
    may_read: bool


def keep(
    connection: Connection, box: SecretBox, oa_id: str, person_id: str, text: str, now: datetime
) -> None:
    """Seal person and text together: the row alone tells neither who nor what."""
    clear = json.dumps({"person_id": person_id, "text": text}, ensure_ascii=False)
    row = {"oa_id": oa_id, "created_at": now, "sealed": box.seal_text(clear)}
    connection.execute(insert(restricted_messages).values(**row))


def unseal(box: SecretBox, sealed: bytes) -> RestrictedMessage:
    clear = json.loads(box.open_text(sealed))
    return RestrictedMessage(clear["person_id"], clear["text"])


def listed(
    connection: Connection, oa_id: str, reader: Reader, before: int | None = None, limit: int = PAGE
) -> list[RestrictedNote]:
    """Newest first, unopened. `before`: the id of the last line of the page before."""
    _allowed(reader)
    query = (
        select(restricted_messages.c.id, restricted_messages.c.created_at)
        .where(restricted_messages.c.oa_id == oa_id)
        .order_by(restricted_messages.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(restricted_messages.c.id < before)
    rows = connection.execute(query).all()
    lines = _lines(connection, oa_id, [row.id for row in rows])
    return [
        _note(row.id, row.created_at, [one for one in lines if one.subject == _name(row.id)]) for row in rows
    ]


def open_one(
    connection: Connection, box: SecretBox, oa_id: str, message_id: int, reader: Reader, now: datetime
) -> RestrictedMessage | None:
    """The words of one message, its opening written down first. None when there is no such message."""
    _allowed(reader)
    row = connection.execute(select(restricted_messages).where(*_is(oa_id, message_id))).one_or_none()
    if row is None:
        return None
    _write(connection, oa_id, reader, OPENED, message_id, now)
    return unseal(box, row.sealed)


def mark_handled(
    connection: Connection, oa_id: str, message_id: int, reader: Reader, now: datetime, reason: str
) -> bool:
    """Say that it went its lawful way (`reason`: which, without names). The message itself stays."""
    _allowed(reader)
    if not reason.strip():
        raise ValueError("Ghi giùm đã xử lý thế nào (ví dụ: mời người gửi tới nơi tiếp công dân).")
    known = connection.execute(select(restricted_messages.c.id).where(*_is(oa_id, message_id)))
    if known.one_or_none() is None:
        return False
    _write(connection, oa_id, reader, HANDLED, message_id, now, reason.strip()[:500])
    return True


def _allowed(reader: Reader) -> None:
    if not reader.may_read:
        raise NotAllowed("Chỉ người đọc đơn thư kín mới mở được mục này.")


def _is(oa_id: str, message_id: int) -> tuple[Any, Any]:
    return restricted_messages.c.oa_id == oa_id, restricted_messages.c.id == message_id


def _name(message_id: int) -> str:
    return f"restricted/{message_id}"


def _write(
    connection: Connection,
    oa_id: str,
    reader: Reader,
    action: str,
    message_id: int,
    now: datetime,
    reason: str | None = None,
) -> None:
    record(connection, oa_id, reader.staff_id, action, _name(message_id), now, reason)


def _lines(connection: Connection, oa_id: str, ids: Sequence[int]) -> Sequence[Any]:
    names = [_name(message_id) for message_id in ids]
    query = (
        select(audit.c.subject, audit.c.action, audit.c.at)
        .where(audit.c.oa_id == oa_id, audit.c.action.in_([OPENED, HANDLED]), audit.c.subject.in_(names))
        .order_by(audit.c.id)
    )
    return connection.execute(query).all()


def _note(message_id: int, at: datetime, lines: Sequence[Any]) -> RestrictedNote:
    handled = [line.at for line in lines if line.action == HANDLED]
    opened = sum(line.action == OPENED for line in lines)
    return RestrictedNote(message_id, at, opened, handled[-1] if handled else None)
