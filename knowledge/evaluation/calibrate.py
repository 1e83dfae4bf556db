"""Thresholds from labelled questions, by k-fold cross-validation over families of questions.

The searching is done once; a set of thresholds is then judged by deciding anew over what was found
(`knowledge.understand.decide`). See docs/decisions for the method and its weights.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from pydantic import ValidationError

from knowledge.evaluation.figures import Share
from knowledge.evaluation.judge import EVERY, right_keys
from knowledge.evaluation.probes import Round
from knowledge.evaluation.questions import Question, conversation, families
from knowledge.library import Library
from knowledge.search import Candidate
from knowledge.text import Normalized
from knowledge.thresholds import Thresholds
from knowledge.understand import Context, Evidence, Understanding, after, decide, gather

FOLDS = 5
STEPS = (-0.08, -0.04, -0.02, -0.01, 0.01, 0.02, 0.04, 0.08)
PASSES = 6
FIXED = ("max_choices",)
WORTH = {
    "right": 1.0,
    "offered": 0.7,
    "offered_many": 0.5,
    "refused": 1.0,
    "vague": 0.5,
    "missed": 0.0,
    "astray": -0.3,
}
"""What a citizen gains: an answer; a choice of two or three, or of more, of which one is right; a right
refusal; being asked to say it again where there was nothing to answer, or where there was; a choice of
which none is right."""
FEW = 3
SOLVED = ("right", "offered", "offered_many", "refused")
COST = 4.0
"""What a wrong or false answer costs."""
LEAST_GAIN = 0.25
"""Of the worth of one question: a threshold is not moved for less."""


class Remembering(Library):
    """The same library, that ranks the same offers for the same message once."""

    def __init__(self, library: Library) -> None:
        vars(self).update(vars(library))
        self._ranked: dict[tuple[tuple[str, ...], str], list[Candidate]] = {}

    def rank(self, keys: Iterable[str], text: str | Normalized) -> list[Candidate]:
        wanted = tuple(keys)
        place = (wanted, text if isinstance(text, str) else text.original)
        if place not in self._ranked:
            self._ranked[place] = super().rank(wanted, text)
        return self._ranked[place]


@dataclass(frozen=True)
class Case:
    """One question, with everything found for its messages. `groups`: keys of which one each is right."""

    question: Question
    evidence: tuple[Evidence, ...]
    library: Library
    groups: tuple[frozenset[str], ...]
    family: str
    weight: float = 1.0

    @property
    def probe(self) -> bool:
        return self.question.kind == "probe"


def cases_of(questions: Sequence[Question], library: Library) -> list[Case]:
    """Questions that the library can answer, or should answer with nothing."""
    by_id = {question.id: question for question in questions}
    family = families(questions)
    remembering = Remembering(library)
    made = []
    for question in questions:
        groups = _groups(question, library)
        if question.of_procedure and not (groups and all(groups)):
            continue
        evidence = tuple(gather(text, library) for text in conversation(question, by_id))
        made.append(Case(question, evidence, remembering, groups, family[question.id]))
    return made


def _groups(question: Question, library: Library) -> tuple[frozenset[str], ...]:
    if question.of_procedure:
        return tuple(map(frozenset, right_keys(question, library)))
    accepted = right_keys(question.model_copy(update={"expected": question.accept}), library)
    return tuple(map(frozenset, accepted))


def probe_cases(rounds: Iterable[Round]) -> list[Case]:
    return [case for one in rounds for case in cases_of(one.questions, one.library)]


def outcome(case: Case, limits: Thresholds) -> str:
    """One of `WORTH`, or wrong."""
    got = _last(case, limits)
    right: frozenset[str] = frozenset().union(*case.groups)
    if got.key is not None and got.outcome in ("answer", "followup"):
        if case.question.kind in EVERY and len(case.groups) > 1 and got.key in right:
            return "missed"
        return "right" if got.key in right else "wrong"
    offered = {choice.key for choice in got.choices}
    if not offered:
        unsure = "missed" if case.question.of_procedure else "vague"
        return unsure if case.question.of_procedure or got.outcome == "unsure" else "refused"
    whole = case.groups if case.question.kind in EVERY else (right,)
    if not right or not all(group & offered for group in whole):
        return "astray"
    return "offered" if len(offered) <= FEW else "offered_many"


def _last(case: Case, limits: Thresholds) -> Understanding:
    context = Context()
    *before, last = case.evidence
    for evidence in before:
        context = after(context, decide(evidence, context, case.library, limits), case.library)
    return decide(last, context, case.library, limits)


class Trial:
    """Thresholds that are tried. `seen`: those of them that a decision has looked at."""

    def __init__(self, limits: Thresholds) -> None:
        self._values: dict[str, float] = limits.model_dump()
        self._at: dict[tuple[str, ...], tuple[float, ...]] = {}
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> float:
        value = self._values[name]
        self.seen.add(name)
        return value

    def at(self, names: tuple[str, ...]) -> tuple[float, ...]:
        if names not in self._at:
            self._at[names] = tuple(self._values[name] for name in names)
        return self._at[names]


class Memory:
    """One case, decided anew only where a threshold that its decision looks at has a value not tried before:
    most moves of one threshold touch few cases."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._known: dict[tuple[str, ...], dict[tuple[float, ...], str]] = {}
        """By the names of the thresholds looked at, and by their values."""

    def outcome(self, trial: Trial) -> str:
        for names, known in self._known.items():
            if (got := known.get(trial.at(names))) is not None:
                return got
        trial.seen.clear()
        got = outcome(self._case, cast(Thresholds, trial))
        names = tuple(sorted(trial.seen))
        self._known.setdefault(names, {})[trial.at(names)] = got
        return got


