"""The webhook as an application of its own, and deliveries signed as Zalo signs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from bot.account import Account
from bot.app import Front, create_web
from bot.health import Health
from bot.inbox import Inbox
from bot.webhook import SignatureTally, Webhook
from bot.zalo.events import ZaloEvent, parse_event
from bot.zalo.signature import SignatureChecker, sign
from store.engine import read_tx
from store.schema import inbox_events, signature_counts
from store.secrets import SecretBox
from tests.bot.support import APP, KEY, OA, START, MovableClock

OA_SECRET = "dummy-oa-secret"
APP_SECRET = "dummy-app-secret"
ACCOUNT = Account(APP, APP_SECRET, OA, OA_SECRET, "http://zalo.invalid", "http://zalo.invalid")
PAIRS = {
    "app_id+oa_secret": (APP, OA_SECRET),
    "app_id+app_secret": (APP, APP_SECRET),
    "oa_id+oa_secret": (OA, OA_SECRET),
    "oa_id+app_secret": (OA, APP_SECRET),
}


def application(
    engine: Engine,
    enforce: bool = True,
    now: Callable[[], datetime] | None = None,
    verifier: str = "",
    account: Account = ACCOUNT,
    library_size: Callable[[], int] = lambda: 3,
) -> Flask:
    now = now or MovableClock()
    checker = SignatureChecker(account.app_id, account.oa_id, account.app_secret, account.oa_secret)
    tally = SignatureTally(engine, account.oa_id)
    box = SecretBox(KEY, "inbox")
    webhook = Webhook(account, checker, enforce, Inbox(engine), box, tally, now)
    health = Health(engine, account.oa_id, library_size, now)
    return create_web(webhook, health, Front("Phường Mẫu", verifier, simulated=False))


def raw_of(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature_of(raw: bytes, pair: str = "app_id+oa_secret") -> str:
    stamp = str(json.loads(raw.decode("utf-8-sig")).get("timestamp", ""))
    first, secret = PAIRS[pair]
    return sign(first, raw, stamp, secret)


@dataclass
class Door:
    """What stands between Zalo and the inbox."""

    client: FlaskClient
    engine: Engine

    @classmethod
    def of(cls, engine: Engine, **settings: Any) -> Door:
        return cls(application(engine, **settings).test_client(), engine)

    def post(
        self, raw: bytes, signature: str | None = None, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        all_headers = {"Content-Type": "application/json", **(headers or {})}
        if signature is not None:
            all_headers["X-ZEvent-Signature"] = signature
        return self.client.post("/webhook/zalo", data=raw, headers=all_headers)

    def deliver(self, body: Mapping[str, Any], pair: str = "app_id+oa_secret") -> int:
        raw = raw_of(body)
        return self.post(raw, signature_of(raw, pair)).status_code

    def stored(self) -> list[ZaloEvent]:
        """The events of the inbox, opened and read again."""
        box = SecretBox(KEY, "inbox")
        with read_tx(self.engine) as connection:
            rows = connection.execute(select(inbox_events.c.payload).order_by(inbox_events.c.id))
            return [parse_event(box.open(payload)) for (payload,) in rows]

    def tally(self) -> dict[str, int]:
        with read_tx(self.engine) as connection:
            rows = connection.execute(select(signature_counts.c.combination, signature_counts.c.n))
            return {row.combination: row.n for row in rows}


def stamped(at: datetime = START) -> str:
    return str(int(at.timestamp() * 1000))
