"""Pages for what went wrong: what happened, and what to do now."""

from __future__ import annotations

import structlog
from flask import Flask, g, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

log = structlog.get_logger("console")

WORDS = {
    400: (
        "Trang này đã cũ",
        "Việc vừa gửi chưa được lưu. Mở lại trang rồi gửi lần nữa; chữ đã soạn còn giữ trên máy này.",
    ),
    403: (
        "Không có quyền mở trang này",
        "Tài khoản này không có vai trò cần cho trang. Cần dùng thì nhờ lãnh đạo hoặc người quản trị cấp.",
    ),
    404: (
        "Không có trang này",
        "Địa chỉ có thể gõ sai, hoặc mục này đã được bỏ. Về trang Hôm nay rồi chọn lại.",
    ),
    405: ("Không mở được theo cách này", "Về trang Hôm nay rồi làm lại từ nút trên trang."),
    413: ("Tệp quá lớn", "Chọn tệp nhỏ hơn 10 MB rồi gửi lại."),
    429: ("Thử quá nhiều lần", "Đợi 15 phút rồi thử lại. Quên mật khẩu thì nhờ người quản trị đặt lại."),
    500: (
        "Hệ thống đang trục trặc",
        "Việc vừa làm có thể chưa được lưu. Đợi một phút rồi mở lại trang; vẫn lỗi thì báo người quản trị.",
    ),
}


def install(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda _error: _page(400))
    app.register_error_handler(HTTPException, _known)
    app.register_error_handler(Exception, _unknown)


def _known(error: HTTPException) -> tuple[str, int] | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    return _page(code)


def _unknown(_error: Exception) -> tuple[str, int]:
    log.error("page failed", exc_info=True)
    return _page(500)


def _page(code: int) -> tuple[str, int]:
    if not hasattr(g, "official"):
        g.official = None
    title, mend = WORDS.get(code, WORDS[500] if code >= 500 else WORDS[404])
    return render_template("console/error.html", title=title, mend=mend, code=code), code
