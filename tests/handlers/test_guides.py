"""Smart questions in a conversation: whole walks, doubt, other wishes in between, and the way back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.people import STATE_LIFE
from bot.replies import Result
from handlers.memory import Memory
from knowledge.paths import Guide, load_paths
from knowledge.text import normalize
from store.engine import write_tx
from tests.handlers.world import Chat, entry, library, whole
from tests.support.databases import new_sqlite

GUIDES = load_paths().guides
PATHS = [(guide, answers) for guide in GUIDES for answers in guide.paths()]
NAMED = [f"{guide.key}-{''.join(map(str, answers))}" for guide, answers in PATHS]
TYPED = {
    "numbers": lambda number, label: str(number),
    "words": lambda number, label: label,
    "no_accents": lambda number, label: normalize(label).plain,
    "southern": lambda number, label: f"dạ {label.lower()} nha em",
}


def opened(key: str = "khai_sinh", *answers: str) -> Chat:
    """A chat that stands at a guide's open question."""
    chat = Chat()
    chat.send("chào em")
    chat.send(f"#ward:guide:{key}")
    for answer in answers:
        chat.send(answer)
    return chat


def flat(result: Result | None) -> str:
    assert result is not None
    return whole(result.replies).replace("\n", " ")


def guide_of(key: str) -> Guide:
    found = library().guide(key)
    assert found is not None
    return found


def where(chat: Chat) -> str:
    step = Memory.of(chat.state).step
    return step.data if step else ""


# --- whole walks of every guide


@pytest.mark.parametrize("way", TYPED)
@pytest.mark.parametrize(("guide", "answers"), PATHS, ids=NAMED)
def test_a_walk_to_its_end(guide: Guide, answers: tuple[int, ...], way: str) -> None:
    chat, at = opened(guide.key), guide.follow(())
    for place, number in enumerate(answers):
        assert at is not None
        question = guide.questions[at.question or ""]
        assert question.text in flat(chat.last)
        chat.send(TYPED[way](number, question.options[number - 1].label))
        at = guide.follow(answers[: place + 1])
    assert at is not None
    outcome = guide.outcomes[at.outcome or ""]
    last = chat.last
    assert last is not None
    assert last.keys == (outcome.entry,)
    assert last.outcome in ("answered", "other_authority")
    assert "Nguồn: " in flat(last)
    assert len(last.replies) <= 4


@pytest.mark.parametrize(("guide", "answers"), PATHS, ids=NAMED)
def test_the_checklist_is_exactly_of_the_case(guide: Guide, answers: tuple[int, ...]) -> None:
    chat = opened(guide.key, *map(str, answers))
    at = guide.follow(answers)
    assert at is not None
    told = normalize(flat(chat.last)).text
    papers = entry(guide.outcomes[at.outcome or ""].entry).documents
    own = [
        paper
        for paper in papers
        if (paper.when is None or paper.when in at.cases) and not paper.name.startswith(at.leaves_out)
    ]
    for paper in own:
        if paper.how != "looked_up":
            assert normalize(paper.name).text in told
    owned = " | ".join(normalize(paper.name).text for paper in own)
    for paper in papers:
        if paper not in own and normalize(paper.name).text not in owned:
            assert f"{normalize(paper.name).text} " not in f"{told} ", paper.name


def test_what_follows_the_checklist_is_about_its_entry() -> None:
    chat = opened("khai_sinh", "1", "1", "1", "1", "2")
    assert "theo lời mình thì đúng việc là" in flat(chat.last)
    where_to = chat.send("vậy nộp ở đâu")
    assert (where_to.outcome, where_to.keys, where_to.facet) == ("followup", ("khai_sinh",), "noi_nop")
    assert "TIẾP TỤC" not in flat(where_to)
    assert chat.send("tốn nhiêu tiền").facet == "le_phi"


def test_each_follow_up_stays_with_the_entry_found_not_the_one_it_began_with() -> None:
    chat = opened("khai_sinh", "3", "2")
    assert chat.send("vậy nộp ở đâu").keys == ("dang_ky_lai_khai_sinh",)


# --- not knowing


@pytest.mark.parametrize("said", ["không biết", "hổng biết", "k bik", "hong ro", "quên rồi", "làm sao biết"])
def test_not_knowing_is_explained_not_taken_for_no(said: str) -> None:
    chat = opened("khai_sinh", "1", "1", "1")
    before = where(chat)
    told = flat(chat.send(said))
    assert where(chat).rstrip("?") == before
    assert guide_of("khai_sinh").questions["chung_sinh"].help in told
    assert "Bé có giấy chứng sinh" in told


