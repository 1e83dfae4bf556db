"""Notices of results in the console: who may, what is refused, what is noted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import audit, reminders
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock
from tests.console.support import Desk, signed_in
from ward import results
from ward.calendar import VIET_NAM
from ward.results import Wish

BOX = SecretBox(KEY, "visits")
MONDAY = datetime(2026, 11, 30, 8, 15, tzinfo=VIET_NAM)
PATH = "/bao-ket-qua"
DOSSIER = "H20.27-261127-0003"


def wished(engine: Engine, way: results.Way = "sms") -> str:
    wish = Wish("trich_luc_ho_tich", way, "0912345456")
    with write_tx(engine) as connection:
        return results.ask(connection, BOX, OA, "p", wish, date(2026, 11, 30), MONDAY - timedelta(days=3))


def desk_of(engine: Engine, role: str = "one_stop") -> Desk:
    return signed_in(engine, MovableClock(MONDAY), role)


def text(desk: Desk, path: str = PATH) -> str:
    return desk.get(path).get_data(as_text=True)


def log(engine: Engine) -> list[tuple[str, str]]:
    with read_tx(engine) as connection:
        rows = connection.execute(select(audit.c.action, audit.c.subject))
        return [(row.action, row.subject) for row in rows if row.action == "result_ready"]


@pytest.mark.parametrize(
    ("role", "status"), [("head", 200), ("one_stop", 200), ("field", 403), ("khom", 403), ("viewer", 403)]
)
def test_who_may(engine: Engine, role: str, status: int) -> None:
    assert desk_of(engine, role).get(PATH).status_code == status


def test_the_number_is_not_on_the_page(engine: Engine) -> None:
    code = wished(engine)
    page = text(desk_of(engine))
    assert code in page
    assert "Tin nhắn điện thoại" in page
    assert "0912" not in page


def test_ready_is_noted_once_and_leaves_the_list(engine: Engine) -> None:
    code, desk = wished(engine), desk_of(engine)
    assert "Chờ báo kết quả" in text(desk, "/")
    sent = {"dossier": f" {DOSSIER.lower()} ", "day": "2026-11-30"}
    assert desk.post(f"{PATH}/{code}", seen=PATH, **sent).status_code == 302
    page = text(desk)
    assert "Không có ai chờ báo kết quả." in page
    assert DOSSIER in page
    assert "Đang chờ gửi" in page
    answer = desk.post(f"{PATH}/{code}", seen=PATH, **sent)
    assert (answer.status_code, "Mã này đã báo rồi" in answer.get_data(as_text=True)) == (400, True)
    assert log(engine) == [("result_ready", code)]
    with read_tx(engine) as connection:
        rows = connection.execute(select(reminders.c.subject, reminders.c.kind)).all()
    assert [tuple(row) for row in rows] == [("appointment", "result_ready")]
    assert "Chờ báo kết quả" not in text(desk, "/")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"dossier": "chị Tám", "day": "2026-11-30"}, "mã hồ sơ như trên giấy hẹn"),
        ({"dossier": DOSSIER, "day": "2026-11-29"}, "từ hôm nay trở đi"),
        ({"dossier": DOSSIER, "day": ""}, "Chọn ngày"),
    ],
)
def test_what_is_wrong_is_said_and_kept(engine: Engine, sent: dict[str, str], said: str) -> None:
    code, desk = wished(engine), desk_of(engine)
    answer = desk.post(f"{PATH}/{code}", seen=PATH, **sent)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, said in page) == (400, True)
    assert f'value="{sent["dossier"]}"' in page
    assert log(engine) == []
