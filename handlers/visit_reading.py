"""What words mean for sessions and places in them: asking when one comes, and answers to reminders."""

from __future__ import annotations

import re

from handlers.reading import said
from ward.visits.model import VisitKind

_WHO = r"(?:da |thoi )?(?:anh|chi|em|co|chu|bac|di|ba|ong|minh|toi|tui|con|chau)?\s*(?:se |xin |cho )?"
_ACTIONS: tuple[tuple[str, str], ...] = (
    ("coming", r"(?:den|toi|den duoc|toi duoc|di duoc|di|ghe|ghe duoc|den nha|toi nha|di duoc nha)"),
    ("ready", r"(?:du|du roi|du giay|du giay to|co du|co du roi)"),
    ("papers", r"(?:thieu|con thieu|chua du|thieu giay|thieu giay to)"),
    ("busy", r"(?:ban|ban roi|ban viec|bi ban|khong (?:den|toi|di|ghe) duoc|ko (?:den|toi|di|ghe) duoc)"),
    ("move", r"(?:doi|doi lich|doi hen|doi ngay|doi buoi|doi buoi khac|xin doi|buoi khac|hen lai)"),
    ("office", r"(?:lam gap tai phuong|lam tai phuong|len phuong lam|ra phuong lam)"),
    ("drop", r"(?:huy hen|huy ghi ten|huy lich|huy lich hen|bo hen|huy luot|bo ghi ten)"),
)
_ANSWERS = tuple(
    (name, re.compile(rf"{_WHO}{words}(?: (?:nha|a|nhe|em|roi|nghe))*")) for name, words in _ACTIONS
)
_OF_CODE = {"huy": "drop", "bo": "drop", "ban": "busy", "doi": "move", "den": "coming", "toi": "coming"}

_WHEN = re.compile(
    r"\b(bua|ngay|khi|luc|hom|tuan|thu|dot|buoi) (nao|may)\b|\b(chung|bao|may) (nao|gio)\b|\bbao lau nua\b"
    r"|\b(lich|dot toi|dot sau|sap toi|ghi ten|dang ky (cho|buoi|lich|truoc)|dat (lich|hen|cho)|giu cho)\b"
)
_KHOM = r"(khom|ap|khu pho|to dan pho|k\d{1,2}\b|nha van hoa)"
_MOBILE = re.compile(
    rf"\bluu dong\b|\b(ve|xuong|qua|vo|den|toi|ra) ({_KHOM})|\b3 trong 1\b|\bba trong mot\b"
    rf"|\b(phuong|can bo|doan) (co )?(ve|xuong) {_KHOM}"
)
_LAND = re.compile(r"\bto tu van\b|\btu van (thu tuc |ve )?(nha|dat|nha dat|dat dai)\b")
_CEREMONY = re.compile(r"\b(le|buoi le) (trao giay|ket hon|dang ky ket hon|trao (giay )?chung nhan)\b")
_NO_WAIT_WEDDING = re.compile(r"\bket hon (hai|2) khong\b")
_COFFEE = re.compile(
    r"\bca phe (voi )?(doanh nhan|doanh nghiep)\b"
    r"|\b(buoi|lich) (gap go|gap|doi thoai|tiep) (voi )?(doanh nghiep|doanh nhan|ho kinh doanh)\b"
)
_TO_JOIN = re.compile(r"\b(du le|tham du|di du|muon|xin|dang ky (du|tham du|ket hon hai)|hen)\b")
_IS_WHAT = re.compile(r"\b(la gi|de lam gi|la sao|nghia la)\b")
_TO_BOOK = re.compile(r"\b(muon|xin|dat|hen|giu cho|ghi ten|dang ky)\b")
_TO_KNOW = re.compile(r"\b(hoi|biet|la gi|the nao|ra sao|kip|lien)\b")
_PAPERS = re.compile(r"\b(giay to|giay gi|can gi|ho so gom|bao nhieu tien|le phi|phi)\b")
_OTHER = re.compile(
    r"\bcho (ba|ma|me|cha|tia|ong|ba noi|ong noi|ba ngoai|ong ngoai|vo|chong|con|em|anh|chi)\b"
    r"|\bcho (nguoi.nha|hang xom)\b"
    r"|\b(gium|dum|ho|thay) (ba|ma|me|cha|tia|ong|vo|chong|con|nguoi)\b"
)
_REST = re.compile(r"\b(tu toi|tu den|tu di|khong ghi|khoi ghi|khong can|khoi|khong)\b")


def action_said(text: str) -> str | None:
    """What a short answer to a reminder says: coming, ready, papers, busy, move, office, drop."""
    plain = said(text).plain
    return next((name for name, pattern in _ANSWERS if pattern.fullmatch(plain)), None)


def action_with_code(text: str) -> str | None:
    """The same beside a code: one word is enough."""
    tokens = said(text).plain_tokens
    return next((_OF_CODE[word] for word in tokens if word in _OF_CODE), None)


def kind_asked(text: str) -> VisitKind | None:
    """Which kind of session somebody asks the day of, or wants to sign up for."""
    plain = said(text).plain
    if _PAPERS.search(plain):
        return None
    if wedding := _wedding(plain):
        return wedding
    if asks_coffee(text):
        return "coffee"
    if not _WHEN.search(plain):
        return None
    if _LAND.search(plain):
        return "land"
    return "mobile" if _MOBILE.search(plain) else None


def _wedding(plain: str) -> VisitKind | None:
    if not (_TO_JOIN.search(plain) or _WHEN.search(plain)):
        return None
    if _NO_WAIT_WEDDING.search(plain):
        return "same_day"
    return "ceremony" if _CEREMONY.search(plain) else None


def asks_coffee(text: str) -> bool:
    """ "Khi nào có cà phê doanh nhân": a meeting of firms and the ward's leaders is spoken of by its name."""
    plain = said(text).plain
    return _COFFEE.search(plain) is not None and not _IS_WHAT.search(plain)


def asks_what_coffee_is(text: str) -> bool:
    plain = said(text).plain
    return _COFFEE.search(plain) is not None and _IS_WHAT.search(plain) is not None


def books_wedding(text: str) -> bool:
    """ "Muốn hẹn kết hôn hai không": a place is wanted, and nothing is asked about such days."""
    plain = said(text).plain
    if _TO_KNOW.search(plain) or not _TO_BOOK.search(plain):
        return False
    return kind_asked(text) == "same_day"


def for_other(text: str) -> bool:
    """Signing up on behalf of somebody of the family."""
    return _OTHER.search(said(text).plain) is not None


def rather_just_comes(text: str) -> bool:
    plain = said(text).plain
    return len(plain.split()) <= 5 and _REST.search(plain) is not None
