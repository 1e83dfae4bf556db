"""A planted error of each kind fails, with file and field named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from knowledge.checks import RULES
from knowledge.checks.official import Record
from tests.knowledge.planted import Change, Raw, found, put, real, twin

BIRTH, COPY, LAND, CARD = (
    "ho_tich/khai_sinh",
    "chung_thuc/sao_y_ban_chinh",
    "dat_dai/dat_sang_ten",
    "can_cuoc/can_cuoc_cap_doi",
)


@dataclass(frozen=True)
class Planted:
    """`spoil` changes one thing of the entry; the rule must name `field`."""

    rule: str
    entry: str
    field: str
    spoil: Change
    official: bool = True


def put_in(path: str, value: object) -> Change:
    """Set one value: `fees.0.basis`; a number past the end appends."""

    def spoil(raw: Raw) -> None:
        *way, last = path.split(".")
        at: object = raw
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]  # type: ignore[index]
        if isinstance(at, list) and int(last) >= len(at):
            at.append(value)
        else:
            at[int(last) if isinstance(at, list) else last] = value  # type: ignore[index]

    return spoil


def drop(path: str) -> Change:
    def spoil(raw: Raw) -> None:
        *way, last = path.split(".")
        at: object = raw
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]  # type: ignore[index]
        at.pop(last)  # type: ignore[attr-defined]

    return spoil


def both(*changes: Change) -> Change:
    def spoil(raw: Raw) -> None:
        for change in changes:
            change(raw)

    return spoil


def put_sources(*titles: str) -> Change:
    """Every source under another title, without a page."""

    def spoil(raw: Raw) -> None:
        for n, source in enumerate(raw["sources"]):
            source |= {"title": titles[n % len(titles)], "url": None}

    return spoil


FREE = {"basis": "free"}
NAMES = [
    Planted("ten_chinh_thuc", BIRTH, "official_name", put_in("official_name", "Thủ tục đăng ký khai tử")),
    Planted("ten_chinh_thuc", BIRTH, "official_name", put_in("code", "2.000815")),
    Planted("trang_sai", BIRTH, "official_name", put_in("code", "3.000285")),
    Planted(
        "trang_sai",
        BIRTH,
        "sources.0",
        both(
            put_in("code", "3.000285"),
            put_in("official_name", "Khóa căn cước điện tử (thực hiện tại cấp xã)"),
            put_in("sources.0.title", "Cổng Dịch vụ công quốc gia, thủ tục 3.000285"),
        ),
    ),
]
SOURCES = [
    Planted("nguon_noi_bo", BIRTH, "sources.1", put_in("sources.1.title", title))
    for title in (
        "Ghi chú pháp lý về hộ tịch", "Kho tham khảo hộ tịch của dự án", "Bảng tổng hợp thủ tục hộ tịch",
        "Luật Hộ tịch (ghi chú luật)", "Luật Hộ tịch, chép ở practice.md",
    )
] + [
    Planted("hieu_biet_chung", BIRTH, "to_check.0", put_in("to_check.0", "Họ tên là hiểu biết chung.")),
    Planted("do_chac_theo_nguon", BIRTH, "confidence", put_sources("Danh mục của phường", "Sổ tay cấp xã")),
]  # fmt: skip
FEES = [
    Planted("mien_phi_co_can_cu", COPY, "fees.0", put_in("fees", [FREE])),
    Planted(
        "mien_phi_co_can_cu",
        COPY,
        "fees.0",
        both(
            put_in("sources.2", {"id": "so_tay", "title": "Sổ tay cấp xã"}),
            put_in("fees", [FREE | {"source": "so_tay"}]),
        ),
    ),
    Planted("mien_phi_trai_ghi_chu", LAND, "fees.0", put_in("fees", [FREE | {"when": "đúng hạn"}])),
    Planted("mien_phi_trai_ghi_chu", LAND, "fees.0", put_in("fees", [FREE | {"when": "đúng hạn"}]), False),
    Planted(
        "mien_phi_trong_cau",
        LAND,
        "faqs.0.answer",
        put_in("faqs.0.answer", "Sang tên được miễn phí, nộp tại quầy, đều miễn phí."),
    ),
    Planted("so_tien_co_nguon", COPY, "fees.0", put_in("fees.0.amount_vnd", 3000)),
    Planted("so_tien_co_nguon", COPY, "fees.1", put_in("fees.1.max_vnd", 500000)),
    Planted("muc_giam_co_han", CARD, "fees.0.effective_to", put_in("fees.0.effective_to", None)),
]
ONE_DAY = [{"amount": 1, "unit": "ngay"}]
TIMES = [
    Planted("so_1_khong_don_vi", BIRTH, "times.0", put_in("times", ONE_DAY)),
    Planted("so_1_khong_don_vi", BIRTH, "times.0", put_in("times", ONE_DAY), False),
    Planted("so_1_khong_don_vi", BIRTH, "times.0", put_in("times", [{"amount": 1, "unit": "ngay_lam_viec"}])),
    Planted("thoi_han_co_nguon", CARD, "times.0", put_in("times.0.amount", 5)),
    Planted("thoi_han_co_nguon", CARD, "times.0", put_in("times.0.unit", "ngay")),
    Planted("thoi_han_co_nguon", CARD, "times.0", put_in("times", [{"same_day": True}])),
    Planted("don_vi_muon", BIRTH, "times.0", put_in("times", [{"amount": 1, "unit": "ngay_lam_viec"}])),
    Planted(
        "du_muc_thoi_han",
        LAND,
        "times",
        both(
            put_in("times", [{"amount": 18, "unit": "ngay_lam_viec", "provisional": True}]),
            put_in("to_check.0", "Cổng còn ghi 4 ngày làm việc."),
        ),
    ),
    Planted("du_muc_thoi_han", CARD, "times", put_in("times.0.amount", 5)),
    Planted("cong_them_ro", COPY, "times.0.note", put_in("times.0.note", "Giấy dày thì cộng thêm 2 ngày")),
    Planted("cong_them_ro", COPY, "times.0.note", put_in("times.0.note", "Xác minh thì thêm tối đa 2 ngày")),
    Planted("dat_dai_tam_thoi", LAND, "times.0", put_in("times.0", {"amount": 18, "unit": "ngay_lam_viec"})),
    Planted("trong_ngay_15_gio", BIRTH, "times.0.note", drop("times.0.note")),
]
PAPERS = [
    Planted(
        "tu_tra_nhat_quan",
        BIRTH,
        "documents.1",
        both(
            put_in("documents.1", {"name": "Giấy chứng nhận kết hôn của cha mẹ"}),
            put_in("steps.1", "Cán bộ tự tra giấy kết hôn."),
        ),
    ),
]
REPEALED = [
    Planted("van_ban_het_hieu_luc", BIRTH, "legal_basis.0", put_in("legal_basis.0.number", number), False)
    for number in (
        "61/2018/NĐ-CP", "107/2021/NĐ-CP", "13/2023/NĐ-CP", "42/2022/NĐ-CP", "45/2026/NĐ-CP", "64/2007/NĐ-CP",
        "64/2014/NĐ-CP", "31/2021/QĐ-TTg", "86/2015/QH13", "24/2018/QH14", "81/2006/QH11", "65/2014/QH13",
        "58/2014/QH13", "62/2021/NĐ-CP", "38/2019/QH14",
    )
]  # fmt: skip
LAW = [
    Planted(
        "van_ban_cu_trong_cau", BIRTH, "steps.0", put_in("steps.0", "Nộp tại quầy theo Nghị định 61/2018.")
    ),
    Planted(
        "van_ban_cu_trong_cau",
        BIRTH,
        "faqs.0.answer",
        put_in("faqs.0.answer", "Theo Luật Cư trú 2006 thì được."),
    ),
    Planted("van_ban_cu_trong_cau", BIRTH, "sources.1", put_in("sources.1.title", "Nghị định 13/2023/NĐ-CP")),
    Planted("giay_to_cu", BIRTH, "documents.0.name", put_in("documents.0.name", "Sổ hộ khẩu gia đình")),
    Planted("giay_to_cu", CARD, "documents.1.name", put_in("documents.1.name", "Bản sao CMND")),
    Planted("giay_to_cu", BIRTH, "steps.0", put_in("steps.0", "Mang sổ hộ khẩu ra quầy.")),
    Planted("het_cung_luat_cu", BIRTH, "effective_to", put_in("effective_to", None)),
    Planted("het_cung_luat_cu", BIRTH, "effective_to", put_in("effective_to", date(2027, 3, 1))),
    Planted("ma_co_ngay_cuoi", BIRTH, "effective_to", put_in("code", "1.011606")),
    Planted(
        "so_hieu_van_ban", BIRTH, "legal_basis.1.number", put_in("legal_basis.1.number", "Nghị định 123")
    ),
]
PLACES = [
    Planted("khong_con_cap_huyen", BIRTH, "places.0", put_in("places.0.text", "UBND huyện nơi cư trú")),
    Planted(
        "khong_con_cap_huyen", BIRTH, "places.0", put_in("places.0.text", "Bộ phận tiếp nhận của thị trấn")
    ),
    Planted("khong_con_cap_huyen", BIRTH, "steps.1", put_in("steps.1", "Phòng Tư pháp xem hồ sơ.")),
    Planted("khong_con_cap_huyen", LAND, "steps.3", put_in("steps.3", "Chi cục Thuế báo số tiền phải nộp.")),
    Planted(
        "khong_con_cap_huyen", BIRTH, "documents.3.name", put_in("documents.3.name", "Giấy của công an quận")
    ),
    Planted("khong_con_cap_huyen", BIRTH, "steps.0", put_in("steps.0", "Không còn giấy thì nộp ở thị xã.")),
    Planted(
        "duong_dan_chinh_thuc", BIRTH, "links.0.url", put_in("links.0.url", "https://gov.vn.example.com/x")
    ),
    Planted(
        "duong_dan_chinh_thuc", BIRTH, "sources.0.url", put_in("sources.0.url", "http://dichvucong.gov.vn/x")
    ),
    Planted("duong_dan_dung_ma", BIRTH, "links.0.url", put_in("links.0.url", real(COPY)["links"][0]["url"])),
]
NUMBERS = [
    Planted("so_trong_cau", BIRTH, "steps.1", put_in("steps.1", "Cán bộ coi giấy trong 45 phút.")),
    Planted("so_trong_cau", BIRTH, "fees.1.note", put_in("fees.1.note", "Thường là 15.000 đồng")),
    Planted("so_trong_cau", COPY, "faqs.2.answer", put_in("faqs.2.answer", "Chừng 3 triệu đồng.")),
    Planted("so_trong_cau", CARD, "audience", put_in("audience", "Người từ 65 tuổi trở lên.")),
    Planted("con_so_co_nguon", CARD, "figures.0", put_in("figures.0.value", 77)),
    Planted(
        "con_so_co_nguon",
        CARD,
        "deadlines.0",
        put_in("deadlines", [{"what": "Đổi thẻ", "amount": 99, "unit": "ngay"}]),
    ),
]
KEYS = [
    Planted("lien_quan_co_that", BIRTH, "related", put_in("related", ["khong_co_that"])),
    Planted("lien_quan_khac_minh", BIRTH, "related", put_in("related", ["khai_sinh"])),
    Planted(
        "lien_quan_co_that",
        BIRTH,
        "superseded_by",
        both(put_in("kind", "superseded"), put_in("superseded_by", ["khong_co_that"])),
    ),
]
PHRASES = [
    Planted("cau_hoi_du", BIRTH, "phrasings", put_in("phrasings", ["làm khai sinh cho bé"] * 8)),
    Planted("cau_hoi_rieng", BIRTH, "phrasings.1", put_in("phrasings.1", "làm giấy KHAI SANH cho bé?")),
    Planted("khong_thong_tin_ca_nhan", BIRTH, "steps.1", put_in("steps.1", "Hỏi cô Nguyễn Thị Mận ở quầy.")),
    Planted(
        "khong_thong_tin_ca_nhan",
        BIRTH,
        "phrasings.0",
        put_in("phrasings.0", "gọi số 0912345678 hỏi khai sinh"),
    ),
    Planted("so_dien_thoai_co_that", BIRTH, "steps.1", put_in("steps.1", "Gọi 19001234 để hỏi.")),
    Planted("dong_ngan", BIRTH, "steps.1", put_in("steps.1", "Cán bộ coi giấy. " * 10)),
    Planted(
        "dong_ngan", BIRTH, "documents.0.name", put_in("documents.0.name", "Tờ khai đăng ký khai sinh " * 6)
    ),
]
DATES = [
    Planted(
        "muc_phat_co_ngay",
        BIRTH,
        "faqs.0.answer",
        put_in("faqs.0.answer", "Khai trễ thì bị phạt từ 3 đến 5 triệu đồng."),
    ),
    Planted("ngay_hop_ly", BIRTH, "verified_on", put_in("verified_on", date(2026, 12, 1))),
    Planted("ngay_hop_ly", BIRTH, "effective_to", put_in("effective_from", date(2027, 12, 1))),
    Planted("ngay_hop_ly", BIRTH, "fees.0.verified_on", put_in("fees.0.verified_on", date(2026, 12, 1))),
    Planted("chua_chac_thi_ghi", LAND, "to_check", put_in("to_check", [])),
]
ALONE = [
    *NAMES,
    *SOURCES,
    *FEES,
    *TIMES,
    *PAPERS,
    *REPEALED,
    *LAW,
    *PLACES,
    *NUMBERS,
    *KEYS,
    *PHRASES,
    *DATES,
]


@pytest.mark.parametrize("path", [BIRTH, COPY, LAND, CARD])
def test_the_copies_are_sound(tmp_path: Path, path: str) -> None:
    assert found(put(tmp_path, real(path)), "error") == set()


@pytest.mark.parametrize("planted", ALONE, ids=lambda one: f"{one.rule}-{one.field}")
def test_a_planted_error_fails(tmp_path: Path, planted: Planted) -> None:
    raw = real(planted.entry)
    planted.spoil(raw)
    official = {} if planted.official else {"official": None}
    errors = found(put(tmp_path, raw), "error", **official)
    assert (planted.rule, f"{planted.entry}.yaml {planted.field}") in errors


def beside(tmp_path: Path, **changes: object) -> set[tuple[str, str]]:
    """The errors of khai_sinh's twin, which stands beside it."""
    birth = real(BIRTH)
    put(tmp_path, birth)
    return found(put(tmp_path, twin(birth, "khai_sinh_hai", **changes)), "error")


