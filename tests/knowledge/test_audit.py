from __future__ import annotations

import random
from collections import Counter

import pytest

from knowledge.__main__ import main
from knowledge.audit import Sample, as_markdown, draw
from knowledge.checks import load_records
from knowledge.schema import Entry
from tests.knowledge.planted import OFFICIAL


def sample(entries: list[Entry], seed: int = 7, count: int = 20) -> list[Sample]:
    return draw(entries, load_records(OFFICIAL), seed, count)


def test_the_same_seed_draws_the_same(entries: list[Entry]) -> None:
    first = sample(entries)
    shuffled = random.Random(1).sample(entries, len(entries))
    assert as_markdown(first, 7) == as_markdown(sample(shuffled), 7)
    assert as_markdown(first, 7) != as_markdown(sample(entries, seed=8), 7)


KINDS = {
    "thời hạn", "lệ phí", "giấy tờ", "nơi nộp", "căn cứ", "mốc phải làm", "con số", "bước", "điều kiện",
    "lưu ý", "hỏi thêm", "tóm tắt", "đối tượng", "kết quả",
}  # fmt: skip


def test_every_kind_is_drawn_after_its_number(entries: list[Entry]) -> None:
    everything = Counter(one.kind for one in sample(entries, count=10_000))
    drawn = Counter(one.kind for one in sample(entries, count=40))
    assert set(everything) == KINDS
    fair = {kind: 40 * number / everything.total() for kind, number in everything.items()}
    assert drawn.total() == 40
    assert all(drawn[kind] >= 1 and abs(drawn[kind] - fair[kind]) <= 1 for kind in KINDS)


def test_a_small_draw_keeps_to_the_large_kinds(entries: list[Entry]) -> None:
    drawn = sample(entries, count=3)
    assert len({one.kind for one in drawn}) == 3
    assert not {one.kind for one in drawn} & {"kết quả", "tóm tắt", "mốc phải làm"}


def test_fields_take_turns(entries: list[Entry]) -> None:
    assert set(Counter(one.entry.field for one in sample(entries, count=20)).values()) == {5}


def test_nothing_twice_and_only_entries_with_a_record(entries: list[Entry]) -> None:
    drawn = sample(entries, count=10_000)
    assert len({(one.entry.key, one.field) for one in drawn}) == len(drawn) < 10_000
    assert {one.entry.code for one in drawn} == set(load_records(OFFICIAL))


@pytest.mark.parametrize(
    ("key", "field", "stated", "official"),
    [
        ("can_cuoc_cap_doi", "times.0", "7 ngày làm việc", "7 Ngày làm việc"),
        ("can_cuoc_cap_doi", "fees.1", "50,000 đồng; mỗi thẻ", "50.000 đồng/thẻ căn cước"),
        ("sao_y_ban_chinh", "fees.1", "tối đa 200,000 đồng", "1.000 đồng/trang"),
        ("khai_sinh", "times.0", "trong ngày", "sau 15 giờ"),
        ("khai_sinh", "legal_basis.0", "60/2014/QH13", "60/2014/QH13: Luật"),
        ("khai_sinh", "legal_basis.4", "301/2026/NĐ-CP", "không có trong căn cứ"),
        ("khai_sinh", "documents.3", "bỏ rơi", "biên bản về việc trẻ bị bỏ rơi"),
        ("khai_sinh", "places.0", "Trung tâm Phục vụ hành chính công", "Ủy ban nhân dân cấp xã"),
        ("khai_sinh", "deadlines.0", "60 ngày; từ ngày sinh", "Trong thời hạn 60 ngày"),
        ("khai_sinh", "figures.0", "7 ngày", "07 ngày liên tục"),
        ("khai_sinh", "steps.0", "Nộp giấy tại quầy", "Cổng dịch vụ công quốc gia"),
        ("khai_sinh", "conditions.1", "tập quán", "xác định theo tập quán"),
        ("khai_sinh", "mistakes.0", "Đặt tên quá dài", "không đặt tên quá dài"),
        ("khai_sinh", "faqs.2", "ủy quyền không → Không.", "không phải có văn bản ủy quyền"),
        ("khai_sinh", "result", "bản chính", "Giấy khai sinh;"),
        ("can_cuoc_cap_doi", "audience", "dưới 14 tuổi", "người dưới 14 tuổi"),
    ],
)
def test_what_stands_beside_a_fact(
    entries: list[Entry], key: str, field: str, stated: str, official: str
) -> None:
    drawn = sample(entries, count=10_000)
    one = next(one for one in drawn if (one.entry.key, one.field) == (key, field))
    assert stated in one.stated
    assert official in one.official


def test_command_prints_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--official", str(OFFICIAL), "--seed", "3", "--count", "5"]) == 0
    told = capsys.readouterr().out
    assert told.count("\n## ") == 5
    assert told.count("☐ đúng ☐ sai") == 5
