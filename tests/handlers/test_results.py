"""The notice of a result through the real conversation and database (the end of dialogue 10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.ladder import opened
from bot.reminding import Reminding, who_of
from bot.retention import purge
from handlers.reminder_words import WordsOfReminders
from handlers.result_words import ResultVoice
from handlers.tokens import token
from store.engine import read_tx, write_tx
from store.schema import (
    appointments,
    inbox_events,
    outbox,
    programme_procedures,
    reminders,
    staff_tasks,
    turns,
)
from tests.bot.support import OA
from tests.handlers.test_visits import BOX, WARD, Talk
from tests.handlers.world import phrases
from ward import results, settings
from ward.calendar import VIET_NAM
from ward.codes import parse_code
from ward.forgetting import forget_person
from ward.results import Notice, ResultRefused

TH = "th_thu_sau_khong_cho"
FRIDAY = datetime(2026, 11, 27, 14, 50, tzinfo=VIET_NAM)
MONDAY = date(2026, 11, 30)
PHONE = "0912345456"
DOSSIER = "H20.27-261127-0003"


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    made = Talk(tmp_path)
    made.clock.at = FRIDAY
    row = {
        "oa_id": OA,
        "programme": TH,
        "position": 1,
        "procedure_key": "trich_luc_ho_tich",
        "name": "Trích lục",
    }
    with write_tx(made.engine) as connection:
        connection.execute(insert(programme_procedures).values(**row))
    yield made
    made.engine.dispose()


def asked(talk: Talk) -> str:
    talk.send("giờ chạy ra làm trích lục khai sinh kịp hông")
    return talk.send("15h40 mới tới được")


def kept(talk: Talk) -> list[Notice]:
    with read_tx(talk.engine) as connection:
        return results.waiting(connection, BOX, OA)


def is_ready(talk: Talk, code: str, dossier: str = DOSSIER, day: date = MONDAY) -> None:
    with write_tx(talk.engine) as connection:
        results.ready(connection, BOX, OA, code, dossier, day, talk.clock())


def told(talk: Talk, has_sms: bool = False) -> list[Any]:
    """What lies in the outbox after the clock's job."""
    before = talk.count(outbox)
    voice = ResultVoice(phrases(), WARD, partial(who_of, BOX))
    words = WordsOfReminders(phrases(), {"appointment": voice})
    Reminding(talk.engine, OA, words, BOX, 60, has_sms=has_sms).tick(talk.clock())
    with read_tx(talk.engine) as connection:
        return list(connection.execute(select(outbox).order_by(outbox.c.id).offset(before)))


def test_by_zalo_when_the_officer_has_written_the_dossier(talk: Talk) -> None:
    said = asked(talk)
    assert "mình được hẹn trước 9h thứ Hai 30/11 nha" in said
    assert said.endswith("Mình muốn em nhắn khi có kết quả không ạ?")
    assert talk.buttons() == ["Nhắn Zalo", "Tin nhắn", "Không cần"]
    said = talk.press("Nhắn Zalo")
    (notice,) = kept(talk)
    assert parse_code(said).code == notice.code
    assert (notice.day, notice.wish.procedure, notice.wish.way) == (MONDAY, "trich_luc_ho_tich", "zalo")
    talk.clock.at = datetime(2026, 11, 30, 8, 15, tzinfo=VIET_NAM) - timedelta(days=2)
    is_ready(talk, notice.code)
    (message,) = told(talk)
    text = message.reply["text"]
    assert message.person_id == "p"
    assert DOSSIER in text
    assert WARD.counter.name in text
    assert "từ thứ Hai 30/11/2026" in text
    assert "rích lục" not in text, "nothing of what it is about"
    assert told(talk) == []


def test_by_sms_to_the_number_that_is_sealed(talk: Talk) -> None:
    asked(talk)
    assert "xin phép xin số điện thoại" in talk.press("Tin nhắn")
    said = talk.send("0912 345 456")
    assert "số đuôi 456" in said
    (notice,) = kept(talk)
    assert (notice.wish.way, notice.wish.phone) == ("sms", PHONE)
    for table in (appointments, turns, inbox_events, outbox, reminders):
        with read_tx(talk.engine) as connection:
            rows = repr([tuple(row) for row in connection.execute(select(table))])
        assert PHONE not in rows.replace(" ", "")
    is_ready(talk, notice.code)
    assert told(talk) == [], "no gateway: nobody writes to Zalo instead"
    with read_tx(talk.engine) as connection:
        tasks = list(connection.execute(select(staff_tasks.c.kind, staff_tasks.c.person_id)))
    assert [task.kind for task in tasks] == ["call_reminder"]


