"""A source is something another reader can open: no notes of our own, and no more trust than it bears."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from knowledge.checks.base import Context, Hit, rule
from knowledge.schema import Entry, Source
from knowledge.words import lexicon

RULE_WORDS = re.compile(r"luật|pháp lệnh|nghị định|nghị quyết|thông tư|quyết định", re.I)
_PAGE = re.compile(r"\bCổng\b|\btrang\b|bản chụp", re.I)


@rule(
    "nguon_noi_bo", "Nguồn là văn bản hay trang công khai, không phải ghi chép riêng (lexicon/sources.yaml)."
)
def own_notes(entry: Entry, context: Context) -> Iterator[Hit]:
    for n, source in enumerate(entry.sources):
        if (hit := _own().search(source.title)) is not None:
            yield f"sources.{n}", f"{hit[0]!r} là ghi chép riêng; nêu văn bản hoặc trang mà nó dẫn"


@rule(
    "do_chac_theo_nguon", "Độ chắc cao thì ít nhất một nguồn phải là văn bản hoặc trang của cơ quan nhà nước."
)
def trust_of_its_sources(entry: Entry, context: Context) -> Iterator[Hit]:
    if entry.confidence == "high" and not any(_public(source) for source in entry.sources):
        yield "confidence", "độ chắc cao mà không nguồn nào là văn bản hoặc trang của cơ quan nhà nước"


def _public(source: Source) -> bool:
    return source.url is not None or any(one.search(source.title) for one in (RULE_WORDS, _PAGE))


@cache
def _own() -> re.Pattern[str]:
    return re.compile("|".join(lexicon("sources")["own_notes"]), re.I)
