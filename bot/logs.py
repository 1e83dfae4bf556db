"""JSON logs that cannot carry what a citizen wrote.

Fields are allowed by name, long digit runs are masked, and an exception is logged as its types and
places, never its message (database and HTTP errors quote what they were given).
"""

from __future__ import annotations

import hashlib
import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format='{"event":"%(name)s %(levelname)s"}')


def _places_of_exception(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if not event.pop("exc_info", None):
        return event
    kind, error, trace = sys.exc_info()
    if kind is not None and error is not None:
        event["error"] = _chain(error)
        event["where"] = [
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(trace)
        ]
    return event


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
    if isinstance(value, list):
        return [_mask(item) for item in value]
    return value
