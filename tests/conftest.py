"""Real parts for every test: both database engines, the simulator over HTTP, Debian's Chromium."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine

from store.engine import open_engine
from tests.support.databases import new_sqlite
from tests.support.machine import chromium, missing_parts
from tests.support.postgres import PostgresServer

ENGINES = ("sqlite", "postgresql")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# a slow machine is no defect of ours
settings.register_profile("ward", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ward")


def pytest_sessionstart(session: pytest.Session) -> None:
    missing = missing_parts()
    if missing and os.environ.get("CI"):
        pytest.exit(f"CI needs {', '.join(missing)} (Debian packages)", returncode=3)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    missing = missing_parts()
    if missing:
        terminalreporter.write_line(f"NOT TESTED here, missing Debian packages: {', '.join(missing)}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without PostgreSQL or Chromium their tests are left out, and the summary says so in one line."""
    missing = missing_parts()
    left_out = [item for item in items if _needs(item) & set(missing)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _needs(item: pytest.Item) -> set[str]:
    needs = {"chromium"} if item.get_closest_marker("browser") else set()
    return needs | ({"postgresql"} if "postgresql" in item.name else set())


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    with PostgresServer(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new database of each engine: empty, or migrated when the test asks for an `engine`."""
    migrated = "engine" in request.fixturenames
    if request.param == "sqlite":
        if migrated:
            new_sqlite(tmp_path / "ward.db").dispose()
        yield f"sqlite:///{tmp_path}/ward.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.new_database(migrated)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database of each engine."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    opened = new_sqlite(tmp_path / "ward.db")
    yield opened
    opened.dispose()


@pytest.fixture(scope="session", autouse=True)
def _loose_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Temporary folders made on the way lie where those of the tests are, and go with them."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path_factory.mktemp("loose"))
    yield
    tempfile.tempdir = before


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield opened
        opened.close()
