"""From the start of the process to /readyz, and what it then holds in memory."""

from __future__ import annotations

from benchmarks.processes import memory_mib
from benchmarks.report import Bench, Goal
from benchmarks.stage import set_up

QUESTIONS = 200
START_GOAL_S = 3.0
MEMORY_GOAL_MIB = 250.0


def bench(quick: bool) -> Bench:
    with set_up() as stage:
        with stage.bot() as (_, first):
            pass
        with stage.bot() as (pid, second):
            fresh = memory_mib(pid)
            questions = stage.zalo.ask_all(stage.zalo.add_people(), QUESTIONS, 20)
            stage.zalo.wait_answered(questions)
            used = memory_mib(pid)
    rows = [
        ["first start: new database, library compiled", f"{first:.2f} s", "", ""],
        ["second start", f"{second:.2f} s", f"{fresh[0]:.0f}", f"{fresh[1]:.0f}"],
        [f"after {QUESTIONS} questions", "", f"{used[0]:.0f}", f"{used[1]:.0f}"],
    ]
    goals = [
        Goal(f"second start to ready < {START_GOAL_S:.0f} s", f"{second:.2f} s", second < START_GOAL_S),
        Goal(f"PSS < {MEMORY_GOAL_MIB:.0f} MiB", f"{used[1]:.0f} MiB", used[1] < MEMORY_GOAL_MIB),
    ]
    return Bench(
        "start",
        "`python -m bot run`: seconds to `/readyz` 200, and the memory of all its processes (gunicorn's "
        "parent and the one worker). PSS counts a page they share once, RSS in each.",
        ["when", "ready after", "RSS MiB", "PSS MiB"],
        rows,
        goals,
    )
