"""What a message is when it is not a question about a procedure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from knowledge.patterns import Found, PatternSet, script, without
from knowledge.syllables import is_syllable
from knowledge.text import Normalized, known_word, normalize, with_signs
from knowledge.words import lexicon

NONSENSE_AFTER = 0.75
"""Share of tokens that are no words, from which a message is called nonsense."""
FOREIGN_LEAST = 4
"""Words of a message that may be called foreign."""
_LONG_WORD = re.compile(r"[aeiouy]+[^aeiouy]+[aeiouy]+")
_CASE_CODE = re.compile(r"\b([A-Z]{2})[\s.-]*(\d{4})[\s.-]+(\d{2,4})[\s.-]+(\d)\b", re.I)
_CASE_RUN = re.compile(r"\b(HD|PA|LD|TN|TD|XD)[\s.-]*(\d{4})(\d{4})(\d)\b", re.I)
_DOSSIER = re.compile(r"\b([A-Z]\d{2})[\s.]*(\d{2})(?:[\s.]*(\d{2}))?[\s.-]+(\d{6})[\s.-]+(\d{4,6})\b", re.I)
_FOREIGN_SCRIPT = re.compile(
    r"[\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)


@dataclass(frozen=True, slots=True)
class Intent:
    """`detail`: the kind of emergency, the case code, the key of another authority's matter …

    `yields`: a sure answer from the library goes before it, and any fair one from these `fields` of it.
    `matched`: the patterns that hit.
    """

    name: str
    strength: float
    detail: str = ""
    yields: bool = False
    who: str = ""
    fields: frozenset[str] = frozenset()
    matched: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    detail: str
    strength: float
    yields: bool
    whole: bool
    who: str = ""
    fields: frozenset[str] = frozenset()


@cache
def _rules() -> tuple[list[_Rule], PatternSet, PatternSet]:
    """Rules in order; their patterns and exceptions under the rule's number."""
    rules: list[_Rule] = []
    patterns, exceptions = PatternSet(), PatternSet()
    for raw in lexicon("intents")["intents"]:
        for rule, wanted, unless in _expanded(raw):
            patterns.add(str(len(rules)), wanted)
            exceptions.add(str(len(rules)), unless)
            rules.append(rule)
    return rules, patterns, exceptions


def _expanded(raw: dict[str, Any]) -> list[tuple[_Rule, list[str], list[str]]]:
    common = (float(raw["strength"]), bool(raw.get("yields")), bool(raw.get("whole")))
    if "table" not in raw:
        rule = _Rule(raw["name"], raw.get("detail", ""), *common)
        return [(rule, raw["patterns"], raw.get("unless", []))]
    return [
        (
            _Rule(raw["name"], key, *common, topic["who"], frozenset(topic.get("fields", ()))),
            topic["patterns"],
            topic.get("unless", []),
        )
        for key, topic in lexicon(raw["table"])["topics"].items()
    ]


@cache
def fillers() -> PatternSet:
    patterns = PatternSet()
    patterns.add("filler", lexicon("intents")["fillers"])
    return patterns


def intent_of(text: str | Normalized) -> Intent | None:
    """The first intent, in the order of the list, that the message carries."""
    said = normalize(text) if isinstance(text, str) else text
    before, after = _by_rules(said)
    return before or _by_code(said) or after or _by_script(said)


def tells_complaint(text: str | Normalized) -> bool:
    """Whether the message carries a complaint or denunciation, whatever else it carries before it."""
    said = normalize(text) if isinstance(text, str) else text
    rules, patterns, exceptions = _rules()
    written = script(said)
    hit = {int(found.name) for found in patterns.find(said, written)}
    excepted = {int(found.name) for found in exceptions.find(said, written)} if hit else set()
    return any(rules[number].name == "formal_complaint" for number in hit - excepted)


