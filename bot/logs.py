"""JSON logs that cannot carry what a citizen wrote.

Fields are allowed by name, long digit runs are masked, and an exception is logged as its types and
places, never its message (database and HTTP errors quote what they were given). That holds for what
other libraries log, too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog

ALLOWED = frozenset({
    "event", "level", "at", "logger", "part", "person", "oa", "event_name", "outcome", "code", "kind",
    "state", "ms", "n", "attempt", "name", "combination", "error", "where", "task", "case", "url_path",
    "status", "pid", "address", "delay_s", "revision", "endpoint", "reason", "limit", "remaining",
})  # fmt: skip
UNMASKED = frozenset({"at", "where", "person"})
_DIGITS = re.compile(r"\d{6,}")


def person_tag(person_id: str) -> str:
    """A short mark that lets one follow a person's lines without naming the person."""
    return hashlib.sha256(person_id.encode()).hexdigest()[:8]


def setup_logs(level: str = "info") -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _places_of_exception,
            _only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_names: _Writer(sys.stderr),
    )
    others = logging.StreamHandler(sys.stderr)
    others.setFormatter(_WithoutWords())
    logging.basicConfig(level=logging.WARNING, handlers=[others])


class _Writer:
    """A line that cannot be written (full disk, closed pipe) must not fail the work it speaks of."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def msg(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.write(line + "\n")
            self._file.flush()

    debug = info = warning = error = critical = exception = msg


class _WithoutWords(logging.Formatter):
    """Lines of other libraries: who and how grave, and an exception's types and places."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        line: dict[str, Any] = {"event": record.name, "level": record.levelname.lower(), "at": at}
        if record.exc_info and record.exc_info[1] is not None:
            line |= _described(record.exc_info[1])
        return json.dumps(line)


def _places_of_exception(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if not event.pop("exc_info", None):
        return event
    error = sys.exc_info()[1]
    if error is not None:
        event.update(_described(error))
    return event


def _described(error: BaseException) -> dict[str, Any]:
    places = traceback.extract_tb(error.__traceback__)
    return {
        "error": _chain(error),
        "where": [f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}" for place in places],
    }


def _chain(error: BaseException) -> str:
    names: list[str] = []
    current: BaseException | None = error
    while current is not None and len(names) < 5:
        names.append(type(current).__name__)
        current = current.__cause__ or current.__context__
    return " < ".join(names)


def _only_allowed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: value if key in UNMASKED else _mask(value) for key, value in event.items() if key in ALLOWED}


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return _DIGITS.sub("…", value)
    if isinstance(value, list | tuple):
        return [_mask(item) for item in value]
    if isinstance(value, Mapping):
        return {_mask(key): _mask(item) for key, item in value.items()}
    return value
