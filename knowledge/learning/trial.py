"""Would new phrasings help? The evaluation before and after, and whether it may fall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge.evaluation.figures import Share, share
from knowledge.evaluation.judge import Verdict, Voice, judge_all
from knowledge.evaluation.probes import held_out
from knowledge.evaluation.questions import Question
from knowledge.library import Library
from knowledge.paths import Paths

More = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Compared:
    before: tuple[Verdict, ...]
    after: tuple[Verdict, ...]

    @property
    def lowers(self) -> bool:
        """Fewer questions solved, or more answered wrongly."""
        return self.solved[1].count < self.solved[0].count or self.wrong[1].count > self.wrong[0].count

    @property
    def solved(self) -> tuple[Share, Share]:
        return share(self.before, "solved"), share(self.after, "solved")

    @property
    def wrong(self) -> tuple[Share, Share]:
        return share(self.before, "wrong"), share(self.after, "wrong")

    @property
    def worse(self) -> list[tuple[Verdict, Verdict]]:
        """Questions that the change harms, before and after."""
        pairs = zip(self.before, self.after, strict=True)
        return [
            (old, new)
            for old, new in pairs
            if (old.solved and not new.solved) or (new.wrong and not old.wrong)
        ]


def compare(library: Library, more: More, voice: Voice, questions: Sequence[Question] = ()) -> Compared:
    """On the given questions; without any, on the phrasings of the library, each held out in its turn."""
    before: list[Verdict] = []
    after: list[Verdict] = []
    for asked, held in _asked(library, questions):
        before += judge_all(asked, held, voice(held))
        changed = held.with_phrasings(more)
        after += judge_all(asked, changed, voice(changed))
    return Compared(tuple(before), tuple(after))


def _asked(library: Library, questions: Sequence[Question]) -> Iterator[tuple[Sequence[Question], Library]]:
    if questions:
        yield questions, library
        return
    paths = Paths(tuple(library.bundles()), tuple(library.guides()))
    for one in held_out(library.entries()):
        yield one.questions, Library.from_entries(one.library.entries(), paths)