TWIN = "ho_tich/khai_sinh_hai.yaml"


def test_the_twin_is_sound(tmp_path: Path) -> None:
    assert beside(tmp_path) == set()


def test_a_question_of_two_entries(tmp_path: Path) -> None:
    questions = real(BIRTH)["phrasings"]
    assert ("cau_hoi_rieng", f"{TWIN} phrasings.0") in beside(tmp_path, phrasings=questions)


def test_a_question_that_is_anothers_name(tmp_path: Path) -> None:
    side = [{"asks": ["thủ tục đăng ký khai sinh"], "answer": "Coi ở mục khai sinh."}]
    assert ("cau_hoi_khac_ten", f"{TWIN} faqs.0.asks.0") in beside(tmp_path, faqs=side)


def test_a_choice_name_twice_in_a_field(tmp_path: Path) -> None:
    assert ("ten_lua_chon_trung", f"{TWIN} choice_name") in beside(
        tmp_path, choice_name=real(BIRTH)["choice_name"]
    )


def test_replaced_by_what_is_replaced_itself(tmp_path: Path) -> None:
    gone = {"kind": "superseded", "superseded_by": ["khai_sinh"]}
    put(tmp_path, real(BIRTH) | gone | {"superseded_by": ["khai_sinh_hai"]})
    put(tmp_path, twin(real(BIRTH), "khai_sinh_hai", **gone))
    errors = found(tmp_path, "error")
    assert ("thay_bang_viec_con_hieu_luc", f"{TWIN} superseded_by") in errors


