"""The word lists below `knowledge/lexicon/`, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from knowledge.yaml_file import YamlError, read_yaml

LEXICON = Path(__file__).parent / "lexicon"


class LexiconError(ValueError):
    """A word list that cannot be used."""


@cache
def lexicon(name: str) -> dict[str, Any]:
    """The mapping of `lexicon/<name>.yaml`. Treat it as read-only: it is shared."""
    path = LEXICON / f"{name}.yaml"
    try:
        raw: Any = read_yaml(path)
    except YamlError as error:
        raise LexiconError(f"{path.name}: not readable YAML: {error}") from error
    if not isinstance(raw, dict):
        raise LexiconError(f"{path.name}: expected a mapping")
    return raw
