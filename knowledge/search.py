"""Which entries could a message mean: scores 0..1 with their reasons.

Several kinds of evidence are weighed (`knowledge.ranking`): words and concepts, by how few entries hold them;
the phrasings that come nearest; spelling (rapidfuzz), which forgives what the first two miss; the parts of a
long story; the entry's whole text. Contrast concepts (abroad, register anew, mobile …) push apart neighbours
that share all other words. Everything about the entries is computed once, in `Index`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from sys import intern
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from knowledge.features import Features, concepts_in, features, features_of, parts_of, stopwords
from knowledge.patterns import half_typed
from knowledge.ranking import Signals, ranking
from knowledge.readings import Readings
from knowledge.schema import Entry
from knowledge.syllables import is_syllable
from knowledge.text import Normalized, known_word
from knowledge.words import lexicon

__all__ = ["Candidate", "Index", "Topic", "concepts_in", "stopwords", "topic_of"]

SHORTLIST, BY_BODY, BY_PART = 14, 4, 3
"""Topics looked at closely: the first by words, by their whole text, and by each part of a story."""
PARTS = 3
"""Parts of a story that are looked at: those that say most."""
SPELLED = 5
"""Phrasings of an entry whose spelling is compared: the nearest."""
MENDED = 40
"""Unknown words of a message for which a known one is sought, one slip away: the first."""
LEAST_SHARE = 0.1
"""Features that say less than this are not looked up: they stand in nearly every entry."""
WRONG_ACCENT = 0.35
FIELD_WEIGHT = {"name": 1.0, "phrasing": 1.0, "ask": 0.8, "official": 0.7, "fact": 0.3}
OWN_WORDS = 0.9
"""From this likeness on a message is one of the entry's own phrasings: no others need to be near."""
SUPERSEDED = 0.5
"""What is done instead goes first."""
LONG_WORD = 5
"""Letters of a strange word that is more likely a foreign one than a slip ("flycam")."""
BODY = "body"
"""Texts of this kind count only as words of the whole."""
SATURATION, LENGTH = 1.2, 0.75
"""BM25's usual constants, for the whole text."""


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
    superseded: bool = False


@dataclass(slots=True)
class Phrase:
    """One way an entry is named or asked about. `whole`: all its features by how rare they are."""

    kind: str
    plain: str
    whole: float = 0.0


_Holders = tuple[Any, ...]
"""Of the phrases that hold a feature, one after the other: place, the feature's weight there, its part of the
phrase. In one row, for there are a hundred thousand of them."""


@dataclass(slots=True)
class _Posting:
    """A topic that holds a feature: how prominently, and with which accents."""

    weight: float = 0.0
    forms: frozenset[str] = frozenset()


@lru_cache(maxsize=8192)
def _shared(forms: frozenset[str]) -> frozenset[str]:
    """The same set for all who hold the same forms: most words are written in one way only."""
    return forms


