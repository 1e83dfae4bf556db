"""Ten thousand bodies that nobody meant to send."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.zalo.events import NotAnEvent, ZaloEvent, parse_event
from bot.zalo.signature import SignatureChecker
from tests.zalo.fixtures import APP_ID, FIXTURES, OA_ID, SECRET

CHECKER = SignatureChecker(APP_ID, OA_ID, "app", SECRET)
FIELDS = sorted({key for fixture in FIXTURES for key in fixture["payload"]})
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)  # with lone surrogates
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    ANY_TEXT,
    st.sampled_from(["user_send_text", "oa_send_text", "follow", "1763708401000"]),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*FIELDS, "id", "msg_id", "attachments"]) | ANY_TEXT, inner, max_size=4
        )
    ),
    max_leaves=12,
)


def check(raw: bytes) -> None:
    try:
        event = parse_event(raw)
    except NotAnEvent:
        return
    assert_fits_the_database(event)
    CHECKER.match(raw, "mac=" + "0" * 64, event.timestamp)


def assert_fits_the_database(event: ZaloEvent) -> None:
    assert 0 < len(event.key) <= 200
    assert 0 < len(event.name) <= 80
    assert len(event.person_id or "") <= 80
    assert len(event.oa_id or "") <= 32
    assert event.occurred_at is None or event.occurred_at.tzinfo is not None
    shown = repr(event)
    assert "\x00" not in shown
    "".join([event.key, event.text, event.person_id or "", event.timestamp, shown]).encode()


@settings(max_examples=6_000, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(raw: bytes) -> None:
    check(raw)


@settings(max_examples=1_500, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8), st.booleans())
def test_any_object(fields: dict[str, Any], ascii_only: bool) -> None:
    body = {"event_name": "user_send_text", **fields}
    check(json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))


@settings(max_examples=3_000, deadline=None)
@given(st.sampled_from(FIXTURES), st.data())
def test_any_fixture_with_one_thing_replaced(fixture: dict[str, Any], data: st.DataObject) -> None:
    payload = json.loads(fixture["raw_body"])
    place = payload
    key = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)))
    place[key] = data.draw(JSON)
    check(json.dumps(payload).encode())


@settings(max_examples=1_000, deadline=None)
@given(st.sampled_from(FIXTURES), st.integers(0, 2_000), st.binary(max_size=6))
def test_any_fixture_cut_or_spoiled(fixture: dict[str, Any], at: int, junk: bytes) -> None:
    whole = fixture["raw_body"].encode()
    check(whole[:at])
    check(whole[:at] + junk + whole[at:])


@settings(max_examples=2_000, deadline=None)
@given(st.binary(max_size=100), st.none() | ANY_TEXT, st.none() | ANY_TEXT)
def test_a_signature_check_never_raises(raw: bytes, header: str | None, timestamp: str | None) -> None:
    assert CHECKER.match(raw, header, timestamp) is None
