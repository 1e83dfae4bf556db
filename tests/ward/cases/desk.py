"""A ward's desk for tests: the sample calendar, officials, cases, messages that really lie in the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select, update

from bot.outbox import enqueue
from bot.replies import Reply
from store.engine import read_tx, write_tx
from store.schema import case_events, outbox, staff
from ward.calendar import VIET_NAM, WorkCalendar, load_calendar
from ward.cases import work
from ward.cases.deadlines import Limits
from ward.cases.opening import NewCase, OpenedCase, open_case
from ward.cases.work import Case, Changed
from ward.profile import load_profile

SAMPLE = Path(__file__).parents[3] / "ward" / "sample"
PROFILE = load_profile(SAMPLE)
CALENDAR: WorkCalendar = load_calendar(SAMPLE, PROFILE.hours)
LIMITS = Limits()
OA = "oa"
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=VIET_NAM)
MINUTE = timedelta(minutes=1)
LONG = "Tổ đội đã thay nắp cống và dọn sạch chiều nay."


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIET_NAM)


class Desk:
    """Calls of ward.cases.work, each in its own transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def open(self, kind: Any = "question", now: datetime = FRIDAY, **more: Any) -> OpenedCase:
        new = NewCase(kind, more.pop("person_id", "p1"), more.pop("question", "Đổi họ cho con?"), **more)
        with write_tx(self.engine) as connection:
            return open_case(connection, OA, new, now, CALENDAR, LIMITS)

    def do(self, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
        with write_tx(self.engine) as connection:
            return act(connection, OA, *args, **more)

    def look(self, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
        with read_tx(self.engine) as connection:
            return act(connection, OA, *args, **more)

    def case(self, case_id: int) -> Case:
        found: Case = self.look(work.load, case_id)
        return found

    def official(self, username: str = "hanh", **more: Any) -> int:
        row = {"name": username.title(), "password_hash": "", "roles": ["field"], "fields": ["ho_tich"]}
        row |= {"khoms": [], "created_at": FRIDAY, **more}
        with write_tx(self.engine) as connection:
            adding = insert(staff).values(oa_id=OA, username=username, **row).returning(staff.c.id)
            number: int = connection.execute(adding).scalar_one()
            return number

    def taken(self, by: int = 1, kind: Any = "question", now: datetime = FRIDAY, **more: Any) -> int:
        """A case in this official's hands."""
        case_id = self.open(kind, now, **more).id
        self.do(work.take, case_id, None, work.official(by), now)
        return case_id

    def answered(self, by: int = 1, now: datetime = FRIDAY, **more: Any) -> int:
        """A question whose answer has arrived."""
        case_id = self.taken(by, now=now, **more)
        self.do(work.send_answer, case_id, None, work.official(by), "Dạ mình ghé phường.", True, now)
        self.do(work.delivered, case_id, now)
        return case_id

    def queue_words(self, sent: Changed, words: str = "Dạ", now: datetime = FRIDAY) -> None:
        """What a caller does with `sent_as`."""
        assert sent.sent_as is not None
        with write_tx(self.engine) as connection:
            enqueue(connection, OA, sent.case.person_id, [Reply(text=words)], sent.sent_as, now)

    def set_outbox(self, sent: Changed, state: str, now: datetime = FRIDAY) -> None:
        which = outbox.c.dedupe_key.like(f"{sent.sent_as}:%")
        with write_tx(self.engine) as connection:
            connection.execute(update(outbox).where(which).values(state=state, settled_at=now))

    def events(self, case_id: int) -> list[str]:
        query = select(case_events.c.kind).where(case_events.c.case_id == case_id).order_by(case_events.c.id)
        with read_tx(self.engine) as connection:
            return list(connection.execute(query).scalars())
