"""Who signed up: a name to be called by and a telephone number, sealed in one piece."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from store.secrets import SecretBox, SecretsUnreadable

PURPOSE = "visits"
"""Of the box that seals them."""


@dataclass(frozen=True)
class Who:
    name: str | None = None
    phone: str | None = None


def seal(box: SecretBox, who: Who) -> bytes | None:
    """None when there is nothing to keep."""
    kept = {key: value for key, value in asdict(who).items() if value}
    return box.seal_text(json.dumps(kept, ensure_ascii=False)) if kept else None


def unseal(box: SecretBox, sealed: bytes | None) -> Who:
    """Empty when nothing was given, or when it cannot be read with the present key."""
    if sealed is None:
        return Who()
    try:
        kept = json.loads(box.open_text(sealed))
    except (SecretsUnreadable, ValueError):
        return Who()
    return Who(kept.get("name"), kept.get("phone"))
