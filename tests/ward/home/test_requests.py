"""Service at home: half days, room, confirming, proposing, results, what is forgotten."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot import retention
from store.engine import read_tx, write_tx
from store.schema import home_requests, reminders
from store.secrets import SecretBox
from tests.ward.programmes.test_promise import CALENDAR, programme
from ward.calendar import VIET_NAM
from ward.home import requests
from ward.home.model import HalfDayFull, HomeRefused, NewRequest, Request, Slot, StaleRequest, Where, seal
from ward.home.room import confirm_by, free_slots
from ward.programmes.model import Programme

OA = "oa"
BOX = SecretBox("0" * 64, "visits")
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
THURSDAY = date(2026, 12, 3)
MORNING, AFTERNOON = Slot(THURSDAY, "am"), Slot(THURSDAY, "pm")
HOME = Where("Chị Hai", "0912345456", "45/2 khóm 1, hẻm chùa")


def certify(**changes: Any) -> Programme:
    usual: dict[str, Any] = {
        "kind": "home_certify",
        "same_day": None,
        "weekdays": ["thursday"],
        "sessions": {"slot_minutes": 60, "per_slot": 1, "capacity": 2},
    }
    return programme(**{**usual, **changes})


PLAN = certify()


def asked(engine: Engine, person: str = "p", slot: Slot = MORNING, khom: str | None = "Khóm 1") -> Request:
    new = NewRequest(
        PLAN.key, "certify", slot, person, seal(BOX, HOME), "gia_yeu", "chung_thuc_chu_ky", khom=khom
    )
    with write_tx(engine) as connection:
        return requests.ask(connection, OA, new, PLAN, CALENDAR, NOW)


def confirmed(engine: Engine, person: str = "p", **more: Any) -> Request:
    request = asked(engine, person, **more)
    with write_tx(engine) as connection:
        return requests.confirm(connection, OA, request, PLAN, CALENDAR, NOW)


def slots_at(engine: Engine, now: datetime, plan: Programme = PLAN) -> list[Slot]:
    with read_tx(engine) as connection:
        return free_slots(connection, OA, plan, CALENDAR, now)


def told(engine: Engine) -> list[tuple[str, str]]:
    with read_tx(engine) as connection:
        rows = connection.execute(select(reminders.c.kind, reminders.c.state).order_by(reminders.c.id))
        return [(row.kind, row.state) for row in rows]


def test_the_next_three_half_days_of_its_weekday(engine: Engine) -> None:
    assert slots_at(engine, NOW) == [MORNING, AFTERNOON, Slot(date(2026, 12, 10), "am")]


def test_too_late_to_confirm_is_not_offered(engine: Engine) -> None:
    assert confirm_by(THURSDAY, CALENDAR) == datetime(2026, 12, 2, 16, 0, tzinfo=VIET_NAM)
    before, after = (datetime(2026, 12, 2, *clock, tzinfo=VIET_NAM) for clock in ((15, 59), (16, 0)))
    assert slots_at(engine, before)[0] == MORNING
    assert slots_at(engine, after)[0] == Slot(date(2026, 12, 10), "am")


def test_holidays_and_the_end_of_the_plan(engine: Engine) -> None:
    before_tet = datetime(2027, 2, 1, 9, 0, tzinfo=VIET_NAM)
    assert slots_at(engine, before_tet)[0].day == date(2027, 2, 11)
    ending = certify(starts="2024-01-01", ends="2024-12-31")
    assert [slot.day for slot in slots_at(engine, datetime(2024, 12, 24, 9, tzinfo=VIET_NAM), ending)] == [
        date(2024, 12, 26)
    ] * 2
    assert slots_at(engine, datetime(2024, 12, 26, 9, tzinfo=VIET_NAM), ending) == []


def test_a_full_half_day_is_refused_and_not_offered(engine: Engine) -> None:
    asked(engine, "p1")
    asked(engine, "p2")
    with pytest.raises(HalfDayFull):
        asked(engine, "p3")
    assert slots_at(engine, NOW)[0] == AFTERNOON


def test_many_at_once_never_over_capacity(engine: Engine) -> None:
    def one(n: int) -> str:
        try:
            return asked(engine, f"p{n}").state
        except HalfDayFull:
            return "full"

    with ThreadPoolExecutor(8) as pool:
        ends = Counter(pool.map(one, range(24)))
    assert ends == {"asked": 2, "full": 22}


def test_one_open_request_of_a_kind_and_person(engine: Engine) -> None:
    first = asked(engine)
    again = asked(engine, slot=AFTERNOON)
    assert (again.code, again.already, again.half) == (first.code, True, "am")
    with write_tx(engine) as connection:
        requests.cancel(connection, OA, first, NOW)
    assert asked(engine, slot=AFTERNOON).code != first.code


def test_confirmed_is_told_and_reminded_of(engine: Engine) -> None:
    assert confirmed(engine).state == "confirmed"
    assert told(engine) == [(kind, "pending") for kind in ("confirmed", "t3", "t1", "morning")]


def test_cancelled_frees_the_place_and_reminds_nobody(engine: Engine) -> None:
    request = confirmed(engine)
    with write_tx(engine) as connection:
        requests.cancel(connection, OA, request, NOW)
    assert {state for _, state in told(engine)} == {"void"}
    asked(engine, "p2")
    asked(engine, "p3")


def test_another_time_proposed_holds_its_place_until_answered(engine: Engine) -> None:
    request = asked(engine)
    with write_tx(engine) as connection:
        after = requests.propose(
            connection, OA, request, PLAN, AFTERNOON, "14h", "buổi sáng cán bộ họp", CALENDAR, NOW
        )
    assert (after.state, after.half, after.asked_for, after.result) == (
        "proposed", "pm", "14h", "buổi sáng cán bộ họp",
    )  # fmt: skip
    asked(engine, "p2", AFTERNOON)
    with pytest.raises(HalfDayFull):
        asked(engine, "p3", AFTERNOON)
    with write_tx(engine) as connection:
        taken = requests.accept(connection, OA, after, datetime(2026, 12, 3, 13, tzinfo=VIET_NAM), NOW)
    assert taken.state == "confirmed"
    assert ("t1", "pending") in told(engine)


@pytest.mark.parametrize(
    "slot",
    [MORNING, Slot(date(2026, 12, 4), "am"), Slot(date(2026, 11, 26), "am")],
    ids=["same", "friday", "past"],
)
def test_what_cannot_be_proposed(engine: Engine, slot: Slot) -> None:
    request = asked(engine)
    with pytest.raises(HomeRefused), write_tx(engine) as connection:
        requests.propose(connection, OA, request, PLAN, slot, None, "bận việc khác", CALENDAR, NOW)


def test_declined_with_a_reason(engine: Engine) -> None:
    request = asked(engine)
    with pytest.raises(HomeRefused, match="lý do"), write_tx(engine) as connection:
        requests.decline(connection, OA, request, " ", NOW)
    with write_tx(engine) as connection:
        after = requests.decline(connection, OA, request, "Giấy này phải chứng thực giao dịch", NOW)
    assert after.state == "declined"
    assert told(engine) == [("declined", "pending")]


def test_two_officials_at_once(engine: Engine) -> None:
    request = asked(engine)
    with write_tx(engine) as connection:
        requests.confirm(connection, OA, request, PLAN, CALENDAR, NOW)
    with pytest.raises(StaleRequest), write_tx(engine) as connection:
        requests.decline(connection, OA, request, "hết người đi", NOW)


def test_done_with_place_hour_and_minute(engine: Engine) -> None:
    request = confirmed(engine)
    at = datetime(2026, 12, 3, 8, 47, 31, tzinfo=VIET_NAM)
    with pytest.raises(HomeRefused, match="chưa tới"), write_tx(engine) as connection:
        requests.done(connection, OA, BOX, request, at, "", "", NOW)
    with write_tx(engine) as connection:
        after = requests.done(connection, OA, BOX, request, at, "", "ký 1 giấy", at + timedelta(hours=1))
        where = requests.where_of(connection, OA, BOX, request.id)
    assert after.visited_at == datetime(2026, 12, 3, 8, 47, tzinfo=VIET_NAM)
    assert (after.state, after.result, where.place) == ("done", "ký 1 giấy", HOME.address)


def test_not_done_says_why(engine: Engine) -> None:
    request = confirmed(engine)
    with pytest.raises(HomeRefused), write_tx(engine) as connection:
        requests.not_done(connection, OA, request, "", NOW)
    with write_tx(engine) as connection:
        after = requests.not_done(connection, OA, request, "bác không còn minh mẫn", NOW)
    assert (after.state, after.result) == ("not_done", "bác không còn minh mẫn")


def test_the_route_goes_by_half_day_and_khom(engine: Engine) -> None:
    confirmed(engine, "p1", slot=AFTERNOON, khom="Khóm 1")
    confirmed(engine, "p2", khom=None)
    confirmed(engine, "p3", khom="Khóm 2")
    asked(engine, "p4", slot=AFTERNOON)
    with read_tx(engine) as connection:
        found = requests.route(connection, OA, THURSDAY)
    assert [one.person_id for one in found] == ["p3", "p2", "p1"]


def test_addresses_lie_sealed_and_go_after_thirty_days(engine: Engine) -> None:
    confirmed(engine)
    with read_tx(engine) as connection:
        sealed = connection.execute(select(home_requests.c.who)).scalar_one()
    assert b"0912345456" not in sealed
    late = datetime(2027, 1, 2, 9, tzinfo=VIET_NAM)
    assert retention.purge(engine, late)["addresses"] == 0
    assert retention.purge(engine, late + timedelta(days=1))["addresses"] == 1
    with read_tx(engine) as connection:
        assert requests.where_of(connection, OA, BOX, 1) == Where()
        kept = requests.find(connection, OA, 1)
    assert kept is not None
    assert kept.state == "confirmed"


def test_of_what_was_given_up_too(engine: Engine) -> None:
    far = Slot(date(2027, 3, 4), "am")
    request = asked(engine, slot=far)
    with write_tx(engine) as connection:
        requests.cancel(connection, OA, request, NOW)
    assert retention.purge(engine, NOW + timedelta(days=29))["addresses"] == 0
    assert retention.purge(engine, NOW + timedelta(days=31))["addresses"] == 1
