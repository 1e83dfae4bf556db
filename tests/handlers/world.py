"""A conversation with the real assistant, library and sample ward; only the desk is a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from bot.casework import Draft, NewReport, Similar
from bot.desk import TrialDesk
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
from ward.cases.model import PREFIX
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
class RecordingDesk(TrialDesk):
    """Keeps what it was given; codes and times are made as the ward makes them."""

    drafts: dict[str, str] = field(default_factory=dict)
    """As JSON, so that nothing lives on which would not be stored."""
    reports: list[NewReport] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    near: tuple[Similar, ...] = ()
    questions: list[tuple[str, str | None]] = field(default_factory=list)
    candidates: list[Sequence[Candidate]] = field(default_factory=list)
    alarms: list[tuple[str, str]] = field(default_factory=list)
    restricted: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    booked: dict[str, tuple[date, str, str | None]] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    link_ends: Literal["linked", "refused", "too_many"] = "linked"

    def hand_over(
        self, turn: Turn, question: str, field: str | None, candidates: Sequence[Candidate]
    ) -> Ticket:
        self.questions.append((question, field))
        self.candidates.append(candidates)
        calendar = load_calendar(SAMPLE, profile().hours)
        return Ticket(make_code("HD", 2026, 11, len(self.questions)), promise(calendar, turn.at, 2))

    def draft(self, turn: Turn) -> Draft | None:
        found = self.drafts.get(turn.person_id)
        return Draft.model_validate_json(found) if found else None

    def save_draft(self, turn: Turn, draft: Draft) -> None:
        self.drafts[turn.person_id] = draft.model_dump_json()

    def drop_draft(self, turn: Turn) -> None:
        self.drafts.pop(turn.person_id, None)

    def similar(self, turn: Turn, draft: Draft) -> tuple[Similar, ...]:
        return self.near

    def submit(self, turn: Turn, report: NewReport) -> Ticket:
        self.reports.append(report)
        if report.mark:
            self.drop_draft(turn)
        calendar = load_calendar(SAMPLE, profile().hours)
        code = make_code(PREFIX[report.kind], 2026, 11, len(self.reports))
        return Ticket(code, promise(calendar, turn.at, 2))

    def sent_as(self, turn: Turn, mark: str) -> str | None:
        numbers = [n for n, report in enumerate(self.reports, 1) if report.mark == mark]
        return make_code("PA", 2026, 11, numbers[0]) if numbers else None

    def join(self, turn: Turn, code: str, draft: Draft) -> bool:
        self.joined.append(code)
        self.drop_draft(turn)
        return True

    def leave_phone(self, turn: Turn, code: str, phone: str) -> bool:
        return True

    def raise_alarm(self, turn: Turn, kind: str) -> None:
        self.alarms.append((kind, turn.text))

    def keep_photos(self, turn: Turn, most: int = 4) -> tuple[str, ...]:
        """Every picture with an address could be taken."""
        tokens = tuple(item.url for item in turn.attachments if item.url)[:most]
        self.photos += tokens
        return tokens

    def book_reception(self, turn: Turn, day: date, name: str, phone: str | None) -> str:
        self.booked[make_code("TD", 2026, 11, len(self.booked) + 1)] = (day, name, phone)
        return list(self.booked)[-1]

    def cancel_reception(self, turn: Turn, code: str) -> date | None:
        return self.booked.pop(code)[0] if code in self.booked else None

    def receptions(self, turn: Turn) -> Sequence[tuple[str, date]]:
        return [(code, booked[0]) for code, booked in self.booked.items()]

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
