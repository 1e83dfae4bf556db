from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import structlog

from bot.logs import setup_logs


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Turns the real logs on; returns what stderr got since the last call."""
    setup_logs("debug")
    yield lambda: capsys.readouterr().err
    structlog.reset_defaults()
