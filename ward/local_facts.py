"""What the ward and its province set themselves: fees, times, places, notes, each with source and date.

`fees.toml` and `local.toml` in the ward's folder. A local fact takes the place of the national one of the
same case (`when`, to the letter) for the days it is in force; before and after, the national one stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError, model_validator

from knowledge.schema import Authority, Duration, Entry, Fact, Fee, FeeBasis, Place, Source, Text, TimeUnit
from ward.profile import Strict, WardFileError, explain, read_toml

FEES, LOCAL = "fees.toml", "local.toml"
ONE_DAY = timedelta(days=1)


class LocalFact(Strict):
    """Of which entry and case, from which decision, read when, in force when."""

    key: str = Field(min_length=2)
    when: str | None = None
    source: str = Field(min_length=3)
    url: str | None = Field(None, pattern=r"^https://")
    verified_on: date
    effective_from: date | None = None
    effective_to: date | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> LocalFact:
        if self.effective_from and self.effective_to and self.effective_from > self.effective_to:
            raise ValueError("effective_from phải trước effective_to")
        return self

    def dated(self, source_id: str) -> dict[str, Any]:
        return {
            "when": self.when,
            "source": source_id,
            "verified_on": self.verified_on,
            "effective_from": self.effective_from,
            "effective_to": self.effective_to,
        }


class LocalFee(LocalFact):
    """`amount_vnd = 0` is free by the named decision."""

    amount_vnd: int = Field(ge=0)
    per: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _thousands(self) -> LocalFee:
        if 0 < self.amount_vnd < 1000:
            raise ValueError("amount_vnd là số tiền đồng, không bớt số 0 (8000 chứ không phải 8)")
        return self

    def fact(self, source_id: str) -> Fee:
        basis: FeeBasis = "fixed" if self.amount_vnd else "free"
        return Fee(
            basis=basis,
            amount_vnd=self.amount_vnd or None,
            per=self.per,
            note=self.note,
            **self.dated(source_id),
        )


class LocalTime(LocalFact):
    amount: int | None = Field(None, gt=0)
    unit: TimeUnit | None = None
    same_day: bool = False
    note: str | None = None

    @model_validator(mode="after")
    def _says_a_time(self) -> LocalTime:
        if self.same_day == (self.amount is not None) or (self.amount is None) != (self.unit is None):
            raise ValueError('ghi same_day = true, hoặc amount cùng unit (ví dụ 3 và "ngay_lam_viec")')
        return self

    def fact(self, source_id: str) -> Duration:
        return Duration(
            amount=self.amount,
            unit=self.unit,
            same_day=self.same_day,
            note=self.note,
            **self.dated(source_id),
        )


class LocalPlace(LocalFact):
    authority: Authority
    text: str = Field(min_length=2)
    hours: str | None = None

    def fact(self, source_id: str) -> Place:
        return Place(authority=self.authority, text=self.text, hours=self.hours, **self.dated(source_id))


class LocalNote(LocalFact):
    """A provincial or local particular, told among the conditions."""

    text: str = Field(min_length=5, max_length=200)

    def fact(self, source_id: str) -> Text:
        return Text(text=self.text, **self.dated(source_id))


class FeeFile(Strict):
    fee: tuple[LocalFee, ...] = ()


class LocalFile(Strict):
    time: tuple[LocalTime, ...] = ()
    place: tuple[LocalPlace, ...] = ()
    note: tuple[LocalNote, ...] = ()


@dataclass(frozen=True)
class LocalFacts:
    fees: tuple[LocalFee, ...] = ()
    times: tuple[LocalTime, ...] = ()
    places: tuple[LocalPlace, ...] = ()
    notes: tuple[LocalNote, ...] = ()

    def keys(self) -> set[str]:
        return {fact.key for fact in (*self.fees, *self.times, *self.places, *self.notes)}


def load_local_facts(ward_dir: Path) -> LocalFacts:
    """Both files; a file that is not there holds nothing."""
    fees = _read(ward_dir / FEES, FeeFile)
    local = _read(ward_dir / LOCAL, LocalFile)
    return LocalFacts(fees.fee, local.time, local.place, local.note)


def apply(local: LocalFacts, entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entries that change, by key. Raises WardFileError for a key or a case that no entry has."""
    known = {entry.key: entry for entry in entries}
    lost = sorted(local.keys() - known.keys())
    if lost:
        raise WardFileError(f"{FEES}, {LOCAL}: không có thủ tục tên {', '.join(lost)}")
    return {key: _changed(known[key], local) for key in sorted(local.keys())}


