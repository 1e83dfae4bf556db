"""Officials at work in the console while citizens ask: what each side waits for, in one run."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.office import AT_WORK_S, IN_A_RUSH_S, OFFICIALS, Seen, at_work, fill, not_ended
from benchmarks.postgres import FSYNC_NOTE, databases
from benchmarks.report import Bench, Goal, quantile
from benchmarks.stage import PEOPLE, set_up
from benchmarks.world import OA_ID
from store.engine import open_engine

PER_SECOND = 20
CONSOLE_GOAL_MS, CHAT_GOAL_MS = 300.0, 400.0
CASES = 300
SETTLED_WITHIN_S = 60.0


@dataclass(frozen=True)
class Outcome:
    """`lost`: answers the console took that did not end their case; `unanswered`: questions of the chat."""

    seen: Seen
    chat: list[float]
    unanswered: int
    lost: list[str]


def play(
    database_url: str | None,
    seconds: float,
    per_second: float = PER_SECOND,
    thinks_s: float = IN_A_RUSH_S,
    officials: int = OFFICIALS,
) -> Outcome:
    with set_up(database_url) as stage, stage.bot():
        people = stage.zalo.add_people()
        stage.zalo.wait_answered(stage.zalo.ask_all(people, PEOPLE, PER_SECOND))  # the introductions
        engine = open_engine(stage.database_url)
        usernames = fill(engine, OA_ID, people, CASES)[:officials]
        console = f"http://127.0.0.1:{stage.bot_port}/console"
        with ThreadPoolExecutor(1) as beside:
            office = beside.submit(at_work, console, usernames, seconds, thinks_s)
            questions = stage.zalo.ask_all(people, int(per_second * seconds), per_second)
            seen = office.result()
        answered = stage.zalo.wait_answered(questions)
        until = time.monotonic() + SETTLED_WITHIN_S
        while (lost := not_ended(engine, seen.answered)) and time.monotonic() < until:
            time.sleep(0.5)
        engine.dispose()
        return Outcome(seen, list(answered.values()), len(questions) - len(answered), lost)


def bench(quick: bool) -> Bench:
    seconds = 15 if quick else 45
    rows: list[list[str]] = []
    goals: list[Goal] = []
    with databases() as urls:
        for name, url in urls.items():
            outcome = play(url, seconds, thinks_s=AT_WORK_S)
            rows += _rows(name, outcome)
            goals += _goals(name, outcome)
        rushed = play(None, seconds)
        rows += _rows("SQLite, in a rush", rushed)
        notes = [FSYNC_NOTE] if len(urls) > 1 else []
    return Bench(
        "console",
        f"{OFFICIALS} officials signed in, each looking at a page for about {AT_WORK_S:.0f} s (in a rush, "
        f"without a goal: {IN_A_RUSH_S:.0f} s): queue, case, taking, answering; {CASES} open cases. "
        f"Meanwhile {PER_SECOND} questions a second from {PEOPLE} "
        f"people for {seconds} s, as in `reply`. One process `python -m bot run`; simulator, officials "
        "and people share the cores. An answer is lost when the console took it and its case is still open.",
        ["database", "what", "how often", "p50 ms", "p95 ms", "longest ms"],
        rows,
        goals,
        notes,
    )


def _rows(name: str, outcome: Outcome) -> list[list[str]]:
    taken = {**outcome.seen.milliseconds, "every page": outcome.seen.all, "chat reply": outcome.chat}
    return [[name, what, str(len(ms)), *(f"{quantile(ms, q):.0f}" for q in (0.5, 0.95)), f"{max(ms):.0f}"]
            for what, ms in taken.items() if ms]  # fmt: skip


def _goals(name: str, outcome: Outcome) -> list[Goal]:
    console, chat = quantile(outcome.seen.all, 0.95), quantile(outcome.chat, 0.95)
    wrong = len(outcome.seen.wrong) + len(outcome.lost) + outcome.unanswered
    return [
        Goal(
            f"{name}: console p95 < {CONSOLE_GOAL_MS:.0f} ms", f"{console:.0f} ms", console < CONSOLE_GOAL_MS
        ),
        Goal(f"{name}: chat p95 < {CHAT_GOAL_MS:.0f} ms", f"{chat:.0f} ms", chat < CHAT_GOAL_MS),
        Goal(f"{name}: errors, lost answers, unanswered questions: none", str(wrong), wrong == 0),
    ]
