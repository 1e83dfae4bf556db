"""Which OA we speak for, and where its Zalo is: the real one, or the simulator on our own port."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config import ConfigError, Settings
from bot.simulator import settings as simulated


@dataclass(frozen=True)
class Account:
    app_id: str
    app_secret: str
    oa_id: str
    oa_secret: str
    api_url: str
    oauth_url: str
    zbs_url: str = ""


def account_of(settings: Settings) -> Account:
    if settings.simulated:
        base = f"http://127.0.0.1:{settings.port}/simulator/zalo"
        return Account(
            simulated.SIM_APP_ID,
            simulated.SIM_APP_SECRET,
            simulated.SIM_OA_ID,
            simulated.SIM_OA_SECRET,
            f"{base}/openapi",
            f"{base}/oauth",
            f"{base}/zbs",
        )
    if settings.zalo_gaps:
        raise ConfigError(
            f"Còn thiếu / missing: {', '.join(settings.zalo_gaps)}. "
            "Lấy ở developers.zalo.me, xem README mục “Nối với OA thật”."
        )
    return Account(
        settings.zalo_app_id,
        settings.zalo_app_secret,
        settings.zalo_oa_id,
        settings.zalo_oa_secret,
        settings.zalo_api_url.rstrip("/"),
        settings.zalo_oauth_url.rstrip("/"),
        settings.zalo_zbs_url.rstrip("/"),
    )
