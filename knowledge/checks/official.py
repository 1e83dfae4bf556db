"""The national portal's records (`--official DIR`), reduced to what the rules compare with.

A record's cells are not to be believed as they stand: "Miễn phí" may be an empty cell, and a number
without a unit is not a number of days. `knowledge/lexicon/portal_defects.yaml` lists the codes where
that is known, for the times when no record is at hand.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from knowledge.schema import TimeUnit
from knowledge.words import lexicon

Raw = dict[str, Any]
_UNITS: dict[str, TimeUnit] = {
    "ngày làm việc": "ngay_lam_viec", "ngày": "ngay", "giờ": "gio", "tháng": "thang", "năm": "nam",
}  # fmt: skip
UNIT_NAMES: dict[TimeUnit, str] = {unit: name for name, unit in _UNITS.items()}
NUMBER_WORDS = {
    "một": 1,
    "hai": 2,
    "ba": 3,
    "bốn": 4,
    "năm": 5,
    "sáu": 6,
    "bảy": 7,
    "tám": 8,
    "chín": 9,
    "mười": 10,
}
_SPAN = re.compile(
    rf"\b(\d{{1,3}}|{'|'.join(NUMBER_WORDS)})\s*(?:\([^)]{{1,12}}\)\s*)?(ngày làm việc|ngày|giờ|tháng|năm)\b",
    re.I,
)
_GIVEN_IN_ONE = re.compile(
    r"thời hạn (?:không quá )?0?1 (ngày làm việc|ngày)\b[^.;]*?\b(?:cấp giấy|cấp bản|trả kết quả)", re.I
)
_NOT_SAID = {"code", "portal_url", "formality_id", "source_defects", "parse_flags", "parse_ok", "raw_lengths"}
_NOT_A_SUM = re.compile(
    r"\d+(?:\.\d+)?/(?:\d{1,2}/)?\d{4}(?:/[\w-]+)?|\b(?:Điều|khoản|Mẫu số|mẫu)\s+\d+", re.I
)
_SUM = re.compile(r"\d{1,3}(?:[.,  ]\d{3})+|\d+")


@dataclass(frozen=True)
class Record:
    """One official procedure."""

    code: str
    name: str
    raw: Raw = field(repr=False)

    @property
    def methods(self) -> list[Raw]:
        return list(self.raw.get("submission_methods", []))

    @property
    def has_body(self) -> bool:
        """False for a list of codes and names alone."""
        return "submission_methods" in self.raw

    @cached_property
    def text(self) -> str:
        """Everything the record says, on one line."""
        body = {key: value for key, value in self.raw.items() if key not in _NOT_SAID}
        return composed(" ".join(_leaves(body)))

    @cached_property
    def spans(self) -> set[tuple[int, TimeUnit]]:
        """Every length of time that stands somewhere with its unit."""
        said = (
            (NUMBER_WORDS.get(n.lower()) or int(n), _UNITS[unit.lower()])
            for n, unit in _SPAN.findall(self.text)
        )
        return self.cells | set(said)

    @cached_property
    def cells(self) -> set[tuple[int, TimeUnit]]:
        """What the time cells of the channels say, where they name a unit."""
        return {
            (int(row["days_value"]), _UNITS[row["days_unit"].lower()])
            for row in self.methods
            if row.get("days_value") and (row.get("days_unit") or "").lower() in _UNITS
        }

    @cached_property
    def bare(self) -> set[int]:
        """Numbers of the time cell without a unit."""
        return {
            int(row["days_value"])
            for row in self.methods
            if row.get("days_value") and not row.get("days_unit")
        }

    @cached_property
    def sums(self) -> set[int]:
        """Every number of the text, but those of laws and dates."""
        return {int(re.sub(r"\D", "", hit)) for hit in _SUM.findall(_NOT_A_SUM.sub(" ", self.text))}

    def grants_in_a_day(self, unit: TimeUnit) -> bool:
        """Whether a sentence says the result is given within one day of that unit."""
        return any(_UNITS[hit.lower()] == unit for hit in _GIVEN_IN_ONE.findall(self.text))

    def counts_from_filing(self, amount: int, unit: TimeUnit) -> bool:
        """Whether a sentence counts that span from the day the papers or the request came in."""
        span = rf"\b0?{amount}\s*(?:\([^)]{{1,12}}\)\s*)?{UNIT_NAMES[unit]}\b"
        came = r"nhận (?:được |đủ )+(?:văn bản đề nghị|(?:giấy tờ|hồ sơ))"
        return re.search(rf"{span},?\s*(?:kể )?(?:từ|khi)[^.;,]{{0,20}}{came}", self.text, re.I) is not None

    def halved(self, amount: int) -> bool:
        """Whether the amount is half of one that the record names, and it tells of a reduction by half."""
        return "50%" in self.text and 2 * amount in self.sums

    @property
    def free_but_contradicted(self) -> bool:
        return any(row.get("fee_status") == "mien_phi_nhung_ghi_chu_trai" for row in self.methods)

    @property
    def same_day(self) -> bool:
        """Whether the text bears out "in one day"."""
        return (
            re.search(r"(?:trong|cùng|ngay) ngày|15 giờ|15h|ngay sau khi|ngày làm việc tiếp theo", self.text)
            is not None
        )


def load_records(folder: Path) -> dict[str, Record]:
    """Code → record, from the `*.json` lists of a folder."""
    records: dict[str, Record] = {}
    for path in sorted(folder.glob("*.json")):
        for row in _rows(json.loads(path.read_text("utf-8"))):
            code, name = row.get("code") or row.get("ma"), row.get("name") or row.get("ten")
            if code and name:
                records.setdefault(str(code), Record(str(code), composed(str(name)), row))
    return records


def official_names(folder: Path) -> dict[str, str]:
    return {code: record.name for code, record in load_records(folder).items()}


def portal_defects() -> Raw:
    return lexicon("portal_defects")


def composed(text: str) -> str:
    """NFC, without hidden characters, single spaces."""
    seen = "".join(char for char in unicodedata.normalize("NFC", text) if unicodedata.category(char) != "Cf")
    return " ".join(seen.split())


def _rows(raw: Any) -> list[Raw]:
    return list(raw if isinstance(raw, list) else raw.get("procedures", []))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    elif value is not None:
        yield str(value)
