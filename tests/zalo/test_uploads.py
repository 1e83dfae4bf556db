"""Pictures and files: checked before the upload, remembered after it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.replies import Reply
from bot.simulator.settings import SIM_REFRESH_TOKEN
from bot.zalo.client import ZaloClient
from bot.zalo.memory import OaMemory
from tests.support.simulator import RunningSimulator
from tests.zalo.parts import OA_ID, oauth_client, token_store, utc_now

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
JPG = b"\xff\xd8\xff" + b"\x00" * 100
MEGABYTE = 1024 * 1024


def uploads(zalo: RunningSimulator, kind: str = "image") -> int:
    return int(zalo.counters()["api"].get(f"/v2.0/oa/upload/{kind}", 0))


@pytest.mark.parametrize(("name", "data"), [("so-do.png", PNG), ("sơ đồ.jpg", JPG), ("no-suffix", JPG)])
def test_a_local_picture(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path, name: str, data: bytes
) -> None:
    (folder / name).write_bytes(data)
    assert client.send(lan, Reply(text="Sơ đồ", image=name)).kind == "sent"
    (row,) = zalo.sent(lan)
    assert row["kind"] == "image"
    assert row["text"] == "Sơ đồ"


def test_a_local_file(client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path) -> None:
    (folder / "don.pdf").write_bytes(b"%PDF-1.7")
    assert client.send(lan, Reply(file="don.pdf")).kind == "sent"
    (row,) = zalo.sent(lan)
    assert (row["kind"], row["text"]) == ("file", "")
    token = row["body"]["attachment"]["payload"]["token"]
    assert zalo.zalo.files.get(token)["name"] == "don.pdf"


def test_a_picture_at_an_address_is_not_uploaded(
    client: ZaloClient, zalo: RunningSimulator, lan: str
) -> None:
    assert client.send(lan, Reply(text="Ảnh", image="https://example.gov.vn/a.png")).kind == "sent"
    assert uploads(zalo) == 0
    (element,) = zalo.sent(lan)[0]["body"]["attachment"]["payload"]["elements"]
    assert element["url"] == "https://example.gov.vn/a.png"


def test_a_picture_is_uploaded_once_and_a_changed_one_again(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path
) -> None:
    for data in (PNG, PNG, PNG + b"1"):
        (folder / "a.png").write_bytes(data)
        assert client.send(lan, Reply(image="a.png")).kind == "sent"
    assert uploads(zalo) == 2


def test_a_remembered_picture_is_uploaded_again_before_zalo_drops_it(
    client: ZaloClient, sqlite_engine: Engine, zalo: RunningSimulator, lan: str, folder: Path
) -> None:
    (folder / "a.png").write_bytes(PNG)
    client.send(lan, Reply(image="a.png"))
    memory = OaMemory(sqlite_engine, OA_ID, lambda: utc_now() + timedelta(days=6, minutes=1))
    tokens = token_store(sqlite_engine, oauth_client(zalo.oauth_url))
    assert (
        ZaloClient(zalo.api_url, tokens, memory, files_root=folder).send(lan, Reply(image="a.png")).kind
        == "sent"
    )
    assert uploads(zalo) == 2


def test_an_expired_picture_is_uploaded_again_once(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path
) -> None:
    (folder / "a.png").write_bytes(PNG)
    client.send(lan, Reply(image="a.png"))
    zalo.zalo.store.run("UPDATE files SET added_at = added_at - 8 * 24 * 3600 * 1000")
    assert client.send(lan, Reply(image="a.png")).kind == "sent"
    assert uploads(zalo) == 2
    zalo.faults({"kind": "error", "match": "message/cs", "code": -100})
    result = client.send(lan, Reply(image="a.png"))
    assert (result.kind, result.code) == ("reject", -100)
    assert uploads(zalo) == 3


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.gif", b"GIF89a", "JPG hoặc PNG"),
        ("a.png", b"<svg>", "JPG hoặc PNG"),
        ("a.png", b"", "JPG hoặc PNG"),
        ("a.png", PNG + b"0" * MEGABYTE, "1 MB"),
        ("a.png", PNG + b"0" * 5 * MEGABYTE, "5 MB"),
    ],
)
def test_pictures_zalo_would_refuse(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path, name: str, data: bytes, why: str
) -> None:
    (folder / name).write_bytes(data)
    result = client.send(lan, Reply(text="Ảnh", image=name))
    assert result.kind == "reject"
    assert why in result.text
    assert zalo.counters()["api"] == {}


@pytest.mark.parametrize(
    ("name", "data"), [("a.exe", b"MZ"), ("a", b"x"), ("a.pdf", b""), ("a.pdf", b"%" * (5 * MEGABYTE + 1))]
)
def test_files_zalo_would_refuse(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path, name: str, data: bytes
) -> None:
    (folder / name).write_bytes(data)
    assert client.send(lan, Reply(file=name)).kind == "reject"
    assert zalo.counters()["api"] == {}


@pytest.mark.parametrize(
    "path", ["../secret.pdf", "/etc/passwd", "a/../../secret.pdf", "link.pdf", "", ".", "a\0b", "no.pdf"]
)
def test_nothing_outside_the_folder(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path, path: str
) -> None:
    (folder.parent / "secret.pdf").write_bytes(b"%PDF secret")
    (folder / "link.pdf").symlink_to(folder.parent / "secret.pdf")
    for reply in (Reply(text="x", file=path), Reply(text="x", image=path)):
        if path:
            assert client.send(lan, reply.model_copy(update={"text": ""})).kind == "reject"
    assert zalo.counters()["api"] == {}


@pytest.mark.parametrize("address", ["http://example.gov.vn/a.png", "file:///etc/passwd", "ftp://a/b"])
def test_other_addresses(client: ZaloClient, zalo: RunningSimulator, lan: str, address: str) -> None:
    assert client.send(lan, Reply(text="x", image=address)).kind == "reject"
    assert zalo.counters()["api"] == {}


def test_without_a_folder_nothing_local_is_sent(
    sqlite_engine: Engine, memory: OaMemory, zalo: RunningSimulator, lan: str
) -> None:
    tokens = token_store(sqlite_engine, oauth_client(zalo.oauth_url))
    tokens.start_with(SIM_REFRESH_TOKEN)
    assert ZaloClient(zalo.api_url, tokens, memory).send(lan, Reply(file="a.pdf")).kind == "reject"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "http", "status": 502},
        {"kind": "drop_before"},
        {"kind": "drop_after_accept"},
        {"kind": "error", "code": -200},
        {"kind": "error", "code": -32},
        {"kind": "delay", "seconds": 3},
    ],
)
@pytest.mark.parametrize("attempt", [1, 5])
def test_a_failed_upload_is_never_an_unknown_message(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path, fault: dict[str, object], attempt: int
) -> None:
    (folder / "a.png").write_bytes(PNG)
    zalo.faults({**fault, "match": "upload", "times": 1})
    result = client.send(lan, Reply(image="a.png"), attempt)
    assert result.kind == "retry"
    assert result.delay_s
    assert client.send(lan, Reply(image="a.png")).kind == "sent"
    assert len(zalo.sent(lan)) == 1


@pytest.mark.parametrize(
    ("code", "kind"), [(-201, "reject"), (-210, "reject"), (-224, "alert"), (-999, "reject")]
)
def test_a_refused_upload(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path, code: int, kind: str
) -> None:
    (folder / "a.png").write_bytes(PNG)
    zalo.faults({"kind": "error", "match": "upload", "code": code})
    result = client.send(lan, Reply(image="a.png"))
    assert (result.kind, result.code) == (kind, code)
    assert zalo.sent(lan) == []


def test_a_dead_token_is_renewed_for_an_upload_too(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path
) -> None:
    (folder / "a.png").write_bytes(PNG)
    zalo.faults({"kind": "error", "match": "upload", "code": -216, "times": 1})
    assert client.send(lan, Reply(image="a.png")).kind == "sent"
    assert zalo.counters()["oauth_refresh"] == 2
