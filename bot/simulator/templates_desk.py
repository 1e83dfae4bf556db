"""ZBS template messages: by user id as a message in the chat, by telephone number only kept.

Which templates exist is not known here: every id is taken as approved.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import Field

from bot.simulator.answers import ZaloError
from bot.simulator.chat import Chat, Draft
from bot.simulator.people import People, number_id
from bot.simulator.shapes import Shape, parse
from bot.simulator.store import Store, now_ms

PHONE = r"^\+?84[0-9]{9,10}$"


class ByUid(Shape):
    user_id: str = Field(pattern=r"^[0-9]+$")
    template_id: str = Field(min_length=1)
    template_data: dict[str, str]


class ByPhone(Shape):
    phone: str
    template_id: str = Field(min_length=1)
    template_data: dict[str, str]
    tracking_id: str = Field(min_length=1, max_length=48)
    mode: str | None = None


class TemplateDesk:
    def __init__(self, store: Store, people: People, chat: Chat) -> None:
        self._store, self._people, self._chat = store, people, chat
        self.by_number: list[ByPhone] = []

    def by_uid(self, raw: Any) -> dict[str, Any]:
        body = parse(ByUid, raw)
        if self._people.find(body.user_id) is None:
            raise ZaloError(-201, "user_id is invalid")
        shown = json.dumps(body.template_data, ensure_ascii=False, sort_keys=True)
        with self._store.transaction():
            draft = Draft("text", f"[{body.template_id}] {shown}", body=raw)
            sent = self._chat.from_oa(body.user_id, draft, "api")
            self._store.count("sent.template")
        quota = {"quota_type": "template", "remain": "499"}
        return {
            "message_id": sent["msg_id"],
            "user_id": body.user_id,
            "sent_time": str(sent["at"]),
            "quota": quota,
        }

    def by_phone(self, raw: Any) -> dict[str, Any]:
        try:
            body = parse(ByPhone, raw)
        except ZaloError as error:
            raise ZaloError(-1124, error.message) from error
        if re.match(PHONE, body.phone) is None:
            raise ZaloError(-108, "Phone number is invalid")
        self.by_number.append(body)
        quota = {"dailyQuota": "500", "remainingQuota": str(500 - len(self.by_number))}
        return {
            "msg_id": number_id("z"),
            "sent_time": str(now_ms()),
            "sending_mode": "1",
            "quota": quota,
        }
