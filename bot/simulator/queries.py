"""What the OpenAPI tells about the OA and its people."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.simulator.answers import ZaloError
from bot.simulator.state import SimulatedZalo
from bot.simulator.store import Row

VIETNAM = timedelta(hours=7)
CONVERSATION_TYPES = {"image": "photo", "audio": "voice", "gif": "GIF", "buttons": "text", "info": "text"}
MAX_CONVERSATION = 10
MAX_LIST = 50
OLDEST_OFFSET = 9951


def official_account(zalo: SimulatedZalo, _data: dict[str, Any]) -> dict[str, Any]:
    settings = zalo.settings
    return {
        "oaid": settings.oa_id,
        "name": settings.oa_name,
        "description": "Tài khoản giả lập",
        "oa_alias": "",
        "oa_type": 4 if settings.government else 2,
        "cate_name": "Cơ quan nhà nước" if settings.government else "Doanh nghiệp",
        "is_verified": True,
        "num_follower": sum(person["following"] for person in zalo.people.all()),
        "avatar": "",
        "cover": "",
        "package_name": "Giả lập",
        "package_valid_through_date": "31/12/2099",
        "package_auto_renew_date": "",
        "linked_ZCA": "",
    }


def _person(zalo: SimulatedZalo, data: dict[str, Any]) -> Row:
    person = zalo.people.find(str(data.get("user_id", "")))
    if person is None:
        raise ZaloError(-201, "user_id is invalid")
    return person


def user_detail(zalo: SimulatedZalo, data: dict[str, Any]) -> dict[str, Any]:
    person = _person(zalo, data)
    return {
        "user_id": person["id"],
        "user_id_by_app": person["id_by_app"],
        "user_external_id": "",
        "display_name": person["name"],
        "user_alias": person["name"],
        "is_sensitive": False,
        "user_last_interaction_date": _date(person["last_interaction"]),
        "user_is_follower": bool(person["following"]),
        "avatar": "",
        "avatars": {"120": "", "240": ""},
        "dynamic_param": "",
        "tags_and_notes_info": {"notes": [], "tag_names": []},
        "shared_info": json.loads(person["info"] or "{}"),
    }


def old_profile(zalo: SimulatedZalo, data: dict[str, Any]) -> dict[str, Any]:
    """v2.0 getprofile, which ended for business OAs."""
    if not zalo.settings.government:
        raise ZaloError(-240)
    person = _person(zalo, data)
    return {
        "user_id": person["id"],
        "user_id_by_app": person["id_by_app"],
        "display_name": person["name"],
        "is_sensitive": False,
        "avatar": "",
        "avatars": {"120": "", "240": ""},
        "tags_and_notes_info": {"notes": [], "tag_names": []},
    }


def user_list(zalo: SimulatedZalo, data: dict[str, Any]) -> dict[str, Any]:
    offset, count = _page(data, MAX_LIST)
    if offset > OLDEST_OFFSET:
        raise ZaloError(-210, "offset is over limit")
    people = zalo.people.all()
    if "is_follower" in data:
        people = [person for person in people if bool(person["following"]) == bool(data["is_follower"])]
    users = [{"user_id": person["id"]} for person in people[offset : offset + count]]
    return {"total": len(people), "count": len(users), "offset": offset, "users": users}


def conversation(zalo: SimulatedZalo, data: dict[str, Any]) -> list[dict[str, Any]]:
    """The latest messages with one person, newest first."""
    person = _person(zalo, data)
    offset, count = _page(data, MAX_CONVERSATION)
    return [_line(zalo, person, row) for row in zalo.chat.latest(person["id"], offset, count)]


def _line(zalo: SimulatedZalo, person: Row, row: Row) -> dict[str, Any]:
    from_person = row["direction"] == "in"
    oa = {"id": zalo.settings.oa_id, "display_name": zalo.settings.oa_name}
    human = {"id": person["id"], "display_name": person["name"]}
    sender, receiver = (human, oa) if from_person else (oa, human)
    return {
        "src": int(from_person),
        "time": row["at"],
        "type": CONVERSATION_TYPES.get(row["kind"], row["kind"]),
        "message": row["text"],
        "message_id": row["msg_id"],
        "from_id": sender["id"],
        "to_id": receiver["id"],
        "from_display_name": sender["display_name"],
        "to_display_name": receiver["display_name"],
    }


def quota(zalo: SimulatedZalo, body: dict[str, Any]) -> dict[str, Any]:
    if "user_id" not in body:
        return {"quota_type": "sub_quota", "remain": 500, "total": 500}
    person = _person(zalo, body)
    return {
        "last_interaction": str(person["last_interaction"] or 0),
        "cs_reply": {"remain": 8, "total": 8},
        "promotion": {"daily_remain": 1, "monthly_remain": 4},
    }


def _page(data: dict[str, Any], most: int) -> tuple[int, int]:
    offset, count = data.get("offset", 0), data.get("count", 5)
    if not isinstance(offset, int) or not isinstance(count, int) or offset < 0 or count < 1:
        raise ZaloError(-201, "offset or count is invalid")
    if count > most:
        raise ZaloError(-210, "count is over limit")
    return offset, count


def _date(at: int | None) -> str:
    if at is None:
        return ""
    return (datetime.fromtimestamp(at / 1000, UTC) + VIETNAM).strftime("%d/%m/%Y")
