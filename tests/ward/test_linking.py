"""Linking an official's own Zalo: a fresh code once, few tries, one account for one official."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from store.engine import read_tx, write_tx
from store.schema import attempts, staff
from ward import linking
from ward.linking import TRIES, account_gone, forget_old_codes, link

OA = "2500000000000000099"
NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
LATER = timedelta(minutes=15)


def add(engine: Engine, name: str, code: str | None = None, **more: Any) -> int:
    row = {"oa_id": OA, "username": name, "name": name, "password_hash": "-", "created_at": NOW}
    row |= {"roles": ["field"], "fields": [], "khoms": [], "link_code": code}
    row |= {"link_code_until": NOW + LATER if code else None, **more}
    with write_tx(engine) as connection:
        return int(connection.execute(insert(staff).values(**row).returning(staff.c.id)).scalar_one())


def typed(engine: Engine, code: str, person: str = "p1", at: datetime = NOW, oa_id: str = OA) -> str:
    with write_tx(engine) as connection:
        return link(connection, oa_id, person, code, at)


def account(engine: Engine, staff_id: int) -> str | None:
    with read_tx(engine) as connection:
        found: str | None = connection.execute(
            select(staff.c.zalo_person_id).where(staff.c.id == staff_id)
        ).scalar_one()
    return found


def test_a_fresh_code_links_once(engine: Engine) -> None:
    hanh = add(engine, "hanh", "NOI12345678")
    assert typed(engine, "noi 1234-5678") == "linked"
    assert account(engine, hanh) == "p1"
    assert typed(engine, "NOI12345678", "p2") == "refused"
    assert account(engine, hanh) == "p1"


@pytest.mark.parametrize(
    ("at", "oa_id", "more"),
    [
        (NOW + LATER, OA, {}),
        (NOW, "2500000000000000001", {}),
        (NOW, OA, {"active": False}),
    ],
)
def test_old_codes_other_wards_and_closed_accounts_are_refused(
    engine: Engine, at: datetime, oa_id: str, more: dict[str, Any]
) -> None:
    hanh = add(engine, "hanh", "NOI12345678", **more)
    assert typed(engine, "NOI12345678", at=at, oa_id=oa_id) == "refused"
    assert account(engine, hanh) is None


def test_tries_are_limited_for_the_hour(engine: Engine) -> None:
    add(engine, "hanh", "NOI12345678", link_code_until=NOW + timedelta(hours=3))
    assert [typed(engine, f"NOI0000000{n}") for n in range(TRIES)] == ["refused"] * TRIES
    assert typed(engine, "NOI12345678") == "too_many"
    assert typed(engine, "NOI12345678", "p1", NOW + timedelta(hours=1)) == "linked"


def test_many_accounts_cannot_guess_together(engine: Engine) -> None:
    add(engine, "hanh", "NOI12345678")
    with write_tx(engine) as connection:
        who = f"{OA} {linking.EVERYBODY}"
        rows = [{"what": linking.WHAT, "who": who, "at": NOW}] * linking.TRIES_OF_ALL
        connection.execute(insert(attempts), rows)
    assert typed(engine, "NOI12345678", "p9") == "too_many"


def test_one_account_speaks_for_one_official(engine: Engine) -> None:
    old, new = add(engine, "old", zalo_person_id="p1"), add(engine, "new", "NOI12345678")
    assert typed(engine, "NOI12345678") == "linked"
    assert (account(engine, old), account(engine, new)) == (None, "p1")


def test_two_who_type_the_same_code_at_once(engine: Engine) -> None:
    hanh = add(engine, "hanh", "NOI12345678")
    ends: list[str] = []
    threads = [
        Thread(target=lambda who=who: ends.append(typed(engine, "NOI12345678", who))) for who in ("p1", "p2")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["linked", "refused"]
    assert account(engine, hanh) in ("p1", "p2")


def test_an_account_that_goes_away_is_unlinked(engine: Engine) -> None:
    hanh, tam = add(engine, "hanh", zalo_person_id="p1"), add(engine, "tam", zalo_person_id="p2")
    with write_tx(engine) as connection:
        assert account_gone(connection, OA, "p1") == 1
        assert account_gone(connection, OA, "p1") == 0
    assert (account(engine, hanh), account(engine, tam)) == (None, "p2")


def test_old_codes_and_tries_are_forgotten(engine: Engine) -> None:
    add(engine, "hanh", "NOI12345678")
    typed(engine, "NOI00000000")
    with write_tx(engine) as connection:
        assert forget_old_codes(connection, NOW + LATER - timedelta(seconds=1)) == 0
        assert forget_old_codes(connection, NOW + timedelta(hours=1)) == 1
        assert connection.execute(select(attempts)).all() == []
        assert connection.execute(select(staff.c.link_code)).scalars().all() == [None]
