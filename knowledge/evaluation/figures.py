"""Counts, shares with their intervals, calibration and confusions, as values and as text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from knowledge.evaluation.judge import Verdict

Z = 1.959964
"""Two-sided 95 %."""
BINS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
TOTAL = "TỔNG"
COLUMNS = {
    "top1": "đầu bảng",
    "top3": "trong 3",
    "right": "trả đúng",
    "offered": "đưa chọn",
    "solved": "giải được",
    "wrong": "trả sai",
    "facet": "đúng phần",
    "refused": "không đáp",
    "false": "đáp bừa",
    "pointer": "chỉ chỗ bừa",
}
"""Field of a verdict → its heading."""
OF_PROCEDURES = ("top1", "top3", "right", "offered", "solved", "wrong", "facet")
OF_MISSING = ("refused", "offered", "wrong")
OF_OTHERS = ("solved", "refused", "false", "pointer")


@dataclass(frozen=True)
class Share:
    count: int
    n: int

    @property
    def value(self) -> float:
        return self.count / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval; everything is possible where nothing was counted."""
        if not self.n:
            return 0.0, 1.0
        spread = Z * math.sqrt(self.value * (1 - self.value) / self.n + Z * Z / (4 * self.n * self.n))
        middle, whole = self.value + Z * Z / (2 * self.n), 1 + Z * Z / self.n
        return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.1%} [{low:.0%}–{high:.0%}]"


@dataclass(frozen=True)
class Block:
    """One table: a row per group of questions, their total last."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, int, tuple[Share, ...]], ...]


def blocks(verdicts: Sequence[Verdict]) -> list[Block]:
    """By kind, by facet, and what the library could not or should not answer; empty ones left out."""
    procedures = [one for one in verdicts if one.question.of_procedure]
    held = [one for one in procedures if one.held]
    others = [one for one in verdicts if not one.question.of_procedure]
    made = (
        _block("Thủ tục, theo loại câu", procedures, _kind, OF_PROCEDURES),
        _block("Thủ tục, theo phần hỏi", procedures, _facet, OF_PROCEDURES),
        _block("Thủ tục mà kho có thẻ", held, _kind, OF_PROCEDURES) if len(held) < len(procedures) else None,
        _block("Thủ tục mà kho chưa có thẻ (đúng là đừng trả lời)",
               [one for one in procedures if not one.held], _kind, OF_MISSING),
        _block("Không phải thủ tục", others, _kind, OF_OTHERS),
    )  # fmt: skip
    return [block for block in made if block is not None]


def _kind(verdict: Verdict) -> str:
    return verdict.question.kind


def _facet(verdict: Verdict) -> str:
    return verdict.question.facet


def _block(
    title: str, verdicts: Sequence[Verdict], group: Callable[[Verdict], str], columns: tuple[str, ...]
) -> Block | None:
    if not verdicts:
        return None
    names = sorted({group(one) for one in verdicts})
    groups = [(name, [one for one in verdicts if group(one) == name]) for name in names]
    rows = [
        (name, len(members), tuple(share(members, column) for column in columns))
        for name, members in [*groups, (TOTAL, list(verdicts))]
    ]
    return Block(title, columns, tuple(rows))


def share(verdicts: Sequence[Verdict], column: str) -> Share:
    return Share(sum(bool(getattr(one, column)) for one in verdicts), len(verdicts))


@dataclass(frozen=True)
class Bin:
    low: float
    high: float
    mean: float
    right: Share


@dataclass(frozen=True)
class Calibration:
    """Does a score mean what it says? `brier`, `ece`: 0 is perfect."""

    bins: tuple[Bin, ...]
    n: int
    brier: float
    ece: float


def calibration(verdicts: Iterable[Verdict]) -> Calibration:
    """Of the entries that were answered with a score; a follow-up without a search has none."""
    pairs = [(one.told.score, not one.wrong) for one in verdicts if one.told.score is not None]
    bins = []
    for low, high in zip(BINS, BINS[1:], strict=False):
        inside = [(s, good) for s, good in pairs if low <= s < high or (high == 1.0 and s == 1.0)]
        if inside:
            mean = sum(score for score, _ in inside) / len(inside)
            bins.append(Bin(low, high, mean, Share(sum(good for _, good in inside), len(inside))))
    n = len(pairs)
    brier = sum((score - good) ** 2 for score, good in pairs) / n if n else 0.0
    ece = sum(one.right.n * abs(one.mean - one.right.value) for one in bins) / n if n else 0.0
    return Calibration(tuple(bins), n, brier, ece)


def confusions(verdicts: Iterable[Verdict]) -> list[tuple[str, str, int, int]]:
    """(wanted, took instead, how often answered, how often only ranked first), the most frequent first."""
    answered: Counter[tuple[str, str]] = Counter()
    ranked: Counter[tuple[str, str]] = Counter()
    for one in verdicts:
        wanted = "/".join(one.wanted) or ("?" if one.question.of_procedure else "–")
        if one.wrong and one.told.answered:
            answered[wanted, one.told.answered] += 1
        elif one.question.of_procedure and one.held and one.told.ranked and not one.top1:
            ranked[wanted, one.told.ranked[0]] += 1
    pairs = sorted(set(answered) | set(ranked), key=lambda pair: (-answered[pair], -ranked[pair], pair))
    return [(*pair, answered[pair], ranked[pair]) for pair in pairs]


def as_text(verdicts: Sequence[Verdict]) -> str:
    """Every figure, for a terminal."""
    lines: list[str] = []
    for block in blocks(verdicts):
        lines += [block.title, _line("", "n", [COLUMNS[column] for column in block.columns])]
        lines += [_line(name, str(n), map(str, shares)) for name, n, shares in block.rows]
        lines.append("")
    return "\n".join([*lines, *_calibration_lines(calibration(verdicts)), *_confusion_lines(verdicts)])


def _line(name: str, n: str, cells: Iterable[str]) -> str:
    return f"{name:20}{n:>5}  " + "".join(f"{cell:>19}" for cell in cells)


def _calibration_lines(found: Calibration) -> list[str]:
    if not found.n:
        return []
    lines = [f"Điểm có đáng tin không ({found.n} câu có điểm; Brier {found.brier:.3f}, ECE {found.ece:.3f})"]
    lines.append(f"{'điểm':20}{'n':>5}{'điểm giữa':>12}{'trả đúng':>19}")
    lines += [
        f"{one.low:.1f}–{one.high:.1f}{'':13}{one.right.n:>5}{one.mean:>12.2f}{one.right!s:>19}"
        for one in found.bins
    ]
    return [*lines, ""]


def _confusion_lines(verdicts: Sequence[Verdict]) -> list[str]:
    pairs = confusions(verdicts)
    if not pairs:
        return []
    lines = ["Nhầm việc (cần → hiểu là; lần trả sai, lần chỉ đứng đầu bảng)"]
    return [*lines, *(f"  {wanted} → {took}  {wrong}, {ranked}" for wanted, took, wrong, ranked in pairs), ""]
