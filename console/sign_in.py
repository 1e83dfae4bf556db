"""Signing in and out."""

from __future__ import annotations

import ipaddress
import re

from flask import Blueprint, Request, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from console import sessions
from console.access import official, page, public
from console.services import services
from ward.staff import Permission, find

blueprint = Blueprint("sign_in", __name__)

WRONG = "Tên đăng nhập hoặc mật khẩu chưa đúng."
WAIT = "Đã thử quá nhiều lần. Đợi 15 phút rồi thử lại; quên mật khẩu thì nhờ người quản trị đặt lại."
BECAUSE = {
    "idle": "Đã tự đăng xuất vì máy để yên quá 60 phút. Chữ đang soạn còn giữ trên máy này.",
    "left": "Đã đăng xuất.",
    "changed": "Tài khoản vừa thay đổi, mời đăng nhập lại.",
}
_OWN_PATH = re.compile(r"^/(?![/\\])[^\s\\]*$")


@blueprint.get("/dang-nhap")
@public
def form() -> str | Response:
    if g.official is not None:
        return redirect(_target(request.args.get("next")))
    why = BECAUSE.get(request.args.get("because", ""))
    return render_template("console/sign_in.html", why=why, next=request.args.get("next", ""))


@blueprint.post("/dang-nhap")
@public
def enter() -> tuple[str, int] | Response:
    house = services()
    username, wanted = request.form.get("username", ""), request.form.get("next", "")
    tried = sessions.sign_in(
        house.engine,
        house.oa_id,
        username,
        request.form.get("password", ""),
        address_of(request),
        house.now(),
    )
    if tried.result != "ok":
        code, words = (429, WAIT) if tried.result == "wait" else (400, WRONG)
        return render_template("console/sign_in.html", error=words, username=username, next=wanted), code
    session.clear()  # a form's token from before the sign-in is worth nothing after it
    answer = redirect(_target(wanted))
    give_cookie(answer, tried.token)
    return answer


@blueprint.post("/dang-xuat")
@page(Permission.ACCOUNT)
def leave() -> Response:
    house = services()
    with house.write() as connection:
        sessions.end(connection, request.cookies.get(sessions.COOKIE, ""), official(), house.now())
    session.clear()
    answer = redirect(url_for("sign_in.form", because="left"))
    answer.delete_cookie(sessions.COOKIE, path="/console")
    return answer


def give_cookie(answer: Response, token: str) -> None:
    answer.set_cookie(
        sessions.COOKIE, token, path="/console", httponly=True, samesite="Strict", secure=services().https
    )


def begin_again(answer: Response) -> Response:
    """A new session in the place of the one that the official's own change has ended."""
    house = services()
    with house.write() as connection:
        fresh = find(connection, house.oa_id, official().id)
        assert fresh is not None
        give_cookie(answer, sessions.start(connection, fresh, house.now()))
    return answer


def _target(wanted: str | None) -> str:
    """A page of ours, never an address of another site."""
    if wanted and _OWN_PATH.match(wanted):
        return f"{request.script_root}{wanted}"
    return url_for("today.board")


def address_of(asked: Request) -> str:
    """Who asks. Behind a proxy on this machine the proxy says it, and it is the last who is named."""
    peer = asked.remote_addr or ""
    named = asked.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
    try:
        if named and ipaddress.ip_address(peer).is_loopback:
            return str(ipaddress.ip_address(named))
    except ValueError:
        pass
    return peer
