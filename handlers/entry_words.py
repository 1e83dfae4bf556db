"""An entry's checked facts in the house's words, for officials to put into their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.parts import Writer, part_of
from handlers.phrases import Phrases
from knowledge.facets import Facet
from knowledge.library import Library
from ward.profile import WardProfile

PARTS: Final[dict[Facet, str]] = {
    "ho_so": "Giấy tờ",
    "noi_nop": "Nơi nộp",
    "thoi_han": "Thời hạn",
    "le_phi": "Lệ phí",
    "dieu_kien": "Điều kiện",
    "trinh_tu": "Các bước",
    "ket_qua": "Kết quả",
    "can_cu": "Căn cứ",
}
"""Parts of an entry with their titles for officials."""


@dataclass(frozen=True)
class WordsOfEntries:
    phrases: Phrases
    profile: WardProfile

    def parts(self, library: Library, key: str, day: date) -> Sequence[tuple[str, str, str]]:
        """(facet, title, text) of everything that is known of the entry and holds on the day."""
        entry = library.entry(key)
        if entry is None:
            return ()
        writer = Writer(entry, self.phrases, self.profile, day)
        found = ((facet, title, part_of(writer, facet)) for facet, title in PARTS.items())
        return [(facet, title, "\n".join(part.items)) for facet, title, part in found if part is not None]
