"""What child processes do in the token tests."""

from __future__ import annotations

import os
from multiprocessing.synchronize import Barrier
from queue import Queue
from typing import NoReturn

from bot.zalo.oauth import OAuthClient, TokenPair
from store.engine import open_engine
from tests.zalo.parts import oauth_client, token_store


class PowerCutAfterTheAnswer(OAuthClient):
    """Zalo has given the new pair; nothing of it is written yet."""

    def refresh(self, refresh_token: str) -> TokenPair:
        super().refresh(refresh_token)
        os._exit(9)


def get_token(
    database_url: str, oauth_url: str, rejected: str | None, barrier: Barrier, answers: Queue[str]
) -> None:
    """At the same moment as the others: a token, or another one than `rejected`."""
    store = token_store(open_engine(database_url), oauth_client(oauth_url), owner=f"child {os.getpid()}")
    barrier.wait(60)
    answers.put(store.access_token() if rejected is None else store.renew(rejected))


def die_while_refreshing(database_url: str, oauth_url: str) -> NoReturn:
    oauth = oauth_client(oauth_url, PowerCutAfterTheAnswer)
    token_store(open_engine(database_url), oauth, owner="dead").access_token()
    raise AssertionError("it should be dead by now")
