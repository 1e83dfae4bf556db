"""The shape of a webhook body, with junk read as "missing" (zalo-api §1.3 to §1.6)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.zalo.texts import storable


def _text(value: Any) -> str | None:
    return storable(value) if isinstance(value, str) else None


def _id(value: Any) -> str | None:
    return (_text(value) or "").strip() or None


def _object(value: Any) -> Any:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Any:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _ids(value: Any) -> Any:
    return [one for one in map(_id, value) if one] if isinstance(value, list) else []


Text = Annotated[str | None, BeforeValidator(_text)]
Id = Annotated[str | None, BeforeValidator(_id)]
Ids = Annotated[list[str], BeforeValidator(_ids)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Party(_Shape):
    id: Id = None
    admin_id: Id = None
    user_id: Id = None


class Coordinates(_Shape):
    latitude: Id = None
    longitude: Id = None


class Payload(_Shape):
    url: Text = None
    name: Text = None
    size: Id = None
    coordinates: Annotated[Coordinates, BeforeValidator(_object)] = Coordinates()


class SentAttachment(_Shape):
    type: Text = None
    payload: Annotated[Payload, BeforeValidator(_object)] = Payload()


class Message(_Shape):
    msg_id: Id = None
    msg_ids: Ids = Field(default_factory=list)
    text: Text = None
    quote_msg_id: Id = None
    react_icon: Id = None
    tracking_id: Id = None
    attachments: Annotated[list[SentAttachment], BeforeValidator(_objects)] = Field(default_factory=list)


class Address(_Shape):
    user_city: Text = None
    user_ward: Text = None
    user_address: Text = None


class Info(_Shape):
    name: Text = None
    phone: Text = None
    user_dob: Text = None
    gender: Text = None
    address: Text = None
    city: Text = None
    district: Text = None
    ward: Text = None
    full_address: Annotated[Address, BeforeValidator(_object)] = Address()


class Tag(_Shape):
    user_ids: Ids = Field(default_factory=list)


PartyField = Annotated[Party, BeforeValidator(_object)]


class Body(_Shape):
    event_name: Id = None
    app_id: Id = None
    oa_id: Id = None
    oa_id_camel: Id = Field(None, alias="oaId")
    timestamp: Text = None
    sender: PartyField = Party()
    recipient: PartyField = Party()
    follower: PartyField = Party()
    data: PartyField = Party()
    user_id: Id = None
    group_id: Id = None
    msg_id: Id = None
    users: Annotated[list[Party], BeforeValidator(_objects)] = Field(default_factory=list)
    tag: Annotated[Tag, BeforeValidator(_object)] = Field(default_factory=Tag)
    message: Annotated[Message, BeforeValidator(_object)] = Message()
    info: Annotated[Info, BeforeValidator(_object)] = Info()
