"""Why a candidate has its score, and why it was or was not enough, in words for officials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from knowledge.search import Candidate
from knowledge.thresholds import Thresholds
from knowledge.understand import is_doubtful, is_sure

REASONS = {
    "words": "trùng chữ",
    "phrases": "các câu gần",
    "spelling": "mặt chữ",
    "part_words": "một khúc trùng chữ",
    "body": "nội dung thẻ",
}
"""Evidence of `knowledge.search` → its name for officials."""
LEAST_SHOWN = 0.005


def explain(why: Mapping[str, float]) -> str:
    """The parts of a score that can be seen in it."""
    return " · ".join(
        f"{_reason(name)} {part:+.2f}".replace("-", "−")
        for name, part in why.items()
        if abs(part) >= LEAST_SHOWN
    )


def _reason(name: str) -> str:
    if name.startswith("-"):
        return f"thẻ không nói “{name[1:]}”"
    return f"câu hỏi không có “{name[1:]}”" if name.startswith("+") else REASONS.get(name, name)


def sureness(found: Sequence[Candidate], limits: Thresholds) -> str:
    """The first candidate against the thresholds."""
    if not found:
        return "không có thẻ nào gần"
    first = found[0]
    ahead = first.score - found[1].score if len(found) > 1 else first.score
    sure = "đủ chắc để trả lời" if is_sure(found, limits) else "chưa đủ chắc để trả lời thẳng"
    scores = f"đầu bảng {first.score:.2f} (cần {limits.sure:.2f})"
    told = f"{scores}, hơn kế {ahead:.2f} (cần {limits.gap:.2f}): {sure}"
    return f"{told}; còn điều thẻ đầu không nói tới" if is_doubtful(first, limits) else told
