"""What is not in force on the day of the question: say what changed, on which day, and hand over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.replies import Result, Turn
from handlers import hand_over
from handlers.layout import after_opening, decapitalise
from handlers.parts import Writer, part_of
from handlers.services import Services, today
from handlers.wording import day_text, listed
from knowledge.facets import Facet
from knowledge.in_force import ended_with, first_day_without, has_ended, turning_days
from knowledge.schema import Entry


def not_in_force(
    entries: Sequence[Entry],
    facet: Facet,
    turn: Turn,
    services: Services,
    *,
    words: str = "",
    opening: str = "",
) -> Result:
    """The law changed, or is not there yet: nothing of the entries is told, an officer answers.

    Several entries begin or end on the same day.
    """
    first, heirs = entries[0], _heirs(entries, services)
    ended = has_ended(first, today(turn))
    lead = _law_changed(entries, heirs, services) if ended else _not_yet(entries, services)
    lead = f"{opening}\n{after_opening(lead)}" if opening else lead
    told = _handed_over(first, facet, lead, words, turn, services)
    return replace(told, keys=tuple(entry.key for entry in (*entries, *(heirs if ended else ()))))


def has_lapsed(writer: Writer, facet: Facet) -> bool:
    """Is nothing left of a part that was known, or will be, on another day?"""
    return part_of(writer, facet) is None and any(
        part_of(replace(writer, day=day), facet) is not None for day in turning_days(writer.entry)
    )


def lapsed(writer: Writer, facet: Facet, turn: Turn, services: Services, words: str) -> Result:
    lead = services.phrases.say("answer.lapsed", name=writer.name, day=day_text(writer.day))
    told = _handed_over(writer.entry, facet, lead, words, turn, services)
    return replace(told, keys=(writer.entry.key,))


def same_change(entries: Sequence[Entry], turn: Turn) -> bool:
    """Did all of them end, and on one day?"""
    return all(has_ended(entry, today(turn)) for entry in entries) and (
        len({entry.effective_to for entry in entries}) == 1
    )


def changed_on(entry: Entry) -> str:
    """The day on which the rule of an entry that has ended changed."""
    day = first_day_without(entry)
    assert day is not None
    return day_text(day)


def _law_changed(entries: Sequence[Entry], heirs: Sequence[Entry], services: Services) -> str:
    law = ended_with(entries[0])
    assert entries[0].effective_to is not None
    return services.phrases.say(
        "answer.law_changed",
        name=_names(entries),
        day=changed_on(entries[0]),
        last=day_text(entries[0].effective_to),
        old=law.called if law else None,
        new=", ".join(law.replaced_by) or None if law else None,
        code=", ".join(heir.code for heir in heirs if heir.code) or None,
    )


def _not_yet(entries: Sequence[Entry], services: Services) -> str:
    starts = entries[0].effective_from
    assert starts is not None
    return services.phrases.say("answer.not_yet", name=_names(entries), day=day_text(starts))


def _names(entries: Sequence[Entry]) -> str:
    if len(entries) == 1:
        return decapitalise(entries[0].plain_name)
    return listed(entry.choice_name for entry in entries)


def _heirs(entries: Sequence[Entry], services: Services) -> list[Entry]:
    """Related entries of the same field that begin the day after: what is said to come instead."""
    related = [services.library.entry(key) for entry in entries for key in entry.related]
    last = entries[0]
    found = [
        one
        for one in related
        if one is not None and one.field == last.field and one.effective_from == first_day_without(last)
        if one.effective_from is not None
    ]
    return list({one.key: one for one in found if one not in entries}.values())


def _handed_over(entry: Entry, facet: Facet, lead: str, words: str, turn: Turn, services: Services) -> Result:
    question = words or services.phrases.say("hand_over.about", name=entry.plain_name)
    told = hand_over.to_officer(turn, services, question, "handover", lead, entry.field)
    return replace(told, facet=facet)
