"""One HTTP call to Zalo, with the one question that matters afterwards: may it have been processed?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLCertVerificationError
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

TIMEOUT_S = (5.0, 20.0)  # to connect, between two reads


class Unreachable(Exception):
    """No connection was made: nothing was processed, a repetition is harmless."""


class Unclear(Exception):
    """The request left, but no usable answer came: it may have been processed."""


@dataclass(frozen=True)
class Answer:
    """A complete answer. `body` is None when it is not a JSON object."""

    status: int
    body: Mapping[str, Any] | None
    headers: Mapping[str, str]


def call(
    session: requests.Session,
    method: str,
    url: str,
    timeout: float | tuple[float, float] = TIMEOUT_S,
    **content: Any,
) -> Answer:
    """The answer to one request, redirects not followed. Raises Unreachable or Unclear.

    Connections are not kept: a reset on an idle one would look like a message whose fate is unknown.
    """
    headers = {**content.pop("headers", {}), "Connection": "close"}
    try:
        answer = session.request(
            method, url, headers=headers, timeout=timeout, allow_redirects=False, **content
        )
    except requests.RequestException as error:
        kind = Unreachable if _never_left(error) else Unclear
        raise kind(type(error).__name__) from None  # the original shows address and token
    return Answer(answer.status_code, _json_object(answer.content), answer.headers)


def _json_object(content: bytes) -> Mapping[str, Any] | None:
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) else None


def _never_left(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | ValueError):
        return True  # ValueError: a bad address or header, refused before connecting
    reason = getattr(error.args[0], "reason", None) if error.args else None
    cause = reason.args[0] if isinstance(reason, Exception) and reason.args else None
    return isinstance(reason, NewConnectionError) or isinstance(cause, SSLCertVerificationError)


def whole_number(value: object) -> int | None:
    """Zalo writes numbers as numbers or as text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None
