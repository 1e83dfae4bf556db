"""`backup`, `restore`, `purge`."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot import retention
from bot.after_restore import newest_tokens, settle_after_restore
from store.backup import BackupError, back_up, restore_from
from ward.calendar import VIET_NAM

if TYPE_CHECKING:
    from wsgi import House

WORDS = {
    "events": "tin gốc / raw events",
    "turns": "lời nhắn / words of turns",
    "messages": "tin gửi đi / words of messages",
    "drafts": "bản nháp / drafts",
    "facility_drafts": "bản ghi dở của cơ sở y tế / half-made facility sign-ups",
    "addresses": "địa chỉ nhà / home addresses",
    "result_notices": "lời nhờ báo kết quả / wishes to hear of results",
    "names": "tên người đã hẹn / names of past sign-ups",
    "photos": "ảnh / photos",
    "attempts": "lần thử / counted tries",
    "views": "lượt xem phiếu / case views",
    "notices": "tin báo cán bộ / notices to staff",
    "forgotten": "phiếu gỡ tên / cases made nameless",
}


def backup(args: argparse.Namespace, house: House) -> int:
    target = Path(args.file) if args.file else _default_target(house)
    try:
        size = back_up(house.engine, target)
    except BackupError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Đã sao lưu / backed up: {target} ({size / 1024:.0f} KiB)")
    return 0


def restore(args: argparse.Namespace, house: House) -> int:
    source = Path(args.file)
    if not args.yes and not _sure(source):
        print("Không phục hồi / not restored")
        return 1
    try:
        safety = _default_target(house, "truoc-phuc-hoi")
        back_up(house.engine, safety)
        tokens = newest_tokens(house.engine, house.account.oa_id)
        restore_from(house.engine, source)
    except BackupError as error:
        print(error, file=sys.stderr)
        return 1
    settled = settle_after_restore(house.engine, house.account.oa_id, tokens, datetime.now(VIET_NAM))
    print(f"Đã phục hồi từ / restored from {source}; dữ liệu trước đó / the data before: {safety}")
    print(f"Tin chưa rõ đã gửi chưa / messages to look at: {settled} (python -m bot staff)")
    return 0


def purge(_args: argparse.Namespace, house: House) -> int:
    removed = retention.purge(house.engine, datetime.now(VIET_NAM))
    counts = ", ".join(f"{n} {WORDS[name]}" for name, n in removed.items())
    print(f"Đã xóa / removed: {counts}")
    return 0


def _default_target(house: House, name: str = "ward") -> Path:
    stamp = datetime.now(VIET_NAM).strftime("%Y%m%d-%H%M%S")
    return house.settings.var_dir / "backup" / f"{name}-{stamp}.backup"


def _sure(source: Path) -> bool:
    question = f"Thay toàn bộ dữ liệu hiện có bằng {source}? / Replace all present data? [co/khong] "
    return sys.stdin.isatty() and input(question).strip().lower() in ("co", "có", "yes")
