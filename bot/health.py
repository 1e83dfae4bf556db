"""Is it alive (`/healthz`), may it serve (`/readyz`), how is it doing (`/metrics`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from bot import outbox
from store.engine import read_tx
from store.migrate import current_revision, newest_revision
from store.schema import heartbeats, inbox_events, oa_tokens, staff_tasks
from ward import contacts
from ward.calendar import local

HEARTBEAT_LATE = timedelta(seconds=30)

blueprint = Blueprint("health", __name__)


@dataclass(frozen=True)
class Health:
    """Each check returns None when well, else what is wrong (English, for the IT person's monitor)."""

    engine: Engine
    oa_id: str
    library_size: Callable[[], int]
    now: Callable[[], datetime]

    def readiness(self) -> Mapping[str, str | None]:
        checks = {
            "database": self._database,
            "library": self._library,
            "token": self._token,
            "worker": self._worker,
        }
        return {name: _guarded(check) for name, check in checks.items()}

    def _database(self) -> str | None:
        found, wanted = current_revision(self.engine), newest_revision()
        return None if found == wanted else f"schema is at {found}, the program needs {wanted}"

    def _library(self) -> str | None:
        return None if self.library_size() else "no procedure is loaded"

    def _token(self) -> str | None:
        with read_tx(self.engine) as connection:
            row = connection.execute(
                select(oa_tokens.c.trouble).where(oa_tokens.c.oa_id == self.oa_id)
            ).one_or_none()
        if row is None:
            return "no Zalo token yet"
        trouble: str | None = row.trouble
        return trouble

    def _worker(self) -> str | None:
        with read_tx(self.engine) as connection:
            at = connection.execute(select(func.max(heartbeats.c.at))).scalar()
        return None if at is not None and self.now() - at < HEARTBEAT_LATE else "no worker is running"


def _guarded(check: Callable[[], str | None]) -> str | None:
    try:
        return check()
    except Exception as error:  # a check that breaks is a check that fails
        return type(error).__name__


def queue_lines(connection: Connection, oa_id: str, now: datetime) -> str:
    """Gauges read from the database, so that every process reports the same."""
    waiting = select(func.count()).where(inbox_events.c.state == "new")
    tasks = select(func.count()).select_from(staff_tasks).where(staff_tasks.c.done_at.is_(None))
    lines = [f"ward_inbox_waiting {connection.execute(waiting).scalar()}"]
    lines += [
        f'ward_outbox_messages{{state="{state}"}} {n}' for state, n in outbox.counts(connection).items()
    ]
    lines.append(f"ward_staff_tasks_open {connection.execute(tasks).scalar()}")
    lines += [
        f'ward_reminder_cost_vnd_this_month{{channel="{channel}"}} {spent.vnd}'
        for channel, spent in contacts.spent_in(connection, oa_id, local(now).date()).items()
    ]
    return "\n".join(lines) + "\n"


def _queues(health: Health) -> str:
    """A database that is away must not take the process's own counters with it."""
    try:
        with read_tx(health.engine) as connection:
            return queue_lines(connection, health.oa_id, health.now()) + "ward_database_up 1\n"
    except SQLAlchemyError:
        return "ward_database_up 0\n"


@blueprint.get("/healthz")
def live() -> Response:
    return jsonify(ok=True)


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    health: Health = current_app.extensions["health"]
    found = health.readiness()
    ok = not any(found.values())
    return jsonify(ok=ok, checks={name: wrong or "ok" for name, wrong in found.items()}), 200 if ok else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    health: Health = current_app.extensions["health"]
    return Response(generate_latest() + _queues(health).encode(), content_type=CONTENT_TYPE_LATEST)
