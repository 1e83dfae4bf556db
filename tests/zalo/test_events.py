"""Webhook bodies: every collected shape, and every kind of nonsense."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.replies import Attachment
from bot.zalo.events import NotAnEvent, ZaloEvent, parse_event
from tests.zalo.fixtures import APP_ID, BY_NAME, FIXTURES, OA_ID, PERSON, raw

ANONYMOUS = "1a2b3c4d5e6f70819203"
NOT_PERSON = {  # everything else is about PERSON
    "console_check_sample": "1111111111111111111",
    "anonymous_send_text": ANONYMOUS,
    "oa_send_anonymous_text": ANONYMOUS,
    "user_received_message_zbs_phone": None,
    "user_feedback": None,
    "user_click_response_button": None,
    "change_template_status": None,
    "change_oa_daily_quota": None,
    "create_group": None,
    "user_join_group": None,
    "user_send_group_text": None,
}
OTHER_OA = {"console_check_sample": "3333333333333333333"}


def event(name: str, **changes: Any) -> ZaloEvent:
    return parse_event(raw(name, **changes))


def body(**fields: Any) -> ZaloEvent:
    return parse_event(json.dumps({"event_name": "user_send_text", **fields}).encode())


@pytest.mark.parametrize("name", BY_NAME)
def test_every_fixture_is_of_the_right_people(name: str) -> None:
    parsed = parse_event(BY_NAME[name]["raw_body"].encode())
    assert parsed.name == BY_NAME[name]["event_name"]
    assert parsed.app_id == APP_ID
    assert parsed.oa_id == OTHER_OA.get(name, OA_ID)
    assert parsed.person_id == NOT_PERSON.get(name, PERSON)
    assert parsed.timestamp == BY_NAME[name]["payload"]["timestamp"]


def test_different_fixtures_have_different_keys_and_a_repetition_has_the_same() -> None:
    keys = {fixture["name"]: parse_event(fixture["raw_body"].encode()).key for fixture in FIXTURES}
    assert keys.pop("user_send_text_retry_duplicate") == keys["user_send_text"]
    assert len(set(keys.values())) == len(keys)


@pytest.mark.parametrize(
    ("name", "direction", "opens"),
    [
        ("user_send_text", "inbound", True),
        ("user_send_gif", "inbound", True),
        ("user_send_location", "inbound", True),
        ("user_send_business_card", "inbound", True),
        ("user_click_chatnow", "other", True),
        ("follow", "other", True),
        ("user_submit_info_current", "other", True),
        ("widget_interaction_accepted", "other", True),
        ("unfollow", "other", False),
        ("user_withdraw", "other", False),
        ("user_reacted_message", "other", False),
        ("user_send_group_text", "other", False),
        ("anonymous_send_text", "other", False),
        ("oa_send_text_api", "echo", False),
        ("oa_send_list", "echo", False),
        ("oa_send_anonymous_text", "echo", False),
        ("user_received_message", "receipt", False),
        ("user_seen_message", "receipt", False),
    ],
)
def test_direction_and_window(name: str, direction: str, opens: bool) -> None:
    assert (event(name).direction, event(name).opens_window) == (direction, opens)


def test_text_quote_and_staff() -> None:
    assert event("user_send_text").text == "Cho tôi hỏi đăng ký khai sinh cần giấy tờ gì?"
    assert event("user_send_text").msg_id == "38f8fa78bac6138f14f7"
    assert event("user_send_text_quote_reply").quote_msg_id == "a8a2537a19ce1905c0a9"
    assert event("oa_send_text_staff").admin_id == "6600000000000000077"
    assert event("oa_send_text_api").admin_id is None


def test_seen_messages() -> None:
    assert event("user_seen_message").msg_ids == ("7715cb3a7ace112672f4", "b04fdbea9e9e37b765a0")
    assert event("user_seen_message", message={"msg_id": "one"}).msg_ids == ("one",)


def test_attachments() -> None:
    assert event("user_send_location").attachments == (
        Attachment("location", latitude=10.7642473, longitude=106.6564314),
    )
    assert event("user_send_file").attachments == (
        Attachment("file", "https://dlfl.vn.zdn.vn/000/don-xac-nhan.pdf", "don-xac-nhan.pdf", 102400),
    )
    assert event("user_send_image").attachments[0].url == "https://f6.photo.talk.zdn.vn/000/full.jpg"


@pytest.mark.parametrize("latitude", [10.5, "10.5"])
def test_coordinates_as_number_or_text(latitude: Any) -> None:
    place = {"type": "location", "payload": {"coordinates": {"latitude": latitude, "longitude": "106"}}}
    assert body(message={"attachments": [place]}).attachments[0].latitude == 10.5


@pytest.mark.parametrize("latitude", ["", "bắc", "nan", "inf", 90.1, None, [1], {"a": 1}, True])
def test_impossible_coordinates_are_missing(latitude: Any) -> None:
    place = {"type": "location", "payload": {"coordinates": {"latitude": latitude, "longitude": 106}}}
    found = body(message={"attachments": [place]}).attachments[0]
    assert (found.latitude, found.longitude) == (None, 106.0)


@pytest.mark.parametrize("url", ["http://f6.photo.talk.zdn.vn/1.jpg", "HTTPS://a.zdn.vn/1"])
def test_plain_http_links_are_kept(url: str) -> None:
    assert body(message={"attachments": [{"payload": {"url": url}}]}).attachments[0].url == url


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "", 5, None, ["https://a"]])
def test_other_links_are_not(url: Any) -> None:
    assert body(message={"attachments": [{"payload": {"url": url}}]}).attachments[0].url is None


@pytest.mark.parametrize(
    ("size", "expected"), [("12", 12), (12, 12), (1.5, None), ("-1", None), ("9" * 5000, None)]
)
def test_file_sizes(size: Any, expected: int | None) -> None:
    assert body(message={"attachments": [{"payload": {"size": size}}]}).attachments[0].size == expected


def test_both_generations_of_the_information_form() -> None:
    old, new = event("user_submit_info_old").submitted_info, event("user_submit_info_current").submitted_info
    assert new == {
        "name": "Nguyễn Văn A",
        "phone": "84900000000",
        "birth_date": "30/10/1990",
        "gender": "Nam",
        "city": "Thành phố Hồ Chí Minh",
        "ward": "Phường Tân Thuận",
        "address": "12 đường số 1",
    }
    assert old["district"] == "Quận 7"
    assert {key: old[key] for key in ("name", "phone", "ward", "address")} == {
        key: new[key] for key in ("name", "phone", "ward", "address")
    }
    assert event("user_send_text").submitted_info == {}


def test_numbers_are_read_exactly_as_they_were_written() -> None:
    number = 7_100_000_000_000_000_011  # beyond 2^53
    parsed = body(sender={"id": number}, recipient={"id": int(OA_ID)}, timestamp=1763708401000)
    assert parsed.person_id == str(number)
    assert parsed.oa_id == OA_ID
    assert parsed.timestamp == "1763708401000"
    assert parsed.occurred_at == datetime(2025, 11, 21, 7, 0, 1, tzinfo=UTC)


def test_a_timestamp_with_a_fraction_keeps_its_spelling() -> None:
    parsed = parse_event(b'{"event_name": "follow", "timestamp": 1.763708401E12}')
    assert parsed.timestamp == "1.763708401E12"
    assert parsed.occurred_at == datetime(2025, 11, 21, 7, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "timestamp", ["", "sớm", "0", "-1", "1763708401", "9" * 30, "9" * 5000, "NaN", "Infinity", True, [], {}]
)
def test_absurd_times_are_missing(timestamp: Any) -> None:
    assert body(timestamp=timestamp).occurred_at is None


def test_nan_and_infinity_as_json_constants() -> None:
    assert parse_event(b'{"event_name": "follow", "timestamp": NaN}').occurred_at is None
    assert parse_event(b'{"event_name": "follow", "timestamp": -Infinity}').occurred_at is None


def test_what_no_database_can_store_is_removed() -> None:
    parsed = parse_event(
        b'{"event_name": "user_send_text", "sender": {"id": "1\\u0000"},'
        b' "message": {"text": "a\\u0000b\\ud800c", "msg_id": "m\\udfff"}}'
    )
    assert (parsed.text, parsed.person_id, parsed.msg_id) == ("abc", "1", "m")
    assert parsed.key == "user_send_text:m"


def test_an_emoji_stays() -> None:
    assert parse_event(b'{"event_name": "x", "message": {"text": "\\ud83d\\ude00"}}').text == "😀"


def test_an_explicit_oa_id_wins() -> None:
    assert event("user_send_text", oa_id="77").oa_id == "77"
    assert event("user_send_text", oaId=78).oa_id == "78"


def test_the_app_wide_id_is_nobody() -> None:
    assert body(user_id_by_app="5300000000000000021").person_id is None


def test_a_tag_for_several_people_is_about_none_of_them() -> None:
    assert event("add_user_to_tag", tag={"user_ids": ["1", "2"], "name": "x"}).person_id is None


# --- keys ------------------------------------------------------------------------------------------------


def test_the_key_of_a_message_is_its_id() -> None:
    assert event("user_send_text").key == "user_send_text:38f8fa78bac6138f14f7"
    assert event("user_send_text", timestamp="1").key == event("user_send_text").key


def test_a_reaction_has_a_key_of_its_own() -> None:
    """Its msg_id is the message reacted to, which gets other reactions too."""
    first = event("user_reacted_message")
    other_icon = {**BY_NAME["user_reacted_message"]["payload"]["message"], "react_icon": ":>"}
    assert first.key != event("user_reacted_message", message=other_icon).key
    assert first.key != event("user_reacted_message", timestamp="1763708429001").key
    assert first.key == event("user_reacted_message").key


def test_events_of_two_people_in_the_same_millisecond_differ() -> None:
    assert event("follow").key != event("follow", follower={"id": "8"}).key
    assert event("user_join_group").key != event("user_join_group", users=[{"id": "8"}]).key


def test_without_time_or_subject_the_raw_body_is_the_key() -> None:
    first, second = raw("follow", timestamp=None), raw("follow", timestamp=None, source="x")
    assert parse_event(first).key == parse_event(first).key
    assert parse_event(first).key != parse_event(second).key
    assert event("change_oa_daily_quota").key != event("change_oa_daily_quota", quota={}).key


def test_long_parts_are_hashed_and_still_differ() -> None:
    long = "x" * 5000
    keys = {
        body(message={"msg_id": long + "1"}).key,
        body(message={"msg_id": long + "2"}).key,
        body(event_name=long, timestamp="1", sender={"id": long}).key,
        event("follow", follower={"id": long}).key,
        event("user_seen_message", message={"msg_ids": [long]}).key,
    }
    assert len(keys) == 5
    assert all(len(key) <= 200 for key in keys)


def test_ids_fit_the_columns() -> None:
    parsed = event("user_send_text", sender={"id": "1" * 5000}, recipient={"id": "2" * 5000})
    assert parsed.person_id is not None
    assert parsed.oa_id is not None
    assert (len(parsed.person_id), len(parsed.oa_id)) == (32, 32)


# --- not an event ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"event_name"',
        b"5",
        b'{"event_name": ""}',
        b'{"event_name": " \\u0000"}',
        b'{"event_name": null}',
        b'{"event_name": ["follow"]}',
        b'{"event_name": "follow"',
        b'{"event_name": "follow"} x',
        b"\xff\xfe",
        b'{"event_name": "\xff"}',
        '{"event_name": "follow"}'.encode("utf-16"),
        b"[" * 200_000,
        b'{"event_name":' * 100_000,
        b'{"event_name": "follow", "data": ' + b"[" * 200_000,
    ],
    ids=range(18),
)
def test_not_an_event(junk: bytes) -> None:
    with pytest.raises(NotAnEvent):
        parse_event(junk)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse_event(b"\xef\xbb\xbf" + raw("follow")).name == "follow"


def test_an_unknown_event_is_an_event() -> None:
    parsed = parse_event(b'{"event_name": "brand_new", "oa_id": 5, "data": {"user_id": "6"}}')
    assert (parsed.direction, parsed.oa_id, parsed.person_id) == ("other", "5", "6")


def test_junk_in_every_place_is_missing() -> None:
    names = ("sender", "recipient", "message", "follower", "data", "info", "tag", "users", "app_id")
    junks: list[Any] = [None, 5, "x", [], [[]], True, {"id": {}}, {"id": []}]
    for junk in junks:
        parsed = body(**dict.fromkeys(names, junk), timestamp="1763708401000")
        assert (parsed.person_id, parsed.text, parsed.attachments) == (None, "", ())


def test_very_many_attachments_are_cut() -> None:
    assert len(body(message={"attachments": [{"type": "image"}] * 1000}).attachments) == 50


def test_an_event_is_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        event("follow").text = "x"  # type: ignore[misc]
