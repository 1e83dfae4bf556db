"""Everybody of a moved session is to be told in the same minute, while workers are killed.

The messages leave at the OA's rate; two workers, each with its own clock, share the work.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, insert, select

from benchmarks.report import Bench, Goal
from bot.reminding import CALL_TASK
from store.engine import open_engine, read_tx, write_tx
from store.migrate import upgrade
from store.schema import outbox, people, reminders, settings, signups, staff_tasks, visits
from tests.support.house import Processes, installation
from tests.support.simulator import RunningSimulator, wait_until

COUNT, KILLS, RATE = 10_000, 5, 3000
LEASE_S = 5
AT_ONCE = 1000
SLACK_S = 45.0
"""Starting the workers, the first look of the clock, and what a kill costs until the lease is over."""


@dataclass(frozen=True)
class Figures:
    count: int
    kills: int
    delivered: int
    unknown: int
    listed: int
    twice: int
    lost: int
    seconds: float
    at_least: float
    """What the OA's rate alone would take."""

    @property
    def right(self) -> bool:
        whole = self.delivered + self.unknown == self.count
        return whole and not self.twice and not self.lost and self.listed == self.unknown


def bench(quick: bool) -> Bench:
    count = COUNT // 10 if quick else COUNT
    with tempfile.TemporaryDirectory(prefix="ward-bench-") as folder:
        got = measure(f"sqlite:///{folder}/ward.db", Path(folder), count, KILLS, RATE)
    shown = [count, got.kills, got.delivered, got.unknown, got.twice, got.lost]
    return Bench(
        "reminders",
        f"{count:,} reminders due in the same minute, one for each person; at most {RATE:,} messages a minute; "
        f"two workers with a clock each, one of them killed {KILLS} times (SQLite, simulated Zalo over HTTP).",
        [
            "reminders",
            "kills",
            "delivered",
            "unknown (listed)",
            "twice",
            "lost",
            "first to last s",
            "rate alone s",
        ],
        [[*map(str, shown), f"{got.seconds:.0f}", f"{got.at_least:.0f}"]],
        [
            Goal("each exactly once, unknown ones listed", f"{got.twice} twice, {got.lost} lost", got.right),
            Goal(
                "time taken is the OA's rate (within a tenth)",
                f"{got.seconds / got.at_least:.2f} times",
                got.seconds <= 1.1 * got.at_least,
            ),
        ],
        [
            "Unknown: the worker died between the request and Zalo's answer. It is on the call list, not repeated."
        ],
    )


