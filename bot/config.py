"""Settings from the environment (DESIGN §8), checked once at the start."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

NUMBER = r"^[0-9]{0,32}$"
WEB_ADDRESS = r"^https?://[^\s/]+[^\s]*$"
SAMPLE_WARD = Path(__file__).parent.parent / "ward" / "sample"


HOST_NAME = r"[a-z0-9-]+(\.[a-z0-9-]+)+"


def _names(value: str) -> tuple[str, ...]:
    return tuple(value.lower().replace(",", " ").split())


class ConfigError(ValueError):
    """The environment cannot be used; the text names the setting and the mend."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, str_strip_whitespace=True
    )

    database_url: str = Field("sqlite:///var/ward.db", description="SQLite file or postgresql://…")
    ward_dir: Path = Field(SAMPLE_WARD, description="folder with ward.toml; empty = the sample ward")
    public_url: str = Field(
        "", pattern=rf"^$|{WEB_ADDRESS}", description="https address that Zalo and citizens reach"
    )
    secret_key: str = Field("", description="≥ 16 characters; empty = made once in var/secret.key")
    port: int = Field(8000, ge=0, le=65535)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    zalo_app_id: str = Field("", pattern=NUMBER, description="empty = the simulator takes Zalo's place")
    zalo_app_secret: str = ""
    zalo_oa_id: str = Field("", pattern=NUMBER)
    zalo_oa_secret: str = ""
    zalo_refresh_token: str = Field(
        "", pattern=r"^[!-~]*$", description="the first one only; later ones are kept by us"
    )
    zalo_signature: Literal["log", "enforce"] = "enforce"
    zalo_rate: int = Field(60, ge=1, le=100_000, description="sends a minute")
    zalo_api_url: str = Field("https://openapi.zalo.me", pattern=WEB_ADDRESS)
    zalo_oauth_url: str = Field("https://oauth.zaloapp.com", pattern=WEB_ADDRESS)
    zalo_zbs_url: str = Field("https://business.openapi.zalo.me", pattern=WEB_ADDRESS)
    zalo_photo_hosts: str = Field(
        "zdn.vn zadn.vn zalo.me", description="hosts that citizens' pictures are fetched from, with sub-names"
    )
    zalo_verifier: str = Field("", pattern=r"^[A-Za-z0-9_-]*$", description="code of the domain check")
    smtp_url: str = Field(
        "",
        pattern=r"^$|^(smtps?://[^\s/]+/?|file:///\S+)$",
        description="smtp://user:password@host:587; empty = officials get no digest by e-mail",
    )
    sms_url: str = Field(
        "",
        pattern=r"^$|^file:///\S+$",
        description="file:///folder that the ward's SMS program empties; empty = no SMS",
    )
    mail_from: str = Field("", pattern=r"^$|^[^\r\n]*[^@\s]@[^@\s]+$", description="sender of the digests")
    send_lease_s: int = Field(120, ge=1, description="after this long a send without answer is unknown")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        try:
            make_url(value)
        except (ArgumentError, ValueError) as error:  # their text may show the password
            raise ValueError("not an address of a database") from error
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("at least 16 characters; leave it empty to have one made")
        return value

    @field_validator("zalo_photo_hosts")
    @classmethod
    def _host_names(cls, value: str) -> str:
        wrong = [name for name in _names(value) if not re.fullmatch(HOST_NAME, name)]
        if wrong or not _names(value):
            raise ValueError('names of hosts like "zdn.vn zadn.vn", without https:// and path')
        return value

    @property
    def photo_hosts(self) -> tuple[str, ...]:
        return _names(self.zalo_photo_hosts)

    @property
    def var_dir(self) -> Path:
        """Where files of ours live: beside the SQLite database, else `var/`."""
        url = make_url(self.database_url)
        own_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
        return Path(str(url.database)).parent if own_file else Path("var")

    @property
    def simulated(self) -> bool:
        return not self.zalo_app_id

    @cached_property
    def zalo_gaps(self) -> list[str]:
        """Names of the settings a real OA still needs."""
        if self.simulated:
            return []
        needed = ("zalo_app_secret", "zalo_oa_id", "zalo_oa_secret")
        return [name.upper() for name in needed if not getattr(self, name)]


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"  {str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()]
        raise ConfigError("Cấu hình sai / wrong settings:\n" + "\n".join(lines)) from error
