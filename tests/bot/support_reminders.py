"""Sessions with people signed up, and the clock's two jobs over them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update

from bot.ladder import Words
from bot.reminding import CALL_TASK, Reminding
from bot.replies import Reply
from store.engine import insert_new, read_tx, write_tx
from store.schema import contact_attempts, people, reminders, signups, staff_tasks, visits
from store.schema import outbox as outbox_table
from store.schema import settings as settings_table
from store.secrets import SecretBox
from tests.bot.support import KEY, OA
from ward import reminders as rows
from ward.calendar import VIET_NAM, local
from ward.reminder_matters import Matter
from ward.reminders import Due

BOX = SecretBox(KEY, "visits")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIET_NAM)


STARTS = at("2026-12-05 09:00")
BOOKED = at("2026-11-27 09:00")


class ShortWords:
    """Kind, code, and the day as it is at the moment of speaking."""

    def say(self, due: Due, matter: Matter, now: datetime) -> Words | None:
        days = (local(matter.starts_at).date() - local(now).date()).days
        day = {0: "hôm nay", 1: "mai"}.get(days, f"còn {days} ngày")
        text = f"{due.kind} {matter.code} {day}"
        return Words(Reply(text=text), text, {"ma": matter.code})


def plan(engine: Engine, starts: datetime = STARTS, khom: str | None = "Khóm 5", oa_id: str = OA) -> int:
    """A session of a morning; its id."""
    row = {
        "oa_id": oa_id,
        "programme": "luu_dong",
        "kind": "mobile",
        "khom": khom,
        "place": "Văn phòng khóm 5",
        "starts_at": starts,
        "ends_at": starts.replace(hour=11),
        "slot_minutes": 30,
        "per_slot": 3,
        "capacity": 500,
        "team": [],
        "kit": [],
        "state": "planned",
        "created_at": BOOKED,
    }
    with write_tx(engine) as connection:
        return int(connection.execute(insert(visits).values(**row).returning(visits.c.id)).scalar_one())


def book(
    engine: Engine,
    visit_id: int,
    person: str | None,
    heard_at: datetime | None = None,
    now: datetime = BOOKED,
    box: SecretBox = BOX,
    oa_id: str = OA,
    **who: str,
) -> int:
    """A place with its reminders; `heard_at`: when the person last wrote to the OA."""
    with write_tx(engine) as connection:
        visit = connection.execute(select(visits).where(visits.c.id == visit_id)).one()
        count = len(connection.execute(select(signups.c.id)).all())
        row = {
            "oa_id": oa_id,
            "visit_id": visit_id,
            "code": f"LD-{count + 1:04}",
            "person_id": person,
            "kind": "mobile",
            "topic": "khai_sinh",
            "number": count + 1,
            "slot_at": visit.starts_at,
            "state": "booked",
            "who": box.seal_text(json.dumps(who)) if who else None,
            "created_at": now,
            "changed_at": now,
        }
        made = int(connection.execute(insert(signups).values(**row).returning(signups.c.id)).scalar_one())
        if person:
            known = {"oa_id": oa_id, "person_id": person, "first_seen_at": now, "state": {}}
            insert_new(connection, people, [known])
            seen = update(people).where(people.c.person_id == person)
            connection.execute(seen.values(last_inbound_at=heard_at))
        rows.write(connection, oa_id, "signup", made, visit.version, person, visit.starts_at, now)
        return made


@dataclass
class Bench:
    """Reads what became of it all."""

    engine: Engine
    oa_id: str = OA
    rate: int = 1000
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.work = Reminding(self.engine, self.oa_id, ShortWords(), BOX, self.rate, **self.more)

    def setting(self, **values: Any) -> None:
        now = BOOKED
        with write_tx(self.engine) as connection:
            for name, value in values.items():
                row = {"oa_id": self.oa_id, "name": name, "value": value, "changed_at": now}
                connection.execute(insert(settings_table).values(**row))

    def _all(self, query: Any) -> list[Any]:
        with read_tx(self.engine) as connection:
            return list(connection.execute(query).all())

    def messages(self) -> list[Any]:
        return self._all(select(outbox_table).order_by(outbox_table.c.id))

    def texts(self) -> list[str]:
        return [row.reply.get("text", "") for row in self.messages()]

    def states(self) -> dict[str, str]:
        return {row.kind: row.state for row in self._all(select(reminders).order_by(reminders.c.due_at))}

    def attempts(self) -> list[tuple[str, str, int]]:
        found = self._all(select(contact_attempts).order_by(contact_attempts.c.id))
        return [(row.channel, row.outcome, row.cost_vnd) for row in found]

    def calls(self) -> list[Any]:
        waiting = (staff_tasks.c.kind == CALL_TASK, staff_tasks.c.done_at.is_(None))
        return self._all(select(staff_tasks).where(*waiting))

    def tasks(self) -> list[str]:
        return sorted(
            row.kind for row in self._all(select(staff_tasks).where(staff_tasks.c.done_at.is_(None)))
        )

    def ended(self, state: str, code: int | None = None) -> None:
        """What the sender would write for everything that waits."""
        with write_tx(self.engine) as connection:
            waits = update(outbox_table).where(outbox_table.c.state == "queued")
            connection.execute(waits.values(state=state, error_code=code))
