"""Papers: what one sentence says is looked up is not asked of everybody in another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.checks.base import Context, Hit, rule
from knowledge.schema import Entry

_PAPERS = re.compile(r"khai tử|khai sinh|kết hôn|ly hôn|tình trạng hôn nhân|nơi cư trú|khuyết tật", re.I)
_LOOKED_UP = re.compile(
    r"tự tra|(?:lấy|tra) (?:từ|trên|trong) (?:cơ sở )?dữ liệu|(?:không phải|khỏi) nộp", re.I
)


@rule(
    "tu_tra_nhat_quan",
    "Giấy mà bước, điều kiện nói cán bộ tự tra thì không ghi là ai cũng phải nộp (`how`, hoặc `when`).",
)
def looked_up_is_not_asked(entry: Entry, context: Context) -> Iterator[Hit]:
    looked_up = {
        paper.lower()
        for line in (*entry.steps, *entry.conditions)
        if line.when is None
        for part in re.split(r"[.;]", line.text)
        if _LOOKED_UP.search(part)
        for paper in _PAPERS.findall(part)
    }
    for n, one in enumerate(entry.documents):
        asked = {paper.lower() for paper in _PAPERS.findall(one.name)} if one.how == "submit" else set()
        if one.when is None and not _LOOKED_UP.search(one.name) and asked & looked_up:
            yield f"documents.{n}", f"{', '.join(sorted(asked & looked_up))}: câu khác nói cán bộ tự tra"
