"""One call to Zalo's OpenAPI with the OA's token; a token Zalo refuses is renewed once."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, Protocol

import requests
import structlog

from bot.zalo.errors import ErrorRule
from bot.zalo.results import ApiAnswer, read_answer
from bot.zalo.transport import TIMEOUT_S, call

TOKEN_REFUSED = frozenset({-216, -220})

log = structlog.get_logger(__name__)


class Tokens(Protocol):
    """tokens.TokenStore, or anything like it."""

    def access_token(self) -> str: ...
    def renew(self, rejected: str) -> str: ...


class Api:
    """`app_secret`, when given, adds the proof some apps demand (zalo-api §2.3). `table`: error codes of a
    host that has its own."""

    def __init__(
        self,
        api_url: str,
        tokens: Tokens,
        session: requests.Session | None = None,
        timeout: float | tuple[float, float] = TIMEOUT_S,
        app_secret: str = "",
        table: Mapping[int, ErrorRule] | None = None,
        token_refused: frozenset[int] = TOKEN_REFUSED,
    ) -> None:
        self._url = api_url.rstrip("/")
        self._tokens = tokens
        self._session = session or requests.Session()
        self._timeout = timeout
        self._app_secret = app_secret
        self._table, self._token_refused = table, token_refused

    def call(self, method: str, path: str, **content: Any) -> ApiAnswer:
        """Raises transport.Unreachable, transport.Unclear, tokens.TokenTrouble or tokens.TokenBusy."""
        token = self._tokens.access_token()
        answer = self._once(method, path, token, content)
        if answer.code in self._token_refused:
            answer = self._once(method, path, self._tokens.renew(token), content)
        log.info("zalo_call", path=path, code=answer.code)
        return answer

    def _once(self, method: str, path: str, token: str, content: dict[str, Any]) -> ApiAnswer:
        headers = {"access_token": token}
        if self._app_secret:
            headers["appsecret_proof"] = hmac.digest(
                self._app_secret.encode(), token.encode(), "sha256"
            ).hex()
        url = f"{self._url}/{path}"
        answer = call(self._session, method, url, timeout=self._timeout, headers=headers, **content)
        return read_answer(answer, self._table)
