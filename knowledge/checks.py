"""What `python -m knowledge check` looks at: errors stop a release, warnings are told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from knowledge.load import PROCEDURES, EntryError, load_entry
from knowledge.path_checks import check_paths
from knowledge.schema import Entry
from knowledge.text import normalize

LEAST_PHRASINGS = 8
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_DISTRICT = re.compile(r"\b(?:huyện|thị trấn|quận|thị xã)\b", re.I)
_DISTRICT_DENIED = re.compile(
    r"(?:không còn|bỏ|trước đây|hồi trước|hồi xưa|cũ|cấp)\s+(?:cấp\s+)?(?:huyện|quận|thị trấn|thị xã)"
    r"|(?:huyện|quận|thị trấn|thị xã)\s+(?:cũ|trước đây)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`where`: file name and field."""

    level: Literal["error", "warning"]
    where: str
    text: str

    def __str__(self) -> str:
        return f"{'LỖI' if self.level == 'error' else 'lưu ý'}  {self.where}: {self.text}"


def check_all(
    root: Path = PROCEDURES, today: date | None = None, official: Path | None = None
) -> list[Finding]:
    """Everything found below `root`, errors first."""
    entries, found = _load(root)
    today = today or datetime.now(VIETNAM).date()
    for entry in entries:
        found += [*_of_entry(entry), *_of_dates(entry, today)]
    found += [*_related(entries), *_shared_phrases(entries), *_choice_names(entries), *_keys(entries)]
    found += [Finding(level, where, text) for level, where, text in check_paths(root, entries, today)]
    if official is not None:
        found += _official(entries, official)
    return sorted(found, key=lambda one: (one.level, one.where, one.text))


def _load(root: Path) -> tuple[list[Entry], list[Finding]]:
    entries: list[Entry] = []
    found: list[Finding] = []
    for path in sorted(root.glob("*/*.yaml")):
        try:
            entries.append(load_entry(path))
        except EntryError as error:
            found.append(Finding("error", f"{path.parent.name}/{path.name}", str(error)))
    return entries, found


def _error(entry: Entry, field: str, text: str) -> Finding:
    return Finding("error", f"{entry.field}/{entry.key}.yaml {field}", text)


def _warning(entry: Entry, field: str, text: str) -> Finding:
    return Finding("warning", f"{entry.field}/{entry.key}.yaml {field}", text)


def _of_entry(entry: Entry) -> Iterator[Finding]:
    if len(entry.phrasings) < LEAST_PHRASINGS:
        yield _error(entry, "phrasings", f"có {len(entry.phrasings)}, cần ít nhất {LEAST_PHRASINGS}")
    yield from _districts(entry)
    yield from _land_times(entry)
    for n, fee in enumerate(entry.fees):
        if fee.basis == "free" and not (fee.when or fee.source):
            yield _error(entry, f"fees.{n}", "miễn phí phải có `when` hoặc `source`")


def _districts(entry: Entry) -> Iterator[Finding]:
    """Two tiers since 1/7/2025: nobody is sent to a district."""
    places = [(f"places.{n}", place.text) for n, place in enumerate(entry.places)]
    steps = [(f"steps.{n}", step.text) for n, step in enumerate(entry.steps)]
    for field, text in [*places, *steps]:
        if (hit := _DISTRICT.search(_DISTRICT_DENIED.sub("", text))) is not None:
            yield _error(entry, field, f"nói tới nơi không còn: {hit[0]!r}")


def _land_times(entry: Entry) -> Iterator[Finding]:
    if entry.field != "dat_dai":
        return
    for n, time in enumerate(entry.times):
        if time.known and not time.provisional:
            yield _error(entry, f"times.{n}", "thời hạn đất đai là mức chung: cần `provisional: true`")


def _of_dates(entry: Entry, today: date) -> Iterator[Finding]:
    if entry.effective_to is not None and entry.effective_to < today:
        yield _warning(entry, "effective_to", f"hết hiệu lực từ {entry.effective_to:%d/%m/%Y}")
    if entry.verified_on > today:
        yield _error(entry, "verified_on", f"{entry.verified_on:%d/%m/%Y} chưa tới")
    due = entry.verified_on + timedelta(days=entry.review_days)
    if due < today:
        yield _warning(entry, "review_days", f"phải rà lại từ {due:%d/%m/%Y}")
    for fact in entry.facts():
        if fact.effective_to is not None and fact.effective_to < today:
            yield _warning(
                entry, type(fact).__name__.lower(), f"hết hiệu lực từ {fact.effective_to:%d/%m/%Y}"
            )


def _keys(entries: Iterable[Entry]) -> Iterator[Finding]:
    seen: dict[str, Entry] = {}
    for entry in entries:
        if entry.key in seen:
            yield _error(entry, "key", f"đã có ở {seen[entry.key].field}")
        seen[entry.key] = entry


def _related(entries: Iterable[Entry]) -> Iterator[Finding]:
    entries = list(entries)
    keys = {entry.key for entry in entries}
    for entry in entries:
        for key in entry.related:
            if key not in keys:
                yield _error(entry, "related", f"không có thủ tục {key!r}")
            if key == entry.key:
                yield _error(entry, "related", "tự nhắc tới mình")


def _shared_phrases(entries: Iterable[Entry]) -> Iterator[Finding]:
    """The same words for two entries could never be told apart."""
    owner: dict[str, tuple[Entry, str]] = {}
    for entry in entries:
        asks = [(f"faqs.{n}", ask) for n, faq in enumerate(entry.faqs) for ask in faq.asks]
        for field, phrase in [("phrasings", phrase) for phrase in entry.phrasings] + asks:
            plain = normalize(phrase).plain
            other = owner.setdefault(plain, (entry, field))
            if other[0].key != entry.key:
                yield _error(entry, field, f"câu {phrase!r} cũng là của {other[0].key}")
            elif other[1] == field == "phrasings" and entry.phrasings.count(phrase) > 1:
                yield _error(entry, field, f"câu {phrase!r} lặp lại")


def _choice_names(entries: Iterable[Entry]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        other = seen.setdefault((entry.field, normalize(entry.choice_name).plain), entry)
        if other is not entry:
            yield _error(entry, "choice_name", f"trùng với {other.key}")


def _official(entries: Iterable[Entry], folder: Path) -> Iterator[Finding]:
    """Compare codes and official names with the procedure files of the national portal."""
    names = official_names(folder)
    for entry in entries:
        if entry.code is None:
            continue
        if entry.code not in names:
            yield _warning(entry, "code", f"mã {entry.code} không có trong bộ đối chiếu")
        elif _bare(names[entry.code]) != _bare(entry.official_name):
            yield _error(entry, "official_name", f"khác tên của mã {entry.code}: {names[entry.code]!r}")


def official_names(folder: Path) -> dict[str, str]:
    """Code → name from `*.json` files holding lists of procedures."""
    names: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        raw = json.loads(path.read_text("utf-8"))
        rows = raw if isinstance(raw, list) else raw.get("procedures", [])
        for row in rows:
            code, name = row.get("code") or row.get("ma"), row.get("name") or row.get("ten")
            if code and name:
                names.setdefault(str(code), str(name))
    return names


def _bare(name: str) -> str:
    words = normalize(name).plain
    return words.removeprefix("thu tuc ")
