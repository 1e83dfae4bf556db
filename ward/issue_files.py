"""The log of firms' matters as a file, for the province: words are never read as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ward.calendar import local
from ward.cases.exchange import BOM, safe_cell
from ward.issues import STATES, Issue
from ward.visits.model import Visit

HEADINGS: Final = (
    "Số", "Ngày ghi", "Buổi gặp", "Cơ sở", "Cách gặp", "Vướng mắc", "Người phụ trách", "Hạn", "Tình trạng",
    "Trả lời",
)  # fmt: skip
WIDTHS: Final = (8, 12, 24, 28, 18, 60, 24, 12, 20, 60)


@dataclass(frozen=True)
class Line:
    """An issue with what its other tables know. `firm` None: not for whoever asks."""

    issue: Issue
    visit: Visit | None = None
    firm: str | None = None
    wish: str = ""
    owner: str = ""

    @property
    def session(self) -> str:
        return f"{local(self.visit.starts_at):%d/%m/%Y}, {self.visit.place}" if self.visit else ""

    def cells(self) -> list[str]:
        one = self.issue
        due = f"{one.due_on:%d/%m/%Y}" if one.due_on else ""
        return [
            str(one.id), f"{local(one.created_at):%d/%m/%Y}", self.session, self.firm or "", self.wish,
            one.text, self.owner, due, STATES[one.state], one.answer or "",
        ]  # fmt: skip


def as_csv(lines: Sequence[Line]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([safe_cell(cell) for cell in line.cells()] for line in lines)
    return (BOM + out.getvalue()).encode()


def as_xlsx(lines: Sequence[Line], title: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = "Vướng mắc"
    sheet.append([title])
    sheet.append(HEADINGS)
    for line in lines:
        sheet.append(line.cells())
    for row in sheet.iter_rows():
        for cell in row:
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
            cell.alignment = Alignment(wrap_text=cell.row > 1, vertical="top")
            cell.font = Font(bold=cell.row <= 2)
    for number, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
