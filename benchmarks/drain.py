"""How many events a second one worker answers when many wait."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from contextlib import chdir
from datetime import UTC, datetime
from hashlib import sha256
from itertools import cycle, islice

from sqlalchemy import func, select

from benchmarks.postgres import FSYNC_NOTE, databases
from benchmarks.questions import QUESTIONS
from benchmarks.report import Bench
from benchmarks.stage import PEOPLE
from benchmarks.world import APP_ID, OA_ID, OA_SECRET, bot_settings
from bot.config import Settings
from bot.worker import Worker
from store.engine import read_tx
from store.schema import inbox_events, turns
from wsgi import House, build_house


def _deliver(house: House, count: int) -> None:
    """Through the webhook itself, so that the events are as they come."""
    web = house.web().test_client()
    for number, words in enumerate(islice(cycle(QUESTIONS), count)):
        stamp = str(int(datetime.now(UTC).timestamp() * 1000))
        event = {
            "app_id": APP_ID,
            "event_name": "user_send_text",
            "sender": {"id": f"71{number % PEOPLE:017d}"},
            "recipient": {"id": OA_ID},
            "message": {"text": words, "msg_id": f"drain{number}"},
            "timestamp": stamp,
        }
        body = json.dumps(event, ensure_ascii=False).encode()
        mac = sha256(APP_ID.encode() + body + stamp.encode() + OA_SECRET.encode()).hexdigest()
        answer = web.post("/webhook/zalo", data=body, headers={"X-ZEvent-Signature": f"mac={mac}"})
        assert answer.status_code == 200


def _waiting(house: House) -> int:
    waiting = select(func.count()).select_from(inbox_events).where(inbox_events.c.state == "new")
    with read_tx(house.engine) as connection:
        return int(connection.execute(waiting).scalar_one())


def _drain(worker: Worker, house: House) -> float:
    """Seconds until nothing waits, with as many threads as the worker has."""

    def until_empty() -> None:
        while worker.drain_some() or _waiting(house):
            pass

    threads = [threading.Thread(target=until_empty) for _ in range(worker.drainers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _measure(name: str, database_url: str | None, count: int) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="ward-bench-") as folder, chdir(folder):
        environment = bot_settings(database_url or f"sqlite:///{folder}/ward.db", 0)
        house = build_house(Settings(**{key.lower(): value for key, value in environment.items()}))  # type: ignore[arg-type]
        _deliver(house, count)
        worker = house.worker()
        took = _drain(worker, house)
        with read_tx(house.engine) as connection:
            answered = connection.execute(select(func.count()).select_from(turns)).scalar_one()
            deciding = connection.execute(select(func.avg(turns.c.milliseconds))).scalar_one()
        house.engine.dispose()
        shown = [f"{count / took:.0f}", f"{took / count * 1000 * worker.drainers:.1f}", f"{deciding:.1f}"]
        return [name, str(answered), str(worker.drainers), *shown]


def bench(quick: bool) -> Bench:
    count = 200 if quick else 1000
    with databases() as urls:
        rows = [_measure(name, url, count) for name, url in urls.items()]
    return Bench(
        "drain",
        f"{count} questions of {PEOPLE} people wait in the inbox; one worker answers them with the real "
        "assistant, one durable transaction for each. Nothing is sent meanwhile.",
        ["database", "turns", "threads", "events/s", "ms/event and thread", "of it deciding"],
        rows,
        notes=[FSYNC_NOTE] if len(rows) > 1 else [],
    )
