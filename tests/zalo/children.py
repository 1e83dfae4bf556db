"""What child processes do in the token tests."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from queue import Queue
from typing import NoReturn

from bot.zalo.oauth import OAuthClient, TokenPair
from store.engine import open_engine
from tests.zalo.parts import oauth_client, token_store, utc_now

DEAD = 9


class SlowlyUnreachable(OAuthClient):
    """A connection that is tried for a while and never made."""

    def refresh(self, refresh_token: str) -> TokenPair:
        time.sleep(0.5)
        return super().refresh(refresh_token)


class PowerCutAfterTheAnswer(OAuthClient):
    """Zalo has given the new pair; nothing of it is written yet."""

    def refresh(self, refresh_token: str) -> TokenPair:
        super().refresh(refresh_token)
        os._exit(DEAD)


def get_tokens(database_url: str, oauth_url: str, barrier: Barrier, answers: Queue[tuple[str, str]]) -> None:
    """At the same moment as the others: a token, and then another one, as if Zalo had refused the first."""
    store = token_store(open_engine(database_url), oauth_client(oauth_url), owner=f"child {os.getpid()}")
    barrier.wait(120)
    first = store.access_token()
    barrier.wait(120)
    answers.put((first, store.renew(first)))


def die_while_refreshing(database_url: str, oauth_url: str, hours: float) -> NoReturn:
    oauth = oauth_client(oauth_url, PowerCutAfterTheAnswer)
    later = timedelta(hours=hours)
    token_store(open_engine(database_url), oauth, "dead", lambda: utc_now() + later).access_token()
    raise AssertionError("it should be dead by now")
