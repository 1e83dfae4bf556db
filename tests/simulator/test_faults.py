"""Trouble on demand, as the real client's library sees it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import requests

from bot.simulator import SIM_APP_ID, SIM_APP_SECRET, SIM_REFRESH_TOKEN
from tests.support.simulator import RunningSimulator

CS = "v3.0/oa/message/cs"
TEXT = {"text": "Dạ có ạ"}


def test_an_error_strikes_as_often_as_told(zalo: RunningSimulator, token: str, lan: str) -> None:
    zalo.faults({"kind": "error", "match": "message/cs", "code": -200, "times": 2})
    assert [zalo.send(lan, TEXT, token)["error"] for _ in range(3)] == [-200, -200, 0]
    assert len(zalo.sent()) == 1
    assert zalo.call("GET", "faults") == {"faults": []}


def test_drop_after_accept_stores_the_message_and_breaks_the_connection(
    zalo: RunningSimulator, token: str, lan: str
) -> None:
    zalo.faults({"kind": "drop_after_accept", "match": "message/cs", "times": 1})
    with pytest.raises(requests.ConnectionError):
        zalo.send(lan, TEXT, token)
    assert len(zalo.sent()) == 1
    assert zalo.send(lan, TEXT, token)["error"] == 0


def test_drop_before_stores_nothing(zalo: RunningSimulator, token: str, lan: str) -> None:
    zalo.faults({"kind": "drop_before", "times": 1})
    with pytest.raises(requests.ConnectionError):
        zalo.send(lan, TEXT, token)
    assert zalo.sent() == []


def test_a_drop_is_seen_on_a_kept_connection_too(zalo: RunningSimulator, token: str, lan: str) -> None:
    body = {"recipient": {"user_id": lan}, "message": TEXT}
    url, headers = f"{zalo.api_url}/{CS}", {"access_token": token}
    with requests.Session() as session:
        assert session.post(url, json=body, headers=headers, timeout=5).json()["error"] == 0
        zalo.faults({"kind": "drop_after_accept", "times": 1})
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            session.post(url, json=body, headers=headers, timeout=5)
        assert len(zalo.sent()) == 2


def test_a_refused_message_is_answered_even_under_drop_after_accept(
    zalo: RunningSimulator, token: str, lan: str
) -> None:
    zalo.faults({"kind": "drop_after_accept"})
    assert zalo.send(lan, {"text": ""}, token)["error"] == -201


def test_the_answer_to_a_refresh_can_be_lost(zalo: RunningSimulator) -> None:
    zalo.faults({"kind": "drop_after_accept", "match": "oauth", "times": 1})
    url, headers = f"{zalo.oauth_url}/v4/oa/access_token", {"secret_key": SIM_APP_SECRET}
    form = {"app_id": SIM_APP_ID, "grant_type": "refresh_token", "refresh_token": SIM_REFRESH_TOKEN}
    with pytest.raises(requests.ConnectionError):
        requests.post(url, data=form, headers=headers, timeout=5)
    assert requests.post(url, data=form, headers=headers, timeout=5).json()["error"] < 0


def test_a_delay_outlasts_the_callers_patience_but_the_message_is_accepted(
    zalo: RunningSimulator, token: str, lan: str
) -> None:
    zalo.faults({"kind": "delay", "seconds": 0.3, "times": 1})
    body = {"recipient": {"user_id": lan}, "message": TEXT}
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{zalo.api_url}/{CS}", json=body, headers={"access_token": token}, timeout=0.1)
    zalo.wait_until(lambda: len(zalo.sent()) == 1)


def test_a_delay_does_not_hold_up_others(zalo: RunningSimulator, token: str, lan: str) -> None:
    other = zalo.person("Bác Tư")
    zalo.say(other, "Xin chào")
    zalo.faults({"kind": "delay", "seconds": 1, "user_id": lan})
    slow = threading.Thread(target=zalo.send, args=(lan, TEXT, token))
    slow.start()
    started = time.monotonic()
    assert zalo.send(other, TEXT, token)["error"] == 0
    assert time.monotonic() - started < 0.8
    slow.join()


@pytest.mark.parametrize("status", [500, 502, 503])
def test_http_failures(zalo: RunningSimulator, token: str, lan: str, status: int) -> None:
    zalo.faults({"kind": "http", "status": status, "times": 1})
    answer = requests.post(f"{zalo.api_url}/{CS}", json={}, headers={"access_token": token}, timeout=5)
    assert answer.status_code == status
    assert zalo.send(lan, TEXT, token)["error"] == 0


def test_rate_limit_and_delay_can_be_combined(zalo: RunningSimulator, token: str, lan: str) -> None:
    zalo.faults({"kind": "delay", "seconds": 0.1}, {"kind": "rate_limit", "times": 1})
    started = time.monotonic()
    assert zalo.send(lan, TEXT, token)["error"] == -32
    assert time.monotonic() - started >= 0.1


def test_a_fault_for_one_person_leaves_the_others_alone(zalo: RunningSimulator, token: str, lan: str) -> None:
    other = zalo.person("Bác Tư")
    zalo.say(other, "Xin chào")
    zalo.faults({"kind": "error", "code": -244, "user_id": lan})
    assert zalo.send(lan, TEXT, token)["error"] == -244
    assert zalo.send(other, TEXT, token)["error"] == 0


def struck(zalo: RunningSimulator, token: str, lan: str, seed: int) -> list[int]:
    zalo.faults({"kind": "error", "code": -200, "chance": 50}, seed=seed)
    return [zalo.send(lan, TEXT, token)["error"] for _ in range(20)]


def test_chance_repeats_with_its_seed(zalo: RunningSimulator, token: str, lan: str) -> None:
    first = struck(zalo, token, lan, 7)
    assert {0, -200} == set(first)
    assert struck(zalo, token, lan, 7) == first


@pytest.mark.parametrize(
    "fault", [{"kind": "explode"}, {"kind": "error", "chance": 101}, {"match": "*"}, {"kind": "http", "x": 1}]
)
def test_a_wrong_fault_is_refused(zalo: RunningSimulator, fault: dict[str, Any]) -> None:
    assert requests.post(f"{zalo.url}/api/faults", json=fault, timeout=5).status_code == 400
    assert zalo.call("GET", "faults") == {"faults": []}
