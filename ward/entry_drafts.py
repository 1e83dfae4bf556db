"""Good answers on their way into the library: names and numbers taken out, decided by a second person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, insert, select, update

from knowledge.privacy import personal_in, without_personal
from store.schema import entry_drafts, staff

STATES: Final = {"proposed": "Chờ duyệt", "approved": "Đã duyệt", "refused": "Không dùng"}
LONGEST: Final = 4000


class DraftRefused(ValueError):
    """Not kept, or not decided; the text says the mend, in Vietnamese."""


def scrubbed(text: str) -> str:
    """The words without what looks personal; an official reads them over before they are kept."""
    return without_personal(text)


def propose(
    connection: Connection,
    oa_id: str,
    by: int,
    question: str,
    answer: str,
    field: str | None,
    case_id: int | None,
    now: datetime,
) -> int:
    """Keep a question and its answer, once for a case."""
    for name, words in (("Câu hỏi", question), ("Câu trả lời", answer)):
        if not 5 <= len(words.strip()) <= LONGEST:
            raise DraftRefused(f"{name}: cần từ 5 tới {LONGEST} ký tự.")
        if found := personal_in(words):
            raise DraftRefused(f"{name} còn “{found}” giống thông tin cá nhân. Bỏ ra rồi lưu lại.")
    if case_id is not None and of_case(connection, oa_id, case_id) is not None:
        raise DraftRefused("Phiếu này đã có bản nháp thẻ rồi.")
    row: dict[str, Any] = {"oa_id": oa_id, "case_id": case_id, "field": field, "question": question.strip()}
    row |= {"answer": answer.strip(), "state": "proposed", "made_by": by, "made_at": now}
    added = insert(entry_drafts).values(**row).returning(entry_drafts.c.id)
    return int(connection.execute(added).scalar_one())


def of_case(connection: Connection, oa_id: str, case_id: int) -> Row[Any] | None:
    mine = (entry_drafts.c.oa_id == oa_id, entry_drafts.c.case_id == case_id)
    return connection.execute(select(entry_drafts).where(*mine)).first()


def listed(connection: Connection, oa_id: str, state: str, limit: int = 100) -> Sequence[Row[Any]]:
    """The newest first, with the name of who made it."""
    query = (
        select(entry_drafts, staff.c.name.label("maker"))
        .outerjoin(staff, staff.c.id == entry_drafts.c.made_by)
        .where(entry_drafts.c.oa_id == oa_id, entry_drafts.c.state == state)
        .order_by(entry_drafts.c.id.desc())
        .limit(limit)
    )
    return connection.execute(query).all()


def decide(
    connection: Connection,
    oa_id: str,
    draft_id: int,
    by: int,
    state: Literal["approved", "refused"],
    note: str,
    now: datetime,
) -> Row[Any]:
    """Approved by a second person; refused by anybody who may approve, and by its maker."""
    mine = (entry_drafts.c.oa_id == oa_id, entry_drafts.c.id == draft_id)
    draft = connection.execute(select(entry_drafts).where(*mine)).one_or_none()
    if draft is None or draft.state != "proposed":
        raise DraftRefused("Bản nháp này đã có người quyết định rồi.")
    if state == "approved" and draft.made_by == by:
        raise DraftRefused("Người viết không tự duyệt. Nhờ một cán bộ khác coi lại.")
    deciding = update(entry_drafts).where(*mine, entry_drafts.c.state == "proposed")
    values = {"state": state, "decided_by": by, "decided_at": now, "note": note.strip()[:500] or None}
    if connection.execute(deciding.values(**values)).rowcount != 1:
        raise DraftRefused("Bản nháp này vừa có người khác quyết định.")
    return draft
