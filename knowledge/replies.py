"""What a reply to a question with options means. Pure: the question and the words in, the option out.

The words of an option's own (`label`, `says`) go before the "có" and "không" that fit any question, and
"không biết" is neither: whoever does not know has answered nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from knowledge.intents import fillers
from knowledge.paths import Option, Question
from knowledge.patterns import Found, PatternSet, script, without
from knowledge.syllables import plain
from knowledge.text import Normalized, normalize
from knowledge.understand import ordinal
from knowledge.words import lexicon

GENERIC = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Meant:
    """`option`: 1 is the first; `plainly`: by a yes or no that fits any question.

    `rest`: what is said beside the answer and the question's own words.
    """

    option: int | None = None
    unsure: bool = False
    rest: str = ""
    plainly: bool = False


def meant(question: Question, said: Normalized) -> Meant:
    """The option that is named by number, by its words, or by a plain yes or no."""
    if (place := ordinal(said, len(question.options))) is not None:
        return Meant(place + 1)
    text = script(said)
    own = _standing(_options(_frozen(question)).find(said, text), text)
    doubts = _generic("unsure").find(said, text)
    if doubts and _longest(own) <= _longest(doubts):
        return Meant(unsure=True, rest=_rest(question, said, text, doubts))
    hits = own or _yes_or_no(question, said, text)
    names = {hit.name for hit in hits if hit.end - hit.start == _longest(hits)}
    number = int(names.pop()) if len(names) == 1 else None
    rest = _rest(question, said, text, hits if number else ())
    return Meant(number, rest=rest, plainly=not own and number is not None)


def wants_to_resume(said: Normalized) -> bool:
    """ "TIẾP TỤC" and nothing else."""
    text = script(said)
    hits = _generic("resume").find(said, text)
    return bool(hits) and not without(text, [*hits, *fillers().find(said, text)])


def requests(said: Normalized) -> bool:
    """Does it ask for something to be done ("làm căn cước")?"""
    return bool(_generic("requests").find(said))


def asks(said: Normalized) -> bool:
    """Is it put as a question ("vậy mất bao lâu"), whatever it is about?"""
    return bool(_generic("asks").find(said))


def says_no(said: Normalized) -> bool:
    """A plain no ("dạ thôi không"), which is not "không biết"."""
    text = script(said)
    if _generic("unsure").find(said, text) or _generic("yes").find(said, text):
        return False
    hits = _generic("no").find(said, text)
    return bool(hits) and not without(text, [*hits, *fillers().find(said, text)])


def own_patterns(option: Option) -> list[str]:
    """The words of an option's own: `says`, and its label unless that is a plain yes or no."""
    label = normalize(option.label)
    bare = option.means and not without(script(label), _generic(option.means).find(label))
    return option.says if bare else [" ".join(label.tokens), *option.says]


def _standing(hits: Sequence[Found], text: str) -> list[Found]:
    """Hits that no "không phải", "chưa có ai" before them denies."""
    return [hit for hit in hits if not _denied(_bare(text[: hit.start])) or _negates(text[hit.start :])]


def _denied(before: Sequence[str]) -> bool:
    """Is the nearest word, past "phải", "có", "là" …, a negation?"""
    nearest = next((word for word in reversed(before) if word not in _words("links")), "")
    return nearest in _words("negations")


def _negates(text: str) -> bool:
    return text.split("/", 1)[0] in _words("negations")


def _bare(text: str) -> list[str]:
    return [piece.split("/", 1)[0] for piece in text.split(" ")[:-1]]


def _yes_or_no(question: Question, said: Normalized, text: str) -> list[Found]:
    """Hits of the plain yes and no, under the number of the option that means it; none when both are said."""
    found = [
        Found(str(number), hit.written, hit.start, hit.end)
        for number, option in enumerate(question.options, 1)
        if option.means
        for hit in _said_plainly(option.means, said, text)
    ]
    other = any(_said_plainly(kind, said, text) for kind in GENERIC if kind not in _kinds(question))
    return [] if other or len({hit.name for hit in found}) > 1 else found


def _kinds(question: Question) -> set[str]:
    return {option.means for option in question.options if option.means}


def _said_plainly(kind: str, said: Normalized, text: str) -> list[Found]:
    """A yes inside a no ("không có") is none; in a long message it must stand first or last."""
    hits = _standing(_generic(kind).find(said, text), text)
    if kind == "yes":
        noes = _generic("no").find(said, text)
        hits = [hit for hit in hits if not any(no.start <= hit.start and hit.end <= no.end for no in noes)]
    if len(said.tokens) <= int(lexicon("replies")["short"]):
        return hits
    polite = fillers().find(said, text)
    return [hit for hit in hits if _at_an_end(hit, text, polite)]


def _at_an_end(hit: Found, text: str, polite: Sequence[Found]) -> bool:
    """Does nothing but politeness stand before it, or after it?"""
    from_here, up_to_here = _span(hit.start, len(text)), _span(0, hit.end)
    return not without(text, [*polite, from_here]) or not without(text, [*polite, up_to_here])


def _longest(hits: Iterable[Found]) -> int:
    return max((hit.end - hit.start for hit in hits), default=0)


def _rest(question: Question, said: Normalized, text: str, hits: Sequence[Found]) -> str:
    """The words outside the hits; empty when only politeness and words of the question are left."""
    left = without(text, [*hits, *fillers().find(said, text)])
    if _vocabulary(_frozen(question), question.text).issuperset(left):
        return ""
    words, at = [], 0
    for piece, word in zip(text.split(" ")[:-1], said.tokens, strict=True):
        if not any(hit.start <= at < hit.end for hit in hits):
            words.append(word)
        at += len(piece) + 1
    return " ".join(words)


def _span(start: int, end: int) -> Found:
    return Found("", "", start, end)


@cache
def _generic(kind: str) -> PatternSet:
    patterns = PatternSet()
    patterns.add(kind, lexicon("replies")[kind])
    return patterns


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(plain(word) for word in lexicon("replies")[name])


@lru_cache(maxsize=512)
def _vocabulary(written: tuple[tuple[str, ...], ...], asked: str) -> frozenset[str]:
    """The bare words of a question and of its options."""
    says = " ".join(pattern for patterns in written for pattern in patterns)
    return frozenset(normalize(f"{asked} {says}").plain_tokens)


def _frozen(question: Question) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(own_patterns(option)) for option in question.options)


@lru_cache(maxsize=512)
def _options(written: tuple[tuple[str, ...], ...]) -> PatternSet:
    patterns = PatternSet()
    for number, says in enumerate(written, 1):
        patterns.add(str(number), says)
    return patterns
