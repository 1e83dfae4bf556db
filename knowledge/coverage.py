"""How much the library holds, field by field; and the same, with the list of rules, for docs/knowledge.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

from knowledge.checks import RULES, not_current, review_due
from knowledge.schema import FIELDS, Entry

HEADINGS = (
    "Lĩnh vực", "Thẻ", "Có mã", "Chắc", "Vừa", "Thấp", "Chưa biết thời hạn", "Chưa biết phí",
    "Không có giấy tờ", "Hết hiệu lực", "Quá hạn rà",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """Counts of entries. `no_time`, `no_fee`: entries with at least one such fact unknown."""

    name: str
    entries: int
    coded: int
    high: int
    medium: int
    low: int
    no_time: int
    no_fee: int
    no_papers: int
    ended: int
    overdue: int


def coverage(entries: Sequence[Entry], today: date) -> list[Row]:
    """One row for each field that has entries, and their sum."""
    rows = [
        _row(name, [entry for entry in entries if entry.field == field], today)
        for field, name in FIELDS.items()
        if any(entry.field == field for entry in entries)
    ]
    return [*rows, _row("Cộng", entries, today)]


def _row(name: str, entries: Sequence[Entry], today: date) -> Row:
    return Row(
        name,
        len(entries),
        _count(entry.code is not None for entry in entries),
        _count(entry.confidence == "high" for entry in entries),
        _count(entry.confidence == "medium" for entry in entries),
        _count(entry.confidence == "low" for entry in entries),
        _count(not all(time.known for time in entry.times) for entry in entries),
        _count(not all(fee.known for fee in entry.fees) for entry in entries),
        _count(not entry.documents for entry in entries),
        _count(not_current(entry, today) for entry in entries),
        _count(review_due(entry) < today for entry in entries),
    )


def as_text(rows: Sequence[Row]) -> str:
    """Columns of one width, for a terminal."""
    cells = [HEADINGS, *(tuple(str(cell) for cell in astuple(row)) for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))]
        )
        for line in cells
    )


def as_markdown(rows: Sequence[Row]) -> str:
    lines = [HEADINGS, ("---", *["---:"] * (len(HEADINGS) - 1)), *(astuple(row) for row in rows)]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def rules_as_markdown() -> str:
    levels = {"error": "lỗi", "warning": "lưu ý"}
    lines = [f"| `{one.name}` | {levels[one.level]} | {one.explains} |" for one in RULES.values()]
    return "\n".join(["| Luật | Mức | Đòi hỏi |", "| --- | --- | --- |", *lines])


def write_into(path: Path, rows: Sequence[Row]) -> None:
    """Renew the parts of a document between `<!-- rules -->`, `<!-- coverage -->` and their ends."""
    text = path.read_text("utf-8")
    for name, body in (("rules", rules_as_markdown()), ("coverage", as_markdown(rows))):
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        part = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
        if not part.search(text):
            raise ValueError(f"{path}: {begin} … {end} is missing")
        text = part.sub(lambda _, new=f"{begin}\n{body}\n{end}": new, text)  # type: ignore[misc]
    path.write_text(text, "utf-8")


def _count(flags: Iterable[bool]) -> int:
    return sum(flags)
