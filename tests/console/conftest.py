"""The office on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.console.office import Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.fixture
def small_office(sqlite_engine: Engine) -> Office:
    """Where the engine makes no difference."""
    return Office(sqlite_engine)
