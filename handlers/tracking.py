"""Asking after a code: the own account sees the history, others need the last digits of the phone.

A wrong number and an unknown code get the same words. A one-stop-shop dossier is looked up officially.
"""

from __future__ import annotations

import re

from bot.casework import CaseStatus, Step
from bot.replies import Button, Reply, Result, Turn
from handlers.memory import Memory
from handlers.reading import CHATTER, asks_something_new, intent
from handlers.services import Services
from handlers.tokens import read_token, token
from ward.calendar import local, say_by_when
from ward.codes import find_dossier, parse_code

PHONE_STEP = "track_phone"
SHOWN_STEPS = 4
_DIGITS = re.compile(r"\d")
_TAIL = 4


def waiting(turn: Turn, services: Services) -> Result | None:
    """The four digits that were asked for."""
    step = Memory.of(turn.state).step
    if step is None or step.name != PHONE_STEP or read_token(turn.text) is not None or not turn.text.strip():
        return None
    if parse_code(turn.text).status != "none" or _goes_elsewhere(turn, services):
        return None
    digits = "".join(_DIGITS.findall(turn.text))
    if len(digits) < _TAIL:
        return _said(turn, services.reply("tracking.tail_again", "menu"), step.data)
    return _tracked(turn, services, step.data, digits[-_TAIL:])


def handle(turn: Turn, services: Services) -> Result | None:
    if read_token(turn.text) is not None:
        return None
    found = parse_code(turn.text)
    if found.status == "valid" and found.code:
        return _tracked(turn, services, found.code)
    if found.status == "wrong_digit":
        return _said(turn, services.reply("tracking.wrong_digit", "human", "menu", asked=found.code))
    if dossier := find_dossier(turn.text):
        return _said(turn, _official(services, "tracking.dossier", dossier))
    if intent(turn, services) == "tracking":
        return _said(turn, _official(services, "tracking.ask_code"))
    return None


def _goes_elsewhere(turn: Turn, services: Services) -> bool:
    name = intent(turn, services)
    return name in (*CHATTER, "feedback") or asks_something_new(turn, services)


def _tracked(turn: Turn, services: Services, code: str, tail: str | None = None) -> Result:
    seen = services.desk.track(turn, code, tail)
    if isinstance(seen, CaseStatus):
        return _said(turn, status(seen, turn, services))
    if seen == "needs_phone":
        return _said(turn, services.reply("tracking.needs_phone", "menu"), code)
    return _said(turn, services.reply(f"tracking.{seen}", "human", "menu"))


def status(case: CaseStatus, turn: Turn, services: Services) -> Reply:
    """The history a citizen may read, the time that counts now, and what can be done."""
    lines = [services.phrases.say("tracking.head", code=case.code)]
    lines += [_step(step, services) for step in _shown(case.steps)]
    when = say_by_when(case.due_at, turn.at)
    lines.append(services.phrases.say(f"tracking.now_{case.state}", when=when))
    return Reply(text="\n".join(lines), buttons=tuple(actions(case, services)))


def _shown(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The first, and the newest of the others."""
    return steps if len(steps) <= SHOWN_STEPS else (steps[0], *steps[1 - SHOWN_STEPS :])


def _step(step: Step, services: Services) -> str:
    say, texts = services.phrases.say, services.phrases.texts
    field, urgency = step.detail.get("field"), step.detail.get("urgency")
    what = say(
        f"tracking.step_{step.kind}",
        urgency=say(f"tracking.urgency_{urgency}") if f"tracking.urgency_{urgency}" in texts else None,
        field=say(f"field.{field}") if f"field.{field}" in texts else None,
        title=step.detail.get("title"),
    )
    return say("tracking.step", at=f"{local(step.at):%d/%m %H:%M}", what=what)


def actions(case: CaseStatus, services: Services) -> list[Button]:
    names: list[str] = []
    if case.can_rate:
        names = ["good", "fair", "undone"]
    elif case.can_reopen:
        names = ["undone"]
    elif case.state == "waiting" and case.own:
        names = ["reply"]
    elif case.own and case.state in ("new", "assigned", "sending"):
        names = ["add", "nudge"]
    if case.can_withdraw:
        names.append("withdraw")
    return [*(case_button(name, case.code, services) for name in names), services.button("menu")]


def case_button(action: str, code: str, services: Services) -> Button:
    title = services.phrases.say(f"buttons.{action}")
    return Button(title=title, payload=token("case", "add" if action == "reply" else action, code))


def _official(services: Services, key: str, dossier: str | None = None) -> Reply:
    """The official look-up; a dossier that is late can be told here."""
    phone, address = services.profile.counter.phone, services.profile.links.dossier_lookup
    values = {"asked": dossier} if dossier else {}
    buttons = [services.button("human")]
    if dossier:
        title = services.phrases.say("buttons.late")
        buttons.insert(0, Button(title=title, payload=token("late", dossier)))
    if address:
        title = services.phrases.say("buttons.lookup")
        buttons.insert(0, Button(title=title, kind="url", payload=address))
    return Reply(text=services.phrases.say(key, phone=phone, **values), buttons=tuple(buttons))


def _said(turn: Turn, reply: Reply, asked_phone_for: str = "") -> Result:
    memory = Memory.of(turn.state).settled()
    if asked_phone_for:
        memory = memory.waiting(PHONE_STEP, asked_phone_for)
    return Result("tracking", (reply,), memory.as_state())
