"""No repealed instrument and no paper of the past as something that holds today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from knowledge.checks.base import Context, Hit, Level, rule, told
from knowledge.checks.dates import not_current
from knowledge.schema import Entry
from knowledge.words import lexicon

Instrument = dict[str, Any]
_DEMAND = re.compile(r"\b(?:nộp|mang|đem|xuất trình|cần|kèm|phải có)\b", re.I)
_PAST = re.compile(
    r"\bcũ\b|trước đây|hồi trước|hết hiệu lực|bãi bỏ|không còn|thay (?:cho|thế)|khỏi|không cần|đã bỏ",
    re.I,
)


@rule("van_ban_het_hieu_luc", "Căn cứ pháp lý không có văn bản đã bị thay (lexicon/repealed.yaml).")
def repealed_basis(entry: Entry, context: Context) -> Iterator[Hit]:
    yield from _in_basis(entry, context.today, "error")


@rule("van_ban_can_xem_lai", "Căn cứ có văn bản có thể đã bị thay: xem lại trước khi dùng.", "warning")
def doubtful_basis(entry: Entry, context: Context) -> Iterator[Hit]:
    yield from _in_basis(entry, context.today, "warning")


@rule(
    "van_ban_cu_trong_cau", "Câu, mẫu đơn, nguồn không dẫn văn bản đã bị thay, trừ khi nói rõ là chuyện cũ."
)
def repealed_in_words(entry: Entry, context: Context) -> Iterator[Hit]:
    sources = [(f"sources.{n}", source.title) for n, source in enumerate(entry.sources)]
    for field, words in [*told(entry), *sources]:
        if not not_current(entry, context.today) and not _PAST.search(words):
            for text in _dead(context.today, "error"):
                if (hit := _said(text).search(words)) is not None:
                    yield field, f"{hit[0]!r} {_fate(text)}"


@rule("giay_to_cu", "Không đòi giấy tờ đã bỏ (sổ hộ khẩu, CMND …); nhắc chuyện cũ thì nói rõ là cũ.")
def papers_of_the_past(entry: Entry, context: Context) -> Iterator[Hit]:
    if entry.kind == "superseded":
        return
    for field, words in _demands(entry):
        for past in lexicon("repealed")["papers"]:
            if (hit := re.search(past["said"], words, re.I)) is not None and not _PAST.search(words):
                yield field, f"{hit[0]!r} không còn được đòi; nay là {past['now']}"


def _demands(entry: Entry) -> Iterator[Hit]:
    """The papers to bring, and every sentence that asks for one."""
    for n, paper in enumerate(entry.documents):
        if paper.how != "looked_up":
            yield f"documents.{n}.name", f"{paper.name} {paper.when or ''}"
    for field, words in told(entry):
        if not field.startswith("documents."):
            yield from ((field, part) for part in re.split(r"[.;]", words) if _DEMAND.search(part))


@rule(
    "het_cung_luat_cu",
    "Thẻ dựa vào luật có ngày hết đã biết (Luật Hộ tịch 2014: 28/2/2027) phải có `effective_to`.",
)
def ends_with_its_law(entry: Entry, context: Context) -> Iterator[Hit]:
    numbers = {legal.number for legal in entry.legal_basis}
    for text in lexicon("repealed")["texts"]:
        if text.get("ends_entries") and text["number"] in numbers:
            yield from _not_after(entry, text["since"] - timedelta(days=1), f"{text['number']} hết hiệu lực")


@rule(
    "ma_co_ngay_cuoi",
    "Mã có ngày cuối đã biết (giảm nghèo: 31/12/2026) phải có `effective_to` không sau ngày ấy.",
)
def ends_with_its_code(entry: Entry, context: Context) -> Iterator[Hit]:
    last = lexicon("repealed")["codes_end"].get(entry.code)
    if last is not None:
        yield from _not_after(entry, last, f"mã {entry.code} bị bãi bỏ")


@rule("so_hieu_van_ban", "Số hiệu căn cứ viết đủ: số/năm/loại (123/2015/NĐ-CP), không lặp.")
def numbered_well(entry: Entry, context: Context) -> Iterator[Hit]:
    numbers = [legal.number for legal in entry.legal_basis]
    for n, number in enumerate(numbers):
        if not re.fullmatch(r"\d+(?:\.\d+)?(?:/\d{4})?/[A-ZĐ]+\d*(?:-[^\W\d_]+\d*)*", number):
            yield f"legal_basis.{n}.number", f"{number!r} không phải số hiệu đủ"
        if number in numbers[:n]:
            yield f"legal_basis.{n}.number", f"{number} lặp lại"


@rule(
    "can_cu_co_nguon", "Căn cứ không có trong hồ sơ của mã thì phải được nêu ở một nguồn của thẻ.", "warning"
)
def basis_stands_somewhere(entry: Entry, context: Context) -> Iterator[Hit]:
    record = context.record(entry)
    if record is None:
        return
    newer = {number for text in lexicon("repealed")["texts"] for number in text["replaced_by"]}
    titles = " ".join(source.title for source in entry.sources)
    for n, legal in enumerate(entry.legal_basis):
        short = "/".join(legal.number.split("/")[:2])
        if legal.number not in record.text and legal.number not in newer and short not in titles:
            yield (
                f"legal_basis.{n}",
                f"{legal.number} không có trong hồ sơ mã {entry.code} và không nguồn nào nêu",
            )


def _not_after(entry: Entry, last: date, why: str) -> Iterator[Hit]:
    if entry.kind != "superseded" and (entry.effective_to is None or entry.effective_to > last):
        yield "effective_to", f"{why}: thẻ phải hết hiệu lực chậm nhất {last:%d/%m/%Y}"


def _in_basis(entry: Entry, today: date, level: Level) -> Iterator[Hit]:
    if not_current(entry, today):
        return
    for n, legal in enumerate(entry.legal_basis):
        for text in _dead(today, level):
            if _said(text).search(legal.number):
                yield f"legal_basis.{n}", f"{legal.number} {_fate(text)}"


def _dead(today: date, level: Level) -> list[Instrument]:
    """What no longer holds on that day: surely (error) or perhaps (warning)."""
    state = "dead" if level == "error" else "doubtful"
    return [
        text
        for text in lexicon("repealed")["texts"]
        if (text["since"] is None or text["since"] <= today) and text.get("state", "dead") == state
    ]


def _said(text: Instrument) -> re.Pattern[str]:
    return _compiled(str(text["number"]), str(text.get("said", "")))


@cache
def _compiled(number: str, said: str) -> re.Pattern[str]:
    """The full number, "Nghị định 61/2018", or what people call it."""
    first, year, kind = number.split("/", 2)
    short = rf"(?:{_KINDS.get(kind.split('-')[0], 'luật')})\s+(?:số\s+)?{first}/{year}\b"
    return re.compile("|".join(part for part in (rf"(?<!\d){re.escape(number)}", short, said) if part), re.I)


_KINDS = {"NĐ": "nghị định|nđ", "QĐ": "quyết định|qđ", "TT": "thông tư|tt"}


def _fate(text: Instrument) -> str:
    verb = "đã hết hiệu lực" if text.get("state", "dead") == "dead" else "có thể đã bị thay"
    after = f", nay là {' và '.join(text['replaced_by'])}" if text["replaced_by"] else ""
    since = f" từ {text['since']:%d/%m/%Y}" if text["since"] else ""
    return f"{verb}{since}{after}"
