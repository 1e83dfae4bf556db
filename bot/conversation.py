"""One event of one person: what it means for us, what is said, what is kept. One transaction.

Echoes of our own messages only confirm sends; an official's message (it carries an admin id) makes the
bot fall silent for that person. Only what the person did leads to an answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, RowMapping, insert, update

from bot import outbox, people, switch
from bot.desk import TransactionDesk
from bot.logs import person_tag
from bot.metrics import TURN_SECONDS, TURNS
from bot.people import Person
from bot.photos import Fetched, PhotoRoom
from bot.replies import Desk, Reply, Respond, Result, Turn
from bot.switch import Switch
from bot.zalo.events import ZaloEvent, parse_event
from store.schema import inbox_events, turns
from store.secrets import SecretBox
from ward.calendar import WorkCalendar
from ward.linking import account_gone
from ward.profile import WardProfile
from ward.programmes.model import Programme
from ward.restricted import keep
from ward.tasks import open_task

log = structlog.get_logger("conversation")

ANSWERED_EVENTS = frozenset({"follow", "user_click_chatnow"})
"""Events without words that the bot still answers, besides every message."""


@dataclass(frozen=True)
class WhenOff:
    """The voice while the assistant is switched off."""

    guard: Callable[[Turn, Desk], Result | None]
    """Only danger and formal complaints; None: neither."""
    words: Callable[[str], Reply]
    """That it rests, in the head's own words or (empty) in ours."""


LONGEST_TEXT = 5_000
"""Characters of a message that are looked at and kept; Zalo itself takes 2,000."""


