"""Phrase patterns over normalised text, written as people write them.

    nhà (đang|bị) cháy!     words; alternatives; `!`: where the message has accents, this word must too
    chó!! * cắn             `!!`: this word must be typed with its accent in any message
    (em|) ơi                `em` may be missing
    mất * sổ                `*`: up to three words between, `**`: up to eight
    ^menu$                  `^`, `$`: begin and end of the message
    NN                      a number

A word matches its accented form, any half-typed form of it (đăng, dăng, đang, dang), and in a message
without accents the bare form. "còn" never matches "con" written in an accented message.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import product

from knowledge.syllables import plain
from knowledge.text import Normalized

ACCENTED = 0.4
"""From this share of marked words on, a missing mark means something."""
_PART = re.compile(r"\*\*|\*|[()|^$]|[^\s()|^$*]+")
_BARE_SLOT = "_"


def script(said: Normalized) -> str:
    """The message as the patterns read it: `plain/accented ` for each word."""
    accented = said.diacritics >= ACCENTED
    words = zip(said.plain_tokens, said.tokens, strict=True)
    return "".join(f"{p}/{t if accented or p != t else _BARE_SLOT} " for p, t in words)


@lru_cache(maxsize=4096)
def half_typed(word: str) -> frozenset[str]:
    """The word with any of its marks missing, the word itself included."""
    choices: list[tuple[str, ...]] = []
    for char in unicodedata.normalize("NFD", word):
        if unicodedata.combining(char):
            choices.append((char, ""))
        else:
            choices.append(("đ", "d") if char == "đ" else (char,))
    return frozenset(unicodedata.normalize("NFC", "".join(parts)) for parts in product(*choices))


def _word(word: str) -> str:
    strict = len(word) - len(word.rstrip("!"))
    word = word.rstrip("!")
    bare = plain(word)
    forms = set(half_typed(word)) | {_BARE_SLOT}
    if strict:
        forms.discard(bare)
    if strict > 1:
        forms.discard(_BARE_SLOT)
    alternatives = "|".join(sorted(map(re.escape, forms or {word})))
    return rf"{re.escape(bare)}/(?:{alternatives}) "


_SIGNS = {
    "(": "(?:(?:", "|": ")|(?:", ")": "))", "^": r"\A", "$": r"\Z",
    "*": r"(?:\S+ ){0,3}?", "**": r"(?:\S+ ){0,8}?", "NN": r"\d\S*/\S+ ",
}  # fmt: skip


@dataclass(frozen=True)
class Pattern:
    """One phrase pattern, ready to search."""

    written: str
    needs: frozenset[str]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Made when a message first holds the words it needs: most patterns wait long for one."""
        body = [_SIGNS.get(part) or _word(part) for part in _PART.findall(self.written)]
        return re.compile(r"(?<!\S)" + "".join(body))

    def spans(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in self.regex.finditer(text)]


@lru_cache(maxsize=8192)
def compile_pattern(written: str) -> Pattern:
    return Pattern(written, _needed(_PART.findall(written)))


def _needed(parts: list[str]) -> frozenset[str]:
    """Bare words that any matching message must hold: those outside brackets."""
    needed, depth = set(), 0
    for part in parts:
        depth += (part == "(") - (part == ")")
        if depth == 0 and part not in _SIGNS:
            needed.add(plain(part.rstrip("!")))
    return frozenset(needed)


@dataclass
class PatternSet:
    """Many named patterns, of which few are tried on one message."""

    _by_word: dict[str, list[tuple[str, Pattern]]] = field(default_factory=dict)
    _always: list[tuple[str, Pattern]] = field(default_factory=list)

    def add(self, name: str, written: Iterable[str]) -> None:
        for one in written:
            pattern = compile_pattern(one)
            if pattern.needs:
                rarest = max(sorted(pattern.needs), key=len)
                self._by_word.setdefault(rarest, []).append((name, pattern))
            else:
                self._always.append((name, pattern))

    def find(self, said: Normalized, text: str | None = None) -> list[Found]:
        """Every hit, in the order of the lists."""
        text = script(said) if text is None else text
        words = set(said.plain_tokens)
        tried = [*self._always, *(item for word in sorted(words) for item in self._by_word.get(word, ()))]
        return [
            Found(name, pattern.written, start, end)
            for name, pattern in tried
            if pattern.needs <= words
            for start, end in pattern.spans(text)
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: whose pattern, as written, and where in the script of the message."""

    name: str
    written: str
    start: int
    end: int


def without(text: str, found: Iterable[Found]) -> list[str]:
    """The bare words of a script that lie outside the hits."""
    covered = bytearray(len(text) + 1)
    for hit in found:
        covered[hit.start : hit.end] = b"x" * (hit.end - hit.start)
    words, at = [], 0
    for piece in text.split(" ")[:-1]:
        if not covered[at]:
            words.append(piece.split("/", 1)[0])
        at += len(piece) + 1
    return words
