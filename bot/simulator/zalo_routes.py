"""Zalo's own addresses: OAuth v4 and the OpenAPI."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bot.simulator import queries
from bot.simulator.answers import OAuthError, ZaloError
from bot.simulator.faults import Trouble
from bot.simulator.web import base_url, drop_connection, json_body, state, uploaded

NO_SUCH_PATH = {"error": 404, "message": "You are accessing an empty or invalid API"}
Handler = Callable[[], Any]


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/zalo/oauth/v4/oa/access_token", view_func=access_token, methods=["POST"])
    blueprint.add_url_rule("/zalo/oauth/v4/oa/permission", view_func=permission)
    blueprint.add_url_rule("/zalo/zbs/<path:path>", view_func=zbs, methods=["GET", "POST"])
    blueprint.add_url_rule("/zalo/openapi/<path:path>", view_func=openapi, methods=["GET", "POST"])


# -- OAuth --------------------------------------------------------------------------------------


def access_token() -> Response:
    trouble = _trouble("oauth/v4/oa/access_token", None)
    early = _early(trouble, _oauth_error)
    if early is not None:
        return early
    try:
        granted = state().tokens.grant(request.form, request.headers.get("secret_key", ""))
    except OAuthError as error:
        return jsonify(error.body())
    return _finish(jsonify(granted), trouble)


def permission() -> AnyResponse:
    try:
        return redirect(state().tokens.permission(request.args))
    except OAuthError as error:
        return jsonify(error.body())


def _oauth_error(code: int, message: str | None) -> Response:
    name = message or "Request failed"
    return jsonify(OAuthError(code, name, name).body())


# -- OpenAPI ------------------------------------------------------------------------------------


def openapi(path: str) -> Response:
    """One call: trouble on demand, rate limit, token, then the handler of the path."""
    zalo = state()
    handler = HANDLERS.get((request.method, path))
    if handler is None:
        return _with_status(jsonify(NO_SUCH_PATH), 404)
    zalo.store.count(f"api./{path}")
    trouble = _trouble(f"openapi/{path}", _recipient())
    early = _early(trouble, _zalo_error)
    return early if early is not None else _answer(handler, trouble)


def zbs(path: str) -> Response:
    """The ZBS host: outside of the OA's rate limit, and with codes of its own."""
    zalo = state()
    if (request.method, path) != ("POST", "message/template"):
        return _with_status(jsonify(NO_SUCH_PATH), 404)
    zalo.store.count(f"zbs./{path}")
    trouble = _trouble(f"zbs/{path}", None)
    early = _early(trouble, _zalo_error)
    if early is not None:
        return early
    try:
        zalo.tokens.check(request.headers.get("access_token", ""), request.headers.get("appsecret_proof", ""))
    except ZaloError:
        return _zalo_error(-124, "Access token is invalid")
    try:
        response = jsonify({"error": 0, "message": "Success", "data": zalo.templates.by_phone(json_body())})
    except ZaloError as error:
        return _zalo_error(error.code, error.message)
    return _finish(response, trouble)


def template_by_uid() -> Any:
    return state().templates.by_uid(json_body())


def _answer(handler: Handler, trouble: Trouble) -> Response:
    zalo, left = state(), None
    try:
        left = zalo.spend_call()
        zalo.tokens.check(request.headers.get("access_token", ""), request.headers.get("appsecret_proof", ""))
        response = jsonify({"error": 0, "message": "Success", "data": handler()})
    except ZaloError as error:
        return _limited(_zalo_error(error.code, error.message), left)
    return _finish(_limited(response, left), trouble)


def _zalo_error(code: int, message: str | None) -> Response:
    response = jsonify(ZaloError(code, message).body())
    if code == -32:
        response.headers["X-RateLimit-Limit"] = str(state().settings.rate_limit_per_minute or 0)
        response.headers["X-RateLimit-Remain"] = "0"
    return response


def _limited(response: Response, left: tuple[int, int] | None) -> Response:
    if left is not None:
        response.headers["X-RateLimit-Limit"] = str(left[0])
        response.headers["X-RateLimit-Remain"] = str(left[1])
    return response


def _recipient() -> str | None:
    body = json_body() if request.method == "POST" and request.mimetype != "multipart/form-data" else None
    recipient = body.get("recipient") if isinstance(body, dict) else None
    return str(recipient.get("user_id")) if isinstance(recipient, dict) else None


def send_v3() -> Any:
    return state().desk.accept(json_body(), "v3", base_url())


def send_v2() -> Any:
    return state().desk.accept(json_body(), "v2", base_url())


def _upload(kind: str) -> Handler:
    def handler() -> Any:
        upload = uploaded()
        if upload is None:
            raise ZaloError(-201, "file is invalid")
        return state().files.accept_asset(kind, upload)

    return handler


def _query(answer: Callable[[Any, dict[str, Any]], Any]) -> Handler:
    """A GET whose parameters stand as JSON in `data`."""

    def handler() -> Any:
        try:
            data = json.loads(request.args.get("data", "{}"))
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise ZaloError(-201, "data is invalid")
        return answer(state(), data)

    return handler


def quota() -> Any:
    body = json_body()
    return queries.quota(state(), body if isinstance(body, dict) else {})


HANDLERS: dict[tuple[str, str], Handler] = {
    ("POST", "v3.0/oa/message/cs"): send_v3,
    ("POST", "v2.0/oa/message"): send_v2,
    ("POST", "v3.0/oa/message/template"): template_by_uid,
    ("POST", "v2.0/oa/upload/image"): _upload("image"),
    ("POST", "v2.0/oa/upload/gif"): _upload("gif"),
    ("POST", "v2.0/oa/upload/file"): _upload("file"),
    ("POST", "v3.0/oa/quota/message"): quota,
    ("GET", "v2.0/oa/getoa"): _query(queries.official_account),
    ("GET", "v3.0/oa/user/detail"): _query(queries.user_detail),
    ("GET", "v3.0/oa/user/getlist"): _query(queries.user_list),
    ("GET", "v2.0/oa/getprofile"): _query(queries.old_profile),
    ("GET", "v2.0/oa/conversation"): _query(queries.conversation),
}


# -- trouble ------------------------------------------------------------------------------------


def _trouble(path: str, user_id: str | None) -> Trouble:
    trouble = state().faults.take(path, user_id)
    time.sleep(trouble.delay)
    return trouble


def _early(trouble: Trouble, refuse: Callable[[int, str | None], Response]) -> Response | None:
    """The answer of a fault that strikes before anything is accepted."""
    fault = trouble.fault
    if fault is None or fault.kind == "drop_after_accept":
        return None
    if fault.kind == "drop_before":
        return drop_connection()
    if fault.kind == "http":
        return Response("simulated failure", status=fault.status, mimetype="text/html")
    if fault.kind == "rate_limit":
        return refuse(-32, fault.message)
    return refuse(fault.code, fault.message)


def _finish(response: Response, trouble: Trouble) -> Response:
    return drop_connection() if trouble.is_kind("drop_after_accept") else response


def _with_status(response: Response, status: int) -> Response:
    response.status_code = status
    return response
