"""Pages that show another procedure than their code says.

The crawler looks a code up; when the portal does not find it, the first hit of the search is kept under
that code. Three signs give such a page away, each of which is enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz import fuzz

from knowledge.portal.record import Record, Refusal
from knowledge.text import normalize
from knowledge.words import lexicon

SAME_NAME = 80
OF_THE_STATE = ("bo-", "ngan-hang-nha-nuoc", "toa-an-", "thanh-tra-", "van-phong-chinh-phu")


def wrong_pages(records: Iterable[Record]) -> Iterator[Refusal]:
    """One refusal for each record that is another procedure's page."""
    records = list(records)
    sharing = _sharing(records)
    for record in records:
        why = _known(record) or _of_a_province(record) or sharing.get(record.code)
        if why:
            yield Refusal(record.code, *why)


def _known(record: Record) -> tuple[str, str] | None:
    """A code found wrong before, unless the page now bears the right name."""
    found = lexicon("portal_defects")["wrong_pages"].get(record.code)
    if found is None or _alike(record.name, found["name"]):
        return None
    return "trang sai: nội dung là thủ tục khác", f"tên đúng: {found['name']}"


def _of_a_province(record: Record) -> tuple[str, str] | None:
    """A province's own procedure under the list of a ministry."""
    local = (record.decision or "").upper().endswith("QĐ-UBND")
    if not local or not (record.ministry or "").startswith(OF_THE_STATE):
        return None
    return "trang sai: quyết định của một tỉnh trong danh sách của bộ", record.decision or ""


def _sharing(records: list[Record]) -> dict[str, tuple[str, str]]:
    """One page under several codes: nobody can tell whose it is."""
    codes: dict[str, list[str]] = defaultdict(list)
    for record in records:
        codes[record.url.casefold().rstrip("/")].append(record.code)
    return {
        code: ("trang sai: một trang mang nhiều mã", ", ".join(one for one in shared if one != code))
        for shared in codes.values()
        if len(shared) > 1
        for code in shared
    }


def _alike(one: str, other: str) -> bool:
    return fuzz.ratio(normalize(one).plain, normalize(other).plain) >= SAME_NAME
