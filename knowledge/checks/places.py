"""Two tiers since 1/7/2025: nobody is sent to a district, and links lead to official sites only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from knowledge.checks.base import Context, Hit, rule, told
from knowledge.schema import Entry
from knowledge.words import lexicon


@rule(
    "khong_con_cap_huyen",
    "Không câu nào chỉ người dân tới nơi không còn: cấp huyện, thị trấn, các phòng của huyện.",
)
def districts(entry: Entry, context: Context) -> Iterator[Hit]:
    """Words about the past ("không còn cấp huyện", "hồ sơ của huyện cũ") may stay."""
    gone, past = _patterns()
    for field, words in told(entry):
        if (hit := gone.search(past.sub(" ", words))) is not None:
            yield field, f"nói tới nơi không còn: {hit[0]!r}"


@rule("duong_dan_chinh_thuc", "Đường dẫn là https và thuộc tên miền cơ quan nhà nước (lexicon/places.yaml).")
def official_links(entry: Entry, context: Context) -> Iterator[Hit]:
    urls = [(f"links.{n}.url", link.url) for n, link in enumerate(entry.links)]
    urls += [(f"sources.{n}.url", source.url) for n, source in enumerate(entry.sources) if source.url]
    for field, url in urls:
        if not official_url(url):
            yield field, f"{url} không thuộc tên miền được phép"


@rule("duong_dan_dung_ma", "Đường dẫn tới Cổng Dịch vụ công là trang của đúng mã ấy.")
def link_of_the_code(entry: Entry, context: Context) -> Iterator[Hit]:
    pages = {record.raw.get("portal_url"): record.code for record in (context.records or {}).values()}
    for n, link in enumerate(entry.links):
        code = pages.get(link.url)
        if code is not None and entry.code is not None and code != entry.code:
            yield f"links.{n}.url", f"là trang của mã {code}"


def official_url(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" and any(
        host == domain or host.endswith(f".{domain}") for domain in lexicon("places")["domains"]
    )


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    lists = lexicon("places")
    return re.compile("|".join(lists["gone"]), re.I), re.compile("|".join(lists["past"]), re.I)
