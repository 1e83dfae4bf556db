"""Licences of facilities that expire: reminded 90, 30 and 7 days before, down the ladder, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select, update

from bot.reminding import Reminding
from handlers.facility_words import FacilityVoice
from handlers.reminder_words import WordsOfReminders
from store.engine import open_engine, read_tx, write_tx
from store.migrate import upgrade
from store.schema import outbox, people, reminders, staff_tasks
from store.secrets import SecretBox
from tests.bot.support import KEY
from tests.handlers.world import phrases
from ward import facilities, facility_dates, reminder_calls
from ward.calendar import VIET_NAM
from ward.cases.find import Scope
from ward.facilities import NewFacility, Who
from ward.reminder_calls import Sight

OA = "oa"
BOX = SecretBox(KEY, "personal")
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
EXPIRES = date(2027, 6, 1)
FIRST = "2027-03-03"


def at(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=VIET_NAM)


def work(engine: Engine) -> Reminding:
    said = phrases().for_turn(0)
    words = WordsOfReminders(said, {"facility": FacilityVoice(said)})
    return Reminding(engine, OA, words, SecretBox(KEY, "visits"), 6000, facility_box=BOX)


def clinic(engine: Engine, *accounts: str) -> int:
    """With a licence until EXPIRES; without accounts it was entered by an official."""
    who = Who(name="Bác sĩ Tám", phone="0912345123")
    new = NewFacility("Nha khoa Ánh Dương", "nha_khoa", "Khóm 1", who=who)
    with write_tx(engine) as connection:
        if accounts:
            number, _ = facilities.sign_up(connection, OA, accounts[0], new, BOX, START)
        else:
            number = facilities.register(connection, OA, new, "staff", BOX, START)
        for other in accounts[1:]:
            facilities.sign_up(connection, OA, other, new, BOX, START)
            facilities.decide_join(connection, OA, number, other, True, START)
        facility_dates.keep(connection, OA, number, "gphn", "1", None, EXPIRES, START)
        for one in accounts:
            known = {"first_seen_at": START, "last_inbound_at": START, "state": {}}
            connection.execute(insert(people).values(oa_id=OA, person_id=one, **known))
    return number


def wrote(engine: Engine, moment: datetime, *who: str) -> None:
    with write_tx(engine) as connection:
        connection.execute(update(people).where(people.c.person_id.in_(who)).values(last_inbound_at=moment))


def told(engine: Engine) -> list[tuple[str, str]]:
    with read_tx(engine) as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    return [(row.person_id, row.reply.get("text", "")) for row in rows]


def calls(engine: Engine, now: datetime, register: bool = True) -> list[str]:
    sight = Sight(Scope(everything=True), facilities=register)
    with read_tx(engine) as connection:
        return [one.say for one in reminder_calls.waiting(connection, OA, sight, now)]


def test_every_account_is_told_three_times_across_a_restart(database_url: str) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    clinic(engine, "p1", "p2")
    assert work(engine).tick(at("2027-03-02")) == 0
    for day, count in ((FIRST, 2), ("2027-05-02", 4), ("2027-05-25", 6)):
        wrote(engine, at(day, 8), "p1", "p2")
        work(engine).tick(at(day))
        engine.dispose()
        engine = open_engine(database_url)
        work(engine).tick(at(day, 11))
        assert len(told(engine)) == count
    assert {who for who, _ in told(engine)} == {"p1", "p2"}
    assert "giấy phép hành nghề hết hạn ngày 01/06/2027, còn 7 ngày" in told(engine)[-1][1]
    assert work(engine).tick(at("2027-06-02")) == 0
    engine.dispose()


def test_who_wrote_long_ago_is_called_by_whoever_may_see_the_register(engine: Engine) -> None:
    number = clinic(engine, "p1")
    now = at(FIRST)
    work(engine).tick(now)
    assert told(engine) == []
    (line,) = calls(engine, now)
    assert "Nha khoa Ánh Dương" in line
    assert calls(engine, now, register=False) == []
    with read_tx(engine) as connection:
        detail = connection.execute(select(staff_tasks.c.detail)).scalar_one()
    assert "0912345123" not in str(detail)
    assert detail["code"] == f"CS-{number}"


def test_a_facility_without_an_account_is_called(engine: Engine) -> None:
    clinic(engine)
    work(engine).tick(at(FIRST))
    assert len(calls(engine, at(FIRST))) == 1


def test_a_failed_message_takes_the_next_way(engine: Engine) -> None:
    clinic(engine, "p1")
    wrote(engine, at(FIRST, 8), "p1")
    work(engine).tick(at(FIRST))
    with write_tx(engine) as connection:
        connection.execute(update(outbox).values(state="stopped", error_code=-213, settled_at=START))
    work(engine).settle(at(FIRST, 11))
    assert len(calls(engine, at(FIRST, 11))) == 1


def test_consent_taken_back_is_the_end_of_reminders(engine: Engine) -> None:
    clinic(engine, "p1")
    with write_tx(engine) as connection:
        facilities.leave(connection, OA, "p1", START)
    wrote(engine, at(FIRST, 8), "p1")
    work(engine).tick(at(FIRST))
    assert (told(engine), calls(engine, at(FIRST))) == ([], [])


def test_a_new_day_makes_the_old_reminders_void(engine: Engine) -> None:
    number = clinic(engine, "p1")
    with write_tx(engine) as connection:
        facility_dates.keep(connection, OA, number, "gphn", "1", None, date(2032, 6, 1), START)
    work(engine).tick(at("2027-05-25"))
    assert (told(engine), calls(engine, at("2027-05-25"))) == ([], [])
    wrote(engine, at("2032-05-25", 8), "p1")
    work(engine).tick(at("2032-05-25"))
    assert [who for who, _ in told(engine)] == ["p1"]


def test_at_night_nobody_is_told_and_nothing_is_lost(engine: Engine) -> None:
    clinic(engine, "p1")
    wrote(engine, at(FIRST, 20), "p1")
    assert work(engine).tick(at(FIRST, 23)) == 0
    assert work(engine).tick(at("2027-03-04", 8)) == 1
    assert len(told(engine)) == 1


def test_two_workers_tell_it_once(engine: Engine) -> None:
    clinic(engine, "p1")
    now = at(FIRST)
    wrote(engine, now - timedelta(hours=2), "p1")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work(engine).tick, [now] * 4))
    assert len(told(engine)) == 1


@pytest.mark.parametrize("issued", [date(2022, 6, 1), None])
def test_a_paper_without_a_day_reminds_of_nothing(engine: Engine, issued: date | None) -> None:
    number = clinic(engine, "p1")
    with write_tx(engine) as connection:
        facility_dates.keep(connection, OA, number, "gpp", "2", issued, None, START)
        rows = connection.execute(select(reminders.c.subject_id)).scalars().all()
    assert len(set(rows)) == 1


def test_a_paper_dropped_and_entered_again_still_reminds(engine: Engine) -> None:
    number = clinic(engine, "p1")
    with write_tx(engine) as connection:
        facility_dates.drop(connection, OA, number, "gphn", START)
        facility_dates.keep(connection, OA, number, "gphn", "1", None, EXPIRES, START)
    wrote(engine, at(FIRST, 8), "p1")
    work(engine).tick(at(FIRST))
    assert len(told(engine)) == 1
