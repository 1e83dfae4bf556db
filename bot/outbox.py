"""Messages to people: written in the turn's transaction, claimed one at a time, never sent twice.

A row goes queued → sending (committed before the request leaves) → sent | queued again | stopped | dead.
A row left in `sending` by a crash, or whose request got no answer, becomes `unknown`: it is not
repeated by itself, but matched against Zalo's echo of our own messages, else listed for staff.
A person's messages leave in the order they were written; only an answer may overtake a waiting reminder.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    Connection,
    Executable,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
    text,
    update,
)

from bot.replies import Reply
from bot.zalo.messages import split_reply, with_plain_menu
from store.engine import insert_new, is_sqlite
from store.schema import outbox, rate_buckets
from store.types import UtcDateTime
from ward.tasks import close_task, forget_task, open_task

BURST_SHARE = 6
"""A sixth of a minute's messages may leave at once; the rest follow at the OA's rate."""

UNKNOWN_TASK = "send_unknown"
TOO_LATE = "too late"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Claim:
    """A message that is ours to send now."""

    id: int
    oa_id: str
    person_id: str
    reply: Reply
    attempt: int
    created_at: datetime


def enqueue(
    connection: Connection,
    oa_id: str,
    person_id: str,
    replies: Sequence[Reply],
    dedupe_key: str,
    now: datetime,
    priority: int = 0,
) -> int:
    """Queue replies, split into what Zalo takes; a second call with the same key adds nothing."""
    parts = [part for reply in replies for part in split_reply(reply)]
    rows = [
        {
            "oa_id": oa_id,
            "person_id": person_id,
            "dedupe_key": f"{dedupe_key}:{number}",
            "priority": priority,
            "reply": part.model_dump(mode="json", exclude_defaults=True),
            "state": "queued",
            "next_attempt_at": now,
            "created_at": now,
        }
        for number, part in enumerate(parts)
    ]
    return insert_new(connection, outbox, rows)


def anything_due(connection: Connection, oa_id: str, now: datetime) -> bool:
    """A cheap look without a write lock."""
    return connection.execute(_DUE, {"oa": oa_id, "now": now}).first() is not None


def claim(
    connection: Connection, oa_id: str, claimed_by: str, now: datetime, rate: int
) -> Claim | timedelta | None:
    """The next message to send; or how long the OA's rate makes us wait; or None."""
    tokens = _tokens(connection, oa_id, now, rate)
    if tokens < 1:
        wait = timedelta(seconds=(1 - tokens) * 60 / rate)
        return wait if anything_due(connection, oa_id, now) else None
    take = _TAKE if is_sqlite(connection) else _TAKE_UNLOCKED
    values = {"oa": oa_id, "now": now, "by": claimed_by}
    row = connection.execute(take, values).mappings().one_or_none()
    claimed = None if row is None else _claimed(connection, row, now)
    if claimed is not None:
        connection.execute(_SPEND, {"oa": oa_id, "left": tokens - 1, "now": now})
    return claimed


def _claimed(connection: Connection, row: RowMapping, now: datetime) -> Claim | None:
    """A row that this program cannot read is a person's work; it must not hold up all others."""
    try:
        return _as_claim(row)
    except ValidationError:
        values = {"state": "dead", "settled_at": now, "error": "unreadable"}
        connection.execute(update(outbox).where(outbox.c.id == row["id"]).values(**values))
        detail = {"reason": "unreadable"}
        open_task(connection, row["oa_id"], "send_dead", str(row["id"]), row["person_id"], detail, now)
        return None


def _as_claim(row: RowMapping) -> Claim:
    return Claim(
        id=row["id"],
        oa_id=row["oa_id"],
        person_id=row["person_id"],
        reply=Reply.model_validate(row["reply"]),
        attempt=row["attempts"],
        created_at=row["created_at"],
    )


