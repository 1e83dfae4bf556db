"""Builds the console's Flask application. A blueprint of pages is added to `BLUEPRINTS`."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from console import (
    access,
    account,
    audit_page,
    call_list,
    calls,
    case_actions,
    case_answers,
    case_pages,
    drafting,
    drafts,
    erasing,
    errors,
    exchange_pages,
    facility_pages,
    firm_pages,
    health_news_pages,
    home_entry,
    home_pages,
    meeting_pages,
    programme_pages,
    questions_pages,
    queue_pages,
    reminder_calls,
    result_pages,
    sealed_pages,
    settings_pages,
    shown,
    sign_in,
    staff_pages,
    today,
    visits_pages,
)
from console.navigation import menu
from console.services import EXTENSION, ConsoleServices, services
from console.sessions import IDLE
from store.engine import read_tx
from ward import settings as ward_settings
from ward.calendar import local

BLUEPRINTS = (
    sign_in.blueprint,
    today.blueprint,
    queue_pages.blueprint,
    case_pages.blueprint,
    case_actions.blueprint,
    case_answers.blueprint,
    erasing.blueprint,
    drafting.blueprint,
    questions_pages.blueprint,
    call_list.blueprint,
    calls.blueprint,
    sealed_pages.blueprint,
    exchange_pages.blueprint,
    reminder_calls.blueprint,
    result_pages.blueprint,
    staff_pages.blueprint,
    settings_pages.blueprint,
    audit_page.blueprint,
    account.blueprint,
    programme_pages.blueprint,
    visits_pages.blueprint,
    firm_pages.blueprint,
    meeting_pages.blueprint,
    home_entry.blueprint,
    home_pages.blueprint,
    facility_pages.blueprint,
    health_news_pages.blueprint,
)
STATIC = Path(__file__).parent / "static"
LARGEST_FORM = 12 * 1024 * 1024
"""A form with one photograph."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_console(house: ConsoleServices) -> Flask:
    app = Flask("console", static_folder=str(STATIC), template_folder=str(STATIC.parent / "templates"))
    app.secret_key = house.secret_key
    app.config.update(
        SESSION_COOKIE_NAME="ward_console_form",
        SESSION_COOKIE_PATH="/console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=house.https,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
    )
    app.extensions[EXTENSION] = house
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(access.check)  # before the token's check: who was signed out is told that
    CSRFProtect(app)
    app.after_request(_secure)
    app.context_processor(_for_every_page)
    shown.install(app)
    errors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _secure(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    if services().https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _for_every_page() -> dict[str, Any]:
    house = services()
    now = house.now()
    common = {"asset": asset, "now": now, "profile": house.profile, "idle_seconds": int(IDLE.total_seconds())}
    who = g.get("official")
    if who is None:
        return {**common, "official": None, "menu": (), "daily_line": "", "bot_on": True, "drafts_done": ()}
    with read_tx(house.engine) as connection:
        chosen = ward_settings.load(connection, house.oa_id)
    lines = chosen.daily_lines
    return {
        **common,
        "official": who,
        "menu": menu(who, request.endpoint or ""),
        "daily_line": lines[local(now).toordinal() % len(lines)] if lines else "",
        "bot_on": chosen.bot_on,
        "drafts_done": drafts.take_done(),
    }


def asset(name: str) -> str:
    """The address of a static file, another one whenever its content is another."""
    return url_for("static", filename=name, v=_mark_of(name))


@lru_cache(maxsize=64)
def _mark_of(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
