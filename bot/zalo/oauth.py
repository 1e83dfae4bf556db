"""OAuth v4 for an Official Account: permission address, first exchange, refresh (zalo-api §2)."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlencode

import requests

from bot.zalo.texts import storable
from bot.zalo.transport import TIMEOUT_S, Answer, Unclear, call, whole_number

DOCUMENTED_LIFE_S = 90_000
_LONGEST_LIFE_S = 366 * 24 * 3600


class OAuthRefused(Exception):
    """Zalo answered, and the answer is no. `code` is its error code, if it gave one."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code


@dataclass(frozen=True)
class TokenPair:
    """`expires_in`: seconds from the answer. Tokens stay out of `repr`, hence out of logs."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int = DOCUMENTED_LIFE_S


class OAuthClient:
    """Gets token pairs. Every method raises OAuthRefused, transport.Unreachable or transport.Unclear."""

    def __init__(
        self,
        oauth_url: str,
        app_id: str,
        app_secret: str,
        session: requests.Session | None = None,
        timeout: float | tuple[float, float] = TIMEOUT_S,
    ) -> None:
        self._url = oauth_url.rstrip("/")
        self._app_id = app_id
        self._app_secret = app_secret
        self._session = session or requests.Session()
        self._timeout = timeout

    def refresh(self, refresh_token: str) -> TokenPair:
        """A new pair; the old refresh token and the old access token die with it."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def exchange(self, code: str, verifier: str) -> TokenPair:
        """The first pair, for a `code` from the permission page (10 minutes, used once)."""
        return self._tokens({"grant_type": "authorization_code", "code": code, "code_verifier": verifier})

    def permission_url(self, redirect_uri: str, challenge: str, state: str) -> str:
        """Where an administrator of the OA grants the app its rights."""
        query = {
            "app_id": self._app_id,
            "redirect_uri": redirect_uri,
            "code_challenge": challenge,
            "state": state,
        }
        return f"{self._url}/v4/oa/permission?{urlencode(query)}"

    def _tokens(self, form: dict[str, str]) -> TokenPair:
        answer = call(
            self._session,
            "POST",
            f"{self._url}/v4/oa/access_token",
            timeout=self._timeout,
            headers={"secret_key": self._app_secret},
            data={"app_id": self._app_id, **form},
        )
        return _pair(answer)


def new_verifier() -> str:
    """A PKCE verifier: 43 characters."""
    return _unpadded(secrets.token_bytes(32))


def challenge_of(verifier: str) -> str:
    return _unpadded(sha256(verifier.encode()).digest())


def usable_token(value: object) -> bool:
    """Text that can stand in an HTTP header."""
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()


def _unpadded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _pair(answer: Answer) -> TokenPair:
    body = answer.body
    if body is None or answer.status >= 500:
        raise Unclear(f"HTTP {answer.status}")
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if usable_token(access) and usable_token(refresh):
        return TokenPair(str(access), str(refresh), _life(body.get("expires_in", body.get("expire_in"))))
    if access or "error" not in body:  # half a pair: the old refresh token may be gone
        raise Unclear(f"HTTP {answer.status}, no token pair")
    reason = body.get("error_name") or body.get("error_description") or ""
    raise OAuthRefused(whole_number(body["error"]), storable(str(reason)))


def _life(value: object) -> int:
    seconds = int(value) if isinstance(value, float) and 0 < value < _LONGEST_LIFE_S else whole_number(value)
    return seconds if seconds is not None and 0 < seconds < _LONGEST_LIFE_S else DOCUMENTED_LIFE_S
