"""Hints on officials' words: each finding has words that cause it and words that do not."""

from __future__ import annotations

import unicodedata

import pytest

from ward.tone import look_over

GOOD = (
    "Dạ chị Hạnh, cán bộ hộ tịch phường, xin chào anh/chị.\n"
    "Mình nộp ở Trung tâm PVHCC của UBND phường, gọi 0277 000 0000 khi cần nha.\n"
    "Em sẽ báo kết quả trước 16h ngày 30/11, phiếu HD-2611-0007-3.\n"
    "Em cảm ơn anh/chị đã chờ."
)


def rules(text: str) -> list[str]:
    return [finding.rule for finding in look_over(text, own_numbers=["0277 000 0000"])]


def test_a_good_answer_has_no_findings() -> None:
    assert rules(GOOD) == []
    assert rules(unicodedata.normalize("NFD", GOOD)) == []


def test_nothing_written_is_nothing_found() -> None:
    assert rules("  \n ") == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("Dạ chị Hạnh, cán bộ hộ tịch phường, xin chào anh/chị.", "Trả lời phiếu.", "greeting"),
        ("Em cảm ơn anh/chị đã chờ.", "Hết.", "thanks"),
        ("Mình nộp ở", "MÌNH NỘP Ở", "capitals"),
        ("Mình nộp ở", "Anh sai rồi, nộp ở", "blame"),
        ("Mình nộp ở", "Yêu cầu ông nộp ở", "blame"),
        ("trước 16h ngày 30/11", "trong thời gian tới", "promise"),
        ("Em sẽ báo kết quả trước 16h ngày 30/11", "Em đã gửi lên tỉnh", "promise"),
        ("Mình nộp ở", "Mình nộp " + "giấy tờ cần thiết " * 14 + "ở", "long"),
        ("Mình nộp ở", "\n".join(["Một ý."] * 12) + "\nMình nộp ở", "long"),
        ("0277 000 0000", "0912345678", "number"),
        ("0277 000 0000", "0912 345 678", "number"),
        ("gọi 0277 000 0000", "căn cước 087123456789", "number"),
    ],
)
def test_each_rule_finds_its_own_thing(old: str, new: str, rule: str) -> None:
    assert old in GOOD
    assert rules(GOOD.replace(old, new)) == [rule]


def test_findings_show_the_place_and_the_mend() -> None:
    found = {finding.rule: finding for finding in look_over("PHẢI NỘP ĐỦ, anh đã nói rồi. Số 0912345678")}
    assert found["capitals"].words == "PHẢI NỘP ĐỦ"
    assert found["blame"].words == "đã nói rồi"
    assert found["number"].words == "0912345678"
    assert all(finding.hint.endswith((".", '".')) for finding in found.values())


@pytest.mark.parametrize("number", ["84277 000 0000", "+84 277 000 0000", "0277.000.0000"])
def test_the_wards_own_numbers_may_be_told_however_written(number: str) -> None:
    assert rules(GOOD.replace("0277 000 0000", number)) == []


@pytest.mark.parametrize("words", ["UBND TTPVHCC", "Nghị định 123/NĐ-CP", "Khóm II"])
def test_names_written_in_capitals_by_everybody_are_no_shouting(words: str) -> None:
    assert "capitals" not in rules(GOOD.replace("UBND", words))
