"""`oauth`: the OA's tokens, without ever showing one."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from bot.zalo.oauth import OAuthRefused
from bot.zalo.tokens import TokenBusy, TokenTrouble
from bot.zalo.transport import Unclear, Unreachable
from ward.calendar import VIET_NAM

if TYPE_CHECKING:
    from wsgi import House


def oauth(args: argparse.Namespace, house: House) -> int:
    house.account  # noqa: B018 - a wrong setting is told by the command line's own words
    actions = {"status": _status, "install": _install, "refresh": _refresh, "resume": _resume}
    try:
        return actions[args.action](house)
    except (TokenTrouble, TokenBusy, OAuthRefused, Unreachable, Unclear, ValueError) as error:
        print(f"Không được / failed: {error}", file=sys.stderr)
        return 1


def _status(house: House) -> int:
    status = house.tokens.status()
    if status is None:
        print("Chưa có mã truy cập / no token yet: python -m bot oauth install")
        return 1
    until = status.expires_at.astimezone(VIET_NAM)
    print(f"Mã truy cập dùng được đến / access token lives until: {until:%d/%m/%Y %H:%M}")
    print(f"Lần đổi / version: {status.version}; trục trặc / trouble: {status.trouble or 'không / none'}")
    return 1 if status.trouble else 0


def _install(house: House) -> int:
    """Take the refresh token shown by Zalo's API Explorer; it is exchanged at once, and never echoed."""
    asked = "Dán refresh token (không hiện ra màn hình) / paste the refresh token: "
    token = (getpass.getpass(asked) if sys.stdin.isatty() else sys.stdin.readline()).strip()
    house.tokens.install(house.oauth.refresh(token))
    return _status(house)


def _refresh(house: House) -> int:
    house.tokens.renew(house.tokens.access_token())
    return _status(house)


def _resume(house: House) -> int:
    house.tokens.resume()
    return _status(house)
