"""Programmes of a ward: the TOML files of its folder, with what the console changed over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from store.schema import programme_changes
from ward.profile import WardFileError, explain, read_toml
from ward.programmes.model import Programme

FOLDER = "programmes"


def load_files(ward_dir: Path) -> dict[str, Programme]:
    """Every programme by key; the key is the file's name. A folder that is not there holds none."""
    found: dict[str, Programme] = {}
    for path in sorted((ward_dir / FOLDER).glob("*.toml")):
        raw: dict[str, Any] = {**read_toml(path), "key": path.stem}
        try:
            found[path.stem] = Programme.model_validate(raw)
        except ValidationError as error:
            raise WardFileError(explain(path, error)) from error
    return found


def programmes_of(connection: Connection, oa_id: str, files: Mapping[str, Programme]) -> dict[str, Programme]:
    """Files and changes together; a change that no longer fits (a newer program) leaves the file in force."""
    rows = connection.execute(
        select(programme_changes.c.key, programme_changes.c.data).where(programme_changes.c.oa_id == oa_id)
    )
    changed = dict(files)
    for row in rows:
        base = files[row.key].model_dump(mode="json") if row.key in files else {}
        try:
            changed[row.key] = Programme.model_validate({**base, **row.data, "key": row.key})
        except ValidationError:
            continue
    return dict(sorted(changed.items()))
