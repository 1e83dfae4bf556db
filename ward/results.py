"""Notice of a result (dialogue 10): asked for in chat, told once the one-stop shop says that it is ready.

Rows of `appointments`. What the person chose and agreed to, and the dossier's code, lie sealed in `who`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, Select, and_, insert, select, update

from store.schema import appointments, reminders
from store.secrets import SecretBox, SecretsUnreadable
from ward.cases.opening import next_code
from ward.reminder_matters import RESULT
from ward.reminders import tell

Way = Literal["zalo", "sms"]
WAYS: Final[dict[Way, str]] = {"zalo": "Zalo", "sms": "Tin nhắn điện thoại"}
PREFIX: Final = "KQ"
SUBJECT: Final = "appointment"
READY: Final = "result_ready"
CONSENT: Final = "bao_ket_qua_1"
"""Version of the words by which the notice was agreed to."""
LONGEST_DOSSIER: Final = 40


class ResultRefused(ValueError):
    """Its words say what to mend."""


@dataclass(frozen=True)
class Wish:
    """Of which procedure, and how the person wants to hear of it."""

    procedure: str
    way: Way = "zalo"
    phone: str | None = None


@dataclass(frozen=True)
class Notice:
    """`day`: when the result was promised; once it is ready, from when it can be fetched. `told`: the state
    of its message."""

    code: str
    state: str
    day: date
    wish: Wish
    dossier: str = ""
    told: str | None = None


def ask(
    connection: Connection, box: SecretBox, oa_id: str, person_id: str, wish: Wish, day: date, now: datetime
) -> str:
    """The code; of the same procedure and day the old one, with what is wished now."""
    kept = {"procedure": wish.procedure, "way": wish.way, "phone": wish.phone or "", "consent": CONSENT}
    sealed = box.seal_text(json.dumps(kept, ensure_ascii=False))
    mine = (appointments.c.person_id == person_id, appointments.c.state == "booked")
    for row in connection.execute(_of(oa_id).where(*mine, appointments.c.day == day)):
        if _opened(box, row.who).get("procedure") == wish.procedure:
            connection.execute(
                update(appointments).where(appointments.c.id == row.id).values(who=sealed, created_at=now)
            )
            return str(row.code)
    code = next_code(connection, oa_id, PREFIX, now)
    values = {"oa_id": oa_id, "code": code, "kind": RESULT, "person_id": person_id, "day": day}
    connection.execute(insert(appointments).values(**values, who=sealed, state="booked", created_at=now))
    return code


def cancel(connection: Connection, oa_id: str, person_id: str, code: str) -> bool:
    """The person wants no notice any more."""
    mine = (appointments.c.person_id == person_id, appointments.c.code == code)
    query = update(appointments).where(*_which(oa_id), *mine, appointments.c.state == "booked")
    return connection.execute(query.values(state="cancelled")).rowcount == 1


def forget(connection: Connection, oa_id: str, person_id: str) -> None:
    """What the person wished, and their telephone number, are gone; nothing more is told."""
    theirs = update(appointments).where(*_which(oa_id), appointments.c.person_id == person_id)
    connection.execute(theirs.values(who=b"", state="cancelled"))


def of_person(connection: Connection, box: SecretBox, oa_id: str, person_id: str, code: str) -> Notice | None:
    mine = (appointments.c.person_id == person_id, appointments.c.code == code)
    row = connection.execute(_of(oa_id).where(*mine)).one_or_none()
    return None if row is None else _notice(box, row)


def waiting(connection: Connection, box: SecretBox, oa_id: str, limit: int = 200) -> list[Notice]:
    """Of which no dossier is known yet, the soonest first."""
    query = _of(oa_id).where(appointments.c.state == "booked").order_by(appointments.c.day, appointments.c.id)
    return [_notice(box, row) for row in connection.execute(query.limit(limit))]


def told(connection: Connection, box: SecretBox, oa_id: str, since: date, limit: int = 200) -> list[Notice]:
    """Those that were ready, the newest first, with how far the message has come."""
    of_it = and_(
        reminders.c.subject == SUBJECT,
        reminders.c.subject_id == appointments.c.id,
        reminders.c.kind == READY,
    )
    query = (
        select(appointments, reminders.c.state.label("told"))
        .outerjoin(reminders, of_it)
        .where(*_which(oa_id), appointments.c.state == "ready", appointments.c.day >= since)
        .order_by(appointments.c.id.desc())
    )
    return [_notice(box, row, row.told) for row in connection.execute(query.limit(limit))]


def ready(
    connection: Connection, box: SecretBox, oa_id: str, code: str, dossier: str, day: date, now: datetime
) -> None:
    """The dossier's result can be fetched from `day` on: the person is told, once."""
    number = checked(dossier)
    row = connection.execute(_of(oa_id).where(appointments.c.code == code)).one_or_none()
    if row is None:
        raise ResultRefused("Không thấy mã báo kết quả này.")
    sealed = box.seal_text(json.dumps({**_opened(box, row.who), "dossier": number}, ensure_ascii=False))
    open_ones = (appointments.c.id == row.id, appointments.c.state == "booked")
    done = connection.execute(
        update(appointments).where(*open_ones).values(state="ready", day=day, who=sealed)
    )
    if done.rowcount != 1:
        raise ResultRefused("Mã này đã báo rồi, hoặc người dân đã thôi nhận tin.")
    tell(connection, oa_id, SUBJECT, row.id, 0, READY, row.person_id, now)


def checked(dossier: str) -> str:
    """A dossier's code as typed; no free words can go out with it."""
    number = "".join(dossier.split()).upper()
    plain = number.replace("-", "").replace(".", "").replace("/", "")
    if not plain.isascii() or not plain.isalnum() or len(number) > LONGEST_DOSSIER:
        raise ResultRefused("Ghi mã hồ sơ như trên giấy hẹn, ví dụ H20.27-261127-0003.")
    return number


def _which(oa_id: str) -> tuple[Any, ...]:
    return appointments.c.oa_id == oa_id, appointments.c.kind == RESULT


def _of(oa_id: str) -> Select[Any]:
    return select(appointments).where(*_which(oa_id))


def _notice(box: SecretBox, row: Row[Any], state_of_message: str | None = None) -> Notice:
    kept = _opened(box, row.who)
    way: Way = "sms" if kept.get("way") == "sms" else "zalo"
    wish = Wish(kept.get("procedure", ""), way, kept.get("phone") or None)
    return Notice(row.code, row.state, row.day, wish, kept.get("dossier", ""), state_of_message)


def _opened(box: SecretBox, sealed: bytes) -> Mapping[str, str]:
    """Empty when it cannot be read with the present key."""
    try:
        found = json.loads(box.open_text(sealed))
    except (SecretsUnreadable, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
