"""The console over real requests, with officials of every role."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from bot.config import SAMPLE_WARD
from console import Mount
from console.app import create_console
from console.services import ConsoleServices
from handlers.case_words import WordsOfCases
from handlers.entry_words import WordsOfEntries
from handlers.firm_words import WordsOfFirms
from knowledge.learning.candidates import Candidates
from knowledge.library import Library
from store.engine import write_tx
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock
from tests.handlers.world import library, phrases
from ward import passwords, staff
from ward.calendar import load_calendar
from ward.profile import load_profile
from ward.programmes.load import load_files
from ward.staff import NewOfficial

PASSWORD = "lua vang mua gat 2026"
ROLE_OFFICIALS = {
    role: NewOfficial(f"Cán bộ {role}", roles=(role,), fields=("ho_tich",), khoms=("Khóm 1",))
    for role in staff.ROLES
}


def console_of(
    engine: Engine,
    now: Callable[[], datetime],
    public_url: str = "",
    folder: Path | None = None,
    library: Callable[[], Library] = library,
) -> Flask:
    folder = folder or Path(tempfile.mkdtemp(prefix="console"))
    profile = load_profile(SAMPLE_WARD)
    return create_console(
        ConsoleServices(
            engine=engine,
            oa_id=OA,
            profile=profile,
            calendar=load_calendar(SAMPLE_WARD, profile.hours),
            words=phrases().for_turn(0),
            case_words=WordsOfCases(phrases(), profile.name),
            entry_words=WordsOfEntries(phrases().for_turn(0), profile),
            firm_words=WordsOfFirms(phrases().for_turn(0)),
            candidates=Candidates(folder / "phrasings.sqlite"),
            library=library,
            box=lambda purpose: SecretBox(KEY, purpose),
            now=now,
            secret_key=KEY,
            public_url=public_url,
            programme_files=load_files(SAMPLE_WARD),
        )
    )


def add_official(engine: Engine, username: str, new: NewOfficial, now: datetime) -> int:
    """An official who has already chosen a password of their own."""
    with write_tx(engine) as connection:
        made, _ = staff.add(connection, OA, None, username, new, now)
        staff.change_password(connection, made, hash_once(), now)
        return made.id


_HASHES: list[str] = []


def hash_once() -> str:
    if not _HASHES:
        _HASHES.append(passwords.hash_of(PASSWORD))
    return _HASHES[0]


@dataclass
class Desk:
    """A browser at /console."""

    app: Flask
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        front = Flask("front", static_folder=None)
        front.wsgi_app = Mount(front.wsgi_app, lambda: self.app)  # type: ignore[method-assign]
        self.client = front.test_client()

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(f"/console{path}", **more)

    def post(self, path: str, seen: str | None = None, **form: Any) -> TestResponse:
        """Send a form with the token of the page it stands on."""
        page = self.get(seen or path).get_data(as_text=True)
        return self.client.post(f"/console{path}", data={"csrf_token": token_of(page), **form})

    def sign_in(self, username: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        return self.post("/dang-nhap", username=username, password=password, **more)


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found.group(1) if found else ""


def signed_in(engine: Engine, clock: MovableClock, role: str) -> Desk:
    add_official(engine, f"user.{role}".replace("_", "-"), ROLE_OFFICIALS[role], clock())
    desk = Desk(console_of(engine, clock))
    answer: Response = desk.sign_in(f"user.{role}".replace("_", "-"))
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return desk
