"""gunicorn from inside Python: web processes, and for `bot run` the worker's threads in the same process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

THREADS = 16


class WebServer(BaseApplication):  # type: ignore[misc]
    """`make_app` runs in each web process; `started` and `ended` frame its life."""

    def __init__(
        self,
        make_app: Callable[[], Flask],
        port: int,
        processes: int = 1,
        started: Callable[[], None] | None = None,
        ended: Callable[[], None] | None = None,
        forwarder_headers: str = "",
    ) -> None:
        self._make_app = make_app
        self._options: dict[str, Any] = {
            "bind": f"0.0.0.0:{port}",
            "workers": processes,
            "worker_class": "gthread",
            "threads": THREADS,
            "loglevel": "warning",
            "graceful_timeout": 20,
            "proc_name": "tro-ly-phuong",
            "control_socket_disable": True,
        }
        if forwarder_headers:
            self._options["forwarder_headers"] = forwarder_headers
        if started is not None:
            self._options["post_worker_init"] = lambda _worker: started()
        if ended is not None:
            self._options["worker_exit"] = lambda _server, _worker: ended()
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make_app()
