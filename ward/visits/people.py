"""Who signed up: a name to be called by and a telephone number (of a firm, its name), sealed in one piece."""

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
    firm: str | None = None
    """Of whom they come for, at a business coffee."""
    news: str | None = None
    """Version and day of the agreement to hear of later sessions (ward/visits/firms.py)."""


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
    return Who(**{name: kept.get(name) for name in Who.__dataclass_fields__})
