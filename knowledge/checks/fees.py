"""Fees: the portal's "Miễn phí" is often an empty cell, and a sum must stand in its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from knowledge.checks.base import Context, Hit, from_portal, record_behind, rule, source_of, told
from knowledge.checks.official import portal_defects
from knowledge.checks.sources import RULE_WORDS
from knowledge.schema import Entry, Fee

_FREE = re.compile(r"(?<!được )miễn phí|không thu (?:phí|lệ phí)|không (?:tốn|mất) (?:tiền|phí)", re.I)
_OF_THIS = re.compile(r"(?:steps|conditions|mistakes)\.\d+|faqs\.\d+\.answer|fees\.\d+\.note")
"""Where an entry speaks of its own price."""
_QUOTED = re.compile(r"(?:Cổng|nguồn|sổ tay|trang)[^.;]*ghi|miễn phí không|ai được", re.I)
"""Said of what another page says, not by the entry itself."""


@rule(
    "mien_phi_co_can_cu",
    "Miễn phí cho mọi trường hợp phải nêu quy định: nguồn là văn bản, hoặc tên văn bản trong câu.",
)
def free_needs_a_rule(entry: Entry, context: Context) -> Iterator[Hit]:
    """A copy of a page, a handbook, a list are no rule, just as the portal is none."""
    for n, fee in enumerate(entry.fees):
        named = f"{fee.note or ''} {'' if from_portal(entry, fee) else source_of(entry, fee).title}"
        if fee.basis == "free" and not fee.when and not RULE_WORDS.search(named):
            yield (
                f"fees.{n}",
                "miễn phí phải nêu quy định (`source` là văn bản, `note`) hoặc trường hợp (`when`)",
            )


@rule(
    "mien_phi_trai_ghi_chu",
    "Không ghi miễn phí khi chính ghi chú của Cổng nói có mức thu, trừ khi dẫn văn bản khác.",
)
def free_against_the_note(entry: Entry, context: Context) -> Iterator[Hit]:
    record = context.record(entry)
    known = entry.code in portal_defects()["free_but_note_contradicts"]
    if not (known or (record is not None and record.free_but_contradicted)):
        return
    for n, fee in enumerate(entry.fees):
        if fee.basis == "free" and from_portal(entry, fee):
            yield (
                f"fees.{n}",
                "Cổng ghi miễn phí nhưng ghi chú cùng ô nói có mức thu; cần nguồn khác hoặc `unknown`",
            )


@rule("mien_phi_trong_cau", "Câu nói miễn phí, không thu tiền thì thẻ phải có mức phí `free` tương ứng.")
def free_in_words(entry: Entry, context: Context) -> Iterator[Hit]:
    if any(fee.basis == "free" for fee in entry.fees):
        return
    for field, words in told(entry):
        hit = _FREE.search(words) if _OF_THIS.fullmatch(field) else None
        if hit is not None and not _QUOTED.search(words):
            yield field, f"{hit[0]!r} nhưng không có mức phí `free` nào"


@rule(
    "so_tien_co_nguon",
    "Số tiền lấy từ Cổng phải có trong hồ sơ ấy; không có thì nêu nguồn khác hoặc để `unknown`.",
)
def sum_stands_in_the_record(entry: Entry, context: Context) -> Iterator[Hit]:
    for n, fee in enumerate(entry.fees):
        record = record_behind(entry, fee, context)
        for amount in _sums(fee) if record is not None else ():
            if record is not None and amount not in record.sums and not record.halved(amount):
                yield f"fees.{n}", f"{amount:,} đồng không có trong hồ sơ mã {record.code}"


@rule("muc_giam_co_han", "Mức phí bằng nửa mức ghi trong hồ sơ (giảm 50%) phải có ngày hết (`effective_to`).")
def reduced_fee_ends(entry: Entry, context: Context) -> Iterator[Hit]:
    for n, fee in enumerate(entry.fees):
        record = record_behind(entry, fee, context)
        for amount in _sums(fee) if record is not None else ():
            reduced = record is not None and amount not in record.sums and record.halved(amount)
            if reduced and fee.effective_to is None:
                yield f"fees.{n}.effective_to", f"{amount:,} đồng là mức giảm: cần ngày hết giảm"


@rule("phi_co_han", "Mức phí có thời hạn: hết hạn thì phải có mức kế tiếp.", "warning")
def fee_after_its_end(entry: Entry, context: Context) -> Iterator[Hit]:
    for n, fee in enumerate(entry.fees):
        ends = fee.effective_to
        if ends is not None and not any(_follows(other, fee, ends) for other in entry.fees):
            yield f"fees.{n}", f"hết ngày {ends:%d/%m/%Y} chưa có mức nào thay"


def _follows(other: Fee, fee: Fee, ends: date) -> bool:
    later = other.effective_to is None or other.effective_to > ends
    return (
        other is not fee
        and later
        and (other.when == fee.when or other.when is None or other.effective_from is not None)
    )


def _sums(fee: Fee) -> list[int]:
    return [amount for amount in (fee.amount_vnd, fee.max_vnd) if amount is not None]
