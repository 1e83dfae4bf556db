"""How well labelled questions are understood.

A question file holds one JSON object a line: `id`, `question`, `expected` (national codes, or names or
`expected_key` where there is no code), `accept` (also right), `facet`, `kind`, `context` (id of the
question asked before in the same conversation).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.library import Library
from knowledge.understand import Understanding, converse

EVERY = frozenset({"multi"})
"""Kinds of question that name several procedures: each expected code must be offered."""
OVERVIEW = frozenset({"tong_quan", "other"})


@dataclass(frozen=True)
class Question:
    id: str
    question: str
    expected: tuple[str, ...]
    facet: str
    kind: str
    context: str | None = None
    expected_key: str | None = None
    accept: tuple[str, ...] = ()

    @property
    def of_procedure(self) -> bool:
        return bool(self.expected or self.expected_key)


@dataclass(frozen=True)
class Verdict:
    """What became of one question. `held`: the library has an entry that would be right."""

    question: Question
    understood: Understanding
    held: bool
    top1: bool = False
    top3: bool = False
    answered: bool = False
    offered: bool = False
    solved: bool = False
    wrong: bool = False
    facet: bool = False
    refused: bool = False
    choices: bool = False


@dataclass
class Row:
    """Counts over the questions of one kind."""

    n: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, verdict: Verdict) -> None:
        self.n += 1
        for name in COLUMNS:
            self.counts[name] = self.counts.get(name, 0) + bool(getattr(verdict, name))

    def share(self, name: str) -> float:
        return self.counts.get(name, 0) / self.n if self.n else 0.0


COLUMNS = ("top1", "top3", "answered", "offered", "solved", "wrong", "facet", "refused", "choices")


def read_questions(paths: Iterable[Path]) -> list[Question]:
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [_question(json.loads(line)) for line in lines]


def _question(raw: dict[str, Any]) -> Question:
    return Question(
        str(raw["id"]), raw["question"], tuple(raw.get("expected") or ()), raw.get("facet") or "other",
        raw.get("kind") or "clean", raw.get("context"), raw.get("expected_key"),
        tuple(raw.get("accept") or ()),
    )  # fmt: skip


def judge_all(questions: Sequence[Question], library: Library) -> list[Verdict]:
    by_id = {question.id: question for question in questions}
    return [judge(question, _conversation(question, by_id), library) for question in questions]


def _conversation(question: Question, by_id: dict[str, Question]) -> list[str]:
    said = [question.question]
    seen = {question.id}
    while question.context in by_id and question.context not in seen:
        question = by_id[str(question.context)]
        seen.add(question.id)
        said.insert(0, question.question)
    return said


def judge(question: Question, said: Sequence[str], library: Library) -> Verdict:
    understood = converse(said, library)
    if not question.of_procedure:
        return _judge_other(question, understood, library)
    groups = right_keys(question, library)
    right = set().union(*groups) if groups else set()
    ranked = _ranked(understood)
    offered = {choice.key for choice in understood.choices}
    answered = understood.key in right
    complete = all(group & (offered | {understood.key}) for group in groups) if groups else False
    return Verdict(
        question, understood, held=bool(groups) and all(groups),
        top1=ranked[:1] != [] and ranked[0] in right, top3=bool(right & set(ranked[:3])),
        answered=answered, offered=bool(right & offered),
        solved=complete if question.kind in EVERY else answered or bool(right & offered),
        wrong=understood.key is not None and not answered,
        facet=_same_facet(understood.facet, question.facet),
        refused=understood.key is None and not understood.choices, choices=bool(understood.choices),
    )  # fmt: skip


def _judge_other(question: Question, understood: Understanding, library: Library) -> Verdict:
    """Not about a procedure: right is not to answer, unless with an accepted code."""
    accepted = _keys(question.accept, library)
    refused = understood.key is None and not understood.choices
    fine = refused or understood.key in accepted
    wrong = understood.key is not None and understood.key not in accepted
    return Verdict(question, understood, held=True, solved=fine, wrong=wrong, refused=refused)


def right_keys(question: Question, library: Library) -> list[set[str]]:
    """Groups of keys of which one each is needed: a group a code for `multi`, else one group."""
    if question.expected_key and question.expected_key in library:
        return [{question.expected_key} | _keys(question.expected, library)]
    each = [_keys([wanted], library) for wanted in question.expected]
    if question.kind in EVERY:
        return each
    together: set[str] = set().union(*each)
    return [together] if together else []


def _keys(wanted: Iterable[str], library: Library) -> set[str]:
    codes = set(wanted)
    return library.imported.keys_of(codes) | {
        entry.key for entry in library.entries() if entry.code in codes or entry.official_name in codes
    }


def _ranked(understood: Understanding) -> list[str]:
    found = [candidate.key for candidate in understood.candidates]
    return [understood.key, *(k for k in found if k != understood.key)] if understood.key else found


def _same_facet(got: str, wanted: str) -> bool:
    return got == wanted or {got, wanted} <= OVERVIEW


def table(verdicts: Sequence[Verdict]) -> str:
    """Per kind: n and the shares, over all questions and over those the library could answer."""
    lines = []
    procedures = [v for v in verdicts if v.question.of_procedure]
    others = [v for v in verdicts if not v.question.of_procedure]
    held = [v for v in procedures if v.held]
    lines += _block("Thủ tục: mọi câu", procedures, COLUMNS[:7])
    lines += _block("Thủ tục: câu mà kho có thẻ", held, COLUMNS[:7])
    lines += _block("Thủ tục: câu mà kho chưa có thẻ (đúng là đừng trả lời)",
                    [v for v in procedures if not v.held], ("refused", "choices", "wrong"))  # fmt: skip
    lines += _block("Không phải thủ tục", others, ("refused", "solved", "wrong"))
    return "\n".join(lines)


def _block(title: str, verdicts: Sequence[Verdict], columns: Sequence[str]) -> list[str]:
    rows: dict[str, Row] = {}
    for verdict in verdicts:
        for kind in (verdict.question.kind, "TỔNG"):
            rows.setdefault(kind, Row()).add(verdict)
    head = f"{'':20}{'n':>5}" + "".join(f"{name:>10}" for name in columns)
    names = [kind for kind in sorted(rows) if kind != "TỔNG"] + (["TỔNG"] if rows else [])
    body = [
        f"{name:20}{rows[name].n:>5}" + "".join(f"{rows[name].share(c):>10.1%}" for c in columns)
        for name in names
    ]
    return [title, head, *body, ""] if rows else []
