"""What the pages need of the house, handed in by `wsgi.py`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import current_app
from sqlalchemy import Connection, Engine

from knowledge.library import Library
from store.engine import read_tx, write_tx
from store.secrets import SecretBox
from ward.calendar import WorkCalendar
from ward.profile import WardProfile

EXTENSION = "ward_console"


class CitizenWords(Protocol):
    """Words for citizens, from the phrase files."""

    def say(self, key: str, **values: str | int | None) -> str: ...


@dataclass(frozen=True)
class ConsoleServices:
    engine: Engine
    oa_id: str
    profile: WardProfile
    calendar: WorkCalendar
    words: CitizenWords
    library: Callable[[], Library]
    box: Callable[[str], SecretBox]
    now: Callable[[], datetime]
    secret_key: str
    public_url: str = ""

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
