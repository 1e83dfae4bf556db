"""The worker is killed at random moments: nothing is lost, nothing is told twice.

A message whose request had left when the process died is `unknown`: counted, listed, never repeated.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from store.engine import open_engine, read_tx
from store.schema import inbox_events, outbox, staff_tasks
from tests.support.house import installation
from tests.support.simulator import RunningSimulator, wait_until

PEOPLE = 30
QUESTIONS = (
    "làm giấy khai sanh cho bé cần gì",
    "dang ky ket hon mat bao lau",
    "sao y ban chinh het bao nhieu tien",
    "xác nhận tình trạng hôn nhân nộp ở đâu",
    "alo",
)
LEASE_S = 5


@pytest.mark.parametrize(
    ("messages", "kills"), [(60, 6), pytest.param(300, 30, marks=pytest.mark.soak)], ids=["short", "full"]
)
def test_nothing_is_lost_or_told_twice(tmp_path: Path, messages: int, kills: int) -> None:
    url = f"sqlite:///{tmp_path}/ward.db"
    with RunningSimulator() as zalo, installation(zalo, url, tmp_path, SEND_LEASE_S=str(LEASE_S)) as house:
        zalo.zalo.configure(webhook_url=house.web(processes=1))
        people = [zalo.add(f"Dân {n}") for n in range(PEOPLE)]
        slow = {"match": "oa/message", "kind": "delay", "seconds": 0.05, "times": None}
        zalo.faults(slow)  # so that a kill meets requests on their way
        chaos = random.Random(20261121)
        killed = 0
        worker = house.start("worker")
        for n in range(messages):
            zalo.say(people[n % PEOPLE], chaos.choice(QUESTIONS))
            if n * kills // messages > killed:
                time.sleep(chaos.uniform(0.0, 2.5))
                house.kill(worker)
                worker = house.start("worker")
                killed += 1
        house.kill(worker)
        killed += 1
        house.start("worker")
        engine = open_engine(url)
        zalo.wait_delivered(timeout=60)
        wait_until(lambda: _is_quiet(engine, messages), timeout=120)
        _check(engine, zalo, messages)
        assert killed == kills


def _is_quiet(engine: Engine, messages: int) -> bool:
    with read_tx(engine) as connection:
        done = _count(
            connection,
            inbox_events,
            inbox_events.c.state == "done",
            inbox_events.c.event_name == "user_send_text",
        )
        waiting = _count(connection, inbox_events, inbox_events.c.state == "new")
        open_sends = _count(connection, outbox, outbox.c.state.in_(["queued", "sending"]))
    return done == messages and not waiting and not open_sends


def _count(connection: object, table: object, *where: object) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*where)).scalar()


def _check(engine: Engine, zalo: RunningSimulator, messages: int) -> None:
    with read_tx(engine) as connection:
        rows = connection.execute(select(outbox)).all()
        tasks = _count(
            connection, staff_tasks, staff_tasks.c.kind == "send_unknown", staff_tasks.c.done_at.is_(None)
        )
    answered = {row.dedupe_key.split(":")[0] for row in rows}
    assert len(answered) == messages, "every message has its answer, once"
    states = Counter(row.state for row in rows)
    assert set(states) <= {"sent", "unknown"}
    assert states["unknown"] == tasks, "every unknown outcome is listed for staff"
    written = Counter((row.person_id, row.reply["text"]) for row in rows)
    arrived = Counter((row["user_id"], row["text"]) for row in zalo.sent())
    assert not arrived - written, "nothing arrives more often than it was written"
    assert sum((written - arrived).values()) <= states["unknown"], "only unknown ones may be missing"
    print(f"messages {messages}, replies {len(rows)}, unknown {states['unknown']}")