class Index:
    """Everything precomputed about a set of topics.

    `common`: an index that tells how rare words are; a small set of topics cannot tell by itself, and
    with it the scores of both can be compared.
    """

    def __init__(
        self, topics: Iterable[Topic], common: Index | None = None, readings: Readings | None = None
    ) -> None:
        readings = Readings() if readings is None else readings
        self.topics = sorted(topics, key=lambda topic: topic.key)
        self.phrases: list[list[Phrase]] = [[] for _ in self.topics]
        self._postings: dict[str, dict[int, _Posting]] = {}
        self._weights: list[list[dict[str, float]]] = [[] for _ in self.topics]
        self._central: list[frozenset[str]] = []
        self._concepts: list[frozenset[str]] = []
        bodies = [self._add(number, topic, readings) for number, topic in enumerate(self.topics)]
        self._own_words = {one.plain: n for n, phrases in enumerate(self.phrases) for one in phrases}
        self._bodies = _bodies(bodies)
        self._weigh(common)
        self._holders_of = [self._hold(*both) for both in zip(self.phrases, self._weights, strict=True)]
        del self._weights
        self._forms = {name: _shared(frozenset().union(*(posting.forms for posting in found.values())))
                       for name, found in self._postings.items()}  # fmt: skip
        self._words = [name for name in self._postings if " " not in name and name[0] != "#"]

    def _weigh(self, common: Index | None) -> None:
        total = len(self.topics)
        self._unknown_idf = common.idf("") if common else math.log(total + 1) + 0.25
        self._idf = {
            name: common.idf(name) if common else math.log((total + 1) / (len(found) + 0.4)) + 0.25
            for name, found in self._postings.items()
        }

    def _hold(self, phrases: Sequence[Phrase], weights: Sequence[Mapping[str, float]]) -> dict[str, _Holders]:
        """Feature → the topic's phrases that hold it."""
        held: dict[str, list[Any]] = {}
        for place, (phrase, named) in enumerate(zip(phrases, weights, strict=True)):
            phrase.whole = sum(weight * self._idf[name] for name, weight in named.items())
            for name, weight in named.items():
                part = weight * self._idf[name] / phrase.whole
                held.setdefault(name, []).extend((place, weight, part))
        return {name: tuple(row) for name, row in held.items()}

    def _add(self, number: int, topic: Topic, readings: Readings) -> Counter[str]:
        """How often each word of substance stands in the topic's whole text."""
        central: set[str] = set()
        concepts: set[str] = set()
        words: Counter[str] = Counter()
        for kind, text in topic.texts:
            read = readings.of(text, with_concepts=kind != BODY)
            words.update(read.plain_tokens)
            if kind == BODY or read.concepts is None:
                continue
            found = features_of(read.tokens, read.plain_tokens, read.concepts)
            self._post(number, found, FIELD_WEIGHT[kind])
            if kind != "fact":
                concepts |= found.concepts
                weights = {intern(name): weight for name, weight in found.weights.items()}
                self.phrases[number].append(Phrase(kind, found.plain))
                self._weights[number].append(weights)
            if kind == "name":
                central |= found.concepts
        self._central.append(frozenset(central))
        self._concepts.append(frozenset(concepts))
        stop = stopwords()
        return Counter({word: n for word, n in words.items() if word not in stop and not word.isdigit()})

    def _post(self, number: int, found: Features, weight: float) -> None:
        for name in found.weights:
            if (holders := self._postings.get(name)) is None:
                holders = self._postings[intern(name)] = {}
            if (posting := holders.get(number)) is None:
                posting = holders[number] = _Posting(weight)
            elif posting.weight < weight:
                posting.weight = weight
            typed = found.accents.get(name)
            if typed is not None and typed not in posting.forms:
                posting.forms = _shared(posting.forms | {typed})

    def concepts_of(self, key: str) -> frozenset[str]:
        """The concepts in the names and phrasings of a topic."""
        return next(
            (self._concepts[n] for n, topic in enumerate(self.topics) if topic.key == key), frozenset()
        )

    def held(self, key: str, words: Iterable[str]) -> set[str]:
        """Those of the bare words that stand in a topic's texts."""
        number = next((n for n, topic in enumerate(self.topics) if topic.key == key), None)
        return {word for word in words if number in self._postings.get(word, ())}

    def uncovered(self, said: Normalized, keys: Iterable[str]) -> float:
        """Share of the message's words of substance, by how rare they are, that no topic of these holds."""
        wanted = set(keys)
        query = self._mended(features(said))
        missing = whole = 0.0
        for word in filter(is_telling, query.weights):
            share = self.idf(word)
            whole += share
            if not wanted & self._holders(word, query.accents.get(word)):
                missing += share
        return missing / whole if whole else 0.5

    def _holders(self, word: str, typed: str | None) -> set[str]:
        """Keys of the topics that hold a word as it was typed."""
        found = self._postings.get(word)
        if found is None:
            return set()
        wrong = self._misfits(word, typed)
        return {self.topics[n].key for n, posting in found.items() if not (wrong and posting.forms <= wrong)}

    def idf(self, name: str) -> float:
        return self._idf.get(name, self._unknown_idf)

    def knows(self, word: str) -> bool:
        return word in self._postings

    def search(self, said: Normalized, limit: int = 5) -> list[Candidate]:
        """The best `limit` entries, best first; ties in the order of keys."""
        found = [self._candidate(number, signals, why) for number, signals, why in self._weighed(said)]
        return sorted(found, key=lambda candidate: (-candidate.score, candidate.key))[:limit]

    def rank(self, keys: Iterable[str], said: Normalized) -> list[Candidate]:
        """The topics with these keys, best first."""
        wanted = set(keys)
        only = [number for number, topic in enumerate(self.topics) if topic.key in wanted]
        found = [self._candidate(number, signals, why) for number, signals, why in self._weighed(said, only)]
        return sorted(found, key=lambda candidate: (-candidate.score, candidate.key))

    def signals(self, said: Normalized) -> list[tuple[str, Signals]]:
        """What the ranking weighs, for each topic looked at: for fitting the weights."""
        return [(self.topics[number].key, signals) for number, signals, _ in self._weighed(said)]

    def _candidate(self, number: int, signals: Signals, contrast: Mapping[str, float]) -> Candidate:
        weighing = ranking()
        why = {
            **weighing.shares(signals),
            **{name: weighing.cost(name, cost) for name, cost in contrast.items()},
        }
        shown = {name: round(share, 4) for name, share in why.items() if share}
        return Candidate(self.topics[number].key, round(weighing.score(signals), 4), shown)

    def _weighed(
        self, said: Normalized, only: Sequence[int] | None = None
    ) -> list[tuple[int, Signals, Mapping[str, float]]]:
        if not self.topics or not said.plain_tokens:
            return []
        query = self._query(features(said))
        by_body = self._by_body(query.asked_for)
        parts = self._parts(said)
        if only is None:
            only = self._shortlist(query, by_body, parts)
        return [(number, *self._signals(number, query, by_body, parts)) for number in only]

    def _query(self, asked: Features) -> _Query:
        mended = self._mended(asked)
        whole = sum(weight * self.idf(name) for name, weight in mended.weights.items())
        return _Query(mended, whole, self._by_words(mended))

    def _parts(self, said: Normalized) -> list[_Query]:
        """The parts of a story that say most."""
        heard = sorted(parts_of(said), key=self._says)
        return [self._query(part) for part in heard[-PARTS:]]

    def _says(self, part: Features) -> float:
        return sum(weight * self._idf[name] for name, weight in part.weights.items() if name in self._idf)

    def _shortlist(self, whole: _Query, by_body: Mapping[int, float], parts: Sequence[_Query]) -> list[int]:
        chosen = dict.fromkeys(_best(whole.words, SHORTLIST))
        if (same := self._own_words.get(whole.plain)) is not None:
            chosen[same] = None
        chosen.update(dict.fromkeys(_best(by_body, BY_BODY)))
        for part in parts:
            chosen.update(dict.fromkeys(_best(part.words, BY_PART)))
        return list(chosen)

    def _mended(self, query: Features) -> Features:
        """Unknown words replaced by the known word one slip away."""
        weights = dict(query.weights)
        unknown = [w for w in query.accents if len(w) > 3 and w.isalpha() and w not in self._postings]
        for word in unknown[:MENDED]:
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
                misfit = wrong and posting.forms <= wrong
                gained = share * posting.weight * (WRONG_ACCENT if misfit else 1.0)
                scores[number] = scores.get(number, 0.0) + gained
        return {number: min(1.0, score / mass) for number, score in scores.items()} if mass else {}

    def _by_body(self, query: Features) -> dict[int, float]:
        """How well each entry's whole text holds the words, beside the one that holds them best."""
        scores: dict[int, float] = {}
        for word in query.accents:
            for number, weight in self._bodies.get(word, ()):
                scores[number] = scores.get(number, 0.0) + weight
        most = max(scores.values(), default=0.0)
        return {number: score / most for number, score in scores.items()}

    def _misfits(self, name: str, typed: str | None) -> set[str]:
        """The accented forms of a word in the library that the typed one cannot be."""
        if typed is None or typed == name:
            return set()
        return {form for form in self._forms[name] if form != name and typed not in half_typed(form)}

    def _signals(
        self, number: int, query: _Query, by_body: Mapping[int, float], parts: Sequence[_Query]
    ) -> tuple[Signals, Mapping[str, float]]:
        phrases = self.phrases[number]
        alike = self._alike(number, query)
        nearest = [likeness for likeness, _ in alike[:3]]
        near = [phrases[place] for _, place in alike[:SPELLED] if phrases[place].kind != "official"]
        spelling = max((fuzz.token_set_ratio(query.plain, one.plain) for one in near), default=0.0) / 100
        contrast = self._contrast(query.asked_for, number)
        words = query.words.get(number, 0.0)
        signals = Signals(
            words=words,
            phrases=nearest[0] if nearest[0] >= OWN_WORDS else sum(nearest) / 3,
            spelling=max(0.0, (spelling - 0.4) / 0.6),
            part_words=max((part.words.get(number, 0.0) for part in parts), default=words),
            body=by_body.get(number, 0.0),
            lacks=sum(cost for name, cost in contrast.items() if name[0] == "-"),
            surplus=sum(cost for name, cost in contrast.items() if name[0] == "+"),
        )
        return signals, contrast

    def _alike(self, number: int, query: _Query) -> list[tuple[float, int]]:
        """Likeness and place of the topic's phrases that are most alike, at least those that are compared."""
        phrases, held = self.phrases[number], self._holders_of[number]
        covered: dict[int, float] = {}
        for name, asks_for in query.asked_for.weights.items():
            row = iter(held.get(name, ()))
            for place, holds, part in zip(row, row, row, strict=True):
                share = part if asks_for >= holds else part * asks_for / holds
                covered[place] = covered.get(place, 0.0) + share
        alike = [(query.likeness(phrases[place], share), place) for place, share in covered.items()]
        alike.sort(reverse=True)
        if (few := SPELLED - len(alike)) > 0:
            others = (place for place in reversed(range(len(phrases))) if place not in covered)
            alike += [(0.0, place) for place in islice(others, few)]
        return alike

    def _contrast(self, query: Features, number: int) -> dict[str, float]:
        """-name: the message speaks of it and the topic does not; +name: the other way round, or outdated."""
        costs = {"+superseded": SUPERSEDED} if self.topics[number].superseded else {}
        for name, cost in lexicon("concepts")["contrasts"].items():
            if name in query.concepts and name not in self._concepts[number]:
                costs[f"-{name}"] = float(cost["thieu"])
            elif name in self._central[number] and name not in query.concepts:
                costs[f"+{name}"] = float(cost["thua"])
        return costs


