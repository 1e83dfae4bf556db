"""The whole of what the bot says: one turn in, one result out, by an explicit order of small handlers."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace

from bot.replies import Desk, Reply, Result, Turn
from handlers import (
    bookings,
    bundles,
    case_talk,
    commands,
    complaints,
    emergency,
    facilities,
    firms,
    guides,
    hand_over,
    home,
    hotlines,
    media,
    notices,
    office,
    procedures,
    reception,
    reports,
    results,
    scope,
    smalltalk,
    special_days,
    tracking,
    visits,
)
from handlers.ahead import ReadAhead
from handlers.layout import after_opening, split
from handlers.memory import Memory
from handlers.offers import chosen, link_reply, offers_of
from handlers.phrases import Phrases
from handlers.reading import facet_heard
from handlers.services import Handler, Services
from handlers.tokens import read_token
from knowledge.library import Library
from ward.calendar import WorkCalendar
from ward.forms import FormShelf
from ward.profile import WardProfile

ORDER: tuple[Handler, ...] = (
    emergency.handle,
    reception.handle,
    complaints.handle,
    smalltalk.welcome,
    notices.handle,
    special_days.handle,
    firms.answered,
    visits.answered,
    firms.inside,
    home.answered,
    results.answered,
    facilities.handle,
    commands.handle,
    visits.inside,
    home.inside,
    results.inside,
    bookings.handle,
    reports.inside,
    case_talk.handle,
    case_talk.heard,
    reports.from_media,
    media.handle,
    hand_over.waiting,
    tracking.waiting,
    guides.handle,
    link_reply,
    procedures.confirmed,
    smalltalk.handle,
    reports.late,
    tracking.handle,
    home.begin,
    reports.begin,
    visits.begin,
    bundles.handle,
    scope.handle,
    hotlines.handle,
    office.handle,
    procedures.handle,
)
"""The first that answers, answers. What none takes is a miss (`hand_over.missed`)."""
OF_REPORTS = (reports.inside, reports.from_media, reports.late, reports.begin)
"""Speak of the draft themselves."""
SPOKEN = ("text", "image", "gif", "link", "audio", "video", "sticker", "location", "business_card", "file")
HEARD = (*(f"user_send_{kind}" for kind in SPOKEN), *smalltalk.WELCOMED)
"""Events that are answered; all others (receipts, groups, unfollowing …) are not spoken to us."""


@dataclass(frozen=True)
class Assistant:
    library: Library
    phrases: Phrases
    profile: WardProfile
    calendar: WorkCalendar
    forms: FormShelf = FormShelf()
    ahead: ReadAhead = field(default_factory=ReadAhead, repr=False, compare=False)

    def read_ahead(self, words: str) -> None:
        """Look at words that will be answered soon, so that the answer itself takes less."""
        if read_token(words) is None:
            self.ahead.look(words, self.library)

    def respond(self, turn: Turn, desk: Desk) -> Result:
        """Never raises for anything a citizen can send."""
        if turn.event_name not in HEARD:
            return Result("silent", state=turn.state)
        services = self._services(turn, desk)
        turn = replace(turn, text=chosen(turn, services.phrases))
        handler, result = _first(turn, services)
        result = replace(result, facet=result.facet or facet_heard(turn, services))
        result = complaints.sealed_too(turn, result, services)
        result = home.beside(turn, result, services)
        result = guides.put_aside(turn, result, services)
        if handler not in OF_REPORTS:
            result = reports.put_aside(turn, result, services)
        return _remember(_fit(_greet(result, services)))

    def takes_photos(self, turn: Turn) -> bool:
        """Whether pictures of this turn may be fetched (nothing is said or kept yet)."""
        return media.takes_photos(turn)

    def seals(self, turn: Turn) -> bool:
        """Whether the words alone are a complaint or denunciation."""
        return complaints.is_one(turn)

    def guard(self, turn: Turn, desk: Desk) -> Result | None:
        """Danger and complaints alone, for a ward that has switched the assistant off."""
        if turn.event_name not in HEARD:
            return None
        services = self._services(turn, desk)
        turn = replace(turn, text=chosen(turn, services.phrases))
        result = emergency.handle(turn, services) or complaints.handle(turn, services)
        return None if result is None else _remember(_fit(_greet(result, services)))

    def off_words(self, own: str) -> Reply:
        """That the assistant rests: the head's words, or ours."""
        return Reply(text=own or self.phrases.say("off.words", phone=self.profile.hotline))

    def _services(self, turn: Turn, desk: Desk) -> Services:
        phrases = self.phrases.for_turn(_number(turn))
        return Services(
            self.library, phrases, self.profile, self.calendar, desk, self.forms, ahead=self.ahead
        )

    def apology(self) -> Reply:
        """What a person hears when an answer could not be made."""
        return Reply(text=self.phrases.say("trouble.system", phone=self.profile.hotline))


def _first(turn: Turn, services: Services) -> tuple[Handler, Result]:
    """The handler that answers, and its answer."""
    for handler in ORDER:
        if (result := handler(turn, services)) is not None:
            return handler, result
    return hand_over.missed, hand_over.missed(turn, services)


def _number(turn: Turn) -> int:
    """The same for the same turn, so that a repeated turn says the same words."""
    return zlib.crc32(f"{turn.person_id} {turn.msg_id} {turn.at.timestamp()}".encode())


def _greet(result: Result, services: Services) -> Result:
    """The first reply of a session says hello, and what it is that speaks."""
    memory = Memory.of(result.state)
    alarmed = result.outcome == "emergency" or (
        memory.step is not None and memory.step.name == emergency.STEP
    )
    if memory.greeted or alarmed or not result.replies:
        return result
    hello = services.phrases.say("greeting.first", ward=services.profile.name)
    first, *others = result.replies
    together = split(f"{hello}\n{after_opening(first.text)}")
    if len(together) == 1:
        replies = (first.model_copy(update={"text": together[0]}), *others)
    else:
        replies = (Reply(text=hello), *result.replies)
    return replace(result, replies=replies, state=replace(memory, greeted=True).as_state())


def _fit(result: Result) -> Result:
    """No message too long for a phone, whatever a ward's names and wordings; buttons under the last part."""
    replies: list[Reply] = []
    for reply in result.replies:
        *before, last = split(reply.text)
        replies += [*(Reply(text=text) for text in before), reply.model_copy(update={"text": last})]
    return replace(result, replies=tuple(replies))


def _remember(result: Result) -> Result:
    """Keep what the last reply's buttons offer, to be chosen by number or by words."""
    memory = replace(Memory.of(result.state), offered=offers_of(result.replies))
    return replace(result, state=memory.as_state())
