from __future__ import annotations

import time

import pytest

from knowledge.library import Library
from knowledge.syllables import plain
from knowledge.understand import Context, Offer, after, converse, offers, understand
from knowledge.words import lexicon

FRESH = Context()
BIRTH = Context(last_key="khai_sinh", last_facet="ho_so")
LAND = ["dat_cap_so_lan_dau", "dat_sang_ten", "dat_tach_hop_thua", "dat_chuyen_muc_dich"]


@pytest.mark.parametrize(
    ("text", "key", "facet"),
    [
        ("e oi lam giay khai sanh cho be can gi", "khai_sinh", "ho_so"),
        ("dạ chào em cho chị hỏi đăng ký kết hôn mất bao lâu ạ", "ket_hon", "thoi_han"),
        ("sang tên sổ đỏ hết nhiêu tiền", "dat_sang_ten", "le_phi"),
        ("mất căn cước làm lại ở đâu", "can_cuoc_cap_lai", "noi_nop"),
        ("lên thổ cư", "dat_chuyen_muc_dich", "tong_quan"),
        ("mở phòng khám nha khoa cần giấy tờ gì", "gphd_cap_moi", "ho_so"),
    ],
)
def test_answer(library: Library, text: str, key: str, facet: str) -> None:
    understood = understand(text, FRESH, library)
    assert (understood.outcome, understood.key, understood.facet) == ("answer", key, facet)
    assert understood.candidates[0].key == key


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("tui muốn làm giấy đất", LAND),
        ("dạ em muốn làm căn cước ạ", ["can_cuoc_cap_moi", "can_cuoc_cap_doi", "can_cuoc_cap_lai"]),
        ("làm hộ khẩu", ["thuong_tru", "tam_tru"]),
        ("xin công chứng", ["sao_y_ban_chinh", "chung_thuc_chu_ky", "chung_thuc_giao_dich"]),
    ],
)
@pytest.mark.parametrize("accents", [True, False])
def test_too_little_said_offers_choices(library: Library, text: str, keys: list[str], accents: bool) -> None:
    understood = understand(text if accents else plain(text), FRESH, library)
    assert understood.outcome == "choices"
    assert [choice.key for choice in understood.choices] == keys


def test_two_matters_in_one_message_are_both_meant(library: Library) -> None:
    understood = understand("em muốn đăng ký kết hôn với làm lại căn cước bị mất", FRESH, library)
    assert understood.outcome == "both"
    assert [choice.key for choice in understood.choices] == ["ket_hon", "can_cuoc_cap_lai"]


def test_a_half_that_is_not_sure_is_not_answered(library: Library) -> None:
    understood = understand("làm giấy khai tử cho ba rồi đăng ký tạm trú cho má", FRESH, library)
    assert understood.outcome != "both"


@pytest.mark.parametrize(
    "text", ["làm cái kia được không", "cho hỏi chuyện hôm trước", "xin giấy phép bay flycam"]
)
def test_what_is_not_known_is_not_answered(library: Library, text: str) -> None:
    understood = understand(text, FRESH, library)
    assert understood.outcome in ("unsure", "beyond", "intent")
    assert understood.key is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nhà kế bên đang cháy", "emergency"),
        ("toi muon to cao can bo", "formal_complaint"),
        ("GAP CAN BO", "human"),
        ("gia vang hom nay nhieu", "out_of_scope"),
        ("chào em", "greeting"),
        ("nghĩa vụ quân sự khám ở đâu", "other_authority"),
        ("tra mã HD-2611-0007-3", "tracking"),
    ],
)
def test_intent(library: Library, text: str, name: str) -> None:
    understood = understand(text, BIRTH, library)
    assert understood.outcome == "intent"
    assert understood.intent is not None
    assert understood.intent.name == name
    assert understood.key is None


