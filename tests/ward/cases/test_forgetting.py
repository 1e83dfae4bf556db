"""Who asks to be forgotten leaves no words, phone or place behind; what happened stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, insert, select

from bot import people
from bot.people import Person
from bot.retention import purge
from store.engine import read_tx, write_tx
from store.schema import attempts, case_messages, case_views, drafts, metadata, photos, staff_notices
from tests.ward.cases.desk import FRIDAY, OA, Desk
from ward.cases import work
from ward.cases.work import official
from ward.forgetting import forget_person

ME = official(1)
SECRET = "Mận"
PLACE: dict[str, Any] = {
    "question": f"Tôi là {SECRET}, cống bể", "title": f"Cống nhà bà {SECRET}", "address": f"nhà bà {SECRET}",
    "contact": SECRET.encode(), "phone_tail": "4321", "latitude": 10.4321, "longitude": 105.4321,
    "context": {"said_before": [f"tôi tên {SECRET}"], "bereavement": True},
    "field": "ho_tich", "khom": "Khóm 3",
}  # fmt: skip


def dump(desk: Desk, tables: MetaData = metadata) -> str:
    """Every value of every table, as text."""
    with read_tx(desk.engine) as connection:
        rows = [row for table in tables.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(str(tuple(_open(value) for value in row)) for row in rows)


def _open(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def add_picture(desk: Desk, token: str, **more: Any) -> None:
    row = {"token": token, "oa_id": OA, "kind": "before", "created_at": FRIDAY, "width": 1, "height": 1}
    with write_tx(desk.engine) as connection:
        connection.execute(insert(photos).values(**{**row, "content": b"x", **more}))


def tokens(desk: Desk) -> set[str]:
    with read_tx(desk.engine) as connection:
        return set(connection.execute(select(photos.c.token)).scalars())


def add_draft(desk: Desk, person_id: str, at: Any = FRIDAY) -> None:
    with write_tx(desk.engine) as connection:
        row = {"oa_id": OA, "person_id": person_id, "data": SECRET.encode(), "updated_at": at}
        connection.execute(insert(drafts).values(**row))


def test_an_ended_case_keeps_its_facts_and_loses_the_person(desk: Desk) -> None:
    case_id = desk.answered(**PLACE)
    desk.do(work.rate, desk.answered(person_id="p1"), None, work.CITIZEN, 3, FRIDAY)
    add_picture(desk, "theirs", case_id=case_id)
    add_picture(desk, "mended", case_id=case_id, kind="after")
    add_picture(desk, "draft", person_id="p1")
    add_picture(desk, "other", person_id="p2")
    add_draft(desk, "p1")
    before = desk.case(case_id)
    done = desk.do(forget_person, "p1", FRIDAY)
    assert SECRET not in dump(desk)
    assert not [figure for figure in ("4321", "10.43") if figure in dump(desk)]
    assert (done.cases[0], done.open_cases, done.photos) == (case_id, (), 2)
    assert tokens(desk) == {"mended", "other"}
    case = desk.case(case_id)
    for fact in (
        "code",
        "kind",
        "field",
        "khom",
        "state",
        "created_at",
        "due_at",
        "answered_at",
        "answered_by",
    ):
        assert getattr(case, fact) == getattr(before, fact)
    assert case.bereaved
    assert desk.events(case_id)[-1] == "forgotten"
    with read_tx(desk.engine) as connection:
        said = select(case_messages.c.text).where(case_messages.c.author == "staff")
        assert connection.execute(said).scalars().all() == ["Dạ mình ghé phường."] * 2
    assert desk.do(forget_person, "p1", FRIDAY).cases == ()


def test_a_running_case_keeps_its_words_until_it_ends(desk: Desk) -> None:
    case_id = desk.taken(**PLACE)
    add_picture(desk, "needed", case_id=case_id)
    assert desk.do(forget_person, "p1", FRIDAY).open_cases == (case_id,)
    assert desk.case(case_id).address == PLACE["address"]
    assert tokens(desk) == {"needed"}
    assert purge(desk.engine, FRIDAY)["forgotten"] == 0
    desk.do(work.answered_by_phone, case_id, None, ME, "phone", "Đã gọi", FRIDAY)
    assert purge(desk.engine, FRIDAY)["forgotten"] == 1
    assert SECRET not in dump(desk)
    assert tokens(desk) == set()
    assert purge(desk.engine, FRIDAY)["forgotten"] == 0


def test_others_words_stay_and_the_joined_ones_leave(desk: Desk) -> None:
    case_id = desk.open("report", person_id="p2", question="Cống bể trước nhà").id
    desk.do(work.join, case_id, "p1", f"Tôi là {SECRET}, cũng thấy", FRIDAY)
    desk.do(forget_person, "p1", FRIDAY)
    assert SECRET not in dump(desk)
    assert desk.case(case_id).question == "Cống bể trước nhà"
    assert desk.look(lambda c, _oa: work.audience(c, work.load(c, OA, case_id))) == ["p2"]


def test_withdrawing_at_zalo_forgets_the_cases_too(desk: Desk) -> None:
    desk.answered(**PLACE)
    add_draft(desk, "p1")
    with write_tx(desk.engine) as connection:
        person = people.load(connection, OA, "p1", FRIDAY)
        people.forget(connection, Person(OA, person.person_id, {}, None), FRIDAY)
    assert SECRET not in dump(desk)


def test_another_ward_forgets_nothing_of_ours(desk: Desk) -> None:
    case_id = desk.answered(**PLACE)
    with write_tx(desk.engine) as connection:
        assert forget_person(connection, "another", "p1", FRIDAY).cases == ()
    assert desk.case(case_id).address == PLACE["address"]


def test_drafts_tries_views_and_pictures_go_after_their_time(desk: Desk) -> None:
    day, minute = timedelta(days=1), timedelta(minutes=1)
    ended, running = desk.answered(), desk.open("report").id
    for name, at in (("old", FRIDAY - day - minute), ("young", FRIDAY - day + minute)):
        add_draft(desk, name, at)
        add_picture(desk, f"{name} orphan", person_id="p1", created_at=at)
        with write_tx(desk.engine) as connection:
            connection.execute(insert(attempts).values(what="track", who=name, at=at))
            view = {"case_id": 1, "staff_id": 1 if name == "old" else 2, "at": at, "writing": False}
            connection.execute(insert(case_views).values(**view))
    add_picture(desk, "of ended", case_id=ended)
    add_picture(desk, "of running", case_id=running)
    with write_tx(desk.engine) as connection:
        notice = {"oa_id": OA, "staff_id": 1, "key": "k", "kind": "late", "urgent": False, "send_at": FRIDAY}
        connection.execute(insert(staff_notices).values(**notice, created_at=FRIDAY - 61 * day))
    gone = purge(desk.engine, FRIDAY)
    assert {name: n for name, n in gone.items() if n} == {
        "drafts": 1, "photos": 1, "attempts": 1, "views": 1, "notices": 1,
    }  # fmt: skip
    assert tokens(desk) == {"young orphan", "of ended", "of running"}
    purge(desk.engine, FRIDAY + 181 * day)
    assert tokens(desk) == {"of running"}


def test_what_is_forgotten_is_not_left_in_the_file(tmp_path: Path, desk: Desk) -> None:
    desk.answered(**PLACE)
    desk.do(forget_person, "p1", FRIDAY)
    if desk.engine.dialect.name == "sqlite":
        with desk.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert SECRET.encode() not in (tmp_path / "ward.db").read_bytes()
