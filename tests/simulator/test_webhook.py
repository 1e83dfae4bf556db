"""Signed delivery, retries, order, restart."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests

from bot.simulator import SIM_APP_ID, SIM_OA_ID, SIM_OA_SECRET, sign
from tests.support.simulator import RunningSimulator, WebhookListener, listening

SIGNATURE = "X-Zevent-Signature"
LADDER = [0.05, 0.05, 0.05]


def test_the_published_vector() -> None:
    body = '{"app_id":"4400000000000000001","event_name":"user_send_text","timestamp":"1763708400000"}'
    expected = "mac=5ca9d7a74488e931eb4d3ca138985e71b504f2f708692e18c6730f9531bebcde"
    assert sign("4400000000000000001", body, "1763708400000", "dummy-oa-secret") == expected


def test_an_event_is_signed_over_the_raw_bytes(webhook: WebhookListener) -> None:
    with RunningSimulator(webhook_url=webhook.url) as zalo:
        zalo.say("Cô Lan", "Đăng ký khai sinh “cần gì” ạ? 🙏")
        zalo.wait_delivered()
    [call] = webhook.received
    stamp = call.event["timestamp"]
    joined = SIM_APP_ID.encode() + call.raw + stamp.encode() + SIM_OA_SECRET.encode()
    assert call.headers[SIGNATURE] == "mac=" + hashlib.sha256(joined).hexdigest()
    assert call.headers["Content-Type"] == "application/json"
    compact = json.dumps(call.event, ensure_ascii=False, separators=(",", ":")).encode()
    assert call.raw == compact


def test_the_shape_of_a_text(webhook: WebhookListener) -> None:
    with RunningSimulator(webhook_url=webhook.url) as zalo:
        lan = zalo.add("Cô Lan", "7100000000000000011")
        said = zalo.say(lan, "Xin chào")
        zalo.wait_delivered()
    event = webhook.received[0].event
    assert event["app_id"] == SIM_APP_ID
    assert event["sender"] == {"id": lan}
    assert event["recipient"] == {"id": SIM_OA_ID}
    assert event["event_name"] == "user_send_text"
    assert event["message"] == {"msg_id": said["msg_id"], "text": "Xin chào"}
    assert len(event["timestamp"]) == 13
    assert event["timestamp"].isdigit()
    assert "oa_id" not in event


def test_every_kind_of_message_and_act(webhook: WebhookListener) -> None:
    with RunningSimulator(webhook_url=webhook.url) as zalo:
        lan = zalo.add("Cô Lan")
        zalo.act(lan, "follow")
        zalo.act(lan, "chatnow")
        zalo.say(lan, "Xin chào")
        zalo.send_file(lan, "image", "a.png", b"\x89PNG\r\n\x1a\n123")
        zalo.send_file(lan, "file", "don.pdf", b"%PDF-1.7")
        zalo.act(lan, "location", latitude=10.77, longitude=106.66)
        zalo.act(lan, "sticker", id="20477")
        zalo.act(lan, "audio")
        zalo.act(lan, "info", name="Lan", phone="84900000000")
        zalo.act(lan, "staff", text="Cán bộ trả lời")
        zalo.act(lan, "unfollow")
        zalo.act(lan, "withdraw")
        zalo.wait_delivered()
        image = webhook.received[3].event["message"]["attachments"][0]["payload"]["url"]
        assert requests.get(image, timeout=5).content.startswith(b"\x89PNG")
    assert webhook.names() == [
        "follow", "user_click_chatnow", "user_send_text", "user_send_image", "user_send_file",
        "user_send_location", "user_send_sticker", "user_send_audio", "user_submit_info",
        "oa_send_text", "unfollow", "user_withdraw",
    ]  # fmt: skip
    events = [call.event for call in webhook.received]
    assert events[0]["follower"] == {"id": lan}
    assert "sender" not in events[0]
    place = events[5]["message"]["attachments"][0]["payload"]["coordinates"]
    assert place == {"latitude": "10.77", "longitude": "106.66"}
    assert events[4]["message"]["attachments"][0]["payload"]["name"] == "don.pdf"
    assert events[9]["sender"]["id"] == SIM_OA_ID
    assert events[9]["sender"]["admin_id"]
    assert events[9]["recipient"] == {"id": lan}


def test_the_shapes_agree_with_the_collected_examples(webhook: WebhookListener) -> None:
    """Key for key, what a ward's bot must expect from the real Zalo."""
    with RunningSimulator(webhook_url=webhook.url) as zalo:
        lan = zalo.add("Cô Lan")
        zalo.act(lan, "follow")
        zalo.say(lan, "Xin chào")
        zalo.act(lan, "staff", text="Chào cô")
        zalo.wait_delivered()
    common = {"app_id", "event_name", "timestamp", "user_id_by_app"}
    keys = [set(call.event) for call in webhook.received]
    parties = {"sender", "recipient", "message"}
    assert keys == [common | {"oa_id", "follower", "source"}, common | parties, common | parties]


