"""What the pages need of the house, handed in by `wsgi.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from flask import current_app
from sqlalchemy import Connection, Engine

from bot.case_words import CaseWords
from bot.firm_news import FirmWords
from knowledge.learning.candidates import Candidates
from knowledge.library import Library
from store.engine import read_tx, write_tx
from store.secrets import SecretBox
from ward.calendar import WorkCalendar
from ward.profile import WardProfile
from ward.programmes.model import Programme

EXTENSION = "ward_console"


class CitizenWords(Protocol):
    """Words for citizens, from the phrase files."""

    def say(self, key: str, **values: str | int | None) -> str: ...


class EntryWords(Protocol):
    """An entry's checked facts in words (handlers.entry_words)."""

    def parts(self, library: Library, key: str, day: date) -> Sequence[tuple[str, str, str]]:
        """(facet, title, text) of what is known and holds on the day."""
        ...


@dataclass(frozen=True)
class ConsoleServices:
    engine: Engine
    oa_id: str
    profile: WardProfile
    calendar: WorkCalendar
    words: CitizenWords
    case_words: CaseWords
    entry_words: EntryWords
    firm_words: FirmWords
    candidates: Candidates
    library: Callable[[], Library]
    box: Callable[[str], SecretBox]
    now: Callable[[], datetime]
    secret_key: str
    public_url: str = ""
    programme_files: Mapping[str, Programme] = field(default_factory=dict)
    """The programmes of the ward's folder."""

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    def read(self) -> AbstractContextManager[Connection]:
        return read_tx(self.engine)

    def write(self) -> AbstractContextManager[Connection]:
        return write_tx(self.engine)


def services() -> ConsoleServices:
    found: ConsoleServices = current_app.extensions[EXTENSION]
    return found
