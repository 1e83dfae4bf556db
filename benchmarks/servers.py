"""The two servers of the `accept` bench: `python -m benchmarks.servers bare|accept PORT PROCESSES`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from flask import Flask, Response

from benchmarks.world import WEBHOOK_PATH
from bot.serve import WebServer


class LoopbackServer(WebServer):
    """The bot's own gunicorn settings, heard on 127.0.0.1 only."""

    def __init__(self, make_app: Callable[[], Flask], port: int, processes: int) -> None:
        self._address = f"127.0.0.1:{port}"
        super().__init__(make_app, port, processes)

    def load_config(self) -> None:
        super().load_config()
        self.cfg.set("bind", self._address)


def bare_app() -> Flask:
    """A route that reads nothing, keeps nothing and answers what the webhook answers."""
    app = Flask("bare")

    @app.post(WEBHOOK_PATH)
    def receive() -> Response:
        return Response("ok", 200, mimetype="text/plain")

    @app.get("/healthz")
    def live() -> Response:
        return Response("ok")

    return app


def accept_app() -> Flask:
    """`python -m bot web`, settings from the environment."""
    from wsgi import build_house

    return build_house().web()


def main() -> None:
    make_app = {"bare": bare_app, "accept": accept_app}[sys.argv[1]]
    LoopbackServer(make_app, int(sys.argv[2]), int(sys.argv[3])).run()


if __name__ == "__main__":
    main()
