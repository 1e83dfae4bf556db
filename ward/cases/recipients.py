"""Whose work a case is: officials by field and khóm, the one-stop counter, the heads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from store.schema import staff

HEAD: Final = "head"


@dataclass(frozen=True)
class Colleague:
    id: int
    roles: frozenset[str]
    fields: frozenset[str]
    khoms: frozenset[str]


def colleagues(connection: Connection, oa_id: str) -> list[Colleague]:
    """Officials at work."""
    columns = (staff.c.id, staff.c.roles, staff.c.fields, staff.c.khoms)
    query = select(*columns).where(staff.c.oa_id == oa_id, staff.c.active).order_by(staff.c.id)
    return [Colleague(row[0], *map(frozenset, row[1:])) for row in connection.execute(query)]


def heads(everyone: Iterable[Colleague]) -> list[int]:
    return [one.id for one in everyone if HEAD in one.roles]


def whose_work(everyone: Sequence[Colleague], case: Any) -> list[int]:
    """Who takes such a case: its field and its khóm, else the one-stop, else the heads; conduct: heads."""
    if case.head_only:
        return heads(everyone)
    by_field = [one.id for one in everyone if "field" in one.roles and case.field in one.fields]
    by_khom = [one.id for one in everyone if "khom" in one.roles and case.khom in one.khoms]
    counter = [] if by_field else [one.id for one in everyone if "one_stop" in one.roles]
    return [*by_field, *by_khom, *counter] or heads(everyone)
