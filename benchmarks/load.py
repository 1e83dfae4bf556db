"""The load generator, a process of its own: `python -m benchmarks.load PORT CONNECTIONS SECONDS TAG`.

One thread, one selector, plain kept-alive sockets and requests built beforehand: as little work for each
request as Python allows, because it shares the cores with the server. Each connection has one request
under way (a closed loop). The result is one line of JSON.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from hashlib import sha256

from benchmarks.world import APP_ID, OA_ID, OA_SECRET, WEBHOOK_PATH

WARM_UP_S = 0.5
MOST_PER_SECOND = 6_000
"""Requests are built beforehand; more than this nobody answers on the machines meant here."""

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

QUESTION = "Em muốn hỏi thủ tục khai sinh cho con mới sinh cần giấy tờ gì, nộp ở đâu và bao lâu có kết quả ạ?"


def webhook_request(number: int, tag: str) -> bytes:
    """A signed user_send_text with a msg_id of its own, as one HTTP request."""
    stamp = str(int(time.time() * 1000))
    event = {
        "app_id": APP_ID,
        "sender": {"id": f"71{number % 200:017d}"},
        "user_id_by_app": f"53{number % 200:017d}",
        "recipient": {"id": OA_ID},
        "event_name": "user_send_text",
        "message": {"text": QUESTION, "msg_id": f"{tag}{number:016x}"},
        "timestamp": stamp,
    }
    body = json.dumps(event, ensure_ascii=False).encode()
    signature = sha256(APP_ID.encode() + body + stamp.encode() + OA_SECRET.encode()).hexdigest()
    head = (
        f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-ZEvent-Signature: mac={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def is_whole(answer: bytes) -> bool:
    """gunicorn sends head and body apart, so an answer may come in two pieces."""
    head, _, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return length is not None and len(body) >= int(length[1])


@dataclass
class Asked:
    """A request under way on one connection."""

    at: float
    answer: bytes = b""


@dataclass
class Load:
    port: int
    requests: list[bytes]
    waiting: dict[socket.socket, Asked] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    answered: int = 0
    failures: int = 0
    reconnects: int = 0
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self, connections: int, seconds: float) -> dict[str, float]:
        for _ in range(connections):
            self._connect()
        self._go_on(WARM_UP_S)
        self.latencies.clear()
        began = time.perf_counter()
        cpu = time.process_time()
        self._go_on(seconds)
        took = time.perf_counter() - began
        return self._result(took, time.process_time() - cpu)

    def _go_on(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until and self.requests:
            for key, _ in self._selector.select(timeout=1.0):
                assert isinstance(key.fileobj, socket.socket)
                self._received(key.fileobj)

    def _connect(self) -> None:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(connection, selectors.EVENT_READ)
        self._ask(connection)

    def _ask(self, connection: socket.socket) -> None:
        self.waiting[connection] = Asked(time.perf_counter())
        connection.sendall(self.requests.pop())

    def _received(self, connection: socket.socket) -> None:
        try:
            piece = connection.recv(65536)
        except OSError:
            piece = b""
        asked = self.waiting[connection]
        asked.answer += piece
        if not piece:
            self._lost(connection)
        elif is_whole(asked.answer):
            self.latencies.append(time.perf_counter() - asked.at)
            self.answered += 1
            self.failures += not asked.answer.startswith(b"HTTP/1.1 200")
            if self.requests:
                self._ask(connection)

    def _lost(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        connection.close()
        del self.waiting[connection]
        self.reconnects += 1
        self._connect()

    def _result(self, took: float, cpu: float) -> dict[str, float]:
        ordered = sorted(self.latencies)
        return {
            "answered": self.answered,
            "per_second": len(ordered) / took,
            "p50": ordered[len(ordered) // 2] * 1000,
            "p99": ordered[len(ordered) * 99 // 100] * 1000,
            "longest": ordered[-1] * 1000,
            "failures": self.failures,
            "reconnects": self.reconnects,
            "generator_cpu": cpu / took,
        }


def main() -> None:
    port, connections, seconds, tag = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    count = int((seconds + WARM_UP_S) * MOST_PER_SECOND)
    requests = [webhook_request(number, tag) for number in range(count)]
    print(json.dumps(Load(port, requests).run(connections, seconds)))


if __name__ == "__main__":
    main()
