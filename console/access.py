"""Who may open what. Deny by default: a view without `@page` or `@public` is opened by nobody.

@blueprint.get("/phieu")
@page(Permission.CASES_READ)
def queue() -> str: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import (
    Response,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from console import sessions
from console.services import services
from ward.staff import Official, Permission

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "console_access"


@dataclass(frozen=True)
class Access:
    """`permission` None: open to everybody. `background`: does not count as the official's own doing."""

    permission: Permission | None
    background: bool = False


def page(permission: Permission, background: bool = False) -> Callable[[View], View]:
    """The one permission that a view needs. `background`: asked by the page itself, not by a person."""

    def mark(view: View) -> View:
        assert not hasattr(view, _MARK), "one view, one permission"
        setattr(view, _MARK, Access(permission, background))
        return view

    return mark


def public(view: View) -> View:
    """Open to everybody: signing in, and nothing else."""
    setattr(view, _MARK, Access(None))
    return view


def access_of(endpoint: str | None) -> Access | None:
    if endpoint == "static":
        return Access(None)
    view = current_app.view_functions.get(endpoint or "")
    access: Access | None = getattr(view, _MARK, None)
    return access


def official() -> Official:
    """Who is signed in, on every page but public ones."""
    found: Official = g.official
    return found


def check() -> AnyResponse | None:
    """Before each request."""
    g.official = None
    if request.endpoint is None or request.endpoint == "static":
        return None
    access = access_of(request.endpoint)
    if access is None:
        abort(403)
    house = services()
    now = house.now()
    token = request.cookies.get(sessions.COOKIE, "")
    g.official = sessions.official_of(house.engine, house.oa_id, token, now, touch=not access.background)
    if access.permission is None:
        return None
    if g.official is None:
        return _to_sign_in()
    if g.official.must_change and request.endpoint not in BEFORE_CHANGE:
        return redirect(url_for("account.password"))
    if not g.official.may(access.permission):
        abort(403)
    return None


BEFORE_CHANGE = frozenset({"account.password", "account.save_password", "sign_in.leave", "account.here"})
"""What an official with a one-time password may do."""


def _to_sign_in() -> AnyResponse:
    """A page from outside may come without its strict cookie: it is asked for again, by ourselves."""
    from_outside = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if request.method == "GET" and from_outside:
        return make_response(render_template("console/again.html"))
    if request.method == "POST":
        flash(
            "Phiên làm việc đã hết nên việc vừa gửi chưa được lưu. Chữ đã soạn còn giữ trên máy này.", "warn"
        )
    target = url_for("sign_in.form", next=_here())
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": target})
    return redirect(target)


def _here() -> str | None:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    return wanted if wanted not in ("", "/") else None
