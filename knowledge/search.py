"""Which entries could a message mean: scores 0..1 with their reasons.

Three kinds of evidence are added up. Words and concepts, weighted by how few entries hold them; the one
phrasing that comes nearest; and spelling (rapidfuzz), which forgives what the first two miss. Contrast
concepts (abroad, register anew, mobile …) then push apart neighbours that share all other words.
Everything about the entries is computed once, in `Index`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from knowledge.patterns import Found, PatternSet, half_typed
from knowledge.schema import Entry
from knowledge.syllables import plain
from knowledge.text import Normalized, normalize
from knowledge.words import lexicon

SHORTLIST = 14
QUERY_WORDS = 80
SPELLED = 5
"""Phrasings of an entry whose spelling is compared: the nearest."""
STOP_WEIGHT = 0.12
LEAST_SHARE = 0.1
"""Features that say less than this are not looked up: they stand in nearly every entry."""
PAIR_WEIGHT = 0.55
CONCEPT_WEIGHT = 1.7
WRONG_ACCENT = 0.35
FIELD_WEIGHT = {"name": 1.0, "phrasing": 1.0, "ask": 0.8, "official": 0.7, "fact": 0.3}
MIX = {"words": 0.30, "phrase": 0.45, "spelling": 0.25}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be meant. `why`: evidence → its share of the score."""

    key: str
    score: float
    why: Mapping[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a message may mean. `texts`: the kind of evidence each is (`FIELD_WEIGHT`), and the words."""

    key: str
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Features:
    """What a text offers for comparison: feature → weight; words also with the accents typed."""

    weights: dict[str, float]
    accents: dict[str, str]
    concepts: frozenset[str]
    plain: str


@dataclass(slots=True)
class Phrase:
    """One way an entry is named or asked about. `shares`: feature → weight × idf; `whole`: their sum."""

    kind: str
    plain: str
    weights: dict[str, float]
    shares: dict[str, float] = field(default_factory=dict)
    whole: float = 0.0

    def weigh(self, idf: Mapping[str, float]) -> None:
        self.shares = {name: weight * idf[name] for name, weight in self.weights.items()}
        self.whole = sum(self.shares.values())


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
    concepts = frozenset(hit.name for hit in concepts_in(said))
    heavy: dict[str, float] = lexicon("concepts")["heavy"]
    weights: dict[str, float] = {f"#{name}": heavy.get(name, CONCEPT_WEIGHT) for name in concepts}
    accents: dict[str, str] = {}
    stop = stopwords()
    words = said.plain_tokens
    if len(words) > QUERY_WORDS:
        words = words[: QUERY_WORDS * 5 // 8] + words[-QUERY_WORDS * 3 // 8 :]
    for word, typed in zip(said.plain_tokens, said.tokens, strict=True):
        weights[word] = STOP_WEIGHT if word in stop or word.isdigit() else 1.0
        accents[word] = typed
    for first, second in zip(words, words[1:], strict=False):
        if first not in stop or second not in stop:
            weights[f"{first} {second}"] = PAIR_WEIGHT
    return Features(weights, accents, concepts, " ".join(words))


@dataclass(slots=True)
class _Posting:
    """A topic that holds a feature: how prominently, and with which accents."""

    weight: float
    forms: set[str]


class Index:
    """Everything precomputed about a set of topics.

    `common`: an index that tells how rare words are; a small set of topics cannot tell by itself, and
    with it the scores of both can be compared.
    """

    def __init__(self, topics: Iterable[Topic], common: Index | None = None) -> None:
        self.topics = sorted(topics, key=lambda topic: topic.key)
        self.phrases: list[list[Phrase]] = [[] for _ in self.topics]
        self._postings: dict[str, dict[int, _Posting]] = {}
        self._central: list[frozenset[str]] = []
        self._concepts: list[frozenset[str]] = []
        for number, topic in enumerate(self.topics):
            self._add(number, topic)
        self._weigh(common)
        for phrase in (phrase for phrases in self.phrases for phrase in phrases):
            phrase.weigh(self._idf)
        self._forms = {name: set().union(*(posting.forms for posting in found.values()))
                       for name, found in self._postings.items()}  # fmt: skip
        self._words = [name for name in self._postings if " " not in name and name[0] != "#"]

    def _weigh(self, common: Index | None) -> None:
        total = len(self.topics)
        self._unknown_idf = common.idf("") if common else math.log(total + 1) + 0.25
        self._idf = {
            name: common.idf(name) if common else math.log((total + 1) / (len(found) + 0.4)) + 0.25
            for name, found in self._postings.items()
        }

    def _add(self, number: int, topic: Topic) -> None:
        central: set[str] = set()
        concepts: set[str] = set()
        for kind, text in topic.texts:
            said = normalize(text)
            found = features(said)
            self._post(number, found, FIELD_WEIGHT[kind])
            if kind != "fact":
                concepts |= found.concepts
                self.phrases[number].append(Phrase(kind, found.plain, found.weights))
            if kind == "name":
                central |= found.concepts
        self._central.append(frozenset(central))
        self._concepts.append(frozenset(concepts))

    def _post(self, number: int, found: Features, weight: float) -> None:
        for name in found.weights:
            posting = self._postings.setdefault(name, {}).setdefault(number, _Posting(0.0, set()))
            posting.weight = max(posting.weight, weight)
            if name in found.accents:
                posting.forms.add(found.accents[name])

    def concepts_of(self, key: str) -> frozenset[str]:
        """The concepts in the names and phrasings of a topic."""
        return next(
            (self._concepts[n] for n, topic in enumerate(self.topics) if topic.key == key), frozenset()
        )

    def held(self, key: str, words: Iterable[str]) -> set[str]:
        """Those of the bare words that stand in a topic's texts."""
        number = next((n for n, topic in enumerate(self.topics) if topic.key == key), None)
        return {word for word in words if number in self._postings.get(word, ())}

    def idf(self, name: str) -> float:
        return self._idf.get(name, self._unknown_idf)

    def knows(self, word: str) -> bool:
        return word in self._postings

    def search(self, said: Normalized, limit: int = 5) -> list[Candidate]:
        """The best `limit` entries, best first; ties in the order of keys."""
        if not self.topics or not said.plain_tokens:
            return []
        query = self._mended(features(said))
        words = self._by_words(query)
        best = sorted(words, key=lambda number: (-words[number], number))[:SHORTLIST]
        found = [self._score(query, number, words[number]) for number in best]
        return sorted(found, key=lambda candidate: (-candidate.score, candidate.key))[:limit]

    def rank(self, keys: Iterable[str], said: Normalized) -> list[Candidate]:
        """The topics with these keys, best first."""
        query = self._mended(features(said))
        words = self._by_words(query)
        wanted = set(keys)
        found = [self._score(query, number, words.get(number, 0.0))
                 for number, topic in enumerate(self.topics) if topic.key in wanted]  # fmt: skip
        return sorted(found, key=lambda candidate: (-candidate.score, candidate.key))

    def _mended(self, query: Features) -> Features:
        """Unknown words replaced by the known word one slip away."""
        weights = dict(query.weights)
        for word in [w for w in query.accents if len(w) > 3 and w.isalpha() and w not in self._postings]:
            near = process.extractOne(word, self._words, scorer=OSA.distance, score_cutoff=1)
            if near is not None and near[0] not in weights:
                weights[near[0]] = 0.7
        return Features(weights, query.accents, query.concepts, query.plain)

    def _by_words(self, query: Features) -> dict[int, float]:
        """Share of the message's evidence that each entry holds."""
        scores: dict[int, float] = {}
        mass = 0.0
        for name, weight in query.weights.items():
            share = weight * self.idf(name)
            found = self._postings.get(name)
            mass += share * (0.4 if found is None else 1.0)
            if found is None or share < LEAST_SHARE:
                continue
            wrong = self._misfits(name, query.accents.get(name))
            for number, posting in found.items():
                gained = share * posting.weight
                if wrong and posting.forms <= wrong:
                    gained *= WRONG_ACCENT
                scores[number] = scores.get(number, 0.0) + gained
        return {number: score / mass for number, score in scores.items()} if mass else {}

    def _misfits(self, name: str, typed: str | None) -> set[str]:
        """The accented forms of a word in the library that the typed one cannot be."""
        if typed is None or typed == name:
            return set()
        return {form for form in self._forms[name] if form != name and typed not in half_typed(form)}

    def _score(self, query: Features, number: int, words: float) -> Candidate:
        asked = sum(weight * self.idf(name) for name, weight in query.weights.items())
        alike = [(_likeness(query.weights, asked, one), one) for one in self.phrases[number]]
        alike.sort(key=lambda pair: -pair[0])
        phrase = alike[0][0]
        spelling = max((fuzz.token_set_ratio(query.plain, one.plain) for _, one in alike[:SPELLED]
                        if one.kind != "official"), default=0.0) / 100  # fmt: skip
        why = {
            "words": MIX["words"] * min(1.0, words),
            "phrase": MIX["phrase"] * phrase,
            "spelling": MIX["spelling"] * max(0.0, (spelling - 0.4) / 0.6),
            **self._contrast(query, number),
        }
        score = max(0.0, min(1.0, sum(why.values())))
        return Candidate(self.topics[number].key, round(score, 4), {k: round(v, 4) for k, v in why.items()})

    def _contrast(self, query: Features, number: int) -> dict[str, float]:
        why = {}
        for name, cost in lexicon("concepts")["contrasts"].items():
            if name in query.concepts and name not in self._concepts[number]:
                why[f"-{name}"] = -float(cost["thieu"])
            elif name in self._central[number] and name not in query.concepts:
                why[f"+{name}"] = -float(cost["thua"])
        return why


def _likeness(asks: Mapping[str, float], asked: float, phrase: Phrase) -> float:
    """How much of the phrase the message holds, and a little the other way round."""
    common = asks.keys() & phrase.shares.keys()
    if not common:
        return 0.0
    shared = sum(phrase.shares[name] * min(1.0, asks[name] / phrase.weights[name]) for name in common)
    covered, said = shared / phrase.whole, shared / asked
    official = 0.8 if phrase.kind == "official" else 1.0
    return min(1.0, covered) * (0.6 + 0.4 * min(1.0, said * 1.5)) * official


def topic_of(entry: Entry) -> Topic:
    """An entry by all its texts."""
    official = " ".join(entry.official_name.split()[:40])
    named = [("name", entry.plain_name), ("name", entry.choice_name), ("official", official)]
    asked = [("phrasing", phrasing) for phrasing in entry.phrasings]
    asked += [("ask", ask) for faq in entry.faqs for ask in faq.asks]
    cases = [fact.when for fact in entry.conditions] + [fact.when for fact in entry.documents]
    told = [("fact", entry.summary.text), *(("fact", case) for case in cases if case)]
    return Topic(entry.key, (*named, *asked, *told))