def _changed(entry: Entry, local: LocalFacts) -> Entry:
    sources = list(entry.sources)
    name = _namer(sources)
    fees = _merged(entry, entry.fees, _of(entry, local.fees), name, FEES)
    times = _merged(entry, entry.times, _of(entry, local.times), name, LOCAL)
    places = _merged(entry, entry.places, _of(entry, local.places), name, LOCAL)
    notes = [note.fact(name(note)) for note in _of(entry, local.notes)]
    changes = {"fees": fees, "times": times, "places": places, "sources": sources}
    return entry.model_copy(update={**changes, "conditions": [*entry.conditions, *notes]})


Local = TypeVar("Local", bound=LocalFact)


def _of(entry: Entry, facts: Sequence[Local]) -> list[Local]:
    return [fact for fact in facts if fact.key == entry.key]


def _namer(sources: list[Source]) -> Callable[[LocalFact], str]:
    """Gives each decision an id among the entry's sources, adding it on first use."""

    def name(fact: LocalFact) -> str:
        for source in sources:
            if (source.title, source.url) == (fact.source, fact.url):
                return source.id
        made = Source(
            id=f"dia_phuong_{len(sources)}", title=fact.source, url=fact.url, as_of=fact.verified_on
        )
        sources.append(made)
        return made.id

    return name


def _merged(
    entry: Entry,
    national: Sequence[Any],
    local: Sequence[Any],
    name: Callable[[LocalFact], str],
    file: str,
) -> list[Any]:
    """The national facts outside the days of the local ones, then the local ones."""
    cases = {fact.when for fact in national}
    for fact in local:
        if fact.when is not None and fact.when not in cases:
            choices = "; ".join(sorted(case for case in cases if case)) or "không có trường hợp riêng nào"
            raise WardFileError(
                f"{file}: {entry.key}: không có trường hợp “{fact.when}” (đang có: {choices})"
            )
    kept: list[Any] = []
    for fact in national:
        kept += _outside(fact, [one for one in local if one.when == fact.when])
    return [*kept, *(fact.fact(name(fact)) for fact in local)]


def _outside(fact: Fact, local: Sequence[LocalFact]) -> list[Fact]:
    """`fact` cut down to the days that none of `local` covers."""
    left = [fact]
    for taken in local:
        left = [piece for one in left for piece in _cut(one, taken.effective_from, taken.effective_to)]
    return left


def _cut(fact: Fact, start: date | None, end: date | None) -> list[Fact]:
    pieces: list[Fact] = []
    if start is not None and (fact.effective_from is None or fact.effective_from < start):
        before = start - ONE_DAY
        last = before if fact.effective_to is None else min(before, fact.effective_to)
        pieces.append(fact.model_copy(update={"effective_to": last}))
    if end is not None and (fact.effective_to is None or fact.effective_to > end):
        after = end + ONE_DAY
        first = after if fact.effective_from is None else max(after, fact.effective_from)
        pieces.append(fact.model_copy(update={"effective_from": first}))
    return pieces


File = TypeVar("File", FeeFile, LocalFile)


def _read(path: Path, model: type[File]) -> File:
    if not path.exists():
        return model()
    raw: Mapping[str, Any] = read_toml(path)
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise WardFileError(explain(path, error)) from error
