"""CSV out for reports, and in from the 1022 switchboard. Never what only the head sees.

A file from outside is read line by line: a bad line is named with the mend, and keeps no good one out.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import Connection, select

from knowledge.schema import FIELDS
from store.schema import cases
from ward.calendar import WorkCalendar, local
from ward.cases.changes import By
from ward.cases.deadlines import Limits
from ward.cases.find import Scope, visible
from ward.cases.model import CHANNELS, KINDS, RATINGS, STATES, URGENCIES
from ward.cases.opening import NewCase, open_case

Outside = Literal["1022", "dvcqg", "facebook", "truc_tiep"]
Seal = Callable[[str], bytes]

LARGEST: Final = 5_000_000
MOST_LINES: Final = 5_000
LONGEST_TEXT: Final = 4_000
BOM: Final = "\ufeff"
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
AT_ONCE: Final = 500

ANSWERED_BY: Final = {"zalo": "Zalo", "phone": "Điện thoại", "in_person": "Trực tiếp"}
HEADINGS: Final = (
    "Mã phiếu", "Loại", "Lĩnh vực", "Mức độ", "Trạng thái", "Kênh", "Mã ngoài", "Khóm", "Địa chỉ", "Nội dung",
    "Ngày nhận", "Hạn", "Ngày trả lời", "Trả lời bằng", "Nhận xét", "Mở lại",
)  # fmt: skip

COLUMN_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "outside_code": ("ma ngoai", "ma phan anh", "ma phieu", "ma", "ma 1022", "code"),
    "question": ("noi dung", "noi dung phan anh", "mo ta", "question"),
    "field": ("linh vuc", "field"),
    "khom": ("khom", "ap", "khom ap"),
    "address": ("dia chi", "dia diem", "address"),
    "phone": ("dien thoai", "so dien thoai", "sdt", "phone"),
    "title": ("tieu de", "title"),
}
"""How the columns of a file may be called, without diacritics. Others are left aside, and named."""
NEEDED: Final = ("outside_code", "question")


class ImportRefused(ValueError):
    """The whole file cannot be read; the text says the mend, in Vietnamese."""


@dataclass(frozen=True)
class BadLine:
    """`line`: as a text editor counts, the heading being 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class Imported:
    """`opened`: our new codes. `known`: outside codes here already. `left_aside`: columns not read."""

    opened: tuple[str, ...]
    known: tuple[str, ...]
    bad: tuple[BadLine, ...]
    left_aside: tuple[str, ...]


class Line(BaseModel):
    """One case of the file."""

    model_config = ConfigDict(str_strip_whitespace=True)

    outside_code: str = Field(min_length=1, max_length=60)
    question: str = Field(min_length=5, max_length=LONGEST_TEXT)
    field: str = Field("", max_length=100)
    khom: str = Field("", max_length=60)
    address: str = Field("", max_length=300)
    phone: str = Field("", max_length=30)
    title: str = Field("", max_length=200)

    @field_validator("*")
    @classmethod
    def _readable(cls, value: str) -> str:
        if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\r\t" for sign in value):
            raise ValueError("có ký tự lạ")
        return unicodedata.normalize("NFC", value)


# ── out ──────────────────────────────────────────────────────────────────────────────────────────


