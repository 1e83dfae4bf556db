"""People who call or come: entered by an official under the chat's rules, reminded by the list of calls."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx
from store.schema import audit, home_requests, signups
from tests.bot.support import MovableClock
from tests.bot.support_reminders import Bench
from tests.console.support import Desk, signed_in
from tests.console.test_home import BOX, FRIDAY, asked, text
from tests.console.test_visits import CALLER, head
from ward.home.model import Where, unseal

PATH = "/tai-nha/ghi-giup"
CERTIFY = {
    "kind": "home_certify",
    "way": "came",
    "group": "gia_yeu",
    "slot": "2026-12-03/am",
    "name": "Anh Ba",
    "phone": "+84 912 345 777",
    "address": "45/2 khóm 1, hẻm chùa",
    "consent": "yes",
}


def rows(engine: Engine, table: Any) -> list[Any]:
    with read_tx(engine) as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def enter(desk: Desk, **other: str) -> tuple[int, str]:
    answer = desk.post(PATH, f"{PATH}?loai={other.get('kind', 'home_certify')}", **{**CERTIFY, **other})
    return answer.status_code, answer.get_data(as_text=True)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(FRIDAY)


def test_a_request_for_a_caller_is_sealed_and_reminded_by_telephone(
    engine: Engine, clock: MovableClock
) -> None:
    desk = signed_in(engine, clock, "one_stop")
    assert enter(desk)[0] == 302
    (row,) = rows(engine, home_requests)
    assert (row.person_id, row.state, row.day, row.half) == (None, "asked", date(2026, 12, 3), "am")
    assert (row.person_group, row.procedure_key, row.khom) == ("gia_yeu", "chung_thuc_chu_ky", "Khóm 1")
    assert unseal(BOX, row.who) == Where("Anh Ba", "0912345777", "45/2 khóm 1, hẻm chùa")
    assert "Anh Ba" not in text(desk, "/tai-nha/1")
    noted = next(one for one in rows(engine, audit) if one.action == "home_added")
    assert noted.detail == {"code": row.code, "way": "came", "consent": "oral"}
    assert desk.post("/tai-nha/1/nhan", seen="/tai-nha/1", version="0").status_code == 302
    work = Bench(engine).work
    work.tick(clock())
    assert f"confirmed {row.code} còn 6 ngày" in text(desk, "/can-goi")


def test_what_was_agreed_on_the_spot_is_not_told_again(engine: Engine, clock: MovableClock) -> None:
    desk = signed_in(engine, clock, "one_stop")
    assert enter(desk, sure="yes")[0] == 302
    assert rows(engine, home_requests)[0].state == "confirmed"
    bench = Bench(engine)
    bench.work.tick(clock())
    assert bench.calls() == []
    assert set(bench.states()) == {"t3", "t1", "morning"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"consent": ""}, "đánh dấu ô đồng ý"),
        ({"phone": "12"}, "9 đến 11 chữ số"),
        ({"name": " "}, "Ghi tên gọi"),
        ({"address": "xa"}, "Ghi địa chỉ"),
        ({"group": "giau_co"}, "Chọn diện"),
        ({"slot": "2026-12-02/am"}, "không phục vụ"),
        ({"slot": "mai"}, "Chọn buổi"),
        ({"kind": "home_timed", "slot": "2026-12-03/am"}, "Chọn việc cần làm"),
        ({"kind": "khac"}, "không có chương trình"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    sqlite_engine: Engine, clock: MovableClock, change: dict[str, str], words: str
) -> None:
    status, page = enter(signed_in(sqlite_engine, clock, "head"), **change)
    assert status == 400
    assert words in page
    assert ("hẻm chùa" in page) == ("address" not in change)
    assert rows(sqlite_engine, home_requests) == []


def test_the_rules_of_the_chat_hold(engine: Engine, clock: MovableClock) -> None:
    """Three places in a half day; one open request for a person, whichever way it came."""
    asked(engine)
    desk = signed_in(engine, clock, "head")
    status, page = enter(desk, phone="0912 345 456")
    assert status == 400
    assert "Số này đang có hẹn" in page
    assert [enter(desk, phone=f"091234577{n}")[0] for n in range(3)] == [302, 302, 400]
    assert len(rows(engine, home_requests)) == 3


def test_answers_by_telephone(engine: Engine, clock: MovableClock) -> None:
    desk = signed_in(engine, clock, "head")
    enter(desk)
    other = {"day": "2026-12-10", "half": "pm", "reason": "sáng cán bộ họp"}
    seen = "/tai-nha/1"
    assert desk.post("/tai-nha/1/gio-khac", seen, version="0", **other).status_code == 302
    assert desk.post("/tai-nha/1/dan-nhan", seen, version="1").status_code == 302
    assert rows(engine, home_requests)[0].state == "confirmed"
    assert desk.post("/tai-nha/1/dan-huy", seen, version="2").status_code == 302
    assert rows(engine, home_requests)[0].state == "cancelled"
    asked(engine)
    answer = desk.post("/tai-nha/2/dan-huy", seen, version="0")
    assert answer.status_code == 400
    assert "người dân tự bấm" in answer.get_data(as_text=True)


def test_a_sign_up_for_a_caller_needs_their_consent_and_is_one(engine: Engine) -> None:
    desk, path = head(engine), "/lich-luu-dong/1/ghi-ten"
    seen = "/lich-luu-dong/1"

    def add(**other: str) -> tuple[int, str]:
        answer = desk.post(path, seen, **{**CALLER, **other})
        return answer.status_code, answer.get_data(as_text=True)

    status, page = add(consent="")
    assert (status, "đánh dấu ô đồng ý" in page, "Bà Năm" in page) == (400, True, True)
    assert add()[0] == 302
    status, page = add(phone="84912345999", name="Bà Năm nữa")
    assert (status, "Số này đã ghi tên rồi" in page) == (400, True)
    assert add(for_other="yes")[0] == 302
    assert [(one.number, one.for_other) for one in rows(engine, signups)] == [(1, False), (2, True)]
    noted = next(one for one in rows(engine, audit) if one.action == "visit_signup_added")
    assert noted.detail["consent"] == "oral"