def test_an_accepted_send_is_echoed(webhook: WebhookListener) -> None:
    with RunningSimulator(webhook_url=webhook.url) as zalo:
        lan = zalo.person("Cô Lan")
        zalo.say(lan, "Xin chào")
        answer = zalo.send(lan, {"text": "Chào cô"}, zalo.token())
        zalo.wait_delivered()
    echo = webhook.received[1].event
    assert echo["event_name"] == "oa_send_text"
    assert echo["sender"] == {"id": SIM_OA_ID}
    assert echo["message"] == {"msg_id": answer["data"]["message_id"], "text": "Chào cô"}


def test_a_tap_comes_back_as_the_persons_text(webhook: WebhookListener) -> None:
    buttons = [
        {"title": "Hồ sơ", "type": "oa.query.show", "payload": "#ward:ho-so"},
        {"title": "Lệ phí", "type": "oa.query.hide", "payload": "#ward:le-phi"},
        {"title": "Cổng", "type": "oa.open.url", "payload": {"url": "https://dichvucong.gov.vn"}},
    ]
    message = {"text": "Chọn", "attachment": {"type": "template", "payload": {"buttons": buttons}}}
    with RunningSimulator(webhook_url=webhook.url) as zalo:
        lan = zalo.person("Cô Lan")
        zalo.say(lan, "Xin chào")
        zalo.send(lan, message, zalo.token())
        assert zalo.tap(lan, "Hồ sơ")["hidden"] is False
        assert zalo.tap(lan, "Lệ phí")["hidden"] is True
        assert zalo.tap(lan, "Cổng") == {"opens": {"url": "https://dichvucong.gov.vn"}}
        zalo.wait_delivered()
        shown = [row["text"] for row in zalo.call("GET", "updates")["messages"]]
    assert [text for text in webhook.texts() if text.startswith("#")] == ["#ward:ho-so", "#ward:le-phi"]
    assert "#ward:le-phi" not in shown


@pytest.mark.parametrize("status", [500, 404, 301, 204])
def test_anything_but_200_is_retried_with_num_retry(status: int) -> None:
    with listening([status, status]) as webhook:
        with RunningSimulator(webhook_url=webhook.url, webhook_retry_ladder=LADDER) as zalo:
            zalo.say("Cô Lan", "Xin chào")
            zalo.wait_delivered()
            counted = zalo.counters()["webhook"]
        tries = webhook.received
    assert len({call.raw for call in tries}) == 1
    assert len({call.headers[SIGNATURE] for call in tries}) == 1
    assert counted == {"delivered": 1, "failures": 2, "abandoned": 0, "pending": 0}


