"""A server that answers what it is told to, for answers no Zalo would give."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

Trick = Literal["", "hang", "reset", "close", "half"]


@dataclass(frozen=True)
class Script:
    """One answer: `body` is bytes or something for JSON; a `trick` happens after the request was read."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    trick: Trick = ""


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


OK = Script(
    {"error": 0, "message": "Success", "data": {"message_id": "m1", "quota": {"quota_type": "reply"}}}
)


class ScriptedServer:
    """Answers `scripts` one after the other, then the last one for ever; records the calls."""

    def __init__(self) -> None:
        self.scripts: list[Script] = [OK]
        self.calls: list[Call] = []
        self._stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def answers(self, *scripts: Script) -> None:
        self.scripts = list(scripts)

    def next(self) -> Script:
        return self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.calls.append(Call(self.command, self.path, dict(self.headers), body))
                script = outer.next()
                if script.trick:
                    outer.play(script, self.connection)
                    self.close_connection = True
                    return
                content = script.body if isinstance(script.body, bytes) else json.dumps(script.body).encode()
                self.send_response(script.status)
                for name, value in {"Content-Length": str(len(content)), **script.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = handle_any

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def play(self, script: Script, connection: socket.socket) -> None:
        if script.trick == "hang":
            self._stopped.wait(10)
        if script.trick == "half":
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"error": 0, "data"')
            time.sleep(0.05)
        if script.trick == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
