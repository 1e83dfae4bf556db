"""Whom a case is told to, once, and what of it is said."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from store.engine import read_tx, write_tx
from store.schema import outbox, staff_notices
from tests.ward.cases.desk import CALENDAR, FRIDAY, LIMITS, MINUTE, OA, Desk
from ward import notices
from ward.cases import work
from ward.notice_rules import Rules
from ward.notices import GAP, Bundle, Told

RULES = Rules()
SOON = FRIDAY + MINUTE
NIGHT = FRIDAY.replace(hour=22)


@pytest.fixture
def crowd(engine: Engine) -> dict[str, int]:
    """Officials of every kind, each with a Zalo account of the same name."""
    desk = Desk(engine)

    def add(name: str, *roles: str, **more: Any) -> int:
        of = {"fields": [], "khoms": [], "zalo_person_id": name, **more}
        return desk.official(name, roles=list(roles), **of)

    return {
        "head": add("head", "head"),
        "counter": add("counter", "one_stop"),
        "justice": add("justice", "field", fields=["ho_tich"]),
        "land": add("land", "field", fields=["dat_dai"]),
        "khom3": add("khom3", "khom", khoms=["Khóm 3"]),
        "viewer": add("viewer", "viewer", fields=["ho_tich"]),
        "admin": add("admin", "admin"),
        "gone": add("gone", "field", fields=["ho_tich"], active=False),
    }


def collect(engine: Engine, now: Any = SOON, rules: Rules = RULES) -> int:
    with write_tx(engine) as connection:
        return notices.collect(connection, OA, now, rules)


def claim(engine: Engine, now: Any = SOON, rules: Rules = RULES) -> list[Bundle]:
    with write_tx(engine) as connection:
        return notices.claim_due(connection, OA, now, rules)


def told(engine: Engine, crowd: dict[str, int]) -> set[tuple[str, str]]:
    """Who was told what, so far."""
    names = {number: name for name, number in crowd.items()}
    with read_tx(engine) as connection:
        rows = connection.execute(select(staff_notices.c.staff_id, staff_notices.c.kind)).all()
    return {(names[row.staff_id], row.kind) for row in rows}


# ── who ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("case", "people"),
    [
        ({"field": "ho_tich"}, {"justice"}),
        ({"field": "ho_tich", "khom": "Khóm 3"}, {"justice", "khom3"}),
        ({"field": "y_te"}, {"counter"}),
        ({"kind": "report", "khom": "Khóm 3"}, {"khom3", "counter"}),
        ({"kind": "report"}, {"counter"}),
        ({"kind": "conduct", "field": "ho_tich", "khom": "Khóm 3"}, {"head"}),
    ],
)
def test_a_new_case_is_told_to_those_whose_work_it_is(
    engine: Engine, crowd: dict[str, int], case: dict[str, Any], people: set[str]
) -> None:
    Desk(engine).open(**case)
    collect(engine)
    assert told(engine, crowd) == {(name, "new") for name in people}


def test_without_anybody_fitting_the_head_is_told(engine: Engine) -> None:
    desk = Desk(engine)
    head = desk.official("head", roles=["head"])
    desk.open(field="y_te")
    collect(engine)
    assert told(engine, {"head": head}) == {("head", "new")}


def test_a_case_already_taken_is_no_news(engine: Engine, crowd: dict[str, int]) -> None:
    Desk(engine).taken(crowd["justice"], field="ho_tich")
    assert collect(engine) == 0


def test_urgency_is_told_also_when_it_comes_later(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    case = desk.open("report", khom="Khóm 3")
    collect(engine)
    sort = {"now": SOON, "calendar": CALENDAR, "limits": LIMITS, "urgency": "urgent", "field": "dat_dai"}
    desk.do(work.classify, case.id, None, work.official(crowd["counter"]), **sort)
    collect(engine, SOON + MINUTE)
    assert {("land", "urgent"), ("khom3", "urgent")} <= told(engine, crowd)
    assert ("counter", "urgent") not in told(engine, crowd)  # who sorted it knows


def test_a_case_passed_on_given_back_and_written_to(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    case_id = desk.taken(crowd["justice"], field="ho_tich")
    me = work.official(crowd["justice"])
    desk.do(work.pass_on, case_id, None, me, crowd["land"], None, SOON)
    collect(engine)
    assert told(engine, crowd) == {("land", "passed_on")}
    desk.do(work.citizen_wrote, case_id, "Còn gì nữa không em", SOON, CALENDAR)
    collect(engine)
    assert told(engine, crowd) == {("land", "passed_on"), ("land", "wrote")}
    desk.do(work.give_back, case_id, None, work.official(crowd["land"]), None, SOON, CALENDAR)
    collect(engine)
    assert ("justice", "given_back") in told(engine, crowd)
    assert ("land", "given_back") not in told(engine, crowd)


def test_a_reopened_case_is_told_to_its_official_and_the_head(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    case_id = desk.answered(crowd["justice"], field="ho_tich")
    desk.do(work.reopen, case_id, None, work.CITIZEN, "Chưa xong", SOON, CALENDAR, LIMITS)
    collect(engine)
    assert told(engine, crowd) == {("justice", "reopened"), ("head", "reopened")}


def test_an_answer_that_did_not_arrive_is_told_to_its_official(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    case_id = desk.taken(crowd["justice"], field="ho_tich")
    me = work.official(crowd["justice"])
    desk.do(work.send_answer, case_id, None, me, "Dạ mình ghé phường nha.", True, SOON)
    desk.do(work.not_delivered, case_id, "failed", SOON)
    collect(engine)
    assert told(engine, crowd) == {("justice", "undelivered")}


# ── once ────────────────────────────────────────────────────────────────────────────────────────


def test_late_twice_and_by_two_at_once_everybody_is_told_once(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    for _ in range(5):
        desk.open(field="ho_tich")
    bundles: list[Bundle] = []

    def job(now: Any) -> None:
        with write_tx(engine) as connection:
            notices.collect(connection, OA, now, RULES)
            bundles.extend(notices.claim_due(connection, OA, now, RULES))

    late = FRIDAY + timedelta(hours=5)
    threads = [Thread(target=job, args=(late,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job(late + timedelta(days=1))
    assert [bundle.staff_id for bundle in bundles] == [crowd["justice"]]
    assert len(bundles[0].items) == 5


def test_the_history_is_read_on_from_where_it_was_left(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    for number in range(notices.BATCH // 2 + 5):
        desk.open(field="ho_tich", person_id=f"p{number}")
    hour = FRIDAY + timedelta(hours=1)
    rounds = [collect(engine, hour) for _ in range(3)]
    assert sum(rounds) == notices.BATCH // 2 + 5
    desk.open(field="dat_dai", now=hour)
    assert collect(engine, hour) == 1


def test_old_history_is_no_news(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    desk.open(field="ho_tich", now=FRIDAY - timedelta(days=8))
    assert collect(engine) == 0


def test_what_ended_meanwhile_is_not_told(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    case = desk.open(field="ho_tich")
    collect(engine)
    desk.do(work.withdraw, case.id, None, work.CITIZEN, SOON)
    assert claim(engine) == []


# ── when ────────────────────────────────────────────────────────────────────────────────────────


def test_silent_hours_hold_back_all_but_what_is_urgent(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    desk.open("report", khom="Khóm 3", now=NIGHT)
    desk.open("report", field="dat_dai", urgency="urgent", now=NIGHT)
    collect(engine, NIGHT)
    assert {bundle.person_id for bundle in claim(engine, NIGHT)} == {"land"}
    morning = (NIGHT + timedelta(days=1)).replace(hour=6, minute=30)
    assert claim(engine, morning - MINUTE) == []
    assert {bundle.person_id for bundle in claim(engine, morning)} == {"khom3", "counter"}


def test_urgent_is_held_too_when_the_head_says_so(engine: Engine, crowd: dict[str, int]) -> None:
    held = Rules(urgent_in_silence=False)
    Desk(engine).open("report", field="dat_dai", urgency="urgent", now=NIGHT)
    collect(engine, NIGHT, held)
    assert claim(engine, NIGHT, held) == []
    assert len(claim(engine, NIGHT + timedelta(hours=9), held)) == 1


def test_rows_written_by_others_are_held_back_as_well(engine: Engine, crowd: dict[str, int]) -> None:
    case = Desk(engine).open(field="ho_tich")
    row = {"oa_id": OA, "staff_id": crowd["justice"], "key": "k", "kind": "due_80", "case_id": case.id}
    with write_tx(engine) as connection:
        when = {"created_at": FRIDAY, "send_at": FRIDAY, "urgent": False}
        connection.execute(insert(staff_notices).values(**row, **when))
    assert claim(engine, NIGHT) == []
    assert len(claim(engine, NIGHT + timedelta(hours=9))) == 1


def test_what_comes_soon_after_is_told_together(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    desk.open(field="ho_tich")
    collect(engine)
    assert len(claim(engine)) == 1
    for _ in range(3):
        desk.open(field="ho_tich", now=SOON)
    collect(engine, SOON)
    assert claim(engine, SOON + GAP - MINUTE) == []
    (bundle,) = claim(engine, SOON + GAP)
    assert len(bundle.items) == 3
    desk.open(field="ho_tich", urgency="urgent", now=SOON + GAP)
    collect(engine, SOON + GAP)
    assert len(claim(engine, SOON + GAP)) == 1  # nobody waits with an urgent case


# ── what ────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_the_citizen_is_in_what_is_told(engine: Engine, crowd: dict[str, int]) -> None:
    Desk(engine).open(
        "report",
        question="Nhà ông Bảy Đực số 45/2",
        title="Bảy Đực",
        address="45/2 hẻm chùa",
        khom="Khóm 3",
        phone_tail="4567",
    )
    collect(engine)
    bundles = claim(engine)
    assert bundles
    names = {field.name for field in fields(Told)}
    assert names == {"kind", "code", "case_id", "case_kind", "field", "khom", "due_at", "urgent"}
    assert not any(word in repr(bundles) for word in ("Bảy", "45/2", "4567", "chùa"))


def test_every_kind_of_the_clock_has_words(engine: Engine, crowd: dict[str, int]) -> None:
    assert {"new", "urgent", "passed_on", "given_back", "returned", "reopened", "late"} <= set(notices.KINDS)


# ── not delivered ───────────────────────────────────────────────────────────────────────────────


def test_untold_are_those_without_zalo_and_those_zalo_refused(engine: Engine, crowd: dict[str, int]) -> None:
    desk = Desk(engine)
    nozalo = desk.official("nozalo", fields=["dat_dai"], zalo_person_id=None)
    desk.open(field="ho_tich")
    desk.open(field="dat_dai")
    collect(engine)
    for bundle in claim(engine):
        ended = "stopped" if bundle.person_id == "justice" else "sent"
        row = {"oa_id": OA, "person_id": bundle.person_id, "dedupe_key": f"{bundle.key}:0", "state": ended}
        with write_tx(engine) as connection:
            times = {"next_attempt_at": SOON, "created_at": SOON}
            connection.execute(insert(outbox).values(**row, **times))
    with read_tx(engine) as connection:
        rows = notices.untold(connection, OA, SOON)
        only = notices.untold(connection, OA, SOON, nozalo)
    assert {(row.staff_id, row.outbox_state) for row in rows} == {
        (crowd["justice"], "stopped"),
        (nozalo, None),
    }
    assert [row.staff_id for row in only] == [nozalo]
