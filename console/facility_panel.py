"""The private health facility beside a case: what it is, its papers, what it asked before, its news.

Only for officials who may open the facility pages; a case tells others the facility's name at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from console.services import services
from store.schema import cases
from ward import facilities, facility_dates, health_news
from ward.calendar import local
from ward.cases.model import STATES, State
from ward.cases.work import Case
from ward.facilities import Facility, Who
from ward.facility_dates import Paper
from ward.health_news import Heard
from ward.staff import Official, Permission

FIELD: Final = "y_te"
PURPOSE: Final = "personal"
"""The box of what is sealed of a facility; the chat's desk has the same."""
EARLIER_SHOWN: Final = 6
NEWS_SHOWN: Final = 3


@dataclass(frozen=True)
class Panel:
    facility: Facility
    who: Who
    confirmed: bool
    """False: the account that asked is not confirmed as the facility's yet."""
    papers: Sequence[Paper]
    earlier: Sequence[Row[Any]]
    states: Mapping[State, str]
    accounts: int
    hearing: int
    """Accounts that agreed to news."""
    news: Sequence[Heard]
    today: date


def panel_of(connection: Connection, case: Case, me: Official) -> Panel | None:
    """None: not of a facility, not for this official, or its sender asked to stay unnamed."""
    if not me.may(Permission.FACILITIES) or case.field != FIELD or case.name_shown is False:
        return None
    found = _facility_of(connection, case)
    if found is None:
        return None
    house, (facility, confirmed) = services(), found
    people = facilities.accounts(connection, house.oa_id, facility.id)
    asked = questions_of(connection, facility.id, EARLIER_SHOWN + 1)
    return Panel(
        facility=facility,
        who=facilities.who_of(facility, house.box(PURPOSE)),
        confirmed=confirmed,
        papers=facility_dates.papers(connection, house.oa_id, [facility.id]).get(facility.id, []),
        earlier=[row for row in asked if row.id != case.id][:EARLIER_SHOWN],
        states=STATES,
        accounts=len(people),
        hearing=sum(one.news and one.state == "confirmed" for one in people),
        news=health_news.heard_by(connection, house.oa_id, facility.id, NEWS_SHOWN),
        today=local(house.now()).date(),
    )


def _facility_of(connection: Connection, case: Case) -> tuple[Facility, bool] | None:
    """As written down when it asked; else that of the account, which may have signed up since."""
    oa_id, number = case.oa_id, case.context.get("facility_id")
    mine = facilities.of_person(connection, oa_id, case.person_id) if case.person_id else None
    if isinstance(number, int):
        facility = facilities.find(connection, oa_id, number)
        confirmed = mine is not None and mine[0].id == number and mine[1].state == "confirmed"
        return None if facility is None else (facility, confirmed)
    return None if mine is None else (mine[0], mine[1].state == "confirmed")


def questions_of(connection: Connection, facility_id: int, limit: int) -> list[Row[Any]]:
    """The newest questions of the facility, by whichever of its accounts."""
    here = cases.c.context["facility_id"].as_integer() == facility_id
    query = select(cases).where(cases.c.oa_id == services().oa_id, cases.c.field == FIELD, here)
    return list(connection.execute(query.order_by(cases.c.id.desc()).limit(limit)))
