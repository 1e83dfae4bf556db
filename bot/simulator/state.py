"""The simulated Zalo as a whole."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from bot.simulator.answers import ZaloError
from bot.simulator.chat import Chat, compact
from bot.simulator.courier import Courier, Parcel
from bot.simulator.faults import Faults
from bot.simulator.people import People
from bot.simulator.sending import SendDesk
from bot.simulator.settings import Config, Settings
from bot.simulator.store import Store, now_ms
from bot.simulator.templates_desk import TemplateDesk
from bot.simulator.tokens import TokenOffice
from bot.simulator.uploads import Files

CHECK_SAMPLE = {
    "sender": {"id": "1111111111111111111"},
    "user_id_by_app": "2222222222222222222",
    "recipient": {"id": "3333333333333333333"},
    "event_name": "user_send_text",
    "message": {"text": "This is testing message", "msg_id": "This is message id"},
}


class SimulatedZalo:
    """People, chats, tokens, settings and webhooks of one Official Account, kept in one SQLite file.

    `settings` given here override what the file remembers. Webhooks go out after `start()`
    (the blueprint calls it at its first request); `stop()` ends the threads, `close()` the file too.
    """

    def __init__(self, path: str | Path = ":memory:", **settings: Any) -> None:
        self.store = Store(path)
        self.config = Config(self.store, settings)
        self.people = People(self.store)
        self.tokens = TokenOffice(self.store, self.config)
        self.courier = Courier(self.store, self.config)
        self.chat = Chat(self.store, self.config, self.people, self.courier)
        self.files = Files(self.store)
        self.desk = SendDesk(self.store, self.config, self.people, self.files, self.chat)
        self.templates = TemplateDesk(self.store, self.people, self.chat)
        self.faults = Faults(self.store)
        self._calls: deque[float] = deque()
        self._calls_lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        return self.config.now

    def configure(self, **changes: Any) -> Settings:
        return self.config.change(changes)

    def start(self) -> None:
        self.courier.start()

    def stop(self) -> None:
        self.courier.stop()

    def close(self) -> None:
        self.stop()
        self.store.close()

    def issue_tokens(self) -> dict[str, str]:
        """A fresh access and refresh token, as Zalo's API Explorer hands them out."""
        return self.tokens.issue()

    def sent(self, after: int = 0, user_id: str | None = None) -> list[dict[str, Any]]:
        return self.chat.sent(after, user_id)

    def spend_call(self) -> tuple[int, int] | None:
        """Count one API call against the limit: (limit, calls left), None when there is no limit."""
        limit = self.settings.rate_limit_per_minute
        if limit is None:
            return None
        with self._calls_lock:
            now = time.monotonic()
            while self._calls and now - self._calls[0] >= 60:
                self._calls.popleft()
            if len(self._calls) >= limit:
                raise ZaloError(-32)
            self._calls.append(now)
            return limit, limit - len(self._calls)

    def counters(self) -> dict[str, Any]:
        """How often what happened: OAuth grants, API calls by path, webhook attempts, sends by quota."""
        flat = self.store.counters()
        pending = self.store.rows("SELECT count(*) AS n FROM events WHERE state = 'pending'")[0]["n"]
        webhook = {name: flat.get(f"webhook.{name}", 0) for name in ("delivered", "failures", "abandoned")}
        return {
            "oauth_refresh": flat.get("oauth.refresh", 0),
            "oauth_code": flat.get("oauth.code", 0),
            "api": _under("api.", flat),
            "sent": _under("sent.", flat),
            "webhook": {**webhook, "pending": pending},
        }

    def repeat_event(self, event_id: int | None = None) -> int | None:
        """Deliver a stored event again, unchanged, as an at-least-once sender may; the latest by default."""
        row = self.store.row(
            "SELECT * FROM events WHERE ?1 IS NULL OR id = ?1 ORDER BY id DESC LIMIT 1", event_id
        )
        if row is None:
            return None
        with self.store.transaction():
            self.store.run(
                "UPDATE events SET state = 'pending', due_at = ? WHERE id = ?", now_ms(), row["id"]
            )
            parcel = Parcel.of({**row, "user_id": f"repeat:{row['id']}", "attempts": row["attempts"] or 1})
            self.store.after_commit(lambda: self.courier.post(parcel))
        return int(row["id"])

    def check_webhook(self) -> int:
        """The console's "Kiểm tra" button: the status the webhook answers to the sample event."""
        stamp = str(now_ms())
        body = compact({"app_id": self.settings.app_id, **CHECK_SAMPLE, "timestamp": stamp})
        with requests.Session() as session:
            session.trust_env = False
            return self.courier.carry(Parcel(0, "check", body, stamp), session)

    def reset(self) -> None:
        """Forget people, chats, files, events, counters and faults; keep tokens and settings."""
        with self.store.transaction():
            self.courier.forget()
            self.store.clear("messages", "events", "people", "files", "counters")
            self.faults.replace([])
        with self._calls_lock:
            self._calls.clear()


def _under(prefix: str, flat: Mapping[str, int]) -> dict[str, int]:
    return {name.removeprefix(prefix): n for name, n in flat.items() if name.startswith(prefix)}
