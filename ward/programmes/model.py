"""What a programme is: `programmes/<key>.toml`. Outside its dates it is not offered, and said to be over."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ward.profile import WEEKDAYS, SessionText, Strict, Weekday

Kind = Literal[
    "same_day", "mobile", "land", "home_certify", "home_timed", "ceremony", "coffee", "channel", "campaign"
]
"""same_day: results without waiting on certain days · mobile: civil registration at the khóm · land: advice
on house and land · home_certify: signatures certified at home · home_timed: service at home at the asked
time · ceremony: marriage papers handed over · coffee: meeting firms · channel: a way to reach the ward ·
campaign: conduct, letters, publicity."""

Rhythm = Literal["weekly", "monthly", "quarterly", "half_year", "yearly", "once"]
MORE_THAN_A_CLOCK = "giờ viết như 15:30"


def _clock(value: object) -> object:
    if isinstance(value, str):
        try:
            return time.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"{MORE_THAN_A_CLOCK}, không phải {value!r}") from error
    return value


Clock = Annotated[time, BeforeValidator(_clock)]


class SameDay(Strict):
    """The promise of a "không chờ", "không hẹn" day."""

    cut_off: Clock | None = Field(None, description="null: the ward set no hour, so none is promised")
    later_by: Clock | None = Field(
        None, description="received after the cut-off: by this hour next working day"
    )

    @model_validator(mode="after")
    def _together(self) -> SameDay:
        if self.later_by is not None and self.cut_off is None:
            raise ValueError("later_by cần có cut_off")
        return self


class Sessions(Strict):
    """How sessions at the khóm, ceremonies and meetings are set up."""

    slot_minutes: int = Field(30, ge=5, le=240)
    per_slot: int = Field(3, ge=1, le=100)
    capacity: int = Field(30, ge=1, le=2000)
    trips: int = Field(1, ge=1, le=2, description="2: papers are collected, then brought back")
    return_within_days: int | None = Field(None, ge=1, le=30, description="working days, for the second trip")
    team: tuple[str, ...] = Field((), description="who usually goes; a plan may name others")
    kit: tuple[str, ...] = ()
    guests: int | None = Field(None, ge=0, le=50, description="most guests of one sign-up; null: not asked")
    seats: int | None = Field(None, ge=1, le=2000, description="people the place holds; null: not known")
    hands_over: tuple[str, ...] = Field((), description="ticked for each couple when it is handed over")


class Topic(Strict):
    """Something people come for: what it is called, and the procedures whose checklists they get."""

    key: str = Field(pattern=r"^[a-z0-9_]+$", max_length=60)
    name: str = Field(min_length=2, max_length=80)
    procedures: tuple[str, ...] = ()
    together_with: tuple[str, ...] = Field((), description="procedures done in the same go (3 in 1)")


class Group(Strict):
    """People a programme is for, as they say it of themselves."""

    key: str = Field(pattern=r"^[a-z0-9_]+$", max_length=20)
    name: str = Field(min_length=2, max_length=80)


class Report(Strict):
    rhythm: Rhythm
    to: str = Field(min_length=2)
    on: date | None = Field(None, description="for a fixed day")


class Programme(Strict):
    """Everything about one programme; null is unknown or not set, and is not said."""

    key: str = Field(pattern=r"^[a-z0-9_]+$", max_length=60)
    name: str = Field(min_length=3, max_length=120)
    seed: tuple[str, ...] = Field(min_length=1, description="rows of the plans it comes from, e.g. TH-1")
    kind: Kind
    about: str = Field(min_length=10, max_length=400, description="what citizens hear, in plain words")
    legal_basis: tuple[str, ...] = Field(min_length=1)
    starts: date | None = Field(None, description="null: the plan names no day")
    ends: date | None = None
    sample: bool = Field(False, description="set up for trying out: not the ward's own decision")
    weekdays: tuple[Weekday, ...] = ()
    hours: tuple[SessionText, ...] = Field((), max_length=2, description="empty: the office hours of the day")
    place: str | None = None
    same_day: SameDay | None = None
    sessions: Sessions | None = None
    topics: tuple[Topic, ...] = ()
    groups: tuple[Group, ...] = ()
    procedures: tuple[str, ...] = Field((), description="keys of the library")
    declared_count: int | None = Field(None, ge=1, description="how many procedures the decision's list has")
    needs_list: bool = Field(False, description="the list is an annex: imported, never invented")
    in_charge: str | None = None
    monitored_by: str | None = None
    reports: tuple[Report, ...] = ()
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Programme:
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError("ends trước starts")
        if (self.kind == "same_day") != (self.same_day is not None):
            raise ValueError('mục [same_day] đi với kind = "same_day"')
        if self.kind in ("mobile", "land", "ceremony", "coffee") and self.sessions is None:
            raise ValueError("chương trình có buổi hẹn cần mục [sessions]")
        if self.needs_list and self.procedures:
            raise ValueError("needs_list: danh mục nạp từ tệp, không viết ở đây")
        if self.declared_count and self.procedures and len(self.procedures) != self.declared_count:
            raise ValueError(f"khai {self.declared_count} thủ tục mà ghi {len(self.procedures)}")
        return self

    def runs_on_weekday(self, day: date) -> bool:
        return not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays

    def in_force(self, day: date) -> bool:
        return (self.starts is None or self.starts <= day) and not self.has_ended(day)

    def has_ended(self, day: date) -> bool:
        return self.ends is not None and day > self.ends
