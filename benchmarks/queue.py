"""The officials' lists with 10,000 open and 200,000 closed cases."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert

from benchmarks.report import Bench, Goal, quantile
from knowledge.schema import FIELDS
from store.engine import open_engine, read_tx, write_tx
from store.migrate import upgrade
from store.schema import case_events, case_messages, cases
from ward.calendar import load_calendar
from ward.cases.clock import plan
from ward.cases.find import TABS, Scope, counts, queue
from ward.cases.nearby import nearby
from ward.cases.thread import thread
from ward.profile import load_profile

OPEN, CLOSED = 10_000, 200_000
OA = "oa"
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
OFFICIALS = 50
KHOMS = 20
PAGE_MS, WHOLE_MS = 50.0, 300.0
AT_ONCE = 5_000
WARD = Path(__file__).parents[1] / "ward" / "sample"

SCOPES = {
    "head": Scope(everything=True, head_only=True, staff_id=1),
    "one field": Scope(fields=frozenset({"y_te"}), staff_id=2),
    "one khóm": Scope(khoms=frozenset({"Khóm 3"}), staff_id=3),
    "a field without cases": Scope(fields=frozenset({"trong"}), staff_id=OFFICIALS + 1),
}


def bench(quick: bool) -> Bench:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/ward.db")
        upgrade(engine)
        open_cases, closed = (OPEN // 10, CLOSED // 10) if quick else (OPEN, CLOSED)
        fill(engine, open_cases, closed)
        timings = measure(engine, 10 if quick else 40)
        clock = _times(engine, _look_of_the_clock(), 5)
        engine.dispose()
    slow = {what: quantile(taken, 0.95) for what, taken in timings.items()}
    page = max(ms for what, ms in slow.items() if not what.startswith("counts"))
    whole = page + max(ms for what, ms in slow.items() if what.startswith("counts"))
    return Bench(
        "queue",
        f"Pages of 50 lines, counts and one case's thread, with {open_cases:,} open and {closed:,} closed "
        "cases (SQLite).",
        ["what", "times", "p50 ms", "p95 ms", "longest ms"],
        [_row(what, taken) for what, taken in timings.items()],
        [
            Goal(f"a page of a list p95 < {PAGE_MS:.0f} ms", f"{page:.1f} ms", page < PAGE_MS),
            Goal(
                f"the slowest page with its counts < {WHOLE_MS:.0f} ms", f"{whole:.1f} ms", whole < WHOLE_MS
            ),
        ],
        [f"The clock's look over all open cases, once a minute: {quantile(clock, 0.5):.0f} ms (reads only)."],
    )


def _row(what: str, taken: list[float]) -> list[str]:
    return [what, str(len(taken)), *(f"{quantile(taken, share):.1f}" for share in (0.5, 0.95, 1.0))]


def _look_of_the_clock() -> Callable[[Connection], Any]:
    calendar = load_calendar(WARD, load_profile(WARD).hours)
    return lambda connection: plan(connection, OA, NOW, calendar)


def measure(engine: Engine, rounds: int) -> dict[str, list[float]]:
    looks: dict[str, Callable[[Connection], Any]] = {}
    for who, scope in SCOPES.items():
        for tab in TABS:
            looks[f"{tab}, {who}"] = partial(queue, oa_id=OA, tab=tab, scope=scope, now=NOW)
        looks[f"counts, {who}"] = partial(counts, oa_id=OA, scope=scope, now=NOW)
    with read_tx(engine) as connection:
        second = queue(connection, OA, "done", SCOPES["head"], NOW).after
    looks["done, second page"] = lambda c: queue(c, OA, "done", SCOPES["head"], NOW, after=second)
    looks["thread"] = lambda c: thread(c, OA, OPEN // 20)
    looks["nearby"] = lambda c: nearby(c, OA, 10.3, 105.6)
    return {what: _times(engine, look, rounds) for what, look in looks.items()}


def _times(engine: Engine, look: Callable[[Connection], Any], rounds: int) -> list[float]:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        with read_tx(engine) as connection:
            look(connection)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def fill(engine: Engine, open_cases: int, closed: int) -> None:
    """Cases of three years; a tenth of the open ones is late, some hundreds wait for the citizen."""
    chance = random.Random(20261120)
    rows = (_case(number, number < open_cases, chance) for number in range(open_cases + closed))
    first = 1
    while some := list(islice(rows, AT_ONCE)):
        with write_tx(engine) as connection:
            connection.execute(insert(cases), some)
            connection.execute(insert(case_events), list(_events(first, some)))
            connection.execute(insert(case_messages), list(_messages(first, some)))
        first += len(some)
    with write_tx(engine) as connection:
        connection.exec_driver_sql("ANALYZE")


def _case(number: int, is_open: bool, chance: random.Random) -> dict[str, Any]:
    state = chance.choices(["new", "assigned", "waiting", "sending"], [50, 40, 9, 1])[0]
    state = state if is_open else "answered"
    came = NOW - timedelta(minutes=chance.randrange(20_000 if is_open else 1_500_000))
    due = came + timedelta(minutes=chance.randrange(5_000, 25_000))
    return {
        "oa_id": OA,
        "code": f"HD-{number:07}",
        "kind": chance.choice(["question", "report"]),
        "person_id": f"p{number % 40_000}",
        "field": chance.choice(list(FIELDS)),
        "khom": f"Khóm {chance.randrange(KHOMS)}",
        "question": "Dạ cho hỏi đổi họ cho con thì làm sao ạ? " * 6,
        "context": {},
        "state": state,
        "created_at": came,
        "due_at": due,
        "allowed_hours": 40.0,
        "head_only": number % 200 == 0,
        "assignee_id": None if state == "new" else chance.randrange(1, OFFICIALS + 1),
        "taken_at": None if state == "new" else came,
        "latitude": 10.3 + chance.random() / 10,
        "longitude": 105.6 + chance.random() / 10,
        "answered_at": None if is_open else came + timedelta(hours=6),
    }


def _events(first: int, some: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for case_id, row in enumerate(some, first):
        for kind in ("opened", "taken", "delivered"):
            event = {"oa_id": OA, "case_id": case_id, "at": row["created_at"], "kind": kind}
            yield {**event, "actor": "system", "detail": {}}


def _messages(first: int, some: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for case_id, row in enumerate(some, first):
        message = {"oa_id": OA, "case_id": case_id, "at": row["created_at"], "kind": "public"}
        yield {**message, "author": "citizen", "text": row["question"], "sent_as": None}
        yield {**message, "author": "staff", "text": "Dạ mình ghé phường.", "sent_as": f"c{case_id}v3"}