def _by_rules(said: Normalized) -> tuple[Intent | None, Intent | None]:
    """The first intent of those that go before a case code (danger, complaint), and of the others."""
    rules, patterns, exceptions = _rules()
    text = script(said)
    hits: dict[int, list[Found]] = {}
    for hit in patterns.find(said, text):
        hits.setdefault(int(hit.name), []).append(hit)
    excepted = {int(hit.name) for hit in exceptions.find(said, text)} if hits else set()
    found = [
        _intent(rules[number], hits[number])
        for number in sorted(set(hits) - excepted)
        if not rules[number].whole or _is_whole(said, text, hits[number])
    ]
    urgent = [intent for intent in found if intent.name in ("emergency", "formal_complaint")]
    return (urgent[0] if urgent else None), (found[0] if found else None)


def _intent(rule: _Rule, hits: list[Found]) -> Intent:
    matched = tuple(dict.fromkeys(hit.written for hit in hits))
    return Intent(rule.name, rule.strength, rule.detail, rule.yields, rule.who, rule.fields, matched)


def _is_whole(said: Normalized, text: str, hits: list[Found]) -> bool:
    """Nothing is left of the message but politeness."""
    return not without(text, [*hits, *fillers().find(said, text)])


def _by_code(said: Normalized) -> Intent | None:
    code = tracking_code(said.original)
    return Intent("tracking", 1.0, code, matched=(code,)) if code else None


def tracking_code(original: str) -> str:
    """A case code (PA-2611-0042-7) or dossier code (H20.27-261015-0003) in its proper spelling, or ''."""
    text = with_signs(original)[:2000]
    if (case := _CASE_CODE.search(text) or _CASE_RUN.search(text)) is not None:
        return "-".join(case.groups()).upper()
    if (dossier := _DOSSIER.search(text)) is not None:
        place = ".".join(part for part in dossier.groups()[:3] if part)
        return f"{place}-{dossier[4]}-{dossier[5]}".upper()
    return ""


def _by_script(said: Normalized) -> Intent | None:
    letters = [char for char in said.original[:500] if char.isalpha()]
    foreign = sum(bool(_FOREIGN_SCRIPT.match(char)) for char in letters)
    if letters and foreign > len(letters) / 2:
        return Intent("foreign_language", 0.9)
    if _english(said):
        return Intent("foreign_language", 0.8, "en")
    if not said.plain_tokens and any(unicodedata.category(char) == "So" for char in said.original):
        return Intent("chitchat", 0.8)  # a face, a thumb, a flower
    if is_foreign(said):
        return Intent("foreign_language", 0.7)
    return Intent("nonsense", 0.8) if is_nonsense(said) else None


def _english(said: Normalized) -> bool:
    words = set(lexicon("english")["words"])
    hits = sum(token in words for token in said.tokens)
    return hits >= 2 and hits >= 0.5 * len(said.tokens) and said.diacritics < 0.2


def is_foreign(said: Normalized) -> bool:
    """Words of another language in our letters: long ones of several syllables, which Vietnamese has not."""
    if len(said.plain_tokens) < FOREIGN_LEAST:
        return False
    strange = [word for word in said.plain_tokens if word.isalpha() and not _readable(word)]
    return sum(len(_LONG_WORD.findall(word)) > 0 for word in strange) >= len(said.plain_tokens) / 2


def is_nonsense(said: Normalized) -> bool:
    """Nothing readable: signs, pictures, keys hit at random."""
    if not said.plain_tokens:
        return True
    known = sum(_readable(token) for token in said.plain_tokens)
    return known < (1 - NONSENSE_AFTER) * len(said.plain_tokens)


def _readable(token: str) -> bool:
    return token.isdigit() or is_syllable(token) or known_word(token)


def is_referral(kind: str, field: str, code: str | None) -> bool:
    """Is an entry of this kind only a word on where to go, rather than the answer to what was asked?

    A pointer to the police of the ward or to the insurance tells a procedure; one to a court or to the
    traffic police does not, and must not look as if it did.
    """
    elsewhere: list[str] = lexicon("authorities")["referred_fields"]
    return kind == "pointer" and (code is None or field in elsewhere)
