"""The words officials are told by, and the code that links their account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import pytest

from handlers.layout import LINES, height
from handlers.notices import WordsOfNotices
from tests.handlers.world import Chat, phrases
from ward.calendar import VIET_NAM
from ward.notices import KINDS, Told

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
DUE = NOW + timedelta(hours=7)
WORDS = WordsOfNotices(phrases(), "phường Mẫu", "https://phuong.example/")


def told(number: int = 1, kind: str = "new", due: datetime = DUE, khom: str | None = "Khóm 3") -> Told:
    return Told(kind, f"PA-2611-00{number:02d}-7", number, "report", "dat_dai", khom, due, False)


@pytest.mark.parametrize("kind", [*KINDS, "due_60"])
def test_one_thing_is_told_whole(kind: str) -> None:
    reply = WORDS.message([told(kind=kind)], NOW)
    assert reply.text.splitlines() == [
        f"Dạ có {KINDS.get(kind, 'sắp hết hạn')}: PA-2611-0001-7",
        "Phản ánh, kiến nghị · Đất đai · Khóm 3",
        "Hạn: 16h hôm nay.",
    ]
    (button,) = reply.buttons
    assert (button.kind, button.payload) == ("url", "https://phuong.example/console/phieu/PA-2611-0001-7")


def test_what_is_unknown_is_left_out_and_late_is_said() -> None:
    text = WORDS.message([told(khom=None, due=NOW - timedelta(days=1))], NOW).text
    assert "Phản ánh, kiến nghị · Đất đai\n" in text
    assert "Hạn: đã qua lúc 9h thứ Năm 26/11." in text


@pytest.mark.parametrize("count", [2, 5, 40])
def test_many_fit_one_message(count: int) -> None:
    reply = WORDS.message([told(number) for number in range(1, count + 1)], NOW)
    assert reply.text.startswith(f"Dạ có {count} việc mới")
    assert height(reply.text) <= LINES
    shown = reply.text.count("•")
    assert (f"… và {count - shown} việc nữa." in reply.text) == (shown < count)
    assert reply.buttons[0].payload == "https://phuong.example/console/phieu"


def test_without_a_public_address_there_is_nothing_to_tap() -> None:
    words = WordsOfNotices(phrases(), "phường Mẫu", "")
    assert words.message([told()], NOW).buttons == ()
    assert "console" not in words.digest("chị Hạnh", [told()], NOW)[1]


def test_a_digest_lists_everything() -> None:
    subject, text = WORDS.digest("chị Hạnh", [told(number) for number in range(1, 31)], NOW)
    assert subject == "phường Mẫu: 30 phiếu chờ anh/chị"
    assert text.count("•") == 30
    assert "chị Hạnh" in text


# ── linking ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed", ["NOI12345678", "noi 1234 5678", "Nối 12345678", "LK 12345678", " noi-12345678 "]
)
def test_a_code_of_the_console_links_the_account(typed: str) -> None:
    chat = Chat()
    assert "nối Zalo này với tài khoản cán bộ rồi" in chat.says(typed)
    assert chat.desk.codes == ["NOI12345678"]


@pytest.mark.parametrize(("ends", "words"), [("refused", "chưa nối được"), ("too_many", "chờ một giờ")])
def test_a_wrong_code_is_refused_with_the_mend(ends: Literal["refused", "too_many"], words: str) -> None:
    chat = Chat()
    chat.desk.link_ends = ends
    assert words in chat.says("NOI12345678")


@pytest.mark.parametrize("typed", ["nơi nộp 12345678", "noi 12", "PA-2611-0042-7", "nối mạng", "12345678"])
def test_other_words_are_no_code(typed: str) -> None:
    chat = Chat()
    chat.send(typed)
    assert chat.desk.codes == []
