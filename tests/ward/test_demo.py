"""The made-up ward of `run` without a real Zalo: whole, labelled, written once, never beside real data."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, func, select

from bot.cli import demo as command
from bot.cli.first import ensure_admin
from bot.config import SAMPLE_WARD, Settings
from bot.simulator import SimulatedZalo
from store.engine import read_tx, write_tx
from store.schema import appointments, canned_replies, cases, photos, restricted_messages, staff_tasks
from store.schema import staff as staff_table
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock
from tests.console.office import words
from tests.console.support import Desk, console_of
from tests.support.house import furnish
from ward import demo, restricted, staff
from ward.calendar import load_calendar
from ward.cases import work
from ward.cases.model import KINDS, STATES
from ward.cases.thread import thread
from ward.demo import Accounts
from ward.profile import load_profile
from wsgi import House

PROFILE = load_profile(SAMPLE_WARD)
CALENDAR = load_calendar(SAMPLE_WARD, PROFILE.hours)
MADE = demo.read_demo()
PEOPLE = {key: f"person-{key}" for key in MADE.people}
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def box(purpose: str) -> SecretBox:
    return SecretBox(KEY, purpose)


def seed(engine: Engine, sample: bool = True, now: datetime = NOW) -> Accounts | None:
    profile = PROFILE.model_copy(update={"sample": sample})
    with write_tx(engine) as connection:
        return demo.seed_demo(connection, OA, MADE, PEOPLE, box, profile, CALENDAR, SAMPLE_WARD, now)


def count(engine: Engine, table: object) -> int:
    with read_tx(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_every_state_and_kind_is_there_and_labelled(engine: Engine) -> None:
    assert seed(engine) is not None
    with read_tx(engine) as connection:
        rows = connection.execute(select(cases)).all()
        names = connection.execute(select(staff_table.c.name, staff_table.c.title)).all()
    # an answer under way is settled by the clock within seconds: it cannot be kept for showing
    assert {row.state for row in rows} == set(STATES) - {"sending"}
    assert {row.kind for row in rows} == set(KINDS)
    labels = [row.title for row in rows] + [text for name in names for text in name]
    assert [text for text in labels if not text.endswith("(mẫu)")] == []
    assert any(row.urgency == "urgent" for row in rows)
    assert any(row.due_at < NOW and row.state == "assigned" for row in rows)  # one is late
    assert any(row.rating for row in rows)
    assert {row.head_only for row in rows if row.kind == "conduct"} == {True}
    for table in (appointments, canned_replies, photos, restricted_messages, staff_tasks):
        assert count(engine, table), table.name


def test_on_any_day_and_hour(engine: Engine) -> None:
    """Tết, a night, a Sunday: the steps follow the days before, whatever they are."""
    assert seed(engine, now=datetime(2027, 2, 6, 20, 0, tzinfo=UTC)) is not None
    with read_tx(engine) as connection:
        for row in connection.execute(select(cases.c.id, cases.c.created_at)):
            story = thread(connection, OA, row.id)
            assert [entry.at for entry in story] == sorted(entry.at for entry in story)
            assert {e.sending.state for e in story if e.sending} <= {"sent", "failed"}


def test_an_official_of_each_role_signs_in_with_the_password_shown(engine: Engine) -> None:
    clock = MovableClock()
    shown = seed(engine, now=clock())
    assert shown is not None
    held = {role for official in MADE.officials for role in official.roles}
    assert held == set(staff.ROLES) - {"admin"}  # the administrator has the one-time password
    app = console_of(engine, clock)
    for username in shown.roles:
        desk = Desk(app)
        assert desk.sign_in(username, shown.password).status_code == 302
        page = words(desk.get("/"))
        assert "DỮ LIỆU MẪU" in page
        assert "Đổi mật khẩu lần đầu" not in page


def test_the_sealed_words_are_for_their_reader_alone(engine: Engine) -> None:
    seed(engine)
    with write_tx(engine) as connection:
        reader = restricted.Reader(1, may_read=True)
        (note,) = restricted.listed(connection, OA, reader)
        opened = restricted.open_one(connection, box("restricted"), OA, note.id, reader, NOW)
        assert opened is not None
        assert opened.text == MADE.sealed
        told = [case.question for case in (work.load(connection, OA, n) for n in range(1, 15))]
    assert MADE.sealed not in told


def test_a_second_time_nothing_is_written(engine: Engine) -> None:
    assert seed(engine) is not None
    before = count(engine, cases), count(engine, staff_table)
    assert seed(engine) is None
    assert (count(engine, cases), count(engine, staff_table)) == before


def test_a_ward_that_is_no_sample_gets_none(engine: Engine) -> None:
    assert seed(engine, sample=False) is None
    assert (count(engine, cases), count(engine, staff_table)) == (0, 0)


def test_beside_officials_of_its_own_nothing_is_made_up(engine: Engine) -> None:
    with write_tx(engine) as connection:
        staff.add(connection, OA, None, "hanh", staff.NewOfficial("Chị Hạnh", roles=("admin",)), NOW)
    assert seed(engine) is None
    assert count(engine, cases) == 0


# ── when the command seeds at all ────────────────────────────────────────────────────────────────


def house_of(tmp_path: Path, **more: object) -> House:
    url = f"sqlite:///{furnish(tmp_path / 'var')}/ward.db"
    return House(Settings(database_url=url, secret_key=KEY, **more))  # type: ignore[arg-type]


def test_run_fills_an_empty_database_and_the_simulated_zalo(tmp_path: Path) -> None:
    house, zalo = house_of(tmp_path), SimulatedZalo()
    assert ensure_admin(house)
    shown = command.seed(house, zalo)
    assert shown is not None
    assert {person["name"] for person in zalo.people.all()} == set(MADE.people.values())
    with read_tx(house.engine) as connection:
        spoken = set(connection.execute(select(cases.c.person_id)).scalars())
    assert spoken <= {person["id"] for person in zalo.people.all()}
    assert command.seed(house, zalo) is None


def test_a_copied_ward_folder_or_a_real_account_is_never_filled(tmp_path: Path) -> None:
    copied = Path(shutil.copytree(SAMPLE_WARD, tmp_path / "ward"))
    real = {"zalo_app_id": "1", "zalo_app_secret": "s", "zalo_oa_id": "2", "zalo_oa_secret": "s"}
    for house in (house_of(tmp_path, ward_dir=copied), house_of(tmp_path, **real)):
        assert command.seed(house, SimulatedZalo()) is None
        assert count(house.engine, cases) == 0
