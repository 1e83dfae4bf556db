"""How far an import is: a bar on a terminal, else a line every thousand records. On stderr only."""

from __future__ import annotations

import time
from typing import TextIO

EVERY = 1000
WIDTH = 30
PAUSE = 0.1


class Progress:
    """`total` and `done` are bytes of the files."""

    def __init__(self, out: TextIO) -> None:
        self.total = 0
        self._out = out
        self._bar = out.isatty()
        self._shown = 0.0
        self._told = 0

    def at(self, done: int, records: int) -> None:
        if self._bar:
            now = time.monotonic()
            if now - self._shown >= PAUSE:
                self._shown = now
                self._draw(done, records)
        elif records // EVERY > self._told:
            self._told = records // EVERY
            print(f"đã đọc {records} hồ sơ …", file=self._out, flush=True)

    def close(self) -> None:
        """Leave the line of the bar."""
        if self._bar:
            print("\r\033[K", end="", file=self._out, flush=True)

    def _draw(self, done: int, records: int) -> None:
        share = min(1.0, done / self.total) if self.total else 0.0
        filled = round(share * WIDTH)
        bar = "█" * filled + "░" * (WIDTH - filled)
        print(f"\r{bar} {share:4.0%} · {records} hồ sơ", end="", file=self._out, flush=True)
