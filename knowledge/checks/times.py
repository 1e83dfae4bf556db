"""Times: a number without a unit is not a number of days, and unknown stays null."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.checks.base import Context, Hit, from_portal, record_behind, rule
from knowledge.checks.official import UNIT_NAMES, Record, portal_defects
from knowledge.schema import Duration, Entry

_DAYS = ("ngay", "ngay_lam_viec")
_ON_TOP = re.compile(r"cộng thêm|thêm tối đa|kéo dài thêm", re.I)


@rule(
    "so_1_khong_don_vi",
    "Cổng ghi “1” không đơn vị thì không được nói là 1 ngày: là trong ngày, hoặc chưa biết.",
)
def bare_one(entry: Entry, context: Context) -> Iterator[Hit]:
    for n, time in enumerate(entry.times):
        whole = time.when is None and not time.adds and from_portal(entry, time)
        if whole and time.amount == 1 and time.unit in _DAYS and _bare_one(entry, time, context):
            yield (
                f"times.{n}",
                "Cổng chỉ ghi số 1 không đơn vị; dùng `same_day`, nêu nguồn khác, hoặc `amount: null`",
            )


def _bare_one(entry: Entry, time: Duration, context: Context) -> bool:
    record = context.record(entry)
    if record is None or time.unit is None:
        return entry.code in portal_defects()["time_without_unit"]
    return 1 in record.bare and not record.grants_in_a_day(time.unit)


@rule(
    "thoi_han_co_nguon",
    "Thời hạn lấy từ Cổng phải có cả số lẫn đơn vị trong hồ sơ của mã; không thì để null.",
)
def span_stands_in_the_record(entry: Entry, context: Context) -> Iterator[Hit]:
    for n, time in enumerate(entry.times):
        record = record_behind(entry, time, context)
        if record is not None and (lack := _lack(time, record)):
            yield f"times.{n}", f"{lack} (mã {record.code})"


def _lack(time: Duration, record: Record) -> str:
    """What the record does not bear out; empty when it does."""
    if time.same_day:
        return "" if record.same_day else "hồ sơ không nói là trong ngày"
    if time.amount is None or time.unit is None or (time.amount, time.unit) in record.spans:
        return ""
    said = f"{time.amount} {UNIT_NAMES[time.unit]}"
    if time.amount in record.bare:
        return f"{said}: hồ sơ chỉ ghi số {time.amount} không đơn vị"
    return f"{said}: không có trong hồ sơ"


@rule(
    "don_vi_muon",
    "Ô thời gian chỉ ghi số thì đơn vị phải nằm ở câu tính từ lúc nhận hồ sơ, không mượn của việc khác.",
)
def unit_of_another_span(entry: Entry, context: Context) -> Iterator[Hit]:
    """ "3" in the cell and "3 ngày làm việc" for an inquiry elsewhere do not make 3 working days."""
    for n, time in enumerate(entry.times):
        record = record_behind(entry, time, context)
        if record is None or time.when or time.adds or time.amount is None or time.unit is None:
            continue
        plain = time.amount in record.bare and (time.amount, time.unit) not in record.cells
        if plain and not record.counts_from_filing(time.amount, time.unit):
            yield (
                f"times.{n}",
                f"ô thời gian chỉ ghi {time.amount}; {UNIT_NAMES[time.unit]} là của câu khác: nêu nguồn khác",
            )


@rule(
    "du_muc_thoi_han",
    "Ô thời gian của Cổng có mấy mức thì thẻ nói đủ; ngoài đất đai, mức trái các bước thì ghi ở `to_check`.",
)
def every_span_of_the_cell(entry: Entry, context: Context) -> Iterator[Hit]:
    record = context.record(entry)
    if record is None or not any(time.known and from_portal(entry, time) for time in entry.times):
        return
    told = {(time.amount, time.unit) for time in entry.times}
    doubts = " ".join(entry.to_check) if entry.field != "dat_dai" else ""
    for amount, unit in sorted(record.cells - told):
        if not re.search(rf"(?<!\d)0?{amount}(?!\d)", doubts):
            yield "times", f"Cổng còn ghi mức {amount} {UNIT_NAMES[unit]}: thêm vào, hoặc nói vì sao bỏ"


@rule("cong_them_ro", "Câu nói thời gian được cộng thêm thì phải có một mục `times` với `adds: true`.")
def what_comes_on_top(entry: Entry, context: Context) -> Iterator[Hit]:
    for n, time in enumerate(entry.times):
        if time.note and _ON_TOP.search(time.note) and not time.adds:
            yield f"times.{n}.note", "thời gian cộng thêm: tách ra thành mục riêng có `adds: true`"


@rule(
    "dat_dai_tam_thoi", "Thời hạn đất đai là mức chung cả nước, tỉnh quyết định: phải có `provisional: true`."
)
def land_is_provisional(entry: Entry, context: Context) -> Iterator[Hit]:
    if entry.field != "dat_dai":
        return
    for n, time in enumerate(entry.times):
        if time.known and not time.provisional:
            yield f"times.{n}", "thời hạn đất đai là mức chung: cần `provisional: true`"


@rule(
    "trong_ngay_15_gio", "Việc hộ tịch, chứng thực trả trong ngày phải nói luôn trường hợp nhận sau 15 giờ."
)
def after_fifteen(entry: Entry, context: Context) -> Iterator[Hit]:
    if entry.field not in ("ho_tich", "chung_thuc"):
        return
    for n, time in enumerate(entry.times):
        if time.same_day and "15 giờ" not in (time.note or ""):
            yield f"times.{n}.note", "trả trong ngày: ghi rõ nhận sau 15 giờ thì ngày làm việc kế tiếp"
