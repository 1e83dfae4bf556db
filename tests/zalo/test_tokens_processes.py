"""Eight processes, one refresh; and a process that dies at the worst moment."""

from __future__ import annotations

import multiprocessing
import time

import pytest
from sqlalchemy import Engine

from bot.zalo.tokens import STALE_AFTER, TokenStore, TokenTrouble
from tests.support.simulator import RunningSimulator
from tests.zalo.children import die_while_refreshing, get_token
from tests.zalo.parts import oauth_client, token_row, token_store, token_tasks, utc_now

PROCESSES = 8
SPAWN = multiprocessing.get_context("spawn")


def ask_at_once(database_url: str, zalo: RunningSimulator, rejected: str | None) -> list[str]:
    barrier, answers = SPAWN.Barrier(PROCESSES), SPAWN.Queue()
    given = (database_url, zalo.oauth_url, rejected, barrier, answers)
    children = [SPAWN.Process(target=get_token, args=given) for _ in range(PROCESSES)]
    for child in children:
        child.start()
    got = [answers.get(timeout=90) for _ in children]
    for child in children:
        child.join(20)
    return got


def test_eight_processes_refresh_once(
    tokens: TokenStore, engine: Engine, database_url: str, zalo: RunningSimulator
) -> None:
    zalo.faults({"kind": "delay", "match": "oauth", "seconds": 0.3})
    got = ask_at_once(database_url, zalo, rejected=None)
    assert len(set(got)) == 1
    assert zalo.counters()["oauth_refresh"] == 1
    zalo.zalo.tokens.check(got[0])
    again = ask_at_once(database_url, zalo, rejected=got[0])
    assert len(set(again)) == 1
    assert zalo.counters()["oauth_refresh"] == 2
    assert not token_tasks(engine)


def test_a_crash_between_answer_and_write_is_never_retried_blindly(
    tokens: TokenStore, engine: Engine, database_url: str, zalo: RunningSimulator
) -> None:
    old = tokens.access_token()
    near_the_end = lambda: utc_now() + STALE_AFTER + _DAY  # noqa: E731
    child = SPAWN.Process(target=die_while_refreshing, args=(database_url, zalo.oauth_url))
    _expire(engine)
    child.start()
    child.join(60)
    assert child.exitcode == 9
    assert token_row(engine)["refresh_began_by"] == "dead"
    assert zalo.counters()["oauth_refresh"] == 2

    started = time.monotonic()
    survivor = token_store(engine, oauth_client(zalo.oauth_url), "survivor", near_the_end)
    for _ in range(2):
        with pytest.raises(TokenTrouble, match="stale dead"):
            survivor.renew(old)
    with pytest.raises(TokenTrouble):
        survivor.access_token()
    assert time.monotonic() - started < 5
    assert zalo.counters()["oauth_refresh"] == 2
    assert [task.detail["reason"] for task in token_tasks(engine)] == ["stale"]