def test_not_knowing_twice_offers_an_officer_and_the_way_back_in() -> None:
    chat = opened("khai_sinh", "1", "1", "1")
    chat.send("hổng biết")
    offered = chat.send("k bik luôn")
    assert "chuyển cán bộ nha?" in flat(offered)
    assert chat.buttons() == ["Chuyển cán bộ", "Trả lời tiếp", "Menu"]
    assert chat.desk.questions == []
    assert "Bé có giấy chứng sinh" in flat(chat.send("dạ không"))
    assert chat.send("có").keys == ()
    assert where(chat) == "khai_sinh:1111"


def test_the_offered_officer_gets_the_matter() -> None:
    chat = opened("sang_ten_dat", "mua bán", "hổng biết", "hổng biết")
    assert chat.send("ừ chuyển đi").outcome in ("human", "handover")
    [(question, field)] = chat.desk.questions
    assert "sang tên" in question.lower()
    assert field == "dat_dai"


def test_where_there_is_a_safe_answer_it_is_taken_and_said() -> None:
    chat = opened("khai_sinh", "3")
    told = chat.send("hổng biết nữa")
    assert told.keys == ("trich_luc_ho_tich",)
    assert "chưa rõ cũng không sao" in flat(told)
    assert "còn, hoặc chưa rõ" in flat(told)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.key)
def test_not_knowing_never_moves_silently(guide: Guide) -> None:
    for answers in guide.paths():
        for length in range(len(answers)):
            at = guide.follow(answers[:length])
            assert at is not None
            question = guide.questions[at.question or ""]
            told = flat(opened(guide.key, *map(str, answers[:length]), "hổng biết").last)
            assert (question.help or "chưa rõ cũng không sao") in told


# --- answers that name other things, and other wishes


@pytest.mark.parametrize(
    ("answers", "said", "then"),
    [
        ((), "làm khai sinh cho con tui", "khai_sinh:1"),
        ((), "em muốn làm giấy khai sinh cho bé mới sinh", "khai_sinh:1"),
        ((), "mất giấy khai sinh rồi", "khai_sinh:3"),
        (("1",), "chồng em là người Hàn Quốc", "khai_sinh:12"),
        (("1", "1"), "vợ chồng tui có đăng ký kết hôn rồi đó em", "khai_sinh:111"),
        (("1", "2"), "chưa đăng ký kết hôn", "khai_sinh:122"),
        (("1", "1", "1"), "bé có giấy chứng sinh ở bệnh viện", "khai_sinh:1111"),
    ],
)
def test_an_answer_that_names_a_matter_stays(answers: tuple[str, ...], said: str, then: str) -> None:
    chat = opened("khai_sinh", *answers)
    told = chat.send(said)
    assert where(chat) == then
    assert "TIẾP TỤC" not in flat(told)


@pytest.mark.parametrize("said", ["làm khai sinh", "khai sinh", "lam giay khai sinh"])
def test_the_guides_own_name_does_not_throw_out(said: str) -> None:
    chat = opened("khai_sinh", "1")
    assert "Việt kiều không ạ?" in flat(chat.send(said))
    assert where(chat).rstrip("?") == "khai_sinh:1"


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("làm căn cước cho bé", "căn cước"),
        ("sao y bằng cấp cần gì", "Sao y"),
        ("đăng ký tạm trú ở đâu", "tạm trú"),
        ("ba tui mới mất giờ làm sao", "chia buồn"),
        ("tốn bao nhiêu tiền vậy", "8.000 đồng"),
        ("đèn đường hẻm 5 hư hai bữa nay", "đường thiếu đèn"),
        ("gia vang hom nay nhieu", "không nắm được"),
        ("menu", "Gửi phản ánh"),
        ("cảm ơn em", "Dạ"),
    ],
)
def test_another_wish_is_met_and_the_guide_put_aside(said: str, part: str) -> None:
    chat = opened("khai_sinh", "1")
    told = flat(chat.send(said))
    assert part.casefold() in told.casefold()
    assert 'Em để bộ câu hỏi "Làm khai sinh, chọn đúng việc" lại đó, mình nhắn TIẾP TỤC' in told
    again = flat(chat.send("tiep tuc"))
    assert "mình trả lời tiếp nha" in again
    assert "Việt kiều không ạ?" in again
    assert where(chat) == "khai_sinh:1"


def test_a_number_after_leaving_means_what_was_offered_last() -> None:
    chat = opened("khai_sinh", "1")
    chat.send("menu")
    assert "giấy tờ, nơi nộp" in flat(chat.send("1"))
    assert where(chat) == ""


def test_it_is_told_once_and_kept_through_other_talk() -> None:
    chat = opened("khai_sinh", "1", "1")
    assert "TIẾP TỤC" in flat(chat.send("sao y bằng cấp cần gì"))
    assert "TIẾP TỤC" not in flat(chat.send("lệ phí"))
    chat.send("Trả lời tiếp")
    assert where(chat) == "khai_sinh:11"


def test_an_old_button_goes_on_with_the_answers_given() -> None:
    chat = opened("khai_sinh", "1", "1")
    assert chat.last is not None
    old = chat.last.replies[-1].buttons[0].payload
    chat.send("sao y bằng cấp cần gì")
    chat.send(old)
    assert where(chat) == "khai_sinh:111"


