"""Today: what waits for this official, most pressing first. Each kind of work is a card with a provider."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, render_template

from console import today_cards
from console.access import official, page
from console.services import services
from ward.staff import Permission

blueprint = Blueprint("today", __name__)


@blueprint.get("/")
@page(Permission.ACCOUNT)
def board() -> str:
    house, me, now = services(), official(), services().now()
    with house.read() as connection:
        cards = today_cards.of(connection, house, me, now)
    return render_template("console/today.html", cards=cards, opens=_opens(now))


def _opens(now: datetime) -> datetime | None:
    """When the ward opens next; None while it is open."""
    calendar = services().calendar
    return None if calendar.is_open(now) else calendar.next_opening(now)
