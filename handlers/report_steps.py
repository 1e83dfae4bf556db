"""What a message or button changes in a draft. Pure: draft and words in, draft out; None = not understood."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.casework import Ask, Draft
from bot.replies import Turn
from handlers.reading import word_count
from handlers.services import Services
from knowledge.reports import answer_of, has_place, names_place, topic_of
from ward.khom import khom_at, khom_meant, khom_named
from ward.profile import WardProfile

MOST_WORDS = 5_000
MOST_ADDRESS = 300
DEEPEST_UNDO = 5
BARE_KHOM = 4
"""Words of an answer that only names the khóm."""
_PHONE = re.compile(r"(?<!\d)(0[35789](?:[ .]?\d){8})(?!\d)")


def changed(draft: Draft, **values: Any) -> Draft:
    """The next version; the one before can be had back."""
    before = draft.model_copy(update={"undo": ()}).model_dump_json()
    undo = (*draft.undo, before)[-DEEPEST_UNDO:]
    return draft.model_copy(update={**values, "undo": undo, "revision": draft.revision + 1})


def undone(draft: Draft) -> Draft | None:
    """The version before the last answer. Photos and revision are not taken back."""
    if not draft.undo:
        return None
    *rest, last = draft.undo
    kept = {"undo": tuple(rest), "photos": draft.photos, "revision": draft.revision + 1, "held": draft.held}
    return Draft.model_validate_json(last).model_copy(update=kept)


def phone_in(words: str) -> str | None:
    """A Vietnamese mobile number typed among the words."""
    found = _PHONE.search(words)
    return re.sub(r"\D", "", found[1]) if found else None


def told(draft: Draft, words: str, services: Services) -> Draft:
    """What it is about, and whatever else the words give: khóm, place, telephone."""
    topic = topic_of(words)
    khom = khom_named(words, services.profile)
    return changed(
        draft,
        words=words.strip()[:MOST_WORDS],
        topic=topic,
        placed=draft.placed or names_place(words) or not has_place(topic),
        khom=khom or draft.khom,
        khom_given=draft.khom_given or khom is not None or not has_place(topic),
        phone=phone_in(words) or draft.phone,
    )


def located(draft: Draft, latitude: float, longitude: float, profile: WardProfile) -> Draft:
    """A place from Zalo. A khóm that was said stays; a guessed one is confirmed later."""
    khom = draft.khom if draft.khom_given and draft.khom else khom_at(latitude, longitude, profile)
    given = draft.khom_given and draft.khom is not None
    return changed(
        draft,
        latitude=latitude,
        longitude=longitude,
        placed=True,
        khom=khom,
        khom_given=given,
        compared=False,
    )


def answered(draft: Draft, words: str, services: Services) -> Draft | None:
    """The draft after words for its open question."""
    return _ANSWERS[draft.asks](draft, words.strip(), services)


def _what(draft: Draft, words: str, services: Services) -> Draft | None:
    return told(draft, words, services) if word_count(words) > 1 else None


def _place(draft: Draft, words: str, services: Services) -> Draft | None:
    if answer_of(words, "unsure"):
        return changed(draft, placed=True)
    khom = khom_named(words, services.profile)
    return changed(
        draft,
        address=words[:MOST_ADDRESS],
        placed=True,
        khom=khom or draft.khom,
        khom_given=draft.khom_given or khom is not None,
        phone=phone_in(words) or draft.phone,
        compared=False,
    )


def _khom(draft: Draft, words: str, services: Services) -> Draft | None:
    if (khom := khom_meant(words, services.profile)) is not None:
        return changed(draft, khom=khom, khom_given=True)
    return changed(draft, khom_given=True) if answer_of(words, "unsure") else None


def _detail(draft: Draft, words: str, services: Services) -> Draft | None:
    """How long, who was hurt; perhaps also yes or no to the khóm that was guessed."""
    guessed = draft.khom is not None and not draft.khom_given
    named = khom_named(words, services.profile)
    if named is not None:
        draft = draft.model_copy(update={"khom": named, "khom_given": True})
        if word_count(words) <= BARE_KHOM:
            return changed(draft)
    answer = answer_of(words, "none", "right", "wrong") if guessed else answer_of(words, "none")
    if answer == "right" and word_count(words) <= BARE_KHOM:
        return changed(draft, khom_given=True)
    if answer == "wrong":
        return changed(draft, khom=None, khom_given=False)
    detail = "" if answer == "none" and word_count(words) <= BARE_KHOM else words
    return added(draft, detail).model_copy(update={"detail_given": True, "khom_given": True})


def added(draft: Draft, words: str) -> Draft:
    """More words about the same matter."""
    detail = "\n".join(part for part in (draft.detail, words.strip()) if part)[:MOST_WORDS]
    return changed(draft, detail=detail, phone=phone_in(words) or draft.phone)


def _more(draft: Draft, words: str, _services: Services) -> Draft | None:
    return added(draft, words) if word_count(words) > 1 else None


def _none(_draft: Draft, _words: str, _services: Services) -> Draft | None:
    return None


def _photos(draft: Draft, words: str, _services: Services) -> Draft | None:
    return changed(draft, photos=()) if answer_of(words, "no_photos") else None


_ANSWERS: dict[Ask, Callable[[Draft, str, Services], Draft | None]] = {
    "purpose": _what,
    "what": _what,
    "place": _place,
    "khom": _khom,
    "detail": _detail,
    "near": _more,
    "send": _more,
    "edit": _none,
    "photos": _photos,
    "dossier": _none,
}


def pressed(draft: Draft, action: str) -> Draft | None:
    """A button that changes the draft and nothing else."""
    values: dict[str, dict[str, Any]] = {
        "no_detail": {"detail_given": True, "khom_given": True},
        "other_khom": {"khom": None, "khom_given": False},
        "unsure": {"khom_given": True},
        "apart": {"compared": True},
        "edit_words": {"words": "", "detail": "", "detail_given": False},
        "edit_place": {
            "placed": False, "address": None, "latitude": None, "longitude": None,
            "khom": None, "khom_given": False, "compared": False,
        },
        "edit_khom": {"khom": None, "khom_given": False},
        "no_photos": {"photos": ()},
        "keep_photos": {},
    }  # fmt: skip
    return changed(draft, **values[action]) if action in values else None


def began(turn: Turn, mark: str, dossier: bool = False) -> Draft:
    return Draft(mark=mark, asks="dossier" if dossier else "what", began_at=turn.at, dossier=dossier)