@pytest.mark.parametrize(
    "text", ["sao y hộ chiếu ở đâu", "chứng thực hợp đồng mua bán xe máy", "công chứng bằng lái xe"]
)
def test_the_library_goes_before_another_authority(library: Library, text: str) -> None:
    understood = understand(text, FRESH, library)
    assert understood.outcome in ("answer", "choices")


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("vậy mất bao lâu?", "thoi_han"),
        ("nộp ở đâu dạ", "noi_nop"),
        ("còn lệ phí", "le_phi"),
        ("bé đc 3 tháng rồi có sao ko", "dieu_kien"),
        ("cần giấy gì", "ho_so"),
        ("vay hết nhiêu tiền", "le_phi"),
        ("rồi chừng nào lấy được", "thoi_han"),
        ("mẫu đơn tải ở đâu", "bieu_mau"),
        ("làm qua mạng được không", "trinh_tu"),
    ],
)
@pytest.mark.parametrize("accents", [True, False])
def test_follow_up(library: Library, text: str, facet: str, accents: bool) -> None:
    understood = understand(text if accents else plain(text), BIRTH, library)
    assert (understood.outcome, understood.key, understood.facet) == ("followup", "khai_sinh", facet)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("còn đăng ký kết hôn thì sao", "ket_hon"),
        ("vậy sang tên sổ đỏ cần gì", "dat_sang_ten"),
        ("à mà mất căn cước thì làm ở đâu", "can_cuoc_cap_lai"),
        ("thế còn xin giấy độc thân", "xac_nhan_tinh_trang_hon_nhan"),
    ],
)
def test_a_new_request_replaces_the_matter(library: Library, text: str, key: str) -> None:
    understood = understand(text, BIRTH, library)
    assert (understood.outcome, understood.key) == ("answer", key)


def test_follow_up_needs_a_matter(library: Library) -> None:
    assert understand("vậy mất bao lâu?", FRESH, library).outcome == "unsure"
    assert understand("vậy mất bao lâu?", Context(last_key="gone"), library).outcome == "unsure"


OFFERED = Context(last_facet="ho_so", offered=tuple(Offer(key) for key in LAND))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1", 0),
        ("2", 1),
        ("số 3", 2),
        ("cái thứ hai", 1),
        ("cái đầu tiên nha em", 0),
        ("dạ 4", 3),
        ("câu 2", 1),
        ("chọn số 3 nha", 2),
        ("cái cuối cùng", 3),
        ("cai thu hai", 1),
        ("hai", 1),
        ("em chọn 1 ạ", 0),
    ],
)
def test_choose_by_number(library: Library, text: str, place: int) -> None:
    understood = understand(text, OFFERED, library)
    assert (understood.outcome, understood.key, understood.chosen) == ("answer", LAND[place], place)
    assert understood.facet == "ho_so"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ba má cho", "dat_sang_ten"),
        ("thừa kế", "dat_sang_ten"),
        ("chưa có sổ", "dat_cap_so_lan_dau"),
        ("tach thua", "dat_tach_hop_thua"),
        ("chuyển lên đất ở", "dat_chuyen_muc_dich"),
    ],
)
def test_choose_by_words(library: Library, text: str, key: str) -> None:
    understood = understand(text, Context(offered=offers(LAND, library)), library)
    assert (understood.outcome, understood.key) == ("answer", key)


@pytest.mark.parametrize("text", ["5", "0", "9", "số 7", "không cái nào"])
def test_numbers_beyond_the_offer_choose_nothing(library: Library, text: str) -> None:
    assert understand(text, OFFERED, library).key is None


def test_a_number_without_an_offer_is_nothing(library: Library) -> None:
    assert understand("2", FRESH, library).outcome in ("unsure", "intent")


def test_another_request_instead_of_a_choice(library: Library) -> None:
    understood = understand("thôi cho hỏi làm khai sinh cho bé", OFFERED, library)
    assert (understood.outcome, understood.key, understood.chosen) == ("answer", "khai_sinh", None)


