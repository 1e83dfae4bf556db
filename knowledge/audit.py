"""A seeded sample of facts, each beside the official text, for a second reader.

The same seed, entries and records give the same sample. Each kind of fact has a share after its
number, and at least one; within a kind the field that has been drawn least comes next, so that small
fields are read too.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from knowledge.checks.base import record_of
from knowledge.checks.official import NUMBER_WORDS, UNIT_NAMES, Record, composed
from knowledge.schema import FIELDS, Document, Duration, Entry, Fee

LONGEST_EXCERPT = 420


@dataclass(frozen=True, slots=True)
class Sample:
    """One fact as the entry states it, and what the record says of it."""

    entry: Entry
    kind: str
    field: str
    stated: str
    official: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    entry: Entry
    kind: str
    field: str
    stated: str
    needle: str


def draw(entries: Sequence[Entry], records: Mapping[str, Record], seed: int, count: int) -> list[Sample]:
    """`count` facts of entries that have a record, or all there are."""
    rng = random.Random(seed)  # noqa: S311 - a sample that can be repeated, not a secret
    pools = _pools([entry for entry in entries if record_of(entry, records) is not None], rng)
    order = sorted({field for kind in pools.values() for field in kind})
    rng.shuffle(order)
    left = _shares({kind: sum(map(len, fields.values())) for kind, fields in pools.items()}, count)
    used: Counter[str] = Counter()
    samples: list[Sample] = []
    while any(left.values()):
        for kind in [kind for kind, share in left.items() if share]:
            field = min((one for one in order if pools[kind].get(one)), key=lambda name: used[name])
            used[field] += 1
            left[kind] -= 1
            samples.append(_beside(pools[kind][field].pop(), records))
    return samples


def _shares(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """How many of each kind, after its number (largest remainder) and at least one where `count` allows."""
    total = sum(sizes.values())
    fair = {kind: size * min(count, total) / max(1, total) for kind, size in sizes.items()}
    shares = {kind: min(size, max(1, int(fair[kind]))) for kind, size in sizes.items()}
    while (given := sum(shares.values())) != min(count, total):
        step = 1 if given < count else -1
        open_ = [kind for kind in sizes if 0 <= shares[kind] + step <= sizes[kind]]
        shares[min(open_, key=lambda kind: (step * (shares[kind] - fair[kind]), kind))] += step
    return shares


def _pools(entries: Sequence[Entry], rng: random.Random) -> dict[str, dict[str, list[_Candidate]]]:
    """Kind → field → its facts, shuffled."""
    pools: dict[str, dict[str, list[_Candidate]]] = {kind: {} for kind in _EXCERPTS}
    for entry in sorted(entries, key=lambda one: one.key):
        for candidate in _facts(entry):
            pools[candidate.kind].setdefault(entry.field, []).append(candidate)
    for fields in pools.values():
        for found in fields.values():
            rng.shuffle(found)
    return pools


def _facts(entry: Entry) -> Iterator[_Candidate]:
    for n, time in enumerate(entry.times):
        yield _Candidate(entry, "thời hạn", f"times.{n}", said_of_time(time), str(time.amount or ""))
    for n, fee in enumerate(entry.fees):
        yield _Candidate(entry, "lệ phí", f"fees.{n}", said_of_fee(fee), str(fee.amount_vnd or ""))
    for n, paper in enumerate(entry.documents):
        yield _Candidate(entry, "giấy tờ", f"documents.{n}", said_of_paper(paper), paper.name)
    for n, place in enumerate(entry.places):
        yield _Candidate(entry, "nơi nộp", f"places.{n}", _joined(place.text, place.when), place.text)
    for n, legal in enumerate(entry.legal_basis):
        yield _Candidate(
            entry, "căn cứ", f"legal_basis.{n}", _joined(legal.number, legal.title), legal.number
        )
    yield from _numbers(entry)
    yield from _sentences(entry)


def _numbers(entry: Entry) -> Iterator[_Candidate]:
    for n, duty in enumerate(entry.deadlines):
        stated = _joined(
            duty.what, f"{duty.amount} {UNIT_NAMES[duty.unit]}", duty.since and f"từ {duty.since}"
        )
        yield _Candidate(entry, "mốc phải làm", f"deadlines.{n}", stated, stated)
    for n, one in enumerate(entry.figures):
        stated = f"{one.what}: {one.value:g} {one.unit}"
        yield _Candidate(entry, "con số", f"figures.{n}", stated, stated)


def _sentences(entry: Entry) -> Iterator[_Candidate]:
    for name, kind in (("steps", "bước"), ("conditions", "điều kiện"), ("mistakes", "lưu ý")):
        for n, line in enumerate(getattr(entry, name)):
            yield _Candidate(entry, kind, f"{name}.{n}", _joined(line.text, line.when), line.text)
    for n, faq in enumerate(entry.faqs):
        yield _Candidate(entry, "hỏi thêm", f"faqs.{n}", f"{faq.asks[0]} → {faq.answer}", faq.answer)
    for name, kind in (("summary", "tóm tắt"), ("audience", "đối tượng"), ("result", "kết quả")):
        if (fact := getattr(entry, name)) is not None:
            yield _Candidate(entry, kind, name, _joined(fact.text, fact.when), fact.text)


def _beside(candidate: _Candidate, records: Mapping[str, Record]) -> Sample:
    record = record_of(candidate.entry, records)
    text = _EXCERPTS[candidate.kind](record, candidate.needle) if record is not None else ""
    return Sample(candidate.entry, candidate.kind, candidate.field, candidate.stated, _cut(text))


def said_of_time(time: Duration) -> str:
    amount = f"{time.amount} {UNIT_NAMES[time.unit]}" if time.amount and time.unit else "chưa biết"
    flags = ["tạm tính, tỉnh quyết định" if time.provisional else "", "cộng thêm" if time.adds else ""]
    return _joined("trong ngày" if time.same_day else amount, time.when, *flags, time.note)


def said_of_fee(fee: Fee) -> str:
    names = {
        "free": "miễn phí",
        "hdnd_tinh": "HĐND tỉnh quy định",
        "rate": "theo biểu",
        "unknown": "chưa biết",
    }
    amount = f"{fee.amount_vnd:,} đồng" if fee.amount_vnd else names.get(fee.basis, fee.basis)
    most = f"tối đa {fee.max_vnd:,} đồng" if fee.max_vnd else ""
    return _joined(amount, fee.per and f"mỗi {fee.per}", most, fee.when, fee.note)


def said_of_paper(paper: Document) -> str:
    how = {"submit": "nộp", "show": "xuất trình", "looked_up": "cán bộ tự tra"}[paper.how]
    counts = [f"{n} {word}" for n, word in ((paper.originals, "bản chính"), (paper.copies, "bản sao")) if n]
    return _joined(paper.name, how, *counts, paper.form, paper.when)


def _of_time(record: Record, amount: str) -> str:
    number = "|".join([f"0?{amount}", *(word for word, n in NUMBER_WORDS.items() if str(n) == amount)])
    near = _around(record, rf"\b(?:{number}) (?:ngày|giờ|tháng|năm)\b") if amount else []
    hints = [_cut(str(hint), 160) for hint in record.raw.get("time_hints", [])]
    return " · ".join([*_by_channel(record, "days_text"), *(f"«{one}»" for one in (near or hints)[:2])])


def _of_fee(record: Record, amount: str) -> str:
    digits = f"{int(amount):,}".replace(",", "[.,]?") if amount else ""
    near = _around(record, rf"\b{digits}\b") if digits else []
    return " · ".join([*_by_channel(record, "fee_text"), *(f"«{one}»" for one in near[:1])])


def _by_channel(record: Record, cell: str) -> list[str]:
    """Each different text of a cell, with the channels that have it."""
    texts: dict[str, list[str]] = {}
    for row in record.methods:
        channels = texts.setdefault(_cut(str(row.get(cell) or "–"), 200), [])
        if row.get("channel") not in channels:
            channels.append(str(row.get("channel")))
    return [f"{', '.join(channels)}: {text}" for text, channels in texts.items()]


def _around(record: Record, pattern: str) -> list[str]:
    """The words about each hit in the record's text, each once."""
    text = record.text
    found = (text[max(0, hit.start() - 90) : hit.end() + 60] for hit in re.finditer(pattern, text))
    return list({_words_of(one): one for one in found}.values())


