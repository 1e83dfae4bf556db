"""Carries webhooks: signed, in order for each person, again by the ladder, across restarts."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from dataclasses import dataclass

import requests

from bot.simulator.settings import Config
from bot.simulator.signature import sign
from bot.simulator.store import Row, Store, now_ms

THREADS = 8


@dataclass
class Parcel:
    """One event on its way."""

    id: int
    lane: str
    body: str
    timestamp: str
    attempts: int = 0

    @classmethod
    def of(cls, row: Row) -> Parcel:
        return cls(row["id"], row["user_id"], row["body"], row["timestamp"], row["attempts"])


class Courier:
    """Worker threads over lanes. A lane is one person's queue; only its first parcel is ever under way."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store, self._config = store, config
        self._changed = threading.Condition()
        self._lanes: dict[str, deque[Parcel]] = {}
        self._due: list[tuple[float, int, str]] = []
        self._tickets = itertools.count()
        self._threads: list[threading.Thread] = []
        self._running = False

    def start(self) -> None:
        """Take up what an earlier run left undelivered. Calling it twice is harmless."""
        if self._running:
            return
        with self._store.lock:
            if self._running:
                return
            self._running = True
            for row in self._store.rows("SELECT * FROM events WHERE state = 'pending' ORDER BY id"):
                self.post(Parcel.of(row), due_at=row["due_at"])
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        with self._changed:
            self._running = False
            self._lanes.clear()
            self._due.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=5)
        self._threads = []

    def forget(self) -> None:
        """Drop everything that waits (the events themselves are deleted by the caller)."""
        with self._changed:
            self._lanes.clear()
            self._due.clear()

    def hurry(self) -> None:
        """Try everything that waits for a retry now."""
        with self._changed:
            self._due = [(0.0, ticket, lane) for _, ticket, lane in self._due]
            heapq.heapify(self._due)
            self._changed.notify_all()

    def post(self, parcel: Parcel, due_at: int | None = None) -> None:
        """Queue a stored event; before `start` this does nothing, for `start` reads the store."""
        with self._changed:
            if not self._running:
                return
            queue = self._lanes.get(parcel.lane)
            if queue is not None:
                queue.append(parcel)
                return
            self._lanes[parcel.lane] = deque([parcel])
            wait = 0.0 if due_at is None else (due_at - now_ms()) / 1000
            self._schedule(parcel.lane, wait)

    def _schedule(self, lane: str, wait: float) -> None:
        heapq.heappush(self._due, (time.monotonic() + wait, next(self._tickets), lane))
        self._changed.notify()

    def _next(self) -> Parcel | None:
        """Wait for the next parcel that is due; None at the end."""
        with self._changed:
            while self._running:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    lane = heapq.heappop(self._due)[2]
                    return self._lanes[lane][0]
                self._changed.wait(wait)
        return None

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (parcel := self._next()) is not None:
                self._settle(parcel, self.carry(parcel, session) == 200)

    def carry(self, parcel: Parcel, session: requests.Session) -> int:
        """One attempt; the HTTP status, 0 when there was no answer in time."""
        settings = self._config.now
        headers = {
            "Content-Type": "application/json",
            "Connection": "close",
            "X-ZEvent-Signature": sign(settings.app_id, parcel.body, parcel.timestamp, settings.oa_secret),
        }
        if parcel.attempts:
            headers["num_retry"] = str(parcel.attempts)
        try:
            answer = session.post(
                settings.webhook_url, data=parcel.body.encode(), headers=headers,
                timeout=settings.webhook_timeout, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException:
            return 0
        return answer.status_code

    def _settle(self, parcel: Parcel, delivered: bool) -> None:
        if delivered:
            self._finish(parcel, "done", "webhook.delivered")
            return
        parcel.attempts += 1
        settings = self._config.now
        self._store.count("webhook.failures")
        if parcel.attempts > len(settings.webhook_retry_ladder):
            self._finish(parcel, "failed", "webhook.abandoned")
            if settings.webhook_switch_off:
                self._config.change({"webhook_enabled": False})
            return
        self._retry(parcel, settings.webhook_retry_ladder[parcel.attempts - 1], settings.ordered_retries)

    def _finish(self, parcel: Parcel, state: str, counter: str) -> None:
        with self._store.transaction():
            self._store.run("UPDATE events SET state = ? WHERE id = ?", state, parcel.id)
            self._store.count(counter)
        with self._changed:
            self._leave_lane(parcel)

    def _leave_lane(self, parcel: Parcel) -> None:
        queue = self._lanes.get(parcel.lane)
        if not queue or queue[0] is not parcel:
            return
        queue.popleft()
        if queue:
            self._schedule(parcel.lane, 0.0)
        else:
            del self._lanes[parcel.lane]

    def _retry(self, parcel: Parcel, wait: float, ordered: bool) -> None:
        due_at = now_ms() + int(wait * 1000)
        self._store.run(
            "UPDATE events SET attempts = ?, due_at = ? WHERE id = ?", parcel.attempts, due_at, parcel.id
        )
        with self._changed:
            queue = self._lanes.get(parcel.lane)
            if not queue or queue[0] is not parcel:
                return
            if not ordered:
                self._leave_lane(parcel)
                parcel.lane = f"retry:{parcel.id}"
                self._lanes[parcel.lane] = deque([parcel])
            self._schedule(parcel.lane, wait)
