"""The webhook signature: plain SHA-256 over id + raw body + timestamp + secret (zalo-api §1.2; not an HMAC).

Which id and which secret Zalo uses is disputed; a match names the pair, so that real deliveries settle it.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

_HEADER = re.compile(r"(?:mac\s*=\s*)?([0-9a-f]{64})")


class SignatureChecker:
    """Compares a header with each known pair. Empty ids and secrets are skipped."""

    def __init__(self, app_id: str, oa_id: str, app_secret: str, oa_secret: str) -> None:
        ids = {"app_id": app_id, "oa_id": oa_id}
        keys = {"oa_secret": oa_secret, "app_secret": app_secret}
        self._pairs = {f"{i}+{k}": (ids[i], keys[k]) for i in ids for k in keys if ids[i] and keys[k]}

    def match(self, raw: bytes, header: str | None, timestamp: str | None) -> str | None:
        """The pair that signed, for example "app_id+oa_secret", or None. Never raises."""
        given = _HEADER.fullmatch((header or "").strip().lower())
        if given is None:
            return None
        for name, (first, secret) in self._pairs.items():
            if hmac.compare_digest(_mac(first, raw, timestamp or "", secret), given[1]):
                return name
        return None


def sign(app_id: str, raw: bytes, timestamp: str, secret: str) -> str:
    """The header value for `raw`, as Zalo would send it."""
    return f"mac={_mac(app_id, raw, timestamp, secret)}"


def _mac(first: str, raw: bytes, timestamp: str, secret: str) -> str:
    return sha256(_bytes(first) + raw + _bytes(timestamp) + _bytes(secret)).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