def _due_query() -> Select[tuple[int]]:
    """The first queued row whose time has come and that no other open message of the person precedes."""
    other = outbox.alias("other")
    goes_first = and_(other.c.id < outbox.c.id, other.c.priority <= outbox.c.priority)
    waits_behind = exists().where(
        other.c.oa_id == outbox.c.oa_id,
        other.c.person_id == outbox.c.person_id,
        text("other.state IN ('queued', 'sending')"),  # as the partial index says it
        or_(other.c.state == text("'sending'"), goes_first),
    )
    return (
        select(outbox.c.id)
        .where(outbox.c.oa_id == bindparam("oa"), outbox.c.state == text("'queued'"))
        .where(outbox.c.next_attempt_at <= bindparam("now", type_=UtcDateTime()), ~waits_behind)
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(1)
    )


def _take(due: Select[tuple[int]]) -> Executable:
    return (
        update(outbox)
        .where(outbox.c.id == due.scalar_subquery(), outbox.c.state == text("'queued'"))
        .values(
            state="sending",
            claimed_by=bindparam("by"),
            claimed_at=bindparam("now", type_=UtcDateTime()),
            attempts=outbox.c.attempts + 1,
        )
        .returning(outbox)
    )


# built once: each sender asks twenty times a second, and building costs more than answering
_DUE = _due_query()
_TAKE = _take(_DUE)
_BUCKET = (
    select(rate_buckets.c.tokens, rate_buckets.c.at)
    .where(rate_buckets.c.oa_id == bindparam("oa"))
    .with_for_update()
)
_SPEND = (
    update(rate_buckets)
    .where(rate_buckets.c.oa_id == bindparam("oa"))
    .values(
        tokens=bindparam("left"),
        at=case(
            (rate_buckets.c.at > bindparam("now", type_=UtcDateTime()), rate_buckets.c.at),
            else_=bindparam("now", type_=UtcDateTime()),
        ),
    )
)
_TAKE_UNLOCKED = _take(_DUE.with_for_update(skip_locked=True, of=outbox))


# ── the OA's rate ────────────────────────────────────────────────────────────────────────────────


def _tokens(connection: Connection, oa_id: str, now: datetime, rate: int) -> float:
    """What the OA's bucket, filled up to now, holds; it stays ours until the transaction ends."""
    burst = max(1.0, rate / BURST_SHARE)
    row = connection.execute(_BUCKET, {"oa": oa_id}).one_or_none()
    if row is None:
        insert_new(connection, rate_buckets, [{"oa_id": oa_id, "tokens": burst, "at": now}])
        row = connection.execute(_BUCKET, {"oa": oa_id}).one()
    passed = max(0.0, (now - row.at).total_seconds())
    return float(min(burst, row.tokens + passed * rate / 60))


def empty_bucket(connection: Connection, oa_id: str, until: datetime) -> None:
    """Zalo said we are too fast: nobody sends before `until`."""
    connection.execute(update(rate_buckets).where(rate_buckets.c.oa_id == oa_id).values(tokens=0, at=until))


# ── how a send ended ─────────────────────────────────────────────────────────────────────────────


def mark_sent(
    connection: Connection, claim: Claim, claimed_by: str, message_id: str | None, now: datetime
) -> None:
    values = {"row": claim.id, "by": claimed_by, "message": message_id, "now": now}
    in_time = connection.execute(_SENT, values).rowcount == 1
    after_all = not in_time and connection.execute(_SENT_AFTER_ALL, values).rowcount == 1
    if after_all or (
        in_time and claim.attempt > 1
    ):  # it may have been listed meanwhile, or at an earlier try
        close_task(connection, claim.oa_id, UNKNOWN_TASK, str(claim.id), now)


def _sent(state: str) -> Executable:
    mine = (outbox.c.id == bindparam("row"), outbox.c.claimed_by == bindparam("by"))
    now = bindparam("now", type_=UtcDateTime())
    ending = update(outbox).where(*mine, outbox.c.state == state)
    return ending.values(state="sent", message_id=bindparam("message"), settled_at=now)


