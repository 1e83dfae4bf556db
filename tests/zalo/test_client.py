"""One message at a time against the simulated Zalo."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.replies import Button, Reply
from bot.zalo.client import ZaloClient
from bot.zalo.errors import rules
from bot.zalo.memory import OaMemory
from bot.zalo.messages import split_reply
from bot.zalo.results import CallFailed, RateLimit, seconds_until
from bot.zalo.tokens import TokenStore
from store.engine import write_tx
from store.schema import oa_tokens
from tests.support.simulator import RunningSimulator
from tests.zalo.parts import APP_SECRET, OA_ID, closed_port, oauth_client, token_store, utc_now

HELLO = Reply(text="Xin chào ông, bà")
BUTTONS = (Button(title="Hồ sơ", payload="#ward:hs"), Button(title="Lệ phí", payload="Lệ phí"))
CHOICE = Reply(text="Xin chọn", buttons=BUTTONS)
CS, V2 = "/v3.0/oa/message/cs", "/v2.0/oa/message"


def calls(zalo: RunningSimulator, path: str = CS) -> int:
    return int(zalo.counters()["api"].get(path, 0))


def error(code: int, match: str = "message", **more: Any) -> dict[str, Any]:
    return {"kind": "error", "match": match, "code": code, **more}


# --- the plain case --------------------------------------------------------------------------------------


def test_a_message_is_sent(client: ZaloClient, zalo: RunningSimulator, lan: str) -> None:
    result = client.send(lan, HELLO)
    (row,) = zalo.sent(lan)
    assert (result.kind, result.message_id, result.code) == ("sent", row["msg_id"], 0)
    assert result.quota_type == "reply"
    assert zalo.texts(lan) == [HELLO.text]


def test_buttons_and_quote(client: ZaloClient, zalo: RunningSimulator, lan: str) -> None:
    said = zalo.say(lan, "Hỏi")["msg_id"]
    assert client.send(lan, CHOICE.model_copy(update={"quote": said})).kind == "sent"
    (row,) = zalo.sent(lan)
    assert [button["title"] for button in row["body"]["attachment"]["payload"]["buttons"]] == [
        "Hồ sơ",
        "Lệ phí",
    ]


def test_every_part_of_a_long_reply(
    client: ZaloClient, zalo: RunningSimulator, lan: str, folder: Path
) -> None:
    (folder / "don.pdf").write_bytes(b"%PDF")
    parts = split_reply(Reply(text="Xin trả lời. " * 400, file="don.pdf", buttons=BUTTONS))
    assert [client.send(lan, part).kind for part in parts] == ["sent"] * len(parts)
    assert len(zalo.sent(lan)) == len(parts) == 4


@pytest.mark.parametrize("reply", [Reply(), Reply(text="a" * 2001), Reply(text="a", file="a.pdf")])
def test_what_is_not_one_message_is_rejected(
    client: ZaloClient, zalo: RunningSimulator, lan: str, reply: Reply
) -> None:
    assert client.send(lan, reply).kind == "reject"
    assert calls(zalo) == 0


def test_the_rate_limit_is_reported(client: ZaloClient, zalo: RunningSimulator, lan: str) -> None:
    zalo.zalo.configure(rate_limit_per_minute=2)
    assert client.send(lan, HELLO).rate == RateLimit(2, 1)
    client.send(lan, HELLO)
    result = client.send(lan, HELLO)
    assert (result.kind, result.code, result.rate) == ("retry", -32, RateLimit(2, 0))
    assert (result.delay_s or 0) >= 60


# --- the table -------------------------------------------------------------------------------------------

EXPECTED = {
    "retry": "retry",
    "wait": "wait",
    "stop_person": "person",
    "alert": "alert",
    "fix": "reject",
    "switch": "alert",
    "renew_token": "alert",
    "unknown": "reject",
}


@pytest.mark.parametrize("code", [*sorted(rules()), -98765])
def test_every_row_of_the_table(client: ZaloClient, zalo: RunningSimulator, lan: str, code: int) -> None:
    zalo.faults(error(code))
    result = client.send(lan, HELLO)
    action = rules()[code].action if code in rules() else "unknown"
    assert (result.kind, result.code) == (EXPECTED[action], code)
    assert str(code) in result.text
    assert len(result.text) <= 200
    assert (result.delay_s is not None) == (action in ("retry", "wait"))
    tried = {"switch": 2 if code == -235 else 1, "renew_token": 2}.get(action, 1)
    assert calls(zalo) + calls(zalo, V2) == tried
    assert zalo.sent(lan) == []


@pytest.mark.parametrize("code", [-200, -239])
def test_a_vague_failure_is_retried_once_at_most(
    client: ZaloClient, zalo: RunningSimulator, lan: str, code: int
) -> None:
    zalo.faults(error(code))
    assert [client.send(lan, HELLO, attempt).kind for attempt in (1, 2, 3)] == ["retry", "unknown", "unknown"]
    assert calls(zalo) == 3


@pytest.mark.parametrize("code", [-32, -214])
def test_a_clear_failure_is_retried_as_often_as_the_caller_likes(
    client: ZaloClient, zalo: RunningSimulator, lan: str, code: int
) -> None:
    zalo.faults(error(code))
    assert client.send(lan, HELLO, 7).kind == "retry"


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 21, 16, 5, tzinfo=UTC), 7),  # 23:05 in Vietnam
        (datetime(2026, 11, 21, 22, 5, tzinfo=UTC), 1),  # 05:05
        (datetime(2026, 11, 21, 23, 5, tzinfo=UTC), 24),  # 06:05 sharp
        (datetime(2026, 11, 22, 3, 5, tzinfo=UTC), 20),  # 10:05
    ],
)
def test_until_the_morning_in_vietnam(now: datetime, hours: int) -> None:
    assert seconds_until(time(6, 5), now) == timedelta(hours=hours).total_seconds()


# --- two endpoints ---------------------------------------------------------------------------------------


def test_a_government_oa_is_learned_once(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str
) -> None:
    zalo.zalo.configure(government=True)
    assert [client.send(lan, HELLO).kind for _ in range(3)] == ["sent"] * 3
    assert (calls(zalo), calls(zalo, V2)) == (1, 3)
    assert memory.get("send_endpoint") == "v2"
    assert len(zalo.sent(lan)) == 3


def test_a_change_back_is_learned_too(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str
) -> None:
    memory.set("send_endpoint", "v2")
    assert client.send(lan, HELLO).kind == "sent"
    assert memory.get("send_endpoint") == "v3"
    assert (calls(zalo), calls(zalo, V2)) == (1, 1)


def test_an_odd_memory_is_ignored(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str
) -> None:
    memory.set("send_endpoint", "v9")
    assert client.send(lan, HELLO).kind == "sent"


@pytest.mark.parametrize("remembered", ["v3", "v2"])
def test_two_endpoints_that_point_at_each_other_are_an_alert(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str, remembered: str
) -> None:
    memory.set("send_endpoint", remembered)
    zalo.faults(error(-235, "v3.0/oa/message"), error(-240, "v2.0/oa/message"))
    result = client.send(lan, HELLO)
    assert (result.kind, result.code) == ("alert", -240 if remembered == "v3" else -235)
    assert (calls(zalo), calls(zalo, V2)) == (1, 1)
    assert memory.get("send_endpoint") == remembered


@pytest.mark.parametrize(("remembered", "code"), [("v2", -235), ("v3", -240)])
def test_the_wrong_complaint_does_not_switch(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str, remembered: str, code: int
) -> None:
    memory.set("send_endpoint", remembered)
    zalo.faults(error(code))
    assert client.send(lan, HELLO).kind == "alert"
    assert calls(zalo) + calls(zalo, V2) == 1


@pytest.mark.parametrize("code", [-200, -201, -209, -212, -223, -224, -230, -233])
def test_no_other_error_switches(client: ZaloClient, zalo: RunningSimulator, lan: str, code: int) -> None:
    """A message may have gone out although an error came back (zalo-api §0)."""
    zalo.faults(error(code))
    client.send(lan, HELLO)
    assert (calls(zalo), calls(zalo, V2)) == (1, 0)


class FullDisk(OaMemory):
    """Reads, but cannot write."""

    def set(self, name: str, value: str) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))


def test_a_sent_message_is_sent_even_when_nothing_can_be_remembered(
    sqlite_engine: Engine, client: ZaloClient, zalo: RunningSimulator, lan: str
) -> None:
    zalo.zalo.configure(government=True)
    tokens = token_store(sqlite_engine, oauth_client(zalo.oauth_url))
    forgetful = ZaloClient(zalo.api_url, tokens, FullDisk(sqlite_engine, OA_ID))
    assert forgetful.send(lan, HELLO).kind == "sent"
    assert len(zalo.sent(lan)) == 1


def test_nothing_is_learned_from_a_switch_that_did_not_send(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str
) -> None:
    zalo.faults(error(-235, "v3.0/oa/message"), error(-230, "v2.0/oa/message"))
    assert client.send(lan, HELLO).kind == "person"
    assert memory.get("send_endpoint") is None


# --- tokens ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [-216, -220])
def test_a_refused_token_is_renewed_once(
    client: ZaloClient, zalo: RunningSimulator, lan: str, code: int
) -> None:
    zalo.faults(error(code, times=1))
    assert client.send(lan, HELLO).kind == "sent"
    assert zalo.counters()["oauth_refresh"] == 2
    assert len(zalo.sent(lan)) == 1


def test_a_token_that_is_refused_again_is_an_alert(
    client: ZaloClient, zalo: RunningSimulator, lan: str
) -> None:
    zalo.faults(error(-216))
    assert client.send(lan, HELLO).kind == "alert"
    assert zalo.counters()["oauth_refresh"] == 2
    assert calls(zalo) == 2


def test_a_token_replaced_elsewhere_is_read_again(
    client: ZaloClient, sqlite_engine: Engine, zalo: RunningSimulator, lan: str
) -> None:
    client.send(lan, HELLO)
    other: TokenStore = token_store(sqlite_engine, oauth_client(zalo.oauth_url), "other")
    other.renew(other.access_token())
    assert client.send(lan, HELLO).kind == "sent"
    assert zalo.counters()["oauth_refresh"] == 2


def test_token_trouble_is_an_alert_and_nothing_is_sent(
    client: ZaloClient, zalo: RunningSimulator, lan: str
) -> None:
    zalo.faults(error(-14014, "oauth"))
    result = client.send(lan, HELLO)
    assert (result.kind, result.code) == ("alert", None)
    assert "oauth" in result.text
    assert calls(zalo) == 0


def test_an_oauth_server_out_of_reach_is_a_retry(
    sqlite_engine: Engine, memory: OaMemory, zalo: RunningSimulator, lan: str
) -> None:
    tokens = token_store(sqlite_engine, oauth_client(closed_port()))
    tokens.start_with("first")
    result = ZaloClient(zalo.api_url, tokens, memory).send(lan, HELLO)
    assert (result.kind, calls(zalo)) == ("retry", 0)
    assert result.delay_s


def test_the_app_secret_proof(
    sqlite_engine: Engine, memory: OaMemory, client: ZaloClient, zalo: RunningSimulator, lan: str
) -> None:
    zalo.zalo.configure(require_appsecret_proof=True)
    assert client.send(lan, HELLO).code == -242
    tokens = token_store(sqlite_engine, oauth_client(zalo.oauth_url))
    proving = ZaloClient(zalo.api_url, tokens, memory, app_secret=APP_SECRET)
    assert proving.send(lan, HELLO).kind == "sent"


# --- mending ---------------------------------------------------------------------------------------------


def test_a_stale_quote_is_dropped(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str
) -> None:
    assert client.send(lan, CHOICE.model_copy(update={"quote": "long-gone"})).kind == "sent"
    (row,) = zalo.sent(lan)
    assert row["body"]["attachment"]["payload"]["buttons"]  # Zalo blamed the quote, so the buttons stayed
    assert memory.get("buttons") is None
    assert calls(zalo) == 2


@pytest.mark.parametrize("code", [-201, -233])
def test_refused_buttons_become_a_list_and_that_is_remembered(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str, code: int
) -> None:
    zalo.faults(error(code, times=1))
    assert client.send(lan, CHOICE).kind == "sent"
    assert zalo.texts(lan) == ["Xin chọn\n1. Hồ sơ\n2. Lệ phí"]
    assert memory.get("buttons") == "text"
    assert client.send(lan, CHOICE).kind == "sent"
    assert calls(zalo) == 3


def test_after_a_week_buttons_are_tried_again(
    client: ZaloClient, sqlite_engine: Engine, zalo: RunningSimulator, lan: str
) -> None:
    OaMemory(sqlite_engine, OA_ID, lambda: utc_now() - timedelta(days=7, minutes=1)).set("buttons", "text")
    assert client.send(lan, CHOICE).kind == "sent"
    assert zalo.sent(lan)[0]["kind"] == "buttons"


def test_when_zalo_does_not_say_both_are_left_out_and_nothing_is_learned(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str
) -> None:
    said = zalo.say(lan, "Hỏi")["msg_id"]
    zalo.faults(error(-201, message="Params is invalid", times=1))
    assert client.send(lan, CHOICE.model_copy(update={"quote": said})).kind == "sent"
    assert zalo.texts(lan) == ["Xin chọn\n1. Hồ sơ\n2. Lệ phí"]
    assert memory.get("buttons") is None


def test_blamed_buttons_leave_the_quote(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str
) -> None:
    said = zalo.say(lan, "Hỏi")["msg_id"]
    zalo.faults(error(-201, message="attachment.payload is invalid", times=1))
    assert client.send(lan, CHOICE.model_copy(update={"quote": said})).kind == "sent"
    (row,) = zalo.sent(lan)
    assert row["body"]["quote_message_id"] == said
    assert memory.get("buttons") == "text"


def test_one_mending_and_no_more(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str
) -> None:
    zalo.faults(error(-201))
    result = client.send(lan, CHOICE.model_copy(update={"quote": "gone"}))
    assert (result.kind, result.code) == ("reject", -201)
    assert calls(zalo) == 2
    assert memory.get("buttons") is None


def test_a_second_complaint_is_not_mended(client: ZaloClient, zalo: RunningSimulator, lan: str) -> None:
    zalo.faults(
        error(-201, message="quote_message_id is invalid", times=1),
        error(-201, message="attachment.payload is invalid", times=1),
    )
    assert client.send(lan, CHOICE.model_copy(update={"quote": "gone"})).code == -201
    assert calls(zalo) == 2


def test_a_switch_a_renewal_and_a_mending_in_one_message(
    client: ZaloClient, zalo: RunningSimulator, lan: str
) -> None:
    zalo.zalo.configure(government=True)
    zalo.faults(error(-220, "v3.0/oa/message", times=1), error(-233, "v2.0/oa/message", times=1))
    assert client.send(lan, CHOICE).kind == "sent"
    assert (calls(zalo), calls(zalo, V2)) == (2, 2)
    assert len(zalo.sent(lan)) == 1


# --- outcomes nobody knows -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [
        ({"kind": "drop_after_accept"}, 1),
        ({"kind": "drop_before"}, 0),
        ({"kind": "delay", "seconds": 3}, 1),
        ({"kind": "http", "status": 500}, 0),
        ({"kind": "http", "status": 503}, 0),
    ],
)
def test_an_unknown_outcome_is_called_so_and_not_repeated(
    client: ZaloClient, zalo: RunningSimulator, lan: str, fault: dict[str, Any], arrived: int
) -> None:
    client.oa_info()  # the token is there before
    zalo.faults({**fault, "match": "message"})
    result = client.send(lan, HELLO)
    assert (result.kind, result.code, result.delay_s) == ("unknown", None, None)
    assert "OA Manager" in result.text
    assert calls(zalo) == 1
    zalo.wait_until(lambda: len(zalo.sent(lan)) == arrived)


def test_a_mended_message_may_end_unknown_too(
    client: ZaloClient, zalo: RunningSimulator, memory: OaMemory, lan: str
) -> None:
    zalo.faults(error(-233, times=1), {"kind": "drop_after_accept", "match": "message", "times": 1})
    assert client.send(lan, CHOICE).kind == "unknown"
    assert memory.get("buttons") is None
    assert len(zalo.sent(lan)) == 1


# --- reading ---------------------------------------------------------------------------------------------


def test_who_is_this(client: ZaloClient, lan: str) -> None:
    detail = client.user_detail(lan)
    assert (detail.user_id, detail.display_name, detail.is_minor) == (lan, "Cô Lan", False)
    assert abs((detail.last_interaction or date.min) - utc_now().date()) <= timedelta(days=1)


def test_who_is_this_on_a_government_oa_with_the_old_address(
    client: ZaloClient, zalo: RunningSimulator, lan: str
) -> None:
    zalo.zalo.configure(government=True)
    zalo.faults(error(-235, "user/detail"))
    assert client.user_detail(lan).display_name == "Cô Lan"
    assert calls(zalo, "/v2.0/oa/getprofile") == 1


def test_the_oa(client: ZaloClient, zalo: RunningSimulator) -> None:
    assert (client.oa_info().oa_id, client.oa_info().oa_type) == (OA_ID, 2)
    zalo.zalo.configure(government=True)
    assert client.oa_info().oa_type == 4


def test_reading_renews_a_refused_token(client: ZaloClient, zalo: RunningSimulator) -> None:
    zalo.faults(error(-216, "getoa", times=1))
    assert client.oa_info().name
    assert zalo.counters()["oauth_refresh"] == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (error(-213, "user/detail"), "person"),
        (error(-32, "user/detail"), "retry"),
        ({"kind": "http", "match": "user/detail", "status": 502}, "retry"),
        ({"kind": "drop_before", "match": "user/detail"}, "retry"),
        (error(-14014, "oauth"), "alert"),
    ],
)
def test_reading_that_fails(
    client: ZaloClient, zalo: RunningSimulator, lan: str, fault: Any, kind: str
) -> None:
    zalo.faults(fault)
    with pytest.raises(CallFailed) as caught:
        client.user_detail(lan)
    assert caught.value.result.kind == kind
    assert lan not in str(caught.value)


# --- what is written down --------------------------------------------------------------------------------


def test_no_personal_data_and_no_token_in_the_log(
    client: ZaloClient, sqlite_engine: Engine, zalo: RunningSimulator, lan: str
) -> None:
    with capture_logs() as lines:
        client.send(lan, HELLO)
        client.user_detail(lan)
        zalo.faults(error(-201, message=f"user_id {lan} is invalid", times=2))
        client.send(lan, CHOICE)
        zalo.faults({"kind": "drop_before", "match": "message"})
        client.send(lan, HELLO)
        with write_tx(sqlite_engine) as connection:
            connection.execute(update(oa_tokens).values(expires_at=utc_now()))
        zalo.faults(error(-14014, "oauth"))
        client.send(lan, HELLO)
    said = repr(lines)
    assert len(lines) >= 8
    for secret in (lan, "Cô Lan", "Xin", "sim-at-", "sim-rt-"):
        assert secret not in said
