"""The order of handlers, what is remembered, and that nothing a citizen sends can break a turn."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.replies import Button, Reply, Turn
from handlers import assistant as machine
from handlers.layout import (
    LINE,
    LINES,
    after_opening,
    decapitalise,
    fits,
    height,
    pages,
    split,
    without_pictures,
    wrap,
)
from handlers.memory import Choice, Memory, Offer, Place, Step
from handlers.offers import offers_of
from handlers.tokens import FACETS, PLAIN, Token, read_token, token
from handlers.wording import office_hours
from tests.handlers.world import FRIDAY, Chat, RecordingDesk, assert_well_formed, assistant, library, whole
from ward.profile import Hours

HANDLERS = Path(__file__).parents[2] / "handlers"


# --- buttons are read strictly

MADE = [token("answer", "khai_sinh", "ho_so"), token("answer", "khai_sinh", "ho_so", 4), *map(token, PLAIN)]


@pytest.mark.parametrize("text", MADE)
def test_our_buttons_are_read(text: str) -> None:
    assert read_token(text) is not None


def test_what_a_button_carries() -> None:
    assert read_token("#ward:answer:khai_sinh:le_phi:4") == Token("answer", "khai_sinh", "le_phi", 4)
    assert read_token("#ward:choose:2") == Token("choose", number=2)


NOT_OURS = """
#ward:
#ward:answer
#ward:answer:khai_sinh
#ward:answer:khai_sinh:gia
#ward:answer:../x:ho_so
#ward:answer:khai_sinh:ho_so:99
#ward:menu:x
#ward:menu|
#ward:xoa
#WARD:menu
#ward:choose:0
#ward:choose:x
menu
"""


@pytest.mark.parametrize("text", [*NOT_OURS.split(), " #ward:menu", "#ward:menu\n"])
def test_everything_else_is_ordinary_text(text: str) -> None:
    assert read_token(text) is None


def test_a_button_of_an_unknown_procedure_is_a_miss() -> None:
    result = Chat().send(token("answer", "khong_co", "ho_so"))
    assert result.outcome == "clarify"
    assert not result.keys


def test_facets_are_those_of_the_library() -> None:
    from handlers.answers import FACETS as KNOWN

    assert set(FACETS) == set(KNOWN)


@pytest.mark.parametrize("name", PLAIN)
def test_every_plain_button_does_something(name: str) -> None:
    chat = Chat()
    chat.send("nhà kế bên đang cháy")
    assert chat.send(token(name)).outcome != "silent"
    assert "chưa rõ ý" not in whole(chat.last.replies if chat.last else ())


# --- order and memory


def test_the_order_is_the_designs() -> None:
    names = [f"{handler.__module__.split('.')[1]}.{handler.__name__}" for handler in machine.ORDER]
    wanted = [
        "emergency.handle", "complaints.handle", "commands.handle", "reports.inside", "case_talk.handle",
        "hand_over.waiting", "offers.link_reply", "smalltalk.handle", "tracking.handle", "reports.begin",
        "procedures.handle",
    ]  # fmt: skip
    assert [name for name in names if name in wanted] == wanted
    assert names[-1] == "procedures.handle"


UNHEARD = ["unfollow", "user_seen_message", "user_send_group_text", "oa_send_text", "x"]


@pytest.mark.parametrize("event", UNHEARD)
def test_other_events_are_met_with_silence(event: str) -> None:
    state = {"key": "khai_sinh"}
    result = assistant().respond(Turn("p", "làm khai sinh", FRIDAY, state, event), RecordingDesk())
    assert (result.outcome, result.replies, result.state) == ("silent", (), state)


def test_the_same_turn_is_answered_with_the_same_words() -> None:
    turn = Turn("p", "cảm ơn em", FRIDAY, msg_id="m1")
    first, second = (assistant().respond(turn, RecordingDesk()) for _ in range(2))
    assert first == second
    others = {
        whole(assistant().respond(replace(turn, msg_id=f"m{n}"), RecordingDesk()).replies) for n in range(9)
    }
    assert len(others) == 2


def test_state_is_json_and_holds_no_words_of_the_citizen() -> None:
    chat = Chat()
    for said in (
        "tui muon lam giay dat",
        "2",
        "mấy chữ lạ hoắc zzz",
        "cho tôi gặp cán bộ",
        "tố cáo ông Bảy ăn tiền",
    ):
        chat.send(said)
        kept = json.dumps(dict(chat.state), ensure_ascii=False)
        assert said not in kept or said == "2"
        assert "Bảy" not in kept
        assert json.loads(kept) == chat.state


def test_the_way_back_is_at_most_three_deep() -> None:
    chat = Chat()
    for facet in ("ho_so", "le_phi", "thoi_han", "noi_nop", "trinh_tu", "dieu_kien"):
        chat.send(token("answer", "khai_sinh", facet))
    assert [place.facet for place in Memory.of(chat.state).previous] == ["thoi_han", "noi_nop", "trinh_tu"]


def test_memory_survives_the_database() -> None:
    memory = Memory(
        key="khai_sinh",
        facet="ho_so",
        choices=(Choice("a", "A"),),
        offered=(Offer("Menu", "#ward:menu"),),
        misses=1,
        greeted=True,
        condoled=True,
        step=Step("human", "x"),
        previous=(Place("a", "ho_so"),),
    )
    assert Memory.of(json.loads(json.dumps(memory.as_state()))) == memory
    assert Memory.of({}) == Memory()
    assert Memory().as_state() == {}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
names = st.sampled_from(["key", "facet", "choices", "offered", "misses", "greeted", "step", "previous", "x"])


@given(st.dictionaries(names, anything))
def test_a_state_of_another_version_is_not_fatal(state: dict[str, Any]) -> None:
    assert Memory.of(Memory.of(state).as_state()) == Memory.of(state)


PIECES = """làm khai sinh|cần gì|lệ phí|1|4|menu|hủy|quay lại|gặp cán bộ|tố cáo|phản ánh|#ward:menu|#ward:x
|#ward:answer:khai_sinh:ho_so|PA-2611-0042-7|cháy nhà|không|đúng|{x}|cảm ơn|🙂|\x00|ổ gà|hộ chiếu|thái độ"""
pieces = st.sampled_from(PIECES.split("|"))
events = st.sampled_from([*machine.HEARD, "user_send_text", "user_send_text", "user_send_text"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.lists(pieces | st.text(max_size=12), max_size=3).map(" ".join), events), max_size=6)
)
def test_no_conversation_breaks(turns: list[tuple[str, str]]) -> None:
    chat = Chat()
    for said, event in turns:
        result = chat.send(said, event)
        assert result.replies
        json.dumps(dict(result.state))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.dictionaries(names, anything))
