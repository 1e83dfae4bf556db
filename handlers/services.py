"""What a handler works with during one turn."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.replies import Desk, Turn
from handlers.memory import Memory
from handlers.phrases import Phrases
from knowledge.library import Library
from ward.calendar import WorkCalendar
from ward.profile import WardProfile


@dataclass(frozen=True)
class Services:
    library: Library
    phrases: Phrases
    profile: WardProfile
    calendar: WorkCalendar
    desk: Desk
