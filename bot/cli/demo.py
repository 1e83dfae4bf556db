"""The made-up cases of `run` without a real Zalo: read nowhere else, written once, never beside real data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.config import SAMPLE_WARD
from store.engine import read_tx, write_tx

if TYPE_CHECKING:
    from ward.demo import Accounts
    from wsgi import House

SILENT_HOURS = 9 * 24
"""Past Zalo's seven days: a message to such a person is refused."""


def is_wanted(house: House) -> bool:
    """The sample ward as it was shipped, with the simulated Zalo. A copy of the folder is a ward's own."""
    settings = house.settings
    shipped = settings.ward_dir.resolve() == SAMPLE_WARD.resolve()
    return settings.simulated and shipped and house.profile.sample


def seed(house: House, zalo: Any) -> Accounts | None:
    """Fill an empty database, with people the simulated Zalo knows too; the accounts to be shown once."""
    if not is_wanted(house):
        return None
    from ward import demo

    oa_id = house.account.oa_id
    with read_tx(house.engine) as connection:
        if not demo.is_empty(connection, oa_id):
            return None
    made = demo.read_demo()
    people = {key: _person(zalo, name, key in made.silent) for key, name in made.people.items()}
    with write_tx(house.engine) as connection:
        return demo.seed_demo(
            connection,
            oa_id,
            made,
            people,
            house.box,
            house.profile,
            house.calendar,
            house.settings.ward_dir,
            datetime.now(UTC),
        )


def _person(zalo: Any, name: str, silent: bool) -> str:
    person = (zalo.people.named(name) or zalo.people.add(name))["id"]
    zalo.people.follow(person)
    zalo.people.interacted(person)
    if silent:
        zalo.people.be_silent_for(person, SILENT_HOURS)
    return str(person)
