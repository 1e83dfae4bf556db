"""Open reports close to a place, so that one hole in the road is one case."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, false, select, text

from store.schema import cases

EARTH_M: Final = 6_371_000.0
NEAR_M: Final = 80.0
_OPEN_PLACED = text("latitude IS NOT NULL AND state NOT IN ('answered', 'merged', 'withdrawn')")


@dataclass(frozen=True)
class Nearby:
    """An open report near by. It carries no words of its citizen: another citizen is shown it."""

    case_id: int
    code: str
    field: str | None
    khom: str | None
    created_at: datetime
    metres: float


def nearby(
    connection: Connection,
    oa_id: str,
    latitude: float,
    longitude: float,
    field: str | None = None,
    within_m: float = NEAR_M,
    limit: int = 3,
) -> list[Nearby]:
    """Open reports within `within_m` metres, the nearest first; of one field, when it is known."""
    high = math.degrees(within_m / EARTH_M)
    wide = high / max(math.cos(math.radians(latitude)), 0.01)
    columns = (cases.c.id, cases.c.code, cases.c.field, cases.c.khom, cases.c.created_at)
    query = (
        select(*columns, cases.c.latitude, cases.c.longitude)
        .where(cases.c.oa_id == oa_id, _OPEN_PLACED)
        .where(cases.c.latitude.between(latitude - high, latitude + high))
        .where(cases.c.longitude.between(longitude - wide, longitude + wide))
        .where(cases.c.kind == "report", cases.c.head_only.is_(false()))
    )
    found = [
        Nearby(*row[:5], metres(latitude, longitude, row.latitude, row.longitude))
        for row in connection.execute(query)
        if field is None or row.field in (None, field)
    ]
    close = [item for item in found if item.metres <= within_m]
    return sorted(close, key=lambda item: (item.metres, item.case_id))[:limit]


def metres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Along the great circle (haversine)."""
    first, second = math.radians(latitude), math.radians(other_latitude)
    half_wide = math.radians(other_longitude - longitude) / 2
    arc = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(half_wide) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(arc)))
