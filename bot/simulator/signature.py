"""The signature Zalo puts on a webhook: plain SHA-256 of four joined strings, not an HMAC."""

from __future__ import annotations

import hashlib


def sign(app_id: str, raw_body: str, timestamp: str, oa_secret: str) -> str:
    """The value of the X-ZEvent-Signature header."""
    joined = app_id + raw_body + timestamp + oa_secret
    return "mac=" + hashlib.sha256(joined.encode()).hexdigest()
