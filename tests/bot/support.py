"""Arrivals, voices and clocks for the tests of the bot's machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from bot.config import SAMPLE_WARD
from bot.conversation import Conversation, WhenOff
from bot.inbox import Arrival, Inbox, drain_one, due_people
from bot.photos import PhotoRoom
from bot.replies import Desk, Reply, Result, Turn
from bot.zalo.events import parse_event
from store.engine import read_tx
from store.schema import outbox
from store.secrets import SecretBox
from ward.calendar import load_calendar
from ward.profile import load_profile

OA = "2500000000000000099"
APP = "4400000000000000001"
ADMIN = "6600000000000000077"
KEY = "a key for the tests only"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class MovableClock:
    """A clock the test moves."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


class WallClock(MovableClock):
    """The real time, where threads wait for each other."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


def event(name: str, person: str, at: datetime, **message: Any) -> dict[str, Any]:
    """A webhook body; `oa_*` events go the other way."""
    parties = {"sender": {"id": person}, "recipient": {"id": OA}}
    if name.startswith("oa_"):
        parties = {"sender": {"id": OA}, "recipient": {"id": person}}
    if "admin_id" in message:
        parties["sender"]["admin_id"] = message.pop("admin_id")
    stamp = str(int(at.timestamp() * 1000))
    return {"app_id": APP, "event_name": name, "timestamp": stamp, **parties, "message": message}


def text_event(person: str, words: str, msg_id: str, at: datetime = START) -> dict[str, Any]:
    return event("user_send_text", person, at, text=words, msg_id=msg_id)


def arrival(body: Mapping[str, Any], at: datetime = START) -> Arrival:
    raw = json.dumps(body, ensure_ascii=False).encode()
    parsed = parse_event(raw)
    return Arrival(
        oa_id=OA,
        event_key=parsed.key,
        event_name=parsed.name,
        person_id=parsed.person_id or "",
        occurred_at=parsed.occurred_at or at,
        received_at=at,
        payload=SecretBox(KEY, "inbox").seal(raw),
    )


def accept(engine: Engine, *bodies: Mapping[str, Any], at: datetime = START) -> None:
    inbox = Inbox(engine)
    for body in bodies:
        inbox.accept(arrival(body, at))


def echoing(turn: Turn, _desk: Desk) -> Result:
    """A voice that repeats, and remembers how often it was spoken to."""
    n = int(turn.state.get("n", 0)) + 1
    return Result("answered", (Reply(text=f"{n}: {turn.text}"),), {"n": n})


def conversation(
    respond: Callable[[Turn, Desk], Result] = echoing,
    now: Callable[[], datetime] | None = None,
    photos: PhotoRoom | None = None,
    sealed: Callable[[Turn], bool] = lambda _turn: False,
) -> Conversation:
    profile = load_profile(SAMPLE_WARD)
    return Conversation(
        respond=respond,
        apology=lambda: Reply(text="xin lỗi"),
        normalize=str.lower,
        profile=profile,
        calendar=load_calendar(SAMPLE_WARD, profile.hours),
        payload_box=SecretBox(KEY, "inbox"),
        restricted_box=SecretBox(KEY, "restricted"),
        personal_box=SecretBox(KEY, "personal"),
        now=now or (lambda: START),
        photos=photos,
        appointment_box=SecretBox(KEY, "appointments"),
        sealed=sealed,
        when_off=WhenOff(lambda _turn, _desk: None, lambda own: Reply(text=own or "đang nghỉ")),
    )


def drain_all(engine: Engine, talk: Conversation, clock: MovableClock | None = None) -> list[str]:
    """Drain until nobody is due; returns what became of each try."""
    clock = clock or MovableClock()
    results: list[str] = []
    while people := due_people(engine, clock()):
        results += [drain_one(engine, *who, clock(), talk.handle, talk.give_up) for who in people]
    return results


def queued_texts(engine: Engine, person: str | None = None) -> list[str]:
    query = select(outbox.c.reply).order_by(outbox.c.id)
    if person is not None:
        query = query.where(outbox.c.person_id == person)
    with read_tx(engine) as connection:
        return [reply["text"] for (reply,) in connection.execute(query)]
