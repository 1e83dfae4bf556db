"""Writing to the citizen: canned words, the handbook's facts, hints, the phone's view, then sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from flask import Blueprint, request
from sqlalchemy import Connection

from bot.replies import Reply
from console import case_view, casework
from console.access import official, page
from console.case_actions import Acting, Answer, act, again
from console.case_view import Typed, bubbles
from console.services import services
from ward import canned
from ward.calendar import local
from ward.cases import work
from ward.cases.changes import MoveRefused
from ward.cases.work import Case, Changed
from ward.staff import Permission

blueprint = Blueprint("answer", __name__, url_prefix="/phieu/<code>")
LONGEST: Final = 6000


@blueprint.post("/soan")
@page(Permission.CASES_WORK)
def compose(code: str) -> Answer:
    """One form with many buttons: those that help come back to the page, those that send end it."""
    typed = _typed()
    wish, _, value = request.form.get("do", "").partition(":")
    if wish in SENDERS:
        return act(code, SENDERS[wish](typed), replace(typed, fresh=True), f"case-{code}-reply")
    helper = HELPERS.get(wish)
    if helper is None:
        return again(code, typed, "Không rõ nút vừa bấm. Bấm lại một nút trên trang."), 400
    return _helped(code, typed, helper, value)


def _helped(code: str, typed: Typed, helper: Callable[..., Typed], value: str) -> Answer:
    house = services()
    with house.read() as connection:
        case = casework.the_case(connection, code)
        try:
            typed, error = helper(connection, case, typed, value), ""
        except (canned.CannedError, MoveRefused) as refused:
            error = str(refused)
        shown = case_view.render(connection, case, replace(typed, fresh=True), error)
    return (shown, 400) if error else shown


def _typed() -> Typed:
    form = request.form
    text = form.get("text", "").replace("\r\n", "\n")[:LONGEST]
    tab = "note" if form.get("tab") == "note" else "reply"
    return Typed(text, tab, form.get("search", ""), form.get("entry", ""))


# ── help ─────────────────────────────────────────────────────────────────────────────────────────


def _canned(connection: Connection, case: Case, typed: Typed, value: str) -> Typed:
    """The canned words, filled; placeholders for the official stay to be typed over."""
    house, now = services(), services().now()
    rows = canned.fitting(connection, house.oa_id, case.kind, case.state, case.field)
    chosen = next((row for row in rows if str(row.id) == (value or request.form.get("canned"))), None)
    if chosen is None:
        raise MoveRefused("Chọn một câu soạn sẵn trong danh sách.", "canned")
    asked = canned.Asked(case.code, case.due_at, case.khom, typed.entry or None)
    known = canned.values(asked, official(), house.library(), house.profile, now, local(now).date())
    return replace(typed, text=_joined(typed.text, canned.render(chosen.text, known, keep_by_hand=True)))


def _search(connection: Connection, case: Case, typed: Typed, value: str) -> Typed:
    return replace(typed, search=typed.search or case.question, entry="")


def _open_entry(connection: Connection, case: Case, typed: Typed, value: str) -> Typed:
    return replace(typed, entry=value, search="")


def _insert(connection: Connection, case: Case, typed: Typed, value: str) -> Typed:
    """The parts ticked, with their titles, as the entry states them today."""
    house = services()
    wanted = request.form.getlist("part")
    day = local(house.now()).date()
    parts = house.entry_words.parts(house.library(), typed.entry, day)
    chosen = [f"{title}:\n{text}" for facet, title, text in parts if facet in wanted]
    if not chosen:
        raise MoveRefused("Đánh dấu ít nhất một mục của thẻ rồi bấm Chèn.", "part")
    return replace(typed, text=_joined(typed.text, "\n".join(chosen)))


def _preview(connection: Connection, case: Case, typed: Typed, value: str) -> Typed:
    return replace(typed, preview=bubbles(_as_said(case, typed.text)), looked_over=True)


def _tab(connection: Connection, case: Case, typed: Typed, value: str) -> Typed:
    return replace(typed, tab="note" if value == "note" else "reply")


def _joined(before: str, more: str) -> str:
    return f"{before.rstrip()}\n{more}" if before.strip() else more


def _as_said(case: Case, text: str) -> tuple[Reply, ...]:
    """As the citizen reads it, with greeting, thanks and buttons."""
    words, by = services().case_words, casework.speaker(official())
    if not text.strip():
        raise MoveRefused("Chưa có chữ nào để xem thử.", "text")
    if case.kind == "report":
        return words.told(case, by, text)
    return words.answer(case, by, text)


HELPERS: Final[dict[str, Callable[..., Typed]]] = {
    "canned": _canned,
    "search": _search,
    "entry": _open_entry,
    "insert": _insert,
    "preview": _preview,
    "tab": _tab,
}


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


def _check_filled(text: str) -> None:
    left = canned.unfilled(text)
    if left:
        raise MoveRefused(f"Còn chỗ chưa điền: {', '.join(left)}. Điền hoặc bỏ đi rồi gửi.", "unfilled")


def _final(typed: Typed) -> Callable[[Acting], str]:
    def do(acting: Acting) -> str:
        _check_filled(typed.text)
        changed = work.send_answer(*acting.at, typed.text, True, acting.now, acting.house.calendar)
        words = acting.house.case_words.answer
        _send(acting, changed, words(changed.case, casework.speaker(acting.me), typed.text.strip()))
        acting.log("case_answered", channel="zalo")
        return "Đang gửi câu trả lời. Zalo nhận tin thì phiếu mới tính là xong."

    return do


def _told(typed: Typed) -> Callable[[Acting], str]:
    def do(acting: Acting) -> str:
        _check_filled(typed.text)
        changed = work.send_answer(*acting.at, typed.text, False, acting.now, acting.house.calendar)
        words = acting.house.case_words.told
        _send(acting, changed, words(changed.case, casework.speaker(acting.me), typed.text.strip()))
        acting.log("case_told")
        return "Đang gửi tin. Phiếu vẫn mở."

    return do


def _ask(typed: Typed) -> Callable[[Acting], str]:
    def do(acting: Acting) -> str:
        _check_filled(typed.text)
        changed = work.wait_for_citizen(*acting.at, typed.text, acting.now, acting.house.calendar)
        words = acting.house.case_words.asked
        _send(acting, changed, words(changed.case, casework.speaker(acting.me), typed.text.strip()))
        acting.log("case_asked")
        return "Đang gửi câu hỏi. Đồng hồ dừng tới khi người dân trả lời."

    return do


def _note(typed: Typed) -> Callable[[Acting], str]:
    def do(acting: Acting) -> str:
        work.note(*acting.at, typed.text, acting.now)
        acting.log("case_note")
        return "Đã lưu ghi chú nội bộ. Người dân không thấy."

    return do


def _send(acting: Acting, changed: Changed, replies: tuple[Reply, ...]) -> None:
    acting.say(changed.case, replies, changed.sent_as)


SENDERS: Final[dict[str, Callable[[Typed], Callable[[Acting], str]]]] = {
    "final": _final,
    "told": _told,
    "ask": _ask,
    "note": _note,
}
