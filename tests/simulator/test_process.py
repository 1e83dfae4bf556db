"""The simulator as a process of its own, and under gunicorn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.simulator import GUNICORN_FORWARDER_HEADERS
from tests.support.simulator import WebhookListener, wait_until

ROOT = Path(__file__).parents[2]
WSGI = """
from flask import Flask
from bot.simulator import SimulatedZalo, simulator_blueprint
app = Flask(__name__, static_folder=None)
app.register_blueprint(simulator_blueprint(SimulatedZalo(DB)), url_prefix="/simulator")
"""


@contextmanager
def process(*words: str, cwd: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=cwd, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def ready_url(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip().split()[-1]


def simulator(db: Path, *words: str) -> Any:
    return process("bot.simulator", "--port", "0", "--db", str(db), *words)


def post(url: str, body: Any) -> Any:
    return requests.post(url, json=body, timeout=5).json()


def test_it_runs_alone_stops_cleanly_and_remembers(tmp_path: Path, webhook: WebhookListener) -> None:
    db = tmp_path / "state" / "simulator.db"
    with simulator(db, "--webhook", webhook.url, "--government") as running:
        url = ready_url(running)
        person = post(f"{url}api/people", {"name": "Cô Lan"})
        post(f"{url}api/people/{person['id']}/text", {"text": "Xin chào"})
        wait_until(lambda: webhook.texts() == ["Xin chào"])
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=10) == 0
        assert running.stdout is not None
        assert running.stdout.read() == ""
    with simulator(db) as running:
        url = ready_url(running)
        settings = requests.get(f"{url}api/settings", timeout=5).json()
        assert settings["government"] is True
        assert settings["webhook_url"] == webhook.url
        assert requests.get(f"{url}api/people", timeout=5).json()["people"][0]["name"] == "Cô Lan"
        assert requests.get(url, timeout=5).status_code == 200


@contextmanager
def under_gunicorn(folder: Path) -> Iterator[str]:
    (folder / "sim_wsgi.py").write_text(f"DB = {str(folder / 's.db')!r}\n{WSGI}")
    words = ["gunicorn", "--threads", "4", "--bind", "127.0.0.1:0", "sim_wsgi:app"]
    with process(*words, "--forwarder-headers", GUNICORN_FORWARDER_HEADERS, cwd=folder) as running:
        assert running.stdout is not None
        address = next(line.split()[-2] for line in running.stdout if "Listening at" in line)
        yield f"{address}/simulator"


@pytest.mark.parametrize("kind", ["drop_after_accept", "drop_before"])
def test_connections_are_dropped_under_gunicorn_too(tmp_path: Path, kind: str) -> None:
    with under_gunicorn(tmp_path) as url:
        token = post(f"{url}/api/tokens", {})["access_token"]
        lan = post(f"{url}/api/people", {"name": "Cô Lan"})["id"]
        post(f"{url}/api/people/{lan}/text", {"text": "Xin chào"})
        post(f"{url}/api/faults", {"kind": kind, "times": 1})
        body = {"recipient": {"user_id": lan}, "message": {"text": "Dạ"}}
        send = f"{url}/zalo/openapi/v3.0/oa/message/cs"
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            requests.post(send, json=body, headers={"access_token": token}, timeout=5)
        sent = requests.get(f"{url}/api/sent", timeout=5).json()["sent"]
        assert len(sent) == (1 if kind == "drop_after_accept" else 0)
        assert requests.post(send, json=body, headers={"access_token": token}, timeout=5).json()["error"] == 0
