"""Shapes and words of sessions and sign-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

VisitKind = Literal["mobile", "land", "ceremony", "coffee", "same_day"]
"""same_day: a place on a day of a "không hẹn" programme that takes bookings ("kết hôn hai không")."""
AT_THE_WARD: Final[tuple[VisitKind, ...]] = ("ceremony", "same_day", "coffee")
"""Sessions the ward holds at its own place: for no khóm, and with no office to go to instead."""
VisitState = Literal["planned", "held", "cancelled"]
SignupState = Literal["booked", "waiting", "at_office", "cancelled", "came", "absent"]
Answer = Literal["coming", "busy", "move"]

CODE_PREFIX: Final = "LD"
VISIT_STATES: Final[dict[VisitState, str]] = {
    "planned": "Sắp tới",
    "held": "Đã tổ chức",
    "cancelled": "Đã hủy",
}
SIGNUP_STATES: Final[dict[SignupState, str]] = {
    "booked": "Đã ghi tên",
    "waiting": "Danh sách chờ",
    "at_office": "Chuyển làm tại phường",
    "cancelled": "Đã hủy",
    "came": "Đã tới",
    "absent": "Không tới",
}
ANSWERS: Final[dict[Answer, str]] = {"coming": "Sẽ tới", "busy": "Bận", "move": "Xin dời"}
AT_OFFICE: Final = "visit_at_office"
"""A task for staff: somebody comes to the office instead, and is to be served first. ref: the code."""
IN_DAY, NOT_IN_DAY = "in_day", "not_in_day"
"""In `checked` of a same_day sign-up: whether the result was given the same day."""
SPECIAL: Final = "special"
"""In `checked`: the person said that a case applies to them for which more is needed, or more time."""
OPEN_STATES: Final = ("booked", "waiting")


class BookingRefused(ValueError):
    """What cannot be done, in words an official or a citizen can act on (Vietnamese)."""


class StaleVisit(BookingRefused):
    """Somebody else changed it meanwhile."""

    def __init__(self) -> None:
        super().__init__("Người khác vừa sửa buổi này. Mở lại trang rồi làm lại giùm.")


@dataclass(frozen=True)
class Visit:
    """One session, as the list and the chat show it."""

    id: int
    programme: str
    kind: VisitKind
    khom: str | None
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    slot_minutes: int
    per_slot: int
    state: VisitState
    version: int
    moved_from: datetime | None = None
    reason: str | None = None
    returns_on: date | None = None
    """When what was made is brought back (two trips)."""

    @property
    def left(self) -> int:
        return max(0, self.capacity - self.taken)


@dataclass(frozen=True)
class NewSignup:
    """What a person asks for. `who` is sealed (name and phone), None when they rather just come."""

    person_id: str | None
    topic: str
    for_other: bool = False
    who: bytes | None = None
    guests: int | None = None
    photo_consent: bool | None = None
    special: bool = False
    """A case of the entry applies for which more is needed, or more time."""


@dataclass(frozen=True)
class Signup:
    """A place in a session: number and time slot, or a waiting number."""

    id: int
    visit_id: int
    code: str
    state: SignupState
    number: int
    slot_at: datetime | None
    topic: str
    version: int
    person_id: str | None = None
    kind: str = ""
    for_other: bool = False
    answer: str | None = None
    result: str | None = None
    who: bytes | None = None
    """Name and telephone, sealed."""
    guests: int | None = None
    photo_consent: bool | None = None
    checked: list[str] | None = None
    """What was handed over, or how a same-day matter ended."""
    already: bool = False
    """The person had this one before: nothing new was made."""
