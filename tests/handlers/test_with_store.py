"""The assistant with a desk that writes to a real database, as the machine below will do it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

from bot.desk import TransactionDesk
from bot.replies import Result, Turn
from store.engine import read_tx, write_tx
from store.schema import cases, restricted_messages, staff_tasks
from store.secrets import SecretBox
from tests.handlers.world import FRIDAY, SAMPLE, assistant, profile, whole
from tests.support.databases import new_sqlite
from ward.calendar import load_calendar, say_by_when
from ward.codes import parse_code
from ward.restricted import unseal

OA = "oa"
BOX = SecretBox("a long enough secret key", "restricted")
PERSONAL = SecretBox("a long enough secret key", "personal")
CALENDAR = load_calendar(SAMPLE, profile().hours)


def desk_on(connection: Connection) -> TransactionDesk:
    return TransactionDesk(connection, OA, 1, BOX, CALENDAR, profile().answer_hours, PERSONAL)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_sqlite(tmp_path / "ward.db")
    yield engine
    engine.dispose()


def send(engine: Engine, text: str) -> Result:
    with write_tx(engine) as connection:
        return assistant().respond(Turn("p1", text, FRIDAY, msg_id="m1"), desk_on(connection))


def test_the_code_and_time_said_are_those_kept(engine: Engine) -> None:
    send(engine, "gặp cán bộ")
    said = whole(send(engine, "cho tôi gặp cán bộ hỏi vụ miếng đất hương hỏa của ông nội").replies)
    with read_tx(engine) as connection:
        row = connection.execute(select(cases)).one()
    assert parse_code(said).code == row.code
    assert f"trước {say_by_when(row.due_at, FRIDAY)}" in said
    assert (row.kind, row.state) == ("question", "new")


def test_a_denunciation_is_kept_in_the_restricted_table_only(engine: Engine) -> None:
    words = "Tôi muốn tố cáo ông A bên địa chính ăn tiền"
    send(engine, words)
    with read_tx(engine) as connection:
        assert connection.execute(select(cases)).all() == []
        sealed = connection.execute(select(restricted_messages)).one().sealed
    assert unseal(BOX, sealed).text == words


def test_an_alarm_is_one_task_however_often_the_turn_is_repeated(engine: Engine) -> None:
    for _ in range(3):
        send(engine, "nhà kế bên đang cháy")
    with read_tx(engine) as connection:
        assert [row.kind for row in connection.execute(select(staff_tasks))] == ["fire"]
