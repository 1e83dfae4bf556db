"""The list of calls: who sees it, whose number is opened, and what is noted."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import audit, contact_attempts, reminders
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock
from tests.bot.support_reminders import Bench, at, book, plan
from tests.console.support import Desk, signed_in
from ward import reception

T3 = at("2026-12-02 09:00")
PATH = "/can-nhac"


@pytest.fixture
def clock(engine: Engine) -> MovableClock:
    """One person of khóm 1 and one of khóm 5, neither of whom Zalo reaches."""
    book(engine, plan(engine, khom="Khóm 1"), None, name="Chị Tám", phone="0901 234 567")
    book(engine, plan(engine, khom="Khóm 5"), None, name="Bác Tư")
    Bench(engine).work.tick(T3)
    return MovableClock(T3)


def seen(desk: Desk) -> str:
    return desk.get(PATH).get_data(as_text=True)


def done(engine: Engine) -> list[str]:
    query = select(audit.c.action).where(audit.c.action.like("reminder%")).order_by(audit.c.id)
    with read_tx(engine) as connection:
        return list(connection.execute(query).scalars())


def test_the_head_of_a_khom_sees_its_own_people(engine: Engine, clock: MovableClock) -> None:
    page = seen(signed_in(engine, clock, "khom"))
    assert "Chị Tám" in page
    assert "Bác Tư" not in page
    page = seen(signed_in(engine, clock, "one_stop"))
    assert "Bác Tư" in page
    assert "0901" not in page


@pytest.mark.parametrize("role", ["field", "restricted", "viewer", "admin"])
def test_others_do_not(engine: Engine, clock: MovableClock, role: str) -> None:
    assert signed_in(engine, clock, role).get(PATH).status_code == 403


def test_a_number_is_opened_with_a_trace(engine: Engine, clock: MovableClock) -> None:
    desk = signed_in(engine, clock, "khom")
    page = desk.post(f"{PATH}/1/so-dien-thoai", seen=PATH).get_data(as_text=True)
    assert 'href="tel:0901234567"' in page
    assert done(engine) == ["reminder_phone"]
    assert desk.post(f"{PATH}/4/so-dien-thoai", seen=PATH).status_code == 404  # khóm 5


def test_missed_stays_and_called_is_told(engine: Engine, clock: MovableClock) -> None:
    desk = signed_in(engine, clock, "one_stop")
    desk.post(f"{PATH}/1/khong-gap", seen=PATH)
    assert "đã gọi 1 lần không gặp" in seen(desk)
    desk.post(f"{PATH}/1/da-goi", seen=PATH)
    assert "Chị Tám" not in seen(desk)
    assert desk.post(f"{PATH}/1/da-goi", seen=PATH).status_code == 404
    assert done(engine) == ["reminder_missed", "reminder_called"]
    with read_tx(engine) as connection:
        outcome = select(contact_attempts.c.outcome).where(contact_attempts.c.reminder_id == 1)
        assert connection.execute(outcome).scalars().all() == ["done"]
        state = select(reminders.c.state).where(reminders.c.id == 1)
        assert connection.execute(state).scalar() == "delivered"


def test_what_is_over_is_still_seen(engine: Engine, clock: MovableClock) -> None:
    clock.move(days=7)
    assert "buổi này đã qua" in seen(signed_in(engine, clock, "one_stop"))


def test_a_day_of_reception_is_for_those_who_see_its_register(engine: Engine) -> None:
    """The one-stop desk, which sees every other call, does not even learn that there is one."""
    moment = at("2026-12-02 17:00")
    with write_tx(engine) as connection:
        box, who = SecretBox(KEY, "appointments"), reception.Who("Chị Tám", "0901 234 567")
        code = reception.book(connection, box, OA, "p", date(2026, 12, 3), who, at("2026-11-27 09:00"))
    Bench(engine).work.tick(moment)
    clock = MovableClock(moment)
    for role, sees in (("head", True), ("one_stop", False), ("khom", False)):
        desk = signed_in(engine, clock, role)
        page = seen(desk)
        assert (code in page) == sees
        assert "Chị Tám" not in page
        assert "0901" not in page
        assert desk.post(f"{PATH}/1/da-goi", seen=PATH).status_code == (302 if sees else 404)
    assert done(engine) == ["reminder_called"]


def test_a_reception_given_back_is_not_called_about(engine: Engine) -> None:
    moment = at("2026-12-02 17:00")
    with write_tx(engine) as connection:
        box = SecretBox(KEY, "appointments")
        day, who = date(2026, 12, 3), reception.Who("Chị Tám")
        code = reception.book(connection, box, OA, "p", day, who, at("2026-11-27 09:00"))
    bench = Bench(engine)
    bench.work.tick(moment)
    assert len(bench.calls()) == 1
    with write_tx(engine) as connection:
        reception.cancel(connection, OA, "p", code, moment)
    bench.work.settle(moment)
    assert bench.calls() == []
