"""The bodies of the sending API, checked as strictly as its documents allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.simulator.answers import ZaloError


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


S = TypeVar("S", bound=Shape)
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+", max_length=2000)]
PhoneCode = Annotated[str, Field(pattern=r"^\+?\d{3,15}$")]
Title = Annotated[str, Field(min_length=1, max_length=100)]


class UrlPayload(Shape):
    url: HttpUrl


class PhonePayload(Shape):
    phone_code: PhoneCode


class SmsPayload(PhonePayload):
    content: str = Field(min_length=1, max_length=160)


class UrlButton(Shape):
    title: Title
    image_icon: str = ""
    type: Literal["oa.open.url"]
    payload: UrlPayload


class QueryButton(Shape):
    title: Title
    image_icon: str = ""
    type: Literal["oa.query.show", "oa.query.hide"]
    payload: str = Field(min_length=1, max_length=1000)


class PhoneButton(Shape):
    title: Title
    image_icon: str = ""
    type: Literal["oa.open.phone"]
    payload: PhonePayload


class SmsButton(Shape):
    title: Title
    image_icon: str = ""
    type: Literal["oa.open.sms"]
    payload: SmsPayload


Button = Annotated[UrlButton | QueryButton | PhoneButton | SmsButton, Field(discriminator="type")]


class Buttons(Shape):
    """A template without template_type: the text stands in message.text."""

    buttons: list[Button] = Field(min_length=1, max_length=5)


class MediaElement(Shape):
    media_type: Literal["image", "gif", "sticker"]
    url: HttpUrl | None = None
    attachment_id: str | None = Field(None, min_length=1)
    width: int | None = Field(None, gt=0)
    height: int | None = Field(None, gt=0)

    @model_validator(mode="after")
    def one_source(self) -> MediaElement:
        if (self.url is None) == (self.attachment_id is None):
            raise ValueError("exactly one of url and attachment_id")
        if self.media_type == "sticker" and self.attachment_id is None:
            raise ValueError("a sticker has an attachment_id")
        if self.media_type == "gif" and not (self.width and self.height):
            raise ValueError("a gif has width and height")
        return self


class Media(Shape):
    template_type: Literal["media"]
    elements: list[MediaElement] = Field(min_length=1, max_length=1)


class InfoElement(Shape):
    title: Title
    subtitle: str = Field(min_length=1, max_length=500)
    image_url: HttpUrl


class InfoRequest(Shape):
    template_type: Literal["request_user_info"]
    elements: list[InfoElement] = Field(min_length=1, max_length=1)


class ListElement(Shape):
    title: Title
    subtitle: str = Field("", max_length=500)
    image_url: HttpUrl | None = None
    default_action: dict[str, Any] | None = None


class ListTemplate(Shape):
    template_type: Literal["list"]
    elements: list[ListElement] = Field(min_length=1, max_length=5)
    buttons: list[Button] = Field(default_factory=list, max_length=5)


class FileToken(Shape):
    token: str = Field(min_length=1)


class AttachmentOuter(Shape):
    type: str
    payload: dict[str, Any]


class Message(Shape):
    text: str = Field("", max_length=2000)
    quote_message_id: str | None = Field(None, min_length=1)
    attachment: AttachmentOuter | None = None


class Recipient(Shape):
    user_id: str = Field(pattern=r"^\d+$")


class Action(Shape):
    react_icon: str = Field(min_length=1, max_length=20)
    react_message_id: str = Field(min_length=1)


class SendBody(Shape):
    recipient: Recipient
    message: Message | None = None
    sender_action: Action | None = None


Payload = Buttons | Media | InfoRequest | ListTemplate | FileToken
TEMPLATES: Mapping[str, type[Media | InfoRequest | ListTemplate]] = {
    "media": Media,
    "request_user_info": InfoRequest,
    "list": ListTemplate,
}


def parse_body(raw: object) -> SendBody:
    return parse(SendBody, raw)


def parse_attachment(outer: AttachmentOuter) -> Payload:
    """The payload by its kind; -233 for a kind Zalo does not know."""
    if outer.type == "file":
        return parse(FileToken, outer.payload)
    if outer.type != "template":
        raise ZaloError(-233)
    template = outer.payload.get("template_type")
    if template is None:
        return parse(Buttons, outer.payload)
    shape = TEMPLATES.get(template) if isinstance(template, str) else None
    if shape is None:
        raise ZaloError(-233)
    return parse(shape, outer.payload)


def parse(shape: type[S], raw: object) -> S:
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        raise _as_zalo(error) from error


def _as_zalo(error: ValidationError) -> ZaloError:
    first = error.errors()[0]
    names = [str(part) for part in first["loc"] if not str(part).startswith("oa.")]
    field = ".".join(names) or "body"
    if first["type"] in ("string_too_long", "too_long"):
        return ZaloError(-210, f"{field} is over limit")
    return ZaloError(-201, f"{field} is invalid")