def measure(database_url: str, folder: Path, count: int, kills: int, rate: int) -> Figures:
    """One whole run with real processes."""
    engine = open_engine(database_url)
    upgrade(engine)
    more = {"SEND_LEASE_S": str(LEASE_S), "ZALO_RATE": str(rate), "LOG_LEVEL": "error"}
    with RunningSimulator(folder / "zalo.db", rate_limit_per_minute=rate + rate // 5) as zalo:
        fill(engine, zalo.zalo.settings.oa_id, _people(zalo, count), datetime.now(UTC))
        at_least = max(0.0, count - rate / 6) / rate * 60  # a sixth of a minute's messages leave at once
        with installation(zalo, database_url, folder, **more) as house:
            workers = [house.start("worker"), house.start("worker")]
            _be_cruel(house, workers, zalo, count, kills)
            wait_until(lambda: _is_over(engine), timeout=2 * at_least + 4 * SLACK_S, every=0.25)
            return _figures(engine, zalo, count, kills, at_least)


def _people(zalo: RunningSimulator, count: int) -> list[str]:
    """People who have just written."""
    ids = [f"71{number:017d}" for number in range(count)]
    with zalo.zalo.store.transaction():
        for number, person in enumerate(ids):
            zalo.zalo.people.add(f"Dân {number}", person)
            zalo.zalo.people.interacted(person)
    return ids


def fill(engine: Engine, oa_id: str, ids: list[str], now: datetime) -> None:
    """A session that was moved, with everybody signed up; its news is due now. No quiet hours."""
    starts = now + timedelta(days=3)
    visit: dict[str, Any] = {
        "oa_id": oa_id, "programme": "luu_dong", "kind": "mobile", "khom": "Khóm 1",
        "place": "Văn phòng khóm", "starts_at": starts, "ends_at": starts + timedelta(hours=3), "slot_minutes": 30, "per_slot": 3,
        "capacity": len(ids), "team": [], "kit": [], "state": "planned", "created_at": now,
        "moved_from": now + timedelta(days=1), "reason": "mưa lớn",
    }  # fmt: skip
    quiet = {"oa_id": oa_id, "name": "reminder_quiet", "value": "", "changed_at": now}
    with write_tx(engine) as connection:
        connection.execute(insert(settings).values(**quiet))
        visit_id = connection.execute(insert(visits).values(**visit).returning(visits.c.id)).scalar_one()
    for first in range(0, len(ids), AT_ONCE):
        with write_tx(engine) as connection:
            _sign_up(
                connection, oa_id, visit_id, list(enumerate(ids[first : first + AT_ONCE], first + 1)), now
            )


def _sign_up(connection: Any, oa_id: str, visit_id: int, some: list[tuple[int, str]], now: datetime) -> None:
    known = {"oa_id": oa_id, "first_seen_at": now, "last_inbound_at": now, "state": {}}
    place = {
        "oa_id": oa_id, "visit_id": visit_id, "kind": "mobile", "topic": "khai_sinh", "state": "booked",
        "created_at": now, "changed_at": now,
    }  # fmt: skip
    news = {
        "oa_id": oa_id, "subject": "signup", "version": 0, "kind": "moved", "due_at": now, "state": "pending",
    }  # fmt: skip
    connection.execute(insert(people), [{**known, "person_id": who} for _, who in some])
    places = [{**place, "id": n, "code": f"LD-{n:05}", "number": n, "person_id": who} for n, who in some]
    connection.execute(insert(signups), places)
    connection.execute(insert(reminders), [{**news, "subject_id": n, "person_id": who} for n, who in some])


def _be_cruel(house: Processes, workers: list[Any], zalo: RunningSimulator, count: int, kills: int) -> None:
    """Kill one of the two again and again, in the midst of the work."""
    chance = random.Random(20261128)
    for kill in range(kills):
        goal = count * (kill + 1) // (kills + 2)
        wait_until(lambda goal=goal: _sent_so_far(zalo) >= goal, timeout=count / 5 + 120, every=0.1)
        time.sleep(chance.uniform(0, 0.3))
        house.kill(workers.pop(0))
        workers.append(house.start("worker"))


def _sent_so_far(zalo: RunningSimulator) -> int:
    return int(sum(zalo.counters()["sent"].values()))


def _is_over(engine: Engine) -> bool:
    """Nothing waits, and of each message it is known, or listed, what became of it."""
    with read_tx(engine) as connection:
        waiting = select(func.count()).where(reminders.c.state == "pending")
        going = select(func.count()).where(outbox.c.state.in_(["queued", "sending"]))
        lost = select(func.count()).where(outbox.c.state == "unknown")
        queued = select(func.count()).where(reminders.c.state == "queued")
        calls = select(func.count()).where(staff_tasks.c.kind == CALL_TASK, staff_tasks.c.done_at.is_(None))
        n = [connection.execute(query).scalar_one() for query in (waiting, going, lost, queued, calls)]
    return not n[0] and not n[1] and n[2] == n[3] == n[4]


def _figures(engine: Engine, zalo: RunningSimulator, count: int, kills: int, at_least: float) -> Figures:
    with read_tx(engine) as connection:
        states = Counter(connection.execute(select(reminders.c.state)).scalars())
        unsure = select(outbox.c.person_id).where(outbox.c.state == "unknown")
        unknown = set(connection.execute(unsure).scalars())
        listed = connection.execute(
            select(func.count()).where(staff_tasks.c.kind == CALL_TASK, staff_tasks.c.done_at.is_(None))
        ).scalar_one()
        written = set(connection.execute(select(outbox.c.person_id)).scalars())
    sent = zalo.sent()
    arrived = Counter(row["user_id"] for row in sent)
    moments = [row["at"] for row in sent]
    return Figures(
        count=count,
        kills=kills,
        delivered=states["delivered"],
        unknown=len(unknown),
        listed=listed,
        twice=sum(n > 1 for n in arrived.values()),
        lost=count - len(written) + len(written - set(arrived) - unknown),
        seconds=(max(moments) - min(moments)) / 1000,
        at_least=at_least,
    )
