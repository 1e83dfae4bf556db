"""Everything over HTTP, as one blueprint to mount under /simulator."""

from __future__ import annotations

import io

from flask import Blueprint, Response, abort, render_template, send_file
from flask.blueprints import BlueprintSetupState

from bot.simulator import api_routes, people_routes, zalo_routes
from bot.simulator.state import SimulatedZalo
from bot.simulator.uploads import SHOWN_INLINE
from bot.simulator.web import EXTENSION, state

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def simulator_blueprint(zalo: SimulatedZalo) -> Blueprint:
    """The page, its JSON and Zalo's addresses for `zalo`."""
    blueprint = Blueprint("simulator", __name__, static_folder="static", template_folder="templates")
    blueprint.record(lambda setup: _attach(setup, zalo))
    blueprint.before_request(zalo.start)
    blueprint.after_request(_secure)
    blueprint.add_url_rule("/", view_func=page)
    blueprint.add_url_rule("/files/<file_id>", view_func=download)
    for routes in (zalo_routes, api_routes, people_routes):
        routes.register(blueprint)
    return blueprint


def _attach(setup: BlueprintSetupState, zalo: SimulatedZalo) -> None:
    setup.app.extensions[EXTENSION] = zalo


def _secure(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if response.mimetype == "application/json":
        response.headers["Cache-Control"] = "no-store"
    return response


def page() -> str:
    return render_template("simulator/chat.html")


def download(file_id: str) -> Response:
    """A file of a chat; only pictures are shown in the browser, all else is saved."""
    file = state().files.find(file_id)
    if file is None:
        abort(404)
    return send_file(
        io.BytesIO(file["data"]),
        mimetype=file["mime"],
        download_name=file["name"],
        as_attachment=file["mime"] not in SHOWN_INLINE,
        max_age=3600,
    )