def test_a_gateway_carries_it_to_the_sealed_number(talk: Talk) -> None:
    asked(talk)
    talk.press("Tin nhắn")
    talk.send(PHONE)
    is_ready(talk, kept(talk)[0].code)
    with write_tx(talk.engine) as connection:
        settings.set_one(connection, OA, None, "reminder_sms", True, "Có cổng tin nhắn", talk.clock())
    (message,) = told(talk, has_sms=True)
    assert (message.person_id, message.reply["route"]["by"]) == ("p", "sms")
    assert opened(BOX, message.reply["route"]["to"]) == PHONE
    assert DOSSIER in message.reply["text"]


@pytest.mark.parametrize(
    ("words", "way"),
    [
        ("có", "zalo"),
        ("nhắn zalo đi em", "zalo"),
        ("nhắn tin vô số điện thoại", "phone"),
        ("zalo của tui bị hư rồi phải làm sao đây", None),
        ("tin nhắn", "phone"),
        ("khỏi", "declined"),
        ("không", "declined"),
    ],
)
def test_in_words(talk: Talk, words: str, way: str | None) -> None:
    asked(talk)
    said = talk.send(words)
    assert (len(kept(talk)) == 1) == (way == "zalo")
    assert ("xin số điện thoại" in said) == (way == "phone")
    assert ("tới hẹn mình ghé" in said) == (way == "declined")


def test_another_question_goes_its_way(talk: Talk) -> None:
    asked(talk)
    assert "chưa nằm trong danh mục không chờ" in talk.send("còn đất đai có không chờ không")
    assert kept(talk) == []
    asked(talk)
    assert "lấy liền trong hôm nay" in talk.send("à 15h20 tới được rồi")
    assert talk.buttons() == ["Nhắn Zalo", "Tin nhắn", "Không cần"]


def test_asked_again_is_one_wish_with_the_new_way(talk: Talk) -> None:
    asked(talk)
    first = parse_code(talk.press("Nhắn Zalo")).code
    asked(talk)
    talk.press("Tin nhắn")
    assert parse_code(talk.send(PHONE)).code == first
    assert [notice.wish.way for notice in kept(talk)] == ["sms"]


def test_a_wrong_number_is_asked_for_once_more(talk: Talk) -> None:
    asked(talk)
    talk.press("Tin nhắn")
    assert "chưa thấy số điện thoại" in talk.send("0912")
    assert "nhắn mình qua Zalo" in talk.press("Nhắn Zalo")


def test_given_up_by_button_or_code_and_only_by_its_person(talk: Talk) -> None:
    asked(talk)
    code = parse_code(talk.press("Nhắn Zalo")).code
    assert code is not None
    assert "không thấy" in talk.send(f"hủy {code}", "stranger")
    assert "chưa báo có kết quả" in talk.send(code)
    assert "bỏ lời nhắn" in talk.press("Thôi, không nhắn")
    assert kept(talk) == []
    with pytest.raises(ResultRefused, match="đã báo rồi"):
        is_ready(talk, code)


def test_told_once_and_shown_by_its_code_afterwards(talk: Talk) -> None:
    asked(talk)
    code = parse_code(talk.press("Nhắn Zalo")).code
    assert code is not None
    is_ready(talk, code)
    with pytest.raises(ResultRefused, match="đã báo rồi"):
        is_ready(talk, code, "H20.27-261127-0099")
    assert DOSSIER in talk.send(code)


@pytest.mark.parametrize("dossier", ["", "anh Ba tới lấy", "H20<b>", "X" * 41, "số 12"])
def test_what_is_no_dossier_code_is_refused(talk: Talk, dossier: str) -> None:
    with pytest.raises(ResultRefused, match="mã hồ sơ"):
        is_ready(talk, "KQ-2611-0001-1", dossier)


@pytest.mark.parametrize(
    "payload",
    [
        token("result", "zalo", "trich_luc_ho_tich.20270601"),
        token("result", "zalo", "trich_luc_ho_tich.2026"),
        token("result", "sms", "khong_co.20261130"),
        token("result", "drop", "KQ-2611-0001-1"),
    ],
)
def test_made_up_buttons_keep_nothing(talk: Talk, payload: str) -> None:
    talk.send(payload)
    talk.send(PHONE)
    assert kept(talk) == []


def test_forgotten_with_the_person(talk: Talk) -> None:
    asked(talk)
    talk.press("Nhắn Zalo")
    with write_tx(talk.engine) as connection:
        forget_person(connection, OA, "p", talk.clock())
        assert [row.who for row in connection.execute(select(appointments.c.who))] == [b""]
    assert kept(talk) == []


def test_forgotten_after_a_month(talk: Talk) -> None:
    asked(talk)
    talk.press("Nhắn Zalo")
    limit = datetime(2026, 12, 30, 12, 0, tzinfo=VIET_NAM)
    assert purge(talk.engine, limit)["result_notices"] == 0
    assert purge(talk.engine, limit + timedelta(days=1))["result_notices"] == 1
