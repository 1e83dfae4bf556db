"""The larger commands of `python -m knowledge`, and what they need of the assembled bot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.evaluation.judge import Voice


@dataclass(frozen=True)
class Outside:
    """`voice`: the whole conversation, on a given day; the folders of the ward and of our own files."""

    voice: Callable[[date | None], Voice]
    ward_dir: Path
    var_dir: Path


Assembled = Callable[[], Outside]
