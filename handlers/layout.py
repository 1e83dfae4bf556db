"""Fitting words to a phone: lines of at most 72 characters, messages of at most six lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

LINE = 72
LINES = 6
MESSAGES = 4
_PICTURES = re.compile("[\u2600-\u27bf\u23e9-\u23fa\U0001f300-\U0001faff]\ufe0f? ?")


def wrap(text: str, width: int = LINE) -> list[str]:
    """Lines of at most `width`; line breaks in the text are kept, a web address is never cut."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or []
    return lines


def pages(items: Iterable[str], first_page_lines: int = LINES) -> list[str]:
    """Items set into messages. An item is not torn apart unless it is longer than a message."""
    done: list[list[str]] = [[]]
    room = first_page_lines
    for item in items:
        lines = wrap(item)
        if done[-1] and len(lines) > room - len(done[-1]):
            done.append([])
            room = LINES
        for line in lines:
            if len(done[-1]) >= room:
                done.append([])
                room = LINES
            done[-1].append(line)
    return ["\n".join(page) for page in done if page]


def fits(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) <= LINES and all(len(line) <= LINE or _is_address(line) for line in lines)


def without_pictures(text: str) -> str:
    """For mourning: the same words, no small pictures."""
    return _PICTURES.sub("", text).strip()


def numbered(lines: Sequence[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def decapitalise(text: str) -> str:
    """The first letter small, unless the word is a name or an abbreviation (UBND, Công an)."""
    head = text.split(" ", 1)[0]
    if head.isupper() or text.startswith(("Công an", "Sở ", "Trung tâm", "Văn phòng", "Ủy ban", "VNeID")):
        return text
    return text[:1].lower() + text[1:]


def capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_address(line: str) -> bool:
    return line.startswith("https://") and " " not in line
