"""OAuth v4 over real HTTP."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bot.simulator import SIM_APP_ID, SIM_APP_SECRET, SIM_OA_ID, SIM_REFRESH_TOKEN
from tests.support.simulator import RunningSimulator

CALLBACK = "https://ward.example/callback"


def grant(zalo: RunningSimulator, secret: str = SIM_APP_SECRET, **form: str) -> dict[str, Any]:
    url = f"{zalo.oauth_url}/v4/oa/access_token"
    data = {"app_id": SIM_APP_ID, **form}
    return dict(requests.post(url, data=data, headers={"secret_key": secret}, timeout=5).json())


def refresh(zalo: RunningSimulator, token: str) -> dict[str, Any]:
    return grant(zalo, grant_type="refresh_token", refresh_token=token)


def getoa(zalo: RunningSimulator, token: str) -> int:
    url = f"{zalo.api_url}/v2.0/oa/getoa"
    return int(requests.get(url, headers={"access_token": token}, timeout=5).json()["error"])


def test_the_first_refresh_token_gives_a_pair(zalo: RunningSimulator) -> None:
    pair = refresh(zalo, SIM_REFRESH_TOKEN)
    assert set(pair) == {"access_token", "refresh_token", "expires_in"}
    assert pair["expires_in"] == "90000"
    assert getoa(zalo, pair["access_token"]) == 0


def test_a_refresh_token_works_once(zalo: RunningSimulator) -> None:
    first = refresh(zalo, SIM_REFRESH_TOKEN)
    again = refresh(zalo, SIM_REFRESH_TOKEN)
    assert again["error"] < 0
    assert {"error", "error_name", "error_reason", "error_description"} <= set(again)
    assert "access_token" in refresh(zalo, first["refresh_token"])


def test_a_new_access_token_kills_the_old_one(zalo: RunningSimulator) -> None:
    first = refresh(zalo, SIM_REFRESH_TOKEN)
    second = refresh(zalo, first["refresh_token"])
    assert getoa(zalo, first["access_token"]) == -220
    assert getoa(zalo, second["access_token"]) == 0


def test_of_many_at_once_exactly_one_wins(zalo: RunningSimulator) -> None:
    token = zalo.zalo.issue_tokens()["refresh_token"]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: refresh(zalo, token), range(16)))
    winners = [answer for answer in answers if "access_token" in answer]
    assert len(winners) == 1
    assert getoa(zalo, winners[0]["access_token"]) == 0
    assert zalo.counters()["oauth_refresh"] == 16


@pytest.mark.parametrize(
    ("secret", "form"),
    [
        ("wrong", {"grant_type": "refresh_token", "refresh_token": SIM_REFRESH_TOKEN}),
        (SIM_APP_SECRET, {"grant_type": "refresh_token", "refresh_token": "unknown"}),
        (SIM_APP_SECRET, {"grant_type": "password"}),
        (SIM_APP_SECRET, {"grant_type": "refresh_token", "app_id": "1"}),
    ],
)
def test_refusals_have_zalos_shape_and_spend_nothing(
    zalo: RunningSimulator, secret: str, form: dict[str, str]
) -> None:
    answer = grant(zalo, secret, **form)
    assert answer["error"] < 0
    assert answer["error_name"]
    assert "access_token" in refresh(zalo, SIM_REFRESH_TOKEN)


def test_an_expired_access_token_is_minus_220_and_an_unknown_one_minus_216() -> None:
    with RunningSimulator(access_token_life=0.001) as zalo:
        token = zalo.token()
        zalo.wait_until(lambda: getoa(zalo, token) == -220)
        assert getoa(zalo, "never issued") == -216
        assert getoa(zalo, "") == -216


def test_permission_and_code_with_pkce(zalo: RunningSimulator) -> None:
    verifier = "v" * 43
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    query = {"app_id": SIM_APP_ID, "redirect_uri": CALLBACK, "code_challenge": challenge, "state": "s1"}
    url = f"{zalo.oauth_url}/v4/oa/permission"
    answer = requests.get(url, params=query, allow_redirects=False, timeout=5)
    assert answer.status_code == 302
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["oa_id"] == [SIM_OA_ID]
    assert back["state"] == ["s1"]
    code = back["code"][0]
    pair = grant(zalo, grant_type="authorization_code", code=code, code_verifier=verifier)
    assert getoa(zalo, pair["access_token"]) == 0
    assert grant(zalo, grant_type="authorization_code", code=code, code_verifier=verifier)["error"] < 0


def test_a_wrong_verifier_is_refused_and_the_code_stays(zalo: RunningSimulator) -> None:
    query = {"app_id": SIM_APP_ID, "redirect_uri": CALLBACK, "code_challenge": "x"}
    location = zalo.zalo.tokens.permission(query)
    code = parse_qs(urlsplit(location).query)["code"][0]
    answer = grant(zalo, grant_type="authorization_code", code=code, code_verifier="other")
    assert answer["error"] == -14006


def test_a_foreign_callback_is_minus_14003() -> None:
    with RunningSimulator(redirect_uri=CALLBACK) as zalo:
        url = f"{zalo.oauth_url}/v4/oa/permission"
        query = {"app_id": SIM_APP_ID, "redirect_uri": "https://other.example/"}
        assert requests.get(url, params=query, timeout=5).json()["error"] == -14003


def test_tokens_outlive_a_restart(tmp_path: Any) -> None:
    with RunningSimulator(tmp_path / "sim.db") as zalo:
        pair = refresh(zalo, SIM_REFRESH_TOKEN)
    with RunningSimulator(tmp_path / "sim.db") as zalo:
        assert getoa(zalo, pair["access_token"]) == 0
        assert refresh(zalo, SIM_REFRESH_TOKEN)["error"] < 0
        assert "access_token" in refresh(zalo, pair["refresh_token"])
