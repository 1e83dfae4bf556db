"""Photos of reports: a JPEG of ours, sealed. Loose ones belong to a person's draft and go with it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from store.schema import drafts, photos
from store.secrets import SecretBox
from ward.pictures import Photo

LOOSE_KEPT = timedelta(hours=24)
"""As long as a draft (which is counted from its last change)."""

When = Literal["before", "after"]


@dataclass(frozen=True)
class PhotoNote:
    """What is known of a photo without opening it."""

    token: str
    kind: str
    created_at: datetime
    width: int
    height: int


def keep(
    connection: Connection,
    box: SecretBox,
    oa_id: str,
    person_id: str | None,
    photo: Photo,
    now: datetime,
    kind: When = "before",
    case_id: int | None = None,
) -> str:
    """Seal and keep a photo; the token it is found by tells nothing and cannot be guessed."""
    token = secrets.token_urlsafe(24)
    connection.execute(
        insert(photos).values(
            token=token,
            oa_id=oa_id,
            person_id=person_id,
            case_id=case_id,
            kind=kind,
            created_at=now,
            width=photo.width,
            height=photo.height,
            content=box.seal(photo.jpeg),
        )
    )
    return token


def read(connection: Connection, box: SecretBox, oa_id: str, token: str) -> Photo | None:
    """The photo opened, None when there is none. Who may see its case is for the caller to ask first."""
    row = connection.execute(select(photos).where(*_is(oa_id, token))).one_or_none()
    return None if row is None else Photo(box.open(row.content), row.width, row.height)


def case_of(connection: Connection, oa_id: str, token: str) -> int | None:
    """The case a photo belongs to; None while it is loose, and when there is no such photo."""
    return connection.execute(select(photos.c.case_id).where(*_is(oa_id, token))).scalar_one_or_none()


def of_case(connection: Connection, oa_id: str, case_id: int) -> list[PhotoNote]:
    """The photos of a case, oldest first, unopened."""
    query = (
        select(photos.c.token, photos.c.kind, photos.c.created_at, photos.c.width, photos.c.height)
        .where(photos.c.oa_id == oa_id, photos.c.case_id == case_id)
        .order_by(photos.c.created_at, photos.c.token)
    )
    return [PhotoNote(*row) for row in connection.execute(query)]


def attach(connection: Connection, oa_id: str, person_id: str, tokens: Sequence[str], case_id: int) -> int:
    """Give a person's loose photos to a case. Returns how many there were; others' photos stay put."""
    theirs = (_loose_of(oa_id, person_id), photos.c.token.in_(tokens))
    return connection.execute(update(photos).where(*theirs).values(case_id=case_id)).rowcount


def drop(connection: Connection, oa_id: str, tokens: Iterable[str]) -> int:
    """Delete photos for good."""
    which = (photos.c.oa_id == oa_id, photos.c.token.in_(list(tokens)))
    return connection.execute(delete(photos).where(*which)).rowcount


def drop_loose_of(connection: Connection, oa_id: str, person_id: str) -> int:
    """Delete what a person sent and no case holds (the draft was thrown away, or the person withdrew)."""
    return connection.execute(delete(photos).where(_loose_of(oa_id, person_id))).rowcount


def drop_old_loose(connection: Connection, now: datetime, most: int = 500) -> int:
    """Delete loose photos past their day whose draft is over too. Returns how many; `most`: ask again."""
    day_ago = now - LOOSE_KEPT
    draft_lives = exists().where(
        drafts.c.oa_id == photos.c.oa_id,
        drafts.c.person_id == photos.c.person_id,
        drafts.c.updated_at >= day_ago,
    )
    old = (photos.c.case_id.is_(None), photos.c.created_at < day_ago, ~draft_lives)
    tokens = select(photos.c.token).where(*old).limit(most).scalar_subquery()
    return connection.execute(delete(photos).where(photos.c.token.in_(tokens))).rowcount


def _is(oa_id: str, token: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return photos.c.oa_id == oa_id, photos.c.token == token


def _loose_of(oa_id: str, person_id: str) -> ColumnElement[bool]:
    return (photos.c.oa_id == oa_id) & (photos.c.person_id == person_id) & photos.c.case_id.is_(None)