def test_a_key_in_two_fields(tmp_path: Path) -> None:
    put(tmp_path, real(BIRTH))
    put(tmp_path, twin(real(BIRTH), "khai_sinh", field="quoc_tich"))
    assert ("khoa_trung", "quoc_tich/khai_sinh.yaml key") in found(tmp_path, "error")


def spoiled(tmp_path: Path, path: str, spoil: Change) -> set[tuple[str, str]]:
    raw = real(path)
    spoil(raw)
    return found(put(tmp_path, raw), "warning")


WARNED = [
    Planted("het_hieu_luc", BIRTH, "effective_to", put_in("effective_to", date(2026, 11, 1))),
    Planted("het_hieu_luc", BIRTH, "fees.0", put_in("fees.0.effective_to", date(2026, 11, 1))),
    Planted(
        "qua_han_ra_lai",
        BIRTH,
        "review_days",
        both(put_in("verified_on", date(2026, 11, 21)), put_in("review_days", 3)),
    ),
    Planted("ma_la", BIRTH, "code", put_in("code", "1.999999")),
    Planted("ten_cua_ma_khac", BIRTH, "code", put_in("code", None)),
    Planted("van_ban_can_xem_lai", LAND, "legal_basis.0", put_in("legal_basis.0.number", "20/2021/NĐ-CP")),
    Planted("can_cu_co_nguon", LAND, "legal_basis.0", put_in("legal_basis.0.number", "99/2026/NĐ-CP")),
    Planted("phi_co_han", CARD, "fees.0", put_in("fees", [real(CARD)["fees"][0]])),
]


