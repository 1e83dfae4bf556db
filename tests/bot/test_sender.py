"""The sender with the real client and the real token store against the simulated Zalo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from bot import outbox
from bot.outbox import Claim
from bot.replies import Button, Reply
from bot.sender import ALERT_DELAY_S, MAX_ATTEMPTS, WINDOW
from store.engine import read_tx, write_tx
from store.schema import inbox_events, rate_buckets
from tests.bot.support import MovableClock
from tests.bot.support_zalo import PostOffice, account_at, free_port, linked
from tests.support.simulator import RunningSimulator


@pytest.fixture
def zalo(engine: Engine) -> Iterator[RunningSimulator]:
    """A simulated Zalo whose events come to our inbox."""
    with linked(engine, lambda: datetime.now(UTC)) as running:
        yield running


@pytest.fixture
def post(engine: Engine, zalo: RunningSimulator) -> PostOffice:
    office = PostOffice(engine, account_at(zalo.api_url, zalo.oauth_url))
    office.install_token(zalo)
    return office


@pytest.fixture
def lan(zalo: RunningSimulator) -> str:
    return writer(zalo, "Cô Lan")


def writer(zalo: RunningSimulator, name: str) -> str:
    """A person who has just written, so that the OA may answer."""
    person = zalo.add(name)
    zalo.say(person, "Xin chào")
    return person


def heard(post: PostOffice, zalo: RunningSimulator, events: int) -> None:
    """Until the inbox has this many echoes of ours; then handle them."""

    def echoes() -> bool:
        query = select(inbox_events.c.id).where(inbox_events.c.event_name.like("oa_send_%"))
        with read_tx(post.engine) as connection:
            return len(connection.execute(query).all()) >= events

    zalo.wait_until(echoes)
    post.clock.at = max(post.clock.at, datetime.now(UTC))
    post.drain()


# ── sent ────────────────────────────────────────────────────────────────────────────────────────


def test_messages_are_sent_once_and_in_order(post: PostOffice, zalo: RunningSimulator, lan: str) -> None:
    tu = writer(zalo, "Bác Tư")
    post.queue(lan, "một", "hai")
    post.queue(tu, "ba")
    assert post.send_all() == 3
    assert zalo.texts(lan) == ["một", "hai"]
    assert zalo.texts(tu) == ["ba"]
    rows = post.rows()
    assert [row.state for row in rows] == ["sent"] * 3
    assert {row.message_id for row in rows} == {sent["msg_id"] for sent in zalo.sent()}
    assert post.send_all() == 0
    heard(post, zalo, 3)
    assert len(zalo.sent()) == 3
    assert post.tasks() == []


def test_a_government_oa_is_learned_once(engine: Engine) -> None:
    with RunningSimulator(government=True) as zalo:
        post = PostOffice(engine, account_at(zalo.api_url, zalo.oauth_url))
        post.install_token(zalo)
        lan = writer(zalo, "Cô Lan")
        post.queue(lan, "một", "hai", "ba")
        post.send_all()
        assert zalo.texts(lan) == ["một", "hai", "ba"]
        api = zalo.counters()["api"]
    assert (api["/v3.0/oa/message/cs"], api["/v2.0/oa/message"]) == (1, 3)


# ── not reached ─────────────────────────────────────────────────────────────────────────────────


def test_a_refused_connection_is_tried_again_until_zalo_is_back(engine: Engine) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}/simulator/zalo"
    post = PostOffice(engine, account_at(f"{base}/openapi", f"{base}/oauth"))
    with RunningSimulator() as elsewhere:
        post.install_token(elsewhere)
    post.queue("7100000000000000011", "một", "hai")
    for _ in range(20):  # twenty minutes without a line: longer than the attempts of one message would last
        assert post.send_all() <= 1
        post.clock.move(seconds=60)
    assert post.states() == ["queued", "queued"]
    assert post.tasks() == []
    with RunningSimulator(port=port) as zalo:
        post.install_token(zalo)
        zalo.add("Cô Lan", "7100000000000000011")
        zalo.say("7100000000000000011", "chào")
        assert post.send_all() == 2
        assert zalo.texts() == ["một", "hai"]
    assert post.states() == ["sent", "sent"]


def test_a_message_older_than_the_window_is_given_up(engine: Engine) -> None:
    base = f"http://127.0.0.1:{free_port()}"
    post = PostOffice(engine, account_at(base, base))
    with RunningSimulator() as elsewhere:
        post.install_token(elsewhere)
    post.queue("7100000000000000011", "một")
    post.clock.move(hours=24)
    post.send_all()
    assert post.states() == ["queued"]
    post.clock.at = post.rows()[0].created_at + WINDOW
    post.send_all()
    assert post.states() == ["queued"]
    post.clock.move(minutes=2)
    post.send_all()
    assert post.states() == ["dead"]
    assert [kind for kind, _ in post.tasks()] == ["send_dead"]


# ── no answer ───────────────────────────────────────────────────────────────────────────────────


def test_a_lost_answer_is_unknown_not_repeated_and_settled_by_the_echo(
    post: PostOffice, zalo: RunningSimulator, lan: str
) -> None:
    zalo.faults({"kind": "drop_after_accept", "match": "message/cs", "times": 1})
    post.queue(lan, "một", "hai")
    assert post.send_all() == 2
    assert post.states() == ["unknown", "sent"]
    assert [kind for kind, _ in post.tasks()] == ["send_unknown"]
    post.clock.move(hours=1)
    assert post.send_all() == 0
    assert zalo.texts(lan) == ["một", "hai"]
    heard(post, zalo, 2)
    assert post.states() == ["sent", "sent"]
    assert post.tasks() == []
    assert {row.message_id for row in post.rows()} == {sent["msg_id"] for sent in zalo.sent()}


def test_an_echo_that_comes_before_the_timeout_is_not_lost(
    post: PostOffice, zalo: RunningSimulator, lan: str
) -> None:
    """Zalo accepts at once, its echo is handled, and only then our own patience ends."""
    zalo.faults({"kind": "drop_after_accept", "match": "message/cs", "times": 1})
    zalo.zalo.configure(echo_same_id=False)
    post.queue(lan, "một")
    sender = post.sender()
    with write_tx(post.engine) as connection:
        claim = outbox.claim(connection, post.account.oa_id, sender.name, post.clock(), 100_000)
    assert isinstance(claim, Claim)
    result = sender.client.send(lan, claim.reply)
    assert result.kind == "unknown"
    heard(post, zalo, 1)
    assert post.states() == ["sending"]
    sender._settle(claim, result, more=False)
    assert post.states() == ["sent"]
    assert post.tasks() == []


@pytest.mark.parametrize(
    "fault",
    [{"kind": "drop_before"}, {"kind": "http", "status": 502}, {"kind": "delay", "seconds": 3}],
    ids=lambda fault: str(fault["kind"]),
)
def test_without_a_usable_answer_the_fate_is_unknown(
    post: PostOffice, zalo: RunningSimulator, lan: str, fault: dict[str, object]
) -> None:
    zalo.faults({**fault, "match": "message/cs", "times": 1})
    post.queue(lan, "một")
    post.send_all()
    assert post.states() == ["unknown"]
    assert [kind for kind, _ in post.tasks()] == ["send_unknown"]
    post.clock.move(hours=1)
    assert post.send_all() == 0


def test_what_is_safe_to_repeat_is_repeated_until_it_arrives(
    post: PostOffice, zalo: RunningSimulator, lan: str
) -> None:
    zalo.faults({"kind": "http", "status": 502, "match": "message/cs", "times": 2})
    post.queue(lan, Reply(text="Gọi 115 ngay", safe_to_repeat=True))
    for _ in range(3):
        assert post.send_all() == 1
        post.clock.move(minutes=1)
    assert post.states() == ["sent"]
    assert zalo.texts(lan) == ["Gọi 115 ngay"]
    assert post.tasks() == []


def test_repeating_what_is_safe_ends_with_a_task(post: PostOffice, zalo: RunningSimulator, lan: str) -> None:
    zalo.faults({"kind": "http", "status": 502, "match": "message/cs"})
    post.queue(lan, Reply(text="Gọi 115 ngay", safe_to_repeat=True))
    tries = 0
    for _ in range(MAX_ATTEMPTS + 5):
        tries += post.send_all()
        post.clock.move(minutes=15)
    assert tries == MAX_ATTEMPTS
    assert post.states() == ["unknown"]
    assert [kind for kind, _ in post.tasks()] == ["send_unknown"]


def test_our_own_mistake_after_the_request_left_is_unknown(
    post: PostOffice, zalo: RunningSimulator, lan: str
) -> None:
    """Zalo has accepted the plain form; what we learned cannot be kept. Nobody sends again by guess."""
    choice = Reply(text="Xin chọn", buttons=(Button(title="Hồ sơ", payload="#hs"),))
    zalo.faults({"kind": "error", "match": "message/cs", "code": -233, "times": 1})
    post.queue(lan, choice, key="choice")
    with post.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE oa_memory RENAME COLUMN changed_at TO changed")
    sender = post.sender()
    assert sender.send_next() is True
    with post.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE oa_memory RENAME COLUMN changed TO changed_at")
    assert post.states() == ["unknown"]
    post.clock.move(hours=1)
    assert post.send_all() == 0


# ── Zalo says no ────────────────────────────────────────────────────────────────────────────────


def test_too_fast_waits_and_holds_everybody(post: PostOffice, zalo: RunningSimulator, lan: str) -> None:
    tu = writer(zalo, "Bác Tư")
    zalo.faults({"kind": "rate_limit", "match": "message/cs", "times": 1})
    post.queue(lan, "một")
    post.queue(tu, "hai")
    sender = post.sender()
    assert sender.send_next() is True
    wait = sender.send_next()
    assert isinstance(wait, timedelta)
    first = post.rows()[0]
    assert (first.state, first.error_code) == ("queued", -32)
    assert timedelta(seconds=60) <= first.next_attempt_at - post.clock() <= timedelta(seconds=78)
    with read_tx(post.engine) as connection:
        bucket = connection.execute(select(rate_buckets)).one()
    assert (bucket.tokens, bucket.at) == (0, first.next_attempt_at)
    post.clock.move(seconds=59)
    assert isinstance(sender.send_next(), timedelta)
    assert zalo.sent() == []
    post.clock.move(seconds=21)
    assert post.send_all(sender) == 2
    assert post.states() == ["sent", "sent"]


def test_too_fast_for_an_hour_kills_no_message(post: PostOffice, zalo: RunningSimulator, lan: str) -> None:
    zalo.faults({"kind": "rate_limit", "match": "message/cs"})
    post.queue(lan, "một")
    tries = 0
    for _ in range(40):
        tries += post.send_all()
        post.clock.move(seconds=90)
    assert tries > MAX_ATTEMPTS
    assert post.states() == ["queued"]
    zalo.faults()
    assert post.send_all() == 1
    assert zalo.texts(lan) == ["một"]


@pytest.mark.parametrize("code", [-213, -217, -227, -230, -232, -244])
def test_a_person_we_may_not_write_to_is_stopped_with_a_task(
    post: PostOffice, zalo: RunningSimulator, lan: str, code: int
) -> None:
    tu = writer(zalo, "Bác Tư")
    zalo.faults({"kind": "error", "match": "message/cs", "code": code, "user_id": lan})
    post.queue(lan, "một")
    post.queue(tu, "hai")
    assert post.send_all() == 2
    first, second = post.rows()
    assert (first.state, first.error_code, second.state) == ("stopped", code, "sent")
    assert post.tasks() == [("send_stopped", str(first.id))]
    post.clock.move(hours=1)
    assert post.send_all() == 0


def test_who_unfollowed_is_stopped(post: PostOffice, zalo: RunningSimulator, lan: str) -> None:
    zalo.act(lan, "unfollow")
    post.queue(lan, "một")
    post.send_all()
    assert post.states() == ["stopped"]


@pytest.mark.parametrize("code", [-33, -99_999, -210])
def test_an_error_nobody_can_mend_gives_the_message_up_with_a_task(
    post: PostOffice, zalo: RunningSimulator, lan: str, code: int
) -> None:
    zalo.faults({"kind": "error", "match": "message/cs", "code": code, "times": 1})
    post.queue(lan, "một", "hai")
    assert post.send_all() == 2
    first, second = post.rows()
    assert (first.state, first.error_code, second.state) == ("dead", code, "sent")
    assert post.tasks() == [("send_dead", str(first.id))]


def test_eight_refusals_of_one_message_are_enough(post: PostOffice, zalo: RunningSimulator, lan: str) -> None:
    zalo.faults({"kind": "error", "match": "message/cs", "code": -214})
    post.queue(lan, "một")
    tries = 0
    for _ in range(MAX_ATTEMPTS + 4):
        tries += post.send_all()
        post.clock.move(seconds=300 * 1.3 + 1)
    assert MAX_ATTEMPTS == 8
    assert tries == MAX_ATTEMPTS
    (row,) = post.rows()
    assert (row.state, row.error_code, row.attempts) == ("dead", -214, MAX_ATTEMPTS)
    assert post.tasks() == [("send_dead", str(row.id))]
    assert "Bài viết" in row.error


def test_a_retry_never_comes_before_the_time_zalo_named(
    post: PostOffice, zalo: RunningSimulator, lan: str
) -> None:
    for n in range(12):
        person = writer(zalo, f"Người {n}")
        post.queue(person, str(n))
    zalo.faults({"kind": "error", "match": "message/cs", "code": -214})
    post.send_all()
    waits = [row.next_attempt_at - post.clock() for row in post.rows()]
    assert all(timedelta(seconds=300) <= wait <= timedelta(seconds=390) for wait in waits)
    assert len(set(waits)) > 1


def test_a_message_for_the_morning_waits_for_the_morning(
    post: PostOffice, zalo: RunningSimulator, lan: str
) -> None:
    post.clock.at = post.clock.at.replace(hour=16, minute=30, second=0)  # 23:30 in Vietnam
    zalo.faults({"kind": "error", "match": "message/cs", "code": -234, "times": 1})
    post.queue(lan, "nhắc")
    post.send_all()
    (row,) = post.rows()
    morning = (post.clock.at + timedelta(days=1)).replace(hour=23, minute=5) - timedelta(days=1)
    assert morning <= row.next_attempt_at <= morning + timedelta(minutes=10, seconds=1)


# ── tokens ──────────────────────────────────────────────────────────────────────────────────────


def test_a_token_trouble_keeps_the_message_and_alerts_once_a_day(
    post: PostOffice, zalo: RunningSimulator, lan: str
) -> None:
    zalo.token()  # from now on both our tokens are dead
    post.clock.at = post.clock.at.replace(hour=10)  # far from midnight: one day, one alert
    post.queue(lan, "một")
    for _ in range(3):
        assert post.send_all() == 1
        post.clock.move(seconds=ALERT_DELAY_S * 1.3 + 5)
    assert post.states() == ["queued"]
    alerts = [ref for kind, ref in post.tasks() if kind == "zalo_alert"]
    assert alerts == [f"token:{post.clock():%Y-%m-%d}"]
    assert len([kind for kind, _ in post.tasks() if kind == "zalo_token"]) == 1
    post.clock.move(days=1)
    post.send_all()
    assert len([kind for kind, _ in post.tasks() if kind == "zalo_alert"]) == 2
    assert zalo.sent() == []


def test_after_a_new_grant_the_kept_message_goes_out(
    post: PostOffice, zalo: RunningSimulator, lan: str
) -> None:
    zalo.token()
    post.queue(lan, "một")
    for _ in range(MAX_ATTEMPTS + 2):
        post.send_all()
        post.clock.move(minutes=10)
    post.install_token(zalo)
    zalo.faults({"kind": "error", "match": "message/cs", "code": -214, "times": 1})
    post.send_all()  # the hour without a token has not used up the message's attempts
    assert post.states() == ["queued"]
    post.clock.move(minutes=10)
    post.send_all()
    assert zalo.texts(lan) == ["một"]
    assert post.states() == ["sent"]


@pytest.mark.parametrize("code", [-204, -224, -242])
def test_an_oa_wide_refusal_alerts_once_and_keeps_every_message(
    post: PostOffice, zalo: RunningSimulator, lan: str, code: int
) -> None:
    tu = writer(zalo, "Bác Tư")
    zalo.faults({"kind": "error", "match": "message/cs", "code": code, "times": 1})
    post.queue(lan, "một")
    post.queue(tu, "hai")
    assert post.send_all() == 1, "the second would meet the same refusal and is not tried"
    assert post.states() == ["queued", "queued"]
    assert post.tasks() == [("zalo_alert", f"{code}:{post.clock():%Y-%m-%d}")]
    post.clock.move(seconds=ALERT_DELAY_S * 1.3 + 1)
    assert post.send_all() == 2
    assert post.states() == ["sent", "sent"]


def test_a_dead_access_token_is_renewed_without_anybody_noticing(
    engine: Engine, zalo: RunningSimulator, lan: str
) -> None:
    post = PostOffice(engine, account_at(zalo.api_url, zalo.oauth_url), MovableClock(datetime.now(UTC)))
    post.install_token(zalo)
    post.queue(lan, "một")
    post.clock.move(hours=26)
    zalo.be_silent_for(lan, 1)
    assert post.send_all() == 1
    assert zalo.texts(lan) == ["một"]
    assert zalo.counters()["oauth_refresh"] == 1
    assert post.tasks() == []
