"""What the ward's head sets in the console, over `ward.toml`: typed, with a reason, each change in the audit.

A value that a later version no longer takes is not an error: the default stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import Connection, select

from store.engine import upsert
from store.schema import settings as table
from ward import audit
from ward.cases.deadlines import Limit, Limits

SHORTEST_REASON = 5
_SPAN = re.compile(r"^([01]?\d|2[0-3])[:h]([0-5]\d)\s*-\s*([01]?\d|2[0-3])[:h]([0-5]\d)$")
_REMINDER = re.compile(r"^(\d{1,2})\s+([01]?\d|2[0-3]):([0-5]\d)$")
_TEMPLATE = re.compile(r"^(\*|[a-z][a-z0-9_]{0,19})\s+([A-Za-z0-9_-]{1,40})$")
_CLOCK = re.compile(r"^([01]?\d|2[0-3])[:h]([0-5]\d)$")


class SettingRefused(ValueError):
    """The text names the mend, in Vietnamese."""


LIMITS: Final[dict[str, tuple[str, Limit | None]]] = {
    "question": ("Trả lời câu hỏi", None),
    "accept": ("Tiếp nhận, phân loại phản ánh", Limits().accept),
    "urgent": ("Phản ánh khẩn", Limits().urgent),
    "soon": ("Phản ánh cần làm sớm", Limits().soon),
    "normal": ("Phản ánh bình thường", Limits().normal),
    "conduct": ("Góp ý thái độ phục vụ", Limits().conduct),
    "late_dossier": ("Hồ sơ trễ hẹn", Limits().late_dossier),
    "data_right": ("Yêu cầu về dữ liệu cá nhân", Limits().data_right),
}
"""Title and what holds while the head set nothing (None: `answer_hours` of ward.toml). The setting
`limits` keeps the changed ones only."""


class WardSettings(BaseModel):
    """Every setting with its default. A name here is a row of the table `settings` once it was changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    bot_on: bool = True
    bot_off_words: str = Field("", max_length=400)
    out_of_office_words: str = Field("", max_length=400)
    silent_hours: str = "21:00-06:30"
    urgent_in_silence: bool = True
    digest_hours: tuple[str, ...] = Field(("07:30", "13:30"), max_length=4)
    return_after_minutes: int = Field(240, ge=30, le=2400)
    reminder_percents: tuple[int, ...] = Field((50, 80, 100), min_length=1, max_length=5)
    limits: dict[str, Limit] = Field(default_factory=dict)
    photo_kept_days: int = Field(180, ge=30, le=1825)
    issue_days: int = Field(10, ge=1, le=60)
    daily_lines: tuple[str, ...] = Field(
        (
            "4 xin: xin chào, xin lỗi, xin cảm ơn, xin phép.",
            "4 luôn: luôn mỉm cười, luôn nhẹ nhàng, luôn lắng nghe, luôn giúp đỡ.",
        ),
        max_length=14,
    )

    reminder_rules: tuple[str, ...] = Field(("3 09:00", "1 17:00", "0 06:30"), max_length=6)
    reminder_quiet: str = "21:00-06:00"
    reminder_paid: bool = False
    reminder_paid_vnd: int = Field(55, ge=0, le=10_000)
    reminder_zbs_vnd: int = Field(0, ge=0, le=10_000)
    reminder_sms: bool = False
    reminder_mail: bool = False
    zbs_templates: tuple[str, ...] = Field((), max_length=20)

    @field_validator("reminder_rules")
    @classmethod
    def _reminder_lines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        found = [_REMINDER.match(line.strip()) for line in value]
        if any(line is None for line in found):
            raise ValueError("mỗi dòng: số ngày trước, rồi giờ, ví dụ 1 17:00 (0 = trong ngày)")
        days = [line[1] for line in found if line]
        if len(set(days)) != len(days):
            raise ValueError("mỗi số ngày trước chỉ ghi một dòng")
        return tuple(line.strip() for line in value)

    @field_validator("zbs_templates")
    @classmethod
    def _template_lines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(_TEMPLATE.match(line.strip()) is None for line in value):
            raise ValueError("mỗi dòng: loại tin (t3, t1, morning, moved, cancelled hoặc *), rồi mã mẫu")
        return tuple(line.strip() for line in value)

    @field_validator("silent_hours", "reminder_quiet")
    @classmethod
    def _is_span(cls, value: str) -> str:
        if value and _SPAN.match(value) is None:
            raise ValueError("viết như 21:00-06:30, hoặc để trống nếu không có giờ yên")
        return value

    @field_validator("digest_hours")
    @classmethod
    def _clocks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(_CLOCK.match(hour) is None for hour in value):
            raise ValueError("giờ viết như 07:30, cách nhau bằng dấu phẩy")
        return value

    @field_validator("limits")
    @classmethod
    def _known_limits(cls, value: dict[str, Limit]) -> dict[str, Limit]:
        if not set(value) <= set(LIMITS):
            raise ValueError("mỗi loại phiếu ghi số giờ hoặc số ngày làm việc")
        return value

    @field_validator("reminder_percents")
    @classmethod
    def _in_order(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted(set(value)) or not all(10 <= step <= 100 for step in value):
            raise ValueError("các mốc tăng dần, từ 10 đến 100, ví dụ: 50, 80, 100")
        return value

    @field_validator("daily_lines")
    @classmethod
    def _short(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        lines = tuple(" ".join(line.split()) for line in value if line.strip())
        if any(len(line) > 140 for line in lines):
            raise ValueError("mỗi câu dài nhất 140 ký tự")
        return lines

    @property
    def silence(self) -> tuple[time, time] | None:
        """From and until when officials are left in peace; until may be the next morning."""
        return _span(self.silent_hours)

    @property
    def reminders_quiet(self) -> tuple[time, time] | None:
        """From and until when no reminder is sent to citizens."""
        return _span(self.reminder_quiet)

    @property
    def reminder_times(self) -> tuple[tuple[int, time], ...]:
        """Days before, and the time of day."""
        found = (_REMINDER.match(line) for line in self.reminder_rules)
        return tuple((int(line[1]), time(int(line[2]), int(line[3]))) for line in found if line)

    @property
    def templates(self) -> dict[str, str]:
        """ZBS template by kind of message; "*" for all others."""
        return dict(line.split(maxsplit=1) for line in self.zbs_templates)


def _span(text: str) -> tuple[time, time] | None:
    found = _SPAN.match(text)
    if found is None:
        return None
    hour, minute, until_hour, until_minute = (int(part) for part in found.groups())
    return time(hour, minute), time(until_hour, until_minute)


def clock_of(hour: str) -> time:
    """One of `digest_hours`."""
    found = _CLOCK.match(hour)
    assert found is not None, "checked by the model"
    return time(int(found[1]), int(found[2]))


NAMES: Final = tuple(WardSettings.model_fields)


def load(connection: Connection, oa_id: str) -> WardSettings:
    """All settings as they are now."""
    rows = connection.execute(select(table.c.name, table.c.value).where(table.c.oa_id == oa_id))
    values = {row.name: row.value for row in rows if row.name in NAMES}
    while True:
        try:
            return WardSettings.model_validate(values)
        except ValidationError as error:
            bad = {item["loc"][0] for item in error.errors()}
            values = {name: value for name, value in values.items() if name not in bad}


def get(connection: Connection, oa_id: str, name: str) -> Any:
    """One setting."""
    return getattr(load(connection, oa_id), name)


def change(
    connection: Connection,
    oa_id: str,
    staff_id: int | None,
    values: Mapping[str, Any],
    reason: str,
    now: datetime,
) -> tuple[str, ...]:
    """Set some settings for one reason; returns the names that really changed. All or nothing."""
    why = " ".join(reason.split())
    if len(why) < SHORTEST_REASON:
        raise SettingRefused("Ghi lý do thay đổi (ít nhất vài chữ) để người sau còn hiểu.")
    before = load(connection, oa_id)
    after = _validated({**before.model_dump(), **values})
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    changed = tuple(name for name in NAMES if old[name] != new[name])
    for name in changed:
        _write(connection, oa_id, name, new[name], staff_id, now)
        detail = {"old": old[name], "new": new[name]}
        audit.record(connection, oa_id, staff_id, "setting_changed", name, now, why, **detail)
    return changed


def set_one(
    connection: Connection,
    oa_id: str,
    staff_id: int | None,
    name: str,
    value: Any,
    reason: str,
    now: datetime,
) -> bool:
    """Set one setting. False when it had this value already."""
    return bool(change(connection, oa_id, staff_id, {name: value}, reason, now))


def _write(
    connection: Connection, oa_id: str, name: str, value: Any, staff_id: int | None, now: datetime
) -> None:
    row = {"value": value, "changed_at": now, "changed_by": staff_id}
    connection.execute(
        upsert(connection, table)
        .values(oa_id=oa_id, name=name, **row)
        .on_conflict_do_update(index_elements=["oa_id", "name"], set_=row)
    )


def _validated(values: Mapping[str, Any]) -> WardSettings:
    try:
        return WardSettings.model_validate(values)
    except ValidationError as error:
        lines = [_mend(item) for item in error.errors()]
        raise SettingRefused(" ".join(lines)) from error


def _mend(item: Any) -> str:
    title = _title(*item["loc"])
    if item["type"] == "value_error":
        return f"{title}: {item['ctx']['error']}."
    bound = {key: value for key, value in (item.get("ctx") or {}).items() if key in _BOUNDS}
    words = ", ".join(f"{_BOUNDS[key]} {value:g}" for key, value in bound.items())
    return f"{title}: {words or 'viết chưa đúng'}."


def _title(name: str | int, *inside: str | int) -> str:
    if name == "limits" and inside and inside[0] in LIMITS:
        return f"Thời hạn “{LIMITS[str(inside[0])][0]}”"
    return TITLES.get(str(name), str(name))


_BOUNDS = {
    "ge": "ít nhất",
    "gt": "lớn hơn",
    "le": "nhiều nhất",
    "lt": "nhỏ hơn",
    "max_length": "dài nhất",
    "min_length": "ít nhất",
}


# -- the form in the console ----------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """How a setting stands on the page. `kind`: number, text, lines, numbers."""

    group: str
    title: str
    help: str
    kind: str
    unit: str = ""


FORM: Final[dict[str, Shown]] = {
    "return_after_minutes": Shown(
        "Nhận và trả lời phiếu",
        "Trả phiếu về hàng chờ sau",
        "Người nhận phiếu mà không trả lời hay ghi chú gì trong chừng này thì phiếu trở về “Chưa nhận”.",
        "number",
        "phút làm việc",
    ),
    "reminder_percents": Shown(
        "Nhận và trả lời phiếu",
        "Nhắc cán bộ khi đã qua",
        "Phần trăm thời hạn, cách nhau bằng dấu phẩy.",
        "numbers",
        "%",
    ),
    "issue_days": Shown(
        "Nhận và trả lời phiếu",
        "Trả lời vướng mắc của doanh nghiệp trong",
        "Tính từ buổi cà phê doanh nhân, hoặc từ ngày ghi nếu ghi sau buổi.",
        "number",
        "ngày làm việc",
    ),
    "silent_hours": Shown(
        "Báo tin cho cán bộ",
        "Giờ yên",
        "Trong giờ này không báo Zalo cho cán bộ, trừ việc khẩn. Viết như 21:00-06:30.",
        "text",
    ),
    "urgent_in_silence": Shown(
        "Báo tin cho cán bộ", "Việc khẩn vẫn báo trong giờ yên", "Có hoặc Không.", "yes_no"
    ),
    "digest_hours": Shown(
        "Báo tin cho cán bộ",
        "Giờ gửi thư tổng hợp",
        "Ngày làm việc, cách nhau bằng dấu phẩy, ví dụ 07:30, 13:30. Để trống thì không gửi.",
        "numbers",
    ),
    "out_of_office_words": Shown(
        "Lời với người dân",
        "Lời nhắn ngoài giờ",
        "Nói thêm khi chuyển câu hỏi cho cán bộ lúc cơ quan đóng cửa. Để trống thì không nói thêm.",
        "text_long",
    ),
    "reminder_rules": Shown(
        "Nhắc lịch cho người dân",
        "Giờ nhắc trước buổi hẹn",
        "Mỗi dòng: số ngày trước, rồi giờ. Ví dụ “1 17:00” là 17 giờ hôm trước; 0 là sáng cùng ngày.",
        "lines",
    ),
    "reminder_quiet": Shown(
        "Nhắc lịch cho người dân",
        "Giờ yên của người dân",
        "Trong giờ này không nhắc ai; tin tới giờ sẽ chờ hết giờ yên. Viết như 21:00-06:00.",
        "text",
    ),
    "reminder_paid": Shown(
        "Nhắc lịch cho người dân",
        "Được gửi tin có phí",
        "Cho người đã im quá 48 giờ nhưng chưa quá 7 ngày. Có hoặc Không.",
        "yes_no",
    ),
    "reminder_paid_vnd": Shown(
        "Nhắc lịch cho người dân", "Giá một tin có phí", "Để cộng chi phí mỗi tháng.", "number", "đồng"
    ),
    "zbs_templates": Shown(
        "Nhắc lịch cho người dân",
        "Mẫu tin ZBS",
        "Mỗi dòng: loại tin (t3, t1, morning, moved, cancelled; * cho mọi loại), rồi mã mẫu đã được duyệt. "
        "Để trống thì không gửi bằng mẫu.",
        "lines",
    ),
    "reminder_zbs_vnd": Shown(
        "Nhắc lịch cho người dân",
        "Giá một tin mẫu ZBS",
        "Theo hợp đồng của phường; 0 là chưa biết.",
        "number",
        "đồng",
    ),
    "reminder_sms": Shown(
        "Nhắc lịch cho người dân",
        "Nhắc bằng SMS",
        "Khi Zalo không gửi được và người dân để lại số. Cần SMS_URL trên máy chủ. Có hoặc Không.",
        "yes_no",
    ),
    "reminder_mail": Shown(
        "Nhắc lịch cho người dân",
        "Nhắc bằng thư điện tử",
        "Khi người dân để lại địa chỉ thư. Cần SMTP_URL trên máy chủ. Có hoặc Không.",
        "yes_no",
    ),
    "daily_lines": Shown(
        "Lời nhắc mỗi ngày",
        "Các câu nhắc",
        "Mỗi dòng một câu; mỗi ngày hiện một câu trên đầu trang của cán bộ.",
        "lines",
    ),
    "photo_kept_days": Shown("Lưu giữ", "Giữ ảnh sau khi phiếu đã xong", "", "number", "ngày"),
}
"""Settings of the ordinary form; the switch (`bot_on`, `bot_off_words`) has a page of its own."""

TITLES: Final = {name: shown.title for name, shown in FORM.items()} | {
    "limits": "Thời hạn",
    "bot_on": "Trợ lý trả lời",
    "bot_off_words": "Lời báo khi tạm dừng",
}

READERS: Final[dict[str, Callable[[str], Any]]] = {
    "number": lambda text: text.replace(",", ".") or None,
    "numbers": lambda text: [part for part in re.split(r"[,;\s%]+", text) if part],
    "yes_no": lambda text: text.casefold() in ("có", "co"),
    "text": str.strip,
    "text_long": str.strip,
    "lines": lambda text: [line for line in text.splitlines() if line.strip()],
}


def read_form(form: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as values to be checked by `change`."""
    values = {name: READERS[shown.kind](form[name].strip()) for name, shown in FORM.items() if name in form}
    typed = {key: form[f"limit_{key}"].strip() for key in LIMITS if f"limit_{key}" in form}
    if typed:
        values["limits"] = {key: _limit(key, text) for key, text in typed.items() if not _is_usual(key, text)}
    return values


def _limit(key: str, text: str) -> dict[str, Any]:
    usual = LIMITS[key][1]
    unit = "days" if usual is not None and usual.days is not None else "hours"
    return {unit: text.replace(",", ".")}


def _is_usual(key: str, text: str) -> bool:
    usual = LIMITS[key][1]
    return not text or (usual is not None and text.replace(",", ".") == usual.amount)


def limit_rows(now: WardSettings) -> list[tuple[str, str, str, str]]:
    """Key, title, the amount in force ("" = ward.toml's), and its unit."""
    rows = []
    for key, (title, usual) in LIMITS.items():
        limit = now.limits.get(key) or usual
        in_days = limit is not None and limit.days is not None
        rows.append(
            (key, title, limit.amount if limit else "", "ngày làm việc" if in_days else "giờ làm việc")
        )
    return rows


def write_form(name: str, value: Any) -> str:
    """A value as it is typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, tuple | list):
        return ("\n" if FORM[name].kind == "lines" else ", ").join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
