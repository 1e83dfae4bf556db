"""Two matters in one message: both answered at once, shortly, with a button for more of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.replies import Button, Candidate, Reply, Result, Turn
from handlers.layout import LINES, height
from handlers.memory import Choice, Memory
from handlers.parts import Part, Writer, is_current, part_of
from handlers.services import Services, today
from handlers.tokens import token
from knowledge.facets import Facet
from knowledge.schema import Entry

SHORT = LINES - 1
"""Lines of each answer, its name included: what does not fit is told by the button."""


def tell(keys: Sequence[str], facet: Facet, turn: Turn, services: Services) -> Result | None:
    """The part asked for of each; None where one of them is not plainly in force: then which is asked."""
    found = [entry for key in keys if (entry := services.library.entry(key)) is not None]
    day = today(turn)
    if len(found) < len(keys) or not all(is_current(one, day) and one.kind != "superseded" for one in found):
        return None
    memory = Memory.of(turn.state)
    writers = [Writer(entry, services.phrases, services.profile, day, asks=False) for entry in found]
    texts = [_short(writer, facet, number) for number, writer in enumerate(writers, 1)]
    mourning = any(writer.mourning for writer in writers)
    if mourning and not memory.condoled:
        texts.insert(0, services.phrases.say("answer.condolence"))
    replies = [Reply(text=text) for text in texts]
    replies.append(Reply(text=services.phrases.say("choose.both"), buttons=_more(found, facet, services)))
    choices = tuple(Choice(entry.key, entry.choice_name) for entry in found)
    after = replace(
        memory.settled(), key=None, facet=facet, choices=choices, condoled=memory.condoled or mourning
    )
    return Result(
        "answered",
        tuple(replies),
        after.as_state(),
        keys=tuple(entry.key for entry in found),
        facet=facet,
        choices=tuple(Candidate(entry.key, entry.code, 0.0) for entry in found),
    )


def _short(writer: Writer, facet: Facet, number: int) -> str:
    """The name, and the first lines of the part asked for; where more follows, it is said."""
    part = part_of(writer, facet) or Part((writer.say.say(f"unknown.{facet}", name=writer.name),))
    lines = [f"{number}. {writer.entry.choice_name}"]
    told = "\n".join(part.items).split("\n")
    while told and height("\n".join([*lines, told[0]])) <= SHORT:
        lines.append(told.pop(0))
    if told:
        lines.append(writer.say.say("choose.both_more", number=number))
    return "\n".join(lines)


def _more(entries: Sequence[Entry], facet: Facet, services: Services) -> tuple[Button, ...]:
    return tuple(
        Button(
            title=services.phrases.say("buttons.more_of", number=number),
            payload=token("answer", entry.key, facet),
        )
        for number, entry in enumerate(entries, 1)
    )
