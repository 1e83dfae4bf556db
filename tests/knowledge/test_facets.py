from __future__ import annotations

import pytest

from knowledge.facets import facet_of
from knowledge.syllables import plain

ASKED = {
    "ho_so": [
        "làm khai sinh cần giấy tờ gì",
        "đi khai tử mang theo gì vậy em",
        "sang tên nộp những gì",
        "hồ sơ tách thửa gồm những gì",
        "chuẩn bị gì khi đăng ký kết hôn",
        "nhập khẩu cho vợ cần gì",
        "phải xuất trình giấy gì",
    ],
    "thoi_han": [
        "bao lâu có kết quả",
        "mấy bữa thì xong",
        "chừng nào lấy được sổ",
        "làm trong ngày có kịp không",
        "thời hạn giải quyết là mấy ngày",
        "hẹn mấy tuần mới có",
        "lấy liền được không",
    ],
    "le_phi": [
        "lệ phí bao nhiêu",
        "làm cái đó hết nhiêu tiền",
        "có tốn tiền không",
        "sao y một trang mấy ngàn",
        "đóng bao nhiêu tiền vậy",
        "có miễn phí không",
    ],
    "noi_nop": [
        "ra đâu làm",
        "nộp ở đâu",
        "làm chỗ nào gần nhất",
        "cơ quan nào giải quyết",
        "nộp ở phường hay tỉnh",
        "gặp ai để nộp đơn",
    ],
    "dieu_kien": [
        "em 17 tuổi đăng ký kết hôn có được hông",
        "đất lúa cho con được không",
        "điều kiện tách thửa",
        "không có hộ khẩu ở đây có được làm không",
    ],
    "trinh_tu": [
        "trình tự làm sổ thế nào",
        "các bước đăng ký ra sao",
        "mất căn cước thì phải làm sao",
        "hướng dẫn em làm khai sinh",
    ],
    "bieu_mau": [
        "cho em xin mẫu đơn",
        "tải mẫu tờ khai ở đâu",
        "mẫu ct01 lấy chỗ nào",
    ],
    "ket_qua": [
        "làm xong được cấp giấy gì",
        "xin được mấy bản trích lục",
        "giấy đó có giá trị bao lâu",
    ],
    "can_cu": [
        "theo nghị định nào",
        "luật nào quy định vậy",
        "căn cứ vào đâu",
    ],
    "tong_quan": ["làm khai sinh cho bé", "đăng ký kết hôn", "sang tên sổ đỏ", ""],
}
CASES = [(facet, text) for facet, texts in ASKED.items() for text in texts]


@pytest.mark.parametrize(("facet", "text"), CASES)
def test_with_accents(facet: str, text: str) -> None:
    assert facet_of(text) == facet


@pytest.mark.parametrize(("facet", "text"), CASES)
def test_without_accents(facet: str, text: str) -> None:
    assert facet_of(plain(text)) == facet


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("mặt tiền nhà tui rộng 5 mét có sửa được không", "dieu_kien"),
        ("đường hẻm trước nhà mở rộng mất đất thì làm sao", "trinh_tu"),
        ("con tôi sinh ở bệnh viện tỉnh, nay làm khai sinh hết bao nhiêu tiền", "le_phi"),
    ],
)
def test_near_misses(text: str, facet: str) -> None:
    assert facet_of(text) == facet


def test_the_question_after_a_story_wins() -> None:
    story = (
        "Hồi trước tôi có hỏi lệ phí bao nhiêu thì cô ở quầy nói chờ, rồi gia đình tôi có việc đi xa "
        "mấy tháng, giờ về mới tính tiếp chuyện tách thửa cho hai đứa con. Vậy nộp ở đâu?"
    )
    assert facet_of(story) == "noi_nop"
