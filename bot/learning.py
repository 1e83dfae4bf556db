"""Which questions went wrong in the chat: they become candidates for phrasings, decided by a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from knowledge.learning.candidates import Candidates, Why
from store.engine import read_tx
from store.schema import turns

SETTLED = timedelta(minutes=30)
"""A conversation is read once it is over: what came next tells what was meant."""
UNSURE = ("clarify", "handover")
TOLD = ("answered", "followup", "other_authority")
MOST = 2_000
PRESSED = "#"
"""What a button sends begins so."""


def collect(
    engine: Engine, oa_id: str, candidates: Candidates, refusals: Collection[str], now: datetime
) -> int:
    """Read the turns since the last time. `refusals`: words without accents, and buttons, that say
    "not that"."""
    since = candidates.read_up_to(oa_id)
    with read_tx(engine) as connection:
        rows = _rows(connection, oa_id, since)
    over = [row for row in rows if row.at <= now - SETTLED]
    found = 0
    for row, why, key in _went_wrong(over, rows, refusals):
        found += candidates.offer(row.text, why, key, row.at, row.id)
    if over:
        candidates.mark_read(oa_id, max(row.id for row in over))
    return found


def forget_gone(engine: Engine, candidates: Candidates) -> int:
    """Undecided candidates go with the words of their turns."""
    wanted = sorted(candidates.open_sources())
    kept: set[int] = set()
    with read_tx(engine) as connection:
        for start in range(0, len(wanted), 500):
            some = turns.c.id.in_(wanted[start : start + 500])
            rows = connection.execute(select(turns.c.id).where(some, turns.c.text.is_not(None)))
            kept.update(row.id for row in rows)
    return candidates.forget(set(wanted) - kept)


def _rows(connection: Connection, oa_id: str, since: int) -> list[Row[Any]]:
    query = (
        select(turns.c.id, turns.c.person_id, turns.c.at, turns.c.text, turns.c.normalized,
               turns.c.outcome, turns.c.procedure_key)
        .where(turns.c.oa_id == oa_id, turns.c.id > since)
        .order_by(turns.c.id)
        .limit(MOST)
    )  # fmt: skip
    return list(connection.execute(query))


def _went_wrong(
    over: Sequence[Row[Any]], rows: Sequence[Row[Any]], refusals: Collection[str]
) -> Iterator[tuple[Row[Any], Why, str | None]]:
    for row in over:
        if not row.text or row.text.startswith(PRESSED):
            continue
        then = _next(row, rows)
        if row.outcome in UNSURE:
            yield row, "unanswered", _told(then)
        elif row.outcome in TOLD and then is not None and _refuses(then, refusals):
            yield row, "corrected", _told(_next(then, rows))


def _next(row: Row[Any], rows: Sequence[Row[Any]]) -> Row[Any] | None:
    """The same person's next turn in the same conversation."""
    return next(
        (
            one
            for one in rows
            if one.id > row.id and one.person_id == row.person_id and one.at - row.at < SETTLED
        ),
        None,
    )


def _told(row: Row[Any] | None) -> str | None:
    return row.procedure_key if row is not None and row.outcome in TOLD else None


def _refuses(row: Row[Any], refusals: Collection[str]) -> bool:
    return row.text in refusals or row.normalized in refusals
