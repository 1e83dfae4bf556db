"""Every number a sentence states also stands in a structured fact, where it can be dated and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from knowledge.checks.base import Context, Hit, record_behind, rule, told
from knowledge.checks.official import NUMBER_WORDS, Record
from knowledge.schema import Deadline, Entry, Figure
from knowledge.words import lexicon

_NUMBER = re.compile(r"(?<![\w])(\d+(?:[.,]\d+)*)\s*(ngàn|nghìn|triệu|tỷ|tỉ)?(\s*(?:đồng|đ\b))?", re.I)
_OF_A_FACT = re.compile(r"places\.\d+\.hours|figures\.\d+\.what|deadlines\.\d+\.(?:what|since)")
"""Words that belong to a structured fact themselves."""
_TIMES = {"ngàn": 1e3, "nghìn": 1e3, "triệu": 1e6, "tỷ": 1e9, "tỉ": 1e9}
_MONEY = re.compile(r"đồng|triệu|nghìn|ngàn|tỷ", re.I)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")


@rule("so_trong_cau", "Mọi con số trong câu cũng đứng ở times, fees, deadlines, figures hoặc số bản giấy tờ.")
def numbers_are_facts(entry: Entry, context: Context) -> Iterator[Hit]:
    money, plain = _money(entry), _plain(entry)
    for field, words in told(entry):
        if _OF_A_FACT.fullmatch(field):
            continue
        for said, value, is_money in stated(words):
            if value not in money and (is_money or value not in plain):
                yield field, f"số {said!r} không có trong dữ kiện của thẻ"


@rule(
    "con_so_co_nguon",
    "Mốc phải làm và con số lấy từ Cổng phải có trong hồ sơ ấy; không thì nêu nguồn khác hoặc bỏ.",
)
def figures_stand_in_the_record(entry: Entry, context: Context) -> Iterator[Hit]:
    facts: list[tuple[str, Deadline | Figure, float]] = [
        (f"deadlines.{n}", duty, duty.amount) for n, duty in enumerate(entry.deadlines)
    ]
    facts += [(f"figures.{n}", one, one.value) for n, one in enumerate(entry.figures)]
    for field, fact, value in facts:
        record = record_behind(entry, fact, context)
        if record is not None and not _written(value, record):
            yield field, f"số {value:g} không có trong hồ sơ mã {record.code}"


def _written(value: float, record: Record) -> bool:
    """As a whole number, in millions, as a word, or with a comma."""
    if value != int(value):
        return f"{value:g}".replace(".", ",") in record.text or f"{value:g}" in record.text
    millions = value / 1e6
    said = any(n == value and re.search(rf"\b{word}\b", record.text) for word, n in NUMBER_WORDS.items())
    return said or int(value) in record.sums or (millions == int(millions) and int(millions) in record.sums)


def stated(words: str) -> list[tuple[str, float, bool]]:
    """What a sentence states: as written, its value, whether it is money."""
    rest = _free().sub(" ", words)
    return [
        (hit[0].strip(), value_of(hit[1]) * _TIMES.get((hit[2] or "").lower(), 1), bool(hit[2] or hit[3]))
        for hit in _NUMBER.finditer(rest)
    ]


def value_of(digits: str) -> float:
    """8.000 and 8,000 are thousands; 1,5 and 0.5 are not."""
    if _GROUPED.fullmatch(digits):
        return float(re.sub(r"[.,]", "", digits))
    try:
        return float(digits.replace(",", "."))
    except ValueError:
        return -1.0


def _money(entry: Entry) -> set[float]:
    fees = {amount for fee in entry.fees for amount in (fee.amount_vnd, fee.max_vnd) if amount is not None}
    sums = (
        one.value * _TIMES.get(one.unit.split()[0].lower(), 1)
        for one in entry.figures
        if _MONEY.search(one.unit)
    )
    return {float(fee) for fee in fees} | set(sums)


def _plain(entry: Entry) -> set[float]:
    times = {float(time.amount) for time in entry.times if time.amount is not None}
    duties = {float(duty.amount) for duty in entry.deadlines}
    copies = {float(n) for paper in entry.documents for n in (paper.originals, paper.copies) if n is not None}
    clock = {15.0} if any(time.same_day for time in entry.times) else set()
    return times | duties | copies | clock | {one.value for one in entry.figures}


@cache
def _free() -> re.Pattern[str]:
    return re.compile("|".join(_inline(one) for one in lexicon("free_numbers")["free"]), re.I)


def _inline(pattern: str) -> str:
    return pattern if pattern.startswith("(?-i:") else f"(?:{pattern})"
