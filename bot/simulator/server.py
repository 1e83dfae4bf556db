"""Zalo's headers carry underscores (access_token, secret_key), which Python servers drop by default."""

from __future__ import annotations

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

ZALO_HEADERS = ("access_token", "secret_key", "appsecret_proof")
GUNICORN_FORWARDER_HEADERS = ",".join(
    ["SCRIPT_NAME", "PATH_INFO", *(name.upper() for name in ZALO_HEADERS), "NUM_RETRY"]
)
"""For gunicorn's `forwarder_headers` where it serves the simulator; it lets these through from localhost."""


class ZaloRequestHandler(WSGIRequestHandler):
    """werkzeug's handler, with the few underscored headers the API is called with."""

    def make_environ(self) -> dict[str, object]:
        environ = super().make_environ()
        for name in ZALO_HEADERS:
            if name in self.headers:
                environ[f"HTTP_{name.upper()}"] = self.headers[name]
        return environ

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Silent: a poll every second is no news."""


def make_simulator_server(app: Flask, port: int = 0, host: str = "127.0.0.1") -> BaseWSGIServer:
    """A threaded development server for an app that carries the simulator."""
    return make_server(host, port, app, threaded=True, request_handler=ZaloRequestHandler)
