"""From "send" on a person's phone to Zalo taking the bot's reply."""

from __future__ import annotations

from benchmarks.postgres import FSYNC_NOTE, databases
from benchmarks.report import Bench, Goal, quantile
from benchmarks.stage import PEOPLE, set_up

PER_SECOND = 20
P95_GOAL_MS = 400.0


def _measure(database_url: str | None, count: int) -> tuple[list[float], int]:
    """Milliseconds of the answered questions, and how many were not answered."""
    with set_up(database_url) as stage, stage.bot():
        people = stage.zalo.add_people()
        stage.zalo.wait_answered(stage.zalo.ask_all(people, PEOPLE, PER_SECOND))  # the introductions
        questions = stage.zalo.ask_all(people, count, PER_SECOND)
        answered = stage.zalo.wait_answered(questions)
        return list(answered.values()), count - len(answered)


def bench(quick: bool) -> Bench:
    seconds = 10 if quick else 30
    rows, goals, notes = [], [], []
    with databases() as urls:
        for name, url in urls.items():
            taken, missing = _measure(url, PER_SECOND * seconds)
            shown = [f"{quantile(taken, share):.0f}" for share in (0.5, 0.95, 0.99)]
            rows.append([name, str(len(taken) + missing), *shown, f"{max(taken):.0f}", str(missing)])
            p95 = quantile(taken, 0.95)
            met = p95 < P95_GOAL_MS and not missing
            goals.append(Goal(f"{name}: p95 < {P95_GOAL_MS:.0f} ms", f"{p95:.0f} ms", met))
        if len(urls) > 1:
            notes.append(FSYNC_NOTE)
    return Bench(
        "reply",
        f"{PER_SECOND} questions a second for {seconds} s from {PEOPLE} people, delivered as signed webhooks "
        "to `python -m bot run`; the time from the simulator's record of the question to its acceptance of "
        "the first reply. Simulator, bot and the asking process share the cores.",
        ["database", "questions", "p50 ms", "p95 ms", "p99 ms", "longest ms", "unanswered"],
        rows,
        goals,
        notes,
    )
