"""Hints on an official's own words, after "4 xin, 4 luôn" (PM-13). They advise and never block.

The words looked for are data (`tone.yaml`); the findings say what to mend, in Vietnamese.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from knowledge.yaml_file import read_yaml

Rule = Literal["greeting", "thanks", "capitals", "blame", "promise", "long", "number"]

OPENING = 80
"""A greeting is looked for in so many characters at the start."""
_DATE = re.compile(
    r"\d{1,2}/\d{1,2}|\bngày \d{1,2}\b|\b\d{1,2}h(?:\d{2})?\b|\b\d{1,2} giờ\b"
    r"|\bhôm nay\b|\bsáng mai\b|\bchiều mai\b|\bngày mai\b|\bthứ (?:hai|ba|tư|năm|sáu|bảy)\b",
    re.I,
)
_NUMBER = re.compile(r"(?<![\w-])\+?\d(?:[ .]?\d){8,11}(?![\w-])")
"""Nine to twelve digits: telephone, old and new identity numbers; dossier and case codes have hyphens."""
_WORD = re.compile(r"[^\W\d_]+")


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    hint: str
    words: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    characters: int = 0
    lines: int = 0


class _ToneFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    greeting: _Words
    thanks: _Words
    capitals: _Words
    blame: _Words
    promise: _Words
    long: _Words
    number: _Words


@dataclass(frozen=True)
class Finding:
    """One thing to look at again. `words`: the place in the text, '' when something is missing."""

    rule: Rule
    hint: str
    words: str = ""


@cache
def _data() -> _ToneFile:
    return _ToneFile.model_validate(read_yaml(Path(__file__).with_name("tone.yaml")))


def look_over(text: str, own_numbers: Collection[str] = ()) -> list[Finding]:
    """What an official may want to mend before sending; nothing for an empty text.

    `own_numbers`: telephone numbers of the ward, which may be told.
    """
    clean = unicodedata.normalize("NFC", text).strip()
    if not clean:
        return []
    ours = {_digits(number) for number in own_numbers}
    numbers = [found[0] for found in _NUMBER.finditer(clean) if _digits(found[0]) not in ours]
    found = [found for check in _CHECKS for found in check(clean)]
    return found + [Finding("number", _data().number.hint, number) for number in numbers]


def _greeting(text: str) -> Iterable[Finding]:
    rule = _data().greeting
    if not _first(rule.words, text[:OPENING]):
        yield Finding("greeting", rule.hint)


def _thanks(text: str) -> Iterable[Finding]:
    rule = _data().thanks
    if not _first(rule.words, text):
        yield Finding("thanks", rule.hint)


def _capitals(text: str) -> Iterable[Finding]:
    """Two shouted words in a row; names of offices and papers are written so by everybody."""
    rule = _data().capitals
    run: list[str] = []
    for word in [*_WORD.findall(text), ""]:
        if len(word) > 1 and word.isupper() and word not in rule.allowed:
            run.append(word)
            continue
        if len(run) > 1:
            yield Finding("capitals", rule.hint, " ".join(run))
        run = []


def _blame(text: str) -> Iterable[Finding]:
    rule = _data().blame
    if words := _first(rule.words, text):
        yield Finding("blame", rule.hint, words)


def _promise(text: str) -> Iterable[Finding]:
    """A promise counts as dated when its own line names a day or an hour."""
    rule = _data().promise
    for line in text.splitlines():
        if (words := _first(rule.words, line)) and not _DATE.search(line):
            yield Finding("promise", rule.hint, words)


def _long(text: str) -> Iterable[Finding]:
    rule, lines = _data().long, text.splitlines()
    longest = max(lines, key=len)
    if len(longest) > rule.characters or len(lines) > rule.lines:
        yield Finding("long", rule.hint, longest[:60])


_CHECKS: tuple[Callable[[str], Iterable[Finding]], ...] = (
    _greeting, _thanks, _capitals, _blame, _promise, _long,
)  # fmt: skip


def _first(words: tuple[str, ...], text: str) -> str:
    found = _pattern(words).search(text)
    return found[0] if found else ""


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.I)


def _digits(number: str) -> str:
    bare = re.sub(r"\D", "", number)
    return f"0{bare[2:]}" if bare.startswith("84") and len(bare) > 10 else bare
