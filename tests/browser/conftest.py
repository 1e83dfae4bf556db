"""The program as a newcomer starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import ROOT, answers, clean_environment, free_port, furnish
from tests.support.simulator import wait_until


@pytest.fixture
def base_url(tmp_path: Path) -> Iterator[str]:
    """`python -m bot run` with nothing configured but where its files go."""
    port = free_port()
    furnish(tmp_path)
    environment = {**clean_environment(), "PORT": str(port), "DATABASE_URL": f"sqlite:///{tmp_path}/ward.db"}
    with (tmp_path / "run.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(f"{url}/readyz"), timeout=90)
    yield url
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: a temporary folder, or the docs when they are being renewed."""
    folder = Path(os.environ.get("PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
