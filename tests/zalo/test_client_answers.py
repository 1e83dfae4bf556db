"""Answers no Zalo gave yet, from a scripted server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.replies import Reply
from bot.zalo.client import ZaloClient
from bot.zalo.memory import OaMemory
from bot.zalo.results import CallFailed, RateLimit, SendResult
from tests.zalo.parts import closed_port
from tests.zalo.scripted import OK, Script, ScriptedServer, Trick

HELLO = Reply(text="Xin chào", quote="m0")
Send = Callable[..., SendResult]


class FixedToken:
    """Tokens that are never refused."""

    def access_token(self) -> str:
        return "token-1"

    def renew(self, rejected: str) -> str:
        return f"{rejected}-renewed"


def client_for(url: str, memory: OaMemory) -> ZaloClient:
    return ZaloClient(url, FixedToken(), memory, timeout=0.5)


@pytest.fixture
def client(scripted: ScriptedServer, memory: OaMemory) -> ZaloClient:
    return client_for(scripted.url + "/", memory)


def test_the_request(client: ZaloClient, scripted: ScriptedServer) -> None:
    assert client.send("7", HELLO).kind == "sent"
    (call,) = scripted.calls
    assert (call.method, call.path) == ("POST", "/v3.0/oa/message/cs")
    assert call.headers["access_token"] == "token-1"
    assert call.headers["Content-Type"] == "application/json"
    assert "Authorization" not in call.headers
    assert call.json == {
        "recipient": {"user_id": "7"},
        "message": {"text": "Xin chào", "quote_message_id": "m0"},
    }


@pytest.mark.parametrize("trick", ["hang", "reset", "close", "half"])
def test_silence_after_the_request(client: ZaloClient, scripted: ScriptedServer, trick: Trick) -> None:
    scripted.answers(Script(trick=trick))
    assert client.send("7", HELLO).kind == "unknown"
    assert len(scripted.calls) == 1


@pytest.mark.parametrize(
    "script",
    [
        Script(b""),
        Script(b"<html>"),
        Script(b"\xff\xfe"),
        Script(b"[" * 100_000),
        Script([]),
        Script({}),
        Script({"message": "Success"}),
        Script({"error": None}),
        Script({"error": "ok"}),
        Script({"error": True}),
        Script({"error": {}}),
        Script({"error": 0}, 500),
        Script({"error": -230}, 503),
        Script(b"", 204),
        Script(b"", 302, {"Location": "/v3.0/oa/message/cs"}),
        Script(b"", 408),
    ],
    ids=range(16),
)
def test_an_answer_that_says_nothing(client: ZaloClient, scripted: ScriptedServer, script: Script) -> None:
    scripted.answers(script)
    assert client.send("7", HELLO).kind == "unknown"
    assert len(scripted.calls) == 1


@pytest.mark.parametrize(
    ("script", "kind", "code"),
    [
        (Script({"error": "-230"}), "person", -230),
        (Script({"error": -230, "message": 5, "data": "x"}), "person", -230),
        (Script({"error": -230}, 400), "person", -230),
        (Script({"error": 404, "message": "empty or invalid API"}, 404), "alert", 404),
        (Script(b"<html>", 403), "alert", 403),
        (Script(b"<html>", 413), "alert", 413),
        (Script(b"<html>", 429), "retry", 429),
        (Script({"error": 7}), "reject", 7),
    ],
)
def test_refusals(client: ZaloClient, scripted: ScriptedServer, script: Script, kind: str, code: int) -> None:
    scripted.answers(script)
    result = client.send("7", HELLO)
    assert (result.kind, result.code) == (kind, code)
    assert result.text
    assert len(scripted.calls) == 1


@pytest.mark.parametrize(
    ("data", "message_id"),
    [({"message_id": "m"}, "m"), ({"message_id": 123}, "123"), ({}, None), (None, None), ([], None)],
)
def test_success_with_and_without_an_id(
    client: ZaloClient, scripted: ScriptedServer, data: Any, message_id: str | None
) -> None:
    scripted.answers(Script({"error": 0, "data": data}))
    result = client.send("7", HELLO)
    assert (result.kind, result.message_id, result.quota_type) == ("sent", message_id, None)


def test_what_no_database_can_store_is_removed(client: ZaloClient, scripted: ScriptedServer) -> None:
    scripted.answers(Script(b'{"error": 0, "data": {"message_id": "a\\u0000\\ud800b"}}'))
    assert client.send("7", HELLO).message_id == "ab"
    scripted.answers(Script(b'{"error": -230, "message": "x\\u0000\\udfff"}'))
    client.send("7", HELLO).text.encode()


@pytest.mark.parametrize("name", ["X-RateLimit-Remain", "X-RateLimit-Remaining", "x-ratelimit-remain"])
def test_spellings_of_the_rate_limit(client: ZaloClient, scripted: ScriptedServer, name: str) -> None:
    scripted.answers(Script(OK.body, headers={"X-RateLimit-Limit": "4000", name: "3999"}))
    assert client.send("7", HELLO).rate == RateLimit(4000, 3999)
    scripted.answers(OK)
    assert client.send("7", HELLO).rate is None


@pytest.mark.parametrize("url", ["http://does-not-exist.invalid", "nonsense", ""])
def test_no_connection_is_a_retry(url: str, memory: OaMemory) -> None:
    result = client_for(url, memory).send("7", HELLO)
    assert (result.kind, result.code) == ("retry", None)
    assert result.delay_s


def test_a_closed_port_is_a_retry(memory: OaMemory) -> None:
    assert client_for(closed_port(), memory).send("7", HELLO).kind == "retry"


def test_a_renewed_token_is_used(client: ZaloClient, scripted: ScriptedServer) -> None:
    scripted.answers(Script({"error": -216}), OK)
    assert client.send("7", HELLO).kind == "sent"
    assert [call.headers["access_token"] for call in scripted.calls] == ["token-1", "token-1-renewed"]


def test_connections_are_not_kept(client: ZaloClient, scripted: ScriptedServer) -> None:
    client.send("7", HELLO)
    assert scripted.calls[0].headers["Connection"] == "close"


@pytest.mark.parametrize(
    ("data", "oa_id", "oa_type"),
    [
        ({"oaid": "1", "oa_type": "4"}, "1", 4),
        ({"oa_id": "2", "oa_type": 2}, "2", 2),
        ({"oaid": 3, "num_follower": "many", "is_verified": "x"}, "3", None),
        ({}, None, None),
    ],
)
def test_spellings_of_the_oa(
    client: ZaloClient, scripted: ScriptedServer, data: Any, oa_id: str | None, oa_type: int | None
) -> None:
    scripted.answers(Script({"error": 0, "data": data}))
    info = client.oa_info()
    assert (info.oa_id, info.oa_type, info.followers) == (oa_id, oa_type, None)


def test_an_odd_person(client: ZaloClient, scripted: ScriptedServer) -> None:
    scripted.answers(
        Script(
            {
                "error": 0,
                "data": {"user_id": 7, "is_sensitive": "true", "user_last_interaction_date": "31/02/2026"},
            }
        )
    )
    detail = client.user_detail("7")
    assert (detail.user_id, detail.is_minor, detail.last_interaction) == ("7", True, None)
    assert scripted.calls[0].path == "/v3.0/oa/user/detail?data=%7B%22user_id%22%3A+%227%22%7D"


def test_reading_an_answer_that_says_nothing(client: ZaloClient, scripted: ScriptedServer) -> None:
    scripted.answers(Script(b"<html>"))
    with pytest.raises(CallFailed) as caught:
        client.oa_info()
    assert caught.value.result.kind == "retry"
