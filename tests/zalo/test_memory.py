from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from bot.zalo.memory import OaMemory
from tests.zalo.parts import utc_now


def test_remembers_replaces_and_keeps_oas_apart(engine: Engine) -> None:
    one, other = OaMemory(engine, "1"), OaMemory(engine, "2")
    assert one.get("buttons") is None
    one.set("buttons", "text")
    one.set("buttons", "template")
    assert one.get("buttons") == "template"
    assert other.get("buttons") is None


def test_forgets_what_is_too_old(engine: Engine) -> None:
    memory = OaMemory(engine, "1", lambda: utc_now() - timedelta(days=6))
    memory.set("image", "id")
    fresh = OaMemory(engine, "1")
    assert fresh.get("image", timedelta(days=7)) == "id"
    assert fresh.get("image", timedelta(days=5)) is None
    assert fresh.get("image") == "id"