@pytest.mark.parametrize("planted", WARNED, ids=lambda one: f"{one.rule}-{one.field}")
def test_what_is_only_told(tmp_path: Path, planted: Planted) -> None:
    expected = (planted.rule, f"{planted.entry}.yaml {planted.field}")
    assert expected in spoiled(tmp_path, planted.entry, planted.spoil)


def test_a_code_of_two_entries_is_told(tmp_path: Path) -> None:
    put(tmp_path, real(BIRTH))
    put(
        tmp_path,
        twin(real(BIRTH), "khai_sinh_hai", code="1.001193", official_name=real(BIRTH)["official_name"]),
    )
    assert ("ma_trung", f"{TWIN} code") in found(tmp_path, "warning")


def test_a_code_that_is_said_to_be_shared_is_not_told(tmp_path: Path) -> None:
    put(tmp_path, real(BIRTH))
    same = {"code": "1.001193", "official_name": real(BIRTH)["official_name"]}
    put(tmp_path, twin(real(BIRTH), "khai_sinh_hai", **same, to_check=["Dùng chung mã 1.001193."]))
    assert "ma_trung" not in {rule for rule, _ in found(tmp_path, "warning")}


@pytest.mark.parametrize(
    ("sentence", "counted"),
    [
        ("Trong thời hạn 03 ngày làm việc kể từ ngày nhận đủ hồ sơ, phường cấp giấy.", True),
        ("Phường cấp lại trong 03 (ba) ngày làm việc, kể từ khi nhận được văn bản đề nghị.", True),
        (
            "Trong thời hạn 03 ngày làm việc kể từ ngày nhận được yêu cầu xác minh, nơi được hỏi trả lời.",
            False,
        ),
        ("Trong thời hạn 03 ngày kể từ ngày nhận đủ hồ sơ, phường cấp giấy.", False),
    ],
)
def test_a_span_that_counts_from_filing(sentence: str, counted: bool) -> None:
    record = Record("1.000001", "Cấp giấy", {"steps": [sentence]})
    assert record.counts_from_filing(3, "ngay_lam_viec") is counted


