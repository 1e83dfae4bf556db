"""The list of calls: who sees it, whose number is opened, and what is noted."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import audit, contact_attempts, reminders, staff_tasks
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock
from tests.bot.support_reminders import Bench, at, book, plan
from tests.console.support import Desk, signed_in
from tests.handlers.test_visits import CALENDAR
from ward import reception
from ward.visits import sessions
from ward.visits.unseen import watch

T3 = at("2026-12-02 09:00")
PATH = "/can-goi"
NOTE = "/can-goi/nhac"


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
    desk = signed_in(engine, clock, role)
    assert "Chị Tám" not in seen(desk)
    assert desk.post(f"{NOTE}/1/so-dien-thoai", seen=PATH).status_code in (400, 403)
    assert desk.get(PATH).status_code == (200 if role == "admin" else 403)


def test_the_old_address_leads_here(sqlite_engine: Engine) -> None:
    desk = signed_in(sqlite_engine, MovableClock(T3), "khom")
    answer = desk.get("/can-nhac")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/console/can-goi?nhom=lich")


def test_a_number_is_opened_with_a_trace(engine: Engine, clock: MovableClock) -> None:
    desk = signed_in(engine, clock, "khom")
    page = desk.post(f"{NOTE}/1/so-dien-thoai", seen=PATH).get_data(as_text=True)
    assert 'href="tel:0901234567"' in page
    assert done(engine) == ["reminder_phone"]
    assert desk.post(f"{NOTE}/4/so-dien-thoai", seen=PATH).status_code == 404  # khóm 5


def test_missed_stays_and_called_is_told(engine: Engine, clock: MovableClock) -> None:
    desk = signed_in(engine, clock, "one_stop")
    desk.post(f"{NOTE}/1/khong-gap", seen=PATH)
    assert "đã gọi 1 lần không gặp" in seen(desk)
    desk.post(f"{NOTE}/1/da-goi", seen=PATH)
    assert "Chị Tám" not in seen(desk)
    assert desk.post(f"{NOTE}/1/da-goi", seen=PATH).status_code == 404
    assert done(engine) == ["reminder_missed", "reminder_called"]
    assert (attempts(engine), state(engine)) == (["done"], "delivered")


def test_a_tick_by_mistake_is_taken_back_for_an_hour(engine: Engine, clock: MovableClock) -> None:
    desk = signed_in(engine, clock, "one_stop")
    task = tasks(engine)[0]
    undo = f"{NOTE}/viec/{task}/hoan-tac"
    for tick, outcome, left in (("da-goi", "done", "delivered"), ("sai-so", "failed", "call")):
        desk.post(f"{NOTE}/1/{tick}", seen=PATH)
        assert (attempts(engine), state(engine)) == ([outcome], left)
        assert "Chị Tám" not in seen(desk)
        assert "Bỏ lần ghi này" in seen(desk)
        desk.post(undo, seen=PATH)
        assert "Chị Tám" in seen(desk)
        assert (attempts(engine), state(engine)) == (["queued"], "call")
    desk.post(f"{NOTE}/1/khong-gap", seen=PATH)
    desk.post(undo, seen=PATH)
    assert "lần không gặp" not in seen(desk)
    desk.post(f"{NOTE}/1/da-goi", seen=PATH)
    other = signed_in(engine, clock, "khom")
    assert "Bỏ lần ghi này" not in seen(other)
    other.post(undo, seen=PATH)
    clock.move(hours=1, minutes=1)
    desk.sign_in("user.one-stop")
    page = desk.post(undo, seen=PATH)
    assert page.status_code == 302
    assert "quá một giờ" in seen(desk)
    assert state(engine) == "delivered"


def test_a_wrong_number_is_remembered_for_the_next_reminder(engine: Engine, clock: MovableClock) -> None:
    desk = signed_in(engine, clock, "one_stop")
    desk.post(f"{NOTE}/1/sai-so", seen=PATH)
    assert "đã ghi là sai số" not in seen(desk)
    clock.move(days=2, hours=8)
    Bench(engine).work.tick(clock())
    desk.sign_in("user.one-stop")
    assert seen(desk).count("Số này lần trước đã ghi là sai số.") == 1


def test_today_counts_each_call_once(engine: Engine, clock: MovableClock) -> None:
    """One for each person, whatever pages the calls come from."""
    moved = plan(engine, at("2026-12-09 08:00"), "Khóm 1")
    book(engine, moved, None, name="Ông Sáu", phone="0901 234 000")
    book(engine, moved, "silent", clock(), name="Cô Hai")
    with write_tx(engine) as connection:
        sessions.postpone(connection, OA, moved, 0, date(2026, 12, 16), "mưa bão", clock(), None, CALENDAR)
    Bench(engine).work.tick(clock())
    clock.move(hours=2, minutes=1)
    with write_tx(engine) as connection:
        watch(connection, OA, clock())
    head = signed_in(engine, clock, "head")
    page = seen(head)
    assert [page.count(words) for words in ("Chị Tám", "Bác Tư", "Ông Sáu", ": 1 người cần gọi")] == [1] * 4
    board = head.get("/").get_data(as_text=True)
    assert re.search(r'tile-count">4</p>\s*<h2 class="tile-title"><a[^>]*>Cần gọi<', board)
    assert "Lưu động cần lo" not in board
    assert board.count("/console/can-goi") >= 2


def test_what_is_over_is_still_seen(engine: Engine, clock: MovableClock) -> None:
    clock.move(days=7)
    assert "buổi này đã qua" in seen(signed_in(engine, clock, "one_stop"))


def attempts(engine: Engine) -> list[str]:
    with read_tx(engine) as connection:
        query = select(contact_attempts.c.outcome).where(contact_attempts.c.reminder_id == 1)
        return list(connection.execute(query).scalars())


def state(engine: Engine) -> str:
    with read_tx(engine) as connection:
        return str(connection.execute(select(reminders.c.state).where(reminders.c.id == 1)).scalar())


def tasks(engine: Engine) -> list[int]:
    with read_tx(engine) as connection:
        return list(connection.execute(select(staff_tasks.c.id).order_by(staff_tasks.c.id)).scalars())


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
        assert desk.post(f"{NOTE}/1/da-goi", seen=PATH).status_code == (302 if sees else 404)
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
