"""Facts in words: every entry, every part, and the cases that need care."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

import pytest

from bot.replies import Result, Turn
from handlers.answers import answer
from handlers.layout import MESSAGES, fits
from handlers.parts import Writer, is_current, part_of
from handlers.tokens import token
from handlers.wording import money
from knowledge.facets import Facet
from knowledge.library import Library
from knowledge.schema import Entry
from tests.handlers.world import (
    FRIDAY,
    Chat,
    RecordingDesk,
    assert_well_formed,
    assistant,
    entry,
    library,
    phrases,
    profile,
    whole,
)
from ward.calendar import VIET_NAM

FACETS = get_args(Facet)
MARCH_2027 = datetime(2027, 3, 2, 9, 0, tzinfo=VIET_NAM)


def flat(text: str) -> str:
    return text.replace("\n", " ")


def press(key: str, facet: str, *page: int, greeted: bool = True) -> Result:
    turn = Turn("p1", token("answer", key, facet, *page), FRIDAY, {"greeted": True} if greeted else {})
    return assistant().respond(turn, RecordingDesk())


TOLD = [
    item.key for item in library().entries() if item.kind != "superseded" and is_current(item, FRIDAY.date())
]
"""What is superseded is not told itself; see test_what_is_superseded_leads_to_what_is_done_instead."""


@pytest.mark.parametrize("key", [item.key for item in library().entries() if item.kind == "superseded"])
def test_what_is_superseded_leads_to_what_is_done_instead(key: str) -> None:
    result = press(key, "tong_quan")
    assert_well_formed(result)
    assert result.replies[-1].buttons
    assert "không còn" in whole(result.replies)
    assert "chưa xác nhận" in whole(result.replies)
    told = {*result.keys, *(choice.key for choice in result.choices)}
    assert told == {key, *entry(key).superseded_by}
    assert result.keys[-1] == key, "what is done instead comes first"


@pytest.mark.parametrize("key", TOLD)
def test_every_part_of_every_entry_fits_a_phone(key: str) -> None:
    for facet in FACETS:
        for greeted in (True, False):
            result = press(key, facet, greeted=greeted)
            assert_well_formed(result)
            assert result.replies[-1].buttons, "there is always a next step"
            if result.outcome != "handover":
                assert len(result.replies) <= MESSAGES
                assert result.keys == (key,)


@pytest.mark.parametrize("key", TOLD)
def test_every_stated_part_ends_with_its_source(key: str) -> None:
    for facet in FACETS:
        text, page = "", 0
        while True:
            result = press(key, facet, *([page] if page else []))
            text += flat(whole(result.replies)) + " "
            if result.replies[-1].buttons[0].title != "Coi tiếp":
                break
            page += MESSAGES
        if result.outcome != "handover":
            assert "Nguồn: " in text
            assert "kiểm ngày" in text


@pytest.mark.parametrize("key", TOLD)
def test_nothing_of_a_long_answer_is_lost(key: str) -> None:
    """What the pages say together holds every paper, whatever the number of messages."""
    item = entry(key)
    said, page = "", 0
    while True:
        result = press(key, "ho_so", *([page] if page else []))
        said += flat(whole(result.replies)) + " "
        if result.replies[-1].buttons[0].title != "Coi tiếp":
            break
        page += MESSAGES
    if result.outcome != "handover":
        for paper in item.documents:
            assert paper.name.split(" ")[-1].rstrip(".") in said, paper.name


@pytest.mark.parametrize("key", TOLD)
def test_unknown_facts_are_not_invented(key: str) -> None:
    item = entry(key)
    writer = Writer(item, phrases(), profile(), FRIDAY.date())
    for facet in FACETS:
        if part_of(writer, facet) is None:
            said = flat(whole(press(key, facet).replies))
            assert "chưa có thông tin chắc" in said
            assert "Hỏi cán bộ" in [button.title for button in press(key, facet).replies[-1].buttons]


def made(**changes: Any) -> Entry:
    raw = entry("khai_sinh").model_dump()
    return Entry.model_validate({**raw, "related": [], **changes})


def told(item: Entry, facet: Facet, follows: bool = True) -> str:
    writer = Writer(item, phrases(), profile(), FRIDAY.date())
    return flat(whole(answer(writer, facet, follows=follows)))


@pytest.mark.parametrize(
    ("fee", "expected"),
    [
        ({"basis": "fixed", "amount_vnd": 50000}, "50.000 đồng."),
        ({"basis": "fixed", "amount_vnd": 8000, "per": "bản"}, "8.000 đồng/bản."),
        ({"basis": "free"}, "Không thu tiền."),
        (
            {"basis": "fixed", "amount_vnd": 2000, "per": "trang", "max_vnd": 200000},
            "2.000 đồng/trang, tối đa 200.000 đồng.",
        ),
        ({"basis": "hdnd_tinh"}, "Do HĐND tỉnh quy định. Mức cụ thể mình hỏi quầy"),
        ({"basis": "hdnd_tinh", "note": "Miễn cho hộ nghèo"}, "quy định. Miễn cho hộ nghèo."),
        ({"basis": "rate", "note": "0,5% giá đất"}, "Tính theo biểu mức. 0,5% giá đất."),
        ({"basis": "unknown"}, "chưa có thông tin chắc"),
        ({"basis": "unknown", "note": "Hỏi Sở Y tế"}, "Em chưa có mức thu chắc chắn. Hỏi Sở Y tế."),
    ],
)
def test_fees(fee: dict[str, Any], expected: str) -> None:
    assert expected in told(made(fees=[fee]), "le_phi")


def test_fees_by_case() -> None:
    text = told(
        made(fees=[{"when": "Trong hạn", "basis": "free"}, {"when": "trễ hạn", "basis": "hdnd_tinh"}]),
        "le_phi",
    )
    assert "• Trong hạn: không thu tiền." in text
    assert "• Trễ hạn: do HĐND tỉnh quy định." in text


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ({"same_day": True, "note": "Nộp sau 15 giờ thì hôm sau"}, "Trong ngày. Nộp sau 15 giờ thì hôm sau."),
        ({"amount": 5, "unit": "ngay_lam_viec"}, "5 ngày làm việc."),
        (
            {"amount": 5, "unit": "ngay", "adds": True, "when": "phải xác minh"},
            "Phải xác minh: thêm tối đa 5 ngày.",
        ),
        (
            {"amount": 20, "unit": "ngay", "provisional": True},
            "20 ngày (tạm tính theo mức chung, tỉnh có thể rút ngắn; mình hỏi lại quầy).",
        ),
        ({"amount": None, "note": "Tùy tỉnh"}, "Em chưa có số ngày chắc chắn. Tùy tỉnh."),
    ],
)
def test_times(time: dict[str, Any], expected: str) -> None:
    assert expected in told(made(times=[time], deadlines=[]), "thoi_han")


def test_deadlines_stand_with_the_times() -> None:
    assert "Mình nhớ đăng ký khai sinh cho bé trong 60 ngày kể từ ngày sinh." in told(
        entry("khai_sinh"), "thoi_han"
    )


def test_unknown_time_offers_an_officer() -> None:
    item = made(times=[{"amount": None}], deadlines=[])
    replies = answer(Writer(item, phrases(), profile(), FRIDAY.date()), "thoi_han")
    assert "Em không dám nói đại" in flat(whole(replies))
    assert replies[-1].buttons[0].title == "Hỏi cán bộ"


def test_papers_by_kind_and_case() -> None:
    item = made(
        mistakes=[],
        documents=[
            {"name": "Tờ khai", "originals": 1, "form": "Mẫu 01"},
            {"name": "Giấy chứng sinh", "copies": 2},
            {"name": "Căn cước", "how": "show"},
            {"name": "Giấy ủy quyền", "when": "nhờ người khác"},
            {"name": "Hợp đồng", "when": "mua bán", "how": "show"},
            {"name": "Giấy kết hôn", "how": "looked_up", "when": "có kết hôn"},
        ],
    )
    text = told(item, "ho_so")
    for part in (
        "1. Tờ khai, 1 bản chính, mẫu 01",
        "2. Giấy chứng sinh, 2 bản sao",
        "Mang theo để coi: căn cước.",
        "• Nếu nhờ người khác: giấy ủy quyền.",
        "• Nếu mua bán: mang theo hợp đồng để coi.",
        "Khỏi nộp, cán bộ tự tra: giấy kết hôn (có kết hôn).",
    ):
        assert part in text


def test_any_one_of_several_papers() -> None:
    papers = [
        {"name": "Tờ khai"},
        {"name": "Hợp đồng thuê", "one_of": "cho_o"},
        {"name": "Giấy cho ở nhờ", "one_of": "cho_o"},
    ]
    text = told(made(documents=papers, mistakes=[]), "ho_so")
    assert "2. Một trong các giấy này: hợp đồng thuê; giấy cho ở nhờ" in text
    assert "3. " not in text


def test_figures_are_told_once() -> None:
    numbers = [
        {"what": "Mức chuẩn", "value": 540000, "unit": "đồng/tháng"},
        {"what": "Tuổi nhỏ nhất", "value": 14, "unit": "tuổi"},
    ]
    item = made(figures=numbers, conditions=["Đủ 14 tuổi"], audience=None)
    text = told(item, "dieu_kien")
    assert "• Mức chuẩn: 540.000 đồng/tháng." in text
    assert text.count("14 tuổi") == 1
    assert "540.000 đồng/tháng" in told(item, "ket_qua")


def test_a_place_with_its_own_hours() -> None:
    spot = {"authority": "ubnd_cap_xa", "text": "Điểm lưu động", "hours": "sáng thứ Bảy"}
    text = told(made(places=[spot]), "noi_nop")
    assert "Giờ làm việc: sáng thứ Bảy" in text
    assert "7h–11h30" not in text


def superseded(*by: str) -> Library:
    old = made(
        key="viec_cu",
        kind="superseded",
        superseded_by=by,
        plain_name="Việc cũ rích",
        effective_to="2025-01-01",
        phrasings=[f"việc cũ rích số {n}" for n in range(8)],
        faqs=[],
    )
    return Library.from_entries([old, *(entry(key) for key in by)])


def test_what_is_no_longer_done_leads_to_what_is() -> None:
    chat = Chat(bot=assistant(superseded("ket_hon")))
    result = chat.send(token("answer", "viec_cu", "le_phi"))
    assert "việc cũ rích nay không còn làm như trước" in flat(whole(result.replies)).lower()
    assert result.keys == ("ket_hon", "viec_cu")
    assert result.facet == "le_phi"


def test_what_is_no_longer_done_offers_several() -> None:
    chat = Chat(bot=assistant(superseded("ket_hon", "khai_sinh")))
    result = chat.send(token("answer", "viec_cu", "ho_so"))
    assert "nay không còn làm như trước" in flat(whole(result.replies))
    assert [choice.key for choice in result.choices] == ["ket_hon", "khai_sinh"]
    assert chat.send("2").keys == ("khai_sinh",)


def test_facts_of_another_time_are_not_told() -> None:
    item = made(
        fees=[
            {"basis": "fixed", "amount_vnd": 9000, "effective_to": "2025-12-31"},
            {"basis": "fixed", "amount_vnd": 8000, "effective_from": "2026-01-01"},
        ]
    )
    text = told(item, "le_phi")
    assert "8.000 đồng" in text
    assert "9.000 đồng" not in text


def test_the_oldest_check_is_the_date_of_the_source() -> None:
    item = made(
        fees=[{"basis": "free", "source": "cu", "verified_on": "2026-03-01"}, {"when": "x", "basis": "free"}],
        sources=[{"id": "moi", "title": "Nguồn mới"}, {"id": "cu", "title": "Nguồn cũ"}],
        **{name: [] for name in ("deadlines", "faqs", "figures")},
    )
    assert "Nguồn: Nguồn cũ; Nguồn mới, kiểm ngày 01/03/2026." in told(item, "le_phi")


def test_a_pointer_names_who_does_it() -> None:
    pointers = [item for item in library().entries() if item.kind == "pointer"]
    assert pointers
    for item in pointers:
        if is_current(item, FRIDAY.date()):
            result = press(item.key, "tong_quan")
            assert result.outcome in ("answered", "other_authority")
            assert phrases().say(f"authority.{item.authority}") in flat(whole(result.replies))


@pytest.mark.parametrize(
    ("key", "outcome"),
    [
        ("thuong_tru", "answered"),  # the ward's own police: a procedure is told
        ("bhyt_dong_cap_the", "answered"),
        ("bang_lai_cap_lai", "other_authority"),  # only where to go
        ("ho_chieu_pho_thong", "other_authority"),
        ("ly_hon", "other_authority"),
    ],
)
def test_only_a_word_on_where_to_go_is_named_so(key: str, outcome: str) -> None:
    assert press(key, "tong_quan").outcome == outcome


def test_police_matters_show_the_wards_police() -> None:
    said = flat(whole(press("can_cuoc_cap_moi", "noi_nop").replies))
    assert "Công an phường Mẫu" in said
    assert "☎ 0277 000 0113" in said


def test_the_counter_is_shown_with_its_hours() -> None:
    said = flat(whole(press("khai_sinh", "noi_nop").replies))
    assert "Trung tâm PVHCC phường Mẫu" in said
    assert "thứ Hai – thứ Sáu: 7h–11h30, 13h–17h" in said


def test_an_entry_past_its_law_is_not_told() -> None:
    chat = Chat(at=MARCH_2027)
    result = chat.send("làm giấy khai sinh cho bé cần gì")
    text = flat(whole(result.replies))
    assert result.outcome == "handover"
    assert result.keys == ("khai_sinh",)
    assert "đã thay đổi" in text
    assert "28/02/2027" in text
    assert "01/03/2027" in text
    assert "Luật Hộ tịch 2014 hết hiệu lực · nay theo Luật 03/2026/QH16" in text
    assert "chứng sinh" not in text
    assert chat.desk.questions == [("làm giấy khai sinh cho bé cần gì", "ho_tich")]


def test_the_last_day_of_a_law_still_counts() -> None:
    chat = Chat(at=datetime(2027, 2, 28, 23, 0, tzinfo=VIET_NAM))
    assert chat.send("làm giấy khai sinh cho bé cần gì").outcome == "answered"


def test_an_entry_before_its_law_is_not_told() -> None:
    item = made(effective_from="2027-01-01", effective_to=None)
    chat = Chat(bot=assistant(Library.from_entries([item])))
    result = chat.send("làm giấy khai sinh cho bé cần gì")
    assert result.outcome == "handover"
    assert "01/01/2027" in whole(result.replies)


def test_a_long_answer_goes_on_by_a_button() -> None:
    item = made(steps=[f"Bước dài số {n}: {'coi kỹ từng tờ giấy ' * 4}" for n in range(1, 15)])
    chat = Chat(bot=assistant(Library.from_entries([item])))
    chat.send("làm giấy khai sinh cho bé")
    first = chat.send(token("answer", "khai_sinh", "trinh_tu"))
    assert len(first.replies) == MESSAGES
    assert chat.buttons()[0] == "Coi tiếp"
    rest = chat.send("1")
    assert "Bước dài số 14" in flat(whole(rest.replies))
    assert "Nguồn: " in whole(rest.replies)


def mourning_keys() -> list[str]:
    return [key for key in TOLD if "khai_tu" in key]


@pytest.mark.parametrize("key", mourning_keys())
def test_mourning_has_no_pictures_and_one_condolence(key: str) -> None:
    chat = Chat()
    first = chat.says(token("answer", key, "tong_quan"))
    assert "xin chia buồn" in first
    second = chat.says(token("answer", key, "noi_nop"))
    assert "chia buồn" not in second
    assert not any(sign in first + second for sign in "📍⏱☎🙂🚨")


def test_mourning_is_in_the_library() -> None:
    assert mourning_keys()


def test_money() -> None:
    assert money(8000) == "8.000 đồng"
    assert money(1_250_000) == "1.250.000 đồng"


def test_pages_of_made_entries_fit() -> None:
    item = made(steps=["Bước " + "rất dài " * 150])
    for reply in answer(Writer(item, phrases(), profile(), FRIDAY.date()), "trinh_tu"):
        assert fits(reply.text)
