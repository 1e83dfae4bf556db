"""The assistant with a desk that writes to a real database, as the machine below will do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

from bot.replies import Candidate, Result, Ticket, Turn
from store.engine import open_engine, read_tx, write_tx
from store.migrate import upgrade
from store.schema import cases, restricted_messages, staff_tasks
from store.secrets import SecretBox
from tests.handlers.world import FRIDAY, SAMPLE, assistant, profile, whole
from ward.calendar import load_calendar, say_by_when
from ward.cases.opening import open_question
from ward.codes import parse_code
from ward.restricted import keep, unseal
from ward.tasks import open_task

OA = "oa"
BOX = SecretBox("a long enough secret key", "restricted")
CALENDAR = load_calendar(SAMPLE, profile().hours)


@dataclass
class StoreDesk:
    connection: Connection

    def hand_over(
        self, turn: Turn, question: str, field: str | None, candidates: Sequence[Candidate]
    ) -> Ticket:
        hours = profile().answer_hours
        opened = open_question(
            self.connection, OA, turn.person_id, question, field, [], turn.at, CALENDAR, hours
        )
        return Ticket(opened.code, opened.due_at)

    def raise_alarm(self, turn: Turn, kind: str) -> None:
        open_task(self.connection, OA, "alarm", f"{turn.msg_id}", turn.person_id, {"kind": kind}, turn.at)

    def keep_restricted(self, turn: Turn) -> None:
        keep(self.connection, BOX, OA, turn.person_id, turn.text, turn.at)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'ward.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


def send(engine: Engine, text: str) -> Result:
    with write_tx(engine) as connection:
        return assistant().respond(Turn("p1", text, FRIDAY, msg_id="m1"), StoreDesk(connection))


def test_the_code_and_time_said_are_those_kept(engine: Engine) -> None:
    said = whole(send(engine, "đèn đường hẻm 5 hư hai bữa nay").replies)
    with read_tx(engine) as connection:
        row = connection.execute(select(cases)).one()
    assert parse_code(said).code == row.code
    assert f"trước {say_by_when(row.due_at, FRIDAY)}" in said
    assert (row.question, row.field, row.state) == ("đèn đường hẻm 5 hư hai bữa nay", "phan_anh", "new")


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
        assert [row.detail for row in connection.execute(select(staff_tasks))] == [{"kind": "fire"}]
