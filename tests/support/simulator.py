"""The simulated Zalo running on a free port, and a webhook that records what it is sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests
from flask import Flask, Response, request

from bot.simulator import SimulatedZalo, make_simulator_server, simulator_blueprint


def wait_until(predicate: Callable[[], Any], timeout: float = 5.0, every: float = 0.01) -> Any:
    """The first truthy value of `predicate`; fails the test after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {getattr(predicate, '__name__', predicate)}")
        time.sleep(every)


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[int]:
    """A Flask app on a real port, in a thread."""
    server = make_simulator_server(app, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class RunningSimulator:
    """`with RunningSimulator(webhook_url=…) as zalo:` Settings of the simulator are keyword arguments.

    `path` keeps the state in a file, so that a second RunningSimulator on it is the same Zalo restarted.
    """

    def __init__(self, path: str | Path = ":memory:", port: int = 0, **settings: Any) -> None:
        self.zalo = SimulatedZalo(path, **settings)
        app = Flask("simulator", static_folder=None)
        app.register_blueprint(simulator_blueprint(self.zalo), url_prefix="/simulator")
        self._serving = serving(app, port)
        self.url = ""

    def __enter__(self) -> Self:
        port = self._serving.__enter__()
        self.url = f"http://127.0.0.1:{port}/simulator"
        self.zalo.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._serving.__exit__(kind, error, trace)
        self.zalo.close()

    @property
    def api_url(self) -> str:
        return f"{self.url}/zalo/openapi"

    @property
    def oauth_url(self) -> str:
        return f"{self.url}/zalo/oauth"

    # -- the simulator's own JSON ---------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """One call of /api/…; fails on any status above 399."""
        answer = requests.request(method, f"{self.url}/api/{path}", json=body, timeout=10, **more)
        assert answer.status_code < 400, answer.text
        return answer.json()

    def add(self, name: str, person_id: str | None = None) -> str:
        """A new person; the id."""
        return str(self.call("POST", "people", {"name": name, "id": person_id})["id"])

    def person(self, who: str) -> str:
        """The id of a person given by id or by name; an unknown name is added."""
        if self.zalo.people.find(who):
            return who
        found = self.zalo.people.named(who)
        return str(found["id"]) if found else self.add(who)

    def act(self, who: str, action: str, **body: Any) -> Any:
        """POST /api/people/<id>/<action>: text, location, sticker, follow, unfollow, chatnow, staff …"""
        return self.call("POST", f"people/{self.person(who)}/{action}", body)

    def say(self, who: str, text: str, quote: str | None = None) -> Any:
        return self.act(who, "text", text=text, quote=quote)

    def tap(self, who: str, title: str) -> Any:
        """Tap the newest button with this title (or, failing that, this payload)."""
        rows = self.zalo.chat.latest(self.person(who), 0, 50)
        for row in rows:
            for index, button in enumerate(row["content"].get("buttons", [])):
                if title in (button["title"], button["payload"]):
                    return self.act(who, "tap", msg_id=row["msg_id"], index=index)
        raise AssertionError(f"no button {title!r} for {who}")

    def send_file(self, who: str, action: str, name: str, data: bytes) -> Any:
        """A person sends an image, a file or a voice message."""
        path = f"people/{self.person(who)}/{action}"
        return self.call("POST", path, files={"file": (name, data)})

    def be_silent_for(self, who: str, hours: float) -> None:
        self.call("PATCH", f"people/{self.person(who)}", {"hours_silent": hours})

    def sent(self, who: str | None = None) -> list[dict[str, Any]]:
        """Every accepted API send in order, of one person or of all."""
        return self.zalo.sent(user_id=None if who is None else self.person(who))

    def texts(self, who: str | None = None) -> list[str]:
        return [row["text"] for row in self.sent(who)]

    def faults(self, *faults: dict[str, Any], seed: int = 0) -> None:
        """Replace the faults in force; with none given, heal everything."""
        self.call("PUT", "faults", {"faults": faults, "seed": seed})

    def counters(self) -> dict[str, Any]:
        return self.zalo.counters()

    def wait_until(self, predicate: Callable[[], Any], timeout: float = 5.0) -> Any:
        return wait_until(predicate, timeout)

    def wait_for_texts(self, who: str, count: int, timeout: float = 5.0) -> list[str]:
        """The texts sent to a person, once there are at least `count`."""
        wait_until(lambda: len(self.sent(who)) >= count, timeout)
        return self.texts(who)

    def wait_delivered(self, timeout: float = 5.0) -> None:
        """Until no webhook waits any more."""
        wait_until(lambda: self.counters()["webhook"]["pending"] == 0, timeout)

    # -- Zalo's addresses -----------------------------------------------------------------------

    def token(self) -> str:
        """A fresh access token; every earlier token is dead."""
        return self.zalo.issue_tokens()["access_token"]

    def send(self, user_id: str, message: Any, token: str, path: str = "v3.0/oa/message/cs") -> Any:
        """A bare API send, without the project's client."""
        return self.post(path, {"recipient": {"user_id": user_id}, "message": message}, token)

    def post(self, path: str, body: Any, token: str) -> Any:
        url, headers = f"{self.api_url}/{path}", {"access_token": token}
        return requests.post(url, json=body, headers=headers, timeout=10).json()


@dataclass
class Received:
    """One webhook call."""

    headers: dict[str, str]
    raw: bytes
    event: dict[str, Any]
    at: float


@dataclass
class WebhookListener:
    """A webhook that records, and answers as told: `statuses` first, then 200."""

    statuses: list[int] = field(default_factory=list)
    delay: float = 0.0
    received: list[Received] = field(default_factory=list)
    url: str = ""

    def names(self) -> list[str]:
        return [call.event["event_name"] for call in self.received]

    def texts(self) -> list[str]:
        return [call.event["message"]["text"] for call in self.received]

    def take(self) -> Response:
        raw = request.get_data()
        event = request.get_json(force=True)
        self.received.append(Received(dict(request.headers), raw, event, time.monotonic()))
        status = self.statuses.pop(0) if self.statuses else 200
        time.sleep(self.delay)
        return Response("", status=status)


@contextmanager
def listening(statuses: Sequence[int] = (), delay: float = 0.0, port: int = 0) -> Iterator[WebhookListener]:
    """A WebhookListener on a free port."""
    listener = WebhookListener(list(statuses), delay)
    app = Flask("listener", static_folder=None)
    app.add_url_rule("/webhook", view_func=listener.take, methods=["POST"])
    with serving(app, port) as chosen:
        listener.url = f"http://127.0.0.1:{chosen}/webhook"
        yield listener
