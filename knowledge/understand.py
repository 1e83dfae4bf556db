"""What a message asks for, given what was said before. Pure: text and context in, understanding out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from knowledge.facets import Facet, FacetHit, best_facet
from knowledge.intents import Intent, intent_of
from knowledge.library import Library
from knowledge.patterns import PatternSet, script, without
from knowledge.portal.choose import instead
from knowledge.search import Candidate, concepts_in, stopwords
from knowledge.text import Normalized, normalize
from knowledge.words import lexicon

Outcome = Literal["answer", "choices", "followup", "unsure", "intent"]
TOP = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """One of the numbered things offered last: a procedure's key and the words shown."""

    key: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What the conversation remembers. `misses`: messages in a row that were not understood."""

    last_key: str | None = None
    last_facet: Facet | None = None
    offered: tuple[Offer, ...] = ()
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Understanding:
    """`key` is set for `answer` and `followup`, `choices` for `choices`, `intent` for `intent`."""

    outcome: Outcome
    said: Normalized
    facet: Facet = "tong_quan"
    key: str | None = None
    candidates: tuple[Candidate, ...] = ()
    choices: tuple[Candidate, ...] = ()
    intent: Intent | None = None
    chosen: int | None = field(default=None)
    """0-based place in what was offered, when the message chose one."""


def understand(text: str, context: Context, library: Library) -> Understanding:
    said = normalize(text)
    facet = best_facet(said)
    intent = intent_of(said)
    if intent is not None and not intent.yields:
        return _plain("intent", said, facet, intent=intent)
    if (place := ordinal(said, len(context.offered))) is not None:
        return _chose(place, said, facet, context)
    found = tuple(library.search_reviewed(said, TOP))
    if vague := _vague(said, library):
        return replace(_plain("choices", said, facet, candidates=found), choices=vague)
    if intent is not None and not _covered(found, intent):
        return _or_imported(_plain("intent", said, facet, intent=intent, candidates=found), library)
    if (place := _named_offer(said, context.offered, found, library)) is not None:
        return replace(_chose(place, said, facet, context), candidates=found)
    if _continues(said, facet, context, found, library):
        return _plain("followup", said, facet, key=context.last_key, candidates=found)
    if not names_something(said, facet):
        return _plain("unsure", said, facet, candidates=found)
    return _or_imported(_decide(said, facet, found), library)


def _or_imported(decided: Understanding, library: Library) -> Understanding:
    """The portal's unreviewed records, where they are clearly meant and the reviewed entries are not."""
    hits = instead(library.imported, decided.said, decided.outcome, decided.candidates, library.index)
    if not hits:
        return decided
    meant = tuple(hit.as_candidate() for hit in hits)
    found = (*meant, *decided.candidates)[:TOP]
    if len(meant) == 1:
        return replace(decided, outcome="answer", key=meant[0].key, choices=(), candidates=found, intent=None)
    return replace(decided, outcome="choices", key=None, choices=meant, candidates=found, intent=None)


def after(context: Context, understood: Understanding, library: Library) -> Context:
    """The context for the next message."""
    if understood.outcome in ("answer", "followup"):
        return Context(understood.key, understood.facet)
    if understood.outcome == "choices":
        offered = offers((choice.key for choice in understood.choices), library)
        return Context(context.last_key, understood.facet, offered)
    if understood.outcome == "unsure":
        return replace(context, misses=context.misses + 1)
    return context


def converse(questions: Sequence[str], library: Library) -> Understanding:
    """Understand the last of several messages of one conversation."""
    context = Context()
    understood = understand(questions[0], context, library)
    for question in questions[1:]:
        context = after(context, understood, library)
        understood = understand(question, context, library)
    return understood


def _plain(
    outcome: Outcome, said: Normalized, facet: FacetHit | None, *, key: str | None = None,
    intent: Intent | None = None, candidates: tuple[Candidate, ...] = (),
) -> Understanding:  # fmt: skip
    asked: Facet = facet.facet if facet else "tong_quan"
    return Understanding(outcome, said, asked, key, candidates, intent=intent)


def _chose(place: int, said: Normalized, facet: FacetHit | None, context: Context) -> Understanding:
    asked: Facet = facet.facet if facet else context.last_facet or "tong_quan"
    return Understanding("answer", said, asked, context.offered[place].key, chosen=place)


def limit(name: str) -> float:
    """A threshold of `lexicon/choosing.yaml`."""
    return float(lexicon("choosing")["thresholds"][name])


def _decide(said: Normalized, facet: FacetHit | None, found: tuple[Candidate, ...]) -> Understanding:
    """Answer when sure, offer what is close, else say so."""
    if not found or found[0].score < limit("floor"):
        return _plain("unsure", said, facet, candidates=found)
    doubtful = is_doubtful(found[0])
    both = _asks_both(said)
    near = _near(found, limit("near_both" if both else "near"))
    if is_sure(found) and not doubtful and not (both and len(near) > 1):
        return _plain("answer", said, facet, key=found[0].key, candidates=found)
    if len(near) == 1 and found[0].score >= limit("lonely") and not doubtful:
        return _plain("answer", said, facet, key=found[0].key, candidates=found)
    if len(near) == 1 and found[0].score >= limit("confirm"):
        near = tuple(candidate for candidate in found[:3] if candidate.score >= limit("offer"))
    if len(near) == 1:
        return _plain("unsure", said, facet, candidates=found)
    return replace(_plain("choices", said, facet, candidates=found), choices=near)