_SENT, _SENT_AFTER_ALL = _sent("sending"), _sent("unknown")
"""After all: it was swept to `unknown`, and listed, before Zalo's answer came."""


def requeue(
    connection: Connection,
    claim: Claim,
    claimed_by: str,
    at: datetime,
    code: int | None,
    error: str | None,
    counted: bool = True,
) -> None:
    """Certainly not sent: try again at `at`. `counted`: it used up one of the message's attempts."""
    attempts = outbox.c.attempts - (0 if counted else 1)
    values = {"state": "queued", "next_attempt_at": at, "attempts": attempts, "message_id": None}
    _settle(connection, claim, claimed_by, **values, **_why(code, error))


def give_up(
    connection: Connection,
    claim: Claim,
    claimed_by: str,
    state: str,
    code: int | None,
    error: str | None,
    now: datetime,
) -> None:
    """Certainly not sent, and no further try: `stopped` (this person) or `dead` (this message)."""
    values = {"state": state, "settled_at": now, "message_id": None}
    if _settle(connection, claim, claimed_by, **values, **_why(code, error)):
        close_task(connection, claim.oa_id, UNKNOWN_TASK, str(claim.id), now)


def mark_unknown(
    connection: Connection,
    claim: Claim,
    claimed_by: str,
    reason: str,
    now: datetime,
    again: datetime | None = None,
) -> None:
    """Nobody knows whether it was sent. `again`: when to repeat what is safe to repeat."""
    ours = (outbox.c.id == claim.id, outbox.c.claimed_by == claimed_by)
    _unknown(connection, ours, reason, now, again)


def send_again(connection: Connection, oa_id: str, outbox_id: int, now: datetime) -> bool:
    """An official has what was certainly not sent tried once more. Its task goes; a new failure makes one."""
    which = (outbox.c.oa_id == oa_id, outbox.c.id == outbox_id, outbox.c.state.in_(["stopped", "dead"]))
    fresh = {"state": "queued", "attempts": 0, "next_attempt_at": now, "settled_at": None}
    done = connection.execute(update(outbox).where(*which).values(**fresh, error=None, error_code=None))
    if done.rowcount != 1:
        return False
    for kind in ("send_stopped", "send_dead"):
        forget_task(connection, oa_id, kind, str(outbox_id))
    return True


def withdraw(connection: Connection, oa_id: str, dedupe_key: str, now: datetime) -> bool:
    """Take back what nobody has begun to send. False: it is on its way, or settled."""
    done = connection.execute(
        update(outbox)
        .where(outbox.c.oa_id == oa_id, outbox.c.dedupe_key == f"{dedupe_key}:0")
        .where(outbox.c.state == text("'queued'"))
        .values(state="dead", settled_at=now, error=WITHDRAWN)
    )
    return done.rowcount == 1


def _why(code: int | None, error: str | None) -> dict[str, Any]:
    return {"error_code": code, "error": (error or "")[:200] or None}


def _settle(connection: Connection, claim: Claim, claimed_by: str, **values: Any) -> bool:
    """Write a send's end, if the row is still ours (or was swept to `unknown` meanwhile)."""
    changed = connection.execute(
        update(outbox)
        .where(
            outbox.c.id == claim.id,
            outbox.c.claimed_by == claimed_by,
            outbox.c.state.in_(["sending", "unknown"]),
        )
        .values(**values)
    )
    return changed.rowcount == 1


