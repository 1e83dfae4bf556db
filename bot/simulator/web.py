"""What every route needs: the state behind the request, base address, dropped connections."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

from flask import Response, current_app, request, url_for

from bot.simulator.state import SimulatedZalo
from bot.simulator.uploads import Upload

EXTENSION = "simulated_zalo"
SOCKET_KEYS = ("werkzeug.socket", "gunicorn.socket")


def state() -> SimulatedZalo:
    return cast(SimulatedZalo, current_app.extensions[EXTENSION])


def base_url() -> str:
    """The simulator's own address with a slash at the end, as set or as the caller sees it."""
    return state().settings.own_url or url_for("simulator.page", _external=True)


def json_body() -> Any:
    """The request's JSON whatever its content type says; None when it is none."""
    return request.get_json(force=True, silent=True)


def uploaded() -> Upload | None:
    """The multipart field `file`."""
    file = request.files.get("file")
    return None if file is None else Upload(file.filename or "tep", file.read())


def drop_connection() -> Response:
    """Close the caller's connection without an answer.

    The socket is shut down where the server shows it (werkzeug, gunicorn). The body that promises
    more than it gives is for any other server: it breaks the answer off after the headers.
    """
    for key in SOCKET_KEYS:
        raw = request.environ.get(key)
        if raw is not None:
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)
    return Response(_broken_body(), headers={"Content-Length": "1000000"})


def _broken_body() -> Iterator[bytes]:
    yield b" "
    raise ConnectionResetError("dropped on purpose")
