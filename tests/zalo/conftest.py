"""The Zalo package against the simulated Zalo over HTTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.simulator.settings import SIM_REFRESH_TOKEN
from bot.zalo.client import ZaloClient
from bot.zalo.memory import OaMemory
from bot.zalo.tokens import TokenStore
from store.secrets import SecretBox
from tests.support.simulator import RunningSimulator
from tests.zalo.parts import APP_ID, APP_SECRET, OA_ID, SECRET_KEY, oauth_client, token_store
from tests.zalo.scripted import ScriptedServer


@pytest.fixture
def zalo() -> Iterator[RunningSimulator]:
    with RunningSimulator(app_id=APP_ID, app_secret=APP_SECRET, oa_id=OA_ID) as running:
        yield running


@pytest.fixture
def lan(zalo: RunningSimulator) -> str:
    """A person who has just written."""
    person = zalo.add("Cô Lan")
    zalo.say(person, "Xin chào")
    return person


@pytest.fixture
def box() -> SecretBox:
    return SecretBox(SECRET_KEY, "zalo-tokens")


@pytest.fixture
def tokens(engine: Engine, zalo: RunningSimulator) -> TokenStore:
    """A store that holds only the first refresh token."""
    store = token_store(engine, oauth_client(zalo.oauth_url))
    store.start_with(SIM_REFRESH_TOKEN)
    return store


@pytest.fixture
def memory(sqlite_engine: Engine) -> OaMemory:
    return OaMemory(sqlite_engine, OA_ID)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "ward"
    made.mkdir()
    return made


@pytest.fixture
def client(sqlite_engine: Engine, zalo: RunningSimulator, memory: OaMemory, folder: Path) -> ZaloClient:
    store = token_store(sqlite_engine, oauth_client(zalo.oauth_url))
    store.start_with(SIM_REFRESH_TOKEN)
    return ZaloClient(zalo.api_url, store, memory, timeout=(2, 2), files_root=folder)


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server
