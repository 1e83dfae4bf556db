"""The imported records as the bot takes them at its start."""

from __future__ import annotations

import logging
from pathlib import Path

from knowledge.portal.shelf import Shelf
from knowledge.portal.store import StoreError, read_store

log = logging.getLogger(__name__)


def open_shelf(path: Path) -> Shelf:
    """An empty shelf when there is no file; a damaged one is told and left aside, the bot starts without."""
    try:
        return Shelf(read_store(path).records.values())
    except StoreError as error:
        log.warning("imported records are left aside: %s", error)
        return Shelf()
