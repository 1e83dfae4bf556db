"""The ranking's weights from labelled questions: which signals lead to the right entry, and how surely.

First the order: a conditional logit over the topics looked at for each question (the right ones against all
others), no signal weighed against its sense. Then the scale: a logistic regression on the first three of each
question, so that a score is about the chance that the entry is right. Plain Python: a few seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.evaluation.calibrate import FOLDS, Case, folds_of
from knowledge.evaluation.figures import Share
from knowledge.ranking import COSTS, Ranking, Signals

RIDGE = 0.3
ROUNDS, SETTLED = 120, 1e-3
FIRST_STEP, SHORTEST, LONGEST = 0.5, 1e-4, 1.0
SCALED = 3
"""How many topics of each question tell the scale: those that could be answered or offered."""

Weights = tuple[float, ...]


@dataclass(frozen=True)
class Sample:
    """The topics looked at for one question: their signals, and which of them are right."""

    signals: tuple[Signals, ...]
    right: tuple[bool, ...]
    weight: float = 1.0


def samples_of(cases: Iterable[Case]) -> list[Sample]:
    """One for each case; for a follow-up the last message by itself says too little, so it has none."""
    return [_sample(case) if len(case.evidence) == 1 else Sample((), (), 0.0) for case in cases]


def _sample(case: Case) -> Sample:
    wanted: frozenset[str] = frozenset().union(*case.groups)
    found = case.library.index.signals(case.evidence[-1].said)
    return Sample(tuple(one for _, one in found), tuple(key in wanted for key, _ in found), case.weight)


def fit(samples: Sequence[Sample]) -> Ranking:
    ordered = _order([sample for sample in samples if any(sample.right)])
    slope, bias = _scale(samples, ordered)
    named = {name: round(slope * weight, 3) for name, weight in zip(Signals._fields, ordered, strict=True)}
    return Ranking(bias=round(bias, 3), **named)


def _order(samples: Sequence[Sample]) -> Weights:
    """Resilient steps: each weight moves by its own step, longer while its slope keeps its sign."""
    weights = [0.0] * len(Signals._fields)
    steps, before = [FIRST_STEP] * len(weights), [0.0] * len(weights)
    for _ in range(ROUNDS):
        slopes = _slopes(weights, samples)
        for place, slope in enumerate(slopes):
            turned = slope * before[place]
            steps[place] = min(LONGEST, max(SHORTEST, steps[place] * (0.5 if turned < 0 else 1.2)))
            moved = weights[place] - math.copysign(steps[place], slope) if slope else weights[place]
            cost = Signals._fields[place] in COSTS
            weights[place] = min(0.0, moved) if cost else max(0.0, moved)
            before[place] = slope
        if max(steps) < SETTLED:
            break
    return tuple(weights)


def _slopes(weights: Sequence[float], samples: Sequence[Sample]) -> list[float]:
    """How the loss (less is better) changes with each weight."""
    slopes = [2 * RIDGE * weight for weight in weights]
    for sample in samples:
        odds = [sum(map(float.__mul__, weights, signals)) for signals in sample.signals]
        highest = max(odds)
        chances = [math.exp(one - highest) for one in odds]
        whole = sum(chances)
        good = sum(chance for chance, right in zip(chances, sample.right, strict=True) if right)
        for signals, chance, right in zip(sample.signals, chances, sample.right, strict=True):
            pull = sample.weight * (chance / whole - (chance / good if right else 0.0))
            for place, value in enumerate(signals):
                slopes[place] += pull * value
    return slopes


def _scale(samples: Sequence[Sample], weights: Weights) -> tuple[float, float]:
    """Slope and intercept that make the odds those of being right (Newton's method, two unknowns)."""
    points = [point for sample in samples for point in _leading(sample, weights)]
    slope, bias = 1.0, -sum(odds for odds, _, _ in points) / len(points)
    for _ in range(ROUNDS):
        first, second = [0.0, 0.0], [1e-6, 0.0, 1e-6]
        for odds, right, weight in points:
            chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, slope * odds + bias))))
            off, spread = weight * (chance - right), weight * chance * (1 - chance)
            first = [first[0] + off * odds, first[1] + off]
            second = [second[0] + spread * odds * odds, second[1] + spread * odds, second[2] + spread]
        determinant = second[0] * second[2] - second[1] ** 2
        by_slope = (second[2] * first[0] - second[1] * first[1]) / determinant
        by_bias = (second[0] * first[1] - second[1] * first[0]) / determinant
        slope, bias = slope - _bounded(by_slope, 0.2), bias - _bounded(by_bias, 1.0)
        if abs(by_slope) + abs(by_bias) < SETTLED / 10:
            break
    return slope, bias


def _bounded(step: float, most: float) -> float:
    """A whole step of Newton's may leap over the hill."""
    return max(-most, min(most, step))


def _leading(sample: Sample, weights: Weights) -> list[tuple[float, bool, float]]:
    odds = [sum(map(float.__mul__, weights, signals)) for signals in sample.signals]
    ranked = sorted(zip(odds, sample.right, strict=True), reverse=True)[:SCALED]
    return [(one, right, sample.weight) for one, right in ranked]


@dataclass(frozen=True)
class WeightReport:
    """The right entry first, before and after; each question judged by weights fitted without its family."""

    proposed: Ranking
    old: Share
    new: Share


def fit_and_prove(cases: Sequence[Case], in_force: Ranking, count: int = FOLDS) -> WeightReport:
    samples = samples_of(cases)
    old = new = n = 0
    for members in folds_of(cases, count):
        held = set(members)
        fitted = fit([sample for place, sample in enumerate(samples) if place not in held])
        asked = [samples[place] for place in members if any(samples[place].right)]
        n += len(asked)
        old += sum(_right_first(sample, in_force) for sample in asked)
        new += sum(_right_first(sample, fitted) for sample in asked)
    return WeightReport(fit(samples), Share(old, n), Share(new, n))


def _right_first(sample: Sample, weighing: Ranking) -> bool:
    best = max(range(len(sample.signals)), key=lambda place: weighing.score(sample.signals[place]))
    return sample.right[best]
