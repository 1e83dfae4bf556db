"""A small writer of iCalendar files (RFC 5545): events with stable UIDs, folded lines, escaped text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST_LINE = 75
"""Octets, the line's end not counted."""
MAKER = "-//Tro ly Zalo cua phuong//Lich phuong//VI"


@dataclass(frozen=True)
class Event:
    """`starts` and `ends`: two moments, or two dates of which the last is counted too."""

    uid: str
    summary: str
    starts: datetime | date
    ends: datetime | date
    location: str | None = None
    description: str | None = None


def write(name: str, events: Iterable[Event], made_at: datetime) -> bytes:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{MAKER}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "X-WR-TIMEZONE:Asia/Ho_Chi_Minh",
    ]
    for event in events:
        lines += _event(event, made_at)
    lines.append("END:VCALENDAR")
    return "".join(f"{piece}\r\n" for line in lines for piece in folded(line)).encode()


def escaped(text: str) -> str:
    """Text as a value: commas, semicolons, backslashes and line breaks told apart from the format's own."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(text.splitlines())


def folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 octets, no letter cut in two; those that go on begin with a space."""
    piece, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LONGEST_LINE:
            yield piece
            piece, size = " ", 1
        piece += letter
        size += width
    yield piece


def _event(event: Event, made_at: datetime) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_utc(made_at)}",
        *_when(event.starts, event.ends),
        f"SUMMARY:{escaped(event.summary)}",
    ]
    if event.location:
        lines.append(f"LOCATION:{escaped(event.location)}")
    if event.description:
        lines.append(f"DESCRIPTION:{escaped(event.description)}")
    return [*lines, "END:VEVENT"]


def _when(starts: datetime | date, ends: datetime | date) -> list[str]:
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        return [f"DTSTART:{_utc(starts)}", f"DTEND:{_utc(ends)}"]
    after = ends + timedelta(days=1)  # the end itself is not part of it (RFC 5545 §3.6.1)
    return [f"DTSTART;VALUE=DATE:{starts:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}", "TRANSP:TRANSPARENT"]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
