"""The portal's texts made fit to show: composed, without markup, hidden signs and bodies that are gone."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

from knowledge.words import lexicon

NOTHING = ("", "không có thông tin", "không", "không có", "null", "none")
LONGEST_BODY = 160
_SCRIPT = re.compile(r"<\s*(script|style|iframe)\b.*?(?:<\s*/\s*\1\s*>|\Z)", re.I | re.S)
_TAG = re.compile(r"<\s*/?\s*[a-z!][^<>]{0,2000}>", re.I)
_BETWEEN_BODIES = re.compile(r"\s*;\s*|,\s*(?=[A-ZĐÀ-Ỹ])")
_THREE_KINDS = re.compile(r"xã, phường,? (?:và )?(?:thị trấn|đặc khu)", re.I)
_OF_ONE_PROVINCE = re.compile(r"^(Sở .+?) (?:Thành phố|Tỉnh|TP\.?) [A-ZĐÀ-Ỹ].*$")


def text(written: str) -> str:
    """One line of plain words: NFC, no markup, no hidden or control signs."""
    bare = _without_markup(written)
    seen = "".join(_visible(char) for char in unicodedata.normalize("NFC", bare))
    return " ".join(seen.split())


def known(written: str) -> str | None:
    """The words, or None where the portal only says that it has none."""
    words = text(written)
    return None if words.casefold().rstrip(".") in NOTHING else words


def bodies(written: str) -> str | None:
    """The bodies that handle a procedure, without those abolished on 1/7/2025 and one province's own name."""
    words = _THREE_KINDS.sub("phường, xã", text(written))
    parts = [_OF_ONE_PROVINCE.sub(r"\1", part.strip(" .,")) for part in _BETWEEN_BODIES.split(words)]
    left = [part for part in dict.fromkeys(parts) if known(part) and not _gone().search(part)]
    while len(left) > 1 and len("; ".join(left)) > LONGEST_BODY:
        left.pop()
    told = "; ".join(left)
    return told if 0 < len(told) <= LONGEST_BODY else None


def _without_markup(written: str) -> str:
    """Twice, so that markup written with entities goes as well."""
    for _ in range(2):
        written = _TAG.sub(" ", _SCRIPT.sub(" ", html.unescape(written)))
    return written


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co", "Cn") else char


@cache
def _gone() -> re.Pattern[str]:
    return re.compile("|".join(lexicon("places")["gone"]), re.I)
