"""What the words of a message hold, worked out before the turn that answers them.

It depends on the words and the library alone, so it needs no transaction; what is not asked for is forgotten.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from knowledge.library import Library
from knowledge.understand import Evidence, gather

MOST = 16
"""Messages kept: a few times the threads that answer."""


@dataclass
class ReadAhead:
    """Shared by the threads of a worker; what is taken is gone."""

    _found: OrderedDict[str, Evidence] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, words: str, library: Library) -> None:
        found = gather(words, library)
        with self._lock:
            self._found[words] = found
            while len(self._found) > MOST:
                self._found.popitem(last=False)

    def take(self, words: str) -> Evidence | None:
        with self._lock:
            return self._found.pop(words, None)
