"""A programme's list of procedures: read from the CSV of the ward's decision, never made up here.

A list is loaded whole or not at all: with a bad line, or another count than the decision declares, nothing
changes and the report says what to mend.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import Connection, delete, insert, select

from knowledge.text import normalize
from store.schema import programme_procedures
from ward import audit
from ward.programmes.model import Programme

LARGEST: Final = 1_000_000
MOST_LINES: Final = 500
FORMULA_STARTS: Final = ("=", "+", "-", "@")
SEPARATORS: Final = (";", "\t", ",")
COLUMN_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "code": ("ma thu tuc", "ma tthc", "ma so", "ma", "code"),
    "name": ("ten thu tuc hanh chinh", "ten thu tuc", "ten tthc", "thu tuc", "ten", "name"),
    "field": ("linh vuc", "field"),
}
"""How the columns may be called, without diacritics. Others are left aside, and named."""

ListState = Literal["loaded", "not_loaded", "none"]
KeysOf = Callable[[str], Sequence[str]]
"""Keys of the library that have a national code."""


class ListRefused(ValueError):
    """The file cannot be used; the text says the mend, in Vietnamese."""


@dataclass(frozen=True)
class Listed:
    """One procedure of a list. Without `key` the bot knows its name only."""

    name: str
    code: str | None = None
    field: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class BadLine:
    """`line`: as a spreadsheet counts, the heading being 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class ListRead:
    """`unknown`: lines the library has nothing of. With `bad` lines the list is not loaded."""

    listed: tuple[Listed, ...]
    bad: tuple[BadLine, ...]
    left_aside: tuple[str, ...] = ()

    @property
    def unknown(self) -> tuple[Listed, ...]:
        return tuple(one for one in self.listed if one.key is None)


class Line(BaseModel):
    """One line as it is typed."""

    model_config = ConfigDict(str_strip_whitespace=True)

    code: str = Field("", max_length=40)
    name: str = Field(min_length=3, max_length=300)
    field: str = Field("", max_length=120)

    @field_validator("*")
    @classmethod
    def _plain_words(cls, value: str) -> str:
        if value.startswith(FORMULA_STARTS):
            raise ValueError("ô là công thức (bắt đầu bằng =, +, - hoặc @): dán lại dạng chữ")
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
            raise ValueError("có ký tự lạ hoặc xuống dòng trong ô")
        return unicodedata.normalize("NFC", value)


def read_list(data: bytes, keys_of: KeysOf) -> ListRead:
    """The list in the file; ListRefused when the file as a whole cannot be read."""
    rows = _rows(_decoded(data))
    columns, left_aside = _columns(next(rows, (0, []))[1])
    good: list[Listed] = []
    bad: list[BadLine] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        line = _line(number, cells, columns)
        if isinstance(line, BadLine):
            bad.append(line)
        elif (first := _seen_at(line, number, seen)) is not None:
            bad.append(BadLine(number, f"trùng với dòng {first}"))
        else:
            good.append(_listed(line, keys_of))
    if not good and not bad:
        raise ListRefused("Tệp chỉ có dòng tiêu đề, chưa có thủ tục nào.")
    return ListRead(tuple(good), tuple(bad), left_aside)


def check_count(programme: Programme, read: ListRead) -> None:
    """Refuse what has a bad line, or not as many lines as the decision declares."""
    if read.bad:
        lines = "; ".join(f"dòng {one.line}: {one.reason}" for one in read.bad[:10])
        raise ListRefused(f"Chưa nạp vì còn {len(read.bad)} dòng chưa đúng – {lines}.")
    declared, found = programme.declared_count, len(read.listed)
    if declared is not None and declared != found:
        raise ListRefused(
            f"Chưa nạp: quyết định ghi {declared} thủ tục, tệp có {found}. "
            "Coi lại tệp, hoặc sửa số khai trong mô hình nếu quyết định đã đổi."
        )


