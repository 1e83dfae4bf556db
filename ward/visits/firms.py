"""Firms at a business coffee: what they say of themselves, and whom a coming session may be told to.

That a firm agreed to hear of later sessions stands sealed beside its name, with the version of the words it
agreed to and the day. Nobody else is ever told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select, update

from store.schema import issues, signups, visits
from store.secrets import SecretBox
from ward.issues import OWED
from ward.visits.model import OPEN_STATES
from ward.visits.people import seal, unseal

KIND: Final = "coffee"
AT_FIRM, ONLINE = "tai_co_so", "truc_tuyen"
"""Keys of the ways to meet that are not at the place of the session."""
CONSENT: Final = "2026-11"
"""Version of the words of coffee.news, by which a firm agrees."""
NAMES_KEPT: Final = timedelta(days=60)


def keep_who(
    connection: Connection, box: SecretBox, oa_id: str, signup_id: int, now: datetime, **told: str | None
) -> bool:
    """Add what is told now to what is sealed; other parts stay."""
    mine = (signups.c.oa_id == oa_id, signups.c.id == signup_id)
    row = connection.execute(select(signups.c.who).where(*mine)).one_or_none()
    if row is None:
        return False
    values = {"who": seal(box, replace(unseal(box, row.who), **told)), "changed_at": now}
    return connection.execute(update(signups).where(*mine).values(**values)).rowcount == 1


def agree(connection: Connection, box: SecretBox, oa_id: str, person_id: str, now: datetime) -> bool:
    """The firm wants to hear of later sessions; False: it has never signed up."""
    newest = connection.execute(_of(oa_id, person_id).order_by(signups.c.id.desc()).limit(1)).first()
    mark = f"{CONSENT} {now:%Y-%m-%d}"
    return newest is not None and keep_who(connection, box, oa_id, newest.id, now, news=mark)


def stop(connection: Connection, box: SecretBox, oa_id: str, person_id: str, now: datetime) -> bool:
    """It does not want to hear of them any more; False: it had not asked to."""
    told = [row.id for row in connection.execute(_of(oa_id, person_id)) if unseal(box, row.who).news]
    for signup_id in told:
        keep_who(connection, box, oa_id, signup_id, now, news=None)
    return bool(told)


def hears(connection: Connection, box: SecretBox, oa_id: str, person_id: str) -> bool:
    return any(unseal(box, row.who).news for row in connection.execute(_of(oa_id, person_id)))


def hearers(connection: Connection, box: SecretBox, oa_id: str, visit_id: int) -> Sequence[str]:
    """Who agreed, and has no place in this session yet."""
    query = select(signups.c.person_id, signups.c.who, signups.c.visit_id, signups.c.state).where(
        signups.c.oa_id == oa_id, signups.c.kind == KIND, signups.c.person_id.is_not(None)
    )
    rows = connection.execute(query.order_by(signups.c.id)).all()
    here = {row.person_id for row in rows if row.visit_id == visit_id and row.state in OPEN_STATES}
    agreed = {row.person_id: None for row in rows if unseal(box, row.who).news}
    return [person_id for person_id in agreed if person_id not in here]


def forget_old(connection: Connection, box: SecretBox, oa_id: str, now: datetime) -> int:
    """Names two months after the session, unless the firm agreed to news or waits for an answer."""
    past = select(visits.c.id).where(visits.c.kind == KIND, visits.c.ends_at < now - NAMES_KEPT)
    waits = select(issues.c.signup_id).where(issues.c.state.in_(OWED), issues.c.signup_id.is_not(None))
    old = (signups.c.oa_id == oa_id, signups.c.who.is_not(None), signups.c.visit_id.in_(past))
    rows = connection.execute(select(signups.c.id, signups.c.who).where(*old, signups.c.id.not_in(waits)))
    gone = [row.id for row in rows if not unseal(box, row.who).news]
    connection.execute(update(signups).where(signups.c.id.in_(gone)).values(who=None))
    return len(gone)


def _of(oa_id: str, person_id: str) -> Any:
    return select(signups.c.id, signups.c.who).where(
        signups.c.oa_id == oa_id, signups.c.person_id == person_id, signups.c.kind == KIND
    )
