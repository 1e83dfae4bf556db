"""Zalo's door: what is signed and ours is durable before the 200; everything else is dropped with 200."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, update

from bot.webhook import FLUSH_EVERY, KEPT_FOR, LARGEST_BODY
from bot.zalo.events import ZaloEvent, parse_event
from bot.zalo.signature import sign
from store.engine import open_engine, write_tx
from store.schema import signature_counts
from tests.bot.support import OA, START, MovableClock, text_event
from tests.bot.support_web import PAIRS, Door, application, raw_of, signature_of
from tests.zalo.fixtures import BY_NAME, FIXTURES

WORDS = "chuyện riêng của bà Nguyễn Thị Mận 0912345678"
FIXTURE_DAY = datetime.fromtimestamp(1763708500, UTC)
AWAY = "postgresql://nobody@127.0.0.1:1/none"


def fate_count(fate: str) -> float:
    return REGISTRY.get_sample_value("ward_webhook_events_total", {"fate": fate}) or 0.0


def signature_count(combination: str) -> float:
    found = REGISTRY.get_sample_value("ward_webhook_signatures_total", {"combination": combination})
    return found or 0.0


def fixture_door(engine: Engine, **settings: Any) -> Door:
    return Door.of(engine, now=MovableClock(FIXTURE_DAY), **settings)


# ── what is accepted ────────────────────────────────────────────────────────────────────────────


def test_a_signed_event_is_stored_before_the_200(engine: Engine) -> None:
    door = Door.of(engine)
    assert door.deliver(text_event("p", WORDS, "m1")) == 200
    (event,) = door.stored()
    assert (event.person_id, event.text, event.msg_id) == ("p", WORDS, "m1")


@pytest.mark.parametrize("pair", PAIRS)
def test_each_pair_that_may_sign_is_accepted_and_named(sqlite_engine: Engine, pair: str) -> None:
    door = Door.of(sqlite_engine)
    before = signature_count(pair)
    assert door.deliver(text_event("p", "chào", "m1"), pair) == 200
    assert len(door.stored()) == 1
    assert door.tally() == {pair: 1}
    assert signature_count(pair) == before + 1


@pytest.mark.parametrize("spelling", ["mac={}", "mac = {}", "{}", " MAC={} "])
@pytest.mark.parametrize("name", ["X-ZEvent-Signature", "x-zevent-signature", "X-ZEVENT-SIGNATURE"])
def test_spellings_of_the_header(sqlite_engine: Engine, spelling: str, name: str) -> None:
    door = Door.of(sqlite_engine)
    raw = raw_of(text_event("p", "chào", "m1"))
    value = spelling.format(signature_of(raw).removeprefix("mac="))
    assert door.post(raw, headers={name: value}).status_code == 200
    assert len(door.stored()) == 1


def test_an_upper_case_signature_counts(sqlite_engine: Engine) -> None:
    door = Door.of(sqlite_engine)
    raw = raw_of(text_event("p", "chào", "m1"))
    door.post(raw, signature_of(raw).upper())
    assert len(door.stored()) == 1


def test_a_redelivery_is_answered_200_and_stored_once(engine: Engine) -> None:
    door = Door.of(engine)
    raw = raw_of(text_event("p", "chào", "m1"))
    answers = [
        door.post(raw, signature_of(raw), {"num_retry": str(n)} if n else {}).status_code for n in range(4)
    ]
    assert answers == [200] * 4
    assert len(door.stored()) == 1


def test_every_collected_body_is_taken_as_it_came(engine: Engine) -> None:
    door = fixture_door(engine)
    expected: dict[str, ZaloEvent] = {}
    for fixture in FIXTURES:
        raw = str(fixture["raw_body"]).encode()
        headers = {**fixture["headers"], "X-ZEvent-Signature": signature_of(raw)}
        assert door.post(raw, headers=headers).status_code == 200, fixture["name"]
        event = parse_event(raw)
        if fixture["name"] != "console_check_sample":
            expected.setdefault(event.key, event)
        assert {one.key: one for one in door.stored()} == expected, fixture["name"]
    assert len(door.stored()) == len(FIXTURES) - 2  # the check sample, and one is another's redelivery
    assert all(event.oa_id == OA for event in expected.values())


# ── what is not ─────────────────────────────────────────────────────────────────────────────────


NO_SIGNATURES = {
    "none": None,
    "empty": "",
    "short": "mac=",
    "zeros": "mac=" + "0" * 64,
    "other_kind": "sha256=" + "a" * 64,
    "odd": "é" * 64,
}


@pytest.mark.parametrize("header", NO_SIGNATURES.values(), ids=NO_SIGNATURES)
def test_a_wrong_signature_is_dropped_with_200_and_counted(
    sqlite_engine: Engine, header: str | None, logged: Callable[[], str]
) -> None:
    door = Door.of(sqlite_engine)
    before = fate_count("bad_signature")
    assert door.post(raw_of(text_event("p", WORDS, "m1")), header).status_code == 200
    assert door.stored() == []
    assert door.tally() == {"none": 1}
    assert fate_count("bad_signature") == before + 1
    lines = logged()
    assert "bad_signature" in lines
    assert not any(word in lines for word in ("chuyện", "Mận", "0912345678"))


def test_one_changed_byte_spoils_the_signature(sqlite_engine: Engine) -> None:
    door = Door.of(sqlite_engine)
    raw = raw_of(text_event("p", "chào", "m1"))
    assert door.post(raw.replace(b"ch", b"Ch"), signature_of(raw)).status_code == 200
    assert door.post(raw + b" ", signature_of(raw)).status_code == 200
    assert door.stored() == []


def test_in_log_mode_the_unsigned_is_stored_and_counted(engine: Engine) -> None:
    strict = Door.of(engine)
    assert strict.post(raw_of(text_event("p", "chào", "m1")), "mac=" + "0" * 64).status_code == 200
    assert strict.stored() == []
    door = Door.of(engine, enforce=False)
    assert door.post(raw_of(text_event("p", "chào", "m1")), "mac=" + "0" * 64).status_code == 200
    assert [event.text for event in door.stored()] == ["chào"]
    assert door.tally() == {"none": 2}


@pytest.mark.parametrize("enforce", [True, False])
def test_the_consoles_check_button_gets_its_200_and_leaves_nothing(
    sqlite_engine: Engine, enforce: bool
) -> None:
    door = fixture_door(sqlite_engine, enforce=enforce)
    before = fate_count("other_oa")
    sample = BY_NAME["console_check_sample"]
    assert door.post(sample["raw_body"].encode(), headers=sample["headers"]).status_code == 200
    assert door.stored() == []
    assert fate_count("other_oa") == before + 1


def test_a_replay_older_than_the_keys_we_keep_is_dropped(engine: Engine) -> None:
    clock = MovableClock()
    door = Door.of(engine, now=clock)
    before = fate_count("stale")
    clock.move(days=7, seconds=1)
    assert door.deliver(text_event("p", "cũ", "m1")) == 200
    assert door.stored() == []
    assert fate_count("stale") == before + 1
    young = START + timedelta(seconds=1, minutes=1)
    assert clock() - young < KEPT_FOR
    assert door.deliver(text_event("p", "vừa kịp", "m2", young)) == 200
    assert [event.text for event in door.stored()] == ["vừa kịp"]


def test_a_moment_in_the_future_does_not_put_an_event_behind_later_ones(engine: Engine) -> None:
    door = Door.of(engine)
    door.deliver(text_event("p", "đồng hồ sai", "m1", START + timedelta(days=300)))
    with engine.connect() as connection:
        at = connection.exec_driver_sql("SELECT occurred_at, received_at FROM inbox_events").one()
    assert at[0] == at[1]


BAD_BODIES = {
    "empty": b"",
    "blank": b"  \n",
    "not_json": b"<xml/>",
    "half": b'{"event_name":"user_send_text","message":{"te',
    "list": b"[1,2,3]",
    "null": b"null",
    "number": b"1e999",
    "nan": b'{"event_name":NaN,"timestamp":NaN}',
    "huge_number": b'{"event_name":"user_send_text","timestamp":1' + b"0" * 5000 + b"}",
    "deep": b'{"a":' + b"[" * 100_000,
    "lone_surrogate": b'{"event_name":"user_send_text","message":{"text":"\\ud83d","msg_id":"\\udc00"}}',
    "nul": b'{"event_name":"user_\\u0000send_text","sender":{"id":"\\u0000"}}',
    "not_utf8": b'{"event_name":"user_send_text","x":"\xff\xfe"}',
    "utf16": '{"event_name":"user_send_text"}'.encode("utf-16"),
    "no_name": b'{"timestamp":"1763708400000"}',
    "wrong_types": b'{"event_name":{"a":1},"sender":7,"recipient":[],"message":"x","timestamp":{}}',
}


@pytest.mark.parametrize("enforce", [True, False])
def test_what_is_no_event_is_dropped_with_200(sqlite_engine: Engine, enforce: bool) -> None:
    door = Door.of(sqlite_engine, enforce=enforce)
    for name, raw in BAD_BODIES.items():
        assert door.post(raw, "mac=" + "0" * 64).status_code == 200, name
        assert door.post(raw).status_code == 200, name
        assert door.stored() == [], name


ODD: tuple[dict[str, Any], ...] = (
    {"message": {"text": "a\x00b\ud800c", "msg_id": "m\x00\udfff1"}},
    {"message": {"text": "x" * 100_000, "msg_id": "m" * 5_000}},
    {"sender": {"id": "p" * 5_000}},
    {"event_name": "user_send_" + "x" * 60},
    {"timestamp": float("inf")},
    {"timestamp": 10**400},
    {"timestamp": -1},
    {"timestamp": None},
)


def test_signed_but_odd_is_stored(engine: Engine) -> None:
    """What Zalo signed is kept, whatever its fields hold: a 5xx would only bring it again."""
    door = Door.of(engine)
    expected: list[str] = []
    for n, odd in enumerate(ODD):
        raw = json.dumps({**text_event("p", "chào", f"m{n}"), **odd}).encode("utf-8", "surrogatepass")
        event = parse_event(raw)
        first, secret = PAIRS["app_id+oa_secret"]
        assert door.post(raw, sign(first, raw, event.timestamp, secret)).status_code == 200, odd
        expected.append(event.key)
        assert [stored.key for stored in door.stored()] == expected


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, 5 * LARGEST_BODY])
def test_a_body_over_a_mebibyte_is_413(sqlite_engine: Engine, size: int) -> None:
    door = Door.of(sqlite_engine)
    assert door.post(b'{"event_name":"' + b"x" * size).status_code == 413
    assert door.stored() == []


def test_a_body_of_just_a_mebibyte_is_read(sqlite_engine: Engine) -> None:
    door = Door.of(sqlite_engine)
    raw = raw_of(text_event("p", "", "m1"))
    raw = raw.replace(b'"text":""', b'"text":"' + b"x" * (LARGEST_BODY - len(raw)) + b'"')
    assert len(raw) == LARGEST_BODY
    assert door.post(raw, signature_of(raw)).status_code == 200
    assert len(door.stored()) == 1


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_a_delivery(sqlite_engine: Engine, method: str) -> None:
    assert getattr(Door.of(sqlite_engine).client, method)("/webhook/zalo").status_code == 405


# ── when the database is away ───────────────────────────────────────────────────────────────────


def test_without_a_database_zalo_is_asked_to_come_again(logged: Callable[[], str]) -> None:
    door = Door.of(open_engine(AWAY))
    before = fate_count("not_stored")
    assert door.deliver(text_event("p", WORDS, "m1")) == 503
    assert fate_count("not_stored") == before + 1
    assert not any(word in logged() for word in ("chuyện", "Mận", "0912345678"))


def test_without_a_database_what_is_not_ours_is_still_dropped() -> None:
    """A 503 to a stranger's junk would only let Zalo's console switch the webhook off."""
    door = Door.of(open_engine(AWAY))
    assert door.post(raw_of(text_event("p", "x", "m1")), "mac=" + "0" * 64).status_code == 200
    assert door.post(b"junk").status_code == 200


def test_an_event_refused_for_want_of_a_database_is_stored_when_it_comes_again(
    sqlite_engine: Engine,
) -> None:
    door = Door.of(sqlite_engine)
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbox_events RENAME TO away")
    assert door.deliver(text_event("p", "chào", "m1")) == 503
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox_events")
    assert door.deliver(text_event("p", "chào", "m1")) == 200
    assert [event.text for event in door.stored()] == ["chào"]


# ── the tally of signatures ─────────────────────────────────────────────────────────────────────


def test_the_tally_is_written_at_once_then_every_ten_seconds(engine: Engine) -> None:
    clock = MovableClock()
    door = Door.of(engine, now=clock)
    door.deliver(text_event("p", "1", "m1"))
    assert door.tally() == {"app_id+oa_secret": 1}
    for n in range(2, 5):
        door.deliver(text_event("p", str(n), f"m{n}"))
    door.deliver(text_event("p", "5", "m5"), "oa_id+oa_secret")
    assert door.tally() == {"app_id+oa_secret": 1}
    clock.move(seconds=FLUSH_EVERY.total_seconds())
    door.deliver(text_event("p", "6", "m6"))
    assert door.tally() == {"app_id+oa_secret": 5, "oa_id+oa_secret": 1}


def test_two_processes_add_to_one_tally(engine: Engine) -> None:
    for _ in range(2):
        door = Door.of(engine)
        door.deliver(text_event("p", "x", "m1"))
    assert door.tally() == {"app_id+oa_secret": 2}


def test_a_count_that_cannot_be_written_keeps_no_event_out_and_is_written_later(
    sqlite_engine: Engine,
) -> None:
    clock = MovableClock()
    door = Door.of(sqlite_engine, now=clock)
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE signature_counts RENAME TO away")
    assert door.deliver(text_event("p", "1", "m1")) == 200
    assert len(door.stored()) == 1
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO signature_counts")
    clock.move(seconds=11)
    door.deliver(text_event("p", "2", "m2"))
    assert door.tally() == {"app_id+oa_secret": 2}


def test_the_tally_survives_a_restart(engine: Engine) -> None:
    Door.of(engine).deliver(text_event("p", "1", "m1"))
    with write_tx(engine) as connection:
        connection.execute(update(signature_counts).values(n=2**40))
    door = Door.of(engine)
    door.deliver(text_event("p", "2", "m2"))
    assert door.tally() == {"app_id+oa_secret": 2**40 + 1}


# ── the domain check ────────────────────────────────────────────────────────────────────────────


def test_the_domain_check_by_file_and_by_tag(sqlite_engine: Engine) -> None:
    client = application(sqlite_engine, verifier="Ab-12_xY").test_client()
    tag = '<meta name="zalo-platform-site-verification" content="Ab-12_xY">'
    for path in ("/", "/zalo_verifierAb-12_xY.html"):
        page = client.get(path)
        assert page.status_code == 200
        assert tag in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/zalo_verifierother.html").status_code == 404


def test_without_a_code_there_is_no_domain_check(sqlite_engine: Engine) -> None:
    client = application(sqlite_engine).test_client()
    assert "zalo-platform-site-verification" not in client.get("/").text
    assert client.get("/zalo_verifier.html").status_code == 404
    assert client.get("/zalo_verifierx.html").status_code == 404