@dataclass(frozen=True)
class Conversation:
    """Handles the events of the inbox with the given voice (`respond`)."""

    respond: Respond
    apology: Callable[[], Reply]
    normalize: Callable[[str], str]
    profile: WardProfile
    calendar: WorkCalendar
    payload_box: SecretBox
    restricted_box: SecretBox
    personal_box: SecretBox
    now: Callable[[], datetime]
    when_off: WhenOff
    photos: PhotoRoom | None = None
    """Fetches the pictures of messages; without one none are taken."""
    appointment_box: SecretBox | None = None
    visit_box: SecretBox | None = None
    programme_files: Mapping[str, Programme] = field(default_factory=dict)
    sealed: Callable[[Turn], bool] = lambda _turn: False
    """Whether words are a complaint that may not be kept in clear, even where the bot is to be silent."""
    switch: Switch = field(default_factory=Switch)
    reads_ahead: Callable[[str], None] = lambda _words: None
    """Told of words that are about to be answered."""

    def read_ahead(self, row: RowMapping) -> None:
        """The slow part of understanding, before the transaction begins (bot.inbox.ReadAhead)."""
        if row["payload"] is None or not row["person_id"]:
            return
        try:
            event = parse_event(self.payload_box.open(row["payload"]))
        except Exception:  # the handling itself will say what is wrong, and keep count
            return
        if event.direction == "inbound" and event.text.strip():
            self.reads_ahead(event.text[:LONGEST_TEXT])

    def handle(self, connection: Connection, row: RowMapping) -> None:
        """All the work of one event (bot.inbox.Handled)."""
        if row["payload"] is None or not row["person_id"]:
            return
        event = parse_event(self.payload_box.open(row["payload"]))
        person = people.load(connection, row["oa_id"], row["person_id"], self.now())
        if event.direction == "echo":
            self._echo(connection, person, event)
        elif event.name == "unfollow":
            people.note_following(connection, person, following=False)
            account_gone(connection, person.oa_id, person.person_id)
        elif event.name == "user_withdraw":
            self._withdraw(connection, person, row)
        elif event.direction == "inbound" or event.name in ANSWERED_EVENTS:
            self._inbound(connection, person, row, event)

    def give_up(self, connection: Connection, row: RowMapping) -> None:
        """After the last attempt: apologise, and let an official look (bot.inbox.GaveUp)."""
        oa_id, person_id, now = row["oa_id"], row["person_id"], self.now()
        if person_id:
            key = f"sorry{row['id']}"
            outbox.enqueue(connection, oa_id, person_id, [self.apology()], key, now)
        detail = {"event_id": row["id"], "event_name": row["event_name"]}
        open_task(connection, oa_id, "handler_failed", str(row["id"]), person_id or None, detail, now)

    def _echo(self, connection: Connection, person: Person, event: ZaloEvent) -> None:
        if event.admin_id is None:
            outbox.match_echo(
                connection, person.oa_id, person.person_id, event.text, event.msg_id, self.now()
            )
        elif event.text.strip().casefold() == self.profile.release_word.casefold():
            people.silence(connection, person, until=None)
        else:
            until = self.now() + timedelta(minutes=self.profile.silent_minutes)
            people.silence(connection, person, until)

    def _withdraw(self, connection: Connection, person: Person, row: RowMapping) -> None:
        account_gone(connection, person.oa_id, person.person_id)
        people.forget(connection, person, self.now())
        open_task(connection, person.oa_id, "user_withdraw", str(row["id"]), person.person_id, {}, self.now())

    def _inbound(self, connection: Connection, person: Person, row: RowMapping, event: ZaloEvent) -> None:
        people.note_inbound(connection, person, row["occurred_at"])
        if event.name == "follow":
            people.note_following(connection, person, following=True)
        turn = Turn(
            person_id=person.person_id,
            text=event.text[:LONGEST_TEXT],
            at=self.now(),
            state=person.state,
            event_name=event.name,
            attachments=event.attachments,
            msg_id=event.msg_id,
            quotes=event.quote_msg_id,
        )
        began = time.perf_counter()
        result = self._answer(connection, person, row, turn)
        took = time.perf_counter() - began
        self._record(connection, row, turn, result, took)

    def _answer(self, connection: Connection, person: Person, row: RowMapping, turn: Turn) -> Result:
        if person.is_silent(turn.at):
            return self._overheard(connection, person, row, turn)
        chosen = self.switch.settings(connection, person.oa_id, turn.at)
        desk = TransactionDesk(
            connection,
            person.oa_id,
            row["id"],
            self.restricted_box,
            self.calendar,
            self.profile.answer_hours,
            self.personal_box,
            self.photos.ready(person.oa_id, row["id"], turn) if self.photos else Fetched(),
            self.appointment_box,
            chosen.out_of_office_words,
            programme_files=self.programme_files,
            visit_box=self.visit_box,
        )
        if chosen.bot_on:
            key, result = "e", self.respond(turn, desk)
        else:
            key, result = self._while_off(connection, person, turn, desk, chosen.bot_off_words)
        outbox.enqueue(
            connection, person.oa_id, person.person_id, result.replies, f"{key}{row['id']}", turn.at
        )
        people.save_state(connection, person, result.state, turn.at)
        if result.restricted:
            _blank_payload(connection, row["id"])
        return result

    def _overheard(self, connection: Connection, person: Person, row: RowMapping, turn: Turn) -> Result:
        """Said to an official who took over: the bot only takes care of what it keeps itself."""
        if not self.sealed(turn):
            return Result("silent")
        keep(connection, self.restricted_box, person.oa_id, person.person_id, turn.text, turn.at)
        _blank_payload(connection, row["id"])
        return Result("silent", restricted=True)

    def _while_off(
        self, connection: Connection, person: Person, turn: Turn, desk: TransactionDesk, words: str
    ) -> tuple[str, Result]:
        """Danger and complaints as ever; others hear once an hour that the assistant rests."""
        guarded = self.when_off.guard(turn, desk)
        if guarded is not None:
            return "e", guarded
        if switch.told_lately(connection, person.oa_id, person.person_id, turn.at):
            return "e", Result("silent", state=turn.state)
        return switch.KEY, Result("silent", (self.when_off.words(words),), turn.state)

    def _record(
        self, connection: Connection, row: RowMapping, turn: Turn, result: Result, took: float
    ) -> None:
        kept = None if result.restricted else turn.text
        connection.execute(
            insert(turns).values(
                oa_id=row["oa_id"],
                person_id=turn.person_id,
                event_id=row["id"],
                at=turn.at,
                text=kept,
                normalized=None if kept is None else self.normalize(kept),
                outcome=result.outcome,
                procedure_key=result.keys[0] if result.keys else None,
                facet=result.facet,
                candidates=[] if result.restricted else [asdict(item) for item in result.candidates],
                milliseconds=round(took * 1000, 3),
            )
        )
        TURNS.labels(result.outcome).inc()
        TURN_SECONDS.observe(took)
        log.info("turn", person=person_tag(turn.person_id), outcome=result.outcome, ms=round(took * 1000, 1))


def _blank_payload(connection: Connection, event_id: int) -> None:
    connection.execute(update(inbox_events).where(inbox_events.c.id == event_id).values(payload=None))
