"""What this machine has of the parts that some tests need."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path


def postgres_bin() -> Path | None:
    """Folder of initdb and postgres, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def chromium() -> str | None:
    return (
        shutil.which("chromium-headless-shell")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
    )


@lru_cache
def missing_parts() -> tuple[str, ...]:
    parts = {"postgresql": postgres_bin(), "chromium": chromium()}
    return tuple(name for name, found in parts.items() if found is None)
