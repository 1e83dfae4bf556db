"""Reporting in chat, turn by turn: dialogue 5, all that may come between, and rubbish at every step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.casework import Similar
from bot.replies import Attachment, Result, Turn
from handlers.memory import Memory
from handlers.tokens import token
from tests.handlers.world import FRIDAY, Chat, profile, whole
from ward.profile import WardProfile

LONG = "nước cống tràn ra đường hôi quá " * 160
TOLD = "cong be nuoc hoi qua troi"


def pin(chat: Chat, latitude: float = 10.3, longitude: float = 105.7) -> Result:
    place = Attachment("location", latitude=latitude, longitude=longitude)
    return chat.send("", "user_send_location", place)


def picture(chat: Chat, words: str = "", address: str = "https://x.zdn.vn/1.jpg") -> Result:
    return chat.send(words, "user_send_image", Attachment("image", url=address))


def flat(result: Result) -> str:
    return " ".join(whole(result.replies).split())


def at_place() -> Chat:
    chat = Chat()
    picture(chat, TOLD)
    return chat


def at_detail() -> Chat:
    chat = at_place()
    pin(chat)
    return chat


def at_send() -> Chat:
    chat = at_detail()
    chat.send("3 bữa nay, hôm qua có người té xe")
    return chat


def at_edit() -> Chat:
    chat = at_send()
    chat.send("Sửa")
    return chat


def at_khom() -> Chat:
    chat = at_place()
    chat.send("trước nhà số 7 chợ Mẫu")
    return chat


def at_near() -> Chat:
    chat = at_detail()
    chat.desk.near = (Similar("PA-2611-0007-0", FRIDAY - timedelta(days=2), "Khóm 3", 50, own=False),)
    chat.send("3 bữa nay")
    return chat


STEPS = {
    "place": at_place,
    "khom": at_khom,
    "detail": at_detail,
    "send": at_send,
    "edit": at_edit,
    "near": at_near,
}
steps = pytest.mark.parametrize("step", STEPS)

# --- dialogue 5


def test_dialogue_5() -> None:
    chat = Chat()
    first = picture(chat, TOLD)
    assert flat(first).startswith("Dạ em xin chào anh/chị")
    assert "Cống như vậy cực cho bà con quá." in flat(first)
    assert "mình gửi giùm vị trí nha" in flat(first)
    assert chat.buttons() == ["Gửi vị trí", "Em gõ địa chỉ"]

    second = pin(chat)
    assert "chỗ này ở Khóm 3 đúng không ạ?" in flat(second)
    assert "có ai té chưa, mình nói em nghe với" in flat(second)

    third = chat.send("3 bữa nay, hôm qua có người té xe")
    assert "Dạ em đọc lại: cong be nuoc hoi qua troi 3 bữa nay, hôm qua có người té xe" in flat(third)
    assert "Khóm 3" in flat(third)
    assert "Kèm 1 ảnh." in flat(third)
    assert "Mình muốn cán bộ thấy tên mình không ạ?" in flat(third)
    assert chat.buttons() == ["Gửi, có tên", "Gửi ẩn tên", "Sửa"]
    assert not chat.desk.reports

    sent = chat.send("Gửi, có tên")
    [report] = chat.desk.reports
    assert "Đã gửi ✅ Mã: PA-2611-0001-3 (mình giữ mã nha)." in flat(sent)
    assert "Phường coi trước 11h30 hôm nay" in flat(sent)
    assert (report.kind, report.khom, report.name_shown) == ("report", "Khóm 3", True)
    assert (report.latitude, report.longitude) == (10.3, 105.7)
    assert report.photos == ("https://x.zdn.vn/1.jpg",)
    assert report.words == f"{TOLD}\n3 bữa nay, hôm qua có người té xe"
    assert report.context["urgency_proposed"] == "urgent"
    assert "té xe" in report.context["because"]
    assert not chat.desk.drafts


def test_nothing_is_said_to_be_sent_before_it_is() -> None:
    for step, start in STEPS.items():
        chat = start()
        assert chat.last is not None
        assert "Đã gửi" not in whole(chat.last.replies), step
        assert not chat.desk.reports, step


def test_what_was_told_is_not_asked_again() -> None:
    chat = Chat()
    first = chat.send("đèn đường hẻm 5 khóm 2 hư hai bữa nay")
    assert "vị trí" not in flat(first)
    assert "khóm mấy" not in flat(first)
    assert "mấy bóng" in flat(first)
    chat.send("Không có gì thêm")
    chat.send("Gửi ẩn tên")
    [report] = chat.desk.reports
    assert (report.khom, report.name_shown, report.words) == (
        "Khóm 2",
        False,
        "đèn đường hẻm 5 khóm 2 hư hai bữa nay",
    )


def test_a_report_announced_is_asked_for_once() -> None:
    chat = Chat()
    assert "Mình kể giùm em" in chat.says("tôi phản ánh")
    picture(chat)
    assert "Mình kể giùm em" in flat(chat.last or Result("silent"))
    assert "khóm" not in chat.says("nắp cống trước nhà 12 khóm 2 bị sụp").lower()
    assert not chat.desk.reports


@pytest.mark.parametrize(
    ("said", "khom"),
    [
        ("k3", "Khóm 3"),
        ("2", "Khóm 2"),
        ("ấp Mẫu Đông", "Khóm 3"),
        ("dạ khóm 1", "Khóm 1"),
        ("không rõ", None),
    ],
)
def test_the_khom_is_understood_as_people_write_it(said: str, khom: str | None) -> None:
    chat = at_khom()
    assert "thuộc khóm mấy ạ?" in flat(chat.last or Result("silent"))
    chat.send(said)
    chat.send("Không có gì thêm")
    chat.send("ẩn tên")
    assert chat.desk.reports[0].khom == khom


def test_a_khom_that_is_not_the_wards_is_asked_again() -> None:
    chat = at_khom()
    assert "chưa nhận ra khóm này" in chat.says("khóm 99")


def test_the_guessed_khom_can_be_corrected_in_words_and_by_button() -> None:
    by_button, by_words, agreed = at_detail(), at_detail(), at_detail()
    by_button.send("Khóm khác")
    by_button.send("Khóm 1")
    by_words.send("khóm 2 nha em")
    assert "đúng không ạ?" not in agreed.says("đúng rồi")
    for chat, khom in ((by_button, "Khóm 1"), (by_words, "Khóm 2"), (agreed, "Khóm 3")):
        chat.send("3 bữa nay")
        chat.send("có tên")
        assert (chat.desk.reports[0].khom, chat.desk.reports[0].words) == (khom, f"{TOLD}\n3 bữa nay")


def test_a_ward_without_areas_or_without_khoms() -> None:
    no_area = tuple(khom.model_copy(update={"centre": None}) for khom in profile().khom)
    for khoms, question in ((no_area, "thuộc khóm mấy ạ?"), ((), "có ai té chưa")):
        ward: WardProfile = profile().model_copy(update={"khom": khoms})
        chat = Chat()
        chat.bot = replace(chat.bot, profile=ward)
        picture(chat, TOLD)
        assert question in flat(pin(chat))


def test_what_has_no_place_is_not_asked_for_one() -> None:
    chat = Chat()
    told = chat.send("góp ý phường nên có bảng chỉ dẫn")
    assert "vị trí" not in flat(told)
    assert "khóm" not in flat(told)


def test_swindlers_are_warned_of_and_the_report_goes_on() -> None:
    chat = Chat()
    told = chat.send("có người giả danh công an gọi đòi tiền")
    assert "Ai hỏi OTP, đòi chuyển tiền là giả." in flat(told)
    assert chat.desk.drafts


# --- photos and places at any step


@steps
def test_a_photo_is_taken_at_any_step(step: str) -> None:
    chat = STEPS[step]()
    picture(chat, address="https://x.zdn.vn/2.jpg")
    draft = chat.desk.draft(_turn())
    assert draft is not None
    assert draft.photos == ("https://x.zdn.vn/1.jpg", "https://x.zdn.vn/2.jpg")


def test_four_photos_are_kept_and_the_fifth_is_told() -> None:
    chat = at_detail()
    for number in range(2, 5):
        picture(chat, address=f"https://x.zdn.vn/{number}.jpg")
    assert "4 ảnh thôi" in flat(picture(chat, address="https://x.zdn.vn/5.jpg"))
    draft = chat.desk.draft(_turn())
    assert draft is not None
    assert len(draft.photos) == 4


def test_a_photo_that_could_not_be_taken_is_told() -> None:
    chat = at_detail()
    assert "chưa nhận được ảnh này" in flat(chat.send("", "user_send_image", Attachment("image")))


def test_a_photo_alone_is_asked_for_its_purpose_and_kept_for_the_report() -> None:
    chat = Chat()
    assert "phản ánh hay hỏi thủ tục" in flat(picture(chat))
    assert chat.buttons() == ["Phản ánh", "Hỏi thủ tục"]
    chat.send("Phản ánh")
    chat.send("ổ gà bự lắm")
    draft = chat.desk.draft(_turn())
    assert draft is not None
    assert draft.photos == ("https://x.zdn.vn/1.jpg",)


def test_a_place_sent_again_replaces_the_first() -> None:
    chat = at_send()
    pin(chat, 10.31, 105.71)
    draft = chat.desk.draft(_turn())
    assert draft is not None
    assert (draft.latitude, draft.longitude) == (10.31, 105.71)


@pytest.mark.parametrize("words", ["cccd của tôi nè", "số căn cước 079200001234"])
def test_an_id_card_is_never_kept(words: str) -> None:
    chat = at_detail()
    assert "đừng gửi ảnh căn cước" in flat(picture(chat, words))
    draft = chat.desk.draft(_turn())
    assert draft is not None
    assert draft.photos == ("https://x.zdn.vn/1.jpg",)
    assert "079200001234" not in str(chat.desk.drafts)


# --- changing, undoing, cancelling


def test_every_part_can_be_changed() -> None:
    chat = at_edit()
    assert chat.buttons() == ["Nội dung", "Chỗ nào", "Khóm", "Ảnh"]
    chat.send("Nội dung")
    chat.send("nắp cống mất tiêu")
    chat.send("từ hôm qua")
    chat.send("sửa")
    chat.send("Khóm")
    chat.send("khóm 1")
    chat.send("sửa")
    chat.send("4")
    chat.send("Bỏ hết ảnh")
    chat.send("sửa")
    chat.send("2")
    chat.send("đầu hẻm 9 khóm 2")
    chat.send("Gửi ẩn tên")
    [report] = chat.desk.reports
    assert report.words == "nắp cống mất tiêu\ntừ hôm qua"
    assert (report.address, report.latitude, report.khom) == ("đầu hẻm 9 khóm 2", None, "Khóm 2")
    assert report.photos == ()


def test_the_way_back() -> None:
    chat = at_send()
    assert "có ai té chưa" in chat.says("quay lại")
    chat.send("từ hôm qua")
    chat.send("có tên")
    assert chat.desk.reports[0].words == f"{TOLD}\ntừ hôm qua"


@steps
def test_cancel_anywhere_forgets_the_draft(step: str) -> None:
    chat = STEPS[step]()
    assert "em bỏ phản ánh đang ghi rồi" in chat.says("HỦY")
    assert not chat.desk.drafts
    assert Memory.of(chat.state).step is None


def test_more_words_at_the_end_are_added() -> None:
    chat = at_send()
    assert "mùi hôi bay vô tận trong chợ" in flat(chat.send("mùi hôi bay vô tận trong chợ luôn"))
    chat.send("có tên")
    assert chat.desk.reports[0].words.endswith("mùi hôi bay vô tận trong chợ luôn")


@pytest.mark.parametrize(("said", "named"), [("có", True), ("không", False), ("đừng ghi tên tôi", False)])
def test_the_name_in_words(said: str, named: bool) -> None:
    chat = at_send()
    chat.send(said)
    assert chat.desk.reports[0].name_shown is named


@pytest.mark.parametrize("said", ["ok", "gửi đi", "5", "😀"])
def test_no_name_is_shown_without_being_asked(said: str) -> None:
    chat = at_send()
    chat.send(said)
    assert not chat.desk.reports


# --- old buttons


def test_no_button_sends_twice() -> None:
    chat = at_send()
    assert chat.last is not None
    named, hidden, edit = (button.payload for button in chat.last.replies[-1].buttons)
    chat.send(named)
    for again in (named, hidden, edit):
        assert "em gửi rồi, mã PA-2611-0001-3" in flat(chat.send(again))
    assert len(chat.desk.reports) == 1


def test_a_button_from_before_a_change_reads_back_first() -> None:
    chat = at_send()
    assert chat.last is not None
    old = chat.last.replies[-1].buttons[0].payload
    chat.send("mới có thêm bé kia té nữa")
    assert "Dạ em đọc lại" in flat(chat.send(old))
    assert not chat.desk.reports


def test_a_button_of_another_draft_does_nothing() -> None:
    chat = at_send()
    before = dict(chat.desk.drafts)
    told = chat.send(token("report", "send_named", "00000000", 3))
    assert "nút này của phần trước" in flat(told)
    assert chat.desk.drafts == before
    assert not chat.desk.reports


# --- other business in between


@steps
def test_a_question_is_answered_and_the_draft_offered_again(step: str) -> None:
    chat = STEPS[step]()
    before = chat.desk.draft(_turn())
    answer = chat.send("làm giấy khai sinh cho bé cần gì")
    assert answer.keys == ("khai_sinh",)
    assert "ghi tiếp" in flat(answer)
    assert chat.desk.draft(_turn()) == before
    chat.send("ghi tiếp")
    assert Memory.of(chat.state).step is not None
    assert not chat.desk.reports


@steps
def test_emergency_words_come_first_and_stay_in_the_report(step: str) -> None:
    chat = STEPS[step]()
    alarm = chat.send("có người bị điện giật nằm đó rồi")
    assert alarm.outcome == "emergency"
    assert len(chat.desk.alarms) == 1
    assert "ghi dở" in flat(chat.send("cảm ơn em"))
    chat.send("ghi tiếp")
    draft = chat.desk.draft(_turn())
    assert draft is not None
    assert "điện giật" in f"{draft.words}{draft.detail}{draft.address}"


@steps
def test_the_guard_goes_before_the_report(step: str) -> None:
    chat = STEPS[step]()
    told = chat.send("chắc ông A bên đô thị ăn tiền nên không sửa")
    assert (told.outcome, told.restricted) == ("formal_complaint", True)
    chat.send("ổng nhận 5 triệu ở quán cà phê")
    assert "ăn tiền" not in str(chat.desk.drafts)
    assert "5 triệu" not in str(chat.desk.drafts)
    assert len(chat.desk.restricted) == 2
    chat.send("ghi tiếp")
    assert chat.desk.drafts
    assert len(chat.desk.restricted) == 2
    open_step = Memory.of(chat.state).step
    assert open_step is not None
    assert open_step.name == "report"


def test_conduct_in_the_middle_goes_to_the_head_alone() -> None:
    chat = at_send()
    chat.send("mà cán bộ bên đó thái độ hách dịch quá")
    [report] = chat.desk.reports
    assert report.kind == "conduct"
    assert "hách dịch" not in str(chat.desk.drafts)


@steps
@pytest.mark.parametrize("event", ["sticker", "audio", "video", "file", "link", "business_card"])
def test_other_kinds_get_their_word_and_the_question_again(step: str, event: str) -> None:
    chat = STEPS[step]()
    before = chat.desk.draft(_turn())
    assert chat.last is not None
    question = chat.last.replies[-1].text
    told = chat.send("", f"user_send_{event}")
    assert len(told.replies) >= 2
    assert told.replies[-1].buttons == () or question.split("\n")[-1] in whole(told.replies)
    assert chat.desk.draft(_turn()) == before
    assert not chat.desk.reports


@steps
def test_a_very_long_message_loses_nothing_and_sends_nothing(step: str) -> None:
    chat = STEPS[step]()
    chat.send(LONG)
    assert not chat.desk.reports
    draft = chat.desk.draft(_turn())
    assert draft is not None


def test_a_long_story_is_shortened_only_when_read_back() -> None:
    chat = at_detail()
    chat.send(LONG[:4_900])
    chat.send("có tên")
    assert LONG[:4_000] in chat.desk.reports[0].words


@steps
@pytest.mark.parametrize("said", ["?", "...", "👍", "0", "9", "ok", "asdf qwer", "' OR 1=1 --"])
def test_rubbish_neither_sends_nor_loses(step: str, said: str) -> None:
    chat = STEPS[step]()
    chat.send(said)
    assert not chat.desk.reports
    assert not chat.desk.joined
    assert chat.desk.drafts


# --- after a while away


def test_after_half_an_hour_the_draft_is_offered_and_the_words_held() -> None:
    chat = at_detail()
    chat.state = {}
    offered = chat.send("3 bữa nay rồi đó em")
    assert 'Mình đang ghi dở phản ánh "cong be nuoc hoi qua troi", mình ghi tiếp không ạ?' in flat(offered)
    assert chat.buttons() == ["Ghi tiếp", "Bỏ phản ánh", "Menu"]
    again = chat.send("Ghi tiếp")
    assert "3 bữa nay rồi đó em" in flat(again)
    chat.send("có tên")
    assert chat.desk.reports[0].words == f"{TOLD}\n3 bữa nay rồi đó em"


def test_after_half_an_hour_a_no_drops_it() -> None:
    chat = at_detail()
    chat.state = {}
    chat.send("alo nước vẫn tràn")
    assert "em bỏ phản ánh đang ghi rồi" in chat.says("không")
    assert not chat.desk.drafts


def test_after_half_an_hour_a_photo_or_place_goes_straight_in() -> None:
    chat = at_place()
    chat.state = {}
    assert "Chỗ này ở Khóm 3 đúng không ạ?" in flat(pin(chat))


def test_after_half_an_hour_a_question_is_answered_first() -> None:
    chat = at_detail()
    chat.state = {}
    told = chat.send("làm giấy khai sinh cho bé cần gì")
    assert told.keys == ("khai_sinh",)
    assert "Phản ánh ghi dở em còn giữ" in flat(told)


def test_the_wish_to_report_again_finds_the_draft() -> None:
    chat = at_detail()
    chat.send("menu")
    assert "mình ghi tiếp không ạ?" in chat.says("Gửi phản ánh")


# --- the same matter


def test_an_open_report_nearby_is_offered_and_joined() -> None:
    chat = at_near()
    told = flat(chat.last or Result("silent"))
    assert "đã có phiếu PA-2611-0007-0 ghi ngày 18/11" in told
    assert chat.buttons() == ["Theo phiếu đó", "Gửi phiếu riêng"]
    joined = chat.send("Theo phiếu đó")
    assert "em ghi mình vào phiếu PA-2611-0007-0 rồi" in flat(joined)
    assert chat.desk.joined == ["PA-2611-0007-0"]
    assert not chat.desk.reports


def test_another_matter_is_sent_by_itself() -> None:
    chat = at_near()
    chat.send("gửi phiếu riêng")
    assert chat.buttons() == ["Gửi, có tên", "Gửi ẩn tên", "Sửa"]
    chat.send("1")
    assert len(chat.desk.reports) == 1
    assert not chat.desk.joined


def test_a_join_button_pressed_again_joins_nothing_more() -> None:
    chat = at_near()
    assert chat.last is not None
    join = chat.last.replies[-1].buttons[0].payload
    chat.send(join)
    chat.send(join)
    assert chat.desk.joined == ["PA-2611-0007-0"]


# --- after sending, and late dossiers


def test_a_telephone_number_may_be_left_afterwards() -> None:
    chat = at_send()
    chat.send("có tên")
    assert "em ghi số điện thoại vào phiếu PA-2611-0001-3" in flat(chat.send("số tôi 0912 345 678"))


def test_a_number_told_along_goes_with_the_report() -> None:
    chat = at_detail()
    chat.send("3 bữa nay, có gì gọi tôi 0912345678")
    chat.send("có tên")
    assert chat.desk.reports[0].phone == "0912345678"


def test_a_late_dossier_by_button_by_words_and_without_code() -> None:
    code = "H20.27-261015-0003"
    button, words, none = Chat(), Chat(), Chat()
    button.send(f"còn hồ sơ đất {code} tới đâu rồi")
    told = button.send("Hồ sơ bị trễ")
    assert "em xin lỗi vì hồ sơ của mình bị chậm trả" in flat(told)
    words.send("hồ sơ đất của tôi trễ hẹn cả tháng")
    assert "chưa thấy mã" in words.says("thì cái giấy màu vàng đó")
    words.send(code)
    none.send("hồ sơ đất của tôi trễ hẹn cả tháng")
    none.send("Em không nhớ mã")
    for chat, dossier in ((button, code), (words, code), (none, None)):
        [report] = chat.desk.reports
        assert (report.kind, report.dossier) == ("late_dossier", dossier)


def test_asking_about_fines_for_being_late_is_no_report() -> None:
    chat = Chat()
    chat.send("làm khai sinh trễ hạn có bị phạt không")
    assert not chat.desk.reports
    assert not chat.desk.drafts


def _turn() -> Turn:
    return Turn("p1", "", FRIDAY)