@dataclass(frozen=True, slots=True)
class _Query:
    """A message, or a part of one, ready for comparison. `asked`: the weight of all it says."""

    asked_for: Features
    asked: float
    words: Mapping[int, float]

    @property
    def plain(self) -> str:
        return self.asked_for.plain

    def likeness(self, phrase: Phrase, covered: float) -> float:
        """How much of the phrase the message holds (`covered`), and a little the other way round."""
        said = covered * phrase.whole / self.asked
        official = 0.8 if phrase.kind == "official" else 1.0
        return min(1.0, covered) * (0.6 + 0.4 * min(1.0, said * 1.5)) * official


def _best(scores: Mapping[int, float], most: int) -> list[int]:
    return sorted(scores, key=lambda number: (-scores[number], number))[:most]


def _bodies(counts: Sequence[Counter[str]]) -> dict[str, list[tuple[int, float]]]:
    """Word → the topics whose whole text holds it, with its BM25 weight there."""
    lengths = [count.total() for count in counts]
    usual = sum(lengths) / len(lengths) if lengths else 0.0
    holders = Counter(word for count in counts for word in count)
    found: dict[str, list[tuple[int, float]]] = {}
    for number, count in enumerate(counts):
        damping = SATURATION * (1 - LENGTH + LENGTH * lengths[number] / usual) if usual else 0.0
        for word, n in count.items():
            rare = math.log(1 + (len(counts) - holders[word] + 0.5) / (holders[word] + 0.5))
            found.setdefault(word, []).append((number, rare * n * (SATURATION + 1) / (n + damping)))
    return found


def is_telling(name: str) -> bool:
    """A word of substance, and not a slip: no pair, concept, number, nor letters that are no word."""
    if " " in name or name[0] == "#" or name.isdigit() or name in stopwords():
        return False
    return len(name) >= LONG_WORD or is_syllable(name) or known_word(name)


def topic_of(entry: Entry) -> Topic:
    """An entry by all its texts."""
    official = " ".join(entry.official_name.split()[:40])
    named = [("name", entry.plain_name), ("name", entry.choice_name), ("official", official)]
    asked = [("phrasing", phrasing) for phrasing in entry.phrasings]
    asked += [("ask", ask) for faq in entry.faqs for ask in faq.asks]
    cases = [fact.when for fact in entry.conditions] + [fact.when for fact in entry.documents]
    told = [("fact", entry.summary.text), *(("fact", case) for case in cases if case)]
    more = [
        *(document.name for document in entry.documents),
        *(text.text for text in (*entry.steps, *entry.conditions, *entry.mistakes)),
        *(faq.answer for faq in entry.faqs),
    ]
    texts = (*named, *asked, *told, *((BODY, text) for text in more))
    return Topic(entry.key, texts, superseded=entry.kind == "superseded")
