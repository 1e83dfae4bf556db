"""What became of one labelled question, judged by what the citizen was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from knowledge.evaluation.questions import Question, conversation
from knowledge.library import Library
from knowledge.search import Candidate
from knowledge.understand import Understanding, converse

EVERY = frozenset({"multi"})
"""Kinds of question that name several procedures: each expected code must be answered or offered."""
OVERVIEW = frozenset({"tong_quan", "other"})
TELLING = frozenset({"answered", "followup", "other_authority"})
"""Outcomes that state something about a procedure, when they name one."""
REFERRED = ("out_of_scope", "other_authority", "handover")
RIGHT_OUTCOMES = {
    "out_of_scope": REFERRED,
    "health_out_of_scope": REFERRED,
    "complaint": ("feedback", "formal_complaint"),
    "smalltalk": ("smalltalk",),
    "human": ("human", "handover"),
    "emergency": ("emergency",),
    "privacy": ("privacy",),
    "nonsense": ("clarify", "handover"),
}
"""Kind of question that is about no procedure → how its turn should end."""


@dataclass(frozen=True)
class Told:
    """What a citizen got. `key`: the procedure answered; `candidates`: what the search thought of."""

    outcome: str
    key: str | None = None
    facet: str | None = None
    choices: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    text: str = ""

    @property
    def answered(self) -> str | None:
        return self.key if self.outcome in TELLING else None

    @property
    def ranked(self) -> list[str]:
        """The procedures thought of, best first, the answered one before all."""
        first = [self.key] if self.key else []
        return list(dict.fromkeys([*first, *(found.key for found in self.candidates)]))

    @property
    def score(self) -> float | None:
        """How sure the search was of what was answered."""
        return next((found.score for found in self.candidates if found.key == self.answered), None)


Play = Callable[[Sequence[str]], Told]
"""The messages of one conversation, oldest first → what the last one got."""
Voice = Callable[[Library], Play]
"""Whoever answers from a library. The assembled bot brings its whole conversation."""


@dataclass(frozen=True)
class Verdict:
    """`held`: the library has an entry that would be right; `false`: a procedure was told that is not right
    where none was asked for; `pointer`: one was told that only says which other body to go to."""

    question: Question
    told: Told
    held: bool
    top1: bool = False
    top3: bool = False
    right: bool = False
    offered: bool = False
    solved: bool = False
    wrong: bool = False
    facet: bool = False
    refused: bool = False
    false: bool = False
    pointer: bool = False
    wanted: tuple[str, ...] = ()
    """Keys of the entries that would be right."""


def understanding_only(library: Library) -> Play:
    """A voice without the chat: what `knowledge.understand` makes of the messages."""
    return lambda said: _told(converse(said, library))


def _told(understood: Understanding) -> Told:
    named = {"answer": "answered", "followup": "followup", "beyond": "out_of_scope"}
    named |= dict.fromkeys(("choices", "both", "unsure"), "clarify")
    intent = understood.intent.name if understood.intent else ""
    return Told(
        named.get(understood.outcome, _OF_INTENT.get(intent, intent)),
        understood.key,
        understood.facet,
        tuple(choice.key for choice in understood.choices),
        understood.candidates,
    )


_OF_INTENT = dict.fromkeys(("greeting", "thanks", "goodbye", "test", "abuse", "chitchat"), "smalltalk")


def judge_all(questions: Sequence[Question], library: Library, play: Play) -> list[Verdict]:
    by_id = {question.id: question for question in questions}
    return [judge(question, play(conversation(question, by_id)), library) for question in questions]


def judge(question: Question, told: Told, library: Library) -> Verdict:
    if not question.of_procedure:
        return _judge_other(question, told, library)
    groups = right_keys(question, library)
    right: set[str] = set().union(*groups)
    ranked, offered = told.ranked, set(told.choices)
    answered = told.answered in right
    complete = bool(groups) and all(group & (offered | {told.answered}) for group in groups)
    solved = complete if question.kind in EVERY else answered or bool(right & offered)
    return Verdict(
        question,
        told,
        held=bool(groups) and all(groups),
        top1=bool(ranked) and ranked[0] in right,
        top3=bool(right & set(ranked[:3])),
        right=answered,
        offered=bool(right & offered),
        solved=solved,
        wrong=told.answered is not None and not answered,
        facet=_same_facet(told.facet, question.facet),
        refused=told.answered is None and not told.choices,
        wanted=tuple(sorted(right)),
    )


def _judge_other(question: Question, told: Told, library: Library) -> Verdict:
    """About no procedure: right is to end as its kind should, or to tell an accepted procedure."""
    accepted = _keys(question.accept, library)
    told_as_ours = told.key is not None and told.outcome in ("answered", "followup")
    false = told_as_ours and told.key not in accepted
    referred = told.answered is not None and told.answered not in accepted and not false
    fine = not false and (
        told.answered in accepted
        or bool(accepted & set(told.choices))
        or (not told.choices and told.outcome in RIGHT_OUTCOMES.get(question.kind, REFERRED))
    )
    return Verdict(
        question,
        told,
        held=True,
        right=fine and not told.choices,
        offered=bool(accepted & set(told.choices)),
        solved=fine,
        wrong=false,
        refused=told.answered is None and not told.choices,
        false=false,
        pointer=referred,
        wanted=tuple(sorted(accepted)),
    )


def right_keys(question: Question, library: Library) -> list[set[str]]:
    """Groups of keys of which one each is needed: a group a code for `multi`, else one group."""
    if question.expected_key and question.expected_key in library:
        return [{question.expected_key} | _keys((*question.expected, *question.accept), library)]
    if question.kind in EVERY:
        return [_keys([wanted], library) for wanted in question.expected]
    together = _keys((*question.expected, *question.accept), library)
    return [together] if together else []


def _keys(wanted: Iterable[str], library: Library) -> set[str]:
    """Entries with these codes or names, and what replaces those of them that are superseded."""
    names = set(wanted)
    found = [entry for entry in library.entries() if names & {entry.code, entry.official_name, entry.key}]
    ours = {entry.key for entry in found}.union(*(entry.superseded_by for entry in found))
    return ours | library.imported.keys_of(names)


def _same_facet(got: str | None, wanted: str) -> bool:
    return got == wanted or {got, wanted} <= OVERVIEW