def test_every_rule_has_a_planted_error() -> None:
    together = {
        "cau_hoi_khac_ten", "ten_lua_chon_trung", "thay_bang_viec_con_hieu_luc", "khoa_trung", "ma_trung",
    }  # fmt: skip
    assert {one.rule for one in [*ALONE, *WARNED]} | together == set(RULES)


ALLOWED: list[tuple[str, Change]] = [
    (BIRTH, put_in("steps.1", "Từ 1/7/2025 không còn cấp huyện, nộp tại phường.")),
    (BIRTH, put_in("steps.1", "Hồ sơ của huyện cũ nay ở tỉnh.")),
    (BIRTH, put_in("steps.1", "Quân nhân ở Quân khu nào cũng nộp tại phường.")),
    (BIRTH, put_in("steps.1", "Khỏi mang sổ hộ khẩu; số CMND cũ vẫn tra được.")),
    (BIRTH, put_in("steps.1", "Gọi 115 khi cấp cứu; cổng mở 24/7, dùng VNeID mức 2.")),
    (
        BIRTH,
        put_in("steps.1", "Khai mẫu số 18, theo khoản 2 Điều 15 Luật Hộ tịch 2014, trước ngày 1/3/2027."),
    ),
    (BIRTH, put_in("steps.1", "Nghị định 61/2018 đã hết hiệu lực.")),
    (BIRTH, put_in("times", [{"amount": None}])),
    (BIRTH, put_in("times", [{"amount": 1, "unit": "ngay_lam_viec", "source": "luat_ho_tich"}])),
    (BIRTH, put_in("links.0.url", "https://vneid.gov.vn/huong-dan")),
    (LAND, put_in("fees", [{"basis": "unknown"}])),
    (LAND, put_in("times", [{"amount": n, "unit": "ngay_lam_viec", "provisional": True} for n in (18, 4)])),
    (COPY, put_in("times.1.note", "Hai bên thỏa thuận thì cộng thêm nữa")),
    (BIRTH, put_in("steps.1", "Cán bộ tự tra giấy kết hôn; tra không ra mới hỏi.")),
    (BIRTH, put_in("sources.1.title", "Luật Hộ tịch 60/2014/QH13 (bản ghi chú của Quốc hội)")),
]


@pytest.mark.parametrize(("path", "change"), ALLOWED)
def test_what_is_sound_passes(tmp_path: Path, path: str, change: Change) -> None:
    raw = real(path)
    change(raw)
    assert found(put(tmp_path, raw), "error") == set()
