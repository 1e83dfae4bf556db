"""Licences and certificates of a facility, and the reminders 90, 30 and 7 days before one expires.

Only days that the facility gave are kept; none is ever reckoned from a law. A changed day raises the row's
version, so that reminders of the old one are void.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from store.engine import upsert
from store.schema import facility_dates
from ward import reminders
from ward.calendar import VIET_NAM
from ward.duties import all_duties, title_of
from ward.facilities import FacilityRefused

RULES: Final = tuple(reminders.Rule(f"t{days}", days, time(9, 0)) for days in (90, 30, 7))
SUBJECT: Final = "facility"
EARLIEST, LATEST = date(1980, 1, 1), date(2080, 12, 31)


@dataclass(frozen=True)
class Paper:
    id: int
    facility_id: int
    kind: str
    number: str | None
    issued_on: date | None
    expires_on: date | None
    version: int

    @property
    def title(self) -> str:
        return title_of(self.kind)

    def days_left(self, today: date) -> int | None:
        return None if self.expires_on is None else (self.expires_on - today).days


def papers(connection: Connection, oa_id: str, facility_ids: Sequence[int]) -> dict[int, list[Paper]]:
    """By facility, those that expire first come first."""
    query = select(facility_dates).where(
        facility_dates.c.oa_id == oa_id, facility_dates.c.facility_id.in_(facility_ids)
    )
    found: dict[int, list[Paper]] = {}
    for row in connection.execute(query.order_by(facility_dates.c.id)):
        paper = Paper(**{name: row._mapping[name] for name in Paper.__dataclass_fields__})
        found.setdefault(paper.facility_id, []).append(paper)
    for one in found.values():
        one.sort(key=lambda paper: paper.expires_on or LATEST)
    return found


def check(kind: str, number: str, issued_on: date | None, expires_on: date | None) -> None:
    if kind not in all_duties().duties:
        raise FacilityRefused("Chọn loại giấy trong danh sách.")
    if not (number.strip() or issued_on or expires_on):
        raise FacilityRefused("Ghi ít nhất số giấy hoặc một ngày.")
    if any(day is not None and not EARLIEST <= day <= LATEST for day in (issued_on, expires_on)):
        raise FacilityRefused("Ngày chưa đúng. Ghi đủ bốn số của năm.")
    if issued_on and expires_on and expires_on <= issued_on:
        raise FacilityRefused("Ngày hết hạn phải sau ngày cấp.")


def keep(
    connection: Connection,
    oa_id: str,
    facility_id: int,
    kind: str,
    number: str,
    issued_on: date | None,
    expires_on: date | None,
    now: datetime,
) -> None:
    """Keep a paper; its reminders are written, those of another day are void."""
    check(kind, number, issued_on, expires_on)
    before = next(
        (p for p in papers(connection, oa_id, [facility_id]).get(facility_id, []) if p.kind == kind), None
    )
    moved = before is None or before.expires_on != expires_on
    version = 0 if before is None else before.version + (1 if moved else 0)
    values: dict[str, Any] = {
        "number": number.strip()[:80] or None,
        "issued_on": issued_on,
        "expires_on": expires_on,
    }
    values |= {"version": version, "changed_at": now}
    paper_id: int = connection.execute(
        upsert(connection, facility_dates)
        .values(oa_id=oa_id, facility_id=facility_id, kind=kind, **values)
        .on_conflict_do_update(index_elements=["facility_id", "kind"], set_=values)
        .returning(facility_dates.c.id)
    ).scalar_one()
    if (
        before is None
        and (used := reminders.newest_version(connection, oa_id, SUBJECT, paper_id)) is not None
    ):
        version = used + 1  # SQLite numbers a new paper like one that was dropped
        mine = update(facility_dates).where(facility_dates.c.id == paper_id)
        connection.execute(mine.values(version=version))
    if moved:
        reminders.void(connection, oa_id, SUBJECT, [paper_id], now)
    if moved and expires_on is not None:
        day = datetime.combine(expires_on, time(23, 0), VIET_NAM)
        reminders.write(connection, oa_id, SUBJECT, paper_id, version, None, day, now, RULES)


def drop(connection: Connection, oa_id: str, facility_id: int, kind: str, now: datetime) -> None:
    mine = (
        facility_dates.c.oa_id == oa_id,
        facility_dates.c.facility_id == facility_id,
        facility_dates.c.kind == kind,
    )
    gone = connection.execute(delete(facility_dates).where(*mine).returning(facility_dates.c.id)).scalars()
    reminders.void(connection, oa_id, SUBJECT, gone.all(), now)
