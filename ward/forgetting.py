"""A person who asks to be forgotten: what each room of the ward holds of them goes, the facts stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ward import facilities, issues, reception, results
from ward.cases.forgetting import Forgotten, forget_cases
from ward.home import requests
from ward.visits import booking


def forget_person(connection: Connection, oa_id: str, person_id: str, now: datetime) -> Forgotten:
    """Take the person's data out of what is kept for officials, and give up what they had booked: nobody can
    be told of it any more. A second call does nothing more."""
    facilities.forget(connection, oa_id, person_id, now)
    results.forget(connection, oa_id, person_id)
    reception.forget(connection, oa_id, person_id, now)
    issues.forget(connection, oa_id, person_id, now)
    booking.forget(connection, oa_id, person_id, now)
    requests.forget(connection, oa_id, person_id, now)
    return forget_cases(connection, oa_id, person_id, now)
