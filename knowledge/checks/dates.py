"""What has run out or has to be read again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from knowledge.checks.base import Context, Hit, rule, told
from knowledge.schema import Entry, Fact

FINE = re.compile(r"\bphạt\b[^.;]*\d[^.;]*\b(?:triệu|đồng)\b", re.IGNORECASE)
"""A sentence that names the sum of a fine."""


def not_current(entry: Entry, day: date) -> bool:
    """Not in force on that day: superseded, not yet begun, or past its end."""
    began = entry.effective_from is None or entry.effective_from <= day
    ended = entry.effective_to is not None and entry.effective_to < day
    return entry.kind == "superseded" or not began or ended


def review_due(entry: Entry) -> date:
    """The last day on which the entry may stand unread."""
    return entry.verified_on + timedelta(days=entry.review_days)


@rule(
    "het_hieu_luc",
    "Thẻ hoặc dữ kiện quá `effective_to` thì được báo, và không được trả lời như còn hiệu lực.",
    "warning",
)
def run_out(entry: Entry, context: Context) -> Iterator[Hit]:
    if entry.effective_to is not None and entry.effective_to < context.today:
        yield "effective_to", f"hết hiệu lực từ {entry.effective_to:%d/%m/%Y}"
    for field, fact in dated(entry):
        if fact.effective_to is not None and fact.effective_to < context.today:
            yield field, f"hết hiệu lực từ {fact.effective_to:%d/%m/%Y}"


@rule("qua_han_ra_lai", "Thẻ quá hạn rà lại (`verified_on` + `review_days`) thì được báo.", "warning")
def review_overdue(entry: Entry, context: Context) -> Iterator[Hit]:
    if (due := review_due(entry)) < context.today:
        yield "review_days", f"phải rà lại từ {due:%d/%m/%Y}"


@rule("ngay_hop_ly", "Ngày kiểm không ở tương lai; ngày bắt đầu không sau ngày hết.")
def sensible_dates(entry: Entry, context: Context) -> Iterator[Hit]:
    if entry.verified_on > context.today:
        yield "verified_on", f"{entry.verified_on:%d/%m/%Y} chưa tới"
    if _backwards(entry.effective_from, entry.effective_to):
        yield "effective_to", "trước ngày bắt đầu"
    for field, fact in dated(entry):
        if fact.verified_on is not None and fact.verified_on > context.today:
            yield f"{field}.verified_on", f"{fact.verified_on:%d/%m/%Y} chưa tới"
        if _backwards(fact.effective_from, fact.effective_to):
            yield f"{field}.effective_to", "trước ngày bắt đầu"


@rule("chua_chac_thi_ghi", "Độ chắc thấp, vừa, hoặc thẻ đã bị thay phải nói điều chưa xác nhận (`to_check`).")
def doubt_is_written(entry: Entry, context: Context) -> Iterator[Hit]:
    if not entry.to_check and (entry.confidence != "high" or entry.kind == "superseded"):
        yield "to_check", f"độ chắc {entry.confidence}, loại {entry.kind}: ghi điều cần xác nhận"


@rule(
    "muc_phat_co_ngay",
    "Câu nói mức phạt bằng tiền phải có ngày bắt đầu (`effective_from`): mức phạt đổi theo từng nghị định.",
)
def a_fine_has_its_first_day(entry: Entry, context: Context) -> Iterator[Hit]:
    facts = dict(dated(entry))
    for field, words in told(entry):
        fact = facts.get(".".join(field.split(".")[:2]))
        if fact is not None and fact.effective_from is None and FINE.search(words):
            yield field, f"mức phạt có từ ngày nào: {words[:60]!r}"


def dated(entry: Entry) -> Iterator[tuple[str, Fact]]:
    """Field and fact of everything that may have dates of its own."""
    for field in type(entry).model_fields:
        value = getattr(entry, field)
        if isinstance(value, Fact):
            yield field, value
        elif isinstance(value, list):
            yield from ((f"{field}.{n}", one) for n, one in enumerate(value) if isinstance(one, Fact))


def _backwards(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first
