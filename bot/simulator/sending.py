"""The sending API: may this go to this person now, and what does it look like?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bot.simulator.answers import ZaloError
from bot.simulator.chat import Chat, Draft, attachment
from bot.simulator.people import People
from bot.simulator.settings import Config
from bot.simulator.shapes import (
    Action,
    Buttons,
    FileToken,
    InfoRequest,
    ListTemplate,
    Media,
    MediaElement,
    Message,
    Payload,
    parse_attachment,
    parse_body,
)
from bot.simulator.store import Row, Store
from bot.simulator.uploads import Files, link

Version = Literal["v2", "v3"]


class SendDesk:
    """Accepts or refuses what the OA wants to send."""

    def __init__(self, store: Store, config: Config, people: People, files: Files, chat: Chat) -> None:
        self._store, self._config = store, config
        self._people, self._files, self._chat = people, files, chat

    def accept(self, raw: Any, version: Version, base_url: str) -> dict[str, Any]:
        """The `data` of the answer; a ZaloError when refused, and then nothing is stored."""
        if version == "v3" and self._config.now.government:
            raise ZaloError(-235)
        body = parse_body(raw)
        if version == "v2" and body.sender_action is not None:
            return self._react(body.recipient.user_id, body.sender_action)
        if version == "v2" and not self._config.now.government:
            raise ZaloError(-240)
        if body.message is None or body.sender_action is not None:
            raise ZaloError(-201, "message is invalid")
        with self._store.transaction():
            return self._send(body.recipient.user_id, body.message, raw["message"], version, base_url)

    def _send(
        self, user_id: str, message: Message, raw: Mapping[str, Any], version: Version, base_url: str
    ) -> dict[str, Any]:
        person = self._recipient(user_id)
        self._check_quote(user_id, message.quote_message_id)
        draft = self._draft(message, raw, version, base_url)
        quota = self._people.spend_quota(person)
        sent = self._chat.from_oa(user_id, draft, "api")
        self._store.count(f"sent.{quota['quota_type']}")
        return {
            "message_id": sent["msg_id"],
            "user_id": user_id,
            "sent_time": str(sent["at"]),
            "quota": quota,
        }

    def _react(self, user_id: str, action: Action) -> dict[str, Any]:
        self._recipient(user_id)
        if self._chat.by_msg_id(user_id, action.react_message_id) is None:
            raise ZaloError(-201, "react_message_id is invalid")
        self._chat.react(user_id, action.react_message_id, action.react_icon, "out")
        return {"message_id": action.react_message_id, "user_id": user_id}

    def _recipient(self, user_id: str) -> Row:
        person = self._people.find(user_id)
        if person is None:
            raise ZaloError(-201, "user_id is invalid")
        return person

    def _check_quote(self, user_id: str, quote: str | None) -> None:
        if quote is not None and self._chat.by_msg_id(user_id, quote) is None:
            raise ZaloError(-201, "quote_message_id is invalid")

    def _draft(self, message: Message, raw: Mapping[str, Any], version: Version, base_url: str) -> Draft:
        text, quote = message.text, message.quote_message_id
        if message.attachment is None:
            if not text.strip():
                raise ZaloError(-201, "text is invalid")
            return Draft("text", text, quote=quote, body=raw)
        payload = parse_attachment(message.attachment)
        if isinstance(payload, Buttons) and not text.strip():
            raise ZaloError(-201, "text is invalid")
        if isinstance(payload, ListTemplate) and version == "v3":
            raise ZaloError(-233)
        kind, content, attached = self._content(payload, base_url)
        return Draft(kind, text, content, (attached,), quote, body=raw)

    def _content(self, payload: Payload, base_url: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Kind, what the page shows, what the echo carries."""
        if isinstance(payload, FileToken):
            return self._file(payload, base_url)
        if isinstance(payload, Media):
            return self._media(payload.elements[0], base_url)
        content = payload.model_dump(exclude_none=True)
        if isinstance(payload, Buttons):
            return "buttons", content, attachment("template", buttons=content["buttons"])
        first = content["elements"][0]
        if isinstance(payload, InfoRequest):
            return "info_request", first, attachment("template", text=first["title"])
        listed = attachment("link", title=first["title"], description=first.get("subtitle", ""))
        return "list", content, listed

    def _file(self, payload: FileToken, base_url: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        file = self._files.asset(payload.token, "oa-file", "token")
        echo = file_attachment(file, base_url)
        return "file", file_content(file), echo

    def _media(self, element: MediaElement, base_url: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        kind = element.media_type
        if kind == "sticker":
            return kind, {"id": element.attachment_id}, attachment(kind, id=element.attachment_id, url="")
        if element.url is not None:
            return kind, {"url": element.url}, attachment(kind, thumbnail=element.url, url=element.url)
        file = self._files.asset(element.attachment_id or "", f"oa-{kind}", "attachment_id")
        url = base_url + link(file)
        return kind, {"url": link(file), "name": file["name"]}, attachment(kind, thumbnail=url, url=url)


def file_content(file: Row) -> dict[str, Any]:
    return {"url": link(file), "name": file["name"], "size": file["size"]}


def file_attachment(file: Row, base_url: str) -> dict[str, Any]:
    kind = file["name"].rpartition(".")[2].lower()
    return attachment(
        "file", size=str(file["size"]), name=file["name"], checksum=file["checksum"], type=kind,
        url=base_url + link(file),
    )  # fmt: skip
