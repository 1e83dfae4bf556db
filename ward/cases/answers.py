"""The way of an answer: written, sent, taken by Zalo or not; or given by phone, or in person."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, select, update

from store.schema import photos, staff_tasks
from ward.calendar import WorkCalendar
from ward.cases.changes import (
    SYSTEM,
    By,
    Case,
    Changed,
    MoveRefused,
    add_message,
    begin,
    check_move,
    refuse_ended,
    save,
    sent_key,
)
from ward.cases.handling import need_text, refuse_other_hands, refuse_unreachable
from ward.tasks import open_task

Spoken = Literal["phone", "in_person"]

FIELD_TEXT: Final = 30
"""Citizens complain of vague endings: a report is closed with words, and a picture or why there is none."""
CALL_LIST: Final = "answer_not_delivered"
NOT_WAITING: Final[dict[str, Any]] = {"waiting_since": None, "waiting_hours_left": None}


def send_answer(
    connection: Connection,
    oa_id: str,
    case_id: int,
    version: int | None,
    by: By,
    text: str,
    final: bool,
    now: datetime,
    calendar: WorkCalendar | None = None,
) -> Changed:
    """Words to the citizen, sent by the caller under `sent_as`. `final`: the case is answered as soon as Zalo
    has taken them; else it is news on the way. A report is ended with close_field_case.
    """
    case = begin(connection, oa_id, case_id, version)
    if final and case.kind == "report":
        raise MoveRefused("Phản ánh kết thúc bằng Đóng phiếu: nội dung và ảnh sau xử lý.", "field_case")
    return _say(connection, case, by, need_text(text), final, now)


def close_field_case(
    connection: Connection,
    oa_id: str,
    case_id: int,
    version: int | None,
    by: By,
    text: str,
    photo: str | None,
    reason: str | None,
    now: datetime,
    spoken: Spoken | None = None,
) -> Changed:
    """End a report: at least 30 characters, and the token of an after-photo or the reason why there is none.
    `spoken`: the citizen was told by phone or in person, nothing is sent.
    """
    case = begin(connection, oa_id, case_id, version)
    words = need_text(text, FIELD_TEXT)
    refuse_other_hands(case, by)
    check_move(case, "answered" if spoken else "sending")
    _need_proof(connection, case, by, photo, reason, now)
    detail = {"photo": photo is not None}
    if spoken is not None:
        return _spoken(connection, case, by, words, spoken, now, detail)
    return _say(connection, case, by, words, True, now, detail)


def answered_by_phone(
    connection: Connection,
    oa_id: str,
    case_id: int,
    version: int | None,
    by: By,
    channel: Spoken,
    note: str,
    now: datetime,
) -> Changed:
    """The citizen was told by phone or in person; `note`: what was said."""
    case = begin(connection, oa_id, case_id, version)
    if case.kind == "report":
        raise MoveRefused("Phản ánh kết thúc bằng Đóng phiếu: nội dung và ảnh sau xử lý.", "field_case")
    refuse_other_hands(case, by)
    return _spoken(connection, case, by, need_text(note), channel, now, {})


def delivered(
    connection: Connection, oa_id: str, case_id: int, now: datetime, version: int | None = None
) -> Changed:
    """Zalo took the final answer: only now is the case answered. A citizen who wrote while it was on its way
    keeps the case open, lest nobody reads it."""
    case = begin(connection, oa_id, case_id, version)
    close_calls(connection, oa_id, case_id, now)
    if case.state == "sending" and _wrote_since(case):
        return Changed(save(connection, case, SYSTEM, "delivered", now, {"open": True}, state="assigned"))
    ended = {"state": "answered", "answered_at": now, "answered_by": "zalo", **NOT_WAITING}
    return Changed(save(connection, case, SYSTEM, "delivered", now, None, **ended))


def not_delivered(
    connection: Connection, oa_id: str, case_id: int, reason: str, now: datetime, version: int | None = None
) -> Changed:
    """The final answer did not arrive (or nobody knows): back to its official, on the call list.
    `reason`: a code such as "failed", never words of people."""
    case = begin(connection, oa_id, case_id, version)
    if case.state != "sending":
        raise MoveRefused(f"Phiếu {case.code} không có trả lời đang gửi.", "state")
    changed = save(connection, case, SYSTEM, "not_delivered", now, {"reason": reason}, state="assigned")
    detail = {"case_id": case_id, "code": case.code, "reason": reason, "message_id": case.answer_message_id}
    ref = f"{case_id}:{case.answer_message_id}"
    open_task(connection, oa_id, CALL_LIST, ref, case.person_id, detail, now)
    return Changed(changed)


def _wrote_since(case: Case) -> bool:
    wrote, answered = case.citizen_spoke_at, case.staff_spoke_at
    return wrote is not None and answered is not None and wrote > answered


def close_calls(connection: Connection, oa_id: str, case_id: int, now: datetime) -> None:
    """Nobody needs to call any more."""
    mine = (staff_tasks.c.oa_id == oa_id, staff_tasks.c.kind == CALL_LIST, staff_tasks.c.done_at.is_(None))
    ours = staff_tasks.c.ref.like(f"{case_id}:%")
    connection.execute(update(staff_tasks).where(*mine, ours).values(done_at=now))


def _say(
    connection: Connection,
    case: Case,
    by: By,
    words: str,
    final: bool,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> Changed:
    refuse_other_hands(case, by)
    refuse_unreachable(case)
    check_move(case, "sending" if final else "assigned")
    sent_as = sent_key(case)
    message_id = add_message(
        connection, case.oa_id, case.id, "staff", words, now, by.staff_id, sent_as=sent_as
    )
    values: dict[str, Any] = {"staff_spoke_at": now}
    if final:
        values |= {"state": "sending", "answer_message_id": message_id}
    changed = save(connection, case, by, "answer_sent" if final else "told", now, detail, **values)
    return Changed(changed, message_id, sent_as)


def _spoken(
    connection: Connection,
    case: Case,
    by: By,
    words: str,
    channel: Spoken,
    now: datetime,
    detail: dict[str, Any],
) -> Changed:
    refuse_ended(case)
    message_id = add_message(connection, case.oa_id, case.id, "staff", words, now, by.staff_id)
    values = {"state": "answered", "answered_at": now, "answered_by": channel, "staff_spoke_at": now}
    values |= {"answer_message_id": message_id, **NOT_WAITING}
    changed = save(connection, case, by, "answered", now, {**detail, "channel": channel}, **values)
    close_calls(connection, case.oa_id, case.id, now)
    return Changed(changed, message_id)


def _need_proof(
    connection: Connection, case: Case, by: By, photo: str | None, reason: str | None, now: datetime
) -> None:
    if photo is None:
        if not reason or not reason.strip():
            raise MoveRefused("Cần ảnh sau xử lý, hoặc ghi lý do không có ảnh.", "proof")
        why = f"Không có ảnh sau xử lý: {reason.strip()}"
        add_message(connection, case.oa_id, case.id, "staff", why, now, by.staff_id, "note")
        return
    mine = (photos.c.token == photo, photos.c.oa_id == case.oa_id, photos.c.kind == "after")
    row = connection.execute(select(photos.c.case_id, photos.c.person_id).where(*mine)).one_or_none()
    if row is None or row.case_id not in (None, case.id) or row.person_id is not None:
        raise MoveRefused("Không tìm thấy ảnh sau xử lý của phiếu này. Mình tải ảnh lên lại.", "photo")
    connection.execute(update(photos).where(photos.c.token == photo).values(case_id=case.id))
