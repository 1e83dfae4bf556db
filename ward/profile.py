"""The ward's own facts, read from `WARD_DIR/ward.toml`. What is null or missing is not shown to anyone."""

from __future__ import annotations

import re
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

FILE = "ward.toml"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_SESSION = re.compile(r"^(\d{1,2})[:h](\d{2})\s*-\s*(\d{1,2})[:h](\d{2})$")


class WardFileError(ValueError):
    """A file of the ward's folder that cannot be used; the text says file, field and mend, in Vietnamese."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Session(Strict):
    """One half of a working day, written "07:00-11:00"."""

    opens: time
    closes: time


def _session(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = _SESSION.match(value.strip())
    if found is None:
        raise ValueError(f'giờ làm việc viết như "07:00-11:00", không phải {value!r}')
    numbers = [int(part) for part in found.groups()]
    if numbers[0] > 23 or numbers[2] > 23 or numbers[1] > 59 or numbers[3] > 59:
        raise ValueError(f"giờ không có thật: {value!r}")
    return {"opens": time(numbers[0], numbers[1]), "closes": time(numbers[2], numbers[3])}


SessionText = Annotated[Session, BeforeValidator(_session)]
Day = Annotated[tuple[SessionText, ...], Field(max_length=2)]


class Hours(Strict):
    """Office hours, at most two sessions a day; an empty day is a day off."""

    monday: Day = ()
    tuesday: Day = ()
    wednesday: Day = ()
    thursday: Day = ()
    friday: Day = ()
    saturday: Day = ()
    sunday: Day = ()

    @field_validator(*WEEKDAYS)
    @classmethod
    def _in_order(cls, sessions: tuple[Session, ...]) -> tuple[Session, ...]:
        edges = [edge for session in sessions for edge in (session.opens, session.closes)]
        if edges != sorted(set(edges)):
            raise ValueError("các buổi phải theo thứ tự giờ và không chồng lên nhau")
        return sessions

    def of(self, weekday: int) -> tuple[Session, ...]:
        """Sessions of a weekday, Monday = 0."""
        sessions: tuple[Session, ...] = getattr(self, WEEKDAYS[weekday])
        return sessions

    def usual(self) -> tuple[Session, ...]:
        """A full day, as worked on a make-up Saturday."""
        return next((sessions for sessions in map(self.of, range(7)) if sessions), ())


class Phone(Strict):
    purpose: str = Field(min_length=2)
    number: str = Field(min_length=3)


class Contact(Strict):
    """A place people go to or call."""

    name: str = Field(min_length=2)
    address: str | None = None
    phone: str | None = None
    note: str | None = None


class Province(Strict):
    name: str
    former_names: tuple[str, ...] = ()
    council: str | None = Field(None, description="the provincial council, as named in fee notes")


Degrees = Annotated[float, Field(ge=-180, le=180)]
Point = tuple[Degrees, Degrees]
"""Latitude, longitude."""


class Khom(Strict):
    """A neighbourhood. `area`, or `centre` and `radius_m`: to guess it from a location."""

    name: str
    former_names: tuple[str, ...] = ()
    meeting_place: str | None = None
    phone: str | None = None
    centre: Point | None = None
    radius_m: float = Field(500, gt=0, le=20_000)
    area: tuple[Point, ...] = Field((), description="corners of its boundary, in order")

    @field_validator("area")
    @classmethod
    def _encloses_something(cls, area: tuple[Point, ...]) -> tuple[Point, ...]:
        if 0 < len(area) < 3:
            raise ValueError("ranh khóm cần ít nhất 3 điểm [vĩ độ, kinh độ]")
        return area


class CitizenReception(Strict):
    """When and where the ward's leader receives citizens (at least one day a week)."""

    weekday: Weekday
    hours: str
    place: str
    phone: str | None = None
    form_url: str | None = Field(None, pattern=r"^https://")
    provincial: Contact | None = Field(None, description="where to go above the ward")


class HotlineLine(Strict):
    """One number of a hotline group, published from one day to another (PM-17)."""

    name: str = Field(min_length=2, max_length=80)
    number: str = Field(pattern=r"^[0-9][0-9 .]{2,18}[0-9]$")
    hours: str | None = Field(None, max_length=60)
    valid_from: date | None = None
    valid_to: date | None = None
    checked_on: date = Field(description="the day somebody last called the number and it was right")

    @model_validator(mode="after")
    def _in_order(self) -> HotlineLine:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to phải từ ngày valid_from trở đi")
        return self

    def holds_on(self, day: date) -> bool:
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_to is None or day <= self.valid_to)


