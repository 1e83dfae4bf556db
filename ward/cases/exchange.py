"""CSV out for reports, and in from the 1022 switchboard. Never what only the head sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from ward.calendar import WorkCalendar
from ward.cases.changes import By
from ward.cases.deadlines import Limits
from ward.cases.find import Scope


@dataclass(frozen=True)
class BadLine:
    line: int
    reason: str


@dataclass(frozen=True)
class Imported:
    """`known`: lines whose outside code is here already."""

    opened: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    bad: tuple[BadLine, ...] = ()


def export_csv(connection: Connection, oa_id: str, scope: Scope, start: datetime, end: datetime) -> bytes:
    """Cases that came in [start, end): UTF-8 with BOM, for a spreadsheet."""
    raise NotImplementedError


def import_csv(
    connection: Connection,
    oa_id: str,
    data: bytes,
    channel: Literal["1022", "dvcqg", "facebook", "truc_tiep"],
    by: By,
    now: datetime,
    calendar: WorkCalendar,
    limits: Limits,
) -> Imported:
    """Open a case for every good line; bad lines are listed, and keep no good one out."""
    raise NotImplementedError
