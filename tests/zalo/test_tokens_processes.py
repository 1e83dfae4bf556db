"""Eight processes, one refresh; and a process that dies at the worst moment."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.zalo.tokens import STALE_AFTER, TokenStore, TokenTrouble
from tests.support.simulator import RunningSimulator
from tests.zalo.children import DEAD, die_while_refreshing, get_tokens
from tests.zalo.parts import oauth_client, token_row, token_store, token_tasks, utc_now

PROCESSES = 8
SPAWN = multiprocessing.get_context("spawn")


def test_eight_processes_refresh_once(
    tokens: TokenStore, engine: Engine, database_url: str, zalo: RunningSimulator
) -> None:
    zalo.faults({"kind": "delay", "match": "oauth", "seconds": 0.3})
    barrier, answers = SPAWN.Barrier(PROCESSES), SPAWN.Queue()
    given = (database_url, zalo.oauth_url, barrier, answers)
    children = [SPAWN.Process(target=get_tokens, args=given) for _ in range(PROCESSES)]
    for child in children:
        child.start()
    (pair,) = {answers.get(timeout=120) for _ in children}  # all got the same
    for child in children:
        child.join(20)
    assert pair[0] != pair[1]
    zalo.zalo.tokens.check(pair[1])
    assert zalo.counters()["oauth_refresh"] == 2
    assert not token_tasks(engine)


def test_a_crash_between_answer_and_write_is_never_retried_blindly(
    tokens: TokenStore, engine: Engine, database_url: str, zalo: RunningSimulator
) -> None:
    old = tokens.access_token()
    hours = 24.0  # the pair is near its end, the old access token still lives
    child = SPAWN.Process(target=die_while_refreshing, args=(database_url, zalo.oauth_url, hours))
    child.start()
    child.join(60)
    assert child.exitcode == DEAD
    assert token_row(engine)["refresh_began_by"] == "dead"
    assert zalo.counters()["oauth_refresh"] == 2

    passed = timedelta(hours=hours) + STALE_AFTER + timedelta(seconds=10)
    survivor = token_store(engine, oauth_client(zalo.oauth_url), "survivor", lambda: utc_now() + passed)
    assert [survivor.access_token() for _ in range(2)] == [old] * 2
    with pytest.raises(TokenTrouble, match="stale dead"):
        survivor.renew(old)
    with pytest.raises(TokenTrouble):
        survivor.access_token()
    assert zalo.counters()["oauth_refresh"] == 2
    assert [task.detail["reason"] for task in token_tasks(engine)] == ["stale"]
