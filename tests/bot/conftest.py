from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import structlog

from bot.logs import setup_logs


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    """The logs of production: the library's own default draws whole call stacks, for seconds."""
    setup_logs("warning")
    yield
    structlog.reset_defaults()


@pytest.fixture
def logged(_plain_logs: None, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Turns every line on; returns what stderr got since the last call."""
    setup_logs("debug")
    return lambda: capsys.readouterr().err
