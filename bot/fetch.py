"""Fetches a picture somebody sent, from Zalo's own hosts and nowhere else.

The address stands in a signed event, yet it is treated as hostile: the host must be Zalo's and its
address a public one (the connection goes to the very address that was looked at), a redirect must stay on
the host, and a clock of our own ends what sends one byte a second.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, urljoin, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

LARGEST = 10 * 1024 * 1024
CONNECT_S, READ_S, WHOLE_S = 3.0, 4.0, 8.0
MOST_REDIRECTS = 2
REDIRECTS = (301, 302, 303, 307, 308)
CHUNK = 64 * 1024
PORTS = {"http": 80, "https": 443}
HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "Connection": "close"}


class NotFetched(Exception):
    """Nothing was taken: the text says why, in one word of ours."""


@dataclass(frozen=True)
class PhotoSource:
    """Where pictures may come from.

    `hosts`: names whose own and sub-names count. `own`: the one origin that may be a private address,
    http://127.0.0.1:8000, because a simulator plays Zalo there.
    """

    hosts: tuple[str, ...]
    own: str | None = None
    whole_s: float = WHOLE_S
    ca_file: str = DEFAULT_CA_BUNDLE_PATH

    def fetch(self, url: str) -> bytes:
        """The bytes at `url`, at most 10 MB. Raises NotFetched for anything else."""
        try:
            with _deadline(self.whole_s) as deadline:
                return self._follow(url, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotFetched("unreachable") from error

    def _follow(self, url: str, deadline: _Deadline) -> bytes:
        host = urlsplit(url).hostname
        for _ in range(MOST_REDIRECTS + 1):
            parts = self._allowed(url)
            if parts.hostname != host:
                raise NotFetched("other_host")
            with self._asked(parts, deadline) as answer:
                if answer.status not in REDIRECTS:
                    return _body(answer)
                url = urljoin(url, answer.headers.get("Location", ""))
        raise NotFetched("redirects")

    def _allowed(self, url: str) -> SplitResult:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
            raise NotFetched("address")
        if not self._is_own(parts) and not self._is_zalos(parts):
            raise NotFetched("other_host")
        return parts

    def _is_own(self, parts: SplitResult) -> bool:
        return self.own is not None and origin(parts.geturl()) == origin(self.own)

    def _is_zalos(self, parts: SplitResult) -> bool:
        return parts.port in (None, PORTS[parts.scheme]) and is_below(parts.geturl(), self.hosts)

    @contextmanager
    def _asked(self, parts: SplitResult, deadline: _Deadline) -> Iterator[http.client.HTTPResponse]:
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        connection = http.client.HTTPConnection(host, port)
        try:
            connection.sock = self._connected(parts, host, port, deadline)
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request("GET", target, headers={**HEADERS, "Host": parts.netloc})
            yield connection.getresponse()
        finally:
            connection.close()

    def _connected(self, parts: SplitResult, host: str, port: int, deadline: _Deadline) -> socket.socket:
        found = [str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self._is_own(parts) and not all(map(is_public, found)):
            raise NotFetched("private_address")
        sock = _connect(found, port)
        if parts.scheme == "https":
            sock = _tls(self.ca_file).wrap_socket(sock, server_hostname=host)
        deadline.ends(sock)
        return sock


def is_below(url: str, hosts: Iterable[str]) -> bool:
    """Whether the host of `url` is one of `hosts` or a sub-name of one; zdn.vn.example.com is not."""
    name = urlsplit(url).hostname or ""
    return any(name == host or name.endswith(f".{host}") for host in hosts)


def origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also when it is wrapped in an IPv6 one."""
    found = ipaddress.ip_address(address.split("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found
    return inner.is_global and not inner.is_multicast and found.is_global


def _connect(addresses: Iterable[str], port: int) -> socket.socket:
    """To the first that answers, of the addresses that were looked at."""
    trouble: OSError = OSError("no address")
    for address in list(dict.fromkeys(addresses))[:2]:
        try:
            sock = socket.create_connection((address, port), timeout=CONNECT_S)
        except OSError as error:
            trouble = error
        else:
            sock.settimeout(READ_S)
            return sock
    raise trouble


@cache
def _tls(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def _body(answer: http.client.HTTPResponse) -> bytes:
    if answer.status != 200:
        raise NotFetched("refused")
    promised = answer.length
    if (promised or 0) > LARGEST:
        raise NotFetched("too_large")
    body = bytearray()
    while (promised is None or len(body) < promised) and (chunk := answer.read1(CHUNK)):
        body += chunk
        if len(body) > LARGEST:
            raise NotFetched("too_large")
    if len(body) < (promised or 1):
        raise NotFetched("broken_off")
    return bytes(body)


class _Deadline:
    """Shuts the sockets it was given when the time is over: whoever reads from them stops."""

    def __init__(self) -> None:
        self.over = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def ends(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.append(sock)
            if self.over:
                _shut(sock)

    def strike(self) -> None:
        with self._lock:
            self.over = True
            for sock in self._sockets:
                _shut(sock)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # under any TLS, which would wait for its peer


@contextmanager
def _deadline(seconds: float) -> Iterator[_Deadline]:
    """The time for everything together: no read timeout ends what goes on giving a little."""
    deadline = _Deadline()
    timer = threading.Timer(seconds, deadline.strike)
    timer.daemon = True
    timer.start()
    try:
        yield deadline
    except (NotFetched, OSError, http.client.HTTPException):  # a read that was cut off ends in many ways
        if not deadline.over:
            raise
    finally:
        timer.cancel()
    if deadline.over:
        raise NotFetched("too_slow")