def export_csv(connection: Connection, oa_id: str, scope: Scope, start: datetime, end: datetime) -> bytes:
    """Cases that came in [start, end), without people's names, phones and places on the map."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([safe_cell(cell) for cell in row] for row in _rows(connection, oa_id, scope, start, end))
    return (BOM + out.getvalue()).encode()


def safe_cell(value: str) -> str:
    """A cell that starts like a formula is told to a spreadsheet as text."""
    return f"'{value}" if value.lstrip(" ").startswith(FORMULA_STARTS) else value


def _rows(
    connection: Connection, oa_id: str, scope: Scope, start: datetime, end: datetime
) -> Iterator[tuple[str, ...]]:
    query = (
        select(cases)
        .where(cases.c.oa_id == oa_id, cases.c.created_at >= start, cases.c.created_at < end)
        .where(visible(scope), cases.c.head_only.is_(False))
        .order_by(cases.c.id)
    )
    for row in connection.execute(query):
        yield (
            row.code, KINDS.get(row.kind, row.kind), FIELDS.get(row.field, row.field or ""),
            URGENCIES.get(row.urgency, row.urgency), STATES.get(row.state, row.state),
            CHANNELS.get(row.channel, row.channel), row.outside_code or "", row.khom or "", row.address or "",
            row.question, _moment(row.created_at), _moment(row.due_at), _moment(row.answered_at),
            ANSWERED_BY.get(row.answered_by, ""), RATINGS.get(row.rating, ""), "có" if row.reopened else "",
        )  # fmt: skip


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{local(moment):%d/%m/%Y %H:%M}"


# ── in ───────────────────────────────────────────────────────────────────────────────────────────


def import_csv(
    connection: Connection,
    oa_id: str,
    data: bytes,
    channel: Outside,
    by: By,
    now: datetime,
    calendar: WorkCalendar,
    limits: Limits,
    seal: Seal | None = None,
) -> Imported:
    """Open a report for every good line whose outside code is new. `seal` keeps phone numbers; without it
    only their last four digits are kept."""
    table, left_aside = _read(data)
    bad = [item for item in table if isinstance(item, BadLine)]
    good = [item for item in table if not isinstance(item, BadLine)]
    here = _known_codes(connection, oa_id, channel, [line.outside_code for _, line in good])
    opened: list[str] = []
    known: list[str] = []
    first_at: dict[str, int] = {}
    for number, line in good:
        if line.outside_code in here:
            known.append(line.outside_code)
        elif line.outside_code in first_at:
            bad.append(BadLine(number, f"trùng mã với dòng {first_at[line.outside_code]}"))
        else:
            first_at[line.outside_code] = number
            new = _new_case(line, channel, seal)
            opened.append(open_case(connection, oa_id, new, now, calendar, limits, by).code)
    in_order = tuple(sorted(bad, key=lambda item: item.line))
    return Imported(tuple(opened), tuple(known), in_order, left_aside)


def _new_case(line: Line, channel: Outside, seal: Seal | None) -> NewCase:
    fields = {_plain(title): key for key, title in FIELDS.items()} | {key: key for key in FIELDS}
    field = fields.get(_plain(line.field)) or fields.get(line.field)
    digits = "".join(sign for sign in line.phone if sign.isdigit())
    return NewCase(
        kind="report",
        person_id="",
        question=line.question,
        field=field,
        context={"outside_field": line.field} if line.field and field is None else {},
        channel=channel,
        outside_code=line.outside_code,
        title=line.title or None,
        khom=line.khom or None,
        address=line.address or None,
        contact=seal(line.phone) if seal is not None and digits else None,
        phone_tail=digits[-4:] if len(digits) >= 8 else None,
    )


def _known_codes(connection: Connection, oa_id: str, channel: str, codes: Sequence[str]) -> set[str]:
    mine = (cases.c.oa_id == oa_id, cases.c.channel == channel)
    found: set[str] = set()
    for begin in range(0, len(codes), AT_ONCE):
        some = cases.c.outside_code.in_(codes[begin : begin + AT_ONCE])
        found.update(connection.execute(select(cases.c.outside_code).where(*mine, some)).scalars())
    return found


def _read(data: bytes) -> tuple[list[tuple[int, Line] | BadLine], tuple[str, ...]]:
    text = _decode(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    lines = _lines(reader)
    heading = next(lines, None)
    if heading is None or isinstance(heading, BadLine):
        raise ImportRefused("Tệp không có dòng tiêu đề.")
    columns, left_aside = _columns(heading[1])
    table = [item if isinstance(item, BadLine) else _line(*item, columns) for item in lines]
    if len(table) > MOST_LINES:
        raise ImportRefused(f"Tệp có hơn {MOST_LINES} dòng. Mình chia nhỏ ra rồi nhập từng tệp.")
    return table, left_aside


def _decode(data: bytes) -> str:
    if len(data) > LARGEST:
        raise ImportRefused("Tệp lớn hơn 5 MB. Mình chia nhỏ ra rồi nhập từng tệp.")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # a spreadsheet's "Unicode text"
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(
            "Tệp phải là CSV UTF-8. Mình mở bằng bảng tính, lưu lại dạng CSV UTF-8."
        ) from error


def _delimiter(text: str) -> str:
    heading = text.partition("\n")[0]
    return max((",", ";", "\t"), key=heading.count)


def _lines(reader: Any) -> Iterator[tuple[int, list[str]] | BadLine]:
    """Lines with something in them; one that cannot be read does not stop the rest."""
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BadLine(number, "dòng dài quá hoặc hỏng dấu nháy")
            continue
        if any(cell.strip() for cell in row):
            yield number, row


def _columns(heading: Iterable[str]) -> tuple[dict[int, str], tuple[str, ...]]:
    names = {alias: name for name, aliases in COLUMN_NAMES.items() for alias in aliases}
    columns: dict[int, str] = {}
    left_aside = []
    for place, title in enumerate(heading):
        name = names.get(_plain(title))
        if name is None or name in columns.values():
            left_aside.append(title.strip())
        else:
            columns[place] = name
    missing = [COLUMN_TITLES[name] for name in NEEDED if name not in columns.values()]
    if missing:
        raise ImportRefused(f"Tệp thiếu cột: {', '.join(missing)}.")
    return columns, tuple(title for title in left_aside if title)


def _line(number: int, row: Sequence[str], columns: dict[int, str]) -> tuple[int, Line] | BadLine:
    values = {name: row[place] for place, name in columns.items() if place < len(row)}
    try:
        return number, Line.model_validate(values)
    except ValidationError as error:
        return BadLine(number, "; ".join(_mend(item) for item in error.errors()))


COLUMN_TITLES: Final = {
    "outside_code": "Mã ngoài",
    "question": "Nội dung",
    "field": "Lĩnh vực",
    "khom": "Khóm",
    "address": "Địa chỉ",
    "phone": "Điện thoại",
    "title": "Tiêu đề",
}
_MENDS: Final = {
    "missing": "còn trống",
    "string_too_short": "trống hoặc ngắn quá",
    "string_too_long": "dài quá",
}


def _mend(item: Any) -> str:
    title = COLUMN_TITLES[item["loc"][0]]
    if item["type"] == "value_error":
        return f"{title}: {item['ctx']['error']}"
    return f"{title}: {_MENDS.get(item['type'], 'viết chưa đúng')}"


def _plain(title: str) -> str:
    """Small letters without diacritics, words parted by one space."""
    apart = unicodedata.normalize("NFD", title.casefold().replace("đ", "d"))
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare).split())
