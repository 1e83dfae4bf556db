"""Zalo's door: check on the raw bytes, store, answer 200. Nothing slow happens here.

Zalo counts anything but 200 (or two seconds of silence) as a failure and in the end switches the
webhook off, so what we cannot use is dropped with 200; only a failed INSERT asks for another delivery.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import structlog
from sqlalchemy import Engine, update
from sqlalchemy.exc import SQLAlchemyError

from bot.account import Account
from bot.inbox import Arrival, Inbox
from bot.metrics import SIGNATURES, WEBHOOKS
from bot.zalo.events import NotAnEvent, ZaloEvent, parse_event
from bot.zalo.signature import SignatureChecker
from store.engine import insert_new, write_tx
from store.schema import signature_counts
from store.secrets import SecretBox

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger("webhook")

PATH = "/webhook/zalo"
LARGEST_BODY = 1024 * 1024
KEPT_FOR = timedelta(days=7)
"""Event keys are remembered this long; an older event is a replay, not a delivery."""

NO_MATCH = "none"
FLUSH_EVERY = timedelta(seconds=10)

Fate = Literal["accepted", "not_an_event", "bad_signature", "other_oa", "stale"]


@dataclass
class SignatureTally:
    """Counts which id and secret signed the deliveries, for the go-live check (`doctor` shows it)."""

    engine: Engine
    oa_id: str
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _flushed_at: datetime | None = None

    def note(self, combination: str, now: datetime) -> None:
        SIGNATURES.labels(combination).inc()
        with self._lock:
            self._counts[combination] += 1
            if self._flushed_at is not None and now - self._flushed_at < FLUSH_EVERY:
                return
            counts, self._counts, self._flushed_at = self._counts, Counter(), now
        try:
            self._write(counts, now)
        except SQLAlchemyError:  # a count must not keep an event out; the next flush has these too
            log.error("signature counts not stored", exc_info=True)
            with self._lock:
                self._counts.update(counts)

    def _write(self, counts: Counter[str], now: datetime) -> None:
        with write_tx(self.engine) as connection:
            for combination, n in sorted(counts.items()):  # one order for all processes: no deadlock
                row = {"oa_id": self.oa_id, "combination": combination, "n": 0, "last_at": now}
                insert_new(connection, signature_counts, [row])
                connection.execute(
                    update(signature_counts)
                    .where(
                        signature_counts.c.oa_id == self.oa_id,
                        signature_counts.c.combination == combination,
                    )
                    .values(n=signature_counts.c.n + n, last_at=now)
                )


@dataclass(frozen=True)
class Webhook:
    account: Account
    checker: SignatureChecker
    enforce: bool
    inbox: Inbox
    box: SecretBox
    tally: SignatureTally
    now: Callable[[], datetime]

    def receive(self, raw: bytes, signature: str | None) -> Fate:
        """Raises only when the event could not be stored."""
        try:
            event = parse_event(raw)
        except NotAnEvent:
            return "not_an_event"
        combination = self.checker.match(raw, signature, event.timestamp)
        now = self.now()
        self.tally.note(combination or NO_MATCH, now)
        if combination is None and self.enforce:
            return "bad_signature"
        if event.oa_id != self.account.oa_id:
            return "other_oa"
        if event.occurred_at is not None and event.occurred_at < now - KEPT_FOR:
            return "stale"
        self.inbox.accept(self._arrival(event, raw, now))
        return "accepted"

    def _arrival(self, event: ZaloEvent, raw: bytes, now: datetime) -> Arrival:
        return Arrival(
            oa_id=self.account.oa_id,
            event_key=event.key,
            event_name=event.name,
            person_id=event.person_id or "",
            occurred_at=min(event.occurred_at or now, now),
            received_at=now,
            payload=self.box.seal(raw),
        )


@dataclass(frozen=True)
class Door:
    """POST /webhook/zalo answered before Flask: half of a small request's time is Flask's dispatch.

    Every other request goes on to the application.
    """

    webhook: Webhook
    application: WSGIApplication

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            return self.application(environ, start_response)
        status, words = self._answer(environ)
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(words)))]
        if status.startswith("405"):
            headers.append(("Allow", "POST"))
        start_response(status, headers)
        return [words]

    def _answer(self, environ: WSGIEnvironment) -> tuple[str, bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            return "405 Method Not Allowed", b"POST only"
        raw = _body(environ)
        if len(raw) > LARGEST_BODY:
            return "413 Content Too Large", b"too large"
        try:
            fate = self.webhook.receive(raw, environ.get("HTTP_X_ZEVENT_SIGNATURE"))
        except Exception:  # whatever kept it from being stored: Zalo shall send it again
            WEBHOOKS.labels("not_stored").inc()
            log.error("event not stored", exc_info=True)
            return "503 Service Unavailable", b"not stored"
        WEBHOOKS.labels(fate).inc()
        if fate != "accepted":
            log.warning("event dropped", reason=fate)
        return "200 OK", b"ok"


def _body(environ: WSGIEnvironment) -> bytes:
    """The body, at most one byte more than the cap. A wrong or missing length is no reason to trust it."""
    length = environ.get("CONTENT_LENGTH") or ""
    wanted = int(length) if length.isascii() and length.isdigit() else LARGEST_BODY + 1
    if not length and environ.get("HTTP_TRANSFER_ENCODING", "").lower() != "chunked":
        return b""
    body: bytes = environ["wsgi.input"].read(min(wanted, LARGEST_BODY + 1))
    return body
