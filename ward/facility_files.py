"""Facilities in from a CSV file, with a report of every line, and out to one."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import Connection

from store.secrets import SecretBox
from ward import facilities, facility_dates
from ward.cases.exchange import BOM, FORMULA_STARTS, BadLine, ImportRefused, safe_cell
from ward.duties import title_of
from ward.facilities import KINDS, FacilityRefused, NewFacility, Wanted, Who, plain_name
from ward.facility_dates import Paper

LARGEST: Final = 5_000_000
MOST_LINES: Final = 5_000
LONGEST_LINE: Final = 5_000
COLUMNS: Final = {
    "name": ("Tên cơ sở", ("ten co so", "ten", "co so", "name")),
    "kind": ("Loại hình", ("loai hinh", "loai", "type")),
    "khom": ("Khóm", ("khom", "ap", "khom ap")),
    "address": ("Địa chỉ", ("dia chi", "address")),
    "who": ("Người phụ trách", ("nguoi phu trach", "nguoi chiu trach nhiem", "phu trach")),
    "phone": ("Điện thoại", ("dien thoai", "so dien thoai", "sdt", "phone")),
    "paper": ("Loại giấy", ("loai giay", "giay")),
    "number": ("Số giấy", ("so giay", "so giay phep", "giay phep so")),
    "issued": ("Ngày cấp", ("ngay cap",)),
    "expires": ("Ngày hết hạn", ("ngay het han", "het han")),
}
"""What the columns are called in a file of ours, and how they may be called, without diacritics."""
NEEDED: Final = ("name", "kind")
KIND_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("nha_thuoc", r"nha thuoc|quay thuoc|tiem thuoc|tu thuoc|pharmacy|nt"),
    ("phong_kham_da_khoa", r"da khoa|pkdk"),
    ("nha_khoa", r"nha khoa|rang ham mat|rhm|phong kham rang|dental|phong rang"),
    ("yhct", r"y hoc co truyen|yhct|dong y|chan tri|luong y|gia truyen|cham cuu"),
    ("xet_nghiem", r"xet nghiem|x quang|xquang|chan doan hinh anh|sieu am|lab|can lam sang"),
    ("tham_my", r"spa|tham my|lam dep|cham soc da|massage|xoa bop|beauty"),
    ("phong_kham_chuyen_khoa", r"phong kham|pk|phong mach|bac si|bs|chuyen khoa"),
)
"""How a type is spoken of; the first that fits counts."""


@dataclass(frozen=True)
class Report:
    """What became of a file. `known`: names that were here already."""

    added: tuple[str, ...]
    known: tuple[BadLine, ...]
    bad: tuple[BadLine, ...]
    left_aside: tuple[str, ...]


class Line(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    name: str = Field(min_length=2, max_length=200)
    kind: str = Field(min_length=2, max_length=100)
    khom: str = Field("", max_length=60)
    address: str = Field("", max_length=300)
    who: str = Field("", max_length=120)
    phone: str = Field("", max_length=30)
    paper: str = Field("", max_length=120)
    number: str = Field("", max_length=80)
    issued: date | None = None
    expires: date | None = None

    @field_validator("issued", "expires", mode="before")
    @classmethod
    def _day(cls, value: str) -> date | None:
        return read_day(value)

    @field_validator("name", "kind", "khom", "address", "who", "phone", "paper", "number")
    @classmethod
    def _plain_words(cls, value: str) -> str:
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
            raise ValueError("có ký tự lạ")
        if value.startswith(FORMULA_STARTS) and not re.fullmatch(r"\+84[\d .]+", value):
            raise ValueError("bắt đầu như công thức bảng tính; bỏ dấu = + - @ ở đầu")
        return unicodedata.normalize("NFC", value)


def read_day(text: str) -> date | None:
    """12/3/2026 or 2026-03-12; empty: none."""
    words = text.strip()
    if not words:
        return None
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", words)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(words)
    except ValueError as error:
        raise ValueError("ghi ngày như 31/12/2027") from error


def kind_said(words: str) -> str | None:
    """The type that the words speak of."""
    said = plain_name(words)
    titles = {plain_name(title): kind for kind, title in KINDS.items()}
    if said in titles or said in KINDS:
        return titles.get(said, said)
    return next((kind for kind, way in KIND_WORDS if re.search(rf"\b(?:{way})\b", said)), None)


# -- in -------------------------------------------------------------------------------------------


def import_csv(connection: Connection, oa_id: str, data: bytes, box: SecretBox, now: datetime) -> Report:
    """Every good line is kept; a bad one is named with the mend and keeps none of the others out."""
    table, left_aside = _read(data)
    added: list[str] = []
    known: list[BadLine] = []
    bad = [item for item in table if isinstance(item, BadLine)]
    first_at: dict[tuple[str, str], int] = {}
    for item in table:
        if isinstance(item, BadLine):
            continue
        number, line = item
        kind = kind_said(line.kind)
        if kind is None:
            bad.append(BadLine(number, f"Loại hình: chưa rõ, ghi một trong: {', '.join(KINDS.values())}"))
            continue
        mark = (plain_name(line.name), kind)
        if mark in first_at:
            bad.append(BadLine(number, f"trùng tên và loại hình với dòng {first_at[mark]}"))
            continue
        first_at[mark] = number
        _add(connection, oa_id, number, line, kind, box, now, added, known, bad)
    return Report(tuple(added), tuple(known), tuple(sorted(bad, key=lambda one: one.line)), left_aside)


def _add(
    connection: Connection,
    oa_id: str,
    number: int,
    line: Line,
    kind: str,
    box: SecretBox,
    now: datetime,
    added: list[str],
    known: list[BadLine],
    bad: list[BadLine],
) -> None:
    new = NewFacility(line.name, kind, line.khom, line.address, Who(name=line.who, phone=line.phone))
    dated = bool(line.number or line.issued or line.expires)
    try:
        new = facilities.checked(new)
        if facilities.same(connection, oa_id, new) is not None:
            known.append(BadLine(number, f"“{new.name}” đã có trong danh sách, để nguyên"))
            return
        if dated:
            facility_dates.check(paper_said(line.paper), line.number, line.issued, line.expires)
        here = facilities.register(connection, oa_id, new, "csv", box, now)
        if dated:
            paper = paper_said(line.paper)
            facility_dates.keep(connection, oa_id, here, paper, line.number, line.issued, line.expires, now)
        added.append(new.name)
    except FacilityRefused as error:
        bad.append(BadLine(number, str(error)))


def paper_said(words: str) -> str:
    """The kind of paper that the words speak of; the general one when they fit none."""
    said = plain_name(words)
    ways = (
        ("gphn", r"hanh nghe|gphn|cchn"),
        ("gphd", r"hoat dong|gphd"),
        ("gpp", r"gpp|thuc hanh tot"),
        ("dkkd_duoc", r"kinh doanh duoc|dkkd|ddkkd"),
        ("attp", r"thuc pham|attp"),
        ("buc_xa", r"buc xa|x quang"),
        ("moi_truong", r"moi truong|chat thai"),
        ("antt", r"an ninh|antt"),
    )
    return next((kind for kind, way in ways if re.search(rf"\b(?:{way})\b", said)), "khac")


def _read(data: bytes) -> tuple[list[tuple[int, Line] | BadLine], tuple[str, ...]]:
    lines = _lines(_decode(data))
    heading = next(lines, None)
    if heading is None or isinstance(heading, BadLine):
        raise ImportRefused("Tệp không có dòng tiêu đề.")
    columns, left_aside = _columns(heading[1])
    table: list[tuple[int, Line] | BadLine] = []
    for item in lines:
        if len(table) >= MOST_LINES:
            raise ImportRefused(f"Tệp có hơn {MOST_LINES} dòng. Mình chia nhỏ ra rồi nhập từng tệp.")
        table.append(item if isinstance(item, BadLine) else _line(*item, columns))
    return table, left_aside


def _decode(data: bytes) -> str:
    if len(data) > LARGEST:
        raise ImportRefused("Tệp lớn hơn 5 MB. Mình chia nhỏ ra rồi nhập từng tệp.")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(
            "Tệp phải là CSV UTF-8. Mình mở bằng bảng tính, lưu lại dạng CSV UTF-8."
        ) from error


def _lines(text: str) -> Iterator[tuple[int, list[str]] | BadLine]:
    heading = text.partition("\n")[0][:LONGEST_LINE]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max((",", ";", "\t"), key=heading.count))
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BadLine(number, "dòng dài quá hoặc hỏng dấu nháy")
            continue
        if sum(map(len, row)) > LONGEST_LINE:
            yield BadLine(number, "dòng dài quá hoặc hỏng dấu nháy")
        elif any(cell.strip() for cell in row):
            yield number, row


def _columns(heading: Iterable[str]) -> tuple[dict[int, str], tuple[str, ...]]:
    names = {alias: name for name, (_, aliases) in COLUMNS.items() for alias in aliases}
    columns: dict[int, str] = {}
    left_aside = []
    for place, title in enumerate(heading):
        name = names.get(plain_name(title))
        if name is None or name in columns.values():
            left_aside.append(title.strip()[:60])
        else:
            columns[place] = name
    missing = [COLUMNS[name][0] for name in NEEDED if name not in columns.values()]
    if missing:
        raise ImportRefused(f"Tệp thiếu cột: {', '.join(missing)}.")
    return columns, tuple(title for title in left_aside if title)


def _line(number: int, row: Sequence[str], columns: dict[int, str]) -> tuple[int, Line] | BadLine:
    values = {name: row[place] for place, name in columns.items() if place < len(row)}
    try:
        return number, Line.model_validate(values)
    except ValidationError as error:
        return BadLine(number, "; ".join(map(_mend, error.errors())))


_MENDS: Final = {"missing": "còn trống", "string_too_short": "còn trống", "string_too_long": "dài quá"}


def _mend(item: Any) -> str:
    title = COLUMNS[str(item["loc"][0])][0]
    if item["type"] == "value_error":
        return f"{title}: {item['ctx']['error']}"
    return f"{title}: {_MENDS.get(item['type'], 'viết chưa đúng')}"


# -- out ------------------------------------------------------------------------------------------


def export_csv(connection: Connection, oa_id: str, wanted: Wanted, box: SecretBox) -> bytes:
    """One line for each paper; a facility without one has a line of its own. Can be read in again."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(title for title, _ in COLUMNS.values()), "Đồng ý lưu"])
    found = facilities.listing(connection, oa_id, wanted)
    papers = facility_dates.papers(connection, oa_id, [one.id for one in found])
    for facility in found:
        who = facilities.who_of(facility, box)
        own = (facility.name, facility.kind_name, facility.khom or "", facility.address or "", who.name)
        kept: list[Paper | None] = [*papers.get(facility.id, [])]
        for paper in kept or [None]:
            agreed = "có" if facility.consent else "chưa"
            cells = (*own, who.phone, *_paper_cells(paper), agreed)
            writer.writerow([safe_cell(cell) for cell in cells])
    return (BOM + out.getvalue()).encode()


def _paper_cells(paper: Paper | None) -> tuple[str, str, str, str]:
    if paper is None:
        return "", "", "", ""
    return title_of(paper.kind), paper.number or "", _written(paper.issued_on), _written(paper.expires_on)


def _written(day: date | None) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"
