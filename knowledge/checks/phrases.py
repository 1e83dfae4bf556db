"""The questions an entry answers to, and the length of what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.checks.base import Context, Hit, asks, plain_of, rule, told
from knowledge.privacy import NAMED, NUMBERED
from knowledge.schema import Entry
from knowledge.words import lexicon

LEAST_PHRASINGS, MOST_PHRASINGS = 8, 28
LONGEST_LINE = 140
"""Characters of a paper, a step, a condition: two lines of a phone."""
LONGEST_ANSWER = 320
_HOTLINE = re.compile(r"\b(?:1[89]00[ .]?\d{4,6})\b")


@rule(
    "cau_hoi_du", f"Từ {LEAST_PHRASINGS} đến {MOST_PHRASINGS} câu khác nhau mà người dân hay hỏi (phrasings)."
)
def enough_phrasings(entry: Entry, context: Context) -> Iterator[Hit]:
    different = len({plain_of(phrase) for phrase in entry.phrasings})
    if not LEAST_PHRASINGS <= different <= MOST_PHRASINGS:
        yield "phrasings", f"có {different} câu khác nhau, cần {LEAST_PHRASINGS} đến {MOST_PHRASINGS}"


@rule("cau_hoi_rieng", "Một câu hỏi chỉ thuộc một thẻ, không lặp lại trong thẻ.")
def own_phrasings(entry: Entry, context: Context) -> Iterator[Hit]:
    for field, words in asks(entry):
        owner, first = context.asked[plain_of(words)]
        if owner.key != entry.key:
            yield field, f"câu {words!r} cũng là của {owner.key}"
        elif owner is entry and first != field:
            yield field, f"câu {words!r} lặp lại"


@rule("cau_hoi_khac_ten", "Câu hỏi không trùng tên của một thẻ khác.")
def not_anothers_name(entry: Entry, context: Context) -> Iterator[Hit]:
    for field, words in asks(entry):
        other = context.names.get(plain_of(words))
        if other is not None and other.key != entry.key and plain_of(words) not in _names(entry):
            yield field, f"câu {words!r} là tên của {other.key}"


@rule("khong_thong_tin_ca_nhan", "Không có tên người, số điện thoại, số căn cước, thư điện tử trong thẻ.")
def nothing_personal(entry: Entry, context: Context) -> Iterator[Hit]:
    for field, words in [*told(entry), *asks(entry)]:
        if (hit := NUMBERED.search(words) or NAMED.search(words)) is not None:
            yield field, f"{hit[0]!r} giống thông tin cá nhân"


@rule("so_dien_thoai_co_that", "Chỉ nhắc số tổng đài có trong lexicon/places.yaml.")
def known_hotlines(entry: Entry, context: Context) -> Iterator[Hit]:
    for field, words in told(entry):
        for hit in _HOTLINE.findall(words):
            if hit not in lexicon("places")["phones"]:
                yield field, f"số {hit} chưa có trong danh sách"


@rule(
    "dong_ngan",
    f"Giấy tờ, bước, điều kiện dài không quá {LONGEST_LINE} chữ cái; câu trả lời không quá {LONGEST_ANSWER}.",
)
def short_lines(entry: Entry, context: Context) -> Iterator[Hit]:
    lines = [(f"documents.{n}.name", paper.name) for n, paper in enumerate(entry.documents)]
    for group in ("steps", "conditions", "mistakes"):
        lines += [(f"{group}.{n}", line.text) for n, line in enumerate(getattr(entry, group))]
    answers = [(f"faqs.{n}.answer", faq.answer) for n, faq in enumerate(entry.faqs)]
    for most, rows in ((LONGEST_LINE, lines), (LONGEST_ANSWER, [*answers, ("summary", entry.summary.text)])):
        yield from (
            (field, f"{len(words)} chữ cái, nhiều nhất {most}") for field, words in rows if len(words) > most
        )


def _names(entry: Entry) -> set[str]:
    return {plain_of(entry.official_name), plain_of(entry.plain_name)}
