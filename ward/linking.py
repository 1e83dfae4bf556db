"""An official's own Zalo account: linked by a code typed into the OA's chat, unlinked when it goes away.

The code comes from the console, works once and for a quarter of an hour. Wrong codes are counted, for the
account and for the whole OA, so that codes cannot be guessed.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, update

from store.schema import staff
from ward import attempts, audit

Linked = Literal["linked", "refused", "too_many"]

WHAT: Final = "zalo_link"
WITHIN: Final = timedelta(hours=1)
TRIES: Final = 5
TRIES_OF_ALL: Final = 60
EVERYBODY: Final = "oa"


def link(connection: Connection, oa_id: str, person_id: str, code: str, now: datetime) -> Linked:
    """Link the account to the official whose fresh code it is. One account speaks for one official."""
    people = {f"{oa_id} {person_id}": TRIES, f"{oa_id} {EVERYBODY}": TRIES_OF_ALL}
    if any(attempts.count(connection, WHAT, who, WITHIN, now) >= most for who, most in people.items()):
        return "too_many"
    fresh = (staff.c.oa_id == oa_id, staff.c.active, staff.c.link_code_until > now)
    mine = update(staff).where(*fresh, staff.c.link_code == plain_code(code))
    used = {"zalo_person_id": person_id, "link_code": None, "link_code_until": None}
    linked = connection.execute(mine.values(**used).returning(staff.c.id, staff.c.username)).one_or_none()
    if linked is None:
        for who in people:
            attempts.note(connection, WHAT, who, now)
        return "refused"
    others = (staff.c.oa_id == oa_id, staff.c.zalo_person_id == person_id, staff.c.id != linked.id)
    connection.execute(update(staff).where(*others).values(zalo_person_id=None))
    attempts.forget(connection, WHAT, f"{oa_id} {person_id}")
    audit.record(connection, oa_id, linked.id, "zalo_linked", linked.username, now)
    return "linked"


def plain_code(typed: str) -> str:
    """As the console keeps it: capitals and digits, without spaces and dashes."""
    return re.sub(r"[\s-]", "", typed).upper()


def account_gone(connection: Connection, oa_id: str, person_id: str) -> int:
    """The OA was unfollowed or Zalo took the person's leave: nothing can be sent there any more."""
    theirs = (staff.c.oa_id == oa_id, staff.c.zalo_person_id == person_id)
    return connection.execute(update(staff).where(*theirs).values(zalo_person_id=None)).rowcount


def forget_old_codes(connection: Connection, now: datetime) -> int:
    """Codes past their time, and tries that count no more."""
    attempts.forget_old(connection, WHAT, now - WITHIN)
    old: tuple[Any, ...] = (staff.c.link_code.is_not(None), staff.c.link_code_until <= now)
    cleared = update(staff).where(*old).values(link_code=None, link_code_until=None)
    return connection.execute(cleared).rowcount
