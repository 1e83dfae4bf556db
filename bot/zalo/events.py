"""A webhook body as an event of ours. Tolerant: ids may be numbers, fields may be junk or missing.

Numbers are kept as the text they were written in: ids pass 2^53, and the signature needs `timestamp` as sent.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

from bot.replies import Attachment
from bot.zalo.bodies import Body, SentAttachment

Direction = Literal["inbound", "echo", "receipt", "other"]

RECEIPTS = frozenset({"user_received_message", "user_seen_message"})
OPENS_WINDOW = frozenset({"user_click_chatnow", "follow", "user_submit_info", "widget_interaction_accepted"})
EARLIEST = datetime(2012, 1, 1, tzinfo=UTC)  # Zalo's first year
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
KEY_CHARACTERS = 200
_NAME_CHARACTERS, _PERSON_CHARACTERS, _OA_CHARACTERS, _PART_CHARACTERS = 80, 80, 32, 64  # as in the schema
_MOST_ATTACHMENTS = 50


class NotAnEvent(ValueError):
    """The body is not a JSON object with an `event_name`."""


@dataclass(frozen=True)
class ZaloEvent:
    """One event. `key` is the same for every delivery of it; `timestamp` is the text the signature covers.

    `person_id` is None where no single person of this OA is meant: groups, ZBS by phone number, management.
    """

    name: str
    key: str
    app_id: str | None
    oa_id: str | None
    person_id: str | None
    occurred_at: datetime | None
    timestamp: str
    direction: Direction
    text: str = ""
    msg_id: str | None = None
    msg_ids: tuple[str, ...] = ()
    quote_msg_id: str | None = None
    admin_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    submitted_info: dict[str, str] = field(default_factory=dict)

    @property
    def opens_window(self) -> bool:
        """The person acted, so the OA may write to them (zalo-api §4.1)."""
        return self.direction == "inbound" or self.name in OPENS_WINDOW


def parse_event(raw: bytes) -> ZaloEvent:
    """The event in `raw`. Raises NotAnEvent, and nothing else, for any bytes."""
    body = _read(raw)
    name = _fit(body.event_name or "", _NAME_CHARACTERS)
    person = _person_id(body, name)
    return ZaloEvent(
        name=name,
        key=_key(body, name, person, raw),
        app_id=body.app_id,
        oa_id=_oa_id(body, name),
        person_id=person,
        occurred_at=_moment(body.timestamp),
        timestamp=body.timestamp or "",
        direction=_direction(name),
        text=body.message.text or "",
        msg_id=_msg_id(body),
        msg_ids=_msg_ids(body),
        quote_msg_id=body.message.quote_msg_id,
        admin_id=body.sender.admin_id,
        attachments=tuple(_attachment(item) for item in body.message.attachments[:_MOST_ATTACHMENTS]),
        submitted_info=_submitted_info(body, name),
    )


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def _load(text: str) -> Any:
    return _DECODER.decode(text)


def _read(raw: bytes) -> Body:
    try:
        loaded = _load(raw.decode("utf-8-sig"))
        body = Body.model_validate(loaded if isinstance(loaded, dict) else {})
    except (ValueError, RecursionError) as error:
        raise NotAnEvent(type(error).__name__) from error
    if body.event_name is None:
        raise NotAnEvent("no event_name")
    return body


# --- who, when, which way --------------------------------------------------------------------------------


def _is_group(body: Body, name: str) -> bool:
    return body.group_id is not None or "_group" in name


def _sent_by_oa(name: str) -> bool:
    return name.startswith("oa_") or name in RECEIPTS


def _oa_id(body: Body, name: str) -> str | None:
    found = body.oa_id or body.oa_id_camel
    if found is None and _sent_by_oa(name):
        found = body.sender.id
    elif found is None and name.startswith(("user_", "anonymous_")) and not _is_group(body, name):
        found = body.recipient.id
    return _fit(found, _OA_CHARACTERS) if found else None


def _person_id(body: Body, name: str) -> str | None:
    # With a tracking_id the receipt is ZBS by phone: its recipient is a phone number, not a person's id.
    if _is_group(body, name) or body.message.tracking_id is not None:
        return None
    found = _party(body, name) or body.follower.id or body.user_id or body.data.user_id
    if found is None and len(body.tag.user_ids) == 1:
        found = body.tag.user_ids[0]
    return _fit(found, _PERSON_CHARACTERS) if found else None


def _party(body: Body, name: str) -> str | None:
    if _sent_by_oa(name):
        return body.recipient.id
    return body.sender.id if name.startswith(("user_", "anonymous_")) else None


def _direction(name: str) -> Direction:
    if name in RECEIPTS:
        return "receipt"
    if "_group" in name or name == "oa_send_consent":
        return "other"
    if name.startswith("user_send_"):
        return "inbound"
    return "echo" if name.startswith("oa_send_") else "other"


def _moment(timestamp: str | None) -> datetime | None:
    """`timestamp` is in milliseconds; nonsense and absurd years give None."""
    try:
        seconds = float(timestamp or "") / 1000
    except ValueError:
        return None
    if not EARLIEST.timestamp() <= seconds <= LATEST.timestamp():  # also false for NaN
        return None
    return datetime.fromtimestamp(seconds, UTC)


# --- the key ---------------------------------------------------------------------------------------------


def _fit(text: str, most: int) -> str:
    return text if len(text) <= most else _digest(text.encode())[:most]


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:32]


def _msg_id(body: Body) -> str | None:
    return body.message.msg_id or body.msg_id


def _msg_ids(body: Body) -> tuple[str, ...]:
    """The messages a receipt or reaction speaks of; one `msg_id` counts as a list of one."""
    one = _msg_id(body)
    return tuple(body.message.msg_ids) or ((one,) if one else ())


def _key(body: Body, name: str, person: str | None, raw: bytes) -> str:
    msg_id = _msg_id(body)
    if msg_id and ("_send_" in name or name in RECEIPTS):  # elsewhere msg_id is another event's message
        return _fit(f"{name}:{_fit(msg_id, KEY_CHARACTERS - _NAME_CHARACTERS - 1)}", KEY_CHARACTERS)
    about = [person or _many(body), ",".join(_msg_ids(body)), body.message.react_icon or ""]
    if not body.timestamp or not any(about):
        return f"{name}:{sha256(raw).hexdigest()}"
    parts = [body.timestamp, *about]
    return _fit(":".join([name, *(_fit(part, _PART_CHARACTERS) for part in parts if part)]), KEY_CHARACTERS)


def _many(body: Body) -> str:
    """What stands in the place of the person: a group and its people, or the people of a tag."""
    people = [user.id for user in body.users if user.id] or body.tag.user_ids
    return ",".join([body.group_id or "", *people]).strip(",")


# --- what was sent ---------------------------------------------------------------------------------------


def _attachment(item: SentAttachment) -> Attachment:
    payload = item.payload
    return Attachment(
        type=item.type or "unknown",
        url=_web_address(payload.url),
        name=payload.name,
        size=_size(payload.size),
        latitude=_degrees(payload.coordinates.latitude, 90),
        longitude=_degrees(payload.coordinates.longitude, 180),
    )


def _web_address(url: str | None) -> str | None:
    return url if url and url.lower().startswith(("http://", "https://")) else None


def _size(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch("[0-9]{1,15}", text) else None


def _degrees(text: str | None, most: float) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) <= most else None


def _submitted_info(body: Body, name: str) -> dict[str, str]:
    """What a person filled in, under one set of keys for both generations of the form (zalo-api §1.6)."""
    if name != "user_submit_info":
        return {}
    info, place = body.info, body.info.full_address
    values = {
        "name": info.name,
        "phone": info.phone,
        "birth_date": info.user_dob,
        "gender": info.gender,
        "city": place.user_city or info.city,
        "district": info.district,
        "ward": place.user_ward or info.ward,
        "address": place.user_address or info.address,
    }
    return {key: value for key, value in values.items() if value}
