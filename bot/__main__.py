"""`python -m bot run|web|worker|doctor|backup|restore|purge|oauth|staff`."""

from __future__ import annotations

import argparse
import sys

from alembic.util.exc import CommandError
from sqlalchemy.exc import OperationalError

from bot.config import ConfigError
from ward.profile import WardFileError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Trợ lý Zalo của phường / the ward's bot"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="chạy tất cả trong một tiến trình / everything in one process")
    web = commands.add_parser("web", help="chỉ webhook và trang web / web processes only")
    web.add_argument("--processes", type=int, default=2, help="số tiến trình / number of processes")
    commands.add_parser("worker", help="chỉ phần xử lý và gửi tin / the worker only")
    commands.add_parser("doctor", help="nói cái gì sai và cách sửa / what is wrong and the mend")
    backup = commands.add_parser("backup", help="sao lưu khi đang chạy / back up, also while running")
    backup.add_argument("file", nargs="?", help="tệp đích / target file")
    restore = commands.add_parser("restore", help="phục hồi từ bản sao lưu / restore a backup")
    restore.add_argument("file")
    restore.add_argument("--yes", action="store_true", help="không hỏi lại / do not ask")
    commands.add_parser("purge", help="xóa dữ liệu hết hạn giữ / remove what is past its time")
    oauth = commands.add_parser("oauth", help="mã truy cập Zalo / Zalo's tokens")
    oauth.add_argument("action", choices=["status", "install", "refresh", "resume"])
    staff = commands.add_parser(
        "staff", help="việc chờ cán bộ; thêm, đặt lại mật khẩu / work for officials; accounts"
    )
    staff.add_argument("action", nargs="?", default="list", choices=["list", "done", "add", "reset"])
    staff.add_argument("id", nargs="?", help="số của việc, hoặc tên đăng nhập / task number or username")
    return parser


def main(argv: list[str] | None = None) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    if args.command == "staff" and args.action == "done" and args.id is not None and not args.id.isdecimal():
        parser.error(f"không phải số của việc / no task number: {args.id}")
    from bot.cli import backup, doctor, oauth, serve, staff
    from wsgi import build_house

    commands = {
        "run": serve.run,
        "web": serve.web,
        "worker": serve.worker,
        "doctor": doctor.doctor,
        "backup": backup.backup,
        "restore": backup.restore,
        "purge": backup.purge,
        "oauth": oauth.oauth,
        "staff": staff.staff,
    }
    try:
        return commands[args.command](args, build_house())
    except (ConfigError, WardFileError) as error:
        print(error, file=sys.stderr)
    except OperationalError as error:
        print(f"Không nối được cơ sở dữ liệu / cannot reach the database: {error.orig}", file=sys.stderr)
    except CommandError as error:
        print(f"Cơ sở dữ liệu của phiên bản khác / schema of another version: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
