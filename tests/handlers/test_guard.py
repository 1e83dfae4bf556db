"""The guard over complaints and denunciations: who is meant by it and who is not, and what stays sealed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.replies import Attachment
from handlers.reception import read_name
from knowledge.intents import intent_of
from knowledge.syllables import plain
from tests.handlers.world import Chat, whole

WORDINGS: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("complaint_wordings.yaml").read_text("utf-8")
)
MEANT, LATER = WORDINGS["meant"], WORDINGS["later"]
NOT_MEANT = WORDINGS["not_meant"] + WORDINGS["later_not_meant"]
STORY = "ông Tám địa chính hẹn ra quán rồi đòi 5 triệu mới ký cho nhà tôi"


def sealed(words: str) -> bool:
    chat = Chat()
    return chat.send(words).restricted and chat.desk.restricted == [words]


@pytest.mark.parametrize("words", MEANT)
def test_what_is_meant_is_sealed(words: str) -> None:
    assert sealed(words)


@pytest.mark.parametrize("words", NOT_MEANT)
def test_what_only_resembles_it_is_answered(words: str) -> None:
    assert not sealed(words)


def test_without_accents_hardly_less_is_recognised() -> None:
    bare = [plain(words.lower()) for words in MEANT]
    assert sum(_formal(words) for words in bare) >= 0.97 * len(bare)
    assert not [words for words in map(plain, NOT_MEANT) if _formal(words)]


def test_what_was_written_later() -> None:
    """Some of these say it between the lines only; the measure is what may not get worse."""
    assert sum(map(sealed, LATER)) >= 0.8 * len(LATER)


def _formal(words: str) -> bool:
    found = intent_of(words)
    return found is not None and found.name == "formal_complaint"


# ── inside a conversation ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("before", [
    ["làm khai sinh cần gì"], ["phản ánh"], ["làm sổ đất cần gì", "hồ sơ"], ["menu"], ["gặp cán bộ"],
    ["tôi muốn kết hôn"], ["hẹn tiếp dân"],
])  # fmt: skip
def test_it_is_recognised_in_the_middle_of_anything(before: list[str]) -> None:
    chat = Chat()
    for words in before:
        chat.send(words)
    result = chat.send(STORY)
    assert result.restricted
    assert chat.desk.restricted == [STORY]
    assert "Tám" not in str(chat.state)
    assert "Tám" not in whole(result.replies)


def test_a_short_message_with_a_name_is_not_a_bare_choice() -> None:
    chat = Chat()
    chat.send("tôi muốn tố cáo")
    result = chat.send("tố cáo ông Bảy")
    assert result.restricted
    assert chat.desk.restricted[-1] == "tố cáo ông Bảy"


@pytest.mark.parametrize("more", [
    "hồ sơ sang tên sổ đất đó ổng giữ hai năm, lệ phí ổng tự đặt", "ông đó tên Nguyễn Văn Tám nhà khóm 2",
    "làm sổ đất cho bà con ổng thì 3 ngày là xong còn nhà tôi thì 2 năm chưa thấy", "còn chuyện này nữa",
    "ông Tám cấp sổ cho ai", "cảm ơn em nhưng mà ông Tám còn lấy của nhà kế bên 2 cây vàng nha",
])  # fmt: skip
def test_the_story_told_on_is_sealed_even_where_it_speaks_of_procedures(more: str) -> None:
    chat = Chat()
    chat.send(STORY)
    assert chat.send(more).restricted
    assert chat.desk.restricted == [STORY, more]


def test_after_the_menu_the_story_told_on_is_sealed_and_a_question_is_answered() -> None:
    chat = Chat()
    chat.send(STORY)
    assert chat.send("menu").outcome == "menu"
    assert chat.send("bữa sau nữa tôi có gặp lại ở nhà bà Hai kế bên chợ").restricted
    chat.send("menu")
    asked = chat.send("làm giấy khai sinh cho bé cần gì")
    assert (asked.keys, asked.restricted) == (("khai_sinh",), False)


def test_danger_goes_first_and_the_words_are_sealed_too() -> None:
    chat = Chat()
    words = "tôi tố cáo ông Tám công an đang đánh người, cứu với"
    result = chat.send(words)
    assert (result.outcome, result.restricted) == ("emergency", True)
    assert chat.desk.restricted == [words]
    assert chat.desk.alarms


def test_pictures_of_evidence_are_not_wanted() -> None:
    chat = Chat()
    chat.send(STORY)
    picture = Attachment("image", "https://f6.zdn.vn/a.jpg")
    chat.send("", "user_send_image", picture)
    assert not chat.desk.photos


# ── a day of citizen reception ──────────────────────────────────────────────────────────────────


def booking(day: str = "Thứ Năm 26/11") -> Chat:
    chat = Chat()
    chat.send("tôi muốn tố cáo")
    chat.send("2")
    chat.send("Hẹn ngày tiếp dân")
    assert chat.buttons()[:3] == ["Thứ Năm 26/11", "Thứ Năm 03/12", "Thứ Năm 10/12"]
    chat.send(day)
    return chat


def test_a_name_and_a_day_are_enough() -> None:
    chat = booking("2")
    result = chat.send("chị Tám, 0912 345 678")
    ((code, (day, name, phone)),) = chat.desk.booked.items()
    assert (day, name, phone) == (date(2026, 12, 3), "chị Tám", "0912345678")
    assert (result.outcome, result.restricted) == ("booking", True)
    text = whole(result.replies)
    assert code in text
    assert "thứ Năm 03/12/2026" in text
    assert "Phòng tiếp công dân" in text
    assert "Tám" not in text + str(result.state)


@pytest.mark.parametrize(
    "story", [STORY, "tôi tố cáo", "ổng tên Tám ở khóm 3 có vợ làm ở chợ", "căn cước 087199000123"]
)
def test_a_story_instead_of_a_name_is_sealed_and_not_in_the_appointment(story: str) -> None:
    chat = booking()
    result = chat.send(story)
    assert result.restricted
    assert chat.desk.restricted[-1] == story
    assert not chat.desk.booked
    assert "Mình cho em xin tên gọi thôi" in whole(result.replies)
    chat.send("anh Ba")
    assert [booked[1] for booked in chat.desk.booked.values()] == ["anh Ba"]


def test_the_appointment_is_shown_and_given_back_by_its_code() -> None:
    chat = booking()
    chat.send("anh Ba")
    (code,) = chat.desk.booked
    assert "26/11/2026" in chat.says(code.lower().replace("-", " "))
    assert f"bỏ hẹn {code}" in chat.says(f"hủy {code}")
    assert not chat.desk.booked
    assert "không thấy lịch hẹn" in chat.says(f"hủy {code}")


def test_a_day_that_cannot_be_had_is_asked_again() -> None:
    chat = Chat()
    chat.send("cho tôi hẹn ngày tiếp công dân")
    for day in ("2026-11-25", "2026-11-19", "2036-11-20", "2026-13-45"):
        chat.send(f"#ward:reception:{day}")
        assert chat.send("chị Tám").restricted
        assert not chat.desk.booked


def test_menu_and_questions_leave_the_booking() -> None:
    chat = booking()
    assert chat.send("menu").outcome == "menu"
    assert not chat.desk.booked


@pytest.mark.parametrize(("said", "name", "phone"), [
    ("chị Tám", "chị Tám", None), ("dạ em tên Lan", "Lan", None),
    ("Tôi là Nguyễn Thị Cam", "Nguyễn Thị Cam", None),
    ("cô Tám 0912345678", "cô Tám", "0912345678"), ("0912 345 678 chú Ba", "chú Ba", "0912345678"),
    ("Bảy, sđt +84912345678", "Bảy", "+84912345678"), ("a Tú", "a Tú", None),
    ("chị Tám nhà số 5", None, None), ("087199000123", None, None), ("", None, None), ("😀", None, None),
    ("tôi muốn nói chuyện ông Bảy lấn đất nhà tôi", None, None),
])  # fmt: skip
def test_reading_a_name(said: str, name: str | None, phone: str | None) -> None:
    assert read_name(said) == (name, phone)
