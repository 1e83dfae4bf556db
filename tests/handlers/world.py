"""A conversation with the real assistant, library and sample ward; only the desk is a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from bot.replies import Attachment, Candidate, Reply, Result, Ticket, Turn
from handlers.assistant import Assistant
from handlers.layout import fits
from handlers.phrases import Phrases, load_phrases
from knowledge.library import Library
from knowledge.load import PROCEDURES, load_entry
from knowledge.paths import load_paths
from knowledge.schema import Entry
from ward.calendar import VIET_NAM, load_calendar
from ward.cases.deadlines import promise
from ward.codes import make_code
from ward.profile import WardProfile, load_profile

SAMPLE = Path(__file__).parents[2] / "ward" / "sample"
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=VIET_NAM)


@cache
def library() -> Library:
    entries = (load_entry(path) for path in sorted(PROCEDURES.glob("*/*.yaml")))
    return Library.from_entries(entries, load_paths())


@cache
def phrases() -> Phrases:
    return load_phrases()


@cache
def profile() -> WardProfile:
    return load_profile(SAMPLE)


def assistant(shelf: Library | None = None, ward: WardProfile | None = None) -> Assistant:
    ward = ward or profile()
    return Assistant(shelf or library(), phrases(), ward, load_calendar(SAMPLE, ward.hours))


def entry(key: str) -> Entry:
    found = library().entry(key)
    assert found is not None, key
    return found


@dataclass
class RecordingDesk:
    """Keeps what it was given; codes and times are made as the ward makes them."""

    questions: list[tuple[str, str | None]] = field(default_factory=list)
    candidates: list[Sequence[Candidate]] = field(default_factory=list)
    alarms: list[tuple[str, str]] = field(default_factory=list)
    restricted: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    link_ends: Literal["linked", "refused", "too_many"] = "linked"

    def hand_over(
        self, turn: Turn, question: str, field: str | None, candidates: Sequence[Candidate]
    ) -> Ticket:
        self.questions.append((question, field))
        self.candidates.append(candidates)
        calendar = load_calendar(SAMPLE, profile().hours)
        return Ticket(make_code("HD", 2026, 11, len(self.questions)), promise(calendar, turn.at, 2))

    def raise_alarm(self, turn: Turn, kind: str) -> None:
        self.alarms.append((kind, turn.text))

    def link_official(self, turn: Turn, code: str) -> Literal["linked", "refused", "too_many"]:
        self.codes.append(code)
        return self.link_ends

    def keep_restricted(self, turn: Turn) -> None:
        self.restricted.append(turn.text)


@dataclass
class Chat:
    """One person's conversation, turn by turn."""

    at: datetime = FRIDAY
    bot: Assistant = field(default_factory=assistant)
    desk: RecordingDesk = field(default_factory=RecordingDesk)
    state: Mapping[str, Any] = field(default_factory=dict)
    last: Result | None = None

    def send(self, text: str, event: str = "user_send_text", *attachments: Attachment) -> Result:
        turn = Turn("p1", text, self.at, self.state, event, attachments, msg_id=f"m{self.at:%H%M%S}")
        self.last = self.bot.respond(turn, self.desk)
        self.state = dict(self.last.state)
        self.at += timedelta(seconds=30)
        assert_well_formed(self.last)
        return self.last

    def says(self, text: str, event: str = "user_send_text") -> str:
        """Everything the bot says to a message."""
        return whole(self.send(text, event).replies)

    def buttons(self) -> list[str]:
        assert self.last is not None
        return [button.title for button in self.last.replies[-1].buttons]


def whole(replies: Sequence[Reply]) -> str:
    return "\n".join(reply.text for reply in replies)


def assert_well_formed(result: Result) -> None:
    assert len(result.replies) <= 5
    for reply in result.replies:
        assert reply.text
        assert fits(reply.text), reply.text
        assert len(reply.buttons) <= 4
        assert all(len(button.title) <= 20 for button in reply.buttons), reply.buttons
        assert "None" not in reply.text
        assert "{" not in reply.text
