"""Greeting, thanks, goodbye, hard words, a test message, idle talk, and the first hello to a new follower."""

from __future__ import annotations

from dataclasses import replace

from bot.replies import Result, Turn
from handlers.memory import Memory
from handlers.reading import intent, intent_matched
from handlers.services import Services

WELCOMED = ("follow", "user_click_chatnow")
WHO = ("là ai", "là (bot|người|máy)")
"""Parts of patterns that ask who is speaking."""
PLAIN = {
    "thanks": "smalltalk.thanks",
    "goodbye": "smalltalk.bye",
    "test": "smalltalk.test",
    "chitchat": "smalltalk.chat",
}


def welcome(turn: Turn, services: Services) -> Result | None:
    if turn.event_name not in WELCOMED:
        return None
    reply = services.reply(
        "greeting.welcome", "ask", "feedback", "human", authority=services.profile.authority_name
    )
    return Result("smalltalk", (reply,), Memory(greeted=True).as_state())


def handle(turn: Turn, services: Services) -> Result | None:
    memory = Memory.of(turn.state)
    name = intent(turn, services)
    if name == "greeting":
        asked = any(word in pattern for pattern in intent_matched(turn, services) for word in WHO)
        return _who(services, memory) if asked else _greeted(services, memory)
    if name == "abuse":
        reply = services.reply("smalltalk.abuse", "human", "menu")
        return Result("smalltalk", (reply,), memory.settled().as_state())
    if name in PLAIN:
        return Result("smalltalk", (services.reply(PLAIN[name]),), replace(memory, misses=0).as_state())
    return None


def _who(services: Services, memory: Memory) -> Result:
    reply = services.reply("smalltalk.who", "ask", "human", authority=services.profile.authority_name)
    return Result("smalltalk", (reply,), memory.settled().as_state())


def _greeted(services: Services, memory: Memory) -> Result:
    key = "greeting.hello_again" if memory.greeted else "greeting.hello"
    reply = services.reply(key, "ask", "feedback", "human")
    return Result("smalltalk", (reply,), memory.settled().as_state())
