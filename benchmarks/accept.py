"""How much of a bare Flask route's speed is left when every event is checked and durable."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.processes import ROOT, answers, cpu_seconds, free_port, running, wait_until
from benchmarks.report import Bench, Goal
from benchmarks.world import bot_settings

CONNECTIONS = 16
RATIO_GOAL = 0.70
P99_GOAL_MS = 100.0


@dataclass
class Side:
    """One server and what was measured on it, round by round."""

    kind: str
    port: int
    pid: int
    rounds: list[dict[str, Any]] = field(default_factory=list)

    def measure(self, tag: str, seconds: float) -> None:
        before = cpu_seconds(self.pid)
        command = [
            sys.executable,
            "-m",
            "benchmarks.load",
            str(self.port),
            str(CONNECTIONS),
            str(seconds),
            tag,
        ]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=seconds + 60)
        result = json.loads(done.stdout)
        result["cpu_us"] = (cpu_seconds(self.pid) - before) / result["answered"] * 1e6
        self.rounds.append(result)

    def middle(self, name: str) -> float:
        return float(median(one[name] for one in self.rounds))

    def row(self, processes: int, ratio: str) -> list[str]:
        return [
            str(processes),
            self.kind,
            f"{self.middle('per_second'):.0f}",
            ratio,
            f"{self.middle('p50'):.1f}",
            f"{self.middle('p99'):.1f}",
            f"{self.middle('cpu_us'):.0f}",
            str(sum(one["failures"] for one in self.rounds)),
        ]


def _pair(processes: int, rounds: int, seconds: float) -> tuple[Side, Side]:
    """Both servers up, rounds A B A B …, so that what else the machine does hits both alike."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ward-bench-")))
        sides = []
        for kind in ("bare", "accept"):
            port = free_port()
            arguments = ["benchmarks.servers", kind, str(port), str(processes)]
            env = bot_settings(f"sqlite:///{folder}/ward.db", port)
            pid = stack.enter_context(running(arguments, env, folder))
            sides.append(Side(kind, port, pid))
        for side in sides:
            wait_until(partial(answers, f"http://127.0.0.1:{side.port}/healthz"), side.kind)
        for number in range(rounds):
            for side in sides:
                side.measure(f"r{number}", seconds)
        return sides[0], sides[1]


def bench(quick: bool) -> Bench:
    rounds, seconds = (5, 1.0) if quick else (7, 4.0)
    rows, goals = [], []
    for processes in (1, 2):
        bare, accept = _pair(processes, rounds, seconds)
        pairs = zip(bare.rounds, accept.rounds, strict=True)
        ratio = median(ours["per_second"] / plain["per_second"] for plain, ours in pairs)
        rows += [bare.row(processes, ""), accept.row(processes, f"{ratio:.0%}")]
        p99 = accept.middle("p99")
        goals.append(
            Goal(f"{processes} process(es): ≥ {RATIO_GOAL:.0%} of bare", f"{ratio:.0%}", ratio >= RATIO_GOAL)
        )
        goals.append(
            Goal(f"{processes} process(es): p99 < {P99_GOAL_MS:.0f} ms", f"{p99:.1f} ms", p99 < P99_GOAL_MS)
        )
    return Bench(
        "accept",
        "The webhook takes an event (signature checked, INSERT durable with `synchronous = FULL`) against a "
        f"bare Flask route under the same gunicorn settings. {CONNECTIONS} kept-alive connections, each with "
        f"one request under way; {rounds} interleaved rounds of {seconds:.0f} s each; medians of the rounds.",
        [
            "processes",
            "route",
            "requests/s",
            "of bare",
            "p50 ms",
            "p99 ms",
            "server CPU µs/request",
            "not 200",
        ],
        rows,
        goals,
        ["The load generator is a process of its own and shares the cores with the server."],
    )
