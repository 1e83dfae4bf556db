"""Read the procedure entries from their YAML files, with errors that name file and field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from knowledge.schema import Entry
from knowledge.yaml_file import YamlError, read_yaml

PROCEDURES = Path(__file__).parent / "procedures"


class EntryError(ValueError):
    """An entry file that cannot be used; the text names file, field and mend."""


def load_entry(path: Path) -> Entry:
    try:
        raw: Any = read_yaml(path)
    except YamlError as error:
        raise EntryError(f"{path}: not readable YAML: {error}") from error
    if not isinstance(raw, dict):
        raise EntryError(f"{path}: expected one entry (a mapping), found {type(raw).__name__}")
    try:
        entry = Entry.model_validate(raw)
    except ValidationError as error:
        raise EntryError(_explain(path, error)) from error
    if entry.key != path.stem or entry.field != path.parent.name:
        raise EntryError(f"{path}: should be {entry.field}/{entry.key}.yaml after its key and field")
    return entry


def load_entries(root: Path = PROCEDURES) -> list[Entry]:
    """All entries below `root`, sorted by key; keys are unique and related keys exist."""
    entries = sorted(_each(root), key=lambda entry: entry.key)
    keys = [entry.key for entry in entries]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise EntryError(f"keys used twice: {', '.join(twice)}")
    known = set(keys)
    for entry in entries:
        lost = [key for key in (*entry.related, *entry.superseded_by) if key not in known]
        if lost:
            raise EntryError(f"{entry.key}: related keys that do not exist: {', '.join(lost)}")
    return entries


def _each(root: Path) -> Iterator[Entry]:
    for path in sorted(root.glob("*/*.yaml")):
        yield load_entry(path)


def _explain(path: Path, error: ValidationError) -> str:
    lines = [
        f"  {'.'.join(str(part) for part in item['loc']) or '(entry)'}: {item['msg']}"
        for item in error.errors()
    ]
    return "\n".join([f"{path}: {len(lines)} field(s) are wrong", *lines])
