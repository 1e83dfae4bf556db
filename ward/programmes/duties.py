"""Who is there on a programme's day: who signs, who receives, who helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from sqlalchemy import Connection, delete, select

from store.engine import upsert
from store.schema import duties
from ward import audit

Role = Literal["signs", "receives", "helps", "team"]
ROLES: Final[dict[Role, str]] = {
    "signs": "Ký kết quả",
    "receives": "Tiếp nhận, giải quyết",
    "helps": "Đoàn viên, thanh niên hỗ trợ",
    "team": "Đi lưu động",
}
LONGEST_NAME = 120


class DutyRefused(ValueError):
    """Nothing was written; the text says the mend, in Vietnamese."""


@dataclass(frozen=True)
class Duty:
    id: int
    day: date
    programme: str
    role: str
    name: str
    staff_id: int | None


def on_days(connection: Connection, oa_id: str, first: date, last: date) -> list[Duty]:
    """Everybody on duty from `first` to `last`, both counted."""
    between = (duties.c.oa_id == oa_id, duties.c.day >= first, duties.c.day <= last)
    order = (duties.c.day, duties.c.programme, duties.c.role.desc(), duties.c.id)
    rows = connection.execute(select(duties).where(*between).order_by(*order))
    return [Duty(row.id, row.day, row.programme, row.role, row.name, row.staff_id) for row in rows]


def of_programme(connection: Connection, oa_id: str, programme: str, day: date) -> list[Duty]:
    return [duty for duty in on_days(connection, oa_id, day, day) if duty.programme == programme]


def names(several: Sequence[Duty], role: Role) -> tuple[str, ...]:
    return tuple(duty.name for duty in several if duty.role == role)


def assign(
    connection: Connection,
    oa_id: str,
    day: date,
    programme: str,
    role: str,
    name: str,
    by: int | None,
    now: datetime,
    staff_id: int | None = None,
) -> bool:
    """Put somebody on duty. False when they are already."""
    name = " ".join(name.split())
    if role not in ROLES:
        raise DutyRefused("Chọn việc của người trực.")
    if not 2 <= len(name) <= LONGEST_NAME:
        raise DutyRefused("Ghi tên người trực (2 đến 120 chữ).")
    row = {"oa_id": oa_id, "day": day, "programme": programme, "role": role, "name": name}
    adding = (
        upsert(connection, duties)
        .values(**row, staff_id=staff_id)
        .on_conflict_do_nothing(index_elements=list(row))
        .returning(duties.c.id)
    )
    if connection.execute(adding).first() is None:
        return False
    detail = {"day": day.isoformat(), "role": role, "name": name}
    audit.record(connection, oa_id, by, "duty_assigned", f"programme:{programme}", now, None, **detail)
    return True


def remove(connection: Connection, oa_id: str, duty_id: int, by: int | None, now: datetime) -> bool:
    """Take somebody off duty. False when there is no such duty."""
    removing = delete(duties).where(duties.c.oa_id == oa_id, duties.c.id == duty_id).returning(duties)
    row = connection.execute(removing).first()
    if row is None:
        return False
    detail = {"day": row.day.isoformat(), "role": row.role, "name": row.name}
    audit.record(connection, oa_id, by, "duty_removed", f"programme:{row.programme}", now, None, **detail)
    return True
