"""How the tests put the parts together. Child processes use it too, so it imports no simulator."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, RowMapping, select

from bot.zalo.oauth import OAuthClient
from bot.zalo.tokens import TokenStore
from store.engine import read_tx
from store.schema import oa_tokens, staff_tasks
from store.secrets import SecretBox

APP_ID, APP_SECRET, OA_ID = "4400000000000000001", "an-app-secret", "2500000000000000099"
SECRET_KEY = "a key for the tests only"


def utc_now() -> datetime:
    return datetime.now(UTC)


def oauth_client(url: str, kind: type[OAuthClient] = OAuthClient, timeout: float = 5.0) -> OAuthClient:
    return kind(url, APP_ID, APP_SECRET, timeout=timeout)


def token_store(
    engine: Engine, oauth: OAuthClient, owner: str = "one", now: Callable[[], datetime] = utc_now
) -> TokenStore:
    return TokenStore(engine, SecretBox(SECRET_KEY, "zalo-tokens"), oauth, OA_ID, owner, now)


def token_row(engine: Engine) -> RowMapping:
    with read_tx(engine) as connection:
        return connection.execute(select(oa_tokens)).mappings().one()


def token_tasks(engine: Engine) -> Sequence[Any]:
    with read_tx(engine) as connection:
        return connection.execute(select(staff_tasks).order_by(staff_tasks.c.id)).all()


def closed_port() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
