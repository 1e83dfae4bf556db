"""Text from outside, made fit for both databases, for Zalo and for counting."""

from __future__ import annotations

import re
import unicodedata

_UNSTORABLE = re.compile("\x00|[\ud800-\udfff]")  # PostgreSQL takes no NUL, UTF-8 no lone surrogate


def storable(text: str) -> str:
    return _UNSTORABLE.sub("", text)


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