def test_finishing_it_forgets_it_was_put_aside() -> None:
    chat = opened("khai_sinh", "3")
    chat.send("menu")
    chat.send("tiếp tục")
    chat.send("1")
    assert "aside" not in chat.state


def test_what_is_not_understood_is_asked_again_then_an_officer() -> None:
    chat = opened("khai_sinh", "1")
    first = flat(chat.send("bữa kia đi chợ về"))
    assert "chưa rõ ý" in first
    assert "Mang quốc tịch nước khác thì chọn 2" in first
    assert chat.send("bữa kia đi chợ về").outcome == "handover"
    assert len(chat.desk.questions) == 1


@pytest.mark.parametrize("said", ["9", "số 5", "0"])
def test_a_number_it_does_not_have_is_asked_again(said: str) -> None:
    chat = opened("khai_sinh", "1")
    chat.send(said)
    assert where(chat) == "khai_sinh:1?"


# --- words that always work


def test_back_goes_question_by_question_to_the_procedure() -> None:
    chat = Chat()
    chat.send("#ward:answer:khai_sinh:tong_quan")
    chat.send("Hỏi để chỉ đúng")
    chat.send("1")
    chat.send("1")
    assert "Việt kiều không ạ?" in flat(chat.send("quay lại"))
    assert "cho ai ạ?" in flat(chat.send("QUAY LẠI"))
    assert chat.send("quay lai").keys == ("khai_sinh",)


def test_back_from_the_checklist_opens_the_last_question_again() -> None:
    chat = opened("khai_sinh", "3", "1")
    assert "sổ gốc" in flat(chat.send("quay lại"))
    assert chat.send("2").keys == ("dang_ky_lai_khai_sinh",)


def test_cancel_ends_it_for_good() -> None:
    chat = opened("khai_sinh", "1")
    told = chat.send("hủy")
    assert "TIẾP TỤC" not in flat(told)
    assert (where(chat), chat.state.get("aside")) == ("", None)


def test_an_officer_can_be_asked_for_inside() -> None:
    chat = Chat()
    chat.send("#ward:answer:khai_sinh:tong_quan")
    chat.send("Hỏi để chỉ đúng")
    assert chat.send("GẶP CÁN BỘ").outcome == "human"
    assert len(chat.desk.questions) == 1
    chat.send("tiếp tục")
    assert where(chat) == "khai_sinh:"


def test_danger_goes_first() -> None:
    chat = opened("khai_sinh", "1")
    fire = chat.send("nhà kế bên đang cháy")
    assert fire.outcome == "emergency"
    assert "TIẾP TỤC" not in flat(fire)


def test_mourning_has_no_pictures() -> None:
    chat = opened("khai_tu", "1", "1", "2", "1", "1")
    assert not set("⏱📍🙂🤝🏠💻") & set(flat(chat.last))


# --- the state between two messages


def test_it_goes_on_after_a_restart() -> None:
    chat = opened("khai_sinh", "1", "1", "hổng biết")
    later = Chat(at=chat.at, state=json.loads(json.dumps(chat.state)))
    later.send("có rồi")
    assert where(later) == "khai_sinh:111"
    later.send("menu")
    again = Chat(at=later.at, state=json.loads(json.dumps(later.state)))
    again.send("tiếp tục")
    assert where(again) == "khai_sinh:111"


@pytest.mark.parametrize(
    "data", ["khai_sinh:99", "khong_co:1", "khai_sinh", "", "khai_sinh:111111", "khai_sinh:1:2"]
)
def test_a_state_that_no_longer_fits_is_forgotten(data: str) -> None:
    state: dict[str, Any] = {"greeted": True, "step": {"name": "guide", "data": data}, "aside": data}
    assert Chat(state=state).send("1").outcome == "clarify"
    assert Chat(state=state).send("làm giấy khai sinh cho bé cần gì").keys == ("khai_sinh",)


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    engine = new_sqlite(tmp_path / "ward.db")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(("late", "kept"), [(False, True), (True, False)])
def test_it_expires_with_the_session(engine: Engine, late: bool, kept: bool) -> None:
    from bot import people

    chat = opened("khai_sinh", "1")
    later = chat.at + STATE_LIFE * (1.1 if late else 0.9)
    with write_tx(engine) as connection:
        person = people.load(connection, "oa", "p1", chat.at)
        people.save_state(connection, person, dict(chat.state), chat.at)
        state = people.load(connection, "oa", "p1", later).state
    again = Chat(at=later, state=state)
    again.send("không")
    assert (where(again) == "khai_sinh:11") is kept


def test_an_unknown_old_field_is_harmless() -> None:
    memory = Memory.of({"aside": 7, "step": "x"})
    assert memory == replace(Memory(), aside="")
