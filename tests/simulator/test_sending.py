"""What the sending API takes and refuses."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.support.simulator import RunningSimulator

V2 = "v2.0/oa/message"
TEXT = {"text": "Chào cô Lan"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
GIF = b"GIF89a" + b"\0" * 64


def template(**payload: Any) -> dict[str, Any]:
    return {"type": "template", "payload": payload}


def query(title: str = "Hồ sơ", payload: str = "#ward:ho-so") -> dict[str, Any]:
    return {"title": title, "type": "oa.query.show", "payload": payload}


def with_buttons(*buttons: dict[str, Any], text: str = "Chọn một việc") -> dict[str, Any]:
    return {"text": text, "attachment": template(buttons=list(buttons))}


def media(**element: Any) -> dict[str, Any]:
    return {"attachment": template(template_type="media", elements=[element])}


def upload(zalo: RunningSimulator, token: str, kind: str, name: str, data: bytes) -> dict[str, Any]:
    url = f"{zalo.api_url}/v2.0/oa/upload/{kind}"
    answer = requests.post(url, files={"file": (name, data)}, headers={"access_token": token}, timeout=10)
    return dict(answer.json())


def test_an_accepted_text_is_answered_stored_and_listed(zalo: RunningSimulator, token: str, lan: str) -> None:
    answer = zalo.send(lan, TEXT, token)
    assert answer["error"] == 0
    assert answer["message"] == "Success"
    data = answer["data"]
    assert data["user_id"] == lan
    assert data["sent_time"].isdigit()
    assert data["quota"]["quota_type"] == "reply"
    [sent] = zalo.sent()
    assert sent["text"] == TEXT["text"]
    assert sent["body"] == TEXT
    assert sent["msg_id"] == data["message_id"]
    assert zalo.call("GET", f"people/{lan}/messages")["messages"][-1]["text"] == TEXT["text"]


def test_business_and_government_use_different_endpoints(
    zalo: RunningSimulator, token: str, lan: str
) -> None:
    assert zalo.send(lan, TEXT, token, V2)["error"] == -240
    zalo.call("PATCH", "settings", {"government": True})
    assert zalo.send(lan, TEXT, token)["error"] == -235
    assert zalo.send(lan, TEXT, token, V2)["error"] == 0
    assert len(zalo.sent()) == 1


@pytest.mark.parametrize(("government", "oa_type"), [(False, 2), (True, 4)])
def test_getoa_tells_the_kind(zalo: RunningSimulator, token: str, government: bool, oa_type: int) -> None:
    zalo.zalo.configure(government=government)
    url = f"{zalo.api_url}/v2.0/oa/getoa"
    assert requests.get(url, headers={"access_token": token}, timeout=5).json()["data"]["oa_type"] == oa_type


ACCEPTED = {
    "text of 2000": {"text": "ạ" * 2000},
    "five buttons": with_buttons(*[query(str(n)) for n in range(5)]),
    "every button": with_buttons(
        {"title": "Cổng", "type": "oa.open.url", "payload": {"url": "https://dichvucong.gov.vn"}},
        {"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "842838000000"}},
        {"title": "SMS", "type": "oa.open.sms", "payload": {"content": "KS", "phone_code": "8480"}},
        {"title": "Ẩn", "type": "oa.query.hide", "payload": "#x"},
    ),
    "image by url": {"text": "Ảnh", **media(media_type="image", url="https://ward.example/a.png")},
    "gif by url": media(media_type="gif", url="https://ward.example/a.gif", width=10, height=10),
    "sticker": media(media_type="sticker", attachment_id="20477"),
    "info request": {
        "attachment": template(
            template_type="request_user_info",
            elements=[
                {"title": "Thông tin", "subtitle": "Để liên hệ", "image_url": "https://a.example/b.png"}
            ],
        )
    },
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_bodies(zalo: RunningSimulator, token: str, lan: str, name: str) -> None:
    assert zalo.send(lan, ACCEPTED[name], token)["error"] == 0
    assert zalo.sent()[0]["body"] == ACCEPTED[name]


REFUSED: dict[str, tuple[Any, int]] = {
    "text too long": ({"text": "a" * 2001}, -210),
    "decomposed text counts as sent": ({"text": "ạ".encode().decode() + "a\u0323" * 1000}, -210),
    "six buttons": (with_buttons(*[query(str(n)) for n in range(6)]), -210),
    "title too long": (with_buttons(query("t" * 101)), -210),
    "payload too long": (with_buttons(query("t", "p" * 1001)), -210),
    "sms too long": (
        with_buttons(
            {"title": "S", "type": "oa.open.sms", "payload": {"content": "c" * 161, "phone_code": "113"}}
        ),
        -210,
    ),
    "no text": ({"text": ""}, -201),
    "blank text": ({"text": "  "}, -201),
    "nothing": ({}, -201),
    "no message": (None, -201),
    "unknown field": ({"text": "a", "colour": "red"}, -201),
    "buttons without text": (with_buttons(query(), text=""), -201),
    "no buttons": ({"text": "a", "attachment": template(buttons=[])}, -201),
    "button without payload": (with_buttons({"title": "a", "type": "oa.query.show"}), -201),
    "button of unknown type": (with_buttons({"title": "a", "type": "oa.dance", "payload": "a"}), -201),
    "url button with a bare string": (
        with_buttons({"title": "a", "type": "oa.open.url", "payload": "https://a.example"}),
        -201,
    ),
    "script address": (
        with_buttons({"title": "a", "type": "oa.open.url", "payload": {"url": "javascript:alert(1)"}}),
        -201,
    ),
    "template_type button": (
        {"text": "a", "attachment": template(template_type="button", buttons=[query()])},
        -233,
    ),
    "list on v3": ({"attachment": template(template_type="list", elements=[{"title": "a"}])}, -233),
    "unknown attachment": ({"attachment": {"type": "dance", "payload": {}}}, -233),
    "gif without size": (media(media_type="gif", url="https://a.example/a.gif"), -201),
    "url and attachment_id": (media(media_type="image", url="https://a.example/a", attachment_id="b"), -201),
    "unknown attachment_id": (media(media_type="image", attachment_id="nope"), -201),
    "unknown file token": ({"attachment": {"type": "file", "payload": {"token": "nope"}}}, -201),
    "unknown quote": ({"text": "a", "quote_message_id": "nope"}, -201),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_bodies_are_not_stored(zalo: RunningSimulator, token: str, lan: str, name: str) -> None:
    message, code = REFUSED[name]
    answer = zalo.send(lan, message, token)
    assert answer["error"] == code
    assert answer["message"]
    assert zalo.sent() == []


@pytest.mark.parametrize("user_id", ["7100000000000000000", "abc", "", None, 7100000000000000000])
def test_a_bad_recipient_is_minus_201(zalo: RunningSimulator, token: str, user_id: Any) -> None:
    assert zalo.send(user_id, TEXT, token)["error"] == -201


def test_a_body_that_is_no_json_is_minus_201(zalo: RunningSimulator, token: str) -> None:
    url = f"{zalo.api_url}/v3.0/oa/message/cs"
    answer = requests.post(url, data="{", headers={"access_token": token}, timeout=5)
    assert answer.status_code == 200
    assert answer.json()["error"] == -201


def test_the_token_is_read_from_the_header_only(zalo: RunningSimulator, token: str, lan: str) -> None:
    url = f"{zalo.api_url}/v3.0/oa/message/cs?access_token={token}"
    body = {"recipient": {"user_id": lan}, "message": TEXT}
    bearer = {"Authorization": f"Bearer {token}"}
    assert requests.post(url, json=body, headers=bearer, timeout=5).json()["error"] == -216


def test_a_known_quote_is_accepted(zalo: RunningSimulator, token: str, lan: str) -> None:
    said = zalo.say(lan, "Cần giấy gì?")
    answer = zalo.send(lan, {"text": "Dạ", "quote_message_id": said["msg_id"]}, token)
    assert answer["error"] == 0


def test_a_quote_from_another_chat_is_refused(zalo: RunningSimulator, token: str, lan: str) -> None:
    said = zalo.say("Bác Tư", "Cần giấy gì?")
    assert zalo.send(lan, {"text": "Dạ", "quote_message_id": said["msg_id"]}, token)["error"] == -201


@pytest.mark.parametrize(
    ("hours", "code", "quota"), [(1, 0, "reply"), (47.9, 0, "reply"), (49, 0, "sub_quota"), (169, -230, None)]
)
def test_the_windows(
    zalo: RunningSimulator, token: str, lan: str, hours: float, code: int, quota: str | None
) -> None:
    zalo.be_silent_for(lan, hours)
    answer = zalo.send(lan, TEXT, token)
    assert answer["error"] == code
    assert answer.get("data", {}).get("quota", {}).get("quota_type") == quota
    zalo.say(lan, "Tôi đây")
    assert zalo.send(lan, TEXT, token)["data"]["quota"]["quota_type"] == "reply"


def test_a_follower_who_never_wrote_gets_three_welcomes(zalo: RunningSimulator, token: str) -> None:
    person = zalo.add("Người mới")
    assert zalo.send(person, TEXT, token)["error"] == -232
    zalo.act(person, "follow")
    quotas = [zalo.send(person, TEXT, token)["data"]["quota"] for _ in range(3)]
    assert {quota["quota_type"] for quota in quotas} == {"welcome_msg"}
    assert zalo.send(person, TEXT, token)["error"] == -232


def test_after_unfollow_the_oa_may_not_write_until_the_person_does(
    zalo: RunningSimulator, token: str, lan: str
) -> None:
    zalo.act(lan, "unfollow")
    assert zalo.send(lan, TEXT, token)["error"] == -213
    zalo.say(lan, "Cho hỏi thêm")
    assert zalo.send(lan, TEXT, token)["error"] == 0


def test_seeing_a_message_does_not_open_the_window(zalo: RunningSimulator, token: str, lan: str) -> None:
    zalo.be_silent_for(lan, 200)
    zalo.act(lan, "seen")
    assert zalo.send(lan, TEXT, token)["error"] == -230


def test_uploads_are_sent_by_their_ids(zalo: RunningSimulator, token: str, lan: str) -> None:
    image = upload(zalo, token, "image", "a.png", PNG)["data"]["attachment_id"]
    gif = upload(zalo, token, "gif", "a.gif", GIF)["data"]["attachment_id"]
    file = upload(zalo, token, "file", "don.pdf", b"%PDF-1.7")["data"]["token"]
    bodies = [
        media(media_type="image", attachment_id=image),
        media(media_type="gif", attachment_id=gif, width=1, height=1),
        {"attachment": {"type": "file", "payload": {"token": file}}},
    ]
    assert [zalo.send(lan, body, token)["error"] for body in bodies] == [0, 0, 0]
    shown = zalo.call("GET", f"people/{lan}/messages")["messages"][-1]
    assert requests.get(f"{zalo.url}/{shown['content']['url']}", timeout=5).content == b"%PDF-1.7"


@pytest.mark.parametrize(
    ("kind", "name", "data", "code"),
    [
        ("image", "a.png", GIF, -201),
        ("image", "a.png", b"", -201),
        ("image", "a.png", PNG + b"\0" * 1024 * 1024, -210),
        ("gif", "a.gif", PNG, -201),
        ("gif", "a.gif", GIF + b"\0" * 5 * 1024 * 1024, -210),
        ("file", "a.zip", b"PK", -201),
        ("file", "a.pdf", b"\0" * (5 * 1024 * 1024 + 1), -210),
    ],
)
def test_upload_limits(
    zalo: RunningSimulator, token: str, kind: str, name: str, data: bytes, code: int
) -> None:
    assert upload(zalo, token, kind, name, data)["error"] == code


def test_an_asset_lives_seven_days(zalo: RunningSimulator, token: str, lan: str) -> None:
    image = upload(zalo, token, "image", "a.png", PNG)["data"]["attachment_id"]
    zalo.zalo.files.age(image, 7.1)
    assert zalo.send(lan, media(media_type="image", attachment_id=image), token)["error"] == -100


def test_user_detail_and_quota(zalo: RunningSimulator, token: str, lan: str) -> None:
    headers, data = {"access_token": token}, {"data": f'{{"user_id":"{lan}"}}'}
    url = f"{zalo.api_url}/v3.0/oa/user/detail"
    detail = requests.get(url, params=data, headers=headers, timeout=5).json()["data"]
    assert detail["display_name"] == "Cô Lan"
    assert detail["user_is_follower"] is False
    quota = zalo.post("v3.0/oa/quota/message", {"user_id": lan}, token)["data"]
    assert quota["last_interaction"].isdigit()
    assert requests.get(url, params={"data": "{"}, headers=headers, timeout=5).json()["error"] == -201


def test_the_conversation_can_be_read_back(zalo: RunningSimulator, token: str, lan: str) -> None:
    zalo.send(lan, TEXT, token)
    url, headers = f"{zalo.api_url}/v2.0/oa/conversation", {"access_token": token}
    data = {"data": f'{{"user_id":"{lan}","offset":0,"count":5}}'}
    lines = requests.get(url, params=data, headers=headers, timeout=5).json()["data"]
    assert [line["src"] for line in lines] == [0, 1]
    assert [line["message"] for line in lines] == [TEXT["text"], "Xin chào"]


def test_a_reaction_goes_by_v2_for_either_kind(zalo: RunningSimulator, token: str, lan: str) -> None:
    said = zalo.say(lan, "Xin hỏi")
    action = {"react_icon": "/-strong", "react_message_id": said["msg_id"]}
    answer = zalo.post(V2, {"recipient": {"user_id": lan}, "sender_action": action}, token)
    assert answer["error"] == 0
    assert zalo.sent() == []


@pytest.mark.parametrize("path", ["v3.0/oa/message", "v9/x"])
def test_an_unknown_path_is_404_with_zalos_text(zalo: RunningSimulator, token: str, path: str) -> None:
    answer = requests.post(f"{zalo.api_url}/{path}", headers={"access_token": token}, timeout=5)
    assert answer.status_code == 404
    assert answer.json()["message"] == "You are accessing an empty or invalid API"


def test_the_rate_limit_is_minus_32_with_headers(lan: str, token: str, zalo: RunningSimulator) -> None:
    zalo.zalo.configure(rate_limit_per_minute=2)
    url, headers = f"{zalo.api_url}/v2.0/oa/getoa", {"access_token": token}
    answers = [requests.get(url, headers=headers, timeout=5) for _ in range(3)]
    assert [answer.json()["error"] for answer in answers] == [0, 0, -32]
    assert [answer.headers["X-RateLimit-Remain"] for answer in answers] == ["1", "0", "0"]


def test_appsecret_proof_when_the_app_wants_it(zalo: RunningSimulator, token: str, lan: str) -> None:
    zalo.zalo.configure(require_appsecret_proof=True)
    assert zalo.send(lan, TEXT, token)["error"] == -242
