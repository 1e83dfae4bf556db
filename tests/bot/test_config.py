"""Settings: what is wrong is named, nothing secret is shown, and every variable is written down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.account import account_of
from bot.config import SAMPLE_WARD, ConfigError, Settings, read_settings
from bot.simulator import SIM_OA_ID

ROOT = Path(__file__).parent.parent.parent
NAMES = [name.upper() for name in Settings.model_fields]
REAL = {
    "ZALO_APP_ID": "4400000000000000002",
    "ZALO_APP_SECRET": "s1",
    "ZALO_OA_ID": "2500000000000000098",
    "ZALO_OA_SECRET": "s2",
}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return read_settings()


RUBBISH = [
    ("DATABASE_URL", "mysql://root@localhost/ward"),
    ("DATABASE_URL", "ward.db"),
    ("DATABASE_URL", "sqlite:ward.db"),
    ("DATABASE_URL", "postgresql://ward:bi-mat@host:khong-phai-so/ward"),
    ("PORT", "abc"),
    ("PORT", "-1"),
    ("PORT", "65536"),
    ("PUBLIC_URL", "phuong.example"),
    ("PUBLIC_URL", "https://"),
    ("SECRET_KEY", "bi-mat"),
    ("LOG_LEVEL", "loud"),
    ("ZALO_APP_ID", "ứng dụng"),
    ("ZALO_APP_ID", "9" * 33),
    ("ZALO_OA_ID", "25000 00000"),
    ("ZALO_SIGNATURE", "off"),
    ("ZALO_RATE", "0"),
    ("ZALO_RATE", "1e9"),
    ("ZALO_RATE", "nhanh"),
    ("ZALO_API_URL", "openapi.zalo.me"),
    ("ZALO_OAUTH_URL", "ftp://oauth.zaloapp.com"),
    ("ZALO_ZBS_URL", "https:///nowhere"),
    ("ZALO_REFRESH_TOKEN", "bi-mat có dấu"),
    ("ZALO_PHOTO_HOSTS", "https://zdn.vn"),
    ("ZALO_PHOTO_HOSTS", "vn"),
    ("ZALO_PHOTO_HOSTS", ","),
    ("ZALO_VERIFIER", "<script>"),
    ("SEND_LEASE_S", "0"),
]


@pytest.mark.parametrize(("name", "value"), RUBBISH)
def test_rubbish_is_refused_and_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ConfigError) as told:
        given(monkeypatch, **{name: value})
    lines = str(told.value).splitlines()
    assert lines[0] == "Cấu hình sai / wrong settings:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == [name]
    assert "bi-mat" not in str(told.value)


def test_several_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as told:
        given(monkeypatch, PORT="x", ZALO_RATE="y", LOG_LEVEL="z")
    assert all(name in str(told.value) for name in ("PORT", "ZALO_RATE", "LOG_LEVEL"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://ward@/ward?host=/var/run/postgresql"),
        ("DATABASE_URL", "sqlite:////srv/phuong/ward.db"),
        ("PUBLIC_URL", "https://phuong.example/duong"),
        ("ZALO_API_URL", "http://127.0.0.1:8000/simulator/zalo/openapi"),
        ("ZALO_REFRESH_TOKEN", "aB3-_.~/+="),
    ],
)
def test_what_is_right_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert getattr(given(monkeypatch, **{name: value}), name.lower()) == value


def test_empty_and_spaces_mean_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, PORT="", ZALO_APP_ID="", WARD_DIR="", ZALO_OA_SECRET="  s \n")
    assert (settings.port, settings.zalo_app_id, settings.ward_dir) == (8000, "", SAMPLE_WARD)
    assert settings.zalo_oa_secret == "s"


def test_settings_do_not_change_after_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch)
    with pytest.raises(ValueError, match="frozen"):
        settings.__setattr__("port", 1)


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("sqlite:///var/ward.db", "var"),
        ("sqlite:////srv/phuong/data/ward.db", "/srv/phuong/data"),
        ("sqlite:///ward.db", "."),
        ("sqlite:///:memory:", "var"),
        ("postgresql://ward@db/ward", "var"),
    ],
)
def test_our_files_lie_beside_the_sqlite_file(monkeypatch: pytest.MonkeyPatch, url: str, folder: str) -> None:
    assert given(monkeypatch, DATABASE_URL=url).var_dir == Path(folder)


# ── the account ─────────────────────────────────────────────────────────────────────────────────


def test_without_an_app_the_simulator_takes_zalos_place(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given(monkeypatch, PORT="8123", ZALO_OA_ID="1", ZALO_OA_SECRET="left over")
    account = account_of(settings)
    assert (settings.simulated, settings.zalo_gaps) == (True, [])
    assert account.oa_id == SIM_OA_ID
    assert account.api_url == "http://127.0.0.1:8123/simulator/zalo/openapi"


@pytest.mark.parametrize("name", ["ZALO_APP_SECRET", "ZALO_OA_ID", "ZALO_OA_SECRET"])
def test_what_a_real_oa_still_needs_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    settings = given(monkeypatch, **{key: value for key, value in REAL.items() if key != name})
    assert settings.zalo_gaps == [name]
    with pytest.raises(ConfigError, match=f"Còn thiếu / missing: {name}"):
        account_of(settings)


def test_a_real_account_is_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    account = account_of(given(monkeypatch, **REAL, ZALO_API_URL="https://api.example/"))
    assert (account.app_id, account.oa_id) == (REAL["ZALO_APP_ID"], REAL["ZALO_OA_ID"])
    assert (account.app_secret, account.oa_secret) == ("s1", "s2")
    assert (account.api_url, account.oauth_url) == ("https://api.example", "https://oauth.zaloapp.com")


# ── the documents ───────────────────────────────────────────────────────────────────────────────


def environment_table() -> dict[str, str]:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    return dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+?) \|", page, re.MULTILINE))


def test_every_setting_is_in_the_operations_page_and_no_other() -> None:
    assert sorted(environment_table()) == sorted(NAMES)


def test_the_written_defaults_are_the_real_ones() -> None:
    for name, written in environment_table().items():
        if written.startswith("`"):
            assert written.strip("`") == str(Settings.model_fields[name.lower()].default), name


def test_every_command_is_in_the_operations_page() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    for command in ("run", "web", "worker", "doctor", "backup", "restore", "purge", "oauth", "staff"):
        assert f"python -m bot {command}" in page
