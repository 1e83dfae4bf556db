"""Fitting words to a phone: messages of at most six lines of 72 characters.

The lines are counted, not broken: a line broken by us would look torn on a narrower screen.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from functools import lru_cache

LINE = 72
LINES = 6
MESSAGES = 4
TITLE = 20
_JOINING = ("với", "và", "của", "cho", "có", "–")
_NO_BREAK = "\u00a0"
_GLUED = re.compile(r"☎ [\d ]*\d|\d+ (?:bản|ngày|giờ|tháng|năm|đồng)\b|^\S{1,2} \S+")
"""Not to be torn apart: telephone numbers, a number and what it counts, a bullet and its first word."""
_PICTURES = re.compile("[\u2600-\u27bf\u23e9-\u23fa\U0001f300-\U0001faff]\ufe0f? ?")


def wrap(text: str, width: int = LINE) -> list[str]:
    """Lines of at most `width`; line breaks in the text are kept, a web address is never cut."""
    return [line for paragraph in text.split("\n") for line in _wrap(paragraph, width)]


@lru_cache(maxsize=4096)
def _wrap(paragraph: str, width: int) -> tuple[str, ...]:
    """As few lines as possible, of about the same length, so that no single word is left over."""
    glued = _GLUED.sub(lambda found: found[0].replace(" ", _NO_BREAK), paragraph)
    lines = _cut(glued, width)
    if len(lines) > 1:
        even = max(len(glued) // len(lines), width // 2)
        lines = next(cut for size in range(even, width + 1) if len(cut := _cut(glued, size)) == len(lines))
    return tuple(line.replace(_NO_BREAK, " ") for line in lines)


def _cut(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def height(text: str) -> int:
    """Lines the text takes. Paragraphs are not broken by us: each phone breaks them at its own width."""
    return sum(1 if _is_address(line) else max(1, len(wrap(line))) for line in text.split("\n"))


def pages(items: Iterable[str], first_page_lines: int = LINES) -> list[str]:
    """Items set into messages. An item is not torn apart unless it is longer than a message."""
    done: list[list[str]] = [[]]
    room = first_page_lines
    for item in items:
        for piece in _pieces(item):
            if done[-1] and height(piece) > room - sum(map(height, done[-1])):
                done.append([])
                room = LINES
            done[-1].append(piece)
    return ["\n".join(page) for page in done if page]


def _pieces(item: str) -> list[str]:
    """The item whole, or, when no message can hold it, cut between lines of its own or at words."""
    if height(item) <= LINES - 1:
        return [item] if item.strip() else []
    if "\n" in item:
        return [piece for line in item.split("\n") for piece in _pieces(line)]
    lines = wrap(item)
    return [" ".join(lines[start : start + LINES - 1]) for start in range(0, len(lines), LINES - 1)]


def split(text: str) -> list[str]:
    """The text as one message, or as several when it is too long for one."""
    return [text] if fits(text) else pages(text.split("\n"))


def fits(text: str) -> bool:
    return height(text) <= LINES


def short_title(name: str) -> str:
    """The name on a button, cut between words: "Già yếu", "Người có công"."""
    words = name.split(",")[0].split()
    while words and (len(" ".join(words)) > TITLE or words[-1] in _JOINING):
        words = words[:-1]
    return " ".join(words) or name[:TITLE]


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


def after_opening(text: str) -> str:
    """The same words without a second "Dạ", for text that follows another opening."""
    for start in ("Dạ, ", "Dạ "):
        if text.startswith(start):
            return capitalise(text[len(start) :])
    return text


def capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_address(line: str) -> bool:
    return line.startswith("https://") and " " not in line
