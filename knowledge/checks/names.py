"""Codes and names: they are the official record's, and no two entries share one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.checks.base import Context, Hit, plain_of, rule
from knowledge.checks.official import composed, portal_defects
from knowledge.schema import Entry


@rule("ten_chinh_thuc", "Tên chính thức đúng như hồ sơ của mã trên Cổng Dịch vụ công quốc gia.")
def official_name(entry: Entry, context: Context) -> Iterator[Hit]:
    record = (context.records or {}).get(entry.code or "")
    if record is not None and comparable(record.name) != comparable(entry.official_name):
        yield "official_name", f"khác tên của mã {entry.code}: {record.name!r}"


@rule("ma_la", "Mã không có trong bộ hồ sơ đối chiếu thì phải xem lại nguồn của mã.", "warning")
def code_without_record(entry: Entry, context: Context) -> Iterator[Hit]:
    if entry.code and context.records is not None and entry.code not in context.records:
        yield "code", f"mã {entry.code} không có trong bộ đối chiếu"


@rule(
    "ten_cua_ma_khac", "Mã để trống thì tên chính thức không được là tên của một hồ sơ đã có mã.", "warning"
)
def name_of_a_code(entry: Entry, context: Context) -> Iterator[Hit]:
    if entry.code is None:
        same = [
            r.code
            for r in (context.records or {}).values()
            if comparable(r.name) == comparable(entry.official_name)
        ]
        if same:
            yield "code", f"tên này là của mã {', '.join(sorted(same))}"


@rule(
    "ma_trung",
    "Một mã đứng ở nhiều thẻ thì xem lại, trừ khi thẻ sau ghi “Dùng chung mã …” ở `to_check`.",
    "warning",
)
def code_twice(entry: Entry, context: Context) -> Iterator[Hit]:
    """Two cases of one procedure say so themselves; what says nothing may be a slip."""
    if entry.code is None or any(f"Dùng chung mã {entry.code}" in told for told in entry.to_check):
        return
    if (other := context.codes[entry.code]).key != entry.key:
        yield "code", f"mã {entry.code} đã có ở {other.key}"


@rule("khoa_trung", "Mỗi khóa (key) chỉ dùng một lần trong cả kho.")
def key_twice(entry: Entry, context: Context) -> Iterator[Hit]:
    if (other := context.by_key[entry.key]) is not entry:
        yield "key", f"đã có ở {other.field}"


@rule("ten_lua_chon_trung", "Tên đưa ra để chọn (choice_name) khác nhau trong cùng lĩnh vực.")
def choice_twice(entry: Entry, context: Context) -> Iterator[Hit]:
    other = context.choices[entry.field, plain_of(entry.choice_name)]
    if other is not entry:
        yield "choice_name", f"trùng với {other.key}"


@rule(
    "trang_sai",
    "Mã mà trang lưu là của thủ tục khác: tên lấy theo danh sách, nội dung không lấy từ trang ấy.",
)
def wrong_page(entry: Entry, context: Context) -> Iterator[Hit]:
    page = portal_defects()["wrong_pages"].get(entry.code)
    if page is None:
        return
    if comparable(entry.official_name) != comparable(page["name"]):
        yield (
            "official_name",
            f"trang lưu của mã {entry.code} là của {page['shows']}; tên đúng: {page['name']!r}",
        )
    own = re.compile(rf"Cổng Dịch vụ công.*{re.escape(str(entry.code))}")
    for n, source in enumerate(entry.sources):
        if own.search(source.title):
            yield (
                f"sources.{n}",
                f"trang lưu của mã {entry.code} là của {page['shows']}, không dùng làm nguồn",
            )


def comparable(name: str) -> str:
    """A name without case, punctuation and the words "thủ tục" before it."""
    words = " ".join(re.findall(r"\w+", composed(name).casefold()))
    return words.removeprefix("thủ tục ")
