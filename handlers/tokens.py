"""What a pressed button sends. A citizen can type it too, so it is read strictly and trusted with nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIX = "#ward:"
FACETS = (
    "tong_quan", "ho_so", "thoi_han", "le_phi", "noi_nop", "dieu_kien",
    "trinh_tu", "bieu_mau", "ket_qua", "can_cu", "other",
)  # fmt: skip
PLAIN = (
    "menu", "back", "human", "yes", "other", "ask", "feedback", "hours", "called", "place", "resume",
    "khieu_nai", "to_cao", "thai_do", "tiep_dan", "hotlines", "bookings",
)  # fmt: skip
"""Names of tokens that carry nothing more."""
_ANSWER = re.compile(r"answer:([a-z0-9_]{2,80}):([a-z_]{2,20})(?::([1-9]))?")
_LINK = re.compile(r"link:([a-z0-9_]{2,80})")
_GUIDE = re.compile(r"guide:([a-z0-9_]{2,80})(?::([a-z0-9_]{1,80}):([1-4]))?")
_BUNDLE = re.compile(r"bundle:([a-z0-9_]{2,80})")
_RECEPTION = re.compile(r"reception:([0-9]{4}-[0-9]{2}-[0-9]{2})")
_NOT_COMING = re.compile(r"not_coming:(TD-[0-9]{4}-[0-9]{4,6}-[0-9])")
_CHOOSE = re.compile(r"choose:([1-9])")
_REPORT = re.compile(r"report:([a-z_]{2,20}):([0-9a-f]{8})(?::([0-9]{1,4}))?")
_CASE = re.compile(r"case:([a-z_]{2,20}):([A-Z]{2}-[0-9]{4}-[0-9]{4,6}-[0-9])(?::([0-9a-f]{8}))?")
_DAY_LIST = re.compile(r"day_list:([a-z0-9_]{2,60})")
_VISIT = re.compile(r"visit:([a-z]{2,12})(?::([A-Za-z0-9_.-]{1,90}))?")
_HOME = re.compile(r"home:([a-z]{2,12})(?::([A-Za-z0-9_.-]{1,90}))?")
_FIRM = re.compile(r"firm:(guest|more|done|withdraw|leave|yes|no)(?::(LD-[0-9]{4}-[0-9]{4,6}-[0-9]))?")
_RESULT = re.compile(r"result:(zalo|sms|no|drop):([A-Za-z0-9_.-]{1,90})")
_FACILITY = re.compile(r"facility:([a-z_]{2,20})(?::([a-z0-9_]{1,80}))?")
_LATE = re.compile(r"late:(H[0-9]{2}(?:\.[0-9]{1,4}){1,3}-[0-9]{6}-[0-9]{3,6})")


@dataclass(frozen=True)
class Token:
    """A button's meaning. `number`: which choice, or from which message of a long answer on; `question`:
    of a guide, "" for its beginning. "report": what to do (`facet`) with which draft (`key`), as it was at a
    revision (`number`). "case": what to do (`facet`) with which code (`key`). "late": a dossier's code.
    "day_list": the procedures of which programme (`key`).
    "visit": what to do (`facet`) with which session, matter or code (`key`, its parts between dots).
    "home": the same of service at home. "firm": what a firm does (`facet`) with its place at a business
    coffee (`key`). "result": how to hear of which result, or which code to drop."""

    name: str
    key: str = ""
    facet: str = ""
    number: int = 0
    question: str = ""


def token(name: str, *parts: str | int) -> str:
    return PREFIX + ":".join([name, *map(str, parts)])


def read_token(text: str) -> Token | None:
    """The token of a pressed button, or None for anything else, however near it comes."""
    if not text.startswith(PREFIX):
        return None
    body = text[len(PREFIX) :]
    if body in PLAIN:
        return Token(body)
    if (found := _ANSWER.fullmatch(body)) and found[2] in FACETS:
        return Token("answer", found[1], found[2], int(found[3] or 0))
    if found := _LINK.fullmatch(body):
        return Token("link", found[1])
    if found := _GUIDE.fullmatch(body):
        return Token("guide", found[1], number=int(found[3] or 0), question=found[2] or "")
    if found := _BUNDLE.fullmatch(body):
        return Token("bundle", found[1])
    if found := _RECEPTION.fullmatch(body):
        return Token("reception", found[1])
    if found := _NOT_COMING.fullmatch(body):
        return Token("not_coming", found[1])
    if found := _CHOOSE.fullmatch(body):
        return Token("choose", number=int(found[1]))
    return _read_work(body)


def _read_work(body: str) -> Token | None:
    """Tokens of drafts and cases. They name, they prove nothing: the desk asks whose it is."""
    if found := _REPORT.fullmatch(body):
        return Token("report", found[2], found[1], int(found[3] or 0))
    if found := _CASE.fullmatch(body):
        return Token("case", found[2], found[1], question=found[3] or "")
    if found := _VISIT.fullmatch(body):
        return Token("visit", found[2] or "", found[1])
    if found := _HOME.fullmatch(body):
        return Token("home", found[2] or "", found[1])
    if found := _FIRM.fullmatch(body):
        return Token("firm", found[2] or "", found[1])
    if found := _RESULT.fullmatch(body):
        return Token("result", found[2], found[1])
    if found := _LATE.fullmatch(body):
        return Token("late", found[1])
    if found := _DAY_LIST.fullmatch(body):
        return Token("day_list", found[1])
    if found := _FACILITY.fullmatch(body):
        return Token("facility", found[2] or "", found[1])
    return None
