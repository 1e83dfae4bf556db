"""A programme as a form: every field a line or a few lines of text, read back for the model to check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from ward.profile import WEEKDAYS
from ward.programmes.model import Kind, Programme, Rhythm

KINDS: Final[dict[str, str]] = {
    "same_day": "Ngày không chờ, không hẹn",
    "mobile": "Hộ tịch lưu động",
    "land": "Tư vấn nhà, đất",
    "home_certify": "Chứng thực tại nhà",
    "home_timed": "Hẹn giờ tại nhà",
    "ceremony": "Lễ trao giấy",
    "coffee": "Gặp gỡ doanh nghiệp",
    "channel": "Kênh tiếp nhận, thông tin",
    "campaign": "Nếp phục vụ, tuyên truyền",
}
RHYTHMS: Final[dict[str, str]] = {
    "weekly": "hằng tuần", "monthly": "hằng tháng", "quarterly": "hằng quý", "half_year": "sáu tháng",
    "yearly": "hằng năm", "once": "một lần",
}  # fmt: skip
assert set(KINDS) == set(get_args(Kind))
assert set(RHYTHMS) == set(get_args(Rhythm))
DAYS: Final[dict[str, str]] = {
    "monday": "Thứ Hai", "tuesday": "Thứ Ba", "wednesday": "Thứ Tư", "thursday": "Thứ Năm",
    "friday": "Thứ Sáu", "saturday": "Thứ Bảy", "sunday": "Chủ nhật",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    kind: Literal["text", "lines", "date"] = "text"
    help: str = ""


FIELDS: Final = (
    Field("name", "Tên mô hình"),
    Field("about", "Nói với người dân", "lines", "Một hai câu dễ hiểu."),
    Field("legal_basis", "Căn cứ", "lines", "Mỗi văn bản một dòng."),
    Field("seed", "Dòng trong kế hoạch", help="Ví dụ: SĐ-14; nhiều dòng cách nhau bằng dấu phẩy."),
    Field("starts", "Bắt đầu", "date"),
    Field("ends", "Kết thúc", "date", "Để trống nếu văn bản không ghi."),
    Field(
        "hours", "Giờ", help="Ví dụ: 07:30-11:00. Để trống: theo giờ làm việc. Hai buổi cách bằng dấu phẩy."
    ),
    Field("place", "Nơi làm"),
    Field("cut_off", "Giờ chót nhận để trả trong ngày", help="Ví dụ: 15:30. Để trống: không hứa giờ."),
    Field("later_by", "Nhận sau giờ chót thì trả trước", help="Giờ của ngày làm việc kế, ví dụ: 09:00."),
    Field("declared_count", "Số thủ tục quyết định ghi", help="Danh mục nạp vào phải đúng số này."),
    Field("in_charge", "Phụ trách"),
    Field("monitored_by", "Theo dõi"),
    Field("reports", "Báo cáo", "lines", "Mỗi dòng: hằng quý | nơi nhận | ngày (nếu có, như 2026-12-25)."),
    Field("notes", "Ghi chú", "lines"),
)
_LISTS = {"legal_basis": "\n", "notes": "\n", "seed": ",", "hours": ","}


def shown(programme: Programme | None) -> dict[str, str]:
    """What the form's fields hold for a programme."""
    if programme is None:
        return {field.name: "" for field in FIELDS}
    data = programme.model_dump(mode="json")
    rule = data["same_day"] or {}
    values: dict[str, str] = {}
    for field in FIELDS:
        value = rule.get(field.name) if field.name in ("cut_off", "later_by") else data.get(field.name)
        values[field.name] = _WRITE.get(field.name, _plain)(value) if value else ""
    return values


def read(form: Mapping[str, str], kind: str, before: Programme | None = None) -> dict[str, Any]:
    """The form as the model takes it; what the form does not show stays as it was."""
    data: dict[str, Any] = {}
    for field in FIELDS:
        text = form.get(field.name, "").strip()
        if field.name in ("cut_off", "later_by"):
            continue
        if field.name in _LISTS:
            data[field.name] = [part.strip() for part in text.split(_LISTS[field.name]) if part.strip()]
        elif field.name == "reports":
            data["reports"] = [_report(line) for line in text.splitlines() if line.strip()]
        else:
            data[field.name] = text or None
    if kind == "same_day":
        rule = {name: form.get(name, "").strip() or None for name in ("cut_off", "later_by")}
        data["same_day"] = rule
    if before is None and kind in ("mobile", "land", "ceremony", "coffee"):
        data["sessions"] = {}
    return data


def _report(line: str) -> dict[str, str | None]:
    parts = [part.strip() for part in line.split("|")]
    called = {words: rhythm for rhythm, words in RHYTHMS.items()}
    return {
        "rhythm": called.get(parts[0].lower(), parts[0]),
        "to": parts[1] if len(parts) > 1 else "",
        "on": parts[2] if len(parts) > 2 and parts[2] else None,
    }


def _plain(value: Any) -> str:
    return re.sub(r"^(\d\d:\d\d):00$", r"\1", str(value))


def _hours(value: Any) -> str:
    return ", ".join(f"{one['opens'][:5]}-{one['closes'][:5]}" for one in value)


def _reports(value: Any) -> str:
    return "\n".join(
        " | ".join(filter(None, (RHYTHMS[one["rhythm"]], one["to"], one["on"]))) for one in value
    )


_WRITE: dict[str, Callable[[Any], str]] = {
    "legal_basis": "\n".join,
    "notes": "\n".join,
    "seed": ", ".join,
    "hours": _hours,
    "reports": _reports,
}
assert tuple(DAYS) == WEEKDAYS
