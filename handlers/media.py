"""What is not text: stickers, voice, pictures, places, links, files."""

from __future__ import annotations

import re

from bot.replies import Result, Turn
from handlers import complaints
from handlers.memory import Memory
from handlers.reading import asks_something_new, said
from handlers.services import Services

ID_CARD = re.compile(r"\b(cccd|cmnd|can cuoc|chung minh)\b")
ID_NUMBER = re.compile(r"(?<!\d)0\d{11}(?!\d)")
VOICE = ("user_send_audio",)
PICTURES = ("user_send_image", "user_send_gif")
SENT_PLACES = ("user_send_location",)
PURPOSE = {
    "user_send_image": "media.image",
    "user_send_gif": "media.image",
    "user_send_location": "media.location",
}
PLAIN = {
    "user_send_sticker": "media.sticker",
    "user_send_link": "media.link",
    "user_send_file": "media.file",
    "user_send_video": "media.video",
    "user_send_business_card": "media.file",
}


def handle(turn: Turn, services: Services) -> Result | None:
    """An answer to the kind of message; words that came with it are answered as words."""
    if shows_id_card(turn) and not asks_something_new(turn, services):
        return _said(turn, services, "media.id_card", "menu")
    if turn.event_name in VOICE:
        return _said(turn, services, "media.voice", "call_me", "menu")
    if turn.text.strip() and turn.event_name != "user_send_link":
        return None
    if turn.event_name in PURPOSE:
        return _said(turn, services, PURPOSE[turn.event_name], "feedback", "ask", outcome_is_question=True)
    if turn.event_name in PLAIN:
        return _said(turn, services, PLAIN[turn.event_name], "menu")
    return None


def takes_photos(turn: Turn) -> bool:
    """Whether the pictures of this turn may be fetched at all: none of an ID card, none of a complaint."""
    return not shows_id_card(turn) and not complaints.is_open(turn) and not complaints.is_one(turn)


def shows_id_card(turn: Turn) -> bool:
    """A picture called an ID card, or an ID number typed out."""
    if ID_NUMBER.search(turn.text):
        return True
    names = " ".join(attachment.name or "" for attachment in turn.attachments)
    with_picture = turn.event_name in (*PICTURES, "user_send_file")
    return with_picture and ID_CARD.search(said(f"{turn.text} {names}").plain) is not None


def _said(
    turn: Turn, services: Services, key: str, *buttons: str, outcome_is_question: bool = False
) -> Result:
    state = Memory.of(turn.state).as_state()
    reply = services.reply(key, *buttons)
    return Result("clarify" if outcome_is_question else "smalltalk", (reply,), state)
