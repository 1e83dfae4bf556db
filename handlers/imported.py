"""What the bot says of a record that came from the national portal and nobody of the ward has reviewed.

The procedure's name, who handles it, the link, and an officer: no fee, no time, no papers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.replies import Button, Candidate, Outcome, Reply, Result, Turn
from handlers.answers import button
from handlers.hand_over import OFFER_STEP
from handlers.layout import LINES, numbered, pages
from handlers.memory import Choice, Memory, Step
from handlers.phrases import Phrases
from handlers.services import Services
from handlers.tokens import token
from knowledge.facets import Facet
from knowledge.portal.record import Record
from knowledge.portal.shelf import label

LONGEST_NAME = 200


def tell(
    record: Record, facet: Facet, turn: Turn, services: Services, outcome: Outcome = "answered"
) -> Result:
    """The record, or, when it was told just before, that the asked part of it is not known either."""
    memory = Memory.of(turn.state)
    again = memory.key == record.key
    items = _again(record, services.phrases) if again else _first(record, services.phrases)
    room = LINES if memory.greeted else LINES - 1
    *before, last = [Reply(text=text) for text in pages(items, room)]
    last = last.model_copy(update={"buttons": _buttons(record, services)})
    after = replace(memory.at(record.key, facet), step=Step(OFFER_STEP))
    return Result(outcome, (*before, last), after.as_state(), keys=(record.key,), facet=facet)


def offer(keys: Sequence[str], facet: Facet, turn: Turn, services: Services) -> Result:
    """Which of several unreviewed records is meant, by number."""
    records = [record for key in keys if (record := services.library.record(key)) is not None]
    choices = tuple(Choice(record.key, label(record)) for record in records)
    lines = [services.phrases.say("imported.which"), numbered([choice.label for choice in choices])]
    buttons = [
        Button(title=str(number), payload=token("answer", choice.key, facet))
        for number, choice in enumerate(choices, 1)
    ]
    if len(buttons) < 4:
        buttons.append(services.button("other"))
    after = replace(Memory.of(turn.state).settled(), facet=facet, choices=choices)
    offered = tuple(Candidate(record.key, record.code, 0.0) for record in records)
    reply = Reply(text="\n".join(lines), buttons=tuple(buttons))
    return Result("clarify", (reply,), after.as_state(), facet=facet, choices=offered)


def _first(record: Record, say: Phrases) -> list[str]:
    where = say.say("imported.where", body=record.body)
    return [
        say.say("imported.about", name=_shortened(record.name)),
        where if record.body else say.say("imported.where_level", level=record.level),
        say.say("imported.unsaid"),
        say.say("imported.link", target=record.url),
    ]


def _again(record: Record, say: Phrases) -> list[str]:
    return [say.say("imported.more", name=label(record)), say.say("imported.link", target=record.url)]


def _buttons(record: Record, services: Services) -> tuple[Button, ...]:
    say = services.phrases
    portal = Button(title=say.say("buttons.portal"), kind="url", payload=record.url)
    return (button(say, "ask_officer", token("human")), services.button("menu"), portal)


def _shortened(name: str) -> str:
    """Official names run to a thousand letters; the rest stands on the portal's page."""
    if len(name) <= LONGEST_NAME:
        return name
    return name[: LONGEST_NAME - 1].rsplit(" ", 1)[0].rstrip(" ,;(") + "…"