def is_doubtful(candidate: Candidate) -> bool:
    """Does the message hold something decisive that this entry knows nothing of?"""
    return any(name.startswith("-") and -share >= limit("doubt") for name, share in candidate.why.items())


def is_sure(found: Sequence[Candidate]) -> bool:
    ahead = found[0].score - found[1].score if len(found) > 1 else 1.0
    if found[0].score >= limit("very_sure"):
        return ahead >= limit("small_gap")
    return found[0].score >= limit("sure") and ahead >= limit("gap")


def _near(found: Sequence[Candidate], width: float) -> tuple[Candidate, ...]:
    least = max(found[0].score - width, limit("offer"))
    return tuple(c for c in found if c.score >= least)[: int(limit("max_choices"))]


@cache
def _vague_patterns() -> tuple[PatternSet, PatternSet, list[list[str]]]:
    patterns, around = PatternSet(), PatternSet()
    groups = lexicon("choosing")["vague"]
    for number, group in enumerate(groups):
        patterns.add(str(number), group["say"])
    around.add("filler", [*lexicon("intents")["fillers"], *lexicon("choosing")["politeness"]])
    around.add("filler", lexicon("choosing")["empty_verbs"])
    return patterns, around, [group["keys"] for group in groups]


def _vague(said: Normalized, library: Library) -> tuple[Candidate, ...]:
    """The usual matters to choose from, when the message names nothing but their field."""
    patterns, around, groups = _vague_patterns()
    text = script(said)
    hits = patterns.find(said, text)
    if not hits or without(text, [*hits, *around.find(said, text)]):
        return ()
    longest = max(hits, key=lambda hit: (hit.end - hit.start, -int(hit.name)))
    keys = [key for key in groups[int(longest.name)] if key in library]
    scores = {candidate.key: candidate.score for candidate in library.rank(keys, said)}
    return tuple(Candidate(key, scores[key]) for key in keys) if len(keys) > 1 else ()


def _covered(found: Sequence[Candidate], intent: Intent) -> bool:
    """Does the library answer a matter that another authority or nobody seemed to have?"""
    return bool(found) and found[0].score >= limit("covers")


@cache
def _ordinals() -> tuple[PatternSet, PatternSet]:
    ordinals, politeness = PatternSet(), PatternSet()
    for name, written in lexicon("choosing")["ordinals"].items():
        ordinals.add(name, written)
    politeness.add("filler", lexicon("choosing")["politeness"])
    return ordinals, politeness


def ordinal(said: Normalized, count: int) -> int | None:
    """The place, among so many offers, that is named by number ("2", "cái thứ hai nha")."""
    if not count or len(said.tokens) > 8:
        return None
    ordinals, politeness = _ordinals()
    text = script(said)
    rest = normalize(" ".join(without(text, politeness.find(said, text))))
    hits = ordinals.find(said, text) or ordinals.find(rest)
    if not hits:
        return None
    place = count - 1 if hits[0].name == "last" else int(hits[0].name) - 1
    return place if place < count else None


def _named_offer(
    said: Normalized, offered: tuple[Offer, ...], found: Sequence[Candidate], library: Library
) -> int | None:
    """The offer whose words the message uses ("ba má cho"), unless it fits something else better."""
    if not offered or len(said.tokens) > lexicon("choosing")["short_message"]:
        return None
    ranked = library.rank([offer.key for offer in offered], said)
    if not ranked or ranked[0].score < limit("pick"):
        return None
    if len(ranked) > 1 and ranked[0].score - ranked[1].score < limit("pick_gap"):
        return None
    if found and found[0].score > ranked[0].score + limit("pick_gap"):
        return None
    return [offer.key for offer in offered].index(ranked[0].key)


def _continues(
    said: Normalized, facet: FacetHit | None, context: Context, found: Sequence[Candidate], library: Library
) -> bool:
    """Is the message about the procedure spoken of, rather than a new request?"""
    if context.last_key is None or not (context.last_key in library or library.record(context.last_key)):
        return False
    if not names_something(said, facet):
        return facet is not None or _opens_follow_up(said)
    if found and found[0].score >= limit("new_request"):
        return found[0].key == context.last_key
    short = len(said.tokens) <= int(lexicon("choosing")["short_message"])
    if short and (facet is not None or _opens_follow_up(said)):
        return True
    return bool(found) and found[0].key == context.last_key and found[0].score >= limit("offer")


def names_something(said: Normalized, facet: FacetHit | None) -> bool:
    """Does the message hold a word of substance beside the asked part and politeness?"""
    left = without(script(said), facet.found if facet else ())
    stop = stopwords()
    return any(word not in stop and not word.isdigit() for word in left) or bool(concepts_in(said))


@cache
def _patterns_of(name: str) -> PatternSet:
    patterns = PatternSet()
    patterns.add(name, lexicon("choosing")[name])
    return patterns


def _opens_follow_up(said: Normalized) -> bool:
    return bool(_patterns_of("follow_openers").find(said))


def _asks_both(said: Normalized) -> bool:
    return bool(_patterns_of("both").find(said))


def offers(keys: Iterable[str], library: Library) -> tuple[Offer, ...]:
    """Offers with the words the entries use to set themselves apart."""
    return tuple(Offer(key, library.label_of(key) or key) for key in keys)
