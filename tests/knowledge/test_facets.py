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


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        # chữ chỉ giấy tờ nào cũng được, động từ đem nộp nào cũng được
        ("đăng ký xe ba gác thì đưa chứng từ nào", "ho_so"),
        ("mở lớp dạy thêm phải kê những tờ gì", "ho_so"),
        ("xin số nhà có cần sổ hồng không", "ho_so"),
        ("gia hạn giấy phép phải có xác nhận gì của khóm không", "ho_so"),
        # chỗ: hai nơi, ai, sở nào
        ("đổi tên quán nộp công an hay ủy ban", "noi_nop"),
        ("xin phép bắn pháo bông thì trình ai", "noi_nop"),
        ("mở lò mổ do sở nào cấp", "noi_nop"),
        ("cưới ở đây được không hay phải về quê", "noi_nop"),
        ("việc này xã có giải quyết không ạ", "noi_nop"),
        # bao lâu
        ("nộp trễ nhất ngày nào", "thoi_han"),
        ("rồi chờ lâu không cô", "thoi_han"),
        ("giấy đó mấy năm hết hạn", "thoi_han"),
        # tiền
        ("cất nhà kho thì đóng cho phường cỡ bao nhiêu", "le_phi"),
        ("tiền làm giấy phép là bao nhiêu", "le_phi"),
        # điều kiện
        ("bán bánh mì đầu hẻm có cần xin phép không", "dieu_kien"),
        ("muốn trồng cây trên vỉa hè thì điều kiện bên mình sao", "dieu_kien"),
        ("người đứng quầy phải có bằng cấp gì", "dieu_kien"),
        # cách làm
        ("đổi tên trên sổ sao vậy em", "trinh_tu"),
        ("nhập hộ cho má rồi đổi chủ hộ, làm cái nào trước", "trinh_tu"),
        ("đăng ký tạm vắng kiểu gì", "trinh_tu"),
        # được gì
        ("làm xong thì nhận được phiếu gì", "ket_qua"),
        ("trả bằng giấy hay gửi qua điện thoại", "ket_qua"),
        ("cứu hỏa bị thương thì được hỗ trợ gì", "ket_qua"),
        # một trong hai việc: không hỏi riêng phần nào
        ("thẻ bị mờ thì xin cấp lại hay cấp đổi", "other"),
        ("ký một mình được không hay phải đợi vợ về", "other"),
    ],
)
def test_more_ways_to_ask(text: str, facet: str) -> None:
    assert facet_of(text) == facet


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("ở đây mấy năm nay mà chưa có số nhà, làm sao xin", "trinh_tu"),
        ("trong tay không có giấy tờ gì, ra phường được không", "dieu_kien"),
        ("sổ ghi thời hạn tới 2040 giờ muốn sửa thì làm sao", "trinh_tu"),
        ("lỡ quá hạn rồi thì làm sao", "trinh_tu"),
        ("xin bản sao", "tong_quan"),
        ("vậy nghĩa là sao", "tong_quan"),
    ],
)
def test_what_only_sounds_like_a_question(text: str, facet: str) -> None:
    assert facet_of(text) == facet


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("Bữa trước tôi không biết nộp ở đâu nên bỏ luôn. Giờ muốn làm lại thì cần giấy gì?", "ho_so"),
        ("Nghe nói mấy ngày là xong. Có phải đóng tiền không? Cảm ơn cán bộ.", "le_phi"),
        ("bao lâu có giấy, giấy đó xài được bao lâu", "thoi_han"),
        ("lệ phí bao nhiêu, có cần hẹn trước không", "le_phi"),
    ],
)
def test_the_last_sentence_that_asks_and_its_first_question(text: str, facet: str) -> None:
    assert facet_of(text) == facet


@pytest.mark.parametrize("text", ["nộp những gì, ở đâu", "ra chỗ nào, mấy ngày có", "báo ở đâu, làm thế nào"])
def test_where_together_with_something_else_is_how_to_go_about_it(text: str) -> None:
    assert facet_of(text) == "trinh_tu"
