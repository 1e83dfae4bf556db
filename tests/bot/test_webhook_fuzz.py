"""Twenty thousand deliveries that nobody meant to make: never a 5xx, and nothing gets in unsigned."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.logs import setup_logs
from bot.zalo.events import NotAnEvent, parse_event
from bot.zalo.signature import SignatureChecker
from store.engine import open_engine, read_tx
from store.migrate import upgrade
from store.schema import inbox_events
from tests.bot.support import APP, OA, MovableClock
from tests.bot.support_web import APP_SECRET, OA_SECRET, Door
from tests.zalo.fixtures import FIXTURES

SHARES = {"bytes": 5_000, "structures": 5_000, "fixtures": 7_000, "headers": 3_000}
MOST_CPU_S = 90.0
CHECKER = SignatureChecker(APP, OA, APP_SECRET, OA_SECRET)
FIXTURE_DAY = datetime.fromtimestamp(1763708500, UTC)
RAWS = [str(fixture["raw_body"]).encode() for fixture in FIXTURES]
SIGNATURES = [str(fixture["headers"]["X-ZEvent-Signature"]) for fixture in FIXTURES]

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(),
    ANY_TEXT,
    st.sampled_from(["user_send_text", "oa_send_text", "follow", "1795399200000", OA, APP]),
)
KEYS = st.sampled_from(
    sorted({key for fixture in FIXTURES for key in fixture["payload"]}) + ["id", "text", "msg_id"]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
HEADER_VALUES = st.one_of(
    st.sampled_from([*SIGNATURES, "", "mac=", "mac=mac=" + "0" * 64, "0" * 64, "0" * 63, "0" * 20_000]),
    st.binary(min_size=32, max_size=32).map(lambda mac: f"mac={mac.hex()}"),
    st.binary(max_size=30).map(lambda junk: "".join(chr(byte) for byte in junk if byte >= 32)),  # latin-1
)
HEADER_NAMES = st.sampled_from(
    ["X-ZEvent-Signature", "X-ZEvent-Timestamp", "Content-Type", "Content-Encoding", "num-retry", "Expect"]
    + [
        "Transfer-Encoding",
        "X-Forwarded-For",
        "Cookie",
        "Accept",
        "Range",
        "Content-Length-X",
        "X-HTTP-Method",
    ]
)


class Fuzzed:
    """One door for all examples, and a count of what it answered."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.answers: Counter[int] = Counter()
        self.shares: Counter[str] = Counter()
        self.began = time.process_time()

    def post(self, share: str, raw: bytes, headers: dict[str, str]) -> None:
        if _rightly_signed(raw, headers):
            return
        status = self.door.post(raw, headers=headers).status_code
        self.shares[share] += 1
        self.answers[status] += 1
        assert status < 500

    def stored(self) -> int:
        with read_tx(self.door.engine) as connection:
            return connection.execute(select(func.count()).select_from(inbox_events)).scalar_one()


def _rightly_signed(raw: bytes, headers: dict[str, str]) -> bool:
    """By chance or by an unchanged fixture; such a delivery proves nothing here."""
    header = next((value for name, value in headers.items() if name.lower() == "x-zevent-signature"), None)
    try:
        event = parse_event(raw)
    except NotAnEvent:
        return False
    return CHECKER.match(raw, header, event.timestamp) is not None


@pytest.fixture
def fuzzed(tmp_path: Path) -> Iterator[Fuzzed]:
    setup_logs("error")
    engine = open_engine(f"sqlite:///{tmp_path}/ward.db")
    upgrade(engine)
    yield Fuzzed(Door.of(engine, now=MovableClock(FIXTURE_DAY)))  # so that none is dropped as too old
    engine.dispose()


def examples(share: str) -> settings:
    return settings(
        max_examples=SHARES[share],
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


@examples("bytes")
@given(raw=st.binary(max_size=300), header=st.none() | HEADER_VALUES)
def any_bytes(fuzzed: Fuzzed, raw: bytes, header: str | None) -> None:
    fuzzed.post("bytes", raw, {} if header is None else {"X-ZEvent-Signature": header})


@examples("structures")
@given(
    fields=st.dictionaries(KEYS, JSON, max_size=5),
    ascii_only=st.booleans(),
    header=st.sampled_from(SIGNATURES),
)
def any_structure(fuzzed: Fuzzed, fields: dict[str, Any], ascii_only: bool, header: str) -> None:
    body = {"event_name": "user_send_text", "recipient": {"id": OA}, **fields}
    raw = json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    fuzzed.post("structures", raw, {"X-ZEvent-Signature": header})


@examples("fixtures")
@given(
    n=st.integers(0, len(RAWS) - 1), at=st.integers(0, 600), cut=st.integers(0, 6), junk=st.binary(max_size=4)
)
def any_spoiled_fixture(fuzzed: Fuzzed, n: int, at: int, cut: int, junk: bytes) -> None:
    """Everything but the one right body for this signature, and so also somebody else's body."""
    raw = RAWS[n]
    at %= len(raw)
    fuzzed.post("fixtures", raw[:at] + junk + raw[at + cut :], {"X-ZEvent-Signature": SIGNATURES[n - at % 2]})


@examples("headers")
@given(n=st.integers(0, len(RAWS) - 1), headers=st.dictionaries(HEADER_NAMES, HEADER_VALUES, max_size=4))
def any_headers(fuzzed: Fuzzed, n: int, headers: dict[str, str]) -> None:
    fuzzed.post("headers", RAWS[n], headers)


def test_twenty_thousand_come_and_none_gets_in(fuzzed: Fuzzed) -> None:
    for deliveries in (any_bytes, any_structure, any_spoiled_fixture, any_headers):
        deliveries(fuzzed)
    assert sum(SHARES.values()) == 20_000
    assert sum(fuzzed.shares.values()) > 19_000  # the rightly signed are left out
    assert all(fuzzed.shares[share] > 0.9 * wanted for share, wanted in SHARES.items())
    assert fuzzed.answers[200] > 19_000
    assert fuzzed.stored() == 0
    assert time.process_time() - fuzzed.began < MOST_CPU_S
