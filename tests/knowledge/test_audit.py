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


def test_kinds_and_fields_take_turns(entries: list[Entry]) -> None:
    drawn = sample(entries, count=20)
    assert Counter(one.kind for one in drawn) == dict.fromkeys(
        ("thời hạn", "lệ phí", "giấy tờ", "nơi nộp", "căn cứ"), 4
    )
    assert set(Counter(one.entry.field for one in drawn).values()) == {5}


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
