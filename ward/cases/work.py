"""One door to everything that changes a case.

Every function takes an open connection and the OA id, and raises StaleCase when the case changed since
`version` was read (None: whatever it is now), MoveRefused when it may not be done. Words that go to the
citizen come back as `Changed.sent_as`: the caller puts them into the outbox under that key, in the same
transaction. `delivered` and `not_delivered` are for the clock (ward/cases/clock.py).
"""

from ward.cases.answers import answered_by_phone, close_field_case, delivered, not_delivered, send_answer
from ward.cases.changes import (
    CITIZEN,
    SYSTEM,
    By,
    Case,
    Changed,
    MoveRefused,
    NoSuchCase,
    StaleCase,
    load,
    load_by_code,
    official,
)
from ward.cases.citizen import (
    audience,
    citizen_wrote,
    join,
    rate,
    reopen,
    why_not_rate,
    why_not_reopen,
    withdraw,
)
from ward.cases.handling import classify, give_back, merge, note, pass_on, take, wait_for_citizen

__all__ = [
    "CITIZEN",
    "SYSTEM",
    "By",
    "Case",
    "Changed",
    "MoveRefused",
    "NoSuchCase",
    "StaleCase",
    "answered_by_phone",
    "audience",
    "citizen_wrote",
    "classify",
    "close_field_case",
    "delivered",
    "give_back",
    "join",
    "load",
    "load_by_code",
    "merge",
    "not_delivered",
    "note",
    "official",
    "pass_on",
    "rate",
    "reopen",
    "send_answer",
    "take",
    "wait_for_citizen",
    "why_not_rate",
    "why_not_reopen",
    "withdraw",
]
