"""A reply as Zalo messages: splitting, buttons, and the plain numbered list where buttons do not work.

Lengths are counted in characters after NFC: Vietnamese in NFD is a quarter longer (zalo-api §3.2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from bot.replies import Button, Reply
from bot.zalo.texts import nfc

TEXT_CHARACTERS = 2000
PRINTED_CHARACTERS = 200
"""Longer addresses are left out of the plain list, so that five of them still fit in one message."""

_BREAKS = (  # best first; a cut falls after the match
    re.compile(r"\n[^\S\n]*\n\s*"),
    re.compile(r"\n"),
    re.compile(r"[.!?…;:][\"')\]”’]*\s+"),
    re.compile(r"\s+"),
)


# --- splitting -------------------------------------------------------------------------------------------


def split_reply(reply: Reply, limit: int = TEXT_CHARACTERS) -> list[Reply]:
    """`reply` as messages Zalo takes one by one; splitting a part again changes nothing.

    A text longer than `limit` is cut and numbered "(1/3) ". One message carries one attachment, so a
    picture or a file that cannot travel with the last text is a message of its own beside it. Buttons
    stay at the end, the quote on the first text. Nothing to say gives an empty list.
    """
    if reply.route is not None and reply.route.by != "paid":
        return [reply]  # no message of the OA's own: a template, an SMS or a mail is one piece
    texts = _split_text(nfc(reply.text).strip(), limit, len(plain_menu(reply.buttons)))
    parts = [_bare(reply).model_copy(update={"text": text}) for text in texts]
    parts = _with_attachments(reply, parts)
    return _with_quote(reply, parts)


def _bare(reply: Reply) -> Reply:
    """A part without content, that travels as the whole does."""
    return Reply(safe_to_repeat=reply.safe_to_repeat, route=reply.route, useless_after=reply.useless_after)


def _with_attachments(reply: Reply, parts: list[Reply]) -> list[Reply]:
    alone: list[Reply] = []
    bare = _bare(reply)
    if reply.image and (reply.buttons or not parts):
        alone.append(bare.model_copy(update={"image": reply.image}))
    elif reply.image:
        parts[-1] = parts[-1].model_copy(update={"image": reply.image})
    if reply.file:  # a caption beside a file may be lost (zalo-api §3.1): the file goes without text
        alone.append(bare.model_copy(update={"file": reply.file}))
    if not reply.buttons:
        return [*parts, *alone]
    last = parts[-1] if parts else bare
    return [*parts[:-1], *alone, last.model_copy(update={"buttons": reply.buttons})]


def _with_quote(reply: Reply, parts: list[Reply]) -> list[Reply]:
    first = next((i for i, part in enumerate(parts) if part.text), None)
    if reply.quote and first is not None:
        parts[first] = parts[first].model_copy(update={"quote": reply.quote})
    return parts


def _split_text(text: str, limit: int, menu: int) -> list[str]:
    """Pieces of at most `limit`; the last leaves room for a plain menu of `menu` characters."""
    last = limit - menu - 1 if 0 < menu < limit * 4 // 5 else limit
    if len(text) <= last:
        return [text] if text else []
    digits = 1
    while True:  # the number of parts decides how long "(1/12) " is
        mark = 2 * digits + 4
        pieces = list(_pieces(text, max(1, limit - mark), max(1, last - mark)))
        if len(str(len(pieces))) <= digits:
            break
        digits += 1
    return [f"({i}/{len(pieces)}) {piece}" for i, piece in enumerate(pieces, 1)]


def _pieces(text: str, room: int, last_room: int) -> Iterator[str]:
    while len(text) > last_room:
        cut = _cut(text, room if len(text) > room else last_room)
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def _cut(text: str, room: int) -> int:
    """Where to cut the first piece of at most `room` characters, in 1 … len(text)."""
    seen = text[: room + 1]
    for breaks in _BREAKS:
        cut = max((match.end() for match in breaks.finditer(seen)), default=0)
        if cut > room // 2 or (cut and breaks is _BREAKS[-1]):  # an early break leaves a nearly empty message
            return cut
    return _whole_character(text, min(room, len(text)))


def _whole_character(text: str, cut: int) -> int:
    """Not between a letter and a mark that stands on it."""
    back = cut
    while 0 < back < len(text) and unicodedata.combining(text[back]):
        back -= 1
    return back or cut


# --- bodies ----------------------------------------------------------------------------------------------


def body(
    person_id: str,
    reply: Reply,
    *,
    buttons: bool = True,
    attachment_id: str | None = None,
    token: str | None = None,
) -> dict[str, Any]:
    """The JSON of one message (zalo-api §3.1).

    `attachment_id` is an uploaded picture, `token` an uploaded file; a picture without an id is sent by
    its address. With `buttons` false the choices are printed as a numbered list.
    """
    message: dict[str, Any] = {}
    text = nfc(reply.text) if buttons else with_plain_menu(reply)
    if text:
        message["text"] = text
    if reply.quote:
        message["quote_message_id"] = reply.quote
    attachment = _attachment(reply, buttons, attachment_id, token)
    if attachment:
        message["attachment"] = attachment
    return {"recipient": {"user_id": person_id}, "message": message}


def _attachment(
    reply: Reply, buttons: bool, attachment_id: str | None, token: str | None
) -> dict[str, Any] | None:
    if token:
        return {"type": "file", "payload": {"token": token}}
    if attachment_id or reply.image:
        picture = {"attachment_id": attachment_id} if attachment_id else {"url": reply.image}
        media = {"template_type": "media", "elements": [{"media_type": "image", **picture}]}
        return {"type": "template", "payload": media}
    if buttons and reply.buttons:  # no template_type here: zalo-api §3.1
        return {"type": "template", "payload": {"buttons": [_button(one) for one in reply.buttons]}}
    return None


def _button(button: Button) -> dict[str, Any]:
    title = nfc(button.title)
    if button.kind == "url":
        return {"title": title, "type": "oa.open.url", "payload": {"url": button.payload}}
    if button.kind == "phone":
        call = {"phone_code": phone_code(button.payload)}
        return {"title": title, "type": "oa.open.phone", "payload": call}
    # Tokens ("#…") are for us: shown in the chat they would puzzle the person who tapped.
    kind = "oa.query.hide" if button.payload.startswith("#") else "oa.query.show"
    return {"title": title, "type": kind, "payload": button.payload}


def phone_code(number: str) -> str:
    """Digits with the country code: "028 3800 0000" gives "842838000000". Short numbers (113, 1900…) stay."""
    digits = re.sub(r"[^0-9]", "", number)
    digits = digits.removeprefix("00")
    return f"84{digits[1:]}" if digits.startswith("0") else digits


def with_plain_menu(reply: Reply) -> str:
    """The text with the choices as a numbered list below it."""
    return "\n".join(part for part in (nfc(reply.text).rstrip(), plain_menu(reply.buttons)) if part)


def plain_menu(buttons: tuple[Button, ...]) -> str:
    return "\n".join(f"{i}. {_plain(one)}" for i, one in enumerate(buttons, 1))


def _plain(button: Button) -> str:
    title = nfc(button.title)
    printed = button.kind != "say" and len(button.payload) <= PRINTED_CHARACTERS
    return f"{title}: {button.payload}" if printed else title
