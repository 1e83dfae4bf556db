"""The token pair in the database, against the simulated OAuth server."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from bot.simulator.settings import SIM_REFRESH_TOKEN
from bot.zalo.oauth import TokenPair
from bot.zalo.tokens import STALE_AFTER, TokenBusy, TokenStore, TokenTrouble
from store.engine import write_tx
from store.schema import oa_tokens
from store.secrets import SecretBox
from tests.support.simulator import RunningSimulator, wait_until
from tests.zalo.children import SlowlyUnreachable
from tests.zalo.parts import (
    closed_port,
    oauth_client,
    token_row,
    token_store,
    token_tasks,
    utc_now,
)

OAUTH = "oauth"


def refreshes(zalo: RunningSimulator) -> int:
    return int(zalo.counters()["oauth_refresh"])


def pair(zalo: RunningSimulator, life: int = 90_000) -> TokenPair:
    issued = zalo.zalo.issue_tokens()
    return TokenPair(issued["access_token"], issued["refresh_token"], life)


def later(**time: float) -> timedelta:
    return timedelta(**time)


def at(engine: Engine, zalo: RunningSimulator, passed: timedelta, owner: str = "later") -> TokenStore:
    """The same store, when some time has passed."""
    return token_store(engine, oauth_client(zalo.oauth_url), owner, lambda: utc_now() + passed)


# --- the ordinary life of a pair -------------------------------------------------------------------------


def test_the_first_refresh_token_becomes_a_pair(tokens: TokenStore, zalo: RunningSimulator) -> None:
    first = tokens.access_token()
    assert tokens.access_token() == first
    assert refreshes(zalo) == 1
    zalo.zalo.tokens.check(first)


def test_start_with_never_replaces_a_row(tokens: TokenStore, engine: Engine) -> None:
    before = token_row(engine)
    assert not tokens.start_with("another")
    assert token_row(engine) == before


def test_tokens_are_sealed_and_the_previous_refresh_token_is_kept(
    tokens: TokenStore, engine: Engine, box: SecretBox
) -> None:
    access = tokens.access_token()
    row = token_row(engine)
    assert box.open_text(row["access_token"]) == access
    assert box.open_text(row["previous_refresh_token"]) == SIM_REFRESH_TOKEN
    assert access.encode() not in row["access_token"]
    assert (row["version"], row["refresh_began_at"], row["trouble"]) == (1, None, None)


def test_nothing_is_shown_by_status_or_repr(tokens: TokenStore, zalo: RunningSimulator) -> None:
    access = tokens.access_token()
    assert access not in repr(tokens.status())
    assert "sim-" not in repr(pair(zalo))


@pytest.mark.parametrize(
    ("life", "passed", "calls"),
    [
        (90_000, later(hours=22.9), 0),
        (90_000, later(hours=23.1), 1),
        (90_000, later(hours=26), 1),
        (3_600, later(minutes=10), 0),  # an hour's token would otherwise be renewed at every use
        (3_600, later(minutes=49), 1),
    ],
)
def test_when_a_token_is_refreshed(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator, life: int, passed: timedelta, calls: int
) -> None:
    tokens.install(pair(zalo, life))
    at(engine, zalo, passed).access_token()
    assert refreshes(zalo) == calls


def test_an_installed_pair_is_used_and_settles_the_trouble(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator, box: SecretBox
) -> None:
    zalo.faults({"kind": "error", "match": OAUTH, "code": -14014, "times": 1})
    with pytest.raises(TokenTrouble):
        tokens.access_token()
    new = pair(zalo)
    tokens.install(new)
    assert tokens.access_token() == new.access_token
    assert token_row(engine)["trouble"] is None
    assert box.open_text(token_row(engine)["previous_refresh_token"]) == SIM_REFRESH_TOKEN
    assert [task.done_at is not None for task in token_tasks(engine)] == [True]


def test_install_into_an_empty_table(engine: Engine, zalo: RunningSimulator) -> None:
    store = token_store(engine, oauth_client(zalo.oauth_url))
    assert store.status() is None
    with pytest.raises(TokenTrouble, match="no token yet"):
        store.access_token()
    new = pair(zalo)
    store.install(new)
    assert store.access_token() == new.access_token


@pytest.mark.parametrize("token", ["", "a b\n", "thẻ"])
def test_what_cannot_stand_in_a_header_is_no_token(tokens: TokenStore, token: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        tokens.start_with(token)
    with pytest.raises(ValueError, match="ASCII"):
        tokens.install(TokenPair("good", token))


def test_a_changed_secret_key_needs_a_person(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    tokens.access_token()
    other = TokenStore(
        engine,
        SecretBox("quite another key", "zalo-tokens"),
        oauth_client(zalo.oauth_url),
        "2500000000000000099",
        "x",
    )
    with pytest.raises(TokenTrouble, match="SECRET_KEY"):
        other.access_token()
    assert refreshes(zalo) == 1


# --- a token that Zalo refused ---------------------------------------------------------------------------


def test_renew_takes_what_another_process_got(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    old = tokens.access_token()
    new = at(engine, zalo, later()).renew(old)
    assert tokens.renew(old) == new
    assert refreshes(zalo) == 2


def test_renew_refreshes_the_stored_token(tokens: TokenStore, zalo: RunningSimulator) -> None:
    old = tokens.access_token()
    new = tokens.renew(old)
    assert new != old
    assert tokens.access_token() == new


# --- refusals, silence, no connection --------------------------------------------------------------------


def test_a_refusal_makes_one_staff_task_and_the_old_token_is_used_while_it_lives(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    old = tokens.access_token()
    zalo.faults({"kind": "error", "match": OAUTH, "code": -14014, "message": "Invalid refresh token"})
    near_the_end = at(engine, zalo, later(hours=24))
    assert [near_the_end.access_token() for _ in range(3)] == [old] * 3
    assert refreshes(zalo) == 1
    with pytest.raises(TokenTrouble, match="refused -14014 Invalid refresh token"):
        at(engine, zalo, later(hours=26)).access_token()
    (task,) = token_tasks(engine)
    assert (task.kind, task.done_at, task.person_id) == ("zalo_token", None, None)
    assert task.detail["reason"] == "refused"
    assert "oauth" in task.detail["vi"]


def test_a_refused_renewal_ends_the_use_of_the_dead_token(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    old = tokens.access_token()
    zalo.faults({"kind": "error", "match": OAUTH, "code": -14014})
    for _ in range(2):
        with pytest.raises(TokenTrouble):
            tokens.renew(old)
    with pytest.raises(TokenTrouble):
        tokens.access_token()
    assert len(token_tasks(engine)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after_accept"},
        {"kind": "drop_before"},
        {"kind": "http", "status": 502},
        {"kind": "delay", "seconds": 2},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_an_unclear_answer_is_never_repeated(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator, fault: dict[str, object]
) -> None:
    old = tokens.access_token()
    zalo.faults({**fault, "match": OAUTH, "times": 1})
    hurried = token_store(
        engine, oauth_client(zalo.oauth_url, timeout=1), now=lambda: utc_now() + later(hours=24)
    )
    assert [hurried.access_token() for _ in range(3)] == [old] * 3
    assert (token_row(engine)["trouble"] or "").startswith("unclear")
    assert [task.detail["reason"] for task in token_tasks(engine)] == ["unclear"]
    wait_until(lambda: refreshes(zalo) in (1, 2))
    with pytest.raises(TokenTrouble):
        hurried.renew(old)
    assert len(token_tasks(engine)) == 1


def test_nobody_listening_is_harmless(tokens: TokenStore, engine: Engine, zalo: RunningSimulator) -> None:
    unplugged = token_store(engine, oauth_client(closed_port()))
    with pytest.raises(TokenBusy):
        unplugged.access_token()
    assert token_row(engine)["refresh_began_at"] is None
    assert not token_tasks(engine)
    access = tokens.access_token()
    later_unplugged = token_store(
        engine, oauth_client(closed_port()), now=lambda: utc_now() + later(hours=24)
    )
    assert later_unplugged.access_token() == access
    with pytest.raises(TokenBusy):
        later_unplugged.renew(access)


def test_a_person_may_resume(tokens: TokenStore, engine: Engine, zalo: RunningSimulator) -> None:
    old = tokens.access_token()
    zalo.faults(
        {"kind": "drop_before", "match": OAUTH, "times": 1}
    )  # Zalo saw nothing: the token is still good
    with pytest.raises(TokenTrouble, match="unclear"):
        tokens.renew(old)
    new = tokens.resume()
    assert tokens.access_token() == new
    zalo.zalo.tokens.check(new)
    assert [task.done_at is not None for task in token_tasks(engine)] == [True]


def test_a_resume_that_fails_makes_a_new_task(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    old = tokens.access_token()
    zalo.faults({"kind": "drop_after_accept", "match": OAUTH, "times": 1})
    with pytest.raises(TokenTrouble, match="unclear"):
        tokens.renew(old)
    with pytest.raises(TokenTrouble, match="refused -14014"):
        tokens.resume()
    assert [task.done_at is not None for task in token_tasks(engine)] == [True, False]


def test_a_resume_leaves_a_refresh_alone_that_is_under_way(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    zalo.faults({"kind": "delay", "match": OAUTH, "seconds": 0.7})
    got: list[str] = []
    slow = threading.Thread(target=lambda: got.append(tokens.access_token()))
    slow.start()
    wait_until(lambda: token_row(engine)["refresh_began_at"] is not None)
    assert at(engine, zalo, later()).resume() == tokens.access_token()
    slow.join(20)
    assert refreshes(zalo) == 1
    assert token_row(engine)["trouble"] is None


# --- several at once -------------------------------------------------------------------------------------


def test_others_wait_for_the_one_who_refreshes(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    zalo.faults({"kind": "delay", "match": OAUTH, "seconds": 0.5})
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(tokens.access_token())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got) == 6
    assert len(set(got)) == 1
    assert refreshes(zalo) == 1


def test_waiting_for_one_who_reaches_nobody(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    cut_off = token_store(engine, oauth_client(closed_port(), SlowlyUnreachable), "cut off")
    failures: list[type[BaseException]] = []

    def try_it() -> None:
        with pytest.raises(TokenBusy) as caught:
            cut_off.access_token()
        failures.append(caught.type)

    slow = threading.Thread(target=try_it)
    slow.start()
    wait_until(lambda: token_row(engine)["refresh_began_at"] is not None)
    with pytest.raises(TokenBusy, match="another process"):
        tokens.access_token()
    slow.join(20)
    assert failures == [TokenBusy]
    assert tokens.access_token()
    assert refreshes(zalo) == 1


def test_a_stale_mark_is_a_trouble_and_a_late_answer_heals_it(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    zalo.faults({"kind": "delay", "match": OAUTH, "seconds": 1.5})
    got: list[str] = []
    slow = threading.Thread(target=lambda: got.append(tokens.access_token()))
    slow.start()
    wait_until(lambda: token_row(engine)["refresh_began_at"] is not None)
    impatient = at(engine, zalo, STALE_AFTER + later(seconds=5))
    with pytest.raises(TokenTrouble, match="stale one"):
        impatient.access_token()
    assert [task.detail["reason"] for task in token_tasks(engine)] == ["stale"]
    slow.join(20)
    assert impatient.access_token() == got[0]
    assert token_row(engine)["trouble"] is None
    assert [task.done_at is not None for task in token_tasks(engine)] == [True]
    assert refreshes(zalo) == 1


def test_two_who_find_a_stale_mark_at_the_same_moment_make_one_task(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    with write_tx(engine) as connection:
        connection.execute(update(oa_tokens).values(refresh_began_at=utc_now(), refresh_began_by="dead"))
    both_looked, looks, troubles = threading.Barrier(2), threading.local(), []

    def meeting_clock() -> datetime:
        """The second look at the clock is the one that compares it with the mark."""
        looks.count = getattr(looks, "count", 0) + 1
        if looks.count == 2:
            both_looked.wait(10)
        return utc_now() + STALE_AFTER + later(seconds=5)

    def ask() -> None:
        impatient = token_store(engine, oauth_client(zalo.oauth_url), now=meeting_clock)
        with pytest.raises(TokenTrouble, match="stale dead") as caught:
            impatient.access_token()
        troubles.append(caught.value)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(troubles) == 2
    assert not both_looked.broken
    assert len(token_tasks(engine)) == 1
    assert refreshes(zalo) == 0


def test_an_answer_that_comes_after_a_person_installed_a_pair_changes_nothing(
    tokens: TokenStore, engine: Engine, zalo: RunningSimulator
) -> None:
    zalo.faults({"kind": "delay", "match": OAUTH, "seconds": 0.7})
    overtaken: list[str] = []

    def ask() -> None:
        with pytest.raises(TokenBusy) as caught:
            tokens.access_token()
        overtaken.append(str(caught.value))

    slow = threading.Thread(target=ask)
    slow.start()
    wait_until(lambda: token_row(engine)["refresh_began_at"] is not None)
    tokens.install(TokenPair("brought", "by-a-person"))
    slow.join(20)
    assert overtaken == ["another token was installed during the refresh"]
    assert tokens.access_token() == "brought"
