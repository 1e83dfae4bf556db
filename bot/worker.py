"""The threads that drain the inbox and send the outbox. Stops cleanly: work in hand is finished first."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from bot import inbox
from bot.clock import Clock
from bot.conversation import Conversation
from bot.sender import Sender

log = structlog.get_logger("worker")

POLL_S = 0.05
TROUBLE_S, LONGEST_TROUBLE_S = 1.0, 5.0
"""Rest after a failed step, doubled while it goes on failing."""

STOP_WITHIN_S = 20.0


def process_name() -> str:
    """Names this process among all that share the database."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


@dataclass
class Worker:
    """Drains, sends and ticks until stopped; any number of workers may share one database."""

    engine: Engine
    conversation: Conversation
    new_sender: Callable[[str], Sender]
    clock: Clock
    now: Callable[[], datetime]
    drainers: int = 2
    senders: int = 4
    name: str = field(default_factory=process_name)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for number in range(self.drainers):
            self._run(f"drain-{number}", self.drain_some)
        for number in range(self.senders):
            self._run(f"send-{number}", self._send_some(self.new_sender(f"{self.name}:{number}")))
        self.clock.start()

    def ask_to_stop(self) -> None:
        """Safe in a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """Ask all threads to end and wait for the work in hand."""
        self._stopping.set()
        self.clock.stop()
        for thread in self._threads:
            thread.join(STOP_WITHIN_S)

    def wait(self) -> None:
        self._stopping.wait()

    def drain_some(self) -> float:
        """Handle one event of each person who waits. Returns how long to rest, in seconds."""
        handled = 0
        broken: Exception | None = None
        for oa_id, person_id in inbox.due_people(self.engine, self.now()):
            if self._stopping.is_set():
                break
            try:
                handled += self._drain(oa_id, person_id) == "handled"
            except Exception as error:  # this person's trouble is not the others'
                broken = error
        if broken is not None and not handled:
            raise broken
        return 0.0 if handled else POLL_S

    def _drain(self, oa_id: str, person_id: str) -> inbox.Drained:
        talk = self.conversation
        return inbox.drain_one(self.engine, oa_id, person_id, self.now(), talk.handle, talk.give_up)

    def _send_some(self, sender: Sender) -> Callable[[], float]:
        def step() -> float:
            sent = sender.send_next()
            if isinstance(sent, timedelta):
                return min(sent.total_seconds(), TROUBLE_S)
            return 0.0 if sent else POLL_S

        return step

    def _run(self, name: str, step: Callable[[], float]) -> None:
        thread = threading.Thread(target=self._loop, args=(name, step), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _loop(self, name: str, step: Callable[[], float]) -> None:
        trouble = TROUBLE_S
        while not self._stopping.is_set():
            try:
                rest = step()
                trouble = TROUBLE_S
            except Exception:  # trouble with the database or the network: rest, then go on
                log.error("step failed", part=name, exc_info=True)
                rest, trouble = trouble, min(2 * trouble, LONGEST_TROUBLE_S)
            self._stopping.wait(rest)
