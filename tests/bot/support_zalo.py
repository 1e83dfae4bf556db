"""The simulated Zalo over HTTP, and the parts of ours that talk to it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select

from bot import outbox
from bot.account import Account
from bot.replies import Reply, Result
from bot.sender import Sender
from bot.simulator import SIM_APP_ID, SIM_APP_SECRET, SIM_OA_ID, SIM_OA_SECRET
from bot.zalo.client import ZaloClient
from bot.zalo.memory import OaMemory
from bot.zalo.oauth import OAuthClient, TokenPair
from bot.zalo.tokens import TokenStore
from store.engine import read_tx, write_tx
from store.schema import outbox as outbox_table
from store.schema import staff_tasks
from store.secrets import SecretBox
from tests.bot.support import KEY, MovableClock, conversation, drain_all
from tests.bot.support_web import application
from tests.support.simulator import RunningSimulator, serving

TIMEOUT = (1.0, 2.0)


def account_at(api_url: str, oauth_url: str) -> Account:
    return Account(SIM_APP_ID, SIM_APP_SECRET, SIM_OA_ID, SIM_OA_SECRET, api_url, oauth_url)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def token_store(
    engine: Engine, account: Account, now: Callable[[], datetime], owner: str = "t"
) -> TokenStore:
    oauth = OAuthClient(account.oauth_url, account.app_id, account.app_secret, timeout=TIMEOUT)
    return TokenStore(engine, SecretBox(KEY, "tokens"), oauth, account.oa_id, owner, now)


@dataclass
class PostOffice:
    """One OA's sending side against one Zalo; the test moves the clock."""

    engine: Engine
    account: Account
    clock: MovableClock = field(default_factory=lambda: MovableClock(datetime.now(UTC)))

    def __post_init__(self) -> None:
        self.tokens = token_store(self.engine, self.account, self.clock)

    def install_token(self, zalo: RunningSimulator) -> None:
        grant = zalo.zalo.issue_tokens()
        pair = TokenPair(grant["access_token"], grant["refresh_token"], int(grant["expires_in"]))
        self.tokens.install(pair)

    def sender(self, name: str = "s", rate: int = 100_000) -> Sender:
        memory = OaMemory(self.engine, self.account.oa_id)
        client = ZaloClient(self.account.api_url, self.tokens, memory, timeout=TIMEOUT, now=self.clock)
        return Sender(self.engine, client, self.account.oa_id, name, rate, self.clock)

    def queue(self, person: str, *texts: str | Reply, key: str | None = None) -> None:
        replies = [text if isinstance(text, Reply) else Reply(text=text) for text in texts]
        key = key or f"{person}/{replies[0].text}"
        with write_tx(self.engine) as connection:
            outbox.enqueue(connection, self.account.oa_id, person, replies, key, self.clock())

    def send_all(self, sender: Sender | None = None) -> int:
        """Deal with everything that is due now; how many sends that were."""
        sender = sender or self.sender()
        n = 0
        while sender.send_next() is True:
            n += 1
        return n

    def rows(self) -> list[Any]:
        with read_tx(self.engine) as connection:
            return list(connection.execute(select(outbox_table).order_by(outbox_table.c.id)).all())

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    def tasks(self) -> list[tuple[str, str]]:
        """Kind and ref of the open tasks."""
        query = select(staff_tasks.c.kind, staff_tasks.c.ref).where(staff_tasks.c.done_at.is_(None))
        with read_tx(self.engine) as connection:
            return sorted((row.kind, row.ref) for row in connection.execute(query))

    def drain(self) -> None:
        """Handle what came in, with a voice that has nothing to say."""
        drain_all(self.engine, conversation(lambda _turn, _desk: Result("silent"), self.clock), self.clock)


@contextmanager
def linked(
    engine: Engine, clock: Callable[[], datetime] | None = None, **settings: Any
) -> Iterator[RunningSimulator]:
    """A simulated Zalo whose webhook is ours, over HTTP both ways."""
    with ExitStack() as stack:
        app = application(engine, now=clock, account=account_at("", ""))
        port = stack.enter_context(serving(app))
        url = f"http://127.0.0.1:{port}/webhook/zalo"
        yield stack.enter_context(RunningSimulator(webhook_url=url, **settings))
