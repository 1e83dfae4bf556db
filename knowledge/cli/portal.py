"""`python -m knowledge import`: what is said and done around an import."""

from __future__ import annotations

import argparse
import csv
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from knowledge.cli import Assembled
from knowledge.portal.errors import ImportStopped, in_words
from knowledge.portal.gather import Change, Refused, gather, merge
from knowledge.portal.progress import Progress
from knowledge.portal.record import Record
from knowledge.portal.store import FILE_NAME, StoreError, alone, read_store, write_store

SHOWN = 40
STOPPED = 130
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would take a cell that begins so for a formula."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    paths = "tệp .jsonl.gz, .jsonl, .json của bản lưu Cổng, hoặc thư mục chứa chúng"
    command.add_argument("paths", type=Path, nargs="*", metavar="PATH", help=paths)
    target = f"tệp SQLite để ghi (mặc định: {FILE_NAME} cạnh dữ liệu của trợ lý)"
    command.add_argument("--db", type=Path, help=target)
    command.add_argument("--dry-run", action="store_true", help="đọc, kiểm, báo cáo; không ghi gì")
    command.add_argument("--report", type=Path, metavar="FILE.csv", help="ghi danh sách hồ sơ bị từ chối")
    command.add_argument("--remove", action="store_true", help="bỏ hết hồ sơ đã nhập")


def run(args: argparse.Namespace, assembled: Assembled | None) -> int:
    """Import, or undo it; any failure is told and leaves everything as it was."""
    target = _target(args.db or usual_file(assembled))
    try:
        _check(args)
        return _remove(target, args.dry_run) if args.remove else _import(args, target)
    except ImportStopped as stopped:
        return _nothing_done(str(stopped), 1)
    except StoreError as error:
        return _nothing_done(f"{error}. Chọn tệp khác bằng --db, hoặc dời tệp ấy đi rồi nhập lại.", 1)
    except (OSError, sqlite3.Error) as error:
        return _nothing_done(
            f"{target}: không ghi được ({in_words(error)}). Kiểm quyền ghi và chỗ trống của ổ đĩa.", 1
        )
    except MemoryError:
        return _nothing_done("máy không đủ bộ nhớ. Chia tệp nhỏ ra rồi nhập lại.", 1)
    except KeyboardInterrupt:
        return _nothing_done("đã dừng theo ý người chạy.", STOPPED)


def usual_file(assembled: Assembled | None) -> Path:
    """Where the bot looks at its start."""
    return (assembled().var_dir if assembled is not None else Path("var")) / FILE_NAME


def imported_option(command: argparse.ArgumentParser) -> None:
    told = "thêm hồ sơ đã nhập từ Cổng (tệp SQLite)"
    command.add_argument("--imported", type=Path, metavar="FILE", help=told)


def records_of(path: Path | None, usual: Path | None = None) -> Iterable[Record]:
    """The records of the named file, else of the usual one where there is one."""
    if path is not None and not path.exists():
        raise StoreError(f"{path}: không có tệp này; nhập bằng python -m knowledge import PATH")
    chosen = path or usual
    return read_store(chosen).records.values() if chosen is not None else ()


def _import(args: argparse.Namespace, target: Path) -> int:
    found = gather(args.paths, Progress(sys.stderr))
    if args.dry_run:
        change = merge(read_store(target), found)
        _report(change, args.report)
        print(f"Chạy thử, chưa ghi gì vào {target}.")
        return 0
    with alone(target):
        before = read_store(target)
        change = merge(before, found)
        _report(change, args.report)
        write_store(target, change.after)
    same = " (nội dung y như trước)" if before.content_hash == change.after.content_hash else ""
    print(f"{target}: {len(change.after.records)} hồ sơ của Cổng, phường chưa kiểm{same}.")
    print("Khởi động lại chương trình (make run) để trợ lý dùng bản này.")
    return 0


def _remove(target: Path, dry_run: bool) -> int:
    with alone(target):
        count = len(read_store(target).records)
        if not dry_run:
            target.unlink(missing_ok=True)
    print(f"{target}: {'sẽ bỏ' if dry_run else 'đã bỏ'} {count} hồ sơ đã nhập.")
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.remove == bool(args.paths):
        raise ImportStopped("Ghi đường dẫn tệp cần nhập; hoặc chỉ --remove để bỏ hết hồ sơ đã nhập.")
    if args.report and args.report.suffix != ".csv":
        raise ImportStopped(f"{args.report}: tệp báo cáo phải có đuôi .csv.")


def _target(path: Path) -> Path:
    """Where a link leads is written, so that the link stays one."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def _report(change: Change, report: Path | None) -> None:
    print(f"Đọc {change.read} hồ sơ: nhận {change.taken} (mới {change.new}, đổi {change.changed}), "
          f"từ chối {len(change.refused)}.")  # fmt: skip
    for why, count in change.reasons.most_common():
        print(f"  {count:>5}  {why}")
    for one in change.refused[:SHOWN]:
        print(f"    {one.code}  {one.why}{f' ({one.detail})' if one.detail else ''} · {one.where}")
    if len(change.refused) > SHOWN:
        print(f"    … và {len(change.refused) - SHOWN} hồ sơ nữa; xem đủ bằng --report FILE.csv")
    if report is not None:
        _write_report(report, change.refused)
        print(f"Danh sách từ chối: {report}")


def _write_report(path: Path, refused: Sequence[Refused]) -> None:
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["ma", "ly_do", "chi_tiet", "noi"])
            cells = ((one.code, one.why, one.detail, one.where) for one in refused)
            rows.writerows(map(_cell, row) for row in cells)
    except OSError as error:
        raise ImportStopped(f"{path}: không ghi được báo cáo ({in_words(error)}). Chọn chỗ khác.") from error


def _cell(words: str) -> str:
    return f"'{words}" if words.startswith(RISKY) else words


def _nothing_done(why: str, code: int) -> int:
    print(f"{why}\nKhông có gì thay đổi.", file=sys.stderr)
    return code
