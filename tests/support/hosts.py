"""Hosts of pictures that behave as told, down to the single byte."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Serve = Callable[[socket.socket], None]


@dataclass
class RawHost:
    """Each connection is read up to the empty line, noted, and given to `serve`."""

    serve: Serve
    port: int = 0
    asked: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [request.split()[1] for request in self.asked]


@contextmanager
def raw_host(serve: Serve, tls: ssl.SSLContext | None = None) -> Iterator[RawHost]:
    """A server of our own: nothing corrects what it sends."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        host = RawHost(serve, listener.getsockname()[1])
        listener.settimeout(0.05)
        thread = threading.Thread(target=_accept, args=(listener, host, tls), daemon=True)
        thread.start()
        try:
            yield host
        finally:
            host.stopping.set()
            thread.join(5)


def _accept(listener: socket.socket, host: RawHost, tls: ssl.SSLContext | None) -> None:
    while not host.stopping.is_set():
        with contextlib.suppress(TimeoutError):
            client, _ = listener.accept()
            threading.Thread(target=_talk, args=(client, host, tls), daemon=True).start()


def _talk(client: socket.socket, host: RawHost, tls: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError), client:
        client.settimeout(10)
        spoken = tls.wrap_socket(client, server_side=True) if tls else client
        request = b""
        while not request.endswith(b"\r\n\r\n") and (more := spoken.recv(4096)):
            request += more
        host.asked.append(request.decode("latin-1"))
        host.serve(spoken)
        spoken.shutdown(socket.SHUT_RDWR)


def answering(body: bytes, kind: str = "image/jpeg", status: str = "200 OK", **headers: str) -> Serve:
    """One whole answer."""
    lines = {"Content-Type": kind, "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return lambda client: client.sendall(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)


def dripping(head: bytes, piece: bytes, every: float) -> Serve:
    """`head`, then `piece` again and again, until nobody listens any more (or 20 seconds at most)."""

    def serve(client: socket.socket) -> None:
        client.sendall(head)
        for _ in range(int(20 / every) if every else 100_000):
            client.sendall(piece)
            time.sleep(every)

    return serve


def own_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that vouches for itself: its file, and a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
