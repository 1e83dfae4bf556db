"""The threads that drain the inbox and send the outbox. Stops cleanly: work in hand is finished first."""

from __future__ import annotations

import contextlib
import os
import queue
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
"""The first drainer and the first sender look this often: another process may have left them work."""

LOOK_AROUND_S = 1.0
"""The others rest until the bell calls them; they look by themselves only this often."""

TROUBLE_S, LONGEST_TROUBLE_S = 1.0, 5.0
"""Rest after a failed step, doubled while it goes on failing."""

STOP_WITHIN_S = 20.0


def process_name() -> str:
    """Names this process among all that share the database."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


class Bell:
    """Calls resting threads: one ring ends one rest, and a ring that finds nobody resting is not lost."""

    def __init__(self, threads: int) -> None:
        self._rings: queue.Queue[None] = queue.Queue(max(1, threads))

    def ring(self) -> None:
        with contextlib.suppress(queue.Full):
            self._rings.put_nowait(None)

    def rest(self, seconds: float) -> None:
        with contextlib.suppress(queue.Empty):
            self._rings.get(timeout=seconds)


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

    def __post_init__(self) -> None:
        self._people_wait, self._mail_waits = Bell(self.drainers), Bell(self.senders)
        if self.conversation.photos is not None:
            self.conversation.photos.rings = self._people_wait.ring

    def start(self) -> None:
        for number in range(self.drainers):
            self._run(f"drain-{number}", self.drain_some, self._people_wait, number)
        for number in range(self.senders):
            send = self._send_some(self.new_sender(f"{self.name}:{number}"))
            self._run(f"send-{number}", send, self._mail_waits, number)
        self.clock.start()

    def ask_to_stop(self) -> None:
        """Safe in a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """Ask all threads to end and wait for the work in hand."""
        self._stopping.set()
        for _ in self._threads:
            self._people_wait.ring()
            self._mail_waits.ring()
        self.clock.stop()
        if self.conversation.photos is not None:
            self.conversation.photos.close()
        for thread in self._threads:
            thread.join(STOP_WITHIN_S)

    def wait(self) -> None:
        self._stopping.wait()

    def drain_some(self) -> bool:
        """Handle one event of each person who waits. True: there may be more."""
        handled = 0
        broken: Exception | None = None
        waiting = self._due_people()
        if len(waiting) > 1:
            self._people_wait.ring()
        for oa_id, person_id in waiting:
            if self._stopping.is_set():
                break
            try:
                if self._drain(oa_id, person_id) == "handled":
                    handled += 1
                    self._mail_waits.ring()
            except Exception as error:  # this person's trouble is not the others'
                broken = error
        if broken is not None and not handled:
            raise broken
        return handled > 0

    def _due_people(self) -> list[tuple[str, str]]:
        """Without those whose pictures are on their way; they take no place from others in the row."""
        photos = self.conversation.photos
        away = photos.waiting_people() if photos else set()
        due = inbox.due_people(self.engine, self.now(), inbox.MOST_AT_ONCE + len(away))
        return [who for who in due if who not in away]

    def _drain(self, oa_id: str, person_id: str) -> inbox.Drained:
        talk = self.conversation
        return inbox.drain_one(
            self.engine, oa_id, person_id, self.now(), talk.handle, talk.give_up, talk.read_ahead
        )

    def _send_some(self, sender: Sender) -> Callable[[], bool | float]:
        def step() -> bool | float:
            sent = sender.send_some(lambda: not self._stopping.is_set())
            if isinstance(sent, timedelta):
                return min(sent.total_seconds(), TROUBLE_S)
            if sent:
                self._mail_waits.ring()  # there may be another, for a sender that rests
            return sent

        return step

    def _run(self, name: str, step: Callable[[], bool | float], bell: Bell, number: int) -> None:
        idle_s = POLL_S if number == 0 else LOOK_AROUND_S
        thread = threading.Thread(target=self._loop, args=(name, step, bell, idle_s), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _loop(self, name: str, step: Callable[[], bool | float], bell: Bell, idle_s: float) -> None:
        """Step after step. A step says whether there may be more, or how many seconds to wait."""
        trouble = TROUBLE_S
        while not self._stopping.is_set():
            try:
                more = step()
                trouble = TROUBLE_S
            except Exception:  # trouble with the database or the network: rest, then go on
                log.error("step failed", part=name, exc_info=True)
                more, trouble = trouble, min(2 * trouble, LONGEST_TROUBLE_S)
            if more is False:
                bell.rest(idle_s)
            elif more is not True:
                self._stopping.wait(more)
