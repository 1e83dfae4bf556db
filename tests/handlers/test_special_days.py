"""Dialogue 10: days without waiting and the mark of 15h30, with a moved clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from bot.replies import Turn
from handlers.special_reading import asked_of, clock_in, day_in
from tests.handlers.world import SAMPLE, Chat, RecordingDesk
from ward.calendar import VIET_NAM
from ward.programmes.duties import Duty
from ward.programmes.lists import Listed
from ward.programmes.load import load_files
from ward.programmes.model import Programme

FILES = load_files(SAMPLE)
TH = "th_thu_sau_khong_cho"
LOADED = ("trich_luc_ho_tich", "khai_sinh", "khai_tu", "sao_y_ban_chinh")
FRIDAY = date(2026, 11, 27)


@dataclass
class DaysDesk(RecordingDesk):
    """With the ward's programmes, and Thanh Hà's list as a ward would load it."""

    programme_files: Mapping[str, Programme] = field(default_factory=lambda: FILES)
    lists: Mapping[str, Sequence[str]] = field(default_factory=lambda: {TH: LOADED})
    roster: Sequence[Duty] = ()

    def procedures_of(self, turn: Turn, programme: Programme) -> Sequence[Listed]:
        keys = self.lists.get(programme.key)
        return super().procedures_of(turn, programme) if keys is None else [Listed(k, key=k) for k in keys]

    def on_duty(self, turn: Turn, day: date) -> Sequence[Duty]:
        return [duty for duty in self.roster if duty.day == day]


def chat_at(text: str, desk: DaysDesk | None = None) -> Chat:
    return Chat(at=datetime.fromisoformat(text).replace(tzinfo=VIET_NAM), desk=desk or DaysDesk())


def test_dialogue_10() -> None:
    chat = chat_at("2026-11-27 14:50")
    first = chat.says("giờ chạy ra làm trích lục khai sinh kịp hông")
    assert "Kịp ạ!" in first
    assert "Hôm nay là ngày thứ Sáu không chờ." in first
    assert "Nộp đủ giấy trước 15h30 thì lấy liền trong hôm nay." in first
    assert "Sau 15h30: hẹn trước 9h thứ Hai 30/11." in first
    assert "Mình mang: căn cước" in first
    assert chat.buttons() == ["Xem danh mục", "Giấy tờ cần"]

    assert "hẹn trước 9h thứ Hai 30/11" in chat.says("15h40 mới tới được")

    land = chat.says("còn đất đai có không chờ không")
    assert "chưa nằm trong danh mục không chờ" in land
    assert "ngày" in land.split("\n", 1)[1], "its normal time"
    assert "Xem danh mục" in chat.buttons()
    shown = chat.says("Xem danh mục")
    assert "Xin bản sao khai sinh" in shown
    assert shown.count("•") == len(LOADED)


def test_the_papers_of_what_was_asked() -> None:
    chat = chat_at("2026-11-27 14:50")
    chat.says("giờ chạy ra làm trích lục khai sinh kịp hông")
    assert chat.send("Giấy tờ cần").keys == ("trich_luc_ho_tich",)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-27 15:29:59", "lấy liền trong hôm nay"),
        ("2026-11-27 15:30:00", "lấy liền trong hôm nay"),
        ("2026-11-27 15:30:01", "hẹn trước 9h thứ Hai 30/11"),
        ("2026-11-27 15:40", "hẹn trước 9h thứ Hai 30/11"),
        ("2026-11-26 14:50", "Nộp đủ giấy trước 15h thì lấy trong hôm nay"),  # the law's own hour
        ("2026-11-26 15:10", "lấy được vào thứ Sáu 27/11"),
        ("2026-11-27 19:00", "mở cửa lại lúc 7h thứ Hai 30/11"),
        ("2026-11-24 10:00", "mở cửa lại lúc 7h thứ Tư 25/11"),  # a day off
        ("2027-02-05 10:00", "thứ Năm 11/02"),  # Tết
    ],
)
def test_is_there_still_time(at: str, words: str) -> None:
    assert words in chat_at(at).says("giờ chạy ra làm trích lục khai sinh kịp hông")


def test_a_list_that_is_not_loaded_goes_to_an_officer() -> None:
    chat = chat_at("2026-11-27 14:50", DaysDesk(lists={}))
    said = chat.send("thứ sáu này làm gì được liền")
    text = "\n".join(reply.text for reply in said.replies)
    assert "đang được phường cập nhật" in text
    assert "HD-2611" in text
    assert said.outcome == "handover"
    assert [asked for asked, _ in chat.desk.questions] == ["thứ sáu này làm gì được liền"]


def test_without_a_list_the_law_s_own_day_is_still_told() -> None:
    said = chat_at("2026-11-27 14:50", DaysDesk(lists={})).says("giờ chạy ra làm trích lục kịp hông")
    assert "trước 15h thì lấy trong hôm nay" in said
    assert "15h30" not in said


def test_no_hour_is_said_where_the_ward_set_none() -> None:
    chat = chat_at("2026-11-24 14:50", DaysDesk(lists={"sd_15_thu_ba_thu_sau_khong_cho": LOADED}))
    chat.at += timedelta(days=7)  # Tuesday 1/12
    said = chat.says("hôm nay làm khai sinh lấy liền được không")
    assert "trả trong ngày; phường không đặt giờ chót" in said
    assert "15h" not in said


def test_a_programme_that_has_ended_is_said_to_be_over() -> None:
    said = chat_at("2026-11-27 14:50").says(
        "chương trình chứng thực chữ ký tại nhà ngày thứ Năm còn làm không"
    )
    assert "đã hết thời gian từ 31/12/2024" in said
    after = chat_at("2027-01-05 09:00", DaysDesk(lists={TH: LOADED, "sd_14_thu_nam_khong_hen": LOADED}))
    assert "đã hết thời gian từ 31/12/2026" in after.says("thứ năm không hẹn là gì")


def test_who_is_there() -> None:
    roster = (
        Duty(1, FRIDAY, TH, "signs", "Anh Tư – Phó Chủ tịch", None),
        Duty(2, FRIDAY, TH, "helps", "Chi đoàn khóm 3", None),
    )
    chat = chat_at("2026-11-26 09:00", DaysDesk(roster=roster))
    said = chat.says("thứ sáu này ai ký giấy vậy")
    assert "Ký kết quả: Anh Tư – Phó Chủ tịch." in said
    assert "Đoàn viên hỗ trợ nộp trực tuyến: Chi đoàn khóm 3." in said
    assert "chưa đưa lên" in chat.says("hôm nay ai trực vậy")


def test_what_the_ward_runs() -> None:
    said = chat_at("2026-11-27 09:00").says("mô hình nào đang làm")
    assert "Đăng ký hộ tịch lưu động" in said
    assert "Chứng thực chữ ký tại nhà ngày thứ Năm" not in said, "it ended with 2024"


def test_a_day_of_the_list_asked_ahead() -> None:
    said = chat_at("2026-11-25 09:00").says("thứ sáu này làm gì được liền")
    assert "thứ Sáu 27/11" in said
    assert "Làm giấy khai sinh cho bé" in said


@pytest.mark.parametrize(
    "text",
    [
        "làm khai sinh trễ hạn còn kịp không",
        "năm nay mới đóng bảo hiểm, còn kịp tham gia không",
        "đứa thứ hai làm khai sinh có kịp không",
        "có ai trực không vậy",
        "thứ bảy có đăng ký kết hôn không",
        "tui chờ ba ngày không hẹn lại gì hết",
        "chương trình hỗ trợ nhà ở cho hộ nghèo cần giấy gì",
        "mai táng phí được bao nhiêu",
        "làm giấy khai sanh cho bé cần gì",
    ],
)
def test_ordinary_questions_are_left_alone(text: str) -> None:
    assert asked_of(Turn("p", text, datetime(2026, 11, 27, 14, 50, tzinfo=VIET_NAM))) is None


def test_without_programmes_nothing_changes() -> None:
    plain, days = Chat(), Chat(desk=DaysDesk(programme_files={}))
    question = "thứ sáu không chờ là gì"
    assert plain.says(question) == days.says(question)


@pytest.mark.parametrize(
    ("plain", "clock"),
    [
        ("15h40 moi toi duoc", "15:40"),
        ("3 gio ruoi chieu", "15:30"),
        ("4h toi duoc khong", "16:00"),
        ("9g sang", "09:00"),
        ("25h", None),
        ("khong co gio", None),
    ],
)
def test_hours_as_people_write_them(plain: str, clock: str | None) -> None:
    found = clock_in(plain)
    assert (f"{found:%H:%M}" if found else None) == clock


@pytest.mark.parametrize(
    ("plain", "day"),
    [
        ("thu sau nay", "2026-11-27"),
        ("thu 5 nay", "2026-12-03"),
        ("t2 toi", "2026-11-30"),
        ("sang mai di", "2026-11-28"),
        ("mai tang phi", None),
        ("chu nhat co lam khong", "2026-11-29"),
        ("chieu nay", "2026-11-27"),
    ],
)
def test_days_as_people_write_them(plain: str, day: str | None) -> None:
    found = day_in(plain, FRIDAY)
    assert (found.isoformat() if found else None) == day