def _words_of(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))[20:-20]


def _of_paper(record: Record, name: str) -> str:
    """The line of the record that shares most words with the paper."""
    lines = record.raw.get("documents", [])
    if not lines:
        return "(hồ sơ không có bảng giấy tờ)"
    wanted = _words(name)
    best = max(lines, key=lambda line: len(wanted & _words(str(line.get("name")))) / (len(wanted) + 1))
    counts = f"bản chính {best.get('originals')}, bản sao {best.get('copies')}"
    return f"{_cut(str(best.get('name')), 340)} [{counts}]"


def _of_place(record: Record, text: str) -> str:
    steps = [composed(str(step)) for step in record.raw.get("steps", [])]
    handed = next((step for step in steps if re.search(r"nộp|gửi", step)), "")
    return " · ".join(filter(None, [str(record.raw.get("authority", "")), _cut(handed, 300)]))


def _of_law(record: Record, number: str) -> str:
    rows: list[dict[str, Any]] = record.raw.get("legal_basis", [])
    cited = next((row for row in rows if row.get("code") == number), None)
    if cited is not None:
        return f"{cited.get('code')}: {cited.get('name')}"
    missing = "(số này không có trong căn cứ của hồ sơ)"
    return missing if number not in record.text else "(có trong nội dung hồ sơ)"


