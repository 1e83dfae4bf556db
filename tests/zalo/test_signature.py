from __future__ import annotations

import hashlib

import pytest

from bot.zalo.events import parse_event
from bot.zalo.signature import SignatureChecker, sign
from tests.zalo.fixtures import APP_ID, FIXTURES, OA_ID, SECRET

RAW = b'{"app_id":"4400000000000000001","event_name":"user_send_text","timestamp":"1763708400000"}'
TIMESTAMP = "1763708400000"
HEX = "5ca9d7a74488e931eb4d3ca138985e71b504f2f708692e18c6730f9531bebcde"  # zalo-api §1.2
CHECKER = SignatureChecker(APP_ID, OA_ID, "dummy-app-secret", SECRET)


def test_the_published_vector() -> None:
    assert sign(APP_ID, RAW, TIMESTAMP, SECRET) == f"mac={HEX}"


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: str(fixture["name"]))
def test_every_fixture_is_signed(fixture: dict[str, dict[str, str]]) -> None:
    raw = str(fixture["raw_body"]).encode()
    header = fixture["headers"]["X-ZEvent-Signature"]
    assert CHECKER.match(raw, header, parse_event(raw).timestamp) == "app_id+oa_secret"


@pytest.mark.parametrize(
    "header",
    [f"mac={HEX}", f"mac = {HEX}", f"mac= {HEX}", f" mac={HEX} ", HEX, HEX.upper(), f"MAC={HEX.upper()}"],
)
def test_spellings_of_the_header(header: str) -> None:
    assert CHECKER.match(RAW, header, TIMESTAMP) == "app_id+oa_secret"


@pytest.mark.parametrize(
    "header",
    [None, "", "mac=", HEX[:-1], HEX + "0", "mac=" + "g" * 64, f"sha256={HEX}", f"{HEX},{HEX}", "é" * 64],
)
def test_what_is_no_signature(header: str | None) -> None:
    assert CHECKER.match(RAW, header, TIMESTAMP) is None


@pytest.mark.parametrize(
    ("first", "secret", "name"),
    [
        (APP_ID, SECRET, "app_id+oa_secret"),
        (APP_ID, "dummy-app-secret", "app_id+app_secret"),
        (OA_ID, SECRET, "oa_id+oa_secret"),
        (OA_ID, "dummy-app-secret", "oa_id+app_secret"),
    ],
)
def test_the_pair_that_signed_is_named(first: str, secret: str, name: str) -> None:
    assert CHECKER.match(RAW, sign(first, RAW, TIMESTAMP, secret), TIMESTAMP) == name


def test_other_bytes_other_time_other_secret() -> None:
    header = f"mac={HEX}"
    assert CHECKER.match(RAW + b" ", header, TIMESTAMP) is None
    assert CHECKER.match(RAW, header, "1763708400001") is None
    assert CHECKER.match(RAW, header, None) is None
    assert CHECKER.match(RAW, sign(APP_ID, RAW, TIMESTAMP, "another"), TIMESTAMP) is None


def test_an_absent_secret_signs_nothing() -> None:
    """With an empty secret anybody could compute the signature."""
    forged = "mac=" + hashlib.sha256(APP_ID.encode() + RAW + TIMESTAMP.encode()).hexdigest()
    checker = SignatureChecker(APP_ID, "", "", SECRET)
    assert checker.match(RAW, forged, TIMESTAMP) is None
    assert checker.match(RAW, f"mac={HEX}", TIMESTAMP) == "app_id+oa_secret"
    assert SignatureChecker("", "", "", "").match(RAW, f"mac={HEX}", TIMESTAMP) is None


def test_one_secret_for_both_names_the_documented_pair() -> None:
    assert SignatureChecker(APP_ID, OA_ID, SECRET, SECRET).match(RAW, HEX, TIMESTAMP) == "app_id+oa_secret"
