"""Worker and clock end to end: threads, a real Zalo over HTTP (simulated), databases that go away."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, select, text

from bot.clock import Clock, Job
from bot.replies import Desk, Reply, Result, Turn
from bot.worker import Worker
from store.engine import is_sqlite, open_engine, read_tx
from store.migrate import upgrade
from store.schema import heartbeats, inbox_events, periodic, turns
from tests.bot.support import OA, START, MovableClock, WallClock, conversation, echoing
from tests.bot.support_zalo import PostOffice, account_at, linked
from tests.support.simulator import RunningSimulator, wait_until

utc_now = WallClock()


def new_worker(post: PostOffice, voice: Any = echoing, drainers: int = 1) -> Worker:
    talk = conversation(voice, utc_now)
    clock = Clock(post.engine, "tests", (), utc_now)
    return Worker(post.engine, talk, post.sender, clock, utc_now, drainers=drainers, senders=3)


@contextmanager
def running(worker: Worker) -> Iterator[Worker]:
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


@pytest.fixture
def zalo(engine: Engine) -> Iterator[RunningSimulator]:
    with linked(engine, utc_now, webhook_retry_ladder=(0.2,) * 100) as simulated:
        yield simulated


@pytest.fixture
def post(engine: Engine, zalo: RunningSimulator) -> PostOffice:
    office = PostOffice(engine, account_at(zalo.api_url, zalo.oauth_url), WallClock())
    office.install_token(zalo)
    return office


def outcomes(engine: Engine) -> list[str]:
    with read_tx(engine) as connection:
        return [row.outcome for row in connection.execute(select(turns.c.outcome))]


# ── end to end ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("workers", [1, 2])
def test_a_hundred_messages_of_ten_people_are_answered_once_and_in_order(
    post: PostOffice, zalo: RunningSimulator, workers: int
) -> None:
    people = [zalo.add(f"Người {n}") for n in range(10)]

    def talk(person: str) -> None:
        for n in range(10):
            zalo.say(person, str(n))

    expected = [f"{n + 1}: {n}" for n in range(10)]
    first = new_worker(post)
    with running(first), ThreadPoolExecutor(10) as pool:
        second = new_worker(post)
        if workers == 2:
            second.start()
        list(pool.map(talk, people))
        zalo.wait_until(lambda: len(zalo.sent()) >= 100, timeout=60)
        zalo.wait_delivered(30)  # the echoes too
        wait_until(lambda: not waiting(post.engine), 30)
        second.stop()
    assert len(zalo.sent()) == 100
    for person in people:
        assert zalo.texts(person) == expected
    assert outcomes(post.engine) == ["answered"] * 100
    assert set(post.states()) == {"sent"}
    assert post.tasks() == []


def waiting(engine: Engine) -> list[Any]:
    with read_tx(engine) as connection:
        query = select(inbox_events.c.id).where(inbox_events.c.state == "new")
        return list(connection.execute(query).all())


def test_an_official_takes_over_in_the_middle_of_a_chat(post: PostOffice, zalo: RunningSimulator) -> None:
    with running(new_worker(post)):
        zalo.say("Cô Lan", "một")
        zalo.wait_for_texts("Cô Lan", 1)
        zalo.act("Cô Lan", "staff", text="Chào cô, tôi là cán bộ")
        zalo.say("Cô Lan", "hai")
        wait_until(lambda: "silent" in outcomes(post.engine))
    assert zalo.texts("Cô Lan") == ["1: một"]


# ── stopping ────────────────────────────────────────────────────────────────────────────────────


def test_an_idle_worker_stops_at_once(post: PostOffice) -> None:
    worker = new_worker(post)
    worker.start()
    time.sleep(0.1)
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 2
    assert not any(thread.is_alive() for thread in worker._threads)


def test_stopping_waits_for_the_send_in_hand_and_begins_no_other(
    post: PostOffice, zalo: RunningSimulator
) -> None:
    lan = zalo.add("Cô Lan")
    zalo.act(lan, "chatnow")
    zalo.faults({"kind": "delay", "match": "message/cs", "seconds": 1, "times": 1})
    worker = new_worker(post)
    worker.start()
    post.queue(lan, "một", "hai")
    wait_until(lambda: "sending" in post.states())
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 5
    assert post.states()[0] == "sent"
    assert "sending" not in post.states()
    kept = post.states()
    time.sleep(0.3)
    assert post.states() == kept


def test_a_handler_in_hand_is_finished_before_the_stop(post: PostOffice, zalo: RunningSimulator) -> None:
    begun = threading.Event()

    def slow(turn: Turn, desk: Desk) -> Result:
        begun.set()
        time.sleep(0.7)
        return Result("answered", (Reply(text="xong"),))

    worker = new_worker(post, slow)
    worker.start()
    zalo.say("Cô Lan", "chào")
    assert begun.wait(5)
    worker.stop()
    assert outcomes(post.engine) == ["answered"]
    with running(new_worker(post)):  # the next start sends what the last one left
        assert zalo.wait_for_texts("Cô Lan", 1) == ["xong"]


def test_asking_to_stop_ends_the_waiting(post: PostOffice) -> None:
    worker = new_worker(post)
    threading.Timer(0.2, worker.ask_to_stop).start()
    began = time.monotonic()
    worker.wait()
    assert 0.1 < time.monotonic() - began < 5


# ── a database that goes away ───────────────────────────────────────────────────────────────────


@contextmanager
def away(engine: Engine) -> Iterator[None]:
    """The database refuses: SQLite is locked by another program, PostgreSQL lets nobody in."""
    if is_sqlite(engine):
        other = sqlite3.connect(str(engine.url.database), isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
        other.close()
        return
    admin = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    name = engine.url.database
    with admin.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(ours), {"name": name})
        yield
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    admin.dispose()


def impatient(connection: sqlite3.Connection, _entry: object) -> None:
    connection.execute("PRAGMA busy_timeout = 100")


def test_a_database_that_comes_back_is_used_again(database_url: str) -> None:
    engine = open_engine(database_url)
    if is_sqlite(engine):
        event.listen(engine, "connect", impatient)
    upgrade(engine)
    with linked(engine, utc_now, webhook_retry_ladder=(0.2,) * 100) as zalo:
        office = PostOffice(engine, account_at(zalo.api_url, zalo.oauth_url), WallClock())
        office.install_token(zalo)
        with running(new_worker(office)):
            zalo.say("Cô Lan", "một")
            assert zalo.wait_for_texts("Cô Lan", 1) == ["1: một"]
            zalo.wait_delivered(10)
            with away(engine):
                zalo.say("Cô Lan", "hai")
                wait_until(lambda: zalo.counters()["webhook"]["failures"] >= 2, 20)
            assert zalo.wait_for_texts("Cô Lan", 2, timeout=30) == ["1: một", "2: hai"]
            zalo.wait_delivered(20)
    assert outcomes(engine) == ["answered", "answered"]
    engine.dispose()


# ── the clock ───────────────────────────────────────────────────────────────────────────────────

HOUR = timedelta(hours=1)


def test_two_clocks_run_a_due_job_once_for_each_due_time(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(2)]
    upgrade(engines[0])
    at = MovableClock()
    runs: list[datetime] = []
    job = Job("tidy", HOUR, lambda: runs.append(at()))
    clocks = [Clock(engine, f"c{n}", (job,), at) for n, engine in enumerate(engines)]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            ran = list(pool.map(lambda n: clocks[n % 2].tick(job), range(4)))
            assert sum(ran) == 1
            at.move(minutes=59)
            assert not any(pool.map(lambda n: clocks[n % 2].tick(job), range(2)))
            at.move(minutes=1)
    assert len(runs) == 20
    for engine in engines:
        engine.dispose()


def test_a_job_that_was_due_ten_times_while_nobody_ran_runs_once(engine: Engine) -> None:
    at = MovableClock()
    runs: list[datetime] = []
    job = Job("tidy", HOUR, lambda: runs.append(at()))
    clock = Clock(engine, "c", (job,), at)
    assert clock.tick(job)
    at.move(hours=10)
    assert [clock.tick(job) for _ in range(3)] == [True, False, False]
    assert len(runs) == 2


def test_a_failing_job_is_tried_again_at_the_next_due_time(engine: Engine) -> None:
    at = MovableClock()
    tries: list[datetime] = []

    def fails_twice() -> None:
        tries.append(at())
        if len(tries) < 3:
            raise RuntimeError("0912345678")

    job = Job("tidy", HOUR, fails_twice)
    clock = Clock(engine, "c", (job,), at)
    assert not clock.tick(job)
    assert not clock.tick(job)
    assert len(tries) == 1
    at.move(hours=1)
    assert not clock.tick(job)
    at.move(hours=1)
    assert clock.tick(job)
    with read_tx(engine) as connection:
        row = connection.execute(select(periodic)).one()
    assert row.last_ok_at == START + 2 * HOUR
    assert row.due_at == START + 3 * HOUR


def test_a_failing_job_does_not_stop_the_others(engine: Engine) -> None:
    at = MovableClock()
    ran: list[str] = []

    def breaks() -> None:
        raise RuntimeError

    jobs = (Job("bad", HOUR, breaks), Job("good", HOUR, lambda: ran.append("good")))
    clock = Clock(engine, "c", jobs, at)
    for job in jobs:
        clock.tick(job)
    assert ran == ["good"]


def test_two_running_clocks_share_their_jobs(engine: Engine) -> None:
    runs: list[float] = []
    job = Job("quick", timedelta(seconds=0.4), lambda: runs.append(time.monotonic()))
    clocks = [Clock(engine, f"c{n}", (job,), utc_now) for n in range(2)]
    for clock in clocks:
        clock.start()
    wait_until(lambda: len(runs) >= 4, 20)
    for clock in clocks:
        clock.stop()
    gaps = [later - sooner for sooner, later in zip(runs, runs[1:], strict=False)]
    assert min(gaps) > 0.2  # twice in one due time would be a gap near nothing
    ended = len(runs)
    time.sleep(0.6)
    assert len(runs) == ended


def test_the_heartbeat_is_one_row_that_moves(engine: Engine) -> None:
    at = MovableClock()
    clocks = [Clock(engine, f"c{n}", (), at) for n in range(2)]
    for clock in clocks:
        clock.beat()
        at.move(seconds=5)
    with read_tx(engine) as connection:
        (row,) = connection.execute(select(heartbeats)).all()
    assert row.at == START + timedelta(seconds=5)


def test_a_worker_beats_as_long_as_it_runs(post: PostOffice) -> None:
    with running(new_worker(post)), read_tx(post.engine) as connection:
        at = connection.execute(select(heartbeats.c.at)).scalar_one()
    assert abs(utc_now() - at) < timedelta(seconds=10)
    assert post.account.oa_id == OA
