"""Does a text hold something of one person: a name, a number, an address?"""

from __future__ import annotations

import re

from knowledge.text import normalize

NUMBERED = re.compile(
    r"(?<!\d)(?:0\d{9}|\+?84\d{9}|0\d{2,3}[ .]\d{3}[ .]\d{3,4}|\d{12}|\d{9})(?!\d)|[\w.]+@[\w.]+\.\w+", re.I
)
"""Telephone and identity numbers, mail addresses."""
NAMED = re.compile(
    r"\b(?:Nguyễn|Trần|Lê|Phạm|Huỳnh|Hoàng|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Ngô)(?: [A-ZĐÀ-Ỵ][a-zà-ỹ]+){2,3}\b"
)
_UPPER = "A-Z" + "".join(filter(str.isupper, map(chr, range(0xC0, 0x1EFA))))
_TITLE = "(?:[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Cc]hú|[Bb]ác|tên|tên là)"
_NOBODY = r"(?:Việt|Tây|Hai|Ba|Tư|Năm|Sáu|Bảy|Tám|Chín|Mười|Út)\b"
"""Words that stand where a name could."""
_PUBLIC = r"\d\.\d{6}\b|\d{1,3}/20\d\d\b"
"""A national code, the number of a law or a form."""
_WRITTEN = (
    # six digits and more: telephone, identity, dossier, birthday
    re.compile(rf"(?<![\d.])(?!{_PUBLIC})\d(?:[ .\-/]?\d){{5,}}"),
    re.compile(r"\S+@\S+|https?://\S+|\bwww\.\S+", re.I),
    re.compile(r"\b\d{2}[ -]?[A-Z]{1,2}\d?[ .-]?\d{3}[ .]?\d{2}\b", re.I),  # number plates
    re.compile(rf"\b{_TITLE} (?!{_NOBODY})[{_UPPER}]\w+"),
    re.compile(r"\b\d+[A-Za-z]?/\d{1,3}[A-Za-z]? (?!\d)"),  # 12/3 đường …
)
_PLAIN = (
    re.compile(r"\b(?:nguyen|tran|le|pham|huynh|hoang|bui) (?:van|thi) \w+"),
    re.compile(r"\b(?:toi|em|minh|chau|tui) ten (?:la )?\w+"),
    re.compile(r"\b(?:so nha|hem|ngo|kiet|ngach|thua|thua dat|thua so|to ban do|khom|ap) \d+"),
)


def personal_in(text: str) -> str | None:
    """The first words that look personal. Rather one too many: what is kept may be read by many."""
    for pattern in (NUMBERED, NAMED, *_WRITTEN):
        if (hit := pattern.search(text)) is not None:
            return hit[0].strip()
    plain = normalize(text).plain
    return next((hit[0] for pattern in _PLAIN if (hit := pattern.search(plain))), None)


GONE = "…"


def without_personal(text: str) -> str:
    """The text with everything that looks personal left out, as far as patterns find it."""
    for pattern in (NUMBERED, NAMED, *_WRITTEN):
        text = pattern.sub(GONE, text)
    for pattern in _PLAIN:
        text = _without_plain(text, pattern)
    return text


def _without_plain(text: str, pattern: re.Pattern[str]) -> str:
    """Leave out words that match without their accents, wherever they stand."""
    words = re.split(r"(\s+)", text)
    places = [place for place, word in enumerate(words) if word.strip()]
    bare = [normalize(words[place]).plain or "-" for place in places]
    line = " ".join(bare)
    for hit in pattern.finditer(line):
        first, last = line.count(" ", 0, hit.start()), line.count(" ", 0, hit.end())
        offset = 0
        counted = [len(one.split()) for one in bare]
        for place, size in zip(places, counted, strict=True):
            if first <= offset + size - 1 and offset <= last:
                words[place] = GONE
            offset += size
    return re.sub(rf"{GONE}(?:\s*{GONE})+", GONE, "".join(words))
