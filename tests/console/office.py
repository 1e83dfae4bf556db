"""An office at work: officials of several roles at their desks, cases coming in, what citizens are sent."""

from __future__ import annotations

import html
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, update
from werkzeug.test import TestResponse

from bot.config import SAMPLE_WARD
from knowledge.learning.candidates import Candidates
from store.engine import read_tx, write_tx
from store.schema import audit, outbox, staff_tasks
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock
from tests.console.support import Desk, add_official, console_of, token_of
from ward.calendar import load_calendar
from ward.cases import work
from ward.cases.deadlines import Limits
from ward.cases.opening import NewCase, open_case
from ward.cases.work import Case
from ward.profile import load_profile
from ward.staff import NewOfficial

SAMPLE = SAMPLE_WARD
PEOPLE = {
    "hanh": NewOfficial("Trần Thị Hạnh", "cán bộ hộ tịch", ("field",), ("ho_tich",)),
    "tam": NewOfficial("Lê Văn Tám", "cán bộ địa chính", ("field",), ("dat_dai",)),
    "motcua": NewOfficial("Phạm Một Cửa", "bộ phận Một cửa", ("one_stop",)),
    "head": NewOfficial("Nguyễn Chủ Tịch", "chủ tịch", ("head",)),
    "khom": NewOfficial("Võ Trưởng Khóm", "trưởng khóm", ("khom",), (), ("Khóm 1",)),
    "xem": NewOfficial("Người Xem", "", ("viewer",)),
    "kin": NewOfficial("Người Kín", "thanh tra", ("restricted",)),
    "quantri": NewOfficial("Quản Trị", "", ("admin",)),
}


@dataclass
class Office:
    engine: Engine
    clock: MovableClock = field(default_factory=MovableClock)
    ids: dict[str, int] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.profile = load_profile(SAMPLE)
        self.calendar = load_calendar(SAMPLE, self.profile.hours)
        folder = Path(tempfile.mkdtemp(prefix="office"))
        self.candidates = Candidates(folder / "phrasings.sqlite")
        self.app = console_of(self.engine, self.clock, folder=folder)

    def desk(self, name: str) -> Desk:
        """Signed in, at the official's own browser."""
        if name not in self.desks:
            self.ids[name] = add_official(self.engine, name, PEOPLE[name], self.clock())
            desk = self.desks[name] = Desk(self.app)
            assert desk.sign_in(name).status_code == 302
        return self.desks[name]

    def open(self, kind: str = "question", person: str = "p1", question: str = "Đổi họ cho con làm sao?",
             **more: Any) -> Case:  # fmt: skip
        more.setdefault("field", "ho_tich")
        new = NewCase(kind, person, question, **more)  # type: ignore[arg-type]
        with write_tx(self.engine) as connection:
            opened = open_case(connection, OA, new, self.clock(), self.calendar, Limits())
        return self.case(opened.code)

    def case(self, code: str) -> Case:
        with read_tx(self.engine) as connection:
            return work.load_by_code(connection, OA, code)

    def do(self, name: str, case: Case, action: str, page: str | None = None, **form: Any) -> TestResponse:
        """Fill in a form of the case's page (as it is now, or as `page` was) and send it."""
        desk = self.desk(name)
        seen = page if page is not None else self.page(name, case)
        hidden = {key: hidden_value(seen, key) for key in ("version", "seen")}
        data = {"csrf_token": token_of(seen), **hidden, **form}
        return desk.client.post(f"/console/phieu/{case.code}/{action}", data=data)

    def page(self, name: str, case: Case) -> str:
        return words(self.desk(name).get(f"/phieu/{case.code}"))

    def sent(self, person: str = "p1") -> list[dict[str, Any]]:
        query = select(outbox.c.reply).where(outbox.c.person_id == person).order_by(outbox.c.id)
        with read_tx(self.engine) as connection:
            return list(connection.execute(query).scalars())

    def zalo_ends(self, state: str) -> None:
        """Everything queued came to this end."""
        with write_tx(self.engine) as connection:
            values = {"state": state, "settled_at": self.clock()}
            connection.execute(update(outbox).where(outbox.c.state == "queued").values(**values))

    def log(self) -> list[tuple[str, str]]:
        query = select(audit.c.action, audit.c.subject).order_by(audit.c.id)
        with read_tx(self.engine) as connection:
            rows = connection.execute(query.where(audit.c.action.not_like("s%"))).all()
        return [(row.action, row.subject) for row in rows if row.action != "password_changed"]

    def tasks(self) -> list[Any]:
        with read_tx(self.engine) as connection:
            return list(connection.execute(select(staff_tasks).order_by(staff_tasks.c.id)).all())

    def box(self, purpose: str) -> SecretBox:
        return SecretBox(KEY, purpose)


def words(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def hidden_value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found.group(1) if found else ""


def typed_text(page: str) -> str:
    found = re.search(r'<textarea id="text"[^>]*>([^<]*)</textarea>', page)
    return found.group(1) if found else ""