def test_conversation_of_the_model_dialogue(library: Library) -> None:
    first = converse(["tui muon lam giay dat"], library)
    assert first.outcome == "choices"
    second = converse(["tui muon lam giay dat", "2"], library)
    assert (second.outcome, second.key) == ("answer", "dat_sang_ten")
    third = converse(["tui muon lam giay dat", "2", "vậy nộp ở đâu"], library)
    assert (third.outcome, third.key, third.facet) == ("followup", "dat_sang_ten", "noi_nop")


def test_context_after(library: Library) -> None:
    answered = understand("làm khai sinh cho bé", FRESH, library)
    assert after(Context(misses=1), answered, library) == Context("khai_sinh", "tong_quan")
    offered = after(BIRTH, understand("làm giấy đất", BIRTH, library), library)
    assert [offer.key for offer in offered.offered] == LAND
    assert all(offer.label for offer in offered.offered)
    assert offered.last_key == "khai_sinh"
    missed = after(FRESH, understand("làm cái kia được không", FRESH, library), library)
    assert missed.misses == 1
    thanked = after(BIRTH, understand("cảm ơn em", BIRTH, library), library)
    assert thanked == BIRTH


def test_thresholds_make_sense() -> None:
    limits = lexicon("choosing")["thresholds"]
    assert 0 < limits["offer"] < limits["floor"] < limits["confirm"] < limits["lonely"] < limits["sure"]
    assert limits["sure"] < limits["very_sure"] < 1
    assert 2 <= limits["max_choices"] <= 4


def test_choices_are_two_to_four(library: Library) -> None:
    for entry in library.entries():
        understood = understand(f"{entry.choice_name} {entry.plain_name}", FRESH, library)
        assert len(understood.choices) in (0, 2, 3, 4)
        assert len(understood.candidates) <= 5


def test_vague_lists_name_known_keys_first(library: Library) -> None:
    for group in lexicon("choosing")["vague"]:
        assert sum(key in library for key in group["keys"]) >= 1, group["keys"]


@pytest.mark.parametrize(
    "text", ["", " ", "\ud800", "😀" * 50, "a" * 5000, "khai sinh " * 500, "1\n2\n3", "((((", "'; drop table"]
)
def test_never_raises(library: Library, text: str) -> None:
    for context in (FRESH, BIRTH, OFFERED):
        understand(text, context, library)


def test_long_message_is_cheap(library: Library) -> None:
    text = ("tôi muốn hỏi chuyện sang tên sổ đỏ thừa kế mà nhà có sáu anh em, một người ở nước ngoài. " * 60)[
        :5000
    ]
    understand(text, FRESH, library)
    started = time.process_time()
    understand(text, FRESH, library)
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize("words", ["{}", "thủ tục {} cần gì", "cho hỏi mã {}.", "MA THU TUC {}?"])
def test_a_code_names_its_procedure(library: Library, words: str) -> None:
    for key in ("ket_hon", "lien_thong_khai_sinh_bhyt_cu", "bao_mat_ho_chieu_cap_huyen_cu"):
        entry = library.entry(key)
        assert entry is not None
        assert entry.code is not None
        understood = understand(words.format(entry.code), Context(), library)
        assert (understood.outcome, understood.key) == ("answer", key)


def test_a_code_of_several_entries_offers_them(library: Library) -> None:
    codes = [entry.code for entry in library.entries() if entry.code]
    shared = next(code for code in codes if 1 < codes.count(code) <= 4)
    understood = understand(f"mã {shared}", Context(), library)
    assert understood.outcome == "choices"
    assert {choice.key for choice in understood.choices} == {e.key for e in library.by_code(shared)}


@pytest.mark.parametrize("words", ["9.999999", "12.000986", "2.0009861", "gọi 2.000.986 đồng", "5.000000"])
def test_other_numbers_are_no_codes(library: Library, words: str) -> None:
    assert understand(words, Context(), library).outcome != "answer"
