"""Answers as people type them: plain, without accents, teencode, southern; and "không biết" is no "không"."""

from __future__ import annotations

import pytest

from knowledge.load import PROCEDURES
from knowledge.paths import Guide, Question, load_all
from knowledge.replies import asks, meant, requests, says_no, wants_to_resume
from knowledge.text import normalize

GUIDES = {guide.key: guide for guide in load_all(PROCEDURES.parent / "guides", Guide)}


def question(where: str) -> Question:
    guide, name = where.split(".")
    return GUIDES[guide].questions[name]


PAPER = "khai_sinh.chung_sinh"
FOREIGN = "khai_sinh.nuoc_ngoai"
MARRIED = "khai_sinh.hon_thu"
DEED = "sang_ten_dat.da_co_so"
HOW = "sang_ten_dat.cach_nao"


@pytest.mark.parametrize(
    "said",
    ["có", "Có", "dạ có", "dạ thưa có", "co", "có rồi em", "rồi", "có chứ", "ừ", "dạ", "vâng", "1", "số 1",
     "cái đầu", "có giấy chứng sinh", "bé có giấy chứng sinh rồi", "bệnh viện đưa rồi", "ok"],
)  # fmt: skip
def test_yes(said: str) -> None:
    assert meant(question(PAPER), normalize(said)).option == 1


@pytest.mark.parametrize(
    "said",
    ["không", "ko", "k", "hổng", "hông có", "hong co", "dạ hổng có", "chưa", "chưa có", "chua co", "chx",
     "hem", "đâu có", "có đâu", "làm gì có", "không có giấy chứng sinh", "mất rồi", "2", "câu 2 nha",
     "không, sinh ở nhà"],
)  # fmt: skip
def test_no(said: str) -> None:
    assert meant(question(PAPER), normalize(said)).option == 2


@pytest.mark.parametrize(
    "said",
    ["không biết", "hổng biết", "hong biet", "k bik", "ko bit", "khum biết", "chưa biết", "không rõ", "ko ro",
     "chưa rõ nữa", "không chắc lắm", "không nhớ", "quên rồi", "quên mất tiêu", "làm sao biết",
     "sao mà biết được", "ai biết", "giấy đó là gì", "là sao em", "không biết có hay không",
     "hổng rành", "để hỏi lại đã", "idk", "dạ em không biết ạ"],
)  # fmt: skip
@pytest.mark.parametrize("where", [PAPER, FOREIGN, MARRIED, DEED])
def test_not_knowing_is_no_answer(where: str, said: str) -> None:
    found = meant(question(where), normalize(said))
    assert found.unsure
    assert found.option is None


@pytest.mark.parametrize(
    ("where", "said", "option"),
    [
        (FOREIGN, "không phải người nước ngoài", 1),
        (FOREIGN, "hổng phải việt kiều đâu", 1),
        (FOREIGN, "cả hai đều người việt", 1),
        (FOREIGN, "ba nó người Hàn", 2),
        (FOREIGN, "viet kieu my", 3),
        (MARRIED, "vợ chồng tui có đăng ký kết hôn rồi đó em", 1),
        (MARRIED, "chưa, muốn để tên cha", 2),
        (MARRIED, "tui mẹ đơn thân", 3),
        (HOW, "ba má cho", 2),
        (HOW, "ba ma cho", 2),
        (HOW, "thua ke", 3),
        (HOW, "đất ba tui mất để lại", 3),
        (DEED, "chưa có sổ", 2),
        (DEED, "so do roi", 1),
        ("chung_thuc.di_lai", "ko di duoc", 2),
        ("khai_tu.bao_tu", "hổng có giấy", 3),
    ],
)
def test_words_of_the_option(where: str, said: str, option: int) -> None:
    assert meant(question(where), normalize(said)).option == option


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (PAPER, "có phí không"),
        (PAPER, "lệ phí bao nhiêu"),
        (PAPER, "7"),
        (PAPER, ""),
        (FOREIGN, "có"),
        (MARRIED, "chưa"),
        ("khai_tu.bao_tu", "không"),
    ],
)
def test_what_says_no_single_option(where: str, said: str) -> None:
    found = meant(question(where), normalize(said))
    assert found.option is None
    assert not found.unsure


def test_a_yes_lost_in_a_long_story_is_none() -> None:
    story = "bữa trước em có ghé hỏi bên trạm y tế mà người ta kêu về nhà chờ thêm ít bữa"
    assert meant(question(PAPER), normalize(story)).option is None


def test_what_is_said_beside_the_answer() -> None:
    assert meant(question("khai_sinh.cho_ai"), normalize("làm căn cước cho bé")).rest == "làm căn cước cho"
    assert meant(question("khai_sinh.cho_ai"), normalize("làm khai sinh cho bé")).rest == ""
    assert meant(question(PAPER), normalize("dạ có rồi nha em")).rest == ""
    assert requests(normalize("làm căn cước cho"))
    assert not requests(normalize("vợ chồng tôi"))


@pytest.mark.parametrize(
    "said", ["vậy mất bao lâu?", "vay mat bao nhieu", "cần mang gì", "làm ở đâu", "có kịp hông", "được không"]
)
def test_put_as_a_question(said: str) -> None:
    assert asks(normalize(said))


@pytest.mark.parametrize("said", ["tờ 12 thửa 345", "có giấy khai sinh rồi", "không có lệ phí", "dạ được"])
def test_not_put_as_a_question(said: str) -> None:
    assert not asks(normalize(said))


@pytest.mark.parametrize(
    "said", ["tiếp tục", "TIẾP TỤC", "tiep tuc", "tiếp", "trả lời tiếp nha", "làm tiếp đi em"]
)
def test_going_on(said: str) -> None:
    assert wants_to_resume(normalize(said))


@pytest.mark.parametrize("said", ["tiếp tục làm căn cước", "làm căn cước", ""])
def test_not_going_on(said: str) -> None:
    assert not wants_to_resume(normalize(said))


def test_a_plain_no() -> None:
    assert says_no(normalize("thôi không cần")) is False
    assert says_no(normalize("dạ không"))
    assert not says_no(normalize("hổng biết"))
    assert not says_no(normalize("có"))
