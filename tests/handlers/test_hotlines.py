"""Hotlines and citizen reception in chat: groups in order, tap to call, only what holds."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from bot.replies import Turn
from handlers.layout import fits
from tests.handlers.world import FRIDAY, Chat, RecordingDesk, assistant, profile, whole
from tests.ward.test_profile import SAMPLE_TEXT, profile_from
from ward.calendar import VIET_NAM


@pytest.mark.parametrize(
    "words",
    ["đường dây nóng", "duong day nong", "cho hỏi hotline của phường", "số điện thoại lãnh đạo",
     "so dien thoai chu tich phuong", "xin số của chủ tịch", "sđt phó chủ tịch", "#ward:hotlines"],
)  # fmt: skip
def test_every_number_in_force_can_be_tapped(words: str) -> None:
    result = Chat().send(words)
    buttons = [button for reply in result.replies for button in reply.buttons]
    numbers = ["0277 000 0010", "0277 000 0011", "0277 000 0012", "0277 000 0013", "0277 000 0015",
               "0277 000 0001"]  # fmt: skip
    assert [(button.kind, button.payload) for button in buttons] == [("phone", number) for number in numbers]
    text = whole(result.replies)
    assert "0277 000 0014" not in text
    order = [text.index(group.group) for group in profile().hotlines]
    assert order == sorted(order)


def test_a_number_stands_in_the_message_that_has_its_button() -> None:
    for reply in Chat().send("đường dây nóng").replies:
        told = re.findall(r"☎ ([\d ]+) ·", reply.text)
        assert told == [button.payload for button in reply.buttons]


def test_many_numbers_become_several_messages(tmp_path: Path) -> None:
    line = (
        '[[hotlines.lines]]\nname = "Số {n} (mẫu)"\nnumber = "0277 000 01{n:02d}"\nchecked_on = 2026-11-02\n'
    )
    lines = "".join(line.format(n=n) for n in range(12))
    before, after = SAMPLE_TEXT.split("\n[[hotlines]]\n", 1)
    rest = after.split("[citizen_reception]", 1)[1]
    text = f'{before}\n[[hotlines]]\ngroup = "Lãnh đạo"\n{lines}[citizen_reception]{rest}'
    bot = assistant(ward=profile_from(tmp_path, text))
    result = bot.respond(Turn("p1", "đường dây nóng", FRIDAY), RecordingDesk())
    told = [reply for reply in result.replies if reply.buttons]
    assert len(told) == 3
    assert all(len(reply.buttons) <= 5 and fits(reply.text) for reply in told)
    assert all("Lãnh đạo" in reply.text for reply in told)
    assert sum(len(reply.buttons) for reply in told) == 12


def test_without_hotlines_the_usual_contacts_are_told() -> None:
    chat = Chat(bot=assistant(ward=profile().model_copy(update={"hotlines": ()})))
    assert "0277 000 0000" in chat.says("đường dây nóng")


@pytest.mark.parametrize(
    "words",
    ["lịch tiếp công dân", "lich tiep dan cua phuong", "chủ tịch tiếp dân ngày nào",
     "bữa nào lãnh đạo tiếp dân"],
)  # fmt: skip
def test_the_reception_schedule_is_the_wards_own(words: str) -> None:
    chat = Chat()
    said = chat.says(words)
    assert "thứ Năm hằng tuần, 7h30–11h" in said
    assert "Buổi gần nhất: thứ Năm 26/11/2026" in said
    assert chat.last is not None
    assert chat.last.keys == ("tiep_cong_dan_xa",)
    assert chat.buttons() == ["Gọi 0277 000 0002", "Đường dây nóng", "Menu"]


def test_a_reception_day_that_is_a_holiday_is_not_told() -> None:
    chat = Chat(at=datetime(2027, 1, 28, 18, tzinfo=VIET_NAM))
    assert chat.bot.calendar.is_holiday(date(2027, 2, 4))
    assert "Buổi gần nhất: thứ Năm 11/02/2027" in chat.says("lịch tiếp công dân")


def test_without_a_schedule_the_procedure_answers() -> None:
    chat = Chat(bot=assistant(ward=profile().model_copy(update={"citizen_reception": None})))
    assert "niêm yết" in chat.says("chủ tịch tiếp dân ngày nào")


@pytest.mark.parametrize(
    ("words", "key"),
    [("giờ làm việc", "Giờ làm việc:"), ("số điện thoại một cửa", "Trung tâm PVHCC"),
     ("gặp lãnh đạo", "cán bộ")],
)  # fmt: skip
def test_neighbouring_questions_keep_their_answers(words: str, key: str) -> None:
    said = Chat().says(words)
    assert key in said
    assert "theo từng việc" not in said


def test_a_complaint_is_shown_the_hotlines_too() -> None:
    chat = Chat()
    chat.send("tôi muốn tố cáo cán bộ")
    chat.send("#ward:to_cao")
    assert "Đường dây nóng" in chat.buttons()
    assert "0277 000 0010" in whole(chat.send("Đường dây nóng").replies)
