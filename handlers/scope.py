"""What the ward does not do: other authorities' matters, everything else, other languages, nonsense."""

from __future__ import annotations

from bot.replies import Reply, Result, Turn
from handlers.hand_over import offered
from handlers.memory import Memory
from handlers.reading import intent, intent_who, reading
from handlers.services import Services
from handlers.tokens import read_token

OF_THE_WARD = ("phong_van_hoa_xa_hoi", "ban_chi_huy_quan_su")
"""Bodies of the ward itself: the bot has no entry for their work, an officer can answer."""
UNKNOWN_BODY = "khac"


def handle(turn: Turn, services: Services) -> Result | None:
    name = intent(turn, services)
    if name == "other_authority":
        return _other_authority(turn, services)
    if name == "out_of_scope":
        return _said(turn, "out_of_scope", services.reply("scope.out", "ask", "feedback", "human"))
    if name == "foreign_language":
        return _said(turn, "out_of_scope", services.reply("scope.foreign", "human", "menu"))
    if turn.text.strip() and read_token(turn.text) is None and reading(turn, services).outcome == "beyond":
        return offered(turn, services, "scope.unknown")
    return None


def _other_authority(turn: Turn, services: Services) -> Result:
    who = intent_who(turn, services)
    who = who if f"body.{who}" in services.phrases.texts else UNKNOWN_BODY
    body = services.phrases.say(f"body.{who}")
    if who in OF_THE_WARD:
        return _said(
            turn, "other_authority", services.reply("scope.of_the_ward", "hand_over", "menu", body=body)
        )
    return _said(turn, "other_authority", services.reply("scope.other_authority", "menu", "human", body=body))


def _said(turn: Turn, outcome: str, reply: Reply) -> Result:
    state = Memory.of(turn.state).settled().as_state()
    return Result(outcome, (reply,), state)  # type: ignore[arg-type]
