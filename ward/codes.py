"""Case codes people can read out: `HD-2611-0007-9` = kind, year and month, number, check digit.

The check digit (Damm) catches every single wrong digit and every swap of neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

PREFIXES: dict[str, str] = {
    "HD": "câu hỏi",
    "PA": "phản ánh",
    "TD": "hẹn tiếp công dân",
    "LD": "lưu động",
    "TN": "hẹn tại nhà",
    "KQ": "báo kết quả",
    "XD": "xóa dữ liệu",
}
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_GAP = r"[\s.,/_-]*"
_CODE = re.compile(
    rf"(?<![A-Z0-9])({'|'.join(PREFIXES)}){_GAP}(\d{{2}}(?:0[1-9]|1[0-2])){_GAP}(\d{{4,6}}){_GAP}(\d)(?!\d)"
)
_DOSSIER = re.compile(r"(?<![A-Z0-9])(H\d{2}(?:\.\d{1,4}){1,3}-\d{6}-\d{3,6})(?!\d)")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


@dataclass(frozen=True)
class Reading:
    """What was found in a text. `code` is the code as it should be written, when there is one."""

    status: Literal["valid", "wrong_digit", "none"]
    code: str | None = None


def make_code(prefix: str, year: int, month: int, number: int) -> str:
    if prefix not in PREFIXES or not 1 <= month <= 12 or not 1 <= number <= 999_999:
        raise ValueError(f"no code for {prefix} {year}-{month} number {number}")
    digits = f"{year % 100:02d}{month:02d}{number:04d}"
    return _write(prefix, digits, check_digit(digits))


def parse_code(text: str) -> Reading:
    """Find a code typed in any way: small letters, spaces, dots, long dashes or nothing between."""
    found = _CODE.search(_plain(text))
    if found is None:
        return Reading("none")
    prefix, month, number, check = found.groups()
    digits = month + number
    right = check_digit(digits) == int(check)
    return Reading("valid" if right else "wrong_digit", _write(prefix, digits, int(check)))


def find_dossier(text: str) -> str | None:
    """The code of a one-stop-shop dossier (H20.27-261015-0003), which is not ours to look up."""
    found = _DOSSIER.search(re.sub(r"\s*-\s*", "-", _plain(text)))
    return found.group(1) if found else None


def check_digit(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


def _write(prefix: str, digits: str, check: int) -> str:
    return f"{prefix}-{digits[:4]}-{digits[4:]}-{check}"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).upper().replace("Đ", "D")
    return _DASHES.sub("-", folded)
