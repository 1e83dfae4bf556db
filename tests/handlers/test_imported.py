"""What a citizen hears of a record nobody of the ward has reviewed."""

from __future__ import annotations

import re
from functools import cache

import pytest

from handlers.layout import fits
from handlers.tokens import token
from knowledge.library import Library
from knowledge.portal.record import Record
from tests.handlers.world import Chat, assistant, library

PAGE = "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/019d2bf7-4fc1-768b-9ba3-94be4bca58ee"
UNREVIEWED = "theo Cổng DVCQG, phường chưa kiểm"
ASKED = "giám định tiền cổ ở đâu"
KEY = "dvcqg_1_900003"


def record(code: str, name: str, body: str | None = "Ngân hàng Nhà nước Việt Nam") -> Record:
    return Record(
        code=code, name=name, url=PAGE, body=body, level="tỉnh", field="Tiền tệ", audience=None,
        decision=None, ministry=None,
    )  # fmt: skip


@cache
def shelf() -> Library:
    return library().with_imported(
        [
            record("1.900003", "Giám định tiền cổ, tiền hư hỏng"),
            record("1.900004", "Công bố bến đò ngang sông", None),
            record("1.900005", "Gia hạn bến đò ngang sông"),
            record("1.900006", "Cấp phép nuôi chim yến " + "trong khu dân cư đông đúc " * 30),
        ]
    )


def chat() -> Chat:
    return Chat(bot=assistant(shelf()))


def test_name_body_link_and_officer() -> None:
    talk = chat()
    said = talk.says(ASKED)
    for words in (UNREVIEWED, "Giám định tiền cổ, tiền hư hỏng", "Ngân hàng Nhà nước Việt Nam", PAGE):
        assert words in said
    assert talk.last is not None
    assert (talk.last.outcome, talk.last.keys) == ("answered", (KEY,))
    assert talk.last.candidates[0].code == "1.900003"
    assert talk.buttons() == ["Hỏi cán bộ", "Menu", "Coi trên Cổng"]
    assert talk.last.replies[-1].buttons[-1].payload == PAGE


@pytest.mark.parametrize("part", ["phí bao nhiêu", "mấy ngày có", "cần giấy tờ gì", "Lệ phí"])
def test_no_part_of_it_is_stated(part: str) -> None:
    talk = chat()
    talk.says(ASKED)
    said = talk.says(part)
    assert UNREVIEWED in said
    assert PAGE in said
    assert not re.search(r"\d+ (?:ngày|đồng)|miễn phí", said)
    assert talk.last is not None
    assert talk.last.keys == (KEY,)


def test_a_body_that_is_not_known_is_not_named() -> None:
    said = chat().says("công bố bến đò ngang sông")
    assert "ở cấp tỉnh" in said
    assert "Ngân hàng" not in said


@pytest.mark.parametrize("yes", ["ừ", "dạ đúng rồi", "đồng ý", "Hỏi cán bộ", "1"])
def test_agreeing_hands_over_by_name(yes: str) -> None:
    talk = chat()
    talk.says(ASKED)
    said = talk.says(yes)
    assert "Phiếu của mình" in said
    ((question, _),) = talk.desk.questions
    assert "Giám định tiền cổ" in question


def test_no_is_a_miss() -> None:
    talk = chat()
    talk.says(ASKED)
    assert "chưa trúng ý" in talk.says("không phải")


def test_the_link_can_be_chosen_by_number() -> None:
    talk = chat()
    talk.says(ASKED)
    assert PAGE in talk.says("3")


def test_near_ones_are_offered_as_unreviewed_and_chosen_by_number() -> None:
    talk = chat()
    said = talk.says("bến đò ngang sông")
    assert UNREVIEWED in said
    assert talk.last is not None
    assert talk.last.outcome == "clarify"
    assert {choice.code for choice in talk.last.choices} == {"1.900004", "1.900005"}
    first = talk.last.choices[0].key
    talk.says("1")
    assert talk.last.keys == (first,)


def test_a_very_long_name_fits_a_phone() -> None:
    talk = chat()
    said = talk.says("cấp phép nuôi chim yến trong khu dân cư đông đúc")
    assert "…" in said
    assert talk.last is not None
    assert all(fits(reply.text) for reply in talk.last.replies)


def test_the_way_back_leads_to_it() -> None:
    talk = chat()
    talk.says(ASKED)
    talk.says(token("answer", "khai_sinh", "ho_so"))
    assert "Giám định tiền cổ" in talk.says("QUAY LẠI")


def test_a_reviewed_procedure_is_answered_as_ever() -> None:
    assert UNREVIEWED not in chat().says("làm khai sinh cho bé cần gì")


def test_a_record_taken_out_is_forgotten_without_harm() -> None:
    talk = chat()
    talk.says(ASKED)
    talk.bot = assistant()
    assert talk.says("phí bao nhiêu vậy em")
    assert talk.says("QUAY LẠI")