def _unknown(
    connection: Connection,
    which: tuple[Any, ...],
    reason: str,
    now: datetime,
    again: datetime | None,
) -> None:
    """A send under way ends without an answer: sent, if its echo was heard; else repeated or unknown."""
    heard = outbox.c.message_id.is_not(None)
    state = case((heard, "sent"), else_="unknown" if again is None else "queued")
    ended = connection.execute(
        update(outbox)
        .where(*which, outbox.c.state == text("'sending'"))
        .values(
            state=state,
            settled_at=now if again is None else case((heard, now), else_=null()),
            next_attempt_at=again or outbox.c.next_attempt_at,
            error=case((heard, null()), else_=reason[:200]),
        )
        .returning(outbox.c.id, outbox.c.oa_id, outbox.c.person_id, outbox.c.state)
    ).one_or_none()
    if ended is not None and ended.state == "unknown":
        detail = {"reason": reason}
        open_task(connection, ended.oa_id, UNKNOWN_TASK, str(ended.id), ended.person_id, detail, now)


def sweep(connection: Connection, now: datetime, lease: timedelta) -> int:
    """Sends that began longer than `lease` ago and never ended: a process died in between."""
    left = connection.execute(
        select(outbox.c.id, outbox.c.reply).where(
            outbox.c.state == text("'sending'"), outbox.c.claimed_at < now - lease
        )
    ).all()
    for row in left:
        again = now if row.reply.get("safe_to_repeat") else None
        _unknown(connection, (outbox.c.id == row.id,), "process ended during the send", now, again)
    return len(left)


def match_echo(
    connection: Connection,
    oa_id: str,
    person_id: str,
    words: str | None,
    message_id: str | None,
    now: datetime,
) -> bool:
    """Zalo reports a message of ours: an unknown send of the same words is thereby known as sent.

    The echo may overtake Zalo's answer to the send; it is then kept with the row, in case the answer is lost.
    """
    if message_id is not None and _is_known(connection, oa_id, message_id):
        return False
    for row in connection.execute(_OPEN_SENDS, {"oa": oa_id, "person": person_id}).all():
        if _same_words(row.reply, words or ""):
            return _heard(connection, row.id, message_id or "echo", now)
    return False


def _is_known(connection: Connection, oa_id: str, message_id: str) -> bool:
    return connection.execute(_KNOWN, {"oa": oa_id, "message": message_id}).first() is not None


_KNOWN = (
    select(outbox.c.id)
    .where(outbox.c.oa_id == bindparam("oa"), outbox.c.message_id == bindparam("message"))
    .limit(1)
)
_OPEN_SENDS = (
    select(outbox.c.id, outbox.c.reply)
    .where(outbox.c.oa_id == bindparam("oa"), outbox.c.person_id == bindparam("person"))
    .where(outbox.c.state.in_(["unknown", "sending"]), outbox.c.message_id.is_(None))
    .where(outbox.c.reply.is_not(None))
    .order_by(outbox.c.id)
)


def _heard(connection: Connection, row_id: int, message_id: str, now: datetime) -> bool:
    """Note the echo; True when the send was unknown and is settled by it."""
    unknown = outbox.c.state == text("'unknown'")
    row = connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.state.in_(["unknown", "sending"]))
        .values(
            state=case((unknown, "sent"), else_=outbox.c.state),
            message_id=message_id,
            settled_at=case((unknown, now), else_=outbox.c.settled_at),
            error=None,
        )
        .returning(outbox.c.oa_id, outbox.c.state)
    ).one_or_none()
    if row is None or row.state != "sent":
        return False
    return close_task(connection, row.oa_id, UNKNOWN_TASK, str(row_id), now)


def _same_words(reply: Any, echoed: str) -> bool:
    """The echo may carry the numbered choices we added when buttons did not work."""
    ours = Reply.model_validate(reply)
    heard = _plain(echoed)
    return bool(ours.text) and heard in (_plain(ours.text), _plain(with_plain_menu(ours)))


def _plain(words: str) -> str:
    return " ".join(unicodedata.normalize("NFC", words).split())


def counts(connection: Connection) -> dict[str, int]:
    """Rows by state."""
    rows = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return {state: n for state, n in rows}  # noqa: C416 - a row is no tuple to the type checker
