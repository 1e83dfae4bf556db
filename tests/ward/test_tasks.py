from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import restricted_messages, staff_tasks
from store.secrets import SecretBox
from ward.calendar import VIET_NAM
from ward.restricted import RestrictedMessage, keep, unseal
from ward.tasks import close_task, open_task

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=VIET_NAM)


def open_one(engine: Engine, ref: str = "m1", oa_id: str = "oa") -> bool:
    with write_tx(engine) as connection:
        return open_task(connection, oa_id, "alarm", ref, "p1", {"kind": "chay"}, NOW)


def close_one(engine: Engine, ref: str = "m1") -> bool:
    with write_tx(engine) as connection:
        return close_task(connection, "oa", "alarm", ref, NOW + timedelta(hours=1))


def test_a_task_is_opened_once(engine: Engine) -> None:
    assert open_one(engine)
    assert not open_one(engine)
    assert open_one(engine, "m2")
    assert open_one(engine, oa_id="other")
    with read_tx(engine) as connection:
        assert len(connection.execute(select(staff_tasks)).all()) == 3


def test_a_task_is_closed_once(engine: Engine) -> None:
    open_one(engine)
    assert close_one(engine)
    assert not close_one(engine)
    assert not close_one(engine, "none")
    with read_tx(engine) as connection:
        row = connection.execute(select(staff_tasks)).one()
    assert row.done_at == NOW + timedelta(hours=1)
    assert row.detail == {"kind": "chay"}


def test_a_closed_task_does_not_come_back(engine: Engine) -> None:
    open_one(engine)
    close_one(engine)
    assert not open_one(engine)


def test_restricted_words_are_sealed_with_their_sender(engine: Engine) -> None:
    box = SecretBox("a long enough secret key", "restricted")
    words = "Tôi tố cáo ông A"
    with write_tx(engine) as connection:
        keep(connection, box, "oa", "person-7", words, NOW)
    with read_tx(engine) as connection:
        row = connection.execute(select(restricted_messages)).one()
    assert b"person-7" not in row.sealed
    assert words.encode() not in row.sealed
    assert unseal(box, row.sealed) == RestrictedMessage("person-7", words)