def test_no_state_breaks_a_turn(said: str, state: dict[str, Any]) -> None:
    assert_well_formed(assistant().respond(Turn("p", said, FRIDAY, state), RecordingDesk()))


def test_a_very_long_message() -> None:
    assert Chat().send("làm khai sinh " * 3000).replies


def test_an_empty_message() -> None:
    assert Chat().send("").outcome == "clarify"


def test_offers_are_the_last_replys_buttons() -> None:
    replies = [Reply(text="a", buttons=(Button(title="X", payload="x"),)), Reply(text="b", buttons=())]
    assert offers_of(replies) == ()
    assert offers_of(replies[:1]) == (Offer("X", "x"),)
    assert offers_of([]) == ()


# --- laying out


@given(st.text(alphabet="ab ượ,.", max_size=600))
def test_wrapping_loses_nothing(text: str) -> None:
    lines = wrap(text)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    longest = max((len(word) for word in text.split()), default=0)
    assert all(len(line) <= max(LINE, longest) for line in lines)


@given(st.lists(st.text(alphabet="ab ư", min_size=1, max_size=200), max_size=12), st.integers(1, LINES))
def test_pages_hold_everything_in_order(items: list[str], room: int) -> None:
    texts = pages(items, room)
    assert "".join("".join(texts).split()) == "".join("".join(items).split())
    assert all(height(text) <= max(LINES, room) for text in texts)


def test_telephone_numbers_are_not_torn() -> None:
    lines = wrap("Trung tâm Phục vụ hành chính công của phường Sa Đéc, số 000, ☎ 0277 000 0000")
    assert lines[-1].endswith("☎ 0277 000 0000")


def test_lines_are_even() -> None:
    first, second = wrap("Việc làm giấy khai sinh cho bé cần giấy tờ như vầy, mình chuẩn bị đủ một lần nha:")
    assert abs(len(first) - len(second)) < 12


def test_a_long_web_address_is_one_line() -> None:
    address = "https://dichvucong.gov.vn/" + "x" * 90
    assert fits(f"Dạ:\n{address}")
    assert split(f"Dạ:\n{address}") == [f"Dạ:\n{address}"]


def test_small_text_tools() -> None:
    assert after_opening("Dạ, mình coi nha") == "Mình coi nha"
    assert after_opening("Dạ em nghe") == "Em nghe"
    assert after_opening("Dạy học") == "Dạy học"
    assert decapitalise("Công an phường") == "Công an phường"
    assert decapitalise("UBND phường") == "UBND phường"
    assert decapitalise("Giấy chứng sinh") == "giấy chứng sinh"
    assert decapitalise("") == ""
    assert without_pictures("📍 Nơi làm ☎ 113 🙂") == "Nơi làm 113"


def test_hours_in_words() -> None:
    week = Hours.model_validate(
        {
            "monday": ["07:00-11:30", "13:00-17:00"],
            "tuesday": ["07:00-11:30", "13:00-17:00"],
            "saturday": ["07:30-11:00"],
        }
    )
    assert office_hours(week) == ["thứ Hai – thứ Ba: 7h–11h30, 13h–17h", "thứ Bảy: 7h30–11h"]


# --- structure


def test_no_words_for_citizens_outside_the_phrase_files() -> None:
    """What is said to people belongs to `phrases/`; code holds patterns, names and openings only."""
    for path in HANDLERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                words = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                said = [text for text in words if isinstance(text, str)]
                assert not [text for text in said if re.search(r" nha\b", text)], path.name
            if isinstance(node, ast.keyword) and node.arg in ("text", "title"):
                assert not isinstance(node.value, ast.Constant), path.name


def test_the_library_is_not_empty() -> None:
    assert len(library()) > 20
