"""Encryption at rest for tokens, raw events and restricted texts (AES-256-GCM, one key a purpose)."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class SecretsUnreadable(ValueError):
    """The text was encrypted under another SECRET_KEY, or was changed."""


class SecretBox:
    """Seals bytes for one purpose; a text sealed for one purpose does not open for another."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        if len(secret_key) < 16:
            raise ValueError("SECRET_KEY is too short: at least 16 characters")
        derived = HKDF(SHA256(), length=32, salt=None, info=f"ward:{purpose}".encode())
        self._cipher = AESGCM(derived.derive(secret_key.encode()))

    def seal(self, clear: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, clear, None)

    def open(self, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise SecretsUnreadable("cannot be read with the present SECRET_KEY") from error

    def seal_text(self, clear: str) -> bytes:
        return self.seal(clear.encode())

    def open_text(self, sealed: bytes) -> str:
        return self.open(sealed).decode()


def key_from_file(path: Path) -> str:
    """The key kept in `path`; made on first use, readable by its owner only, whole or not at all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:  # mode 0600
            file.write(secrets.token_urlsafe(48) + "\n")
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            os.link(file.name, path)
        os.unlink(file.name)
    return path.read_text("ascii").strip()
