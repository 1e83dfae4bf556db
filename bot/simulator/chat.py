"""The conversations, and the webhook events they cause."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.simulator.courier import Courier, Parcel
from bot.simulator.people import People
from bot.simulator.settings import Config
from bot.simulator.store import Row, Store, now_ms

ECHO_NAMES = {
    "text": "oa_send_text",
    "image": "oa_send_image",
    "gif": "oa_send_gif",
    "file": "oa_send_file",
    "sticker": "oa_send_sticker",
    "list": "oa_send_list",
    "buttons": "oa_send_template",
    "info_request": "oa_send_template",
}
STATES = {"pending": "sending", "done": "delivered", "failed": "failed", "unsent": "no_webhook"}

LIST_SQL = """
SELECT m.*, e.state AS event_state, e.attempts AS attempts FROM messages m
LEFT JOIN events e ON e.id = m.event_id
"""


@dataclass(frozen=True)
class Draft:
    """A message before it has an id."""

    kind: str
    text: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Mapping[str, Any], ...] = ()
    quote: str | None = None
    hidden: bool = False
    body: Mapping[str, Any] | None = None

    def event_message(self, msg_id: str) -> dict[str, Any]:
        message: dict[str, Any] = {"msg_id": msg_id}
        if self.attachments:
            message["attachments"] = list(self.attachments)
        if self.text or self.kind in ("text", "location"):
            message["text"] = self.text
        if self.quote:
            message["quote_msg_id"] = self.quote
        return message


def attachment(kind: str, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "payload": payload}


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Chat:
    """Stores messages and emits their events, both in one transaction."""

    def __init__(self, store: Store, config: Config, people: People, courier: Courier) -> None:
        self._store, self._config, self._people, self._courier = store, config, people, courier

    # -- events ---------------------------------------------------------------------------------

    def emit(self, user_id: str, event_name: str, fields: Mapping[str, Any]) -> int:
        """Store one event and hand it to the courier after the commit."""
        settings, stamp = self._config.now, now_ms()
        event = {"app_id": settings.app_id, **fields, "event_name": event_name, "timestamp": str(stamp)}
        wanted = bool(settings.webhook_url) and settings.webhook_enabled
        with self._store.transaction():
            body, state = compact(event), "pending" if wanted else "unsent"
            event_id = self._store.insert(
                "events", user_id=user_id, event_name=event_name, body=body, timestamp=str(stamp),
                state=state, due_at=stamp,
            )  # fmt: skip
            if wanted:
                parcel = Parcel(event_id, user_id, body, str(stamp))
                self._store.after_commit(lambda: self._courier.post(parcel))
        return event_id

    def emit_management(self, person_id: str, event_name: str, **fields: Any) -> int:
        """An event with `oa_id` at the root (follow, chatnow, withdraw …)."""
        by_app = self._people.get(person_id)["id_by_app"]
        root = {"oa_id": self._config.now.oa_id, **fields, "user_id_by_app": by_app}
        return self.emit(person_id, event_name, root)

    def _parties(self, user_id: str, direction: str, admin_id: str | None = None) -> dict[str, Any]:
        person, oa = {"id": user_id}, {"id": self._config.now.oa_id}
        if admin_id:
            oa["admin_id"] = admin_id
        sender, recipient = (person, oa) if direction == "in" else (oa, person)
        by_app = self._people.get(user_id)["id_by_app"]
        return {"sender": sender, "user_id_by_app": by_app, "recipient": recipient}

    # -- messages -------------------------------------------------------------------------------

    def from_person(self, user_id: str, draft: Draft) -> Row:
        """A person writes to the OA; this opens the windows."""
        with self._store.transaction():
            self._people.interacted(user_id)
            message = self._keep(user_id, "in", "person", draft)
            event = {**self._parties(user_id, "in"), "message": draft.event_message(message["msg_id"])}
            event_id = self.emit(user_id, f"user_send_{draft.kind}", event)
            self._store.run("UPDATE messages SET event_id = ? WHERE seq = ?", event_id, message["seq"])
        return self.get(message["seq"])

    def from_oa(
        self, user_id: str, draft: Draft, origin: Literal["api", "staff"], admin_id: str | None = None
    ) -> Row:
        """The OA writes to a person, by the API or by a human; Zalo echoes either to the webhook."""
        settings = self._config.now
        with self._store.transaction():
            message = self._keep(user_id, "out", origin, draft)
            echo_id = message["msg_id"] if settings.echo_same_id else secrets.token_hex(10)
            parties = self._parties(user_id, "out", admin_id)
            self.emit(user_id, ECHO_NAMES[draft.kind], {**parties, "message": draft.event_message(echo_id)})
            if settings.receipts:
                self.receipt(user_id, "user_received_message", {"msg_id": message["msg_id"]})
        return message

    def receipt(self, user_id: str, event_name: str, message: Mapping[str, Any]) -> None:
        parties = self._parties(user_id, "out")
        del parties["user_id_by_app"]
        self.emit(user_id, event_name, {**parties, "message": message})

    def submit_info(self, user_id: str, info: dict[str, Any]) -> None:
        """The person fills in the card of a request_user_info message."""
        with self._store.transaction():
            self._people.interacted(user_id)
            self._people.submit_info(user_id, info)
            message = self._keep(user_id, "in", "person", Draft("info", content=info))
            event_id = self.emit(user_id, "user_submit_info", {**self._parties(user_id, "in"), "info": info})
            self._store.run("UPDATE messages SET event_id = ? WHERE seq = ?", event_id, message["seq"])

    def react(self, user_id: str, msg_id: str, icon: str, direction: Literal["in", "out"]) -> None:
        """Someone puts an icon on a message."""
        name = "user_reacted_message" if direction == "in" else "oa_reacted_message"
        with self._store.transaction():
            self._store.run("UPDATE messages SET reaction = ? WHERE msg_id = ?", icon, msg_id)
            parties = self._parties(user_id, direction)
            del parties["user_id_by_app"]
            self.emit(user_id, name, {**parties, "message": {"msg_id": msg_id, "react_icon": icon}})

    def _keep(self, user_id: str, direction: str, origin: str, draft: Draft) -> Row:
        seq = self._store.insert(
            "messages", user_id=user_id, direction=direction, origin=origin, kind=draft.kind,
            text=draft.text, content=compact(dict(draft.content)), quote=draft.quote,
            body=None if draft.body is None else compact(draft.body), hidden=int(draft.hidden),
            msg_id=secrets.token_hex(10), at=now_ms(),
        )  # fmt: skip
        return self.get(seq)

    # -- reading --------------------------------------------------------------------------------

    def get(self, seq: int) -> Row:
        return _shown(self._store.rows(f"{LIST_SQL} WHERE m.seq = ?", seq)[0])

    def by_msg_id(self, user_id: str, msg_id: str) -> Row | None:
        found = self._store.row(f"{LIST_SQL} WHERE m.user_id = ? AND m.msg_id = ?", user_id, msg_id)
        return None if found is None else _shown(found)

    def after(self, seq: int, user_id: str | None = None, limit: int = 500) -> list[Row]:
        """Messages later than `seq`, oldest first, of one person or of all."""
        rows = self._store.rows(
            f"{LIST_SQL} WHERE m.seq > ?1 AND (?2 IS NULL OR m.user_id = ?2) ORDER BY m.seq LIMIT ?3",
            seq, user_id, limit,
        )  # fmt: skip
        return [_shown(row) for row in rows]

    def latest(self, user_id: str, offset: int, count: int) -> list[Row]:
        rows = self._store.rows(
            f"{LIST_SQL} WHERE m.user_id = ? ORDER BY m.seq DESC LIMIT ? OFFSET ?", user_id, count, offset
        )
        return [_shown(row) for row in rows]

    def sent(self, after: int = 0, user_id: str | None = None) -> list[Row]:
        """Every accepted API send in order: seq, user_id, text, body, kind, msg_id, at."""
        rows = self._store.rows(
            "SELECT seq, user_id, text, body, kind, msg_id, at FROM messages WHERE origin = 'api'"
            " AND seq > ?1 AND (?2 IS NULL OR user_id = ?2) ORDER BY seq",
            after, user_id,
        )  # fmt: skip
        return [{**row, "body": json.loads(row["body"])} for row in rows]

    def states(self, seqs: int = 60) -> dict[str, str]:
        """How far the latest messages of people have come, by seq; the page draws its ticks from it."""
        rows = self._store.rows(
            "SELECT m.seq, e.state, e.attempts FROM messages m JOIN events e ON e.id = m.event_id"
            " ORDER BY m.seq DESC LIMIT ?",
            seqs,
        )
        return {str(row["seq"]): _state(row["state"], row["attempts"]) for row in rows}


def _state(event_state: str | None, attempts: int | None) -> str:
    if event_state == "pending" and attempts:
        return "waiting"
    return STATES.get(event_state or "", "sent")


def _shown(row: Row) -> Row:
    shown = {key: row[key] for key in ("seq", "user_id", "direction", "origin", "kind", "text", "msg_id")}
    shown |= {"quote": row["quote"], "reaction": row["reaction"], "at": row["at"]}
    shown["content"] = json.loads(row["content"])
    shown["hidden"] = bool(row["hidden"])
    shown["state"] = _state(row["event_state"], row["attempts"])
    return shown
