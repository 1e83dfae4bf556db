"""The web application: webhook, health, the front page, and the domain check Zalo asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from flask import Blueprint, Flask, Response, abort, current_app

from bot import health
from bot.health import Health
from bot.webhook import LARGEST_BODY, Door, Webhook

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}

blueprint = Blueprint("front", __name__)


@dataclass(frozen=True)
class Front:
    """What the front page shows."""

    title: str
    verifier: str
    simulated: bool
    calendar: Callable[[], bytes] | None = None
    """The ward's public calendar, as a file."""


def create_web(web_hook: Webhook, readiness: Health, front: Front) -> Flask:
    app = Flask("ward")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions.update(health=readiness, front=front)
    for part in (health.blueprint, blueprint):
        app.register_blueprint(part)
    app.wsgi_app = Door(web_hook, app.wsgi_app)  # type: ignore[method-assign]
    return app


def _page(front: Front) -> str:
    check = escape(front.verifier)
    meta = f'<meta name="zalo-platform-site-verification" content="{check}">' if check else ""
    chat = (
        '<p><a href="/simulator/">Mở trang chat thử (trình giả lập Zalo)</a></p>' if front.simulated else ""
    )
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8">{meta}'
        f'<meta name="viewport" content="width=device-width"><title>{escape(front.title)}</title></head>'
        f"<body><h1>{escape(front.title)}</h1><p>Trợ lý tự động trên Zalo đang chạy.</p>{chat}</body></html>"
    )


@blueprint.get("/")
def home() -> Response:
    return Response(_page(current_app.extensions["front"]), headers=PAGE_HEADERS)


@blueprint.get("/zalo_verifier<code>.html")
def verifier(code: str) -> Response:
    front: Front = current_app.extensions["front"]
    if not front.verifier or code != front.verifier:
        abort(404)
    return Response(_page(front), headers=PAGE_HEADERS)


@blueprint.get("/lich-phuong.ics")
def public_calendar() -> Response:
    front: Front = current_app.extensions["front"]
    if front.calendar is None:
        abort(404)
    headers = {"Cache-Control": "public, max-age=900", "X-Content-Type-Options": "nosniff"}
    return Response(front.calendar(), mimetype="text/calendar", headers=headers)
