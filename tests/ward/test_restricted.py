"""The sealed words of complaints: listed without content, opened by one role, each opening written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import audit, restricted_messages
from store.secrets import SecretBox
from ward import restricted
from ward.restricted import NotAllowed, Reader

OA = "2500000000000000099"
BOX = SecretBox("a key for the tests only", "restricted")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
READER, OTHER = Reader(7, may_read=True), Reader(8, may_read=False)


def kept(engine: Engine, *texts: str, oa_id: str = OA) -> list[int]:
    with write_tx(engine) as connection:
        for n, text in enumerate(texts):
            restricted.keep(connection, BOX, oa_id, "p1", text, NOW + timedelta(minutes=n))
        rows = connection.execute(
            select(restricted_messages.c.id).where(restricted_messages.c.oa_id == oa_id)
        )
        return [row.id for row in rows]


def lines(engine: Engine) -> list[Any]:
    with read_tx(engine) as connection:
        return list(connection.execute(select(audit).order_by(audit.c.id)).all())


def test_each_opening_is_written_down_with_who_and_when(engine: Engine) -> None:
    first, second = kept(engine, "ông Bưởi nhận 5 triệu", "còn nữa")
    with write_tx(engine) as connection:
        message = restricted.open_one(connection, BOX, OA, first, READER, NOW)
        assert restricted.open_one(connection, BOX, OA, first, READER, NOW) == message
    assert message is not None
    assert (message.person_id, message.text) == ("p1", "ông Bưởi nhận 5 triệu")
    assert [(line.action, line.subject, line.staff_id) for line in lines(engine)] == [
        ("restricted_opened", f"restricted/{first}", 7)
    ] * 2
    assert "Bưởi" not in str(lines(engine))
    with write_tx(engine) as connection:
        notes = restricted.listed(connection, OA, READER)
    assert [(note.id, note.opened, note.handled_at) for note in notes] == [
        (second, 0, None),
        (first, 2, None),
    ]
    assert "Bưởi" not in str(notes)


def test_what_is_rolled_back_was_not_read(engine: Engine) -> None:
    """The line and the words come from one transaction: words without a line cannot be had."""
    (one,) = kept(engine, "x")
    with engine.connect() as connection:
        restricted.open_one(connection, BOX, OA, one, READER, NOW)
        connection.rollback()
    assert not lines(engine)


def test_who_has_not_the_role_gets_nothing_and_not_even_a_list(engine: Engine) -> None:
    (one,) = kept(engine, "x")
    with write_tx(engine) as connection:
        with pytest.raises(NotAllowed):
            restricted.open_one(connection, BOX, OA, one, OTHER, NOW)
        with pytest.raises(NotAllowed):
            restricted.listed(connection, OA, OTHER)
        with pytest.raises(NotAllowed):
            restricted.mark_handled(connection, OA, one, OTHER, NOW, "xong")
    assert not lines(engine)


def test_another_ward_sees_nothing(engine: Engine) -> None:
    (one,) = kept(engine, "x", oa_id="another")
    with write_tx(engine) as connection:
        assert restricted.open_one(connection, BOX, OA, one, READER, NOW) is None
        assert restricted.listed(connection, OA, READER) == []
        assert not restricted.mark_handled(connection, OA, one, READER, NOW, "xong")


def test_handled_is_a_line_and_the_message_stays(engine: Engine) -> None:
    (one,) = kept(engine, "x")
    with write_tx(engine) as connection:
        with pytest.raises(ValueError, match="Ghi giùm"):
            restricted.mark_handled(connection, OA, one, READER, NOW, "  ")
        assert restricted.mark_handled(connection, OA, one, READER, NOW, "Mời tới nơi tiếp công dân")
        (note,) = restricted.listed(connection, OA, READER)
        assert note.handled_at == NOW
        assert restricted.open_one(connection, BOX, OA, one, READER, NOW) is not None


def test_a_long_list_by_pages(engine: Engine) -> None:
    ids = kept(engine, *map(str, range(7)))
    with write_tx(engine) as connection:
        first = restricted.listed(connection, OA, READER, limit=4)
        rest = restricted.listed(connection, OA, READER, before=first[-1].id, limit=4)
    assert [note.id for note in (*first, *rest)] == sorted(ids, reverse=True)
