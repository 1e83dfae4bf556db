"""What is asked of the ward's special days: is there still time, what is done at once, who is on duty."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import cache
from typing import Literal

from bot.replies import Turn
from handlers.reading import reading, said
from handlers.services import Services, today
from knowledge.patterns import PatternSet
from knowledge.text import normalize

Kind = Literal["in_time", "at_once", "named", "duty", "programmes", "running"]

_DAY = (
    "(giờ này|bây giờ|chiều nay|hôm nay|bữa nay|sáng nay|trưa nay|ngày mai|sáng mai|chiều mai|mai"
    "|thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy|chủ nhật|thứ NN|giờ)"
)
_WEEKDAY = "(thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy|thứ NN)"
_NAME = "không (chờ|hẹn)"
PATTERNS: dict[Kind, tuple[str, ...]] = {
    "duty": (
        f"{_DAY} ** (ai|cán bộ nào|lãnh đạo nào|người nào) * (trực|ký)",
        f"(ai|cán bộ nào|lãnh đạo nào|người nào) * (trực|ký) ** {_DAY}",
    ),
    "programmes": (
        "^* (mô hình|chương trình) (gì|nào) (đang|) (làm|chạy|có|thực hiện|hoạt động|) (không|vậy|ạ|)$",
    ),
    "running": (
        "(mô hình|chương trình|kế hoạch) ** ** (còn|đang) (làm|chạy|có|hoạt động|thực hiện|) (không|chưa)",
    ),
    "named": (
        f"^(các|mấy|về|hỏi|) ngày {_NAME}",
        f"{_WEEKDAY} (này|) {_NAME}",
        f"(danh mục|danh sách|diện|chương trình|mô hình) * {_NAME}",
        f"có * {_NAME} không$",
        f"{_NAME} không$",
        "kết hôn hai không",
    ),
    "at_once": (
        f"{_DAY} ** (lấy|làm|trả|xong|được) liền",
        f"{_DAY} ** (gì|nào) ** trong ngày",
        "làm (được|) gì (được|) (lấy|) liền",
    ),
    "in_time": (
        f"{_DAY} ** kịp (không|chứ|)$",
        "^(giờ này|giờ|) (thì|) còn kịp (không|) (ạ|em|vậy|nữa|)$",
    ),
}
"""The first kind that is found is what is meant."""
WORDS_OF_A_TIME = 9
"""A message that only tells a time ("15h40 mới tới được") is no longer."""
_WEEKDAYS = {"hai": 0, "2": 0, "ba": 1, "3": 1, "tu": 2, "4": 2, "nam": 3, "5": 3, "sau": 4, "6": 4,
             "bay": 5, "7": 5}  # fmt: skip
_COUNTED = re.compile(r"\b(?:con|dua|be|chau|lan|vo|chong|nguoi|ban) thu (?:hai|ba|tu|nam)\b")
"""A second child is no Monday."""
_NAMED_DAY = re.compile(r"\b(?:thu|t) ?(hai|ba|tu|nam|sau|bay|[2-7])\b")
_TOMORROW = re.compile(r"\b(?:ngay|sang|chieu|trua) mai\b|\bmai (?!tang)")
_NOW = re.compile(r"\b(?:gio nay|bay gio|(?:hom|bua|sang|trua|chieu) nay)\b|^gio\b")
_COMES = re.compile(r"\b(?:toi|di|ra|len|qua) (?:thi )?(?:co )?(?:duoc|kip)\b")
_CLOCK = re.compile(r"\b(\d{1,2}) ?(?:h|g|gio|:) ?(\d{1,2}|ruoi)?\b(?: (sang|trua|chieu))?")
_OFFICE_MORNING = 7
"""An hour below is meant in the afternoon ("3h" at an office is 15:00)."""
_ASIDE_WORDS = (
    "gio nay", "bay gio", "gio", "(?:chieu|sang|trua|hom|bua) (?:nay|mai)", "ngay mai", "chay ra", "chay len",
    "di", "ra", "len", "con kip", "kip", "ngay", "co", "(?:la )?khong (?:cho|hen)", "khong", "duoc", "lien",
    "trong ngay", r"thu (?:hai|ba|tu|nam|sau|bay|\d)", "chu nhat", "nay", "thi", "con", "ma", "gi", "nao",
    "danh muc", "danh sach", "trong", "a", "em", "oi", "thu tuc nay", "viec nay", "lay", "vay", "nua", "lam",
)  # fmt: skip
_ASIDE = re.compile(rf"\b(?:{'|'.join(_ASIDE_WORDS)})\b")


@dataclass(frozen=True)
class Asked:
    """`day` and `clock`: as named in the message. `matter`: its words without those about days and times."""

    kind: Kind
    day: date | None
    clock: time | None
    matter: str


def asked_of(turn: Turn) -> Asked | None:
    """What the message asks of special days, or None: most messages do not."""
    words = said(turn.text)
    if _COUNTED.search(words.plain):
        return None
    found = {hit.name for hit in _patterns().find(words)}
    kind = next((kind for kind in PATTERNS if kind in found), None)
    if kind is None:
        return None
    return Asked(kind, day_in(words.plain, today(turn)), clock_in(words.plain), _matter(turn.text))


def time_told(turn: Turn) -> Asked | None:
    """A message that says when somebody can come, and nothing else."""
    words = said(turn.text)
    clock, day = clock_in(words.plain), day_in(words.plain, today(turn))
    told = clock is not None or (day is not None and _COMES.search(words.plain))
    if not told or len(words.plain_tokens) > WORDS_OF_A_TIME:
        return None
    return Asked("in_time", day, clock, "")


def day_in(plain: str, now: date) -> date | None:
    """The day a message names, from today on."""
    if found := _NAMED_DAY.search(plain):
        ahead = (_WEEKDAYS[found[1]] - now.weekday()) % 7
        ahead += 7 if re.search(r"\btuan (?:sau|toi)\b", plain) and now.weekday() + ahead < 7 else 0
        return now + timedelta(days=ahead)
    if " chu nhat " in f" {plain} ":
        return now + timedelta(days=6 - now.weekday())
    if _TOMORROW.search(plain):
        return now + timedelta(days=1)
    return now if _NOW.search(plain) else None


def clock_in(plain: str) -> time | None:
    """The hour a message names: 15h40, 3 giờ rưỡi chiều."""
    found = _CLOCK.search(plain)
    if found is None:
        return None
    hour = int(found[1])
    minute = 30 if found[2] == "ruoi" else int(found[2] or 0)
    if hour < _OFFICE_MORNING or (found[3] == "chieu" and hour < 12):
        hour += 12 if found[3] != "sang" else 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def meant(asked: Asked, turn: Turn, services: Services) -> tuple[str, ...]:
    """Keys of the procedures the message speaks of: one when it is clear, several when it is not."""
    if not asked.matter:
        return ()
    understood = reading(replace(turn, text=asked.matter), services)
    if understood.key is not None and understood.outcome in ("answer", "followup"):
        return (understood.key,)
    return tuple(choice.key for choice in understood.choices)


def _matter(text: str) -> str:
    words = normalize(text)
    plain, keep = " ".join(words.plain_tokens), [True] * len(words.plain_tokens)
    for pattern in (_ASIDE, _CLOCK):
        for found in pattern.finditer(plain):
            first = plain.count(" ", 0, found.start())
            for place in range(first, first + len(found[0].split())):
                keep[place] = False
    return " ".join(token for token, kept in zip(words.tokens, keep, strict=True) if kept)


@cache
def _patterns() -> PatternSet:
    patterns = PatternSet()
    for kind, written in PATTERNS.items():
        patterns.add(kind, written)
    return patterns
