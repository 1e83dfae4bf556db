"""The simulator's own JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from bot.simulator import SIM_APP_ID, SIM_OA_ID
from tests.support.simulator import RunningSimulator

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
HTML = b"<script>alert(1)</script>"


def status(zalo: RunningSimulator, method: str, path: str, body: Any = None) -> int:
    return requests.request(method, f"{zalo.url}/api/{path}", json=body, timeout=5).status_code


def test_people_have_long_ids_and_free_names(zalo: RunningSimulator) -> None:
    first, second = zalo.add("Nguyễn Thị Lan"), zalo.add("Nguyễn Thị Lan")
    assert first != second
    assert int(first) > 2**53
    people = zalo.call("GET", "people")["people"]
    assert [person["name"] for person in people] == ["Nguyễn Thị Lan"] * 2


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "people", {"name": ""}, 400),
        ("POST", "people", {"name": "Lan", "id": "abc"}, 400),
        ("POST", "people/7199999999999999999/text", {"text": "a"}, 404),
        ("GET", "people/7199999999999999999/messages", None, 404),
        ("PATCH", "settings", {"webhook_timeout": 0}, 400),
        ("PATCH", "settings", {"colour": "red"}, 400),
        ("PUT", "faults", {"faults": [], "seed": "x"}, 400),
        ("PUT", "faults", None, 400),
    ],
)
def test_wrong_calls_are_refused(
    zalo: RunningSimulator, method: str, path: str, body: Any, expected: int
) -> None:
    assert status(zalo, method, path, body) == expected


def test_wrong_calls_about_a_person(zalo: RunningSimulator, lan: str) -> None:
    assert status(zalo, "POST", "people", {"name": "Lan", "id": lan}) == 409
    assert status(zalo, "POST", f"people/{lan}/text", {"text": ""}) == 400
    assert status(zalo, "POST", f"people/{lan}/tap", {"msg_id": "x", "index": 0}) == 404
    assert status(zalo, "POST", f"people/{lan}/location", {"latitude": 91, "longitude": 0}) == 400
    assert status(zalo, "POST", f"people/{lan}/image") == 400
    assert status(zalo, "POST", f"people/{lan}/react", {"msg_id": "x"}) == 404


def test_messages_come_after_a_sequence(zalo: RunningSimulator, lan: str) -> None:
    first = zalo.call("GET", f"people/{lan}/messages")
    assert [row["text"] for row in first["messages"]] == ["Xin chào"]
    zalo.say(lan, "Còn ai không")
    later = zalo.call("GET", f"people/{lan}/messages?after={first['last']}")
    assert [row["text"] for row in later["messages"]] == ["Còn ai không"]
    assert zalo.call("GET", f"people/{lan}/messages?after={later['last']}")["messages"] == []


def test_settings_have_their_defaults_and_can_be_patched(zalo: RunningSimulator) -> None:
    settings = zalo.call("GET", "settings")
    assert (settings["app_id"], settings["oa_id"]) == (SIM_APP_ID, SIM_OA_ID)
    assert settings["webhook_retry_ladder"] == [30, 300, 900, 1800, 3600]
    assert settings["rate_limit_per_minute"] is None
    assert zalo.call("PATCH", "settings", {"government": True})["government"] is True
    assert zalo.call("GET", "settings")["government"] is True


def test_counters_tell_what_was_called(zalo: RunningSimulator, token: str, lan: str) -> None:
    zalo.send(lan, {"text": "Chào cô"}, token)
    zalo.send(lan, {"text": ""}, token)
    counters = zalo.call("GET", "counters")
    assert counters["api"] == {"/v3.0/oa/message/cs": 2}
    assert counters["sent"] == {"reply": 1}
    assert counters["oauth_refresh"] == 0


def test_sent_is_listed_over_http_too(zalo: RunningSimulator, token: str, lan: str) -> None:
    zalo.send(lan, {"text": "một"}, token)
    zalo.send(lan, {"text": "hai"}, token)
    rows = zalo.call("GET", "sent")["sent"]
    assert [row["text"] for row in rows] == ["một", "hai"]
    assert zalo.call("GET", f"sent?after={rows[0]['seq']}")["sent"] == rows[1:]
    assert zalo.call("GET", "sent?user_id=1")["sent"] == []


def test_a_reset_keeps_tokens_and_settings(zalo: RunningSimulator, token: str, lan: str) -> None:
    zalo.zalo.configure(oa_name="Phường Thử")
    zalo.faults({"kind": "drop_before"})
    zalo.call("POST", "reset")
    assert zalo.call("GET", "people")["people"] == []
    assert zalo.sent() == []
    again = zalo.person("Cô Lan")
    zalo.say(again, "Xin chào")
    assert zalo.send(again, {"text": "Chào cô"}, token)["error"] == 0
    assert zalo.zalo.settings.oa_name == "Phường Thử"


@pytest.mark.parametrize(
    ("action", "name", "data", "inline"),
    [("image", "a.png", PNG, True), ("file", "a.html", HTML, False), ("audio", "a.amr", b"#!AMR\n", False)],
)
def test_files_are_served_without_risk(
    zalo: RunningSimulator, lan: str, action: str, name: str, data: bytes, inline: bool
) -> None:
    kept = zalo.send_file(lan, action, name, data)
    answer = requests.get(f"{zalo.url}/{kept['content']['url']}", timeout=5)
    assert answer.content == data
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline" if inline else "attachment")
    assert "html" not in answer.headers["Content-Type"]


def test_a_picture_that_is_none_is_refused(zalo: RunningSimulator, lan: str) -> None:
    url = f"{zalo.url}/api/people/{lan}/image"
    assert requests.post(url, files={"file": ("a.png", HTML)}, timeout=5).status_code == 400


def test_people_chats_and_settings_outlive_a_restart(tmp_path: Path) -> None:
    with RunningSimulator(tmp_path / "s.db", government=True) as zalo:
        lan = zalo.add("Cô Lan")
        zalo.say(lan, "Xin chào")
        zalo.send(lan, {"text": "Chào cô"}, zalo.token(), "v2.0/oa/message")
    with RunningSimulator(tmp_path / "s.db") as zalo:
        assert zalo.zalo.settings.government is True
        rows = zalo.call("GET", f"people/{lan}/messages")["messages"]
        assert [(row["direction"], row["text"]) for row in rows] == [("in", "Xin chào"), ("out", "Chào cô")]
        assert zalo.texts() == ["Chào cô"]


def test_the_simulator_shares_no_code_with_the_project() -> None:
    folder = Path(__file__).parents[2] / "bot" / "simulator"
    for source in folder.glob("*.py"):
        lines = [line for line in source.read_text().splitlines() if line.startswith(("import ", "from "))]
        own = [line for line in lines if line.split()[1].split(".")[0] in _PROJECT]
        assert all(line.split()[1].startswith("bot.simulator") for line in own), source.name


_PROJECT = {"bot", "store", "knowledge", "ward", "handlers", "console"}
