"""One way of writing for everything people type: accents, slips, teencode, southern words.

`normalize` never raises and costs a bounded time. `text` keeps the accents that were typed, `plain`
has none; both have one token per word, so that they can be read side by side.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from knowledge.syllables import is_syllable, plain, telex, tone_in_place, vni
from knowledge.words import lexicon

HEAD, TAIL = 1200, 600
"""Characters considered of a long message: people say what they want first or last."""
LONGEST_TOKEN = 24
ROUNDS = 3
"""A replacement may make way for another; the lists hold no circles (tested)."""

_TOKEN = re.compile(r"[^\W_]+")
_REPEATED = re.compile(r"(.)\1\1+")
_DOUBLED = re.compile(r"([^\W\d])\1")
_RUNS = re.compile(r"\d+|[^\W\d]+")
_NOT_PLAIN = re.compile(r"[^\w ]|_")
"""Everything but letters, digits and spaces."""
_ENDS = re.compile(r"^[\W_]+|[\W_]+$")
_INNER_DIGIT = re.compile(r"[^\W\d]\d+[^\W\d]")


@dataclass(frozen=True, slots=True)
class Normalized:
    """A message made comparable. `diacritics`: share of its words that were typed with marks."""

    original: str
    text: str
    plain: str
    tokens: tuple[str, ...]
    plain_tokens: tuple[str, ...]
    diacritics: float


@lru_cache(maxsize=256)
def normalize(original: str) -> Normalized:
    """Kept for a moment: each step of a turn looks at the same words."""
    typed = _TOKEN.findall(_cap(_clean(original)))
    tokens = _slips(typed)
    for _ in range(ROUNDS):
        replaced = _replace(tokens)
        if replaced == tokens:
            break
        tokens = replaced
    bare = tuple(plain(token) for token in tokens)
    return Normalized(original, " ".join(tokens), " ".join(bare), tuple(tokens), bare, _marked(typed))


def _clean(original: str) -> str:
    """Lower case, composed, without hidden characters, control characters and pictures."""
    text = unicodedata.normalize("NFKC", original[: 4 * (HEAD + TAIL)] + " " + original[-2 * TAIL :]
                                 if len(original) > 6 * (HEAD + TAIL) else original)  # fmt: skip
    text = unicodedata.normalize("NFC", text.casefold())
    return _NOT_PLAIN.sub(_visible, text).strip()


def _visible(found: re.Match[str]) -> str:
    """A sign as a space, so that it parts words; a hidden character as nothing."""
    return "" if _hidden(found[0]) else " "


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in ("Cf", "Mn", "Me", "Cs", "Co", "Cn")


def with_signs(original: str) -> str:
    """A message with the signs that part it: lower case, composed, nothing hidden."""
    text = unicodedata.normalize("NFC", original.casefold())
    return _NOT_PLAIN.sub(lambda found: "" if _hidden(found[0]) else found[0], text)


def words_only(piece: str) -> str:
    """A piece of `with_signs` from its first to its last letter or digit."""
    return _ENDS.sub("", piece)


def _cap(text: str) -> str:
    if len(text) <= HEAD + TAIL:
        return text
    return f"{text[:HEAD]} {text[-TAIL:]}"


def _marked(tokens: list[str]) -> float:
    words = [token for token in tokens if not token[0].isdigit()]
    return sum(not word.isascii() for word in words) / len(words) if words else 0.0


def _slips(tokens: list[str]) -> list[str]:
    vni_typed = any(_is_vni(token) for token in tokens)
    return [word for token in tokens for word in _slip(token[:LONGEST_TOKEN], vni_typed)]


@lru_cache(maxsize=4096)
def _is_vni(token: str) -> bool:
    return bool(_INNER_DIGIT.search(token)) and vni(token) is not None


@lru_cache(maxsize=16384)
def _slip(token: str, vni_typed: bool) -> tuple[str, ...]:
    """The token as it was meant: repaired, or cut where a space was forgotten."""
    if token.isdigit() or known_word(token) or is_syllable(plain(token)):
        return (tone_in_place(token),)
    single = _REPEATED.sub(r"\1", token)
    if single != token:
        return _slip(single, vni_typed)
    if not token.isalpha():
        return _with_digits(token, vni_typed)
    if repaired := telex(token) or _undoubled(token):
        return (tone_in_place(repaired),)
    return _cut(token) or (token,)


def _with_digits(token: str, vni_typed: bool) -> tuple[str, ...]:
    if (vni_typed or _is_vni(token)) and (repaired := vni(token)):
        return (repaired,)
    parts = _RUNS.findall(token)
    words = [part for part in parts if part.isalpha()]
    if max(map(len, words), default=0) > 2 and all(len(word) > 1 and _wordlike(word) for word in words):
        return tuple(piece for part in parts for piece in _slip(part, False))
    return (token,)


def _wordlike(word: str) -> bool:
    return is_syllable(plain(word)) or telex(word) is not None


def _undoubled(token: str) -> str | None:
    single = _DOUBLED.sub(r"\1", token)
    return single if single != token and (known_word(single) or is_syllable(plain(single))) else None


def _cut(token: str) -> tuple[str, ...] | None:
    """Two to four known words run together ("tamtru")."""
    known = _vocabulary()
    cuts: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(2, len(token) + 1):
        for start in range(max(0, end - 6), end - 1):
            before = cuts.get(start)
            if before is not None and token[start:end] in known and len(before) < 4 and end not in cuts:
                cuts[end] = (*before, token[start:end])
    return cuts.get(len(token))


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(word for line in lexicon("spelling")["syllables"] for word in line.split())


@cache
def known_word(token: str) -> bool:
    return token in lexicon("spelling")["keep"] or (token,) in _replacements()


@cache
def _replacements() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Typed words → our words. A form of several words also stands for itself without accents."""
    table: dict[tuple[str, ...], tuple[str, ...]] = {}
    for section in lexicon("spelling")["replace"].values():
        for meant, forms in section.items():
            target = tuple(str(meant).split())
            for form in forms:
                words = tuple(tone_in_place(word) for word in str(form).split())
                table[words] = target
                if len(words) > 1:
                    table.setdefault(tuple(plain(word) for word in words), target)
    return table


@cache
def _longest_from() -> dict[str, int]:
    """The first word of every replaced form → the words of the longest form that begins so."""
    longest: dict[str, int] = {}
    for words in _replacements():
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    return longest


def _replace(tokens: list[str]) -> list[str]:
    table, longest = _replacements(), _longest_from()
    out: list[str] = []
    at = 0
    while at < len(tokens):
        for size in range(min(longest.get(tokens[at], 0), len(tokens) - at), 0, -1):
            found = table.get(tuple(tokens[at : at + size]))
            if found is not None:
                out.extend(found)
                at += size
                break
        else:
            out.append(tokens[at])
            at += 1
    return out
