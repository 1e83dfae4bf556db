"""What officials do with a case. Each action is one transaction: change, words to the citizen, log.

A save from a page that is no longer true is refused: the page comes again with what the other one did, and
with the words that were typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from bot.replies import Reply
from console import case_view, casework, drafts
from console.access import official, page
from console.services import ConsoleServices, services
from knowledge.schema import FIELDS
from ward import audit, photos
from ward.cases import find, work
from ward.cases.changes import add_message
from ward.cases.deadlines import limits_for
from ward.cases.extending import extend
from ward.cases.model import KINDS, URGENCIES
from ward.cases.work import By, Case, Changed, MoveRefused, StaleCase
from ward.codes import parse_code
from ward.pictures import NotAPhoto, Photo, reencode
from ward.staff import Official, Permission, scope_of

blueprint = Blueprint("act", __name__, url_prefix="/phieu/<code>")
Answer = str | tuple[str, int] | Response


@dataclass(frozen=True)
class Acting:
    """One action under way. `version`: of the page it was sent from."""

    connection: Connection
    house: ConsoleServices
    me: Official
    case: Case
    version: int | None
    now: datetime

    @property
    def at(self) -> tuple[Connection, str, int, int | None, By]:
        """The first arguments of everything in ward.cases.work."""
        return self.connection, self.house.oa_id, self.case.id, self.version, work.official(self.me.id)

    def log(self, action: str, **detail: Any) -> None:
        known = casework.detail_of(**detail)
        audit.record(
            self.connection, self.house.oa_id, self.me.id, action, self.case.code, self.now, None, **known
        )

    def say(self, case: Case, replies: tuple[Reply, ...], sent_as: str | None) -> None:
        if sent_as is not None:
            casework.say_to_all(self.connection, case, replies, sent_as, self.now)


Do = Callable[[Acting], str]
"""Does it; returns what to tell the official."""


def act(code: str, do: Do, typed: case_view.Typed | None = None, draft: str = "") -> Answer:
    """Run an action and go back to the case; refused, show the page again with what was typed."""
    house, me, now = services(), official(), services().now()
    try:
        with house.write() as connection:
            case = casework.the_case(connection, code)
            said = do(Acting(connection, house, me, case, _version(), now))
    except MoveRefused as error:
        return again(code, typed, error.reason), 400
    except StaleCase as error:
        return again(code, typed, str(error), stale=True), 409
    if draft:
        drafts.done(draft)
    flash(said, "ok")
    return redirect(_where_to(code))


def again(code: str, typed: case_view.Typed | None, error: str, stale: bool = False) -> str:
    """The page as it is now; the words typed stand where they stood."""
    house = services()
    after = request.form.get("seen", 0, type=int) if stale else None
    with house.read() as connection:
        case = casework.the_case(connection, code)
        return case_view.render(connection, case, typed, error, after)


def _where_to(code: str) -> str:
    """Back to the case; to the queue when it is no longer the official's to see, or came from there."""
    house = services()
    with house.read() as connection:
        visible = find.by_code(connection, house.oa_id, code, scope_of(official()))
    if visible is None:
        return url_for("queue.listing")
    return url_for("case.show", code=code)


def _version() -> int | None:
    """Every form carries the version of its page; one without is stale."""
    return request.form.get("version", -1, type=int)


