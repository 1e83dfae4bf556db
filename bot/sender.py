"""Claim a message, send it, write how it ended. No database transaction is open during the call."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine

from bot import outbox
from bot.logs import person_tag
from bot.metrics import SEND_SECONDS, SENDS
from bot.outbox import Claim
from bot.replies import Reply
from bot.zalo.results import SendResult
from store.engine import read_tx, write_tx
from ward.tasks import open_task

log = structlog.get_logger("sender")

IN_A_ROW = 20
"""Messages after which a sender looks around: it calls the other senders, and stops if asked to."""
MAX_ATTEMPTS = 8
FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 600.0
ALERT_DELAY_S = 60.0
RATE_LIMITED = -32
NOT_ITS_FAULT = frozenset({None, RATE_LIMITED, 429})
"""Zalo was not reached, or we are too fast: an outage of an hour must not use up a message's attempts."""
WINDOW = timedelta(hours=47)
"""An answer older than Zalo's free window (48 h) is a matter for an official, not for another try."""


class Carrier(Protocol):
    """ZaloClient, or all ways together (bot/carriers.py)."""

    def send(self, person_id: str, reply: Reply, attempt: int = 1) -> SendResult: ...


@dataclass(frozen=True)
class Sender:
    """Sends the messages of one OA; several senders share an outbox safely."""

    engine: Engine
    client: Carrier
    oa_id: str
    name: str
    rate: int
    now: Callable[[], datetime]

    def send_next(self) -> bool | timedelta:
        """True: one message was dealt with. False: nothing is due. A time: the OA's rate says wait."""
        return self.send_some(lambda: False)

    def send_some(self, go_on: Callable[[], bool]) -> bool | timedelta:
        """The same for several in a row, as long as `go_on` says so: the end of one and the claim of the
        next are one transaction, which is half of what a busy database has to write."""
        with read_tx(self.engine) as connection:
            if not outbox.anything_due(connection, self.oa_id, self.now()):
                return False
        with write_tx(self.engine) as connection:
            claim = self._claim(connection)
        if not isinstance(claim, Claim):
            return claim or False
        for place in range(1, IN_A_ROW + 1):
            following = self._deal_with(claim, more=place < IN_A_ROW and go_on())
            if not isinstance(following, Claim):
                break
            claim = following
        return True

    def _claim(self, connection: Connection) -> Claim | timedelta | None:
        return outbox.claim(connection, self.oa_id, self.name, self.now(), self.rate)

    def _deal_with(self, claim: Claim, more: bool) -> Claim | timedelta | None:
        """Send it, unless its moment has passed, write how that ended, and claim the next if `more`."""
        too_late = claim.reply.useless_after is not None and claim.reply.useless_after <= self.now()
        result = None if too_late else self._call(claim)
        return self._settle(claim, result, more)

    def _settle(self, claim: Claim, result: SendResult | None, more: bool) -> Claim | timedelta | None:
        """None: too late; who wrote it looks for another way."""
        with write_tx(self.engine) as connection:
            if result is None:
                outbox.give_up(connection, claim, self.name, "dead", None, outbox.TOO_LATE, self.now())
            else:
                self._write_end(connection, claim, result)
            following = self._claim(connection) if more else None
        SENDS.labels("too_late" if result is None else result.kind).inc()
        if result is not None:
            level = log.info if result.kind == "sent" else log.warning
            level("send", kind=result.kind, code=result.code, person=person_tag(claim.person_id))
        return following

    def _call(self, claim: Claim) -> SendResult:
        began = time.perf_counter()
        try:
            return self.client.send(claim.person_id, claim.reply, attempt=claim.attempt)
        except Exception:  # our own mistake after the request may have left: never a second try
            log.error("send broke", person=person_tag(claim.person_id), exc_info=True)
            return SendResult("unknown", text="lỗi trong chương trình")
        finally:
            SEND_SECONDS.observe(time.perf_counter() - began)

    def _write_end(self, connection: Connection, claim: Claim, result: SendResult) -> None:
        now = self.now()
        if result.kind == "sent":
            outbox.mark_sent(connection, claim, self.name, result.message_id, now)
        elif result.kind == "unknown":
            repeat = claim.reply.safe_to_repeat and claim.attempt < MAX_ATTEMPTS
            again = now + self._delay(claim, result) if repeat else None
            outbox.mark_unknown(connection, claim, self.name, result.text or "no answer", now, again)
        elif result.kind == "person":
            self._stop(connection, claim, result, "stopped", "send_stopped")
        elif result.kind == "reject":
            self._stop(connection, claim, result, "dead", "send_dead")
        else:
            self._later(connection, claim, result)

    def _later(self, connection: Connection, claim: Claim, result: SendResult) -> None:
        """retry, wait, alert: keep the message, unless it has become useless."""
        now = self.now()
        if result.kind == "alert":
            detail = {"code": result.code, "meaning": result.text}
            ref = f"{result.code or 'token'}:{now:%Y-%m-%d}"
            open_task(connection, self.oa_id, "zalo_alert", ref, None, detail, now)
        counted = result.kind == "retry" and result.code not in NOT_ITS_FAULT
        tired = counted and claim.attempt >= MAX_ATTEMPTS
        if tired or now - claim.created_at > WINDOW:
            return self._stop(connection, claim, result, "dead", "send_dead")
        at = now + self._delay(claim, result)
        outbox.requeue(connection, claim, self.name, at, result.code, result.text, counted)
        if result.code == RATE_LIMITED or result.kind == "alert":  # it would meet every other message too
            outbox.empty_bucket(connection, self.oa_id, at)
        return None

    def _delay(self, claim: Claim, result: SendResult) -> timedelta:
        """What Zalo asks for, never less; else a doubling delay. Spread, lest all come back at once."""
        if result.kind == "wait" and result.delay_s:
            return timedelta(seconds=result.delay_s)  # a time of day, spread already
        doubling = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** (claim.attempt - 1))
        if result.kind == "alert":
            doubling = ALERT_DELAY_S
        spread = random.uniform(1.0, 1.3)  # noqa: S311 - spreads load, guards nothing
        return timedelta(seconds=(result.delay_s or doubling) * spread)

    def _stop(self, connection: Connection, claim: Claim, result: SendResult, state: str, task: str) -> None:
        outbox.give_up(connection, claim, self.name, state, result.code, result.text, self.now())
        detail = {"code": result.code, "meaning": result.text}
        open_task(connection, self.oa_id, task, str(claim.id), claim.person_id, detail, self.now())
