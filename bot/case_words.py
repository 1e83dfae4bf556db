"""What citizens are told because an official or the clock acted. The words are the handlers'; the console and
the clock get them from wsgi and put the replies into the outbox (`bot.telling.tell`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.replies import Reply
from ward.cases.changes import Case


@dataclass(frozen=True)
class Speaker:
    """The official who speaks: as the citizen is to know them."""

    name: str
    title: str = ""


class CaseWords(Protocol):
    """`image`: what Reply.image takes. Nothing here cheers or asks for a rating in bereavement."""

    def answer(self, case: Case, by: Speaker, text: str, image: str | None = None) -> tuple[Reply, ...]:
        """The final answer, with greeting and thanks, [Rõ rồi] [Hỏi thêm]."""
        ...

    def told(self, case: Case, by: Speaker, text: str) -> tuple[Reply, ...]:
        """Words on the way to an answer."""
        ...

    def asked(self, case: Case, by: Speaker, text: str) -> tuple[Reply, ...]:
        """The citizen is asked for something; the clock stands meanwhile."""
        ...

    def classified(self, case: Case, now: datetime) -> tuple[Reply, ...]:
        """Sorted: who handles it and by when."""
        ...

    def closed(self, case: Case, by: Speaker, text: str, image: str | None = None) -> tuple[Reply, ...]:
        """Done in the field, with the picture after the work, [Hài lòng] [Tạm được] [Chưa xong]."""
        ...

    def late(self, code: str, due_at: datetime, new_due_at: datetime, now: datetime) -> tuple[Reply, ...]:
        """An apology with a new time."""
        ...

    def reopened(self, case: Case, now: datetime) -> tuple[Reply, ...]:
        """Opened again, with a new time."""
        ...

    def erased(self, case: Case, by: Speaker) -> tuple[Reply, ...]:
        """The person's data are gone; the last word on it."""
        ...

    def erased_words(self) -> str:
        """What stands for it in the case's story."""
        ...

    def merged(self, case: Case, into: str) -> tuple[Reply, ...]:
        """Handled under another code from now on."""
        ...