def store_list(
    connection: Connection,
    oa_id: str,
    programme: Programme,
    read: ListRead,
    staff_id: int | None,
    reason: str,
    now: datetime,
) -> None:
    """Put the list in the place of what was loaded before."""
    check_count(programme, read)
    before = len(_loaded(connection, oa_id, programme.key))
    _forget(connection, oa_id, programme.key)
    rows = [
        {
            "oa_id": oa_id,
            "programme": programme.key,
            "position": position,
            "procedure_key": one.key,
            "code": one.code,
            "name": one.name,
            "field": one.field,
        }
        for position, one in enumerate(read.listed, 1)
    ]
    connection.execute(insert(programme_procedures), rows)
    counts = {"before": before, "count": len(rows), "unknown": len(read.unknown)}
    audit.record(
        connection, oa_id, staff_id, "programme_list", f"programme:{programme.key}", now, reason, **counts
    )


def procedures_of(connection: Connection, oa_id: str, programme: Programme) -> tuple[Listed, ...]:
    """What the programme is for: the loaded list, else the procedures its file names (by key alone)."""
    loaded = _loaded(connection, oa_id, programme.key)
    return loaded or tuple(Listed(name="", key=key) for key in programme.procedures)


def list_state(programme: Programme, listed: Sequence[Listed]) -> ListState:
    """none: this programme has no list of procedures at all."""
    if listed:
        return "loaded"
    return "not_loaded" if programme.needs_list else "none"


def is_on(listed: Sequence[Listed], key: str, code: str | None) -> bool:
    """Whether a procedure is listed, by its key or by its national code."""
    return any(one.key == key or (code is not None and one.code == code) for one in listed)


def _loaded(connection: Connection, oa_id: str, key: str) -> tuple[Listed, ...]:
    table = programme_procedures
    mine = (table.c.oa_id == oa_id, table.c.programme == key)
    rows = connection.execute(select(table).where(*mine).order_by(table.c.position))
    return tuple(Listed(row.name, row.code, row.field, row.procedure_key) for row in rows)


def _forget(connection: Connection, oa_id: str, key: str) -> None:
    table = programme_procedures
    connection.execute(delete(table).where(table.c.oa_id == oa_id, table.c.programme == key))


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST:
        raise ListRefused(
            "Tệp lớn quá 1 MB: danh mục thủ tục không thể dài vậy. Coi lại có chọn đúng tệp không."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListRefused(
            "Tệp không phải mã UTF-8. Trong Excel chọn Lưu thành → “CSV UTF-8 (Comma delimited)” rồi nạp lại."
        ) from error
    if "\0" in text:
        raise ListRefused("Tệp này không phải CSV (có thể là tệp Excel). Lưu thành “CSV UTF-8” rồi nạp lại.")
    if not text.strip():
        raise ListRefused("Tệp trống.")
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold something, with their number."""
    first = text.lstrip().split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for number, cells in enumerate(reader, 1):
            if number > MOST_LINES:
                raise ListRefused(f"Tệp có hơn {MOST_LINES} dòng.")
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise ListRefused(f"Dòng {reader.line_num} không đọc được (dấu ngoặc kép chưa đóng?).") from error


def _columns(heading: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    called = {name: field for field, names in COLUMN_NAMES.items() for name in names}
    columns: dict[str, int] = {}
    left_aside: list[str] = []
    for place, cell in enumerate(heading):
        field = called.get(normalize(cell).plain)
        if field is None or field in columns:
            left_aside += [cell.strip()] if cell.strip() else []
        else:
            columns[field] = place
    if "name" not in columns:
        raise ListRefused("Dòng đầu phải có cột “Tên thủ tục” (và nếu có: “Mã thủ tục”, “Lĩnh vực”).")
    return columns, tuple(left_aside)


def _line(number: int, cells: Sequence[str], columns: dict[str, int]) -> Line | BadLine:
    values = {field: cells[place] for field, place in columns.items() if place < len(cells)}
    try:
        return Line.model_validate(values)
    except ValidationError as error:
        return BadLine(number, _mend(error))


def _mend(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    if first["type"] == "string_too_long":
        return "ô dài quá mức cho phép"
    return "thiếu tên thủ tục"


def _seen_at(line: Line, number: int, seen: dict[str, int]) -> int | None:
    """Where the same code, or without code the same name, stood before."""
    mark = line.code or f"name:{normalize(line.name).plain}"
    first = seen.setdefault(mark, number)
    return first if first != number else None


def _listed(line: Line, keys_of: KeysOf) -> Listed:
    keys = keys_of(line.code) if line.code else ()
    return Listed(line.name, line.code or None, line.field or None, keys[0] if keys else None)
