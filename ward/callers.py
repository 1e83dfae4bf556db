"""People who call or come instead of writing: an official enters their wish, by the rules of the chat.

They have no account in the chat, so one open place for each person is told by the telephone number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, select

from store.schema import home_requests, signups, visits
from store.secrets import SecretBox
from ward.home import model as home
from ward.visits import people
from ward.visits.model import OPEN_STATES

WAYS: Final[dict[str, str]] = {"call": "Gọi điện", "came": "Tới trực tiếp"}
LONGEST_NAME: Final = 80
SHORTEST_ADDRESS: Final = 6
NAME_AND_PHONE: Final = "Ghi tên gọi và số điện thoại (9 đến 11 chữ số) để gọi khi có thay đổi."
ASK_CONSENT: Final = (
    "Nói cho người dân biết thông tin chỉ dùng cho việc này, họ đồng ý thì đánh dấu ô đồng ý."
)


class CallerRefused(ValueError):
    """What is missing, in words an official can act on (Vietnamese)."""


def read_phone(text: str) -> str | None:
    """The digits of a telephone number, from 0 on; None when it is none."""
    digits = "".join(sign for sign in text if sign.isdigit())
    digits = f"0{digits[2:]}" if digits.startswith("84") and len(digits) == 11 else digits
    return digits if 9 <= len(digits) <= 11 else None


def read_who(form: Mapping[str, str]) -> tuple[str, str]:
    """Name and number of a form; refused without them, or without the consent told by word of mouth."""
    name, phone = " ".join(form.get("name", "").split()), read_phone(form.get("phone", ""))
    if not name or phone is None:
        raise CallerRefused(NAME_AND_PHONE)
    if form.get("consent") != "yes":
        raise CallerRefused(ASK_CONSENT)
    return name[:LONGEST_NAME], phone


def read_firm(form: Mapping[str, str]) -> str:
    name = " ".join(form.get("firm", "").split())
    if not name:
        raise CallerRefused("Ghi tên cơ sở.")
    return name[:LONGEST_NAME]


def traces(form: Mapping[str, str]) -> dict[str, str]:
    """For the log: how they came, and that they agreed by word of mouth."""
    way = form.get("way", "")
    return {"way": way if way in WAYS else "call", "consent": "oral"}


def place_of(
    connection: Connection, oa_id: str, box: SecretBox, kind: str, phone: str, for_other: bool
) -> str | None:
    """The code of the open place in a coming session of this kind that was taken with this number."""
    query = (
        select(signups.c.code, signups.c.who)
        .join(visits, visits.c.id == signups.c.visit_id)
        .where(signups.c.oa_id == oa_id, signups.c.kind == kind, signups.c.for_other == for_other)
        .where(signups.c.state.in_(OPEN_STATES), visits.c.state == "planned", signups.c.who.is_not(None))
        .order_by(signups.c.id)
    )
    rows = connection.execute(query).all()
    return next((row.code for row in rows if _same(people.unseal(box, row.who).phone, phone)), None)


def visit_of(
    connection: Connection, oa_id: str, box: SecretBox, service: home.Service, phone: str, today: date
) -> str | None:
    """The code of the open request for this service at home that was made with this number."""
    mine: tuple[Any, ...] = (home_requests.c.oa_id == oa_id, home_requests.c.service == service)
    query = (
        select(home_requests.c.code, home_requests.c.who)
        .where(*mine, home_requests.c.state.in_(home.OPEN_STATES), home_requests.c.day >= today)
        .order_by(home_requests.c.id)
    )
    rows = connection.execute(query).all()
    return next((row.code for row in rows if _same(home.unseal(box, row.who).phone, phone)), None)


def _same(kept: str | None, phone: str) -> bool:
    return kept is not None and read_phone(kept) == phone
