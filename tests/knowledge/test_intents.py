from __future__ import annotations

import pytest

from knowledge.intents import intent_of, tracking_code
from knowledge.syllables import plain
from knowledge.words import lexicon

SAID = {
    "emergency": [
        "cháy nhà ở hẻm 5 rồi",
        "dãy trọ đang cháy lớn lắm",
        "có tai nạn trước cổng chợ",
        "hai nhóm thanh niên đang đánh nhau",
        "có người đuối nước dưới kinh",
        "thằng nhỏ bị điện giật",
        "ăn cướp giật dây chuyền kìa",
        "trộm đang ở trong nhà",
        "nó cầm dao dọa giết vợ",
    ],
    "formal_complaint": [
        "tôi muốn tố cáo trưởng khóm",
        "ông cán bộ địa chính vòi tiền dân",
        "bữa đó ổng nói đưa 5 triệu lót tay mới ký giấy",
        "tôi muốn khiếu nại quyết định thu hồi đất",
        "khiếu nại thì nộp đơn ở đâu",
        "cán bộ nhận hối lộ thì báo ai",
        "làm sổ mà đòi phong bì mới chịu làm",
    ],
    "human": [
        "GẶP CÁN BỘ",
        "cho tôi gặp người thật",
        "tui muốn nói chuyện với cán bộ",
        "nối máy cho em gặp cán bộ tư pháp",
        "xin số điện thoại cán bộ hộ tịch",
        "nhờ cán bộ gọi lại cho tôi",
    ],
    "menu": ["menu", "MENU", "xem menu", "trợ giúp", "em làm được gì"],
    "cancel": ["hủy", "HỦY", "thôi khỏi", "hủy bỏ nha em"],
    "back": ["quay lại", "QUAY LẠI", "trở lại", "quay lại bước trước"],
    "stop": ["dừng", "DỪNG", "stop", "đừng gửi tin nữa"],
    "privacy": [
        "xóa dữ liệu",
        "XÓA DỮ LIỆU",
        "xóa hết thông tin của tôi",
        "phường đang lưu thông tin gì của tôi",
    ],
    "greeting": ["chào em", "xin chào", "dạ chào cán bộ ạ", "hello", "alo", "em ơi", "có ai ở đó không"],
    "thanks": ["cảm ơn em", "dạ em cám ơn nhiều ạ", "rõ rồi cảm ơn nha", "thanks ad"],
    "goodbye": ["tạm biệt", "bye em", "dạ vậy thôi ạ"],
    "abuse": ["đồ ngu", "bot ngu quá", "trả lời tào lao", "đm"],
    "test": ["test", "thử bot", "Test!"],
    "feedback": [
        "đèn đường trước nhà tui hư cả tuần",
        "rác chất đống ở đầu hẻm không ai hốt",
        "cống nghẹt nước ngập hôi thối",
        "hàng xóm hát karaoke tới khuya",
        "chó thả rông cắn người đi đường",
        "cán bộ nói chuyện cọc cằn với dân",
    ],
    "tracking": [
        "HD-2611-0007-3",
        "tra mã pa 2611 0042 7",
        "hồ sơ của tôi tới đâu rồi",
        "tra cứu hồ sơ H20.27-261015-0003",
    ],
    "other_authority": [
        "làm hộ chiếu ở đâu",
        "đổi bằng lái xe hết hạn",
        "nộp phạt nguội ở đâu",
        "thủ tục ly hôn cần gì",
        "xin phiếu lý lịch tư pháp",
        "tra mã số thuế cá nhân",
        "sang tên xe máy",
        "lãnh bảo hiểm thất nghiệp",
        "nhà em bị cúp điện",
        "xin hoãn nghĩa vụ quân sự",
    ],
    "out_of_scope": [
        "giá vàng hôm nay bao nhiêu",
        "thời tiết ngày mai",
        "tối nay đá banh mấy giờ",
        "kết quả xổ số Vĩnh Long",
        "kể chuyện cười đi",
        "em có người yêu chưa",
    ],
    "foreign_language": ["how do i register a birth", "你好", "안녕하세요 도와주세요"],
    "nonsense": ["asdfgh qwrtp", "", "..."],
    "chitchat": ["😀😀", "hihi", "ăn cơm chưa em", "để tui coi lại rồi hỏi sau nha"],
}
CASES = [(name, text) for name, texts in SAID.items() for text in texts]
ORDINARY = frozenset({"foreign_language", "nonsense"})


@pytest.mark.parametrize(("name", "text"), CASES)
def test_known(name: str, text: str) -> None:
    intent = intent_of(text)
    assert intent is not None
    assert intent.name == name


