"""The simulator's own JSON, for its page and for tests: settings, faults, counters, what was sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import ValidationError

from bot.simulator.faults import Fault, FaultList
from bot.simulator.web import json_body, state

Answer = Response | tuple[Response, int]


def register(blueprint: Blueprint) -> None:
    rules: list[tuple[str, str, Any]] = [
        ("GET", "/api/settings", settings),
        ("PATCH", "/api/settings", change_settings),
        ("GET", "/api/faults", faults),
        ("PUT", "/api/faults", replace_faults),
        ("POST", "/api/faults", add_fault),
        ("DELETE", "/api/faults", clear_faults),
        ("GET", "/api/sent", sent),
        ("GET", "/api/events", events),
        ("GET", "/api/counters", counters),
        ("GET", "/api/updates", updates),
        ("POST", "/api/tokens", issue_tokens),
        ("POST", "/api/webhook/check", check_webhook),
        ("POST", "/api/webhook/retry", retry_webhooks),
        ("POST", "/api/webhook/repeat", repeat_webhook),
        ("POST", "/api/reset", reset),
    ]
    for method, path, view in rules:
        blueprint.add_url_rule(path, view_func=view, methods=[method])
    blueprint.register_error_handler(ValidationError, invalid)


def invalid(error: ValidationError) -> Answer:
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return jsonify({"error": f"{place}: {first['msg']}"}), 400


def settings() -> Answer:
    return jsonify(state().settings.model_dump(mode="json"))


def change_settings() -> Answer:
    state().config.change(json_object())
    return settings()


def json_object() -> dict[str, Any]:
    body = json_body()
    return body if isinstance(body, dict) else {}


def faults() -> Answer:
    return jsonify({"faults": [fault.model_dump() for fault in state().faults.all()]})


def replace_faults() -> Answer:
    wanted = FaultList.model_validate(json_body())
    state().faults.replace(wanted.faults, wanted.seed)
    return faults()


def add_fault() -> Answer:
    state().faults.add(Fault.model_validate(json_body()))
    return faults()


def clear_faults() -> Answer:
    state().faults.replace([])
    return faults()


def sent() -> Answer:
    after = request.args.get("after", 0, type=int)
    return jsonify({"sent": state().sent(after, request.args.get("user_id"))})


def events() -> Answer:
    """Every webhook event with its delivery state, oldest first."""
    rows = state().store.rows(
        "SELECT id, user_id, event_name, body, state, attempts FROM events WHERE id > ? ORDER BY id",
        request.args.get("after", 0, type=int),
    )
    return jsonify({"events": rows})


def counters() -> Answer:
    return jsonify(state().counters())


def updates() -> Answer:
    """Everything the page needs in one poll: people, new messages, ticks, what is switched on."""
    zalo, after = state(), request.args.get("after", 0, type=int)
    now = zalo.settings
    return jsonify(
        {
            "people": [shown_person(row) for row in zalo.people.all()],
            "messages": [row for row in zalo.chat.after(after) if not row["hidden"]],
            "states": zalo.chat.states(),
            "oa_name": now.oa_name,
            "government": now.government,
            "rate_limit_per_minute": now.rate_limit_per_minute,
            "webhook": bool(now.webhook_url) and now.webhook_enabled,
            "faults": len(zalo.faults.all()),
        }
    )


def shown_person(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "following": bool(row["following"]),
        "last_interaction": row["last_interaction"],
    }


def issue_tokens() -> Answer:
    return jsonify(state().issue_tokens())


def check_webhook() -> Answer:
    status = state().check_webhook()
    return jsonify({"status": status, "ok": status == 200})


def retry_webhooks() -> Answer:
    state().courier.hurry()
    return jsonify({"ok": True})


def repeat_webhook() -> Answer:
    repeated = state().repeat_event(json_object().get("id"))
    return jsonify({"ok": repeated is not None, "id": repeated})


def reset() -> Answer:
    state().reset()
    return jsonify({"ok": True})
