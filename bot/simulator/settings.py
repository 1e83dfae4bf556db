"""What can be set on the simulated Zalo, kept in its database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt

from bot.simulator.store import Store

SIM_APP_ID = "4400000000000000001"
SIM_OA_ID = "2500000000000000099"
SIM_APP_SECRET = "simulator-app-secret"  # noqa: S105 - public, opens nothing
SIM_OA_SECRET = "simulator-oa-secret"  # noqa: S105
SIM_ADMIN_ID = "6600000000000000077"
SIM_REFRESH_TOKEN = "simulator-first-refresh-token"  # noqa: S105
"""The one refresh token a fresh simulator knows; like every other it works once."""

RETRY_LADDER = (30.0, 300.0, 900.0, 1800.0, 3600.0)


class Settings(BaseModel):
    """Every switch of the simulated Zalo; the page and the tests change them while it runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    app_id: str = Field(SIM_APP_ID, min_length=1)
    app_secret: str = Field(SIM_APP_SECRET, min_length=1)
    oa_id: str = Field(SIM_OA_ID, min_length=1)
    oa_secret: str = Field(SIM_OA_SECRET, min_length=1)
    oa_name: str = "Phường Mẫu (giả lập)"
    own_url: str = Field("", description="address of its own in events' links; empty: as the caller sees it")
    government: bool = Field(False, description="v3.0 cs answers -235; otherwise v2.0 answers -240")
    redirect_uri: str = Field("", description="when set, the only callback OAuth accepts (-14003)")
    require_appsecret_proof: bool = False
    webhook_url: str = ""
    webhook_enabled: bool = True
    webhook_retry_ladder: tuple[NonNegativeFloat, ...] = RETRY_LADDER
    webhook_timeout: PositiveFloat = 2.0
    webhook_switch_off: bool = Field(False, description="the end of the ladder disables the webhook")
    ordered_retries: bool = Field(True, description="false: later events overtake one that waits")
    receipts: bool = Field(False, description="also send user_received_message")
    echo_same_id: bool = Field(True, description="an echo's msg_id equals the send's message_id")
    access_token_life: PositiveFloat = 90_000.0
    refresh_token_life: PositiveFloat = 90 * 86_400.0
    rate_limit_per_minute: PositiveInt | None = None


class Config:
    """Settings as they are now, read from the store at every use."""

    def __init__(self, store: Store, given: Mapping[str, Any]) -> None:
        self._store = store
        self.change(given)

    @property
    def now(self) -> Settings:
        return Settings.model_validate(self._store.get("settings", {}))

    def change(self, changes: Mapping[str, Any]) -> Settings:
        """Apply `changes`; raises pydantic.ValidationError and changes nothing when one is wrong."""
        with self._store.transaction():
            settings = Settings.model_validate({**self.now.model_dump(), **changes})
            self._store.put("settings", settings.model_dump(mode="json"))
        return settings