def _text(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def need_directing(acting: Acting) -> None:
    free = acting.case.assignee_id is None
    if not free and not casework.may_direct(acting.me, acting.case):
        raise MoveRefused("Phiếu này cán bộ khác đang giữ. Nhờ người đó hoặc bộ phận Một cửa.", "not_yours")


# ── taking, passing, sorting ─────────────────────────────────────────────────────────────────────


@blueprint.post("/nhan")
@page(Permission.CASES_WORK)
def take(code: str) -> Answer:
    def do(acting: Acting) -> str:
        work.take(*acting.at, acting.now)
        acting.log("case_taken")
        return f"Đã nhận phiếu {acting.case.code}."

    return act(code, do)


@blueprint.post("/chuyen")
@page(Permission.CASES_WORK)
def pass_on(code: str) -> Answer:
    """To an official, or to a field: then it waits in the queue of those who have that field."""
    to, note = _text("to"), _text("note")

    def do(acting: Acting) -> str:
        need_directing(acting)
        if to.startswith("field:"):
            return _to_field(acting, to.removeprefix("field:"), note)
        if not to.isdigit():
            raise MoveRefused("Chọn người hoặc lĩnh vực nhận phiếu.", "receiver")
        work.pass_on(*acting.at, int(to), note, acting.now)
        acting.log("case_passed_on", to=int(to))
        return f"Đã chuyển phiếu {acting.case.code}."

    return act(code, do)


def _to_field(acting: Acting, field: str, note: str) -> str:
    if field not in FIELDS:
        raise MoveRefused("Không có lĩnh vực này.", "field")
    changed = work.classify(*acting.at, field=field, **_sorting(acting))
    if acting.case.assignee_id is not None:
        connection, oa_id, case_id, _, by = acting.at
        version = changed.case.version
        work.give_back(connection, oa_id, case_id, version, by, note, acting.now, acting.house.calendar)
    elif note:
        _keep_note(acting, note)
    _tell_sorted(acting, changed)
    acting.log("case_passed_on", field=field)
    return f"Đã chuyển phiếu {acting.case.code} qua {FIELDS[field]}."


def _keep_note(acting: Acting, note: str) -> None:
    work.note(*acting.at, note, acting.now)


@blueprint.post("/tra-lai")
@page(Permission.CASES_WORK)
def give_back(code: str) -> Answer:
    note = _text("note")

    def do(acting: Acting) -> str:
        need_directing(acting)
        work.give_back(*acting.at, note, acting.now, acting.house.calendar)
        acting.log("case_given_back")
        return f"Đã trả phiếu {acting.case.code} về hàng chờ."

    return act(code, do)


@blueprint.post("/phan-loai")
@page(Permission.CASES_WORK)
def classify(code: str) -> Answer:
    names = ("field", "urgency", "kind", "khom", "reason")
    chosen: dict[str, Any] = {name: _text(name) or None for name in names}

    def do(acting: Acting) -> str:
        need_directing(acting)
        _check_choices(acting, chosen)
        connection, oa_id, case_id, version, by = acting.at
        changed = work.classify(connection, oa_id, case_id, version, by, **chosen, **_sorting(acting))
        told = _tell_sorted(acting, changed)
        after = {name: getattr(changed.case, name) for name in ("field", "urgency", "kind", "khom")}
        acting.log("case_classified", **after)
        return "Đã phân loại và báo người dân hạn xử lý." if told else "Đã phân loại."

    return act(code, do)


def _check_choices(acting: Acting, chosen: dict[str, Any]) -> None:
    known: dict[str, set[Any]] = {
        "field": {*FIELDS, acting.case.field},
        "urgency": set(URGENCIES),
        "kind": set(KINDS),
        "khom": {*(khom.name for khom in acting.house.profile.khom), acting.case.khom},
    }
    for name, allowed in known.items():
        if chosen[name] is not None and chosen[name] not in allowed:
            raise MoveRefused("Mục vừa chọn không có trong danh sách.", name)


def _sorting(acting: Acting) -> dict[str, Any]:
    limits = limits_for(acting.connection, acting.house.oa_id, acting.house.profile.answer_hours)
    return {"now": acting.now, "calendar": acting.house.calendar, "limits": limits}


def _tell_sorted(acting: Acting, changed: Changed) -> bool:
    """A new due time is the citizen's to know; what was sorted alone is not."""
    case = changed.case
    if case.due_at == acting.case.due_at or not case.person_id or case.head_only:
        return False
    sent_as = f"c{case.id}v{case.version}"
    replies = acting.house.case_words.classified(case, acting.now)
    _note_said(acting, replies, sent_as)
    acting.say(case, replies, sent_as)
    return True


def _note_said(acting: Acting, replies: tuple[Reply, ...], sent_as: str) -> None:
    """What the bot says because of us stands in the story too, with the state of its sending."""
    words = "\n".join(reply.text for reply in replies if reply.text)
    case = acting.case
    add_message(acting.connection, case.oa_id, case.id, "bot", words, acting.now, sent_as=sent_as)


# ── a later term, one case into another ──────────────────────────────────────────────────────────


@blueprint.post("/gia-han")
@page(Permission.CASES_WORK)
def put_off(code: str) -> Answer:
    day, reason = _text("day"), _text("reason")

    def do(acting: Acting) -> str:
        try:
            until = date.fromisoformat(day)
        except ValueError as error:
            raise MoveRefused("Chọn ngày hẹn mới.", "day") from error
        changed = extend(*acting.at, until, reason, acting.now, acting.house.calendar)
        if changed.sent_as is not None:
            before, after = acting.case.due_at, changed.case.due_at
            replies = acting.house.case_words.late(acting.case.code, before, after, acting.now)
            _note_said(acting, replies, changed.sent_as)
            acting.say(changed.case, replies, changed.sent_as)
        acting.log("case_extended", new_due_at=changed.case.due_at.isoformat())
        return "Đã gia hạn và gửi lời xin lỗi cho người dân."

    return act(code, do)


@blueprint.post("/gop")
@page(Permission.CASES_WORK)
def merge(code: str) -> Answer:
    into = parse_code(_text("into")).code

    def do(acting: Acting) -> str:
        need_directing(acting)
        house = acting.house
        scope = scope_of(acting.me)
        target = find.by_code(acting.connection, house.oa_id, into, scope) if into else None
        if target is None:
            raise MoveRefused("Không tìm thấy phiếu để gộp vào. Coi lại mã.", "target")
        changed = work.merge(*acting.at, target.id, acting.now)
        if changed.case.person_id:
            sent_as = f"c{changed.case.id}v{changed.case.version}"
            replies = house.case_words.merged(changed.case, target.code)
            _note_said(acting, replies, sent_as)
            acting.say(changed.case, replies, sent_as)
        acting.log("case_merged", into=target.code)
        return f"Đã gộp phiếu {acting.case.code} vào {target.code}."

    return act(code, do)


# ── ended without a message, ended in the field ──────────────────────────────────────────────────


@blueprint.post("/da-tra-loi")
@page(Permission.CASES_WORK)
def spoken(code: str) -> Answer:
    """Answered by telephone or in person."""
    channel: Any = _text("channel")
    note = _text("note")
    draft = f"case-{code}-spoken"

    def do(acting: Acting) -> str:
        if channel not in ("phone", "in_person"):
            raise MoveRefused("Chọn gọi điện thoại hay gặp trực tiếp.", "channel")
        work.answered_by_phone(*acting.at, channel, note, acting.now)
        acting.log("case_answered", channel=channel)
        return f"Đã ghi câu trả lời, phiếu {acting.case.code} xong."

    return act(code, do, draft=draft)


@blueprint.post("/dong")
@page(Permission.CASES_WORK)
def close(code: str) -> Answer:
    """A report ends with what was done, and a picture after the work or why there is none."""
    text, reason, how = _text("done"), _text("no_photo"), _text("how")
    try:
        taken = _picture()
    except NotAPhoto:
        return again(code, None, "Tệp vừa chọn không phải ảnh đọc được. Chụp lại dạng JPG hoặc PNG."), 400

    def do(acting: Acting) -> str:
        return _close(acting, text, taken, reason, how)

    return act(code, do, draft=f"case-{code}-close")


def _close(acting: Acting, text: str, taken: Photo | None, reason: str, how: str) -> str:
    house, case = acting.house, acting.case
    spoken_by: Any = how if how in ("phone", "in_person") else None
    token = None
    if taken is not None:
        box = house.box("photos")
        token = photos.keep(
            acting.connection, box, house.oa_id, None, taken, acting.now, kind="after", case_id=case.id
        )
    changed = work.close_field_case(*acting.at, text, token, reason, acting.now, spoken_by)
    if changed.sent_as is not None:
        image = f"photo:{token}" if token else None
        replies = house.case_words.closed(changed.case, casework.speaker(acting.me), text, image)
        acting.say(changed.case, replies, changed.sent_as)
    acting.log("case_closed", photo=token is not None, channel=spoken_by)
    if spoken_by:
        return f"Đã đóng phiếu {case.code}."
    return f"Đang gửi lời báo xong của phiếu {case.code}. Zalo nhận tin thì phiếu mới tính là xong."


def _picture() -> Photo | None:
    """The uploaded picture made ours, before any transaction begins."""
    file = request.files.get("photo")
    if file is None or not file.filename:
        return None
    return reencode(file.read())
