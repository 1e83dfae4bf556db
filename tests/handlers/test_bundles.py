"""Life events in a conversation: the ordered list, each step opened, and the way back to it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.replies import Result
from handlers.memory import Memory
from handlers.parts import is_current
from knowledge.paths import Bundle, load_paths, visits
from knowledge.text import normalize
from tests.handlers.world import FRIDAY, Chat, entry, whole

BUNDLES = load_paths().bundles
STEPS = [(bundle, number) for bundle in BUNDLES for number in range(1, len(bundle.steps) + 1)]
each_bundle = pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.key)
each_step = pytest.mark.parametrize(
    ("bundle", "number"), STEPS, ids=[f"{bundle.key}-{number}" for bundle, number in STEPS]
)


def opened(bundle: Bundle) -> Chat:
    chat = Chat()
    chat.send("chào em")
    chat.send(f"#ward:bundle:{bundle.key}")
    return chat


def flat(result: Result | None) -> str:
    assert result is not None
    return whole(result.replies).replace("\n", " ")


def at(chat: Chat) -> str:
    step = Memory.of(chat.state).step
    return step.data if step is not None and step.name == "bundle" else ""


# --- how it is come to


@each_bundle
def test_every_phrasing_leads_to_it_with_and_without_accents(bundle: Bundle) -> None:
    for phrase in bundle.phrasings:
        for typed in (phrase, normalize(phrase).plain, phrase.upper()):
            chat = Chat()
            told = chat.send(typed)
            assert at(chat) == bundle.key, typed
            assert told.outcome == "clarify"


def test_one_matter_is_answered_not_listed() -> None:
    chat = Chat()
    assert chat.send("làm giấy khai sinh cho bé cần gì").keys == ("khai_sinh",)
    assert at(chat) == ""


@each_bundle
def test_a_life_event_is_heard_after_another_matter(bundle: Bundle) -> None:
    for phrase in bundle.phrasings:
        chat = Chat()
        chat.send("sao y bằng cấp cần gì")
        chat.send(phrase)
        assert at(chat) == bundle.key, phrase


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("khai tử cần gì", "mất ở nhà thì phải làm sao"),
        ("khai tử cần gì", "vậy phải làm gì trước"),
        ("làm giấy khai sinh cho bé cần gì", "bé sinh ở nhà thì cần giấy tờ gì"),
        ("làm giấy khai sinh cho bé cần gì", "bé mới sinh được 2 ngày thì cần những giấy tờ gì"),
    ],
)
def test_a_further_question_about_a_step_is_no_new_event(first: str, then: str) -> None:
    chat = Chat()
    key = chat.send(first).keys
    assert chat.send(then).keys == key


# --- what it says


@each_bundle
def test_the_steps_stand_in_order_with_whom_they_concern(bundle: Bundle) -> None:
    told, place = flat(opened(bundle).last), -1
    for number, step in enumerate(bundle.steps, 1):
        line = f"{number}. {step.label or entry(step.entry).choice_name}"
        assert told.find(line) > place, line
        place = told.find(line)
        assert step.when is None or step.when[:20] in told


@each_bundle
def test_only_what_the_entries_say_is_said(bundle: Bundle) -> None:
    """Online, khóm and home are told of exactly the steps whose entries say so."""
    told = flat(opened(bundle).last)
    online = [n for n, step in enumerate(bundle.steps, 1) if "truc_tuyen" in entry(step.entry).channels]
    assert ("Nộp qua mạng được" in told) == bool(online)
    ways = {way for step in bundle.steps if step.visit for way in visits(entry(step.visit))}
    assert ("về khóm" in told) == ("luu_dong" in ways)
    assert ("tới nhà" in told) == ("tai_nha" in ways)
    assert ("Nộp chung một chuyến" in told) == any(step.with_previous for step in bundle.steps)


@each_bundle
def test_deadlines_are_the_entries_own(bundle: Bundle) -> None:
    told = flat(opened(bundle).last)
    for step in bundle.steps:
        found = entry(step.entry)
        if found.deadlines and found.kind == "procedure":
            assert f"{found.deadlines[0].amount} ngày" in told


def test_a_birth_can_be_done_in_one_go() -> None:
    chat = Chat()
    told = chat.says("vợ mới sinh xong giờ phải làm những giấy tờ gì cho bé").replace("\n", " ")
    assert "1. Khai sinh, thường trú, thẻ BHYT, căn cước cho bé, nộp chung một lần, trong 60 ngày" in told
    assert "khỏi làm riêng việc 2, 3, 4, 5" in told
    assert "về khóm hoặc tới nhà làm việc 2" in told


def test_mourning_is_told_quietly_and_condoled_once() -> None:
    chat = Chat()
    told = flat(chat.send("ba tui mới mất giờ làm sao"))
    assert "Em xin chia buồn cùng gia đình" in told
    assert not set("⏱📍🙂🤝🏠💻") & set(told)
    again = flat(chat.send("ba tui mới mất giờ làm sao"))
    assert "chia buồn" not in again
    step = flat(chat.send("2"))
    assert "chia buồn" not in step
    assert not set("⏱📍🙂🤝🏠💻") & set(step)


def test_an_event_of_joy_has_no_condolence() -> None:
    assert "chia buồn" not in flat(opened(next(one for one in BUNDLES if one.key == "dam_cuoi")).last)


def test_buying_giving_and_inheriting_land_are_three_things() -> None:
    told = {}
    for said in ("bán đất thì phải làm những thủ tục gì", "anh cho em miếng đất giờ phải làm sao",
                 "ông bà mất để lại miếng đất giờ phải làm gì"):  # fmt: skip
        chat = Chat()
        chat.send(said)
        told[at(chat)] = flat(chat.last)
    assert set(told) == {"mua_ban_nha_dat", "tang_cho_nha_dat", "thua_ke_nha_dat"}
    assert "Chứng thực hợp đồng mua bán" in told["mua_ban_nha_dat"]
    assert "Chứng thực hợp đồng tặng cho" in told["tang_cho_nha_dat"]
    assert "Chứng thực giấy chia thừa kế" in told["thua_ke_nha_dat"]


# --- its steps, and the way back


@each_step
def test_a_step_by_its_number_and_back(bundle: Bundle, number: int) -> None:
    chat = opened(bundle)
    step = chat.send(str(number))
    key = bundle.steps[number - 1].entry
    assert is_current(entry(key), FRIDAY.date())
    assert step.keys == (key,)
    assert step.facet == "tong_quan"
    chat.send("quay lại")
    assert at(chat) == bundle.key


@each_bundle
def test_a_step_by_its_button(bundle: Bundle) -> None:
    for button, step in zip(_buttons(opened(bundle)), bundle.steps, strict=False):
        chat = opened(bundle)
        assert chat.send(button).keys == (step.entry,)


def _buttons(chat: Chat) -> list[str]:
    assert chat.last is not None
    return [button.payload for button in chat.last.replies[-1].buttons]


def test_back_from_deep_inside_a_step() -> None:
    chat = opened(next(one for one in BUNDLES if one.key == "co_con_nho"))
    chat.send("2")
    chat.send("lệ phí")
    assert chat.send("quay lại").keys == ("khai_sinh",)
    chat.send("quay lại")
    assert at(chat) == "co_con_nho"
    assert chat.send("3").keys == ("thuong_tru",)


def test_the_smart_questions_of_a_step_lead_back_to_the_list() -> None:
    chat = opened(next(one for one in BUNDLES if one.key == "co_con_nho"))
    chat.send("2")
    chat.send("Hỏi để chỉ đúng")
    chat.send("1")
    chat.send("quay lại")
    assert chat.send("quay lại").keys == ("khai_sinh",)
    chat.send("quay lại")
    assert at(chat) == "co_con_nho"


def test_back_from_the_list_to_what_was_before() -> None:
    chat = Chat()
    chat.send("sao y bằng cấp cần gì")
    chat.send("nhà có tang, phải lo những giấy tờ gì")
    assert chat.send("quay lại").keys == ("sao_y_ban_chinh",)


@pytest.mark.parametrize("said", ["0", "99"])
def test_a_number_without_a_step_opens_nothing(said: str) -> None:
    assert opened(BUNDLES[0]).send(said).keys == ()


@pytest.mark.parametrize(
    ("said", "part"),
    [("menu", "Gửi phản ánh"), ("hủy", "dừng việc đang làm"), ("gặp cán bộ", "câu hỏi của mình"),
     ("làm giấy khai sinh cho bé cần gì", "Giấy chứng sinh")],
)  # fmt: skip
def test_the_list_can_be_left(said: str, part: str) -> None:
    chat = opened(next(one for one in BUNDLES if one.key == "xay_nha"))
    assert part in flat(chat.send(said))
    assert at(chat) == ""


def test_it_goes_on_after_a_restart() -> None:
    chat = opened(next(one for one in BUNDLES if one.key == "mat_giay_to"))
    later = Chat(at=chat.at, state=json.loads(json.dumps(chat.state)))
    assert later.send("4").keys == ("bang_lai_cap_lai",)
    last = Chat(at=later.at + timedelta(minutes=1), state=json.loads(json.dumps(later.state)))
    last.send("quay lại")
    assert at(last) == "mat_giay_to"


def test_after_the_session_a_number_means_nothing() -> None:
    assert Chat(state={}).send("4").keys == ()


def test_a_bundle_that_is_gone_is_not_fatal() -> None:
    chat = Chat(state={"greeted": True, "step": {"name": "bundle", "data": "khong_co"}})
    assert chat.send("#ward:bundle:khong_co").outcome == "clarify"
    assert at(chat) == ""
