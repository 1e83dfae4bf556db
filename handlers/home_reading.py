"""What words mean for service at home: who cannot come, what is to be done there, and when."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal

from handlers.reading import said
from handlers.reception import read_phone
from ward.calendar import local
from ward.home.model import Half, Slot

HomeKind = Literal["home_certify", "home_timed"]

_BOUND = (
    r"\b(khong|ko|het|chang) (the )?(di|toi|den|ra|len) (noi|duoc|lai|phuong|uy ban)\b"
    r"|\bdi lai (khong|ko) (duoc|noi)\b|\bdi lai kho\b|\bnam mot cho\b|\bliet giuong\b"
    r"|\b(di|ra|len) (khong|ko|het) noi\b"
)
_HOMEBOUND = re.compile(_BOUND)
_CANNOT_COME = re.compile(_BOUND + r"|\bgia yeu\b|\byeu qua\b")
_OF_FAMILY = re.compile(r"\b(ma|me|ba|cha|tia|ong|bac|chong)\b")
_AT_HOME = re.compile(r"\b(tai|toi|den|o|ve|qua|tan)\snha\b")
_SIGN = re.compile(
    r"\b(chung thuc|chung) chu ky\b|\b(ky|lam|viet|chung|chung thuc) (cai |to )?(giay |don )?uy quyen\b"
    r"|\bgiay uy quyen\b|\bdiem chi\b|\blan tay\b|\bky giay\b"
)
_TIMED = re.compile(
    r"\bhen gio (tai|o|toi|den)\snha\b|\bphuc vu (tai|tan)\snha\b"
    r"|\blam (giay to|thu tuc|ho so)\b.*\b(tai|o)\snha\b"
    r"|\b(can bo|phuong)\b.*\b(toi|den|qua|ve|xuong)\snha\b|\b(nhan|lay) ho so (tai|o|tan)\snha\b"
    r"|\b(tra|giao) ket qua (tai|toi|den|tan)\snha\b"
)
_NOT_A_WISH = re.compile(r"\b(le phi|bao nhieu tien|mat bao lau|cong an|can cuoc|vneid)\b")
_DAY = re.compile(r"\b(\d{1,2})\s*[/-]\s*(\d{1,2})(?:\s*[/-]\s*(\d{4}))?\b")
_HOUR = re.compile(r"\b(\d{1,2})\s*(?:h|g|gio|:)\s*(\d{2})?\b")
_WEEKDAY = re.compile(r"\bthu (hai|ba|tu|nam|sau|bay|2|3|4|5|6|7)\b")
_WEEKDAYS = {
    "hai": 0,
    "2": 0,
    "ba": 1,
    "3": 1,
    "tu": 2,
    "4": 2,
    "nam": 3,
    "5": 3,
    "sau": 4,
    "6": 4,
    "bay": 5,
    "7": 5,
}
_PARTICLE = re.compile(r"\bnha\b(?=.*[^\x00-\x7f])|[^\x00-\x7f].*\bnha\b", re.IGNORECASE | re.DOTALL)
""" "nha" without its accent, in words that have accents: the particle, not the house."""
SHORTEST_ADDRESS = 6


def home_asked(text: str) -> HomeKind | None:
    """Whether somebody wants an official at their home, and for what."""
    plain = said(text).plain
    if _PARTICLE.search(text):
        return None
    if _NOT_A_WISH.search(plain):
        return None
    at_home = _AT_HOME.search(plain) is not None
    if _SIGN.search(plain):
        return "home_certify" if at_home or _CANNOT_COME.search(plain) else None
    return "home_timed" if _TIMED.search(plain) else None


def homebound(text: str) -> bool:
    """Somebody of the family who cannot leave the house, whatever it is about."""
    plain = said(text).plain
    about_them = _HOMEBOUND.search(plain) and _OF_FAMILY.search(plain)
    return bool(about_them) and _NOT_A_WISH.search(plain) is None


def time_said(text: str, now: datetime) -> tuple[Slot, str | None] | None:
    """The half day in "chiều 09/12, 14h" or "sáng thứ Tư", with the hour when one is said."""
    plain = said(text).plain
    day = _day_said(text, plain, local(now).date())
    hour = _HOUR.search(plain)
    clock = (int(hour[1]), int(hour[2] or 0)) if hour else None
    if clock and "chieu" in plain and clock[0] < 7:
        clock = (clock[0] + 12, clock[1])
    half: Half | None = "am" if "sang" in plain.split() else "pm" if "chieu" in plain.split() else None
    if half is None and clock:
        half = "am" if clock[0] < 12 else "pm"
    if day is None or half is None or (clock and (clock[0] > 23 or clock[1] > 59)):
        return None
    told = None if clock is None else f"{clock[0]}h{clock[1]:02d}" if clock[1] else f"{clock[0]}h"
    return Slot(day, half), told


def _day_said(text: str, plain: str, today: date) -> date | None:
    if found := _DAY.search(text):
        try:
            day = date(int(found[3] or today.year), int(found[2]), int(found[1]))
        except ValueError:
            return None
        return day if found[3] or day >= today else day.replace(year=today.year + 1)
    if found := _WEEKDAY.search(plain):
        ahead = (_WEEKDAYS[found[1]] - today.weekday()) % 7 or 7
        return today + timedelta(days=ahead + 7 * ("tuan sau" in plain and ahead + today.weekday() < 7))
    if "mai" in plain.split():
        return today + timedelta(days=1)
    return None


def read_address(text: str) -> tuple[str | None, str | None]:
    """Address and phone number in one answer."""
    phone, rest = read_phone(text)
    address = " ".join(rest.split()).strip(" ,.:;-")
    enough = len(address) >= SHORTEST_ADDRESS and any(sign.isalpha() for sign in address)
    return (address[:200] if enough else None), phone
