"""Reading files nobody vouches for: every limit is checked before the content is held in memory."""

from __future__ import annotations

import gzip
import hashlib
import json
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from knowledge.portal.errors import ImportStopped, in_words
from knowledge.portal.record import Kind

LONGEST_LINE = 4 * 1024 * 1024
LARGEST_FILE = 64 * 1024 * 1024
LARGEST_UNPACKED = 256 * 1024 * 1024
LARGEST_LIST = 16 * 1024 * 1024
"""A JSON list is held in memory as a whole."""
MOST_RECORDS = 20_000
ENDINGS = (".jsonl.gz", ".jsonl", ".json.gz", ".json")
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Item:
    """One record as it stands in a file. `where`: file and line, or place in the list."""

    where: str
    kind: Kind
    raw: Any


Tell = Callable[[int], None]
"""Is told how many bytes of the files have been read so far."""


def files_of(path: Path) -> list[Path]:
    """The file itself, or those of a folder, in the order of their names."""
    mode = _mode(path)
    if stat.S_ISREG(mode):
        if not path.name.endswith(ENDINGS):
            raise ImportStopped(f"{path}: không biết loại tệp này. Cần tệp {', '.join(ENDINGS)}.")
        return [path]
    if not stat.S_ISDIR(mode):
        raise ImportStopped(f"{path}: không phải tệp thường. Chỉ đường tới tệp hoặc thư mục của bản lưu.")
    try:
        found = sorted(one for one in path.iterdir() if one.name.endswith(ENDINGS))
    except OSError as error:
        raise ImportStopped(f"{path}: không mở được thư mục ({in_words(error)}).") from error
    if not found:
        raise ImportStopped(f"{path}: thư mục không có tệp {', '.join(ENDINGS)} nào.")
    for one in found:
        if not stat.S_ISREG(_mode(one)):
            raise ImportStopped(f"{one}: không phải tệp thường. Bỏ nó ra khỏi thư mục rồi nhập lại.")
    return found


def items_of(path: Path, tell: Tell = lambda read: None) -> Iterator[Item]:
    """Every record of a file; anything that makes the file doubtful stops the import."""
    name = path.name.removesuffix(".gz")
    with _opened(path) as (raw, content):
        rows = _lines(path, content) if name.endswith(".jsonl") else _list(path, content)
        for number, item in enumerate(rows, 1):
            if number > MOST_RECORDS:
                _stop(path, f"nhiều hơn {MOST_RECORDS:,} hồ sơ. Chia tệp ra rồi nhập từng phần.")
            tell(raw.tell())
            yield item


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file and its unpacked content, with every way of failing told in words."""
    try:
        with path.open("rb") as raw:
            _check_size(path, raw)
            packed = path.name.endswith(".gz")
            start = raw.read(2)
            raw.seek(0)
            if packed and start != GZIP:
                _stop(path, "đuôi .gz nhưng không phải tệp gzip. Tải lại, hoặc đổi đuôi cho đúng.")
            if not packed and start == GZIP:
                _stop(path, "là tệp gzip nhưng thiếu đuôi .gz. Đổi tên cho đúng rồi nhập lại.")
            yield raw, gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[misc]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ImportStopped(f"{path}: tệp gzip bị cụt hoặc hỏng. Tải lại tệp.") from error
    except OSError as error:
        raise ImportStopped(f"{path}: không đọc được ({in_words(error)}). Kiểm quyền đọc tệp.") from error


def _check_size(path: Path, raw: IO[bytes]) -> None:
    size = raw.seek(0, 2)
    raw.seek(0)
    most = LARGEST_FILE if path.name.endswith(".gz") else LARGEST_UNPACKED
    if size > most:
        _stop(path, f"lớn hơn {most // 2**20} MiB. Kiểm lại có đúng bản lưu không; đúng thì chia nhỏ.")
    if size == 0:
        _stop(path, "tệp trống. Tải lại tệp.")


def _lines(path: Path, content: IO[bytes]) -> Iterator[Item]:
    unpacked = number = 0
    while line := content.readline(LONGEST_LINE + 1):
        number += 1
        unpacked += len(line)
        where = f"{path}, dòng {number}"
        if len(line) > LONGEST_LINE:
            most = LONGEST_LINE // 2**20
            raise ImportStopped(f"{where}: dài hơn {most} MiB. Mỗi hồ sơ phải là một dòng.")
        if unpacked > LARGEST_UNPACKED:
            most = LARGEST_UNPACKED // 2**20
            _stop(path, f"bung ra hơn {most} MiB. Tệp này không phải bản lưu thường, đừng nhập.")
        if line.strip():
            raw = _json(line, where)
            yield Item(where, _kind(raw), raw)


def _list(path: Path, content: IO[bytes]) -> Iterator[Item]:
    data = content.read(LARGEST_LIST + 1)
    if len(data) > LARGEST_LIST:
        most = LARGEST_LIST // 2**20
        _stop(path, f"danh sách lớn hơn {most} MiB. Chia nhỏ, hoặc ghi mỗi hồ sơ một dòng (.jsonl).")
    rows = _json(data, str(path))
    if not isinstance(rows, list):
        _stop(path, "cần một danh sách hồ sơ [{…}, {…}].")
    for number, raw in enumerate(rows, 1):
        yield Item(f"{path}, hồ sơ thứ {number}", _kind(raw), raw)


def _kind(raw: Any) -> Kind:
    return "parsed" if isinstance(raw, dict) and "code" in raw else "crawl"


def _json(data: bytes, where: str) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        why = f"không phải chữ UTF-8 (byte thứ {error.start + 1})"
    except RecursionError:
        why = "lồng nhau quá nhiều lớp"
    except json.JSONDecodeError as error:
        why = f"không phải JSON (từ chữ thứ {error.pos + 1})"
    except ValueError as error:
        why = f"có giá trị không dùng được ({str(error)[:40]})"
    raise ImportStopped(f"{where}: {why}. Tải lại tệp, hoặc sửa chỗ ấy rồi nhập lại.")


def _no_constant(name: str) -> NoReturn:
    """NaN and Infinity are no JSON, but Python would take them."""
    raise ValueError(name)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        raise ImportStopped(f"{path}: không có tệp này. Kiểm lại đường dẫn.") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise ImportStopped(f"{path}: không mở được ({in_words(error)}). Kiểm lại đường dẫn.") from error


def _stop(path: Path, why: str) -> NoReturn:
    raise ImportStopped(f"{path}: {why}")
