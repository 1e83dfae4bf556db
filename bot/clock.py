"""The clock: APScheduler ticks, our own table says what is due and who does it.

A job that runs late, twice, or in two processes changes nothing: each due time is claimed by one UPDATE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine, update

from store.engine import insert_new, write_tx
from store.schema import heartbeats, periodic

log = structlog.get_logger("clock")

HEARTBEAT_EVERY = timedelta(seconds=5)


@dataclass(frozen=True)
class Job:
    """Runs about every `every`, in one process at a time."""

    name: str
    every: timedelta
    run: Callable[[], object]


@dataclass
class Clock:
    engine: Engine
    process: str
    jobs: tuple[Job, ...]
    now: Callable[[], datetime]
    _scheduler: BackgroundScheduler = field(default_factory=lambda: BackgroundScheduler(timezone="UTC"))

    def start(self) -> None:
        self.beat()
        self._add("heartbeat", HEARTBEAT_EVERY, self.beat)
        for job in self.jobs:
            self._add(job.name, min(job.every, timedelta(minutes=1)), partial(self.tick, job))
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def beat(self) -> None:
        """Say that this process is alive (`/readyz` looks for it)."""
        with write_tx(self.engine) as connection:
            here = {"name": "worker", "at": self.now()}
            if not insert_new(connection, heartbeats, [here]):
                connection.execute(
                    update(heartbeats).where(heartbeats.c.name == "worker").values(at=self.now())
                )

    def tick(self, job: Job) -> bool:
        """Run the job if it is due and nobody else has taken it."""
        if not self._claim(job):
            return False
        try:
            job.run()
        except Exception:  # the next due time tries again
            log.error("job failed", name=job.name, exc_info=True)
            return False
        with write_tx(self.engine) as connection:
            mine = update(periodic).where(periodic.c.name == job.name)
            connection.execute(mine.values(last_ok_at=self.now()))
        return True

    def _claim(self, job: Job) -> bool:
        now = self.now()
        with write_tx(self.engine) as connection:
            insert_new(connection, periodic, [{"name": job.name, "due_at": now}])
            taken = connection.execute(
                update(periodic)
                .where(periodic.c.name == job.name, periodic.c.due_at <= now)
                .values(due_at=now + job.every)
            )
        return taken.rowcount == 1

    def _add(self, name: str, every: timedelta, run: Callable[[], object]) -> None:
        self._scheduler.add_job(
            run,
            "interval",
            seconds=every.total_seconds(),
            id=name,
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