class HotlineGroup(Strict):
    """Numbers of one kind: leaders, procedure control, one-stop, inspection of public duty …"""

    group: str = Field(min_length=2, max_length=60)
    lines: tuple[HotlineLine, ...] = Field(min_length=1)


class Bodies(Strict):
    """Other bodies the bot points to."""

    police: Contact | None = None
    police_province: Contact | None = None
    health: Contact | None = None
    health_province: Contact | None = None
    land: Contact | None = None


class Links(Strict):
    public_services: str | None = Field(None, pattern=r"^https://")
    dossier_lookup: str | None = Field(None, pattern=r"^https://")
    police_services: str | None = Field(None, pattern=r"^https://")


class WardProfile(Strict):
    """Everything the bot may say about the ward itself."""

    sample: bool = False
    name: str = Field(min_length=2)
    authority_name: str = Field(min_length=2)
    oa_name: str = Field(min_length=2)
    address: str | None = None
    province: Province
    counter: Contact = Field(description="the ward's public-service counter (TTPVHCC)")
    phones: tuple[Phone, ...] = ()
    hours: Hours
    khom: tuple[Khom, ...] = ()
    reception_points: tuple[Contact, ...] = ()
    citizen_reception: CitizenReception | None = None
    hotlines: tuple[HotlineGroup, ...] = ()
    bodies: Bodies = Bodies()
    links: Links = Links()
    silent_minutes: int = Field(60, ge=0, le=1440)
    release_word: str = Field("#bot", min_length=2, max_length=20)
    answer_hours: float = Field(8, gt=0, le=80)

    @field_validator("hours")
    @classmethod
    def _open_some_day(cls, hours: Hours) -> Hours:
        if not hours.usual():
            raise ValueError("phải có ít nhất một buổi làm việc trong tuần")
        return hours

    def phone_for(self, purpose: str) -> str | None:
        return next((phone.number for phone in self.phones if phone.purpose == purpose), None)

    @property
    def hotline(self) -> str | None:
        return self.phones[0].number if self.phones else None


def load_profile(ward_dir: Path) -> WardProfile:
    path = ward_dir / FILE
    raw = read_toml(path)
    try:
        return WardProfile.model_validate(raw)
    except ValidationError as error:
        raise WardFileError(explain(path, error)) from error


def read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise WardFileError(f"{path}: không có tệp này") from error
    except UnicodeDecodeError as error:
        raise WardFileError(f"{path}: tệp phải lưu bằng mã UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise WardFileError(f"{path}: không đọc được TOML: {error}") from error


_MENDS = {
    "missing": "còn thiếu",
    "extra_forbidden": "không có mục tên này (coi lại chính tả)",
    "string_type": "phải là chữ, đặt trong ngoặc kép",
    "string_too_short": "quá ngắn",
    "string_pattern_mismatch": "viết chưa đúng mẫu",
    "int_type": "phải là số nguyên",
    "int_parsing": "phải là số nguyên",
    "float_type": "phải là số",
    "bool_type": "phải là true hoặc false",
    "tuple_type": "phải là danh sách trong ngoặc vuông",
    "too_long": "nhiều hơn số cho phép",
    "too_short": "phải có ít nhất một mục",
    "string_too_long": "dài quá",
    "literal_error": "không nằm trong các giá trị cho phép",
    "greater_than": "nhỏ quá mức cho phép",
    "greater_than_equal": "nhỏ quá mức cho phép",
    "less_than_equal": "lớn quá mức cho phép",
    "date_from_datetime_parsing": "phải là ngày viết như 2026-11-24",
    "date_type": "phải là ngày viết như 2026-11-24",
}


def explain(path: Path, error: ValidationError) -> str:
    """Pydantic's findings as lines an official can mend a file by."""
    items = error.errors()
    lines = [f"  {_field(item['loc'])}: {mend(item)}" for item in items]
    return "\n".join([f"{path}: {len(items)} mục chưa đúng", *lines])


def _field(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc) or "(cả tệp)"


def mend(item: Any) -> str:
    """How to mend one of pydantic's findings."""
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    return _MENDS.get(item["type"]) or str(item["msg"])
