"""Shapes and words of requests for service at home."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final, Literal

from store.secrets import SecretBox, SecretsUnreadable

Service = Literal["certify", "guide", "receive", "return"]
Half = Literal["am", "pm"]
HomeState = Literal["asked", "proposed", "confirmed", "declined", "cancelled", "done", "not_done"]

CODE_PREFIX: Final = "TN"
SERVICES: Final[dict[Service, str]] = {
    "certify": "Chứng thực chữ ký",
    "guide": "Chỉ cách khai",
    "receive": "Nhận hồ sơ",
    "return": "Trả kết quả",
}
HALVES: Final[dict[Half, str]] = {"am": "sáng", "pm": "chiều"}
STATES: Final[dict[HomeState, str]] = {
    "asked": "Chờ xác nhận",
    "proposed": "Đã đề nghị giờ khác",
    "confirmed": "Đã xác nhận",
    "declined": "Không nhận",
    "cancelled": "Người dân hủy",
    "done": "Đã làm",
    "not_done": "Không thực hiện",
}
OPEN_STATES: Final = ("asked", "proposed", "confirmed")
"""These hold a place in their half day."""
SHORTEST_REASON = 5


class HomeRefused(ValueError):
    """What cannot be done, in words an official or a citizen can act on (Vietnamese)."""


class HalfDayFull(HomeRefused):
    def __init__(self) -> None:
        super().__init__("Buổi đó đã đủ lượt. Chọn buổi khác giùm.")


class StaleRequest(HomeRefused):
    """Somebody else changed it meanwhile."""

    def __init__(self) -> None:
        super().__init__("Phiếu này vừa được người khác sửa. Mở lại trang rồi làm lại giùm.")


@dataclass(frozen=True)
class Slot:
    """A half day."""

    day: date
    half: Half


@dataclass(frozen=True)
class Where:
    """Who is visited and where; sealed as one. `place`: where it was in fact done."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    place: str | None = None


@dataclass(frozen=True)
class NewRequest:
    """`asked_for`: an hour the person wished, as "9h". `who` is sealed."""

    programme: str
    service: Service
    slot: Slot
    person_id: str | None
    who: bytes | None
    person_group: str | None = None
    procedure_key: str | None = None
    asked_for: str | None = None
    khom: str | None = None


@dataclass(frozen=True)
class Request:
    """One request as lists and the chat show it; who and where only in `where_of`."""

    id: int
    code: str
    programme: str
    person_id: str | None
    service: Service
    person_group: str | None
    procedure_key: str | None
    day: date
    half: Half
    asked_for: str | None
    khom: str | None
    state: HomeState
    version: int
    visited_at: datetime | None
    result: str | None
    created_at: datetime
    already: bool = False
    """The person had this one before: nothing new was made."""

    @property
    def slot(self) -> Slot:
        return Slot(self.day, self.half)


def seal(box: SecretBox, where: Where) -> bytes:
    kept = {key: value for key, value in asdict(where).items() if value}
    return box.seal_text(json.dumps(kept, ensure_ascii=False))


def unseal(box: SecretBox, sealed: bytes | None) -> Where:
    """Empty when it was forgotten, or cannot be read with the present key."""
    if sealed is None:
        return Where()
    try:
        kept = json.loads(box.open_text(sealed))
    except (SecretsUnreadable, ValueError):
        return Where()
    return Where(*(kept.get(name) for name in Where.__dataclass_fields__))
