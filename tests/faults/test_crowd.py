"""Two web processes and two workers share one database: order for each person, nothing twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from store.engine import open_engine, read_tx
from store.schema import inbox_events, outbox
from tests.support.house import installation
from tests.support.simulator import RunningSimulator, wait_until

PEOPLE = 50


@pytest.mark.parametrize("events", [300, pytest.param(2000, marks=pytest.mark.soak)], ids=["short", "full"])
def test_replies_come_in_order_and_once(database_url: str, tmp_path: Path, events: int) -> None:
    with RunningSimulator() as zalo, installation(zalo, database_url, tmp_path) as house:
        zalo.zalo.configure(webhook_url=house.web(processes=2))
        house.start("worker")
        house.start("worker")
        people = [zalo.add(f"Dân {n}") for n in range(PEOPLE)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda who: _ask_all(zalo, who, events // PEOPLE), people))
        engine = open_engine(database_url)
        zalo.wait_delivered(timeout=120)
        wait_until(lambda: _all_sent(engine, events), timeout=240)
        _check(engine, zalo, events)


def _ask_all(zalo: RunningSimulator, person: str, questions: int) -> None:
    """Distinct words each time, repeated back nowhere: order is read from the event that was answered."""
    for n in range(questions):
        zalo.say(person, f"alo {n}")


def _all_sent(engine: Engine, events: int) -> bool:
    with read_tx(engine) as connection:
        done = connection.execute(
            select(func.count())
            .select_from(inbox_events)
            .where(inbox_events.c.state == "done", inbox_events.c.event_name == "user_send_text")
        ).scalar()
        left = connection.execute(
            select(func.count()).select_from(outbox).where(outbox.c.state.in_(["queued", "sending"]))
        ).scalar()
    return done == events and left == 0


def _check(engine: Engine, zalo: RunningSimulator, events: int) -> None:
    with read_tx(engine) as connection:
        asked = {
            f"e{row.id}": row
            for row in connection.execute(
                select(inbox_events).where(inbox_events.c.event_name == "user_send_text")
            )
        }
        replies = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    assert len(asked) == events
    assert {row.state for row in replies} == {"sent"}
    assert {row.dedupe_key.split(":")[0] for row in replies} == set(asked)
    place = {row["msg_id"]: n for n, row in enumerate(zalo.sent())}
    assert len(place) == len(replies), "Zalo accepted each reply exactly once"
    by_person = defaultdict(list)
    for row in replies:
        by_person[row.person_id].append(row)
    assert len(by_person) == PEOPLE
    for rows in by_person.values():
        arrived = sorted(rows, key=lambda row: place[row.message_id])
        moments = [asked[row.dedupe_key.split(":")[0]].occurred_at for row in arrived]
        assert moments == sorted(moments), "a person's replies arrive in the order of the questions"
        assert max(Counter(row.dedupe_key for row in rows).values()) == 1
