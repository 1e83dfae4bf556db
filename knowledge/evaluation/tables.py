"""The spreadsheet form of labelled questions: read it whatever Excel made of it, write it safe to open."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from knowledge.text import normalize

COLUMNS = {
    "id": "mã câu",
    "question": "câu hỏi",
    "expected": "thủ tục đúng",
    "facet": "phần hỏi",
    "kind": "loại",
    "context": "câu trước",
}
"""Name in code → heading in the table. A table may use either."""
FACETS = {
    "hồ sơ": "ho_so",
    "giấy tờ": "ho_so",
    "thời hạn": "thoi_han",
    "lệ phí": "le_phi",
    "nơi nộp": "noi_nop",
    "điều kiện": "dieu_kien",
    "trình tự": "trinh_tu",
    "biểu mẫu": "bieu_mau",
    "kết quả": "ket_qua",
    "căn cứ": "can_cu",
    "tổng quan": "tong_quan",
    "khác": "other",
}
KINDS = {
    "thủ tục": "clean",
    "hỏi nối": "followup",
    "nhiều việc": "multi",
    "ngoài phạm vi": "out_of_scope",
    "phản ánh": "complaint",
    "chuyện trò": "smalltalk",
    "gặp người": "human",
    "khẩn cấp": "emergency",
    "dữ liệu cá nhân": "privacy",
    "không ra câu": "nonsense",
}
_LABELS = {
    **{name: label for label, name in reversed([*FACETS.items(), *KINDS.items()])},
    "nodiac": "không dấu",
    "teencode": "viết tắt",
    "typo": "gõ sai",
    "story": "kể chuyện",
    "health": "y tế",
    "health_out_of_scope": "y tế, ngoài phạm vi",
}
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_QUOTED = re.compile(r"^'(?=[=+\-@\t\r])")
_CODES = re.compile(r"[\s,;|]+")


class TableError(ValueError):
    """A table that cannot be read as one."""


def rows_of(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line number and the raw question of each row; empty rows are passed over."""
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        heads = [_column(cell) for cell in next(reader, [])]
        if "question" not in heads:
            raise TableError(f"dòng đầu phải có các cột {', '.join(COLUMNS.values())}")
        began = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield began, _question(_named(heads, cells), f"{name}-{began}")
            began = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"không phải bảng CSV ({error}); lưu lại từ Excel kiểu “CSV UTF-8”") from error


def _column(head: str) -> str:
    wanted = normalize(head).plain
    return next((one for one, told in COLUMNS.items() if wanted in (one, normalize(told).plain)), "")


def _named(heads: list[str], cells: list[str]) -> dict[str, str]:
    pairs = zip(heads, cells, strict=False)
    return {head: _QUOTED.sub("", cell.strip()) for head, cell in pairs if head and cell.strip()}


def _question(row: Mapping[str, str], number: str) -> dict[str, Any]:
    context = row.get("context")
    return {
        "id": row.get("id", number),
        "question": row.get("question", ""),
        "expected": [code for code in _CODES.split(row.get("expected", "")) if code],
        "facet": _told(row.get("facet"), FACETS),
        "kind": _told(row.get("kind"), KINDS),
        "context": _context(context) if context else None,
    }


def _told(cell: str | None, names: Mapping[str, str]) -> str | None:
    """A name as people write it, or as the code does."""
    if cell is None:
        return None
    plain = normalize(cell).plain
    return next((name for told, name in names.items() if normalize(told).plain == plain), cell)


def label(name: str) -> str:
    """A facet or a kind as officials read it."""
    return _LABELS.get(name, name)


def _context(cell: str) -> str | tuple[str, ...]:
    """One word is the id of another row, more are the earlier questions, a line each."""
    lines = tuple(line.strip() for line in cell.splitlines() if line.strip())
    return lines if len(lines) > 1 or " " in lines[0] else lines[0]


def as_table(questions: Iterable[Mapping[str, Any]]) -> str:
    """The table as text; write it as utf-8-sig, so that Excel shows the accents."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS.values())
    for question in questions:
        writer.writerow([_cell(question.get(name)) for name in COLUMNS])
    return out.getvalue()


def _cell(value: Any) -> str:
    """Never a formula, whatever a citizen typed."""
    if isinstance(value, tuple | list):
        value = "\n".join(value) if any(" " in one for one in value) else " ".join(value)
    text = str(value or "")
    return f"'{text}" if _FORMULA.match(text) else text
