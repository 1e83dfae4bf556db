"""The one place where YAML is read: safely, and by the parser written in C where it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Both build plain data only; the one in C is ten times faster."""


class YamlError(ValueError):
    """A file that is no YAML; the text says what is wrong, with the line."""


def read_yaml(path: Path) -> Any:
    """What the file holds; None when it is empty."""
    try:
        return parse_yaml(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise YamlError(f"not UTF-8 text: {error}") from error


def parse_yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are safe ones
    except yaml.YAMLError as error:
        raise YamlError(str(error)) from error
