"""The word lists below `knowledge/lexicon/`, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

LEXICON = Path(__file__).parent / "lexicon"


class LexiconError(ValueError):
    """A word list that cannot be used."""


@cache
def lexicon(name: str) -> dict[str, Any]:
    """The mapping of `lexicon/<name>.yaml`. Treat it as read-only: it is shared."""
    path = LEXICON / f"{name}.yaml"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times faster
    raw: Any = yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506
    if not isinstance(raw, dict):
        raise LexiconError(f"{path.name}: expected a mapping")
    return raw