@dataclass
class Bench:
    """Judges thresholds over all cases, each set once."""

    cases: Sequence[Case]
    cost: float = COST
    _known: dict[tuple[float, ...], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._memories = [Memory(case) for case in self.cases]

    def outcomes(self, limits: Thresholds) -> list[str]:
        place = tuple(limits.model_dump().values())
        if place not in self._known:
            trial = Trial(limits)
            self._known[place] = [memory.outcome(trial) for memory in self._memories]
        return self._known[place]

    def worth(self, limits: Thresholds, members: Sequence[int]) -> float:
        got = self.outcomes(limits)
        return sum(self.cases[n].weight * WORTH.get(got[n], -self.cost) for n in members)


def balanced(questions: Sequence[Case], probes: Sequence[Case]) -> list[Case]:
    """All probes together weigh as much as all questions together."""
    weight = len(questions) / len(probes) if questions and probes else 1.0
    lighter = [Case(p.question, p.evidence, p.library, p.groups, p.family, weight) for p in probes]
    return [*questions, *lighter]


def fit(bench: Bench, start: Thresholds, members: Sequence[int]) -> Thresholds:
    """One threshold moved at a time, as long as it pays. The same cases give the same thresholds."""
    best, worth = start, bench.worth(start, members)
    names = [name for name in Thresholds.model_fields if name not in FIXED]
    for _ in range(PASSES):
        before = best
        for name in names:
            for moved in moves_of(best, name):
                gained = bench.worth(moved, members)
                if gained >= worth + LEAST_GAIN:
                    best, worth = moved, gained
        if best == before:
            break
    return best


def moves_of(limits: Thresholds, name: str) -> list[Thresholds]:
    """One threshold moved by each step that keeps them in order."""
    values = limits.model_dump()
    made = []
    for step in STEPS:
        try:
            made.append(Thresholds.model_validate(values | {name: round(values[name] + step, 2)}))
        except ValidationError:
            continue
    return made


def folds_of(cases: Sequence[Case], count: int = FOLDS) -> list[list[int]]:
    """Places of the cases by fold; a family stays together, questions and probes are spread alike."""
    numbers: dict[tuple[bool, str], int] = {}
    for probe in (False, True):
        names = {case.family for case in cases if case.probe is probe}
        ordered = sorted(names, key=lambda name: (zlib.crc32(name.encode()), name))
        numbers |= {(probe, name): n % count for n, name in enumerate(ordered)}
    folds: list[list[int]] = [[] for _ in range(count)]
    for place, case in enumerate(cases):
        folds[numbers[case.probe, case.family]].append(place)
    return [fold for fold in folds if fold]


@dataclass(frozen=True)
class Tally:
    """Outcomes of some cases."""

    counts: Mapping[str, int]

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def solved(self) -> Share:
        return Share(sum(self.counts.get(name, 0) for name in SOLVED), self.n)

    @property
    def right(self) -> Share:
        return Share(self.counts.get("right", 0), self.n)

    @property
    def wrong(self) -> Share:
        return Share(self.counts.get("wrong", 0), self.n)


def tally(outcomes: Iterable[str]) -> Tally:
    counts: dict[str, int] = {}
    for name in outcomes:
        counts[name] = counts.get(name, 0) + 1
    return Tally(counts)


@dataclass(frozen=True)
class Fold:
    """Thresholds fitted without `members`, and what became of the members with them and with the old ones."""

    limits: Thresholds
    members: tuple[int, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    cases: tuple[Case, ...]
    old: Thresholds
    proposed: Thresholds
    folds: tuple[Fold, ...]
    old_worth: float
    new_worth: float

    @property
    def pays(self) -> bool:
        """Do fitted thresholds help questions that they were not fitted on, without more wrong answers?"""
        return (
            self.proposed != self.old
            and self.new_worth > self.old_worth
            and self.pooled("new").wrong.count <= self.pooled("old").wrong.count
        )

    def pooled(self, which: str, probe: bool | None = None) -> Tally:
        """Over all folds; of the questions or the probes only when `probe` is given."""
        return tally(
            got
            for fold in self.folds
            for place, got in zip(fold.members, fold.new if which == "new" else fold.old, strict=True)
            if probe is None or self.cases[place].probe is probe
        )


def calibrate(bench: Bench, start: Thresholds, count: int = FOLDS) -> Report:
    everything = range(len(bench.cases))
    made, old_worth, new_worth = [], 0.0, 0.0
    for members in folds_of(bench.cases, count):
        held = set(members)
        limits = fit(bench, start, [place for place in everything if place not in held])
        old, new = bench.outcomes(start), bench.outcomes(limits)
        old_worth += bench.worth(start, members)
        new_worth += bench.worth(limits, members)
        got = (tuple(old[n] for n in members), tuple(new[n] for n in members))
        made.append(Fold(limits, tuple(members), *got))
    proposed = fit(bench, start, everything)
    return Report(tuple(bench.cases), start, proposed, tuple(made), old_worth, new_worth)
