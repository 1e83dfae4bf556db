"""The people who have this Zalo account on their phone."""

from __future__ import annotations

import json
import secrets
from typing import Any

from bot.simulator.answers import ZaloError
from bot.simulator.store import Row, Store, now_ms

HOUR_MS = 3_600_000
FREE_MS = 48 * HOUR_MS
OPEN_MS = 7 * 24 * HOUR_MS
WELCOME_MESSAGES = 3


def number_id(prefix: str) -> str:
    """A 19-digit id as Zalo's: larger than 2^53, so only a string holds it."""
    return prefix + str(secrets.randbelow(10**17)).zfill(17)


class People:
    """Who exists, who follows, and whether the OA may write to them now."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, name: str, person_id: str | None = None) -> Row:
        person_id = person_id or number_id("71")
        self._store.insert(
            "people", id=person_id, id_by_app=number_id("53"), name=name.strip(), added_at=now_ms()
        )
        return self.get(person_id)

    def find(self, person_id: str) -> Row | None:
        return self._store.row("SELECT * FROM people WHERE id = ?", person_id)

    def get(self, person_id: str) -> Row:
        found = self.find(person_id)
        if found is None:
            raise KeyError(person_id)
        return found

    def named(self, name: str) -> Row | None:
        return self._store.row("SELECT * FROM people WHERE name = ? ORDER BY added_at LIMIT 1", name)

    def all(self) -> list[Row]:
        return self._store.rows("SELECT * FROM people ORDER BY added_at, id")

    def interacted(self, person_id: str) -> None:
        self._store.run(
            "UPDATE people SET last_interaction = ?, unfollowed_at = NULL WHERE id = ?", now_ms(), person_id
        )

    def be_silent_for(self, person_id: str, hours: float) -> None:
        """Move the last interaction into the past, to try the 48-hour and 7-day windows."""
        at = now_ms() - int(hours * HOUR_MS)
        self._store.run("UPDATE people SET last_interaction = ? WHERE id = ?", at, person_id)

    def follow(self, person_id: str) -> None:
        """Following is not an interaction; it opens the small welcome quota only."""
        self._store.run("UPDATE people SET following = 1, unfollowed_at = NULL WHERE id = ?", person_id)

    def unfollow(self, person_id: str) -> None:
        self._store.run(
            "UPDATE people SET following = 0, unfollowed_at = ? WHERE id = ?", now_ms(), person_id
        )

    def submit_info(self, person_id: str, info: dict[str, Any]) -> None:
        self._store.run(
            "UPDATE people SET info = ? WHERE id = ?", json.dumps(info, ensure_ascii=False), person_id
        )

    def spend_quota(self, person: Row) -> dict[str, Any]:
        """The quota a message to `person` uses now; raises when the OA may not write."""
        if person["unfollowed_at"] is not None:
            raise ZaloError(-213)
        if person["last_interaction"] is None:
            return self._spend_welcome(person)
        age = now_ms() - person["last_interaction"]
        if age <= FREE_MS:
            return {"quota_type": "reply", "remain": 8, "total": 8}
        if age <= OPEN_MS:
            return {"quota_type": "sub_quota", "remain": 499, "total": 500}
        raise ZaloError(-230)

    def _spend_welcome(self, person: Row) -> dict[str, Any]:
        used = person["welcome_used"]
        if not person["following"] or used >= WELCOME_MESSAGES:
            raise ZaloError(-232)
        self._store.run("UPDATE people SET welcome_used = ? WHERE id = ?", used + 1, person["id"])
        remain = WELCOME_MESSAGES - used - 1
        return {"quota_type": "welcome_msg", "remain": remain, "total": WELCOME_MESSAGES}