def _of_result(record: Record, said: str) -> str:
    return _joined(str(record.raw.get("result") or ""), _of_sentence(record, said))


def _of_sentence(record: Record, said: str) -> str:
    """The two sentences of the record that share most words with what the entry says."""
    wanted = _pairs(said)
    lines = {part.strip() for part in re.split(r"(?<=[.;:])\s|\n", _prose(record)) if len(part) > 12}
    best = sorted(lines, key=lambda line: (-_likeness(wanted, _pairs(line)), line))[:2]
    return " · ".join(f"«{_cut(line, LONGEST_EXCERPT // 2 - 4)}»" for line in best)


def _prose(record: Record) -> str:
    parts = [*record.raw.get("steps", []), str(record.raw.get("conditions") or "")]
    parts += [str(paper.get("name")) for paper in record.raw.get("documents", [])]
    parts += [str(row.get(cell) or "") for row in record.methods for cell in ("fee_text", "note")]
    return "\n".join(map(str, parts))


def _pairs(text: str) -> set[str]:
    """The syllables of a text and each two that follow one another: most words are of two."""
    alone = re.findall(r"\w+", composed(text).casefold())
    return {*alone, *(" ".join(two) for two in pairwise(alone))}


def _likeness(wanted: set[str], words: set[str]) -> float:
    """Shared words, but a long sentence does not win by its length alone."""
    return len(wanted & words) / (len(words) + 24)


_EXCERPTS: dict[str, Callable[[Record, str], str]] = {
    "thời hạn": _of_time, "lệ phí": _of_fee, "giấy tờ": _of_paper, "nơi nộp": _of_place, "căn cứ": _of_law,
    "mốc phải làm": _of_sentence, "con số": _of_sentence, "bước": _of_sentence, "điều kiện": _of_sentence,
    "lưu ý": _of_sentence, "hỏi thêm": _of_sentence, "tóm tắt": _of_sentence, "đối tượng": _of_sentence,
    "kết quả": _of_result,
}  # fmt: skip


def as_markdown(samples: Sequence[Sample], seed: int) -> str:
    head = [
        f"# Đọc lại lần hai: {len(samples)} dữ kiện, hạt giống {seed}",
        "",
        "Mỗi mục: điều thẻ nói, và chữ của hồ sơ trên Cổng. Người đọc đánh dấu một ô và ghi chỗ sai.",
    ]
    return "\n".join([*head, *(_section(n, sample) for n, sample in enumerate(samples, 1))]) + "\n"


def _section(n: int, sample: Sample) -> str:
    entry = sample.entry
    where = f"`{entry.field}/{entry.key}.yaml` · `{sample.field}`"
    return (
        f"\n## {n}. {FIELDS[entry.field]} · {sample.kind}\n\n"
        f"{where} · mã {entry.code}: {_cut(entry.official_name, 120)}\n\n"
        f"- Thẻ: {sample.stated}\n- Cổng: {sample.official}\n- ☐ đúng ☐ sai ☐ không rõ:"
    )


def _joined(*parts: str | None) -> str:
    return "; ".join(part for part in parts if part)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", composed(text).casefold()))


def _cut(text: str, most: int = LONGEST_EXCERPT) -> str:
    line = composed(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
