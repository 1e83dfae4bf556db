"""The small handlers: media, codes, reports, commands, office hours, pleasantries."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.replies import Attachment
from handlers.memory import Memory
from tests.handlers.world import Chat, whole
from ward.calendar import VIET_NAM

# --- what is not text


@pytest.mark.parametrize(
    ("event", "part"),
    [
        ("user_send_sticker", "🙂"),
        ("user_send_audio", "chưa nghe được tin thoại"),
        ("user_send_image", "phản ánh hay hỏi thủ tục"),
        ("user_send_gif", "phản ánh hay hỏi thủ tục"),
        ("user_send_location", "phản ánh hay hỏi thủ tục"),
        ("user_send_link", "chưa mở được đường dẫn"),
        ("user_send_file", "chưa đọc được"),
        ("user_send_video", "chưa coi được phim"),
        ("user_send_business_card", "chưa đọc được"),
    ],
)
def test_each_kind_of_message_has_an_answer(event: str, part: str) -> None:
    chat = Chat()
    assert part in chat.says("", event)
    assert chat.buttons()


def test_a_voice_message_can_be_given_to_an_officer() -> None:
    chat = Chat()
    chat.send("", "user_send_audio")
    chat.send("Nhờ cán bộ gọi")
    assert len(chat.desk.questions) == 1


@pytest.mark.parametrize("name", ["cccd_mat_truoc.jpg", "can-cuoc.png", "CMND me.jpg"])
def test_a_picture_of_an_id_card_is_declined(name: str) -> None:
    chat = Chat()
    result = chat.send("", "user_send_image", Attachment("image", name=name))
    assert "đừng gửi ảnh căn cước" in whole(result.replies)


def test_an_id_number_is_declined() -> None:
    assert "số căn cước" in Chat().says("số cc của tôi là 087123456789")


def test_a_question_with_an_id_number_is_still_answered() -> None:
    assert Chat().send("làm giấy khai sinh cho bé cần gì, 087123456789").keys == ("khai_sinh",)


def test_a_picture_with_words_is_read_by_its_words() -> None:
    chat = Chat()
    result = chat.send("cống bể nước hôi quá trời", "user_send_image", Attachment("image"))
    assert result.outcome == "feedback"
    assert "cống như vậy cực cho bà con quá" in whole(result.replies).lower()
    assert chat.buttons() == ["Gửi vị trí", "Em gõ địa chỉ"]


# --- case codes


def test_a_case_code_that_is_not_known_to_be_ones_own_asks_for_the_phone() -> None:
    chat = Chat()
    result = chat.send("tra ma pa 2611 0042 7")
    assert result.outcome == "tracking"
    assert "4 số cuối điện thoại" in whole(result.replies)
    assert "em chưa tìm thấy phiếu khớp" in chat.says("1234").lower()


def test_a_mistyped_code_is_told() -> None:
    chat = Chat()
    assert "gõ lộn một số" in chat.says("PA-2611-0042-1")
    assert not chat.desk.questions


def test_a_dossier_is_looked_up_officially() -> None:
    chat = Chat()
    text = chat.says("còn hồ sơ đất H20.27-261015-0003 tới đâu rồi")
    assert "H20.27-261015-0003" in text
    assert "☎ 0277 000 0000" in text
    assert chat.buttons() == ["Tra cứu hồ sơ", "Hồ sơ bị trễ", "Gặp cán bộ"]


def test_asking_for_progress_without_a_code() -> None:
    chat = Chat()
    result = chat.send("hồ sơ của tôi tới đâu rồi")
    assert result.outcome == "tracking"
    assert "mã phiếu" in whole(result.replies)


# --- reports


def test_a_question_in_the_middle_of_a_report_is_answered() -> None:
    chat = Chat()
    chat.send("Gửi phản ánh")
    chat.send("menu")
    chat.send("2")
    assert chat.send("làm giấy khai sinh cho bé cần gì").keys == ("khai_sinh",)
    assert not chat.desk.questions


def test_swindlers_are_warned_of() -> None:
    text = Chat().says("có người giả danh công an gọi đòi tiền")
    assert "Ai hỏi OTP, đòi chuyển tiền là giả." in text
    assert "☎ 0277 000 0113" in text


# --- words that always work


def test_menu_by_number() -> None:
    chat = Chat()
    assert chat.send("MENU").outcome == "menu"
    assert chat.buttons() == ["Hỏi thủ tục", "Gửi phản ánh", "Đặt hẹn", "Gặp cán bộ"]
    assert "mình đặt hẹn việc nào" in chat.says("3")
    chat.send("MENU")
    assert "Giờ làm việc:" in chat.says("giờ làm việc")


def test_cancel_leaves_an_open_step() -> None:
    chat = Chat()
    chat.send("tôi phản ánh")
    assert "em bỏ phản ánh đang ghi rồi" in chat.says("HỦY")
    assert Memory.of(chat.state).step is None
    assert not chat.desk.drafts


@pytest.mark.parametrize("said", ["tôi rút đồng ý", "DỪNG"])
def test_data_rights_go_to_their_officer(said: str) -> None:
    chat = Chat()
    result = chat.send(said)
    assert result.outcome == "privacy"
    [asked] = chat.desk.reports
    assert (asked.kind, asked.words) == ("data_right", said)
    assert "XD-2611-0001-" in whole(result.replies)


@pytest.mark.parametrize("said", ["xóa hết dữ liệu của tôi", "xoa het du lieu cua toi"])
def test_erasing_is_asked_about_once_more(said: str) -> None:
    chat = Chat()
    first = chat.send(said)
    assert first.outcome == "privacy"
    assert "ĐỒNG Ý XÓA" in whole(first.replies)
    assert not chat.desk.reports
    result = chat.send("dong y xoa")
    assert result.outcome == "privacy"
    [asked] = chat.desk.reports
    assert (asked.kind, asked.context["right"]) == ("data_right", "erase")
    assert "XD-2611-0001-" in whole(result.replies)


def test_erasing_is_not_done_on_other_words() -> None:
    chat = Chat()
    assert "ĐỒNG Ý XÓA" in chat.says("đồng ý xóa")  # nothing was asked: it is asked now
    assert "giữ nguyên" in chat.says("thôi")
    chat.send("xóa dữ liệu của tôi")
    assert chat.send("làm giấy khai sinh cho bé cần gì").outcome == "answered"
    chat.send("đồng ý xóa")
    assert not chat.desk.reports


def test_telephone_numbers_are_given_at_once() -> None:
    chat = Chat()
    said = chat.says("cho xin hotline phường")
    assert "0277 000 0000" in said
    assert "☎ 0277 000 0001 · Đường dây nóng phản ánh" in said
    assert not chat.desk.questions


# --- where and when


def test_office_hours() -> None:
    text = Chat().says("mấy giờ phường làm việc")
    assert "thứ Hai – thứ Sáu: 7h–11h30, 13h–17h" in text
    assert "phường nghỉ" not in text


def test_office_hours_say_when_it_is_closed() -> None:
    chat = Chat(at=datetime(2026, 11, 23, 19, 0, tzinfo=VIET_NAM))
    assert "Giờ này phường nghỉ, mở cửa lại lúc 7h thứ Tư 25/11." in chat.says("mấy giờ phường làm việc")


# --- pleasantries


def test_greeting_says_what_it_is_once() -> None:
    chat = Chat()
    first = chat.says("xin chào")
    assert first.count("trợ lý tự động") == 1
    assert "trợ lý" not in chat.says("chào em")


def test_welcome_says_no_money_no_passwords() -> None:
    chat = Chat()
    text = chat.says("", "follow")
    assert "trợ lý tự động của UBND phường Mẫu" in text
    assert "không thu tiền, không hỏi OTP, mật khẩu" in text
    assert "trợ lý" not in chat.says("xin chào")


@pytest.mark.parametrize(
    ("said", "part"), [("cảm ơn em", "Dạ"), ("tạm biệt", "chúc mình"), ("test", "nhận được")]
)
def test_small_talk(said: str, part: str) -> None:
    result = Chat().send(said)
    assert result.outcome == "smalltalk"
    assert part in whole(result.replies)


def test_thanks_keep_the_thread() -> None:
    chat = Chat()
    chat.send("làm giấy khai sinh cho bé cần gì")
    chat.send("cảm ơn em nhiều")
    assert chat.send("lệ phí").keys == ("khai_sinh",)


def test_who_is_there() -> None:
    assert "không phải người thật" in Chat().says("em là ai vậy")


def test_hard_words_are_met_gently() -> None:
    chat = Chat()
    assert "Em hiểu mình đang bực." in chat.says("đồ ngu")
    assert "Gặp cán bộ" in chat.buttons()


def test_another_language() -> None:
    result = Chat().send("I want to register birth for my son, how much is it")
    assert result.outcome == "out_of_scope"
    assert "Sorry" in whole(result.replies)


def test_a_wards_own_matter_without_an_entry_can_go_to_an_officer() -> None:
    chat = Chat()
    assert chat.send("nghĩa vụ quân sự khám ở đâu").outcome == "other_authority"
    chat.send("Chuyển cán bộ")
    assert len(chat.desk.questions) == 1
