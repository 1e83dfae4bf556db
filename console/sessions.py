"""Signing in: throttled, the same words and work for unknown names, sessions kept by us and ended by us.

The browser holds a random token; the database only its hash. A session ends after an hour of rest, after
twelve hours, at signing out, and when the official's version rises (roles, password, being active).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, Engine, delete, insert, select, update

from store.engine import read_tx, write_tx
from store.schema import staff, staff_sessions
from ward import attempts, audit, passwords
from ward.staff import Official, by_username, find, password_hash, renew_hash

COOKIE = "ward_console"
IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)

WINDOW = timedelta(minutes=15)
PER_NAME, PER_ADDRESS = 5, 40
"""Failed tries within the window. A whole office may share one address."""
_NAME, _ADDRESS = "sign_in", "sign_in_address"


@dataclass(frozen=True)
class SignIn:
    """`wrong` covers unknown names, wrong passwords and closed accounts: nobody learns which."""

    result: Literal["ok", "wrong", "wait"]
    official: Official | None = None
    token: str = ""


def sign_in(engine: Engine, oa_id: str, username: str, password: str, address: str, now: datetime) -> SignIn:
    name = f"{oa_id}:{username.strip().casefold()}"
    with write_tx(engine) as connection:
        if not _may_try(connection, name, address, now):
            return SignIn("wait")
        attempts.note(connection, _NAME, name, now)  # before the check: tries at once are all counted
        attempts.note(connection, _ADDRESS, address, now)
        known = by_username(connection, oa_id, username)
        hashed = passwords.nobody() if known is None else password_hash(connection, known.id)
    if not passwords.fits(hashed, password) or known is None or not known.active:
        _note_failure(engine, oa_id, known, now)
        return SignIn("wrong")
    fresh = passwords.hash_of(password) if passwords.is_dated(hashed) else None
    with write_tx(engine) as connection:
        attempts.forget(connection, _NAME, name)
        attempts.forget_one(connection, _ADDRESS, address, now)
        if fresh is not None:
            renew_hash(connection, known.id, hashed, fresh)
        return SignIn("ok", known, start(connection, known, now))


def _may_try(connection: Connection, name: str, address: str, now: datetime) -> bool:
    tries = attempts.count(connection, _NAME, name, WINDOW, now)
    from_there = attempts.count(connection, _ADDRESS, address, WINDOW, now)
    return tries < PER_NAME and from_there < PER_ADDRESS


def _note_failure(engine: Engine, oa_id: str, known: Official | None, now: datetime) -> None:
    """For known names only: what was typed as a name may be a password."""
    if known is not None:
        with write_tx(engine) as connection:
            audit.record(connection, oa_id, None, "sign_in_failed", known.username, now)


def start(connection: Connection, official: Official, now: datetime) -> str:
    """A new session; the token for the browser."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        delete(staff_sessions).where(
            (staff_sessions.c.created_at < now - LONGEST) | (staff_sessions.c.seen_at < now - IDLE)
        )
    )
    connection.execute(
        insert(staff_sessions).values(
            token_hash=_hash(token),
            staff_id=official.id,
            staff_version=official.version,
            created_at=now,
            seen_at=now,
        )
    )
    connection.execute(update(staff).where(staff.c.id == official.id).values(signed_in_at=now))
    audit.record(connection, official.oa_id, official.id, "signed_in", official.username, now)
    return token


def official_of(engine: Engine, oa_id: str, token: str, now: datetime, touch: bool) -> Official | None:
    """Whose session it is; a use is noted at most once a minute."""
    if not token:
        return None
    with read_tx(engine) as connection:
        row = connection.execute(
            select(staff_sessions).where(staff_sessions.c.token_hash == _hash(token))
        ).one_or_none()
        official = None if row is None else find(connection, oa_id, row.staff_id)
    if row is None or official is None or not official.active or official.version != row.staff_version:
        return None
    if now - row.created_at > LONGEST or now - row.seen_at > IDLE:
        return None
    if touch and now - row.seen_at >= TOUCH_EVERY:
        with write_tx(engine) as connection:
            mine = staff_sessions.c.token_hash == row.token_hash
            connection.execute(update(staff_sessions).where(mine).values(seen_at=now))
    return official


def end(connection: Connection, token: str, official: Official | None, now: datetime) -> None:
    connection.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == _hash(token)))
    if official is not None:
        audit.record(connection, official.oa_id, official.id, "signed_out", official.username, now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
