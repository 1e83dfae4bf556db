"""The words of bot.case_words.CaseWords: an official's text in its frame of greeting, thanks and buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.case_words import Speaker
from bot.replies import Button, Reply
from handlers.layout import after_opening, without_pictures
from handlers.phrases import Phrases
from handlers.tokens import token
from knowledge.syllables import plain
from ward.calendar import say_by_when
from ward.cases.changes import Case

GREETINGS = ("da em xin chao", "da xin chao", "xin chao", "kinh chao", "chao ")
REPLY_BUTTONS = {"clear": "clear", "more_question": "more"}
"""Title of the button, and what it does."""
RATING_BUTTONS = {"good": "good", "fair": "fair", "undone": "undone"}


@dataclass(frozen=True)
class WordsOfCases:
    phrases: Phrases
    ward: str

    def answer(self, case: Case, by: Speaker, text: str, image: str | None = None) -> tuple[Reply, ...]:
        return (self._framed(case, by, text, image, "said.answer_end", REPLY_BUTTONS),)

    def told(self, case: Case, by: Speaker, text: str) -> tuple[Reply, ...]:
        return (self._framed(case, by, text, None, "said.told_end", {"add": "add"}),)

    def asked(self, case: Case, by: Speaker, text: str) -> tuple[Reply, ...]:
        return (self._framed(case, by, text, None, "said.asked_end", {"reply": "add"}),)

    def classified(self, case: Case, now: datetime) -> tuple[Reply, ...]:
        texts = self.phrases.texts
        field = self.phrases.say(f"field.{case.field}") if f"field.{case.field}" in texts else None
        key = "said.classified_urgent" if case.urgency == "urgent" else "said.classified"
        text = self.phrases.say(key, code=case.code, when=say_by_when(case.due_at, now), field=field)
        return (self._reply(case, text, {"add": "add"}),)

    def closed(self, case: Case, by: Speaker, text: str, image: str | None = None) -> tuple[Reply, ...]:
        said = self.phrases.say("said.closed", code=case.code, text=after_opening(text.strip()))
        end = "said.closed_end_mourning" if case.bereaved else "said.closed_end"
        buttons = REPLY_BUTTONS if case.bereaved else RATING_BUTTONS
        return (self._reply(case, f"{said}\n{self.phrases.say(end)}", buttons, image),)

    def late(self, code: str, due_at: datetime, new_due_at: datetime, now: datetime) -> tuple[Reply, ...]:
        text = self.phrases.say(
            "said.late", code=code, due=say_by_when(due_at, now), when=say_by_when(new_due_at, now)
        )
        return (Reply(text=text, buttons=tuple(self._buttons(code, {"add": "add"}))),)

    def reopened(self, case: Case, now: datetime) -> tuple[Reply, ...]:
        text = self.phrases.say("said.reopened", code=case.code, when=say_by_when(case.due_at, now))
        return (self._reply(case, text, {"add": "add"}),)

    def erased(self, case: Case, by: Speaker) -> tuple[Reply, ...]:
        return (self._framed(case, by, self.erased_words(), None, "said.answer_end", {}),)

    def erased_words(self) -> str:
        return self.phrases.say("said.erased")

    def merged(self, case: Case, into: str) -> tuple[Reply, ...]:
        return (Reply(text=self.phrases.say("said.merged", code=case.code, into=into)),)

    def _framed(
        self, case: Case, by: Speaker, text: str, image: str | None, end: str, buttons: dict[str, str]
    ) -> Reply:
        """Who speaks, their words as they are, thanks; nothing is said twice."""
        key = "said.hello" if by.title else "said.hello_plain"
        values = {"title": by.title} if by.title else {}
        hello = self.phrases.say(key, name=by.name, ward=self.ward, **values)
        words = _without_greeting(text.strip())
        lines = [hello, words]
        if not (end == "said.answer_end" and _thanks(words)):
            lines.append(self.phrases.say(end))
        return self._reply(case, "\n".join(line for line in lines if line), buttons, image)

    def _reply(self, case: Case, text: str, buttons: dict[str, str], image: str | None = None) -> Reply:
        text = without_pictures(text) if case.bereaved else text
        return Reply(text=text, buttons=tuple(self._buttons(case.code, buttons)), image=image)

    def _buttons(self, code: str, wanted: dict[str, str]) -> Sequence[Button]:
        return [
            Button(title=self.phrases.say(f"buttons.{title}"), payload=token("case", action, code))
            for title, action in wanted.items()
        ]


def _without_greeting(text: str) -> str:
    """The text without a bare greeting line of its own: the frame greets already."""
    first, _, rest = text.partition("\n")
    bare = " ".join(plain(first.casefold()).replace(",", " ").split())
    greets_only = bare.startswith(GREETINGS) and len(bare.split()) <= 6
    return rest.strip() if greets_only and rest.strip() else after_opening(text)


def _thanks(text: str) -> bool:
    """Does the text end in thanks already?"""
    return "cam on" in plain(text.casefold())[-80:]
