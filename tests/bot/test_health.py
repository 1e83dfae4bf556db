"""`/healthz`, `/readyz` and `/metrics`: what a monitor sees, and that it sees nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, update

from bot import outbox
from bot.clock import Clock
from bot.replies import Reply
from bot.zalo.oauth import TokenPair
from store.engine import open_engine, write_tx
from store.migrate import downgrade
from store.schema import oa_tokens, staff_tasks
from tests.bot.support import OA, START, MovableClock, accept, conversation, drain_all, text_event
from tests.bot.support_web import ACCOUNT, application
from tests.bot.support_zalo import token_store

AWAY = "postgresql://nobody@127.0.0.1:1/none"
WELL = {"database": "ok", "library": "ok", "token": "ok", "worker": "ok"}


def make_ready(engine: Engine, clock: MovableClock) -> None:
    token_store(engine, ACCOUNT, clock).install(TokenPair("access", "refresh"))
    Clock(engine, "c", (), clock).beat()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def client(engine: Engine, clock: MovableClock) -> FlaskClient:
    make_ready(engine, clock)
    return application(engine, now=clock).test_client()


def checks(client: FlaskClient, status: int) -> dict[str, Any]:
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert answer.get_json()["ok"] is (status == 200)
    found: dict[str, Any] = answer.get_json()["checks"]
    return found


def test_alive_means_alive_and_nothing_more() -> None:
    answer = application(open_engine(AWAY)).test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"ok": True})


def test_ready_when_every_part_is_well(client: FlaskClient) -> None:
    assert checks(client, 200) == WELL


def test_a_late_heartbeat(client: FlaskClient, clock: MovableClock) -> None:
    clock.move(seconds=29)
    assert checks(client, 200) == WELL
    clock.move(seconds=2)
    assert checks(client, 503) == {**WELL, "worker": "no worker is running"}


def test_no_worker_yet(engine: Engine, clock: MovableClock) -> None:
    token_store(engine, ACCOUNT, clock).install(TokenPair("access", "refresh"))
    found = checks(application(engine, now=clock).test_client(), 503)
    assert found == {**WELL, "worker": "no worker is running"}


def test_no_token(engine: Engine, clock: MovableClock) -> None:
    Clock(engine, "c", (), clock).beat()
    found = checks(application(engine, now=clock).test_client(), 503)
    assert found == {**WELL, "token": "no Zalo token yet"}


def test_a_token_in_trouble(engine: Engine, client: FlaskClient) -> None:
    with write_tx(engine) as connection:
        connection.execute(update(oa_tokens).values(trouble="refused -14014"))
    assert checks(client, 503) == {**WELL, "token": "refused -14014"}


def test_an_empty_or_broken_library(engine: Engine, clock: MovableClock) -> None:
    make_ready(engine, clock)
    empty = application(engine, now=clock, library_size=lambda: 0).test_client()
    assert checks(empty, 503) == {**WELL, "library": "no procedure is loaded"}

    def broken() -> int:
        raise OSError("secret path")

    found = checks(application(engine, now=clock, library_size=broken).test_client(), 503)
    assert found == {**WELL, "library": "OSError"}


def test_a_schema_of_another_version(engine: Engine, client: FlaskClient) -> None:
    downgrade(engine, "base")
    found = checks(client, 503)
    assert found["database"].startswith("schema is at None, the program needs ")
    assert found["library"] == "ok"


def test_a_database_that_is_away_is_named_and_breaks_nothing() -> None:
    found = checks(application(open_engine(AWAY)).test_client(), 503)
    assert found["library"] == "ok"
    assert {found[name] for name in ("database", "token", "worker")} == {"OperationalError"}


# ── figures ─────────────────────────────────────────────────────────────────────────────────────

NAME = "Nguyễn Thị Mận 0912345678"
PERSON = "7100000000000000011"


def gauges(client: FlaskClient) -> dict[str, str]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    pairs = (line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    return {pair[0]: pair[1] for pair in pairs}


def test_the_queues_are_shown(engine: Engine, client: FlaskClient) -> None:
    accept(
        engine, text_event(PERSON, NAME, "m1"), text_event(PERSON, NAME, "m2", START + timedelta(seconds=1))
    )
    with write_tx(engine) as connection:
        outbox.enqueue(connection, OA, PERSON, [Reply(text=NAME)] * 3, "k", START)
        for n, done in enumerate([None, None, START]):
            task = {
                "oa_id": OA,
                "kind": "k",
                "ref": str(n),
                "detail": {},
                "created_at": START,
                "done_at": done,
            }
            connection.execute(insert(staff_tasks).values(**task))
    found = gauges(client)
    assert found["ward_inbox_waiting"] == "2"
    assert found['ward_outbox_messages{state="queued"}'] == "3"
    assert found["ward_staff_tasks_open"] == "2"
    assert found["ward_database_up"] == "1"


def test_the_counters_of_the_process_are_shown_and_grow(engine: Engine, client: FlaskClient) -> None:
    name = 'ward_turns_total{outcome="answered"}'
    before = float(gauges(client).get(name, 0))
    accept(engine, text_event(PERSON, NAME, "m1"))
    drain_all(engine, conversation())
    assert float(gauges(client)[name]) == before + 1
    client.post("/webhook/zalo", data=b"junk")
    assert float(gauges(client)['ward_webhook_events_total{fate="not_an_event"}']) >= 1


def test_no_figure_names_a_person(engine: Engine, client: FlaskClient) -> None:
    accept(engine, text_event(PERSON, NAME, "m1"))
    drain_all(engine, conversation())
    page = client.get("/metrics").text
    assert not any(word in page for word in (PERSON, "Mận", "0912345678", OA))


def test_without_a_database_the_process_still_shows_its_counters() -> None:
    found = gauges(application(open_engine(AWAY)).test_client())
    assert found["ward_database_up"] == "0"
    assert "ward_inbox_waiting" not in found
    assert any(name.startswith("ward_turn_seconds") for name in found)
