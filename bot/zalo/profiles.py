"""What Zalo tells about a person and about the OA. Missing and odd values become None."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from bot.zalo.transport import whole_number


def _text(value: Any) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


def _day(value: Any) -> date | None:
    with suppress(ValueError, TypeError):
        return datetime.strptime(value, "%d/%m/%Y").date()  # noqa: DTZ007 - a day, no moment
    return None


Text = Annotated[str | None, BeforeValidator(_text)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Day = Annotated[date | None, BeforeValidator(_day)]
Number = Annotated[int | None, BeforeValidator(whole_number)]


class _Profile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class UserDetail(_Profile):
    """A person as the OA sees them. `is_minor`: under 18 (Zalo calls it is_sensitive)."""

    user_id: Text = None
    display_name: Text = None
    alias: Text = Field(None, validation_alias="user_alias")
    is_minor: Flag = Field(None, validation_alias="is_sensitive")
    is_follower: Flag = Field(None, validation_alias="user_is_follower")
    last_interaction: Day = Field(None, validation_alias="user_last_interaction_date")


class OaInfo(_Profile):
    """`oa_type`: 2 business, 4 government agency (zalo-api §0)."""

    oa_id: Text = Field(None, validation_alias=AliasChoices("oaid", "oa_id"))
    name: Text = None
    oa_type: Number = None
    is_verified: Flag = None
    followers: Number = Field(None, validation_alias="num_follower")
    package_name: Text = None
    package_valid_through: Text = Field(None, validation_alias="package_valid_through_date")
    linked_zca: Text = Field(None, validation_alias="linked_ZCA")
