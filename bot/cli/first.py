"""The first official of a new installation, and officials added or helped from the server."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from store.engine import write_tx
from ward import staff
from ward.staff import NewOfficial, StaffRefused

if TYPE_CHECKING:
    from wsgi import House


def ensure_admin(house: House) -> str | None:
    """The one-time password of a new `admin`; None when there is an official already."""
    with write_tx(house.engine) as connection:
        return staff.first_admin(connection, house.account.oa_id, datetime.now(UTC))


def add(house: House, username: str | None) -> int:
    """`staff add USERNAME`: an administrator, who then gives everybody their roles in the console."""
    return _with_password(house, username, is_new=True)


def reset(house: House, username: str | None) -> int:
    """`staff reset USERNAME`: a new one-time password, also for a head who has lost theirs."""
    return _with_password(house, username, is_new=False)


def _with_password(house: House, username: str | None, is_new: bool) -> int:
    if not username:
        print("Cho biết tên đăng nhập / give the username: python -m bot staff add hanh", file=sys.stderr)
        return 2
    try:
        password = _added(house, username) if is_new else _reset(house, username)
    except StaffRefused as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Tên đăng nhập / username: {username.strip().casefold()}")
    print(f"Mật khẩu dùng một lần, chỉ hiện một lần / one-time password: {password}")
    return 0


def _added(house: House, username: str) -> str:
    oa_id, new = house.account.oa_id, NewOfficial(username, roles=("admin",))
    with write_tx(house.engine) as connection:
        return staff.add(connection, oa_id, None, username, new, datetime.now(UTC))[1]


def _reset(house: House, username: str) -> str:
    oa_id = house.account.oa_id
    with write_tx(house.engine) as connection:
        official = staff.by_username(connection, oa_id, username)
        if official is None:
            raise StaffRefused(f"Không có cán bộ “{username}” / no such official.")
        if not official.active:
            return staff.reactivate(
                connection, oa_id, None, official.id, "mở lại từ máy chủ", datetime.now(UTC)
            )
        return staff.reset_password(connection, oa_id, None, official.id, datetime.now(UTC))
