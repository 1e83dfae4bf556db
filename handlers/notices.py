"""What officials are told, and linking their own Zalo account. No word, name or number of a citizen here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.replies import Button, Reply, Result, Turn
from handlers.layout import LINES, height
from handlers.memory import Memory
from handlers.phrases import Phrases
from handlers.services import Services
from knowledge.schema import FIELDS
from ward.calendar import say_by_when
from ward.cases.model import KINDS as CASE_KINDS
from ward.notices import KINDS, Told

CASE_PATH = "/console/phieu/{code}"
QUEUE_PATH = "/console/phieu"
LINK_CODE = re.compile(r"\s*(?:noi|nối|lk)[\s-]*(\d(?:[\s-]?\d){5,7})\s*", re.I)
LINK_PREFIX = "NOI"
_LINK_WORDS = {
    "linked": "notice.linked",
    "refused": "notice.link_refused",
    "too_many": "notice.link_too_many",
}
_CASE_KINDS: dict[str, str] = dict(CASE_KINDS.items())


@dataclass(frozen=True)
class WordsOfNotices:
    """bot.notices.NoticeWords. Without a PUBLIC_URL there is nothing to tap."""

    phrases: Phrases
    ward: str
    public_url: str

    def message(self, items: Sequence[Told], now: datetime) -> Reply:
        if len(items) == 1:
            path = CASE_PATH.format(code=items[0].code)
            return Reply(
                text=self._one(items[0], now), buttons=self._tap("open_case", path), safe_to_repeat=True
            )
        lines = [self.phrases.say("notice.many", n=len(items))]
        told = [self._item(item, now) for item in items]
        while told and height("\n".join([*lines, told[0]])) < LINES:
            lines.append(told.pop(0))
        if told:
            lines.append(self.phrases.say("notice.more", n=len(told)))
        return Reply(text="\n".join(lines), buttons=self._tap("open_queue", QUEUE_PATH), safe_to_repeat=True)

    def digest(self, name: str, items: Sequence[Told], now: datetime) -> tuple[str, str]:
        say = self.phrases.say
        link = f"{self.public_url}{QUEUE_PATH}" if self.public_url else None
        lines = [say("notice.digest", name=name), *(self._item(item, now) for item in items)]
        text = "\n".join([*lines, say("notice.digest_end", target=link)])
        return say("notice.subject", ward=self.ward, n=len(items)), f"{text.strip()}\n"

    def _one(self, item: Told, now: datetime) -> str:
        return self.phrases.say(
            "notice.one",
            what=what(item.kind),
            code=item.code,
            kind=_CASE_KINDS.get(item.case_kind),
            field=FIELDS.get(item.field) if item.field else None,
            khom=item.khom,
            due=self._due(item, now),
        )

    def _item(self, item: Told, now: datetime) -> str:
        return self.phrases.say(
            "notice.item", code=item.code, what=what(item.kind), khom=item.khom, due=self._due(item, now)
        )

    def _due(self, item: Told, now: datetime) -> str:
        if item.due_at > now:
            return say_by_when(item.due_at, now)
        return self.phrases.say("notice.past", when=say_by_when(item.due_at, now))

    def _tap(self, title: str, path: str) -> tuple[Button, ...]:
        if not self.public_url:
            return ()
        words = self.phrases.say(f"buttons.{title}")
        return (Button(title=words, kind="url", payload=f"{self.public_url.rstrip('/')}{path}"),)


def what(kind: str) -> str:
    return KINDS.get(kind, KINDS["due_80"])


def handle(turn: Turn, services: Services) -> Result | None:
    """A code of the console, typed into the chat by the official whose account is to be linked."""
    found = LINK_CODE.fullmatch(turn.text)
    if found is None:
        return None
    linked = services.desk.link_official(turn, f"{LINK_PREFIX}{re.sub(r'[^0-9]', '', found[1])}")
    reply = services.reply(_LINK_WORDS[linked])
    return Result("human", (reply,), Memory.of(turn.state).as_state())
