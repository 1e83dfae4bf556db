"""The OAuth client: what counts as a refusal, as silence, as not reached."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bot.simulator.settings import SIM_REFRESH_TOKEN
from bot.zalo.oauth import DOCUMENTED_LIFE_S, OAuthClient, OAuthRefused, challenge_of, new_verifier
from bot.zalo.transport import Unclear, Unreachable
from tests.support.simulator import RunningSimulator
from tests.zalo.parts import closed_port, oauth_client
from tests.zalo.scripted import Script, ScriptedServer, Trick

PAIR = {"access_token": "a", "refresh_token": "r", "expires_in": "90000"}


def test_refresh_against_the_simulator(zalo: RunningSimulator) -> None:
    client = oauth_client(zalo.oauth_url)
    first = client.refresh(SIM_REFRESH_TOKEN)
    assert first.expires_in == 90_000
    second = client.refresh(first.refresh_token)
    assert second.access_token != first.access_token
    with pytest.raises(OAuthRefused) as caught:
        client.refresh(first.refresh_token)
    assert caught.value.code == -14014


def test_permission_and_exchange(zalo: RunningSimulator) -> None:
    client, verifier = oauth_client(zalo.oauth_url), new_verifier()
    url = client.permission_url("https://phuong.example.gov.vn/oauth", challenge_of(verifier), "s 1")
    back = requests.get(url, allow_redirects=False, timeout=5).headers["Location"]
    query = parse_qs(urlsplit(back).query)
    assert query["state"] == ["s 1"]
    assert client.exchange(query["code"][0], verifier).refresh_token
    with pytest.raises(OAuthRefused):
        client.exchange(query["code"][0], verifier)


def test_pkce() -> None:
    assert len(new_verifier()) == 43
    assert new_verifier() != new_verifier()
    # RFC 7636, appendix B
    assert (
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_the_request(scripted: ScriptedServer) -> None:
    scripted.answers(Script(PAIR))
    OAuthClient(scripted.url + "/", "app", "secret").refresh("old")
    (call,) = scripted.calls
    assert (call.method, call.path) == ("POST", "/v4/oa/access_token")
    assert call.headers["secret_key"] == "secret"
    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(call.body.decode()) == {
        "app_id": ["app"],
        "refresh_token": ["old"],
        "grant_type": ["refresh_token"],
    }


@pytest.mark.parametrize(
    ("life", "seconds"),
    [
        ({"expires_in": "90000"}, 90_000),
        ({"expires_in": 3600}, 3_600),
        ({"expires_in": 3600.9}, 3_600),
        ({"expire_in": "7200"}, 7_200),
        ({}, DOCUMENTED_LIFE_S),
        ({"expires_in": "soon"}, DOCUMENTED_LIFE_S),
        ({"expires_in": 0}, DOCUMENTED_LIFE_S),
        ({"expires_in": -5}, DOCUMENTED_LIFE_S),
        ({"expires_in": 10**40}, DOCUMENTED_LIFE_S),
        ({"expires_in": "9" * 5000}, DOCUMENTED_LIFE_S),
        ({"expires_in": True}, DOCUMENTED_LIFE_S),
        ({"expires_in": None}, DOCUMENTED_LIFE_S),
        ({"expires_in": float("inf")}, DOCUMENTED_LIFE_S),
    ],
)
def test_the_life_of_a_token(scripted: ScriptedServer, life: dict[str, Any], seconds: int) -> None:
    scripted.answers(Script({"access_token": "a", "refresh_token": "r", **life}))
    assert oauth_client(scripted.url).refresh("old").expires_in == seconds


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"error": -14014, "error_name": "Invalid", "error_reason": ""}, 200, -14014),
        ({"error": "-14002", "error_description": "x"}, 400, -14002),
        ({"error": "invalid_grant"}, 200, None),
    ],
)
def test_a_definite_no(scripted: ScriptedServer, body: dict[str, Any], status: int, code: int | None) -> None:
    scripted.answers(Script(body, status))
    with pytest.raises(OAuthRefused) as caught:
        oauth_client(scripted.url).refresh("old")
    assert caught.value.code == code


@pytest.mark.parametrize(
    "script",
    [
        Script(b""),
        Script(b"<html>"),
        Script(b"[" * 100_000),
        Script([PAIR]),
        Script({}),
        Script({"access_token": "a"}),
        Script({"access_token": "a", "error": -1}),
        Script({"access_token": "", "refresh_token": "r"}),
        Script({"access_token": "a\nb", "refresh_token": "r"}),
        Script({"access_token": 5, "refresh_token": "r"}),
        Script({"error": -14014}, 500),
        Script(PAIR, 503),
        Script(b"", 302, {"Location": "/elsewhere"}),
    ],
    ids=range(13),
)
def test_no_usable_answer_is_unclear(scripted: ScriptedServer, script: Script) -> None:
    scripted.answers(script)
    with pytest.raises(Unclear):
        oauth_client(scripted.url).refresh("old")
    assert len(scripted.calls) == 1


@pytest.mark.parametrize("trick", ["hang", "reset", "close", "half"])
def test_silence_after_the_request_is_unclear(scripted: ScriptedServer, trick: Trick) -> None:
    scripted.answers(Script(trick=trick))
    with pytest.raises(Unclear):
        oauth_client(scripted.url, timeout=0.5).refresh("old")
    assert len(scripted.calls) == 1


@pytest.mark.parametrize("url", ["", "nonsense", "http://does-not-exist.invalid", "http://[::bad"])
def test_no_connection_is_unreachable(url: str) -> None:
    with pytest.raises(Unreachable):
        oauth_client(url).refresh("old")


def test_a_closed_port_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        oauth_client(closed_port()).refresh("old")


def test_a_server_without_tls_saw_no_request(scripted: ScriptedServer) -> None:
    """A failed handshake is not told from a broken connection: unclear is the safe side."""
    with pytest.raises((Unreachable, Unclear)):
        oauth_client(scripted.url.replace("http", "https")).refresh("old")
    assert scripted.calls == []


def test_no_token_in_an_error(scripted: ScriptedServer) -> None:
    scripted.answers(Script(trick="reset"))
    with pytest.raises(Unclear) as caught:
        oauth_client(scripted.url).refresh("very-secret")
    assert "very-secret" not in str(caught.value)
    assert caught.value.__cause__ is None
