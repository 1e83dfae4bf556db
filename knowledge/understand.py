"""What a message asks for, given what was said before. Pure: text and context in, understanding out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from knowledge.facets import Facet, FacetHit, best_facet
from knowledge.intents import Intent, intent_of
from knowledge.library import Library
from knowledge.messages import meant
from knowledge.patterns import PatternSet, script, without
from knowledge.portal.choose import instead
from knowledge.scope import likelihood, scope
from knowledge.search import Candidate, concepts_in, is_telling, stopwords
from knowledge.text import Normalized, normalize, with_signs, words_only
from knowledge.thresholds import Thresholds, thresholds
from knowledge.words import lexicon

Outcome = Literal["answer", "both", "choices", "followup", "unsure", "beyond", "intent"]
TOP = 5
ELSEWHERE = ("other_authority", "out_of_scope")
"""Intents of messages that ask for something, though not of us."""
MOST_CUTS = 3
LEAST_HALF = 3
"""Words of one half of a message that asks two things."""
_CODE = re.compile(r"(?<![\d.])\d\.\d{6}(?!\d)")


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
    """`key` is set for `answer` and `followup`, `choices` for `choices` and `both` (two matters, each surely
    meant), `intent` for `intent`."""

    outcome: Outcome
    said: Normalized
    facet: Facet = "tong_quan"
    key: str | None = None
    candidates: tuple[Candidate, ...] = ()
    choices: tuple[Candidate, ...] = ()
    intent: Intent | None = None
    chosen: int | None = field(default=None)
    """0-based place in what was offered, when the message chose one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a message holds by itself. `coded`: entries whose national code it names; `vague`: the usual
    matters, when it names only their field; `names`: a word of substance is in it; `both`: it speaks of two
    matters; `halves`: what each half of a short message means by itself; `alike`: the kind of messages it is
    like; `ours`: how likely it is that it asks for something the library holds at all. What comes after a
    code or a sure intent is not looked for."""

    said: Normalized
    facet: FacetHit | None
    intent: Intent | None
    found: tuple[Candidate, ...] = ()
    vague: tuple[Candidate, ...] = ()
    names: bool = False
    both: bool = False
    halves: tuple[tuple[Candidate, ...], ...] = ()
    coded: tuple[Candidate, ...] = ()
    alike: tuple[Candidate, ...] = ()
    ours: float = 1.0


def understand(
    text: str, context: Context, library: Library, limits: Thresholds | None = None
) -> Understanding:
    return decide(gather(text, library), context, library, limits or thresholds())


def gather(text: str, library: Library) -> Evidence:
    """Everything of a message that depends neither on the conversation nor on a threshold."""
    said = normalize(text)
    facet = best_facet(said)
    if coded := _by_code(text, library):
        return Evidence(said, facet, None, coded=tuple(library.rank(coded, said)))
    intent = intent_of(said)
    if intent is not None and not intent.yields:
        return Evidence(said, facet, intent)
    found = tuple(library.search_reviewed(said, TOP))
    return Evidence(
        said,
        facet,
        intent,
        found=found,
        vague=_vague(said, facet, library),
        names=names_something(said, facet),
        both=_asks_both(said),
        halves=_halves(said, library),
        alike=tuple(library.messages.search(said, 1)),
        ours=likelihood(said, found, facet, library.index),
    )


def decide(evidence: Evidence, context: Context, library: Library, limits: Thresholds) -> Understanding:
    said, facet, found = evidence.said, evidence.facet, evidence.found
    if (plainly := _plainly(evidence, context, limits)) is not None:
        return plainly
    if (meant_so := _yielding(evidence, library, limits)) is not None:
        return _or_imported(meant_so, library)
    part_only = facet is not None and not evidence.names
    offered = () if part_only else context.offered
    if (place := _named_offer(said, offered, found, library, limits)) is not None:
        return replace(_chose(place, said, facet, context), candidates=found)
    if (other := _message(evidence, context, library)) is not None:
        return other
    if _continues(evidence, context, library, limits):
        if context.offered:
            return _offered_again(evidence, context)
        return _plain("followup", said, facet, key=context.last_key, candidates=found)
    if not evidence.names:
        return _plain("unsure", said, facet, candidates=found)
    chosen = _choose(evidence, limits)
    told = _or_imported(chosen, library)
    return _within_scope(chosen, evidence, limits) if told is chosen else told


def _plainly(evidence: Evidence, context: Context, limits: Thresholds) -> Understanding | None:
    """What needs no weighing: a code, a sure intent, a number that chooses, a name and nothing else."""
    said, facet, intent = evidence.said, evidence.facet, evidence.intent
    if evidence.coded:
        return _coded(evidence, limits)
    if intent is not None and not intent.yields:
        return _plain("intent", said, facet, intent=intent)
    if (place := ordinal(said, len(context.offered))) is not None:
        return _chose(place, said, facet, context)
    return _usual(evidence) if evidence.vague else None


def _yielding(evidence: Evidence, library: Library, limits: Thresholds) -> Understanding | None:
    """The intent that yields to a sure answer, where there is none."""
    intent = evidence.intent
    if intent is None or _covered(evidence, intent, library, limits):
        return None
    return _plain("intent", evidence.said, evidence.facet, intent=intent, candidates=evidence.found)


def _within_scope(chosen: Understanding, evidence: Evidence, limits: Thresholds) -> Understanding:
    """What was chosen, or `beyond`: the message hardly asks for anything the library holds."""
    found = evidence.found
    if found and found[0].score >= limits.sure:
        return chosen
    if chosen.outcome == "unsure" and not any(map(is_telling, evidence.said.plain_tokens)):
        return chosen
    least = scope().say_so if chosen.outcome == "unsure" else scope().offer
    if evidence.ours >= least:
        return chosen
    return _plain("beyond", evidence.said, evidence.facet, candidates=found)


def _message(evidence: Evidence, context: Context, library: Library) -> Understanding | None:
    """What the message is like, other than a question about a procedure, an unreviewed one included."""
    if evidence.intent is not None:
        return None
    amid = bool(context.last_key or context.offered)
    intent = meant(evidence.alike, evidence.found, evidence.said, amid)
    if intent is None:
        return None
    unknown = _plain("unsure", evidence.said, evidence.facet, candidates=evidence.found)
    if intent.name in ELSEWHERE and (told := _or_imported(unknown, library)) is not unknown:
        return told
    return replace(unknown, outcome="intent", intent=intent)


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


def _by_code(text: str, library: Library) -> list[str]:
    """Keys of the entries whose national code stands in the message: nothing names them better."""
    codes = dict.fromkeys(_CODE.findall(with_signs(text)))
    return [entry.key for code in codes for entry in library.by_code(code)]


def _coded(evidence: Evidence, limits: Thresholds) -> Understanding:
    """The entry with the code, or which of several."""
    coded = evidence.coded
    asked = _plain("choices", evidence.said, evidence.facet, candidates=coded)
    if len(coded) == 1:
        return replace(asked, outcome="answer", key=coded[0].key)
    return replace(asked, choices=coded[: limits.max_choices])


def after(context: Context, understood: Understanding, library: Library) -> Context:
    """The context for the next message."""
    if understood.outcome in ("answer", "followup"):
        return Context(understood.key, understood.facet)
    if understood.outcome in ("choices", "both"):
        offered = offers((choice.key for choice in understood.choices), library)
        return Context(context.last_key, understood.facet, offered)
    if understood.outcome in ("unsure", "beyond"):
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


def _choose(evidence: Evidence, limits: Thresholds) -> Understanding:
    """Answer when sure, offer what is close, else say so."""
    said, facet, found = evidence.said, evidence.facet, evidence.found
    if not found or found[0].score < limits.floor:
        return _plain("unsure", said, facet, candidates=found)
    doubtful = is_doubtful(found[0], limits)
    near = _near(found, limits.near_both if evidence.both else limits.near, limits)
    if two := _two_matters(half for half in evidence.halves if is_sure(half, limits)):
        return replace(_plain("both", said, facet, candidates=found), choices=two)
    if evidence.both:
        near = _with_halves(near, evidence, limits)
    if is_sure(found, limits) and not doubtful and not (evidence.both and len(near) > 1):
        return _plain("answer", said, facet, key=found[0].key, candidates=found)
    if len(near) == 1 and found[0].score >= limits.lonely and not doubtful:
        return _plain("answer", said, facet, key=found[0].key, candidates=found)
    if len(near) == 1 and found[0].score >= limits.confirm:
        near = tuple(candidate for candidate in found[:3] if candidate.score >= limits.offer)
    if len(near) == 1:
        return _plain("unsure", said, facet, candidates=found)
    return replace(_plain("choices", said, facet, candidates=found), choices=near)


_AND = re.compile(r"\s(?:và|với|rồi|kèm|cộng|va|voi|roi|kem)\s|[;+&]\s")
_ANY_JOINT = re.compile(_AND.pattern + r"|,\s")


def _halves(said: Normalized, library: Library) -> tuple[tuple[Candidate, ...], ...]:
    """What each half of a short message that joins two may mean ("làm khai sinh với nhập khẩu").

    It is cut where both halves say most.
    """
    if len(said.tokens) > int(lexicon("choosing")["joined_message"]):
        return ()
    joint = _ANY_JOINT if _asks_both(said) else _AND
    cuts = [
        cut
        for place in _cuts(with_signs(said.original), joint)
        if len(cut := _found_in(place, library)) == len(place)
    ]
    return max(cuts, key=lambda cut: min(half[0].score for half in cut), default=())


def _cuts(text: str, joint: re.Pattern[str]) -> list[tuple[str, str]]:
    """The message in two at each of its joints."""
    cuts = [
        (words_only(text[: found.start()]), words_only(text[found.end() :])) for found in joint.finditer(text)
    ]
    return [cut for cut in cuts if min(len(half.split()) for half in cut) >= LEAST_HALF][:MOST_CUTS]


def _found_in(halves: Sequence[str], library: Library) -> tuple[tuple[Candidate, ...], ...]:
    return tuple(filter(None, (_named_in(normalize(half), library) for half in halves)))


def _named_in(half: Normalized, library: Library) -> tuple[Candidate, ...]:
    """The best two of a half; the usual matter first, when the half is its name and nothing else."""
    usual = _vague(half, best_facet(half), library)
    if len(usual) == 1:
        return (replace(usual[0], score=1.0),)
    return tuple(library.search_reviewed(half, 2))


def _two_matters(halves: Iterable[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """Different matters, each the first of a half of the message."""
    two = {half[0].key: half[0] for half in halves}
    return tuple(two.values()) if len(two) > 1 else ()


def _with_halves(near: Sequence[Candidate], evidence: Evidence, limits: Thresholds) -> tuple[Candidate, ...]:
    """What is near, with what each half means before it."""
    two = _two_matters(half for half in evidence.halves if half[0].score >= limits.lonely)
    return tuple({one.key: one for one in (*two, *near)}.values())[: limits.max_choices]


def is_doubtful(candidate: Candidate, limits: Thresholds) -> bool:
    """Does the message hold something decisive that this entry knows nothing of?"""
    return any(name.startswith("-") and -share >= limits.doubt for name, share in candidate.why.items())


def is_sure(found: Sequence[Candidate], limits: Thresholds) -> bool:
    ahead = found[0].score - found[1].score if len(found) > 1 else 1.0
    if found[0].score >= limits.very_sure:
        return ahead >= limits.small_gap
    return found[0].score >= limits.sure and ahead >= limits.gap


def _near(found: Sequence[Candidate], width: float, limits: Thresholds) -> tuple[Candidate, ...]:
    least = max(found[0].score - width, limits.offer)
    return tuple(c for c in found if c.score >= least)[: limits.max_choices]


@cache
def _vague_patterns() -> tuple[PatternSet, PatternSet, list[list[str]]]:
    patterns, around = PatternSet(), PatternSet()
    groups = lexicon("choosing")["vague"]
    for number, group in enumerate(groups):
        patterns.add(str(number), group["say"])
    around.add("filler", [*lexicon("intents")["fillers"], *lexicon("choosing")["politeness"]])
    around.add("filler", lexicon("choosing")["empty_verbs"])
    return patterns, around, [group["keys"] for group in groups]


def _vague(said: Normalized, facet: FacetHit | None, library: Library) -> tuple[Candidate, ...]:
    """The usual matters, or the usual one, when the message names nothing but their field and a part."""
    patterns, around, groups = _vague_patterns()
    text = script(said)
    hits = patterns.find(said, text)
    if not hits:
        return ()
    longest = max(hits, key=lambda hit: (hit.end - hit.start, -int(hit.name)))
    keys = [key for key in groups[int(longest.name)] if key in library]
    asked = facet.found if facet and len(keys) == 1 else ()
    if without(text, [*hits, *asked, *around.find(said, text)]):
        return ()
    scores = {candidate.key: candidate.score for candidate in library.rank(keys, said)}
    return tuple(Candidate(key, scores[key]) for key in keys)


def _usual(evidence: Evidence) -> Understanding:
    """The usual matter of the name that is all the message says, or which of several."""
    usual = evidence.vague
    if len(usual) > 1:
        return replace(
            _plain("choices", evidence.said, evidence.facet, candidates=evidence.found), choices=usual
        )
    found = (replace(usual[0], score=1.0), *(one for one in evidence.found if one.key != usual[0].key))[:TOP]
    return _plain("answer", evidence.said, evidence.facet, key=usual[0].key, candidates=found)


def _covered(evidence: Evidence, intent: Intent, library: Library, limits: Thresholds) -> bool:
    """Does the library answer a matter that another authority or nobody seemed to have?"""
    found = evidence.found
    if not found:
        return False
    entry = library.entry(found[0].key)
    own = entry is not None and entry.field in intent.fields
    if own and (evidence.ours >= scope().say_so or found[0].score >= limits.lonely):
        return found[0].score >= limits.confirm
    return found[0].score >= limits.covers


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
    said: Normalized,
    offered: tuple[Offer, ...],
    found: Sequence[Candidate],
    library: Library,
    limits: Thresholds,
) -> int | None:
    """The offer whose words the message uses ("ba má cho"), unless it fits something else better."""
    if not offered or len(said.tokens) > lexicon("choosing")["short_message"]:
        return None
    ranked = library.rank([offer.key for offer in offered], said)
    if not ranked or ranked[0].score < limits.pick:
        return None
    if len(ranked) > 1 and ranked[0].score - ranked[1].score < limits.pick_gap:
        return None
    if found and found[0].score > ranked[0].score + limits.pick_gap:
        return None
    return [offer.key for offer in offered].index(ranked[0].key)


def _continues(evidence: Evidence, context: Context, library: Library, limits: Thresholds) -> bool:
    """Is the message about what was spoken of or offered, rather than a new request?"""
    said, facet, found = evidence.said, evidence.facet, evidence.found
    spoken_of = [offer.key for offer in context.offered] or [context.last_key or ""]
    subjects = {key for key in spoken_of if key in library or library.record(key)}
    if not subjects:
        return False
    if not evidence.names:
        return facet is not None or _opens_follow_up(said)
    if found and found[0].score >= limits.new_request:
        return found[0].key in subjects and not context.offered
    short = len(said.tokens) <= int(lexicon("choosing")["short_message"])
    if short and (facet is not None or _opens_follow_up(said)):
        return True
    near = bool(found) and found[0].key in subjects and not context.offered
    return near and found[0].score >= limits.offer


def _offered_again(evidence: Evidence, context: Context) -> Understanding:
    """A part of what was offered is asked for, before one was chosen: which one's?"""
    again = tuple(Candidate(offer.key, 0.0) for offer in context.offered)
    asked = _plain("choices", evidence.said, evidence.facet, candidates=(*again, *evidence.found)[:TOP])
    return replace(asked, choices=again)


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
