"""Who asks to be forgotten leaves no name, number or address in any room, and holds no place any more."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Engine, select, update

from bot.retention import WORDS_KEPT, purge
from store.engine import read_tx, write_tx
from store.schema import appointments, home_requests, reminders, signups, visits
from store.secrets import SecretBox
from tests.ward.cases.desk import Desk
from tests.ward.cases.test_forgetting import dump
from tests.ward.home.test_requests import confirmed
from tests.ward.visits.test_booking import a_visit
from ward import reception
from ward.calendar import VIET_NAM
from ward.forgetting import forget_person
from ward.home.model import Where
from ward.home.model import seal as seal_where
from ward.visits import booking
from ward.visits.model import NewSignup
from ward.visits.people import Who, seal

OA = "oa"
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
BOX = SecretBox("not a secret, only a test", "visits")
WHO = seal(BOX, Who("Mận", "0900000001"))


def everything_booked(engine: Engine, person: str = "p") -> int:
    """A place in a full session, for which somebody waits; a visit at home; a reception day."""
    visit = a_visit(engine, capacity=1)
    with write_tx(engine) as connection:
        booking.sign_up(connection, OA, visit.id, NewSignup(person, "khai_sinh", who=WHO), NOW)
        booking.sign_up(connection, OA, visit.id, NewSignup("next", "khai_sinh", who=WHO), NOW)
        who = reception.Who("Mận", "0900000001")
        reception.book(connection, BOX, OA, person, date(2026, 12, 10), who, NOW)
    request = confirmed(engine, person)
    with write_tx(engine) as connection:
        where = seal_where(BOX, Where("Mận", "0900000001", "12 đường Lê Lợi"))
        connection.execute(update(home_requests).where(home_requests.c.id == request.id).values(who=where))
    return visit.id


def forget(engine: Engine, person: str = "p", oa_id: str = OA) -> None:
    with write_tx(engine) as connection:
        forget_person(connection, oa_id, person, NOW)


def test_every_room_forgets_and_gives_the_places_up(engine: Engine) -> None:
    visit_id = everything_booked(engine)
    forget(engine)
    with read_tx(engine) as connection:
        mine = connection.execute(select(signups).where(signups.c.person_id == "p")).one()
        other = connection.execute(select(signups).where(signups.c.person_id == "next")).one()
        home = connection.execute(select(home_requests).where(home_requests.c.person_id == "p")).one()
        day = connection.execute(select(appointments).where(appointments.c.person_id == "p")).one()
        waits = select(reminders.c.id).where(reminders.c.person_id == "p", reminders.c.state == "pending")
        assert connection.execute(waits).all() == []
        taken = connection.execute(select(visits.c.taken).where(visits.c.id == visit_id)).scalar_one()
    assert (mine.state, mine.who) == ("cancelled", None)
    assert (home.state, home.who) == ("cancelled", None)
    assert (day.state, day.who) == ("cancelled", b"")
    assert (other.state, other.who, taken) == ("booked", WHO, 1)


def test_a_second_time_and_for_another_account_changes_nothing(engine: Engine) -> None:
    everything_booked(engine)
    before = dump(Desk(engine))
    forget(engine, oa_id="another")
    forget(engine, "nobody")
    assert dump(Desk(engine)) == before
    forget(engine)
    once = dump(Desk(engine))
    forget(engine)
    assert dump(Desk(engine)) == once


def test_the_list_of_a_reception_day_can_still_be_read(engine: Engine) -> None:
    everything_booked(engine)
    forget(engine)
    with read_tx(engine) as connection:
        assert [one.who for one in reception.on_day(connection, BOX, OA, date(2026, 12, 10))] == [
            reception.FORGOTTEN
        ]


def test_names_of_past_sessions_go_after_two_months_and_the_figures_stay(engine: Engine) -> None:
    everything_booked(engine)
    last = datetime(2026, 12, 10, 17, 0, tzinfo=VIET_NAM)
    assert purge(engine, NOW + timedelta(days=9))["names"] == 0
    assert purge(engine, last + WORDS_KEPT + timedelta(days=1))["names"] == 3
    with read_tx(engine) as connection:
        assert [row.who for row in connection.execute(select(signups.c.who))] == [None, None]
        assert connection.execute(select(signups.c.state)).scalars().all() == ["booked", "waiting"]
