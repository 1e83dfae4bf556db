"""Splitting and bodies."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.replies import Button, Reply
from bot.zalo.messages import body, phone_code, split_reply, with_plain_menu

BUTTONS = (
    Button(title="Hồ sơ gồm gì", payload="#ward:hs"),
    Button(title="Lệ phí", payload="Lệ phí"),
    Button(title="Cổng dịch vụ công", kind="url", payload="https://dichvucong.gov.vn"),
    Button(title="Gọi Một cửa", kind="phone", payload="028 3800 0000"),
)
VIETNAMESE = (
    "Ủy ban nhân dân phường xin trả lời ông, bà. Hồ sơ gồm tờ khai và giấy chứng sinh;\nnộp tại Một cửa.\n\n"
)


def texts(text: str, limit: int = 2000, **more: Any) -> list[str]:
    return [part.text for part in split_reply(Reply(text=text, **more), limit)]


def bare(parts: list[str]) -> str:
    """The text without the numbers and without white space, as the reader puts it together."""
    return "".join("".join(re.sub(r"^\(\d+/\d+\) ", "", part).split()) for part in parts)


# --- splitting -------------------------------------------------------------------------------------------


def test_a_short_reply_stays_whole() -> None:
    reply = Reply(text="Xin chào", buttons=BUTTONS, quote="m1", safe_to_repeat=True)
    assert split_reply(reply) == [reply]


def test_exactly_the_limit_stays_whole() -> None:
    assert texts("a" * 2000) == ["a" * 2000]
    assert len(texts("a" * 2001)) == 2


def test_the_limit_is_counted_after_nfc() -> None:
    text = unicodedata.normalize("NFD", "ế" * 2000)
    assert len(text) > 2000
    assert texts(text) == ["ế" * 2000]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("một hai ba.\n\nbốn năm.\nbảy tám chín mười mười một", "một hai ba."),
        ("một hai ba.\nbốn. bảy tám chín mười mười một", "một hai ba."),
        ("một hai ba. bốn năm sáu bảy tám chín mười mười một", "một hai ba."),
        ("một hai ba bốn năm sáu bảy tám chín mười mười một", "một hai ba bốn năm"),
        ("m" * 50, "m" * 18),
    ],
    ids=["paragraph", "line", "sentence", "word", "none"],
)
def test_where_a_text_is_cut(text: str, first: str) -> None:
    parts = texts(text, limit=24)
    assert parts[0] == f"(1/{len(parts)}) {first}"


def test_an_early_paragraph_is_no_place_to_cut() -> None:
    assert len(texts("a\n\n" + "từ " * 700)) == 2


def test_a_long_address_is_not_cut_when_it_fits_alone() -> None:
    address = "https://example.gov.vn/" + "a" * 1500
    assert address in texts("xem " + "từ " * 300 + address)[1]


def test_marks_stay_on_their_letter() -> None:
    stacked = "x\u0323\u0302\u0309" * 200  # no composed form exists
    for part in texts(stacked, limit=50):
        assert not unicodedata.combining(re.sub(r"^\(\d+/\d+\) ", "", part)[0])


def test_more_than_nine_parts() -> None:
    parts = texts("từ " * 300, limit=60)
    assert parts[0].startswith("(1/18) ")
    assert re.match(r"\((\d+)/\1\) ", parts[-1])
    assert max(map(len, parts)) <= 60


def test_quote_first_buttons_last() -> None:
    first, *_, last = split_reply(
        Reply(text=VIETNAMESE * 40, buttons=BUTTONS, quote="m1", safe_to_repeat=True)
    )
    assert (first.quote, last.quote) == ("m1", None)
    assert (first.buttons, last.buttons) == ((), BUTTONS)
    assert first.safe_to_repeat
    assert last.safe_to_repeat


def test_a_picture_travels_with_the_last_text() -> None:
    *_, last = split_reply(Reply(text=VIETNAMESE * 40, image="https://a/b.png"))
    assert last.image == "https://a/b.png"
    assert last.text.startswith("(")


def test_a_picture_goes_before_buttons_for_one_message_holds_one_attachment() -> None:
    picture, text = split_reply(Reply(text="Xin chọn", image="https://a/b.png", buttons=BUTTONS))
    assert (picture.text, picture.image, picture.buttons) == ("", "https://a/b.png", ())
    assert (text.text, text.image, text.buttons) == ("Xin chọn", None, BUTTONS)


def test_a_file_goes_alone_after_its_text_and_before_buttons() -> None:
    assert [part.file for part in split_reply(Reply(text="Mẫu đơn:", file="a.pdf"))] == [None, "a.pdf"]
    file, text = split_reply(Reply(text="Xin chọn", file="a.pdf", buttons=BUTTONS, quote="m1"))
    assert (file.file, file.quote, text.quote, text.buttons) == ("a.pdf", None, "m1", BUTTONS)


def test_everything_at_once() -> None:
    parts = split_reply(Reply(text=VIETNAMESE * 30, file="a.pdf", image="b.png", buttons=BUTTONS, quote="m1"))
    kinds = [
        ("image" if p.image else "file" if p.file else "buttons" if p.buttons else "text") for p in parts
    ]
    assert kinds == ["text", "image", "file", "buttons"] or kinds == [
        "text",
        "text",
        "image",
        "file",
        "buttons",
    ]


@pytest.mark.parametrize("reply", [Reply(), Reply(text=" \n "), Reply(quote="m1")])
def test_nothing_to_say(reply: Reply) -> None:
    assert split_reply(reply) == []


def test_the_last_part_has_room_for_the_plain_list() -> None:
    for length in range(1700, 2100, 7):
        last = split_reply(Reply(text="từ " * (length // 3), buttons=BUTTONS))[-1]
        assert len(with_plain_menu(last)) <= 2000


titles = st.text(min_size=1, max_size=100)
buttons = st.builds(
    Button,
    title=titles,
    kind=st.sampled_from(["say", "url", "phone"]),
    payload=st.text(min_size=1, max_size=1000),
)
WORDS = st.lists(
    st.sampled_from(["một", "hai.", "ba\n", "bốn\n\n", "năm;", "https://" + "x" * 400, " "]), max_size=900
)
long_texts = WORDS.map(" ".join) | st.text(max_size=6000)


@settings(max_examples=300, deadline=None)
@given(long_texts, st.lists(buttons, max_size=5), st.sampled_from([60, 500, 2000]))
def test_splitting_loses_nothing_and_keeps_the_limit(text: str, row: list[Button], limit: int) -> None:
    reply = Reply(text=text, buttons=tuple(row), quote="m1")
    parts = split_reply(reply, limit)
    assert all(len(part.text) <= limit for part in parts)
    said = "".join(unicodedata.normalize("NFC", text).split())
    spoken = [part.text for part in parts if part.text]
    assert (bare(spoken) if len(spoken) > 1 else "".join(spoken[0].split()) if spoken else "") == said
    assert [part.buttons for part in parts if part.buttons] == ([reply.buttons] if row else [])
    assert sum(part.quote is not None for part in parts) == bool(said)


@settings(max_examples=300, deadline=None)
@given(long_texts, st.lists(buttons, max_size=5), st.booleans(), st.booleans())
def test_parts_are_whole_messages(text: str, row: list[Button], image: bool, file: bool) -> None:
    reply = Reply(
        text=text, buttons=tuple(row), image="a.png" if image else None, file="a.pdf" if file else None
    )
    for part in split_reply(reply):
        assert split_reply(part) == [part]
        assert sum(map(bool, (part.buttons, part.image, part.file))) <= 1
        assert len(with_plain_menu(part)) <= 2000


# --- bodies ----------------------------------------------------------------------------------------------


def message(reply: Reply, **more: Any) -> dict[str, Any]:
    built = body("7100000000000000011", reply, **more)
    assert built["recipient"] == {"user_id": "7100000000000000011"}
    return dict(built["message"])


def test_text_and_quote() -> None:
    assert message(Reply(text="Xin chào")) == {"text": "Xin chào"}
    assert message(Reply(text="Xin chào", quote="m1")) == {"text": "Xin chào", "quote_message_id": "m1"}


def test_buttons() -> None:
    built = message(Reply(text="Xin chọn", buttons=BUTTONS))
    assert built["text"] == "Xin chọn"
    assert built["attachment"]["type"] == "template"
    assert built["attachment"]["payload"] == {
        "buttons": [
            {"title": "Hồ sơ gồm gì", "type": "oa.query.hide", "payload": "#ward:hs"},
            {"title": "Lệ phí", "type": "oa.query.show", "payload": "Lệ phí"},
            {
                "title": "Cổng dịch vụ công",
                "type": "oa.open.url",
                "payload": {"url": "https://dichvucong.gov.vn"},
            },
            {"title": "Gọi Một cửa", "type": "oa.open.phone", "payload": {"phone_code": "842838000000"}},
        ]
    }


def test_buttons_as_plain_text() -> None:
    assert message(Reply(text="Xin chọn", buttons=BUTTONS), buttons=False) == {
        "text": "Xin chọn\n1. Hồ sơ gồm gì\n2. Lệ phí\n3. Cổng dịch vụ công: https://dichvucong.gov.vn\n"
        "4. Gọi Một cửa: 028 3800 0000"
    }
    assert message(Reply(text="Xin chào"), buttons=False) == {"text": "Xin chào"}


def test_pictures_and_files() -> None:
    picture = Reply(text="Sơ đồ", image="https://a/b.png")
    by_address = message(picture)["attachment"]["payload"]
    assert by_address == {
        "template_type": "media",
        "elements": [{"media_type": "image", "url": "https://a/b.png"}],
    }
    by_id = message(picture, attachment_id="id1")["attachment"]["payload"]["elements"]
    assert by_id == [{"media_type": "image", "attachment_id": "id1"}]
    assert message(picture)["text"] == "Sơ đồ"
    file = message(Reply(file="a.pdf"), token="t1")
    assert file == {"attachment": {"type": "file", "payload": {"token": "t1"}}}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("028 3800 0000", "842838000000"),
        ("0903.123.456", "84903123456"),
        ("+84 28 3800 0000", "842838000000"),
        ("0084 28 3800 0000", "842838000000"),
        ("842838000000", "842838000000"),
        ("113", "113"),
        ("1900 1234", "19001234"),
    ],
)
def test_phone_codes(number: str, code: str) -> None:
    assert phone_code(number) == code
