"""Case codes: ours go to an officer for now; a one-stop-shop dossier is looked up officially."""

from __future__ import annotations

from dataclasses import replace

from bot.replies import Button, Reply, Result, Turn
from handlers.memory import Memory
from handlers.reading import intent
from handlers.services import Services
from handlers.tokens import read_token
from ward.calendar import say_by_when
from ward.codes import find_dossier, parse_code


def handle(turn: Turn, services: Services) -> Result | None:
    if read_token(turn.text) is not None:
        return None
    found = parse_code(turn.text)
    if found.status == "valid" and found.code:
        return _ours(turn, services, found.code)
    if found.status == "wrong_digit":
        return _said(turn, services.reply("tracking.wrong_digit", "human", "menu", asked=found.code))
    if dossier := find_dossier(turn.text):
        return _said(turn, _official(services, "tracking.dossier", asked=dossier))
    if intent(turn, services) == "tracking":
        return _said(turn, _official(services, "tracking.ask_code"))
    return None


def _ours(turn: Turn, services: Services, asked: str) -> Result:
    ticket = services.desk.hand_over(turn, turn.text, None, ())
    when = say_by_when(ticket.due_at, turn.at)
    return _said(turn, services.reply("tracking.found", "menu", asked=asked, when=when, code=ticket.code))


def _official(services: Services, key: str, **values: str | int | None) -> Reply:
    phone = services.profile.counter.phone
    text = services.phrases.say(key, phone=phone, **values)
    address = services.profile.links.dossier_lookup
    buttons = [services.button("human")]
    if address:
        title = services.phrases.say("buttons.lookup")
        buttons.insert(0, Button(title=title, kind="url", payload=address))
    return Reply(text=text, buttons=tuple(buttons))


def _said(turn: Turn, reply: Reply) -> Result:
    memory = replace(Memory.of(turn.state).settled())
    return Result("tracking", (reply,), memory.as_state())
