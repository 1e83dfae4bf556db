"""Service at home in the console: confirming, another time, results, whose eyes see addresses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import audit, home_requests, reminders
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock
from tests.console.support import Desk, signed_in
from tests.handlers.test_visits import CALENDAR, FILES
from ward.calendar import VIET_NAM
from ward.home import requests
from ward.home.model import NewRequest, Request, Slot, Where, seal

BOX = SecretBox(KEY, "visits")
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
THURSDAY = date(2026, 12, 3)
PLAN = FILES["mau_chung_thuc_tai_nha"]
ADDRESS, PHONE = "45/2 khóm 1, hẻm chùa", "0912345456"


def asked(engine: Engine, person: str = "p") -> Request:
    who = seal(BOX, Where(None, PHONE, ADDRESS))
    new = NewRequest(
        PLAN.key, "certify", Slot(THURSDAY, "am"), person, who, "gia_yeu", "chung_thuc_chu_ky", None, "Khóm 1"
    )
    with write_tx(engine) as connection:
        return requests.ask(connection, OA, new, PLAN, CALENDAR, FRIDAY)


def desk_of(engine: Engine, role: str = "head", at: datetime = FRIDAY) -> Desk:
    return signed_in(engine, MovableClock(at), role)


def text(desk: Desk, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def row(engine: Engine) -> Any:
    with read_tx(engine) as connection:
        return connection.execute(select(home_requests)).one()


def log(engine: Engine) -> list[str]:
    with read_tx(engine) as connection:
        return [
            one for one in connection.execute(select(audit.c.action)).scalars() if one.startswith("home_")
        ]


def send(desk: Desk, path: str, version: int = 0, **form: str) -> Any:
    return desk.post(f"/tai-nha/1/{path}", seen="/tai-nha/1", version=str(version), **form)


def test_waits_in_the_list_and_is_confirmed(engine: Engine) -> None:
    code, desk = asked(engine).code, desk_of(engine)
    page = text(desk, "/tai-nha")
    assert code in page
    assert "Chờ xác nhận (1)" in page
    assert ADDRESS not in page
    assert send(desk, "nhan").status_code == 302
    assert row(engine).state == "confirmed"
    assert "Tuyến đi" in text(desk, "/tai-nha")
    with read_tx(engine) as connection:
        assert "confirmed" in connection.execute(select(reminders.c.kind)).scalars().all()


def test_addresses_are_opened_on_purpose_and_noted(engine: Engine) -> None:
    asked(engine)
    desk = desk_of(engine)
    assert ADDRESS not in text(desk, "/tai-nha/1")
    assert log(engine) == []
    opened = desk.post("/tai-nha/1/dia-chi", seen="/tai-nha/1").get_data(as_text=True)
    assert ADDRESS in opened
    assert PHONE in opened
    send(desk, "nhan")
    page = text(desk, "/tai-nha/ngay/2026-12-03")
    assert ADDRESS in page
    assert "phút: ...." in page
    assert "Sổ chứng thực" in page
    assert log(engine) == ["home_address_opened", "home_confirmed", "home_address_opened"]


@pytest.mark.parametrize("role", ["khom", "viewer", "restricted", "admin"])
def test_others_see_nothing_of_it(engine: Engine, role: str) -> None:
    asked(engine)
    desk = desk_of(engine, role)
    for path in ("/tai-nha", "/tai-nha/1", "/tai-nha/ngay/2026-12-03"):
        assert desk.get(path).status_code == 403


def test_another_time_and_what_was_typed_stays(engine: Engine) -> None:
    asked(engine)
    desk = desk_of(engine)
    typed = {"day": "2026-12-04", "half": "pm", "hour": "14h", "reason": "sáng cán bộ họp"}
    answer = send(desk, "gio-khac", **typed)
    assert answer.status_code == 400
    page = answer.get_data(as_text=True)
    assert "không phục vụ" in page
    assert "sáng cán bộ họp" in page
    assert send(desk, "gio-khac", **{**typed, "day": "2026-12-10"}).status_code == 302
    assert (row(engine).state, row(engine).day, row(engine).asked_for) == (
        "proposed",
        date(2026, 12, 10),
        "14h",
    )


def test_declining_needs_a_reason(engine: Engine) -> None:
    asked(engine)
    desk = desk_of(engine)
    assert send(desk, "khong-nhan", reason="  ").status_code == 400
    assert send(desk, "khong-nhan", reason="Giấy này phải chứng thực giao dịch").status_code == 302
    assert row(engine).state == "declined"


def test_an_old_page_changes_nothing(engine: Engine) -> None:
    asked(engine)
    desk = desk_of(engine)
    send(desk, "nhan")
    answer = send(desk, "khong-nhan", 0, reason="hết người đi")
    assert answer.status_code == 400
    assert "người khác sửa" in answer.get_data(as_text=True)
    assert row(engine).state == "confirmed"


def test_result_with_hour_and_minute(engine: Engine) -> None:
    mine = asked(engine)
    with write_tx(engine) as connection:
        requests.confirm(connection, OA, mine, PLAN, CALENDAR, FRIDAY)
    desk = desk_of(engine, at=datetime(2026, 12, 3, 11, 0, tzinfo=VIET_NAM))
    assert send(desk, "ket-qua", 1, clock="").status_code == 400
    assert send(desk, "ket-qua", 1, clock="08:47", result="ký 1 giấy").status_code == 302
    assert row(engine).visited_at == datetime(2026, 12, 3, 8, 47, tzinfo=VIET_NAM)
    assert send(desk, "khong-lam", 2, reason="bác không còn minh mẫn").status_code == 302
    assert (row(engine).state, row(engine).visited_at) == ("not_done", None)