class WireHandler(BaseHTTPRequestHandler):
    """Refuses twice; remembers num_retry from the wire, for WSGI servers drop names with an underscore."""

    seen: ClassVar[list[str | None]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(self.headers["num_retry"])
        self.send_response(200 if len(self.seen) > 2 else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


def test_num_retry_counts_the_re_sends() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), WireHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        with RunningSimulator(webhook_url=url, webhook_retry_ladder=LADDER) as zalo:
            zalo.say("Cô Lan", "Xin chào")
            zalo.wait_delivered()
        server.shutdown()
    assert WireHandler.seen == [None, "1", "2"]


def test_a_slow_webhook_counts_as_no_answer() -> None:
    settings: dict[str, Any] = {"webhook_timeout": 0.1, "webhook_retry_ladder": [0.05]}
    with listening(delay=0.3) as webhook, RunningSimulator(webhook_url=webhook.url, **settings) as zalo:
        zalo.say("Cô Lan", "Xin chào")
        zalo.wait_until(lambda: zalo.counters()["webhook"]["abandoned"] == 1)
        assert len(webhook.received) == 2
        state = zalo.call("GET", f"people/{zalo.person('Cô Lan')}/messages")["messages"][0]["state"]
    assert state == "failed"


def test_the_ladder_is_climbed_step_by_step_and_can_switch_the_webhook_off() -> None:
    settings: dict[str, Any] = {"webhook_retry_ladder": [0.05, 0.2], "webhook_switch_off": True}
    with listening([500] * 9) as webhook, RunningSimulator(webhook_url=webhook.url, **settings) as zalo:
        zalo.say("Cô Lan", "Xin chào")
        zalo.wait_until(lambda: not zalo.zalo.settings.webhook_enabled)
        first, second, third = (call.at for call in webhook.received)
        assert second - first >= 0.05
        assert third - second >= 0.2
        zalo.say("Cô Lan", "Có ai không")
        zalo.wait_delivered()
        assert len(webhook.received) == 3


def test_waiting_retries_can_be_hurried() -> None:
    with listening([500]) as webhook, RunningSimulator(webhook_url=webhook.url) as zalo:
        zalo.say("Cô Lan", "Xin chào")
        zalo.wait_until(lambda: zalo.counters()["webhook"]["failures"] == 1)
        zalo.wait_until(lambda: zalo.call("POST", "webhook/retry") and len(webhook.received) == 2)
        zalo.wait_delivered()


def test_each_persons_events_come_in_order_even_through_failures() -> None:
    with listening([500, 200, 500, 500, 200] * 4) as webhook:
        with RunningSimulator(webhook_url=webhook.url, webhook_retry_ladder=[0.01] * 9) as zalo:
            people = [zalo.add(f"Người {n}") for n in range(4)]
            for number in range(25):
                for person in people:
                    zalo.say(person, f"{number}")
            zalo.wait_delivered(15)
        arrived: dict[str, list[str]] = {person: [] for person in people}
        for call in webhook.received:
            texts = arrived[call.event["sender"]["id"]]
            if call.event["message"]["text"] not in texts[-1:]:
                texts.append(call.event["message"]["text"])
    assert all(texts == [str(n) for n in range(25)] for texts in arrived.values())


def test_without_ordered_retries_a_later_event_overtakes() -> None:
    settings: dict[str, Any] = {"ordered_retries": False, "webhook_retry_ladder": [0.5]}
    with listening([500]) as webhook, RunningSimulator(webhook_url=webhook.url, **settings) as zalo:
        zalo.say("Cô Lan", "một")
        zalo.say("Cô Lan", "hai")
        zalo.wait_delivered()
    assert webhook.texts() == ["một", "hai", "một"]


def test_undelivered_events_survive_a_restart(tmp_path: Path, webhook: WebhookListener) -> None:
    with RunningSimulator(tmp_path / "s.db", webhook_url="http://127.0.0.1:9/nobody") as zalo:
        lan = zalo.person("Cô Lan")
        for text in ("một", "hai"):
            zalo.say(lan, text)
        zalo.wait_until(lambda: zalo.counters()["webhook"]["failures"] == 1)
    with RunningSimulator(tmp_path / "s.db", webhook_url=webhook.url) as zalo:
        zalo.call("POST", "webhook/retry")
        zalo.wait_delivered()
        assert webhook.texts() == ["một", "hai"]
        assert [row["text"] for row in zalo.zalo.chat.after(0)] == ["một", "hai"]
        assert zalo.zalo.people.get(lan)["name"] == "Cô Lan"


def test_an_event_can_be_repeated_unchanged(webhook: WebhookListener) -> None:
    with RunningSimulator(webhook_url=webhook.url) as zalo:
        zalo.say("Cô Lan", "Xin chào")
        zalo.wait_delivered()
        assert zalo.call("POST", "webhook/repeat")["ok"] is True
        zalo.wait_until(lambda: len(webhook.received) == 2)
    assert webhook.received[0].raw == webhook.received[1].raw


def test_the_consoles_check_button(webhook: WebhookListener) -> None:
    with RunningSimulator(webhook_url=webhook.url) as zalo:
        assert zalo.call("POST", "webhook/check") == {"status": 200, "ok": True}
    event = webhook.received[0].event
    assert event["message"]["text"] == "This is testing message"
    assert event["recipient"]["id"] != SIM_OA_ID


def test_receipts_when_switched_on(webhook: WebhookListener) -> None:
    with RunningSimulator(webhook_url=webhook.url, receipts=True, echo_same_id=False) as zalo:
        zalo.say("Cô Lan", "Xin chào")
        sent = zalo.send(zalo.person("Cô Lan"), {"text": "Chào cô"}, zalo.token())["data"]
        zalo.act("Cô Lan", "seen")
        zalo.wait_delivered()
    names = ["user_send_text", "oa_send_text", "user_received_message", "user_seen_message"]
    assert webhook.names() == names
    events = [call.event for call in webhook.received]
    assert events[1]["message"]["msg_id"] != sent["message_id"]
    assert events[2]["message"]["msg_id"] == sent["message_id"]
    assert events[3]["message"]["msg_ids"] == [sent["message_id"]]


def test_a_hundred_events_a_second(tmp_path: Path, webhook: WebhookListener) -> None:
    count = 600
    with RunningSimulator(tmp_path / "s.db", webhook_url=webhook.url) as zalo:
        people = [zalo.zalo.people.add(f"Người {n}")["id"] for n in range(20)]
        started = time.monotonic()
        for number in range(count):
            zalo.zalo.chat.emit(people[number % 20], "user_send_text", {"message": {"text": str(number)}})
        zalo.wait_delivered(30)
        took = time.monotonic() - started
    assert len(webhook.received) == count
    assert count / took >= 100
