"""The Official Account of the benchmarks: names that fit the simulated Zalo, secrets that open nothing."""

from __future__ import annotations

from bot.simulator import SIM_APP_ID, SIM_APP_SECRET, SIM_OA_ID, SIM_OA_SECRET, SIM_REFRESH_TOKEN

APP_ID, APP_SECRET = SIM_APP_ID, SIM_APP_SECRET
OA_ID, OA_SECRET = SIM_OA_ID, SIM_OA_SECRET
FIRST_TOKEN = SIM_REFRESH_TOKEN
WEBHOOK_PATH = "/webhook/zalo"


def bot_settings(database_url: str, port: int, zalo_url: str = "http://127.0.0.1:9") -> dict[str, str]:
    """The bot's environment with a real-looking Official Account; by default nobody listens as Zalo."""
    return {
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "SECRET_KEY": "a key for the benchmarks only",
        "LOG_LEVEL": "warning",
        "ZALO_APP_ID": APP_ID,
        "ZALO_APP_SECRET": APP_SECRET,
        "ZALO_OA_ID": OA_ID,
        "ZALO_OA_SECRET": OA_SECRET,
        "ZALO_API_URL": f"{zalo_url}/zalo/openapi",
        "ZALO_OAUTH_URL": f"{zalo_url}/zalo/oauth",
        "ZALO_RATE": "6000",
    }
