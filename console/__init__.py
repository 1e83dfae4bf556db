"""The officials' console: an application of its own under /console, made when it is first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/console"


class Mount:
    """Sends /console to the console and all else on. The console is built at the first request for it:
    its libraries and pages cost the bot neither start nor memory where nobody uses them.
    """

    def __init__(self, application: WSGIApplication, make: Callable[[], WSGIApplication]) -> None:
        self._application = application
        self._make = make
        self._console: WSGIApplication | None = None
        self._building = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            return self._application(environ, start_response)
        inside = {**environ, "SCRIPT_NAME": environ["SCRIPT_NAME"] + PREFIX, "PATH_INFO": path[len(PREFIX) :]}
        return self._built()(inside, start_response)

    def _built(self) -> WSGIApplication:
        with self._building:
            if self._console is None:
                self._console = self._make()
            return self._console
