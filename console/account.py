"""The official's own account: password, Zalo, e-mail digest."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console import sign_in
from console.access import official, page
from console.services import services
from ward import passwords, staff
from ward.staff import Permission

blueprint = Blueprint("account", __name__, url_prefix="/tai-khoan")


@blueprint.get("")
@page(Permission.ACCOUNT)
def mine() -> str:
    return render_template("console/account.html")


@blueprint.get("/mat-khau")
@page(Permission.ACCOUNT)
def password() -> str:
    return render_template("console/password.html", shortest=passwords.SHORTEST)


@blueprint.post("/mat-khau")
@page(Permission.ACCOUNT)
def save_password() -> tuple[str, int] | Response:
    house, me = services(), official()
    old, new = request.form.get("old", ""), request.form.get("new", "")
    with house.read() as connection:
        hashed = staff.password_hash(connection, me.id)
    error = _wrong(me, hashed, old, new, request.form.get("again", ""))
    if error:
        return render_template("console/password.html", shortest=passwords.SHORTEST, error=error), 400
    fresh = passwords.hash_of(new)
    with house.write() as connection:
        staff.change_password(connection, me, fresh, house.now())
    flash("Đã đổi mật khẩu. Các máy khác đang đăng nhập tài khoản này đã được đăng xuất.", "ok")
    return sign_in.begin_again(redirect(url_for("today.board")))


def _wrong(me: staff.Official, hashed: str, old: str, new: str, again: str) -> str:
    if not passwords.fits(hashed, old):
        return "Mật khẩu đang dùng chưa đúng."
    if new != again:
        return "Hai lần gõ mật khẩu mới không giống nhau."
    if new == old:
        return "Mật khẩu mới phải khác mật khẩu đang dùng."
    try:
        passwords.check_new(new, me.username)
    except passwords.WeakPassword as error:
        return str(error)
    return ""


@blueprint.post("/noi-zalo")
@page(Permission.ACCOUNT)
def link_zalo() -> str:
    house = services()
    with house.write() as connection:
        code = staff.new_link_code(connection, official(), house.now())
    return render_template("console/account.html", code=code, code_minutes=15)


@blueprint.post("/bo-noi-zalo")
@page(Permission.ACCOUNT)
def unlink_zalo() -> Response:
    house, me = services(), official()
    with house.write() as connection:
        staff.unlink_zalo(connection, me, me.id, house.now())
    flash("Đã bỏ nối Zalo. Từ giờ không báo việc qua Zalo nữa.", "ok")
    return redirect(url_for("account.mine"))


@blueprint.post("/thu-tom-tat")
@page(Permission.ACCOUNT)
def save_digest() -> tuple[str, int] | Response:
    house = services()
    address = request.form.get("email", "") if request.form.get("digest") else ""
    try:
        with house.write() as connection:
            staff.set_email(connection, official(), address, house.now())
    except staff.StaffRefused as error:
        return render_template("console/account.html", email_error=str(error), typed=address), 400
    words = f"Thư tóm tắt sẽ gửi tới {address}." if address else "Đã tắt thư tóm tắt."
    flash(words, "ok")
    return redirect(url_for("account.mine"))


@blueprint.get("/con-day")
@page(Permission.ACCOUNT)
def here() -> tuple[str, int]:
    """The official says they are still there: the session goes on."""
    return "", 204
