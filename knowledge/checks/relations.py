"""Keys that name other entries."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.checks.base import Context, Hit, rule
from knowledge.schema import Entry


@rule("lien_quan_co_that", "Khóa trong `related`, `superseded_by` phải có trong kho.")
def named_keys_exist(entry: Entry, context: Context) -> Iterator[Hit]:
    for field, key in _named(entry):
        if key not in context.by_key:
            yield field, f"không có thủ tục {key!r}"


@rule("lien_quan_khac_minh", "Thẻ không nhắc tới chính mình, không nhắc một khóa hai lần.")
def not_itself(entry: Entry, context: Context) -> Iterator[Hit]:
    for field, key in _named(entry):
        if key == entry.key:
            yield field, "tự nhắc tới mình"
    for key in sorted({key for key in entry.related if entry.related.count(key) > 1}):
        yield "related", f"{key!r} lặp lại"


@rule("thay_bang_viec_con_hieu_luc", "Việc thay cho thủ tục đã bỏ phải là thẻ còn hiệu lực.")
def replaced_by_what_holds(entry: Entry, context: Context) -> Iterator[Hit]:
    for key in entry.superseded_by:
        other = context.by_key.get(key)
        if other is not None and other.kind == "superseded":
            yield "superseded_by", f"{key!r} cũng đã bị thay"


def _named(entry: Entry) -> list[tuple[str, str]]:
    return [("related", key) for key in entry.related] + [
        ("superseded_by", key) for key in entry.superseded_by
    ]
