"""What a Vietnamese syllable looks like, and the slips of two typing methods.

Telex writes marks as letters ("lamf" for làm), VNI as digits ("la2m"). When the input method was off,
the raw keys reach us. They are decoded only where the keys are no Vietnamese syllable and the decoded
token is one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ONSETS = "ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|b|c|d|g|h|k|l|m|n|p|r|s|t|v|x"
_RHYMES = (
    "a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|e|ec|ech|em|en|eng|enh|eo|ep|et|eu|i|ia|ich|iec|iem|"
    "ien|ieng|iep|iet|ieu|im|in|inh|ip|it|iu|o|oa|oac|oach|oai|oam|oan|oang|oanh|oao|oap|oat|oay|oc|"
    "oe|oem|oen|oeo|oet|oi|om|on|ong|oong|op|ot|u|ua|uan|uang|uat|uay|uc|ue|uech|uen|uenh|uet|ui|um|"
    "un|ung|uo|uoc|uoi|uom|uon|uong|uop|uot|uou|up|ut|uu|uy|uya|uych|uyen|uyet|uynh|uyt|uyu|y|yem|"
    "yen|yet|yeu"
)
_SYLLABLE = re.compile(rf"(?P<onset>{_ONSETS})??(?P<rhyme>{_RHYMES})")

_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_TONE_OF_KEY = {key: mark for mark, key in _TONES.items()} | dict(
    zip("12345", "\u0301\u0300\u0309\u0303\u0323", strict=True)
)
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
_VOWELS = frozenset("aeiouy")

Letter = tuple[str, str]
"""A base letter and its shape mark (circumflex, breve, horn, or `-` for đ)."""


def plain(text: str) -> str:
    """Without marks: đường → duong."""
    return text if text.isascii() else _without_marks(text)


@lru_cache(maxsize=8192)
def _without_marks(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def without_tone(text: str) -> str:
    """Vowel shapes kept, tone dropped: đường → đương."""
    kept = "".join(c for c in unicodedata.normalize("NFD", text) if c not in _TONES)
    return unicodedata.normalize("NFC", kept)


def without_shape(text: str) -> str:
    """Tone kept, vowel shapes dropped: đường → dùơng typed half → dường without horn and bar."""
    kept = "".join(
        c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) or c in _TONES
    )
    return unicodedata.normalize("NFC", kept).replace("đ", "d")


@lru_cache(maxsize=8192)
def is_syllable(token: str) -> bool:
    """Could this unmarked token be a Vietnamese syllable?"""
    match = _SYLLABLE.fullmatch(token)
    if match is None:
        return False
    onset, rhyme = match["onset"] or "", match["rhyme"]
    if rhyme == "oong":  # xoong, boong; elsewhere Telex for ông
        return onset in ("x", "b")
    if onset in ("k", "gh", "ngh"):
        return rhyme[0] in "eiy"
    return not (onset in ("c", "g", "ng") and rhyme[0] == "e")


def _letters(token: str) -> tuple[list[Letter], str]:
    letters: list[Letter] = []
    tone = ""
    for char in unicodedata.normalize("NFD", token.replace("đ", "d\u0335")):
        if char in _TONES:
            tone = char
        elif char == "\u0335" and letters:
            letters[-1] = (letters[-1][0], "-")
        elif unicodedata.combining(char) and letters:
            letters[-1] = (letters[-1][0], char)
        else:
            letters.append((char, ""))
    return letters, tone


def _compose(letters: list[Letter], tone: str) -> str:
    at = _tone_place(letters) if tone else -1
    parts = []
    for place, (base, shape) in enumerate(letters):
        char = "đ" if shape == "-" else base + shape
        parts.append(char + (tone if place == at else ""))
    return unicodedata.normalize("NFC", "".join(parts))


def _tone_place(letters: list[Letter]) -> int:
    """Old style: hòa, thúy; a shaped vowel takes the tone; a closed syllable its last vowel."""
    start = 1 if letters[0][0] == "q" and len(letters) > 2 else 0
    vowels = [n for n, (base, _) in enumerate(letters) if base in _VOWELS and n > start - 1]
    if start and len(vowels) > 1:
        vowels = vowels[1:]
    if letters[0][0] == "g" and len(vowels) > 1 and letters[vowels[0]][0] == "i":
        vowels = vowels[1:]
    shaped = [n for n in vowels if letters[n][1]]
    if shaped:
        return shaped[-1]
    if not vowels:
        return len(letters) - 1
    closed = vowels[-1] < len(letters) - 1
    return vowels[-1] if closed or len(vowels) == 1 else vowels[len(vowels) // 2 - (len(vowels) == 2)]


@lru_cache(maxsize=8192)
def tone_in_place(token: str) -> str:
    """One spelling for hoà and hòa."""
    if token.isascii() or not is_syllable(plain(token)):
        return token
    letters, tone = _letters(token)
    return _compose(letters, tone) if tone else token


@lru_cache(maxsize=8192)
def telex(token: str) -> str | None:
    """làm for "lamf"; None when the token is no Telex slip."""
    letters, tone = _letters(token)
    out: list[Letter] = []
    for key, shape in letters:
        if shape or not out:
            out.append((key, shape))
        elif key in "sfrxj" and _has_vowel(out) and not tone:
            tone = _TONE_OF_KEY[key]
        elif not _telex_shape(out, key):
            out.append((key, shape))
    return _checked(out, tone, len(letters) + bool(tone))


def _telex_shape(out: list[Letter], key: str) -> bool:
    if key == "w":
        return _add_shape(out, "a", _BREVE) or _add_horn(out)
    if key in "aeo" and out[-1] == (key, ""):
        out[-1] = (key, _CIRCUMFLEX)
        return True
    if key == "d" and out[0] == ("d", ""):
        out[0] = ("d", "-")
        return True
    return False


@lru_cache(maxsize=8192)
def vni(token: str) -> str | None:
    """làm for "la2m"; None when the token is no VNI slip."""
    if not token[0].isalpha():
        return None
    out: list[Letter] = []
    tone = ""
    for key in token:
        if not key.isdigit():
            out.extend(_letters(key)[0])
        elif key in "12345" and not tone:
            tone = _TONE_OF_KEY[key]
        elif not _vni_shape(out, key):
            return None
    return _checked(out, tone, len(token) + 1) if len(out) > 1 else None


def _vni_shape(out: list[Letter], key: str) -> bool:
    if key == "6":
        return any(_add_shape(out, vowel, _CIRCUMFLEX) for vowel in "aeo")
    if key == "7":
        return _add_horn(out)
    if key == "8":
        return _add_shape(out, "a", _BREVE)
    if key == "9" and out[0] == ("d", ""):
        out[0] = ("d", "-")
        return True
    return False


def _add_horn(out: list[Letter]) -> bool:
    at = "".join(base for base, _ in out).find("uo")
    if at >= 0 and out[max(at - 1, 0)][0] != "q":
        out[at], out[at + 1] = ("u", _HORN), ("o", _HORN)
        return True
    return _add_shape(out, "o", _HORN) or _add_shape(out, "u", _HORN)


def _add_shape(out: list[Letter], base: str, shape: str) -> bool:
    for at in range(len(out) - 1, -1, -1):
        if out[at] == (base, ""):
            out[at] = (base, shape)
            return True
    return False


def _has_vowel(letters: list[Letter]) -> bool:
    return any(base in _VOWELS for base, _ in letters)


def _checked(out: list[Letter], tone: str, typed: int) -> str | None:
    """The decoded token, if it is a syllable and something was decoded at all."""
    bare = "".join(base for base, _ in out)
    return _compose(out, tone) if len(bare) < typed and is_syllable(bare) else None
