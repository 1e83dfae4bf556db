"""What may become a phrasing at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process

from knowledge.library import Library
from knowledge.privacy import personal_in
from knowledge.text import normalize

LEAST_WORDS, MOST_WORDS = 2, 40
NEARLY = 93.0
"""Spelling this alike (0–100) is the same question."""


def unfit(text: str) -> str | None:
    """Why a text cannot be a phrasing, in words for officials; None when it can."""
    words = len(normalize(text).plain_tokens)
    if not LEAST_WORDS <= words <= MOST_WORDS:
        return f"dài {words} chữ, câu mẫu từ {LEAST_WORDS} đến {MOST_WORDS} chữ"
    found = personal_in(text)
    return f"có “{found}” giống thông tin cá nhân" if found else None


def known_as(text: str, library: Library) -> str | None:
    """The key of the entry that already has this very phrasing."""
    plain = normalize(text).plain
    for entry in library.entries():
        asks = (ask for faq in entry.faqs for ask in faq.asks)
        if any(normalize(one).plain == plain for one in (*entry.phrasings, *asks)):
            return entry.key
    return None


def measured_by(phrasings: Iterable[str], questions: Mapping[str, str]) -> list[tuple[str, str]]:
    """(phrasing, question id) where a phrasing is a question that the evaluation asks, or nearly so."""
    plain = {name: normalize(text).plain for name, text in questions.items()}
    found = []
    for phrase in phrasings:
        near = process.extractOne(normalize(phrase).plain, plain, scorer=fuzz.ratio, score_cutoff=NEARLY)
        if near is not None:
            found.append((phrase, near[2]))
    return found
