"""The sample dialogues, played turn by turn, as far as the library and the first floor go."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.replies import Attachment
from handlers.memory import Memory
from tests.handlers.world import Chat, profile, whole
from ward.calendar import VIET_NAM

# --- 1. a question and what follows it


def test_birth_registration() -> None:
    chat = Chat()
    first = chat.says("e oi lam giay khai sanh cho be can gi")
    assert first.startswith("Dạ em xin chào anh/chị, em là trợ lý tự động của phường Mẫu.")
    assert "Em chúc mừng gia đình có bé 🙂" in first
    assert "Giấy chứng sinh" in first
    assert "Mang theo để coi:" in first
    assert "cha mẹ có đăng ký kết hôn" in first.replace("\n", " ")
    assert "Nguồn: " in first
    assert "28/11/2026" in first.replace("\n", " ")
    assert chat.last is not None
    assert (chat.last.outcome, chat.last.keys, chat.last.facet) == ("answered", ("khai_sinh",), "ho_so")
    assert chat.last.candidates[0].key == "khai_sinh"
    assert chat.last.candidates[0].code == "1.001193"
    assert chat.buttons() == ["Thời hạn", "Hỏi để chỉ đúng", "Lệ phí", "Nộp trực tuyến"]

    late = chat.says("bé đc 3 tháng rồi có sao ko")
    assert "Vẫn đăng ký được" in late
    assert "quá hạn" in late
    assert "xin chào" not in late
    assert "🙂" not in late
    assert chat.last.outcome == "followup"
    assert chat.last.keys == ("khai_sinh",)

    fee = chat.says("Lệ phí")
    assert "không thu tiền" in fee
    assert "do HĐND tỉnh quy định" in fee.replace("\n", " ")

    chat.says("Nơi nộp")
    online = chat.says(str(chat.buttons().index("Nộp trực tuyến") + 1))
    assert "https://dichvucong.gov.vn/" in online


def test_overview_card_and_yes() -> None:
    chat = Chat()
    card = chat.says("làm khai sinh")
    assert "đúng không ạ?" in card
    assert "📍 Nơi làm:" in card
    assert "⏱ Thời hạn: trong ngày" in card
    assert chat.last is not None
    assert chat.last.facet == "tong_quan"
    assert "Giấy chứng sinh" in chat.says("đúng rồi")


def test_overview_card_and_no() -> None:
    chat = Chat()
    chat.says("làm khai sinh")
    assert "chưa trúng ý" in chat.says("không phải")
    assert chat.buttons() == ["Gặp cán bộ", "Menu"]


def test_the_way_back() -> None:
    chat = Chat()
    chat.says("làm giấy khai sanh cho bé cần gì")
    chat.says("lệ phí")
    assert "Giấy chứng sinh" in chat.says("quay lại")
    assert "chưa có phần nào trước đó" in chat.says("quay lại")


# --- 2. an ambiguous question


def test_land_papers() -> None:
    chat = Chat()
    asked = chat.send("tui muon lam giay dat")
    assert asked.outcome == "clarify"
    text = whole(asked.replies)
    assert "Em xin phép hỏi rõ, mình cần việc nào:" in text
    assert len(asked.choices) in (2, 3, 4)
    keys = [choice.key for choice in asked.choices]
    assert "dat_sang_ten" in keys
    number = keys.index("dat_sang_ten") + 1
    assert f"{number}. Sang tên" in text

    chosen = chat.send(str(number))
    assert chosen.keys == ("dat_sang_ten",)
    assert chosen.outcome == "answered"
    assert "đúng không ạ?" in whole(chosen.replies) or chosen.facet != "tong_quan"


def test_a_choice_by_its_words() -> None:
    chat = Chat()
    chat.send("tui muon lam giay dat")
    assert chat.send("sang tên").keys == ("dat_sang_ten",)


def test_another_request_replaces_the_choice() -> None:
    chat = Chat()
    chat.send("tui muon lam giay dat")
    assert chat.send("làm giấy khai sinh cho bé cần gì").keys == ("khai_sinh",)
    assert Memory.of(chat.state).choices == ()


def test_a_number_means_the_last_offer_only() -> None:
    chat = Chat()
    chat.send("tui muon lam giay dat")
    chat.send("menu")
    assert "giấy tờ, nơi nộp" in chat.says("1")


def test_a_number_with_nothing_offered_is_not_a_choice() -> None:
    assert Chat().send("3").outcome == "clarify"


# --- 3. out of scope, other authorities, danger


def test_out_of_scope_then_another_authority_then_danger() -> None:
    chat = Chat()
    gold = chat.send("gia vang hom nay nhieu")
    assert gold.outcome == "out_of_scope"
    assert "việc này em không nắm được ạ." in whole(gold.replies)
    assert chat.buttons() == ["Hỏi thủ tục", "Gửi phản ánh", "Gặp cán bộ"]
    assert not chat.desk.questions

    card = chat.send("vậy làm căn cước ở đâu")
    assert card.outcome == "answered"
    assert "Công an phường" in whole(card.replies)
    assert "☎ 0277 000 0113" in whole(card.replies)

    fire = chat.send("nhà kế bên đang cháy")
    assert fire.outcome == "emergency"
    assert whole(fire.replies).startswith("🚨 Mình gọi 114 liền nha! Có người bị thương gọi 115.")
    assert chat.desk.alarms == [("fire", "nhà kế bên đang cháy")]
    assert chat.buttons() == ["Gọi 114", "Gọi 115", "Đã gọi rồi", "Gửi vị trí"]


def test_danger_comes_before_a_greeting() -> None:
    text = Chat().says("nhà kế bên đang cháy")
    assert text.startswith("🚨")
    assert "trợ lý" not in text


def test_the_place_of_an_alarm_is_passed_on() -> None:
    chat = Chat()
    chat.send("nhà kế bên đang cháy")
    assert "Vị trí" in chat.says("Gửi vị trí")
    chat.send("", "user_send_location", Attachment("location", latitude=10.3, longitude=105.7))
    assert len(chat.desk.alarms) == 2
    chat.send("số 5 hẻm 12 khóm 2")
    assert chat.desk.alarms[-1] == ("fire", "số 5 hẻm 12 khóm 2")
    assert "giữ an toàn" in chat.says("Đã gọi rồi")


def test_after_an_alarm_other_business_goes_on() -> None:
    chat = Chat()
    chat.send("nhà kế bên đang cháy")
    assert chat.send("cảm ơn em").outcome == "smalltalk"
    assert chat.send("làm khai sinh cần gì").keys == ("khai_sinh",)
    assert len(chat.desk.alarms) == 1


def test_a_number_to_call_can_be_chosen_by_its_place() -> None:
    chat = Chat()
    chat.send("nhà kế bên đang cháy")
    assert "mình gọi số 114 nha" in chat.says("1")
    assert len(chat.desk.alarms) == 1


def test_passport_is_the_polices() -> None:
    result = Chat().send("làm hộ chiếu ở đâu")
    assert result.outcome == "other_authority"
    assert "Công an" in whole(result.replies)


# --- 6. complaint and denunciation

DENUNCIATION = "Tôi muốn tố cáo ông A bên địa chính ăn tiền"


def test_denunciation_is_not_taken() -> None:
    chat = Chat()
    guard = chat.send(DENUNCIATION)
    text = whole(guard.replies)
    assert (guard.outcome, guard.restricted) == ("formal_complaint", True)
    assert "em không nhận nội dung qua Zalo để giữ kín cho mình" in text
    assert "Mình đừng kể tiếp tên, chứng cứ ở đây nha." in text
    assert "2. Báo người vi phạm pháp luật: tố cáo" in text
    assert chat.desk.restricted == [DENUNCIATION]
    assert not chat.desk.questions
    assert "ông A" not in text
    assert "ông A" not in str(guard.state)

    way = chat.send("2")
    text = whole(way.replies)
    assert way.outcome == "formal_complaint"
    assert "đơn có ký tên hoặc đến trực tiếp" in text
    assert "📍 Nơi tiếp công dân: Phòng tiếp công dân" in text
    assert "thứ Năm hằng tuần" in text
    assert "Ban Tiếp công dân tỉnh Mẫu" in text


def test_what_follows_stays_sealed() -> None:
    chat = Chat()
    chat.send(DENUNCIATION)
    chat.send("2")
    told = chat.send("ông đó nhận của tôi 5 triệu hôm 3/11 ở quán cà phê")
    assert (told.outcome, told.restricted) == ("formal_complaint", True)
    assert len(chat.desk.restricted) == 2
    more = chat.send("gặp cán bộ để tôi kể hết")
    assert more.restricted
    assert not chat.desk.questions


@pytest.mark.parametrize(("said", "part"), [("khiếu nại", "90 ngày"), ("tố cáo", "người bị tố cáo")])
def test_which_way_by_words(said: str, part: str) -> None:
    chat = Chat()
    chat.send(DENUNCIATION)
    result = chat.send(said)
    assert part in whole(result.replies)
    assert not result.restricted


def test_a_new_question_leaves_the_complaint() -> None:
    chat = Chat()
    chat.send(DENUNCIATION)
    answer = chat.send("làm giấy khai sinh cho bé cần gì")
    assert answer.keys == ("khai_sinh",)
    assert not answer.restricted
    assert Memory.of(chat.state).step is None


def test_menu_leaves_the_complaint() -> None:
    chat = Chat()
    chat.send(DENUNCIATION)
    assert chat.send("MENU").outcome == "menu"


def test_conduct_goes_to_the_leader() -> None:
    chat = Chat()
    chat.send(DENUNCIATION)
    assert "Mình kể giùm em" in chat.says("3")
    told = chat.send("chị ở quầy 2 nói chuyện nặng lời với má tôi sáng nay")
    [report] = chat.desk.reports
    assert (report.kind, report.words) == (
        "conduct",
        "chị ở quầy 2 nói chuyện nặng lời với má tôi sáng nay",
    )
    assert "chỉ lãnh đạo coi" in whole(told.replies)
    assert told.outcome == "feedback"


def test_conduct_said_outright() -> None:
    chat = Chat()
    chat.send("cán bộ một cửa thái độ hách dịch quá")
    [report] = chat.desk.reports
    assert (report.kind, report.words) == ("conduct", "cán bộ một cửa thái độ hách dịch quá")


def test_a_person_can_be_asked_for_instead_of_telling_conduct() -> None:
    chat = Chat()
    chat.send(DENUNCIATION)
    chat.send("3")
    assert chat.send("gặp cán bộ").outcome == "human"
    assert not chat.desk.questions


def test_a_ward_without_reception_days() -> None:
    bare = profile().model_copy(update={"citizen_reception": None})
    chat = Chat()
    chat.bot = type(chat.bot)(chat.bot.library, chat.bot.phrases, bare, chat.bot.calendar)
    chat.send(DENUNCIATION)
    assert "Mình hỏi giùm lịch tiếp công dân" in chat.says("1")


# --- 12. handing over


def test_two_misses_then_a_person() -> None:
    chat = Chat()
    first = chat.send("blub blub xyz")
    assert first.outcome == "clarify"
    assert "xin lỗi" in whole(first.replies)
    assert "ví dụ" in whole(first.replies)
    second = chat.send("zzz qqq")
    assert "Em chuyển cán bộ trả lời nha?" in whole(second.replies)
    assert chat.buttons() == ["Chuyển cán bộ", "Menu"]
    assert not chat.desk.questions
    done = chat.send("chuyển")
    assert done.outcome == "handover"
    assert len(chat.desk.questions) == 1
    assert "Cán bộ trả lời trước 11h30 hôm nay." in whole(done.replies)
    assert "Phiếu của mình: HD-2611-0001-3." in whole(done.replies)


def test_the_promise_out_of_hours() -> None:
    chat = Chat(at=datetime(2026, 11, 20, 18, 0, tzinfo=VIET_NAM))
    chat.send("làm khai sinh cần gì")
    told = chat.says("gặp cán bộ")
    assert "trước 9h thứ Hai 23/11" in told
    assert "Giờ này phường nghỉ, cán bộ coi từ 7h thứ Hai 23/11 ạ." in told
    assert chat.desk.questions[0][1] == "ho_tich"
    assert "khai sinh" in chat.desk.questions[0][0]


def test_asking_for_a_person_first_asks_for_the_question() -> None:
    chat = Chat()
    asked = chat.send("GẶP CÁN BỘ")
    assert asked.outcome == "human"
    assert not chat.desk.questions
    chat.send("nhà tôi có hai sổ hộ khẩu cũ khác tên thì tính sao")
    assert chat.desk.questions[0][0] == "nhà tôi có hai sổ hộ khẩu cũ khác tên thì tính sao"


def test_asking_twice_for_a_person_is_enough() -> None:
    chat = Chat()
    chat.send("gặp cán bộ")
    chat.send("gặp cán bộ")
    assert len(chat.desk.questions) == 1


def test_a_person_asked_for_with_the_question() -> None:
    chat = Chat()
    said = "cho tôi gặp cán bộ hỏi vụ miếng đất hương hỏa của ông nội"
    chat.send(said)
    assert chat.desk.questions[0][0] == said


def test_what_is_not_known_is_said_and_a_person_offered() -> None:
    chat = Chat()
    told = chat.says("cái máy xay sinh tố này mấy oát vậy")
    assert "chưa có thông tin" in told
    assert chat.last is not None
    assert chat.last.outcome == "out_of_scope"
    assert not chat.last.choices
    assert "Cán bộ trả lời trước" in chat.says("ừ chuyển đi")
    assert len(chat.desk.questions) == 1


# --- two matters in one message


def test_two_matters_are_both_answered_shortly() -> None:
    chat = Chat()
    told = chat.says("khai sinh cho bé với nhập hộ khẩu cho vợ tốn bao nhiêu")
    assert chat.last is not None
    assert (chat.last.outcome, chat.last.facet) == ("answered", "le_phi")
    assert chat.last.keys == ("khai_sinh", "thuong_tru")
    assert "không thu tiền" in told
    assert "20.000 đồng" in told
    assert "còn nữa" in told
    assert chat.buttons() == ["Coi kỹ việc 1", "Coi kỹ việc 2"]

    chat.says("mất bao lâu vậy")
    assert chat.last.outcome == "clarify"
    assert [choice.key for choice in chat.last.choices] == ["khai_sinh", "thuong_tru"]
    chat.says("2")
    assert (chat.last.keys, chat.last.facet) == (("thuong_tru",), "thoi_han")


def test_more_of_one_of_two_matters() -> None:
    chat = Chat()
    chat.says("em muốn đăng ký kết hôn với làm lại căn cước bị mất cần giấy gì")
    chat.says("Coi kỹ việc 1")
    assert chat.last is not None
    assert (chat.last.keys, chat.last.facet) == (("ket_hon",), "ho_so")


def test_the_part_asked_is_kept_of_a_matter_that_is_anothers() -> None:
    result = Chat().send("giá vàng hôm nay bao nhiêu một chỉ")
    assert (result.outcome, result.facet) == ("out_of_scope", "le_phi")
    assert Chat().send("chào em").facet is None
