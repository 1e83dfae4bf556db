"""From files to the records that may be stored, with every refusal and its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.portal.errors import ImportStopped
from knowledge.portal.progress import Progress
from knowledge.portal.read import MOST_RECORDS, digest, files_of, items_of
from knowledge.portal.record import Record, Refusal, record_of
from knowledge.portal.store import Source, Stored
from knowledge.portal.wrong_pages import wrong_pages


@dataclass(frozen=True)
class Refused:
    """A record that is not imported: where it stood, its code and why."""

    where: str
    code: str
    why: str
    detail: str = ""


@dataclass
class Gathered:
    """What the files hold. `places`, `origin`: code → where it stood, and the digest of its file."""

    records: dict[str, Record] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    read: int = 0

    def refuse(self, refusal: Refusal, where: str) -> None:
        self.refused.append(Refused(where, refusal.code, refusal.why, refusal.detail))

    def add(self, record: Record, where: str, file: str) -> None:
        """The later of two records with the same code is kept."""
        if record.code in self.records:
            same = self.records[record.code] == record
            why = "trùng mã, giống hệt bản sau" if same else "trùng mã, giữ bản đọc sau"
            self.refused.append(Refused(self.places[record.code], record.code, why))
        self.records[record.code] = record
        self.places[record.code] = where
        self.origin[record.code] = file


@dataclass(frozen=True)
class Change:
    """What an import does to what is stored."""

    after: Stored
    refused: tuple[Refused, ...]
    read: int
    taken: int
    new: int
    changed: int

    @property
    def reasons(self) -> Counter[str]:
        return Counter(one.why for one in self.refused)


def gather(paths: Sequence[Path], progress: Progress) -> Gathered:
    files = [file for path in paths for file in files_of(path)]
    progress.total = sum(file.stat().st_size for file in files)
    found = Gathered()
    before = 0
    for file in files:
        _gather_file(file, found, progress, before)
        before += file.stat().st_size
    progress.close()
    return found


def _gather_file(file: Path, found: Gathered, progress: Progress, before: int) -> None:
    source = Source(digest(file), file.name)
    found.sources.append(source)
    for item in items_of(file, lambda read: progress.at(before + read, found.read)):
        found.read += 1
        if found.read > MOST_RECORDS:
            raise ImportStopped(f"{file}: tổng cộng hơn {MOST_RECORDS} hồ sơ. Nhập từng phần.")
        try:
            found.add(record_of(item.raw, item.kind), item.where, source.sha256)
        except Refusal as refusal:
            found.refuse(refusal, item.where)
    if source.sha256 not in found.origin.values():
        raise ImportStopped(f"{file}: không có hồ sơ nào dùng được.{_first_reasons(found)}")


def merge(before: Stored, found: Gathered) -> Change:
    """The stored records with the new ones over them, wrong pages taken out of both."""
    merged = {**before.records, **found.records}
    refused = list(found.refused)
    wrong = {refusal.code: refusal for refusal in wrong_pages(merged.values())}
    for code, refusal in wrong.items():
        where = found.places.get(code, "đã nhập trước đây, nay bỏ ra")
        refused.append(Refused(where, code, refusal.why, refusal.detail))
    records = {code: record for code, record in merged.items() if code not in wrong}
    taken = [code for code in found.records if code not in wrong]
    if not taken:
        raise ImportStopped(f"không hồ sơ nào qua được bước kiểm.{_first_reasons(found)}")
    new = sum(code not in before.records for code in taken)
    changed = sum(code in before.records and before.records[code] != found.records[code] for code in taken)
    origin = {**before.origin, **found.origin}
    after = Stored(
        records, _sources(before, found, {origin[code] for code in records}),
        {code: origin[code] for code in records},
    )  # fmt: skip
    return Change(after, tuple(refused), found.read, len(taken), new, changed)


def _sources(before: Stored, found: Gathered, used: set[str]) -> tuple[Source, ...]:
    """The files some record still comes from, each once."""
    latest: Mapping[str, Source] = {one.sha256: one for one in (*before.sources, *found.sources)}
    return tuple(latest[sha] for sha in sorted(used & latest.keys()))


def _first_reasons(found: Gathered) -> str:
    told = [f"  {one.where}: {one.code} {one.why} {one.detail}".rstrip() for one in found.refused[:5]]
    return "\n".join(["", *told]) if told else " Kiểm lại có đúng bản lưu của Cổng không."
