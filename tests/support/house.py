"""The bot's real processes (`python -m bot …`) against a running simulator."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import requests

from knowledge.compile import ensure_library
from tests.support.simulator import RunningSimulator, wait_until

ROOT = Path(__file__).parent.parent.parent
LIBRARY = "knowledge.sqlite"
SECRET_KEY = "a key for the tests only"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Processes:
    """Starts and kills the processes of one installation; all share a database."""

    folder: Path
    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, port: int | None = None) -> subprocess.Popen[bytes]:
        port = port or free_port()
        environment = {**clean_environment(), **self.environment, "PORT": str(port)}
        log = (self.folder / "processes.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
        self.running.append(process)
        return process

    def web(self, processes: int) -> str:
        """Start web processes; returns the webhook's address once it answers."""
        port = free_port()
        self.start("web", f"--processes={processes}", port=port)
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), timeout=30)
        return f"http://127.0.0.1:{port}/webhook/zalo"

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        self.running.remove(process)

    def stop_all(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(30)
        self.running.clear()

    def log(self) -> str:
        return (self.folder / "processes.log").read_text("utf-8", "replace")


def clean_environment() -> dict[str, str]:
    """What a process needs of ours, and none of our settings."""
    wanted = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def furnish(folder: Path) -> Path:
    """Put the compiled library where a program of this folder finds it, as at every start but the first."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_compiled(), folder / LIBRARY)
    return folder


@cache
def _compiled() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ward-library-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ensure_library(folder / LIBRARY)
    return folder / LIBRARY


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def zalo_environment(zalo: RunningSimulator, database_url: str, **more: str) -> dict[str, str]:
    """Settings of a real OA whose Zalo happens to be the simulator."""
    settings = zalo.zalo.settings
    return {
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "ZALO_APP_ID": settings.app_id,
        "ZALO_APP_SECRET": settings.app_secret,
        "ZALO_OA_ID": settings.oa_id,
        "ZALO_OA_SECRET": settings.oa_secret,
        "ZALO_REFRESH_TOKEN": zalo.zalo.issue_tokens()["refresh_token"],
        "ZALO_API_URL": zalo.api_url,
        "ZALO_OAUTH_URL": zalo.oauth_url,
        "ZALO_RATE": "60000",
        **more,
    }


@contextmanager
def installation(zalo: RunningSimulator, database_url: str, folder: Path, **more: str) -> Iterator[Processes]:
    processes = Processes(folder, zalo_environment(zalo, database_url, **more))
    try:
        yield processes
    finally:
        processes.stop_all()


def settle(seconds: float) -> None:
    """Let real time pass (for leases of real processes)."""
    time.sleep(seconds)
