"""What officials see and are sent, searched for a denouncer: pages of every role, exports, mails, notices."""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.config import SAMPLE_WARD
from bot.mail import FileMailer
from bot.notices import Crier
from handlers.notices import WordsOfNotices
from store.engine import read_tx, write_tx
from store.schema import cases, staff_notices
from tests.bot.support import OA
from tests.bot.test_privacy import TOLD, World, at_work, forms, utc_now
from tests.console.support import ROLE_OFFICIALS, Desk, add_official, console_of
from tests.handlers.world import phrases
from ward import canned, staff
from ward.calendar import VIET_NAM, load_calendar
from ward.cases.deadlines import Limits
from ward.cases.exchange import export_csv
from ward.cases.find import Scope
from ward.cases.opening import NewCase, open_case
from ward.profile import load_profile

CALENDAR = load_calendar(SAMPLE_WARD, load_profile(SAMPLE_WARD).hours)
DAY = timedelta(days=1)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with at_work(engine, tmp_path) as there:
        yield there


def test_officials_of_every_role_are_shown_nothing_of_it(world: World, engine: Engine) -> None:
    """The denouncer has an ordinary case as well: it leads to none of the sealed words."""
    names = [_official(engine, role) for role in staff.ROLES]
    with write_tx(engine) as connection:
        canned.seed(connection, OA, SAMPLE_WARD, utc_now())
        for kind in ("question", "conduct"):
            new = NewCase(kind, world.person, "Cho hỏi giờ làm việc", "ho_tich", khom="Khóm 1")  # type: ignore[arg-type]
            open_case(connection, OA, new, utc_now(), CALENDAR, Limits())
    world.says("gặp cán bộ", *TOLD)
    shown = dict(_everything_shown(world, names))
    assert [place for place, value in shown.items() if any(form in value for form in forms())] == []
    assert sum("Cho hỏi giờ".encode() in value for value in shown.values()) > 5  # it sees what is there
    assert {len(shown[f"{name} /tin-kin"]) > 500 for name in names if "restricted" in name} == {True}
    assert world.opened() == list(TOLD)


def _official(engine: Engine, role: str) -> str:
    name = f"can.{role}".replace("_", "-")
    add_official(engine, name, replace(ROLE_OFFICIALS[role], email=f"{name}@phuong.example"), utc_now())
    return name


def _everything_shown(world: World, names: list[str]) -> Iterator[tuple[str, bytes]]:
    app = console_of(world.engine, utc_now, folder=world.folder)
    with read_tx(world.engine) as connection:
        codes = list(connection.execute(select(cases.c.code)).scalars())
        scope, now = Scope(everything=True, head_only=True), utc_now()
        yield "export", export_csv(connection, OA, scope, now - DAY, now + DAY)
    plain = [
        rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    paths = [
        *plain,
        *(f"/phieu/{code}" for code in codes),
        *(f"/phieu?q={code}" for code in codes),
        "/phieu?q=Sầu",
    ]
    for name in names:
        desk = Desk(app)
        assert desk.sign_in(name).status_code == 302
        for path in paths:
            yield f"{name} {path}", desk.get(path, follow_redirects=True).get_data()
    yield from _told(world)


def _told(world: World) -> Iterator[tuple[str, bytes]]:
    """Notices and mails of a week."""
    mails = world.folder / "mails"
    mails.mkdir()
    words = WordsOfNotices(phrases(), "phường Mẫu", "https://phuong.example")
    crier = Crier(world.engine, OA, CALENDAR, words, FileMailer(mails, "t@phuong.example"))
    crier.tell(utc_now())
    morning = utc_now().astimezone(VIET_NAM).replace(hour=8, minute=0)
    sent = sum(crier.mail(morning + n * DAY) for n in range(1, 8))
    assert sent
    with read_tx(world.engine) as connection:
        for row in connection.execute(select(staff_notices)):
            yield f"notice {row.id}", str(row).encode()
    for file in mails.iterdir():
        mail = email.message_from_bytes(file.read_bytes(), policy=default)
        yield file.name, f"{mail['Subject']} {mail.get_content()}".encode()
