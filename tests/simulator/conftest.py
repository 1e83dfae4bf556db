from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.simulator import RunningSimulator, WebhookListener, listening


@pytest.fixture
def zalo() -> Iterator[RunningSimulator]:
    """A business OA without a webhook."""
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def token(zalo: RunningSimulator) -> str:
    return zalo.token()


@pytest.fixture
def lan(zalo: RunningSimulator) -> str:
    """A person who has just written."""
    person = zalo.add("Cô Lan")
    zalo.say(person, "Xin chào")
    return person


@pytest.fixture
def webhook() -> Iterator[WebhookListener]:
    with listening() as listener:
        yield listener
