"""The simulated Zalo and `python -m bot run`, each a process, and fifty people who ask."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from threading import local
from typing import Any

import requests

from benchmarks.processes import answers, free_port, running, wait_until
from benchmarks.questions import QUESTIONS
from benchmarks.world import FIRST_TOKEN, bot_settings

PEOPLE = 50
ASKERS = 16
ANSWERED_WITHIN_S = 15.0


@dataclass(frozen=True)
class Question:
    """What the simulator kept: its number in the chat log and its own time in ms."""

    person: str
    seq: int
    at: int


@dataclass
class Zalo:
    """The simulator's own JSON, over HTTP."""

    url: str
    _sessions: local = field(default_factory=local)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = requests.Session()
            session.trust_env = False
        answer = session.request(method, f"{self.url}/api/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def add_people(self) -> list[str]:
        return [self.call("POST", "people", {"name": f"Người {n}"})["id"] for n in range(PEOPLE)]

    def ask(self, person: str, words: str) -> Question:
        kept = self.call("POST", f"people/{person}/text", {"text": words})
        return Question(person, kept["seq"], kept["at"])

    def replies(self, after: int = 0) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = self.call("GET", f"sent?after={after}")["sent"]
        return sent

    def ask_all(self, people: Sequence[str], count: int, per_second: float) -> list[Question]:
        """`count` questions at an even pace, whether or not the answers keep up (an open loop)."""
        began = time.perf_counter() + 0.2
        lines = list(zip(islice(cycle(people), count), islice(cycle(QUESTIONS), count), strict=True))

        def one(number: int) -> Question:
            time.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            return self.ask(*lines[number])

        with ThreadPoolExecutor(ASKERS) as pool:
            return list(pool.map(one, range(count)))

    def wait_answered(self, questions: Sequence[Question]) -> dict[Question, float]:
        """Milliseconds from each question to the first message accepted for its person after it."""
        until = time.monotonic() + ANSWERED_WITHIN_S
        while True:
            found = latencies(questions, self.replies(min(one.seq for one in questions) - 1))
            if len(found) == len(questions) or time.monotonic() > until:
                return found
            time.sleep(0.25)


def latencies(questions: Sequence[Question], replies: Sequence[dict[str, Any]]) -> dict[Question, float]:
    found = {}
    for question in questions:
        mine = (
            row["at"] for row in replies if row["user_id"] == question.person and row["seq"] > question.seq
        )
        first = next(mine, None)
        if first is not None:
            found[question] = float(first - question.at)
    return found


@dataclass
class Stage:
    """`start_bot` may be called again and again: the same folder, the same database."""

    folder: Path
    zalo: Zalo
    bot_port: int
    database_url: str

    @contextmanager
    def bot(self) -> Iterator[tuple[int, float]]:
        """pid, and seconds from the start to /readyz 200."""
        env = bot_settings(self.database_url, self.bot_port, self.zalo.url)
        ready = f"http://127.0.0.1:{self.bot_port}/readyz"
        with running(["bot", "run"], env | {"ZALO_REFRESH_TOKEN": FIRST_TOKEN}, self.folder) as pid:
            yield pid, wait_until(lambda: answers(ready), "python -m bot run")


@contextmanager
def set_up(database_url: str | None = None) -> Iterator[Stage]:
    """A simulated Zalo on a free port; the bot is started by the bench. SQLite in the folder by default."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ward-bench-")))
        bot_port, zalo_port = free_port(), free_port()
        webhook = f"http://127.0.0.1:{bot_port}/webhook/zalo"
        arguments = ["bot.simulator", "--port", str(zalo_port), "--webhook", webhook]
        stack.enter_context(running([*arguments, "--db", str(folder / "zalo.db")], {}, folder))
        zalo = Zalo(f"http://127.0.0.1:{zalo_port}/simulator")
        wait_until(lambda: answers(f"{zalo.url}/api/settings"), "python -m bot.simulator")
        yield Stage(folder, zalo, bot_port, database_url or f"sqlite:///{folder}/ward.db")