@pytest.mark.parametrize(("name", "text"), [case for case in CASES if case[0] not in ORDINARY])
def test_known_without_accents(name: str, text: str) -> None:
    intent = intent_of(plain(text))
    assert intent is not None
    assert intent.name == name


@pytest.mark.parametrize(("name", "text"), [case for case in CASES if case[0] not in ORDINARY])
def test_known_in_capitals(name: str, text: str) -> None:
    intent = intent_of(text.upper() + "!!!")
    assert intent is not None
    assert intent.name == name


QUESTIONS = [
    "dạ chào em cho chị hỏi làm giấy khai sanh",
    "chào cán bộ, em muốn đăng ký kết hôn, cảm ơn ạ",
    "giấy tờ bị cháy hết, làm lại khai sinh sao",
    "sổ đỏ cháy trong vụ cháy nhà năm ngoái, xin cấp lại",
    "em trai chết đuối hôm qua, đi khai tử cần gì",
    "ba em bị tai nạn liệt chân, muốn chứng thực chữ ký tại nhà",
    "bị giật túi mất căn cước, làm lại ở đâu",
    "hàng xóm lấn ranh, nhờ phường hòa giải tranh chấp đất",
    "hủy đăng ký kết hôn được không",
    "xóa đăng ký thường trú cho con",
    "sao y hộ chiếu bao nhiêu tiền",
    "ly hôn rồi giờ xin giấy xác nhận độc thân",
    "sau ly hôn chuyển hộ khẩu cho con về với mẹ",
    "chứng thực hợp đồng mua bán xe máy",
    "vay ngân hàng cần giấy xác nhận tình trạng hôn nhân",
    "nhà tui to cao hai tầng muốn xin lên thổ cư phần còn lại",
    "đất bị ngập thì có được tách thửa không",
    "cho em hỏi thủ tục nhập hộ khẩu cho vợ",
    "thử hỏi làm căn cước cho con 14 tuổi",
    "được gặp ai để nộp đơn hòa giải",
    "làm giấy khai sinh xong có gặp khó khăn gì không",
    "bồi dưỡng nghiệp vụ y tế có cần giấy phép hành nghề không",
]


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_real_question_is_none_of_these(text: str) -> None:
    intent = intent_of(text)
    assert intent is None or intent.yields


@pytest.mark.parametrize("text", [plain(text) for text in QUESTIONS])
def test_a_real_question_without_accents(text: str) -> None:
    intent = intent_of(text)
    assert intent is None or intent.yields


@pytest.mark.parametrize(
    "text", ["không", "dạ không", "được rồi", "ừ", "1", "cái thứ hai", "ba má cho", "bé 3 tháng rồi"]
)
def test_short_replies_are_left_to_the_conversation(text: str) -> None:
    assert intent_of(text) is None


def test_danger_goes_before_everything() -> None:
    intent = intent_of(
        "chào em, hồ sơ HD-2611-0007-3 của tui chưa xong mà nhà kế bên đang cháy, gặp cán bộ liền"
    )
    assert intent is not None
    assert intent.name == "emergency"


def test_complaint_in_the_middle_of_a_story() -> None:
    story = (
        "Tui làm sổ đất từ năm ngoái, lên xuống cả chục lần. Bữa rồi ông đó nói muốn lẹ thì chung tiền, "
        "tui không có nên giờ hồ sơ nằm im. Vậy cấp sổ lần đầu phải chờ bao lâu nữa?"
    )
    intent = intent_of(story)
    assert intent is not None
    assert intent.name == "formal_complaint"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("HD-2611-0007-3", "HD-2611-0007-3"),
        ("tra ma pa 2611 0042 7 giùm", "PA-2611-0042-7"),
        ("PA261100427", "PA-2611-0042-7"),
        ("pa.2611.0042.7", "PA-2611-0042-7"),
        ("LD-0512-12-9", "LD-0512-12-9"),
        ("hồ sơ H20.27-261015-0003", "H20.27-261015-0003"),
        ("h20.27.261015.0003", "H20.27-261015-0003"),
        ("số căn cước 079123456789", ""),
        ("gọi 0912 345 678", ""),
        ("sinh ngày 12-11-2026", ""),
    ],
)
def test_tracking_code(text: str, code: str) -> None:
    assert tracking_code(text) == code


def test_other_authorities_say_who_and_no_phone() -> None:
    for key, topic in lexicon("authorities")["topics"].items():
        assert topic["who"], key
        assert not any(char.isdigit() for char in topic["who"] + topic["name"]), key


def test_details() -> None:
    fire, court = intent_of("nhà cháy rồi"), intent_of("đơn ly hôn nộp ở đâu")
    assert fire is not None
    assert fire.detail == "fire"
    assert court is not None
    assert (court.detail, court.who, court.yields) == ("toa_an", "toa_an", True)
