"""What a text offers for comparison: words, pairs of words, and the concepts they stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from knowledge.patterns import Found, PatternSet
from knowledge.syllables import plain
from knowledge.text import Normalized, normalize, with_signs, words_only
from knowledge.words import lexicon

QUERY_WORDS = 80
STOP_WEIGHT = 0.12
PAIR_WEIGHT = 0.55
CONCEPT_WEIGHT = 1.7
LONG = 16
"""A message of more words than this may be a story: its parts are looked at, too."""
CUT = 2000
"""Characters of a story that are cut into parts."""
MOST_PARTS, LEAST_WORDS = 8, 3
_SENTENCE = re.compile(r"[.!?;\n…]+")
_CLAUSE = re.compile(r"[.!?;\n…]+|,(?=\s)")


@dataclass(frozen=True, slots=True)
class Features:
    """What a text offers for comparison: feature → weight; words also with the accents typed."""

    weights: dict[str, float]
    accents: dict[str, str]
    concepts: frozenset[str]
    plain: str


@cache
def stopwords() -> frozenset[str]:
    return frozenset(plain(word) for word in lexicon("concepts")["stopwords"].split())


@cache
def concept_patterns() -> PatternSet:
    patterns = PatternSet()
    for name, forms in lexicon("concepts")["concepts"].items():
        patterns.add(name, forms)
    return patterns


def concepts_in(said: Normalized, text: str | None = None) -> list[Found]:
    return concept_patterns().find(said, text)


def features(said: Normalized) -> Features:
    return features_of(said.tokens, said.plain_tokens, frozenset(hit.name for hit in concepts_in(said)))


def features_of(tokens: Sequence[str], plain_tokens: Sequence[str], concepts: frozenset[str]) -> Features:
    """The features of words whose concepts are known."""
    heavy: dict[str, float] = lexicon("concepts")["heavy"]
    weights: dict[str, float] = {f"#{name}": heavy.get(name, CONCEPT_WEIGHT) for name in concepts}
    accents: dict[str, str] = {}
    stop = stopwords()
    words = plain_tokens
    if len(words) > QUERY_WORDS:
        words = [*words[: QUERY_WORDS * 5 // 8], *words[-QUERY_WORDS * 3 // 8 :]]
    for word, typed in zip(plain_tokens, tokens, strict=True):
        weights[word] = STOP_WEIGHT if word in stop or word.isdigit() else 1.0
        accents[word] = typed
    for first, second in zip(words, words[1:], strict=False):
        if first not in stop or second not in stop:
            weights[f"{first} {second}"] = PAIR_WEIGHT
    return Features(weights, accents, concepts, " ".join(words))


def parts_of(said: Normalized) -> list[Features]:
    """The sentences and clauses of a long message, each by itself: in a story the need is one of them."""
    if len(said.tokens) <= LONG:
        return []
    text = with_signs(said.original)[:CUT]
    whole = words_only(text)
    found = dict.fromkeys(words_only(piece) for cut in (_SENTENCE, _CLAUSE) for piece in cut.split(text))
    pieces = [piece for piece in found if len(piece.split()) >= LEAST_WORDS and piece != whole]
    return [features(normalize(piece)) for piece in pieces[-MOST_PARTS:]]
