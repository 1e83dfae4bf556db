"""Sessions at the khóm: the list, planning, one session with its sign-ups, moving it, the day list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from console.access import official, page
from console.services import services
from store.schema import staff_tasks
from ward import audit, callers
from ward.calendar import VIET_NAM, local
from ward.callers import CallerRefused
from ward.programmes.load import programmes_of
from ward.programmes.model import Programme
from ward.staff import Permission
from ward.tasks import close_task
from ward.visits import booking, firms, sessions
from ward.visits.access import NAMES_OPENED, may_call, may_open_names
from ward.visits.model import (
    ANSWERS,
    AT_OFFICE,
    AT_THE_WARD,
    OPEN_STATES,
    SIGNUP_STATES,
    VISIT_STATES,
    Answer,
    BookingRefused,
    NewSignup,
    Signup,
    Visit,
)
from ward.visits.people import PURPOSE, Who, seal, unseal
from ward.visits.unseen import unseen

blueprint = Blueprint("visits", __name__, url_prefix="/lich-luu-dong")

AHEAD = timedelta(days=60)
KINDS = {
    "mobile": "Lưu động",
    "land": "Tư vấn nhà, đất",
    "ceremony": "Lễ",
    "coffee": "Gặp doanh nghiệp",
    "same_day": "Hai không",
}
PLANNED_HERE = tuple(kind for kind in KINDS if kind != firms.KIND)
"""Meetings with firms are planned on a page of their own: they have an hour of their own."""


@dataclass(frozen=True)
class Shown:
    """A session with all that its page shows."""

    visit: Visit
    programme: Programme | None
    people: list[Signup]
    team: list[str]
    kit: list[str]
    unseen: list[int]

    def topic(self, key: str) -> str:
        topics = self.programme.topics if self.programme else ()
        return next((topic.name for topic in topics if topic.key == key), key)

    @property
    def open(self) -> bool:
        return self.visit.state == "planned"

    @property
    def guests(self) -> int:
        """All who will sit there: each couple and its guests."""
        return sum(2 + (one.guests or 0) for one in self.people if one.state in ("booked", "came"))

    @property
    def hands_over(self) -> tuple[str, ...]:
        setup = self.programme.sessions if self.programme else None
        return setup.hands_over if setup else ()

    @property
    def seats(self) -> int | None:
        setup = self.programme.sessions if self.programme else None
        return setup.seats if setup else None

    def marked(self, mark: str) -> int:
        return sum(mark in (one.checked or ()) for one in self.people if one.state == "came")

    def count(self, *states: str) -> int:
        return sum(one.state in states for one in self.people)


# --- lists ---


@blueprint.get("")
@page(Permission.VISITS)
def listing() -> str:
    """The next 60 days; the last 60 with ?qua=1."""
    house, now, past = services(), services().now(), bool(request.args.get("qua"))
    begins = datetime.combine(local(now).date(), time(), VIET_NAM)
    since, until = (begins - AHEAD, begins) if past else (begins, begins + AHEAD)
    with house.read() as connection:
        found = sessions.between(connection, house.oa_id, since, until)
        programmes = _programmes(connection)
        waiting = {
            one.id: len(unseen(connection, house.oa_id, one.id, now)) for one in found if one.moved_from
        }
    found = list(reversed(found)) if past else found
    return render_template(
        "console/visits.html",
        found=found,
        programmes=programmes,
        past=past,
        waiting=waiting,
        kinds=KINDS,
        states=VISIT_STATES,
        runs=official().may(Permission.VISITS_RUN),
    )


@blueprint.get("/chua-xem")
@page(Permission.VISITS)
def not_seen() -> str:
    """Moved sessions with people who have neither seen nor answered the news after two hours."""
    house, now = services(), services().now()
    with house.read() as connection:
        found = sessions.between(connection, house.oa_id, now, now + 3 * AHEAD)
        moved = [one for one in found if one.moved_from and one.state == "planned"]
        lists = [(one, unseen(connection, house.oa_id, one.id, now)) for one in moved]
        teams = {one.id: sessions.setup_of(connection, house.oa_id, one.id)[0] for one in moved}
        waiting = (staff_tasks.c.oa_id == house.oa_id, staff_tasks.c.kind == AT_OFFICE)
        coming = connection.execute(
            select(staff_tasks.c.ref, staff_tasks.c.created_at)
            .where(*waiting, staff_tasks.c.done_at.is_(None))
            .order_by(staff_tasks.c.id)
        ).all()
    return render_template(
        "console/visits_unseen.html",
        lists=[item for item in lists if item[1]],
        calls={one.id: may_call(official(), teams[one.id], one) for one in moved},
        coming=coming,
        runs=official().may(Permission.VISITS_RUN),
    )


@blueprint.post("/tai-phuong")
@page(Permission.VISITS_RUN)
def served() -> Response:
    """Who came to the office instead has been served."""
    house, code = services(), request.form.get("code", "")
    with house.write() as connection:
        if close_task(connection, house.oa_id, AT_OFFICE, code, house.now()):
            audit.record(connection, house.oa_id, official().id, "visit_office_done", code, house.now())
            flash(f"Đã ghi {code} làm xong tại phường.", "ok")
    return redirect(url_for("visits.not_seen"))


# --- planning ---


@blueprint.get("/len-lich")
@page(Permission.VISITS_RUN)
def planning() -> str:
    return _plan_form({}, "")


@blueprint.post("/len-lich")
@page(Permission.VISITS_RUN)
def plan() -> tuple[str, int] | Response:
    house, now, form = services(), services().now(), request.form
    try:
        with house.write() as connection:
            programme = _programmes(connection).get(form.get("programme", ""))
            if programme is None or programme.kind not in PLANNED_HERE:
                raise BookingRefused("Chọn chương trình.")
            weeks = form.get("weeks", "1").strip()
            made = sessions.plan_weekly(
                connection,
                house.oa_id,
                programme,
                _places_typed(programme),
                _day(form.get("first", "")),
                int(weeks) if weeks.isdigit() else 0,
                house.calendar,
                now,
                _lines(form.get("team", "")),
            )
            ids = [one.id for one in made]
            audit.record(
                connection, house.oa_id, official().id, "visits_planned", programme.key, now, visits=ids
            )
    except BookingRefused as error:
        return _plan_form(form, str(error)), 400
    days = ", ".join(f"{local(one.starts_at):%d/%m} ({one.khom or one.place})" for one in made)
    flash(f"Đã lên lịch {len(made)} buổi: {days}.", "ok")
    return redirect(url_for("visits.listing"))


def _plan_form(typed: Mapping[str, str], error: str) -> str:
    house, now = services(), services().now()
    with house.read() as connection:
        every = _programmes(connection).values()
    today = local(now).date()
    usable = [
        one
        for one in every
        if one.sessions is not None and one.kind in PLANNED_HERE and not one.has_ended(today)
    ]
    chosen = request.form.getlist("khoms") if typed else []
    return render_template(
        "console/visits_plan.html",
        programmes=usable,
        khoms=house.profile.khom,
        typed=typed,
        chosen=chosen,
        error=error,
        today=today,
    )


def _places_typed(programme: Programme) -> Sequence[tuple[str | None, str]]:
    """A ceremony is held at one place, for no khóm."""
    if programme.kind not in AT_THE_WARD:
        return _khoms_typed()
    place = request.form.get("place", "").strip()
    if not place:
        raise BookingRefused("Ghi nơi tổ chức lễ.")
    return [(None, place[:200])]


def _khoms_typed() -> list[tuple[str, str]]:
    names = [khom.name for khom in services().profile.khom]
    typed: list[tuple[str | None, str]] = [
        (name, request.form.get(f"place_{n}", "").strip()) for n, name in enumerate(names)
    ]
    chosen = set(request.form.getlist("khoms"))
    found = [(name, place) for name, place in typed if name in chosen]
    if any(not place for _, place in found):
        raise BookingRefused("Mỗi khóm đã chọn cần ghi nơi tổ chức.")
    return found


# --- one session ---


@blueprint.get("/<int:visit_id>")
@page(Permission.VISITS)
def one(visit_id: int) -> str:
    return _page(visit_id)


@blueprint.get("/<int:visit_id>/danh-sach")
@page(Permission.VISITS)
def day_list(visit_id: int) -> str:
    """Names and numbers, for the team and the head; every look is noted. ?chua-xem: who is to be called."""
    house, now, only_unseen = services(), services().now(), bool(request.args.get("chua-xem"))
    with house.write() as connection:
        shown = _shown(connection, visit_id)
        team_only = may_open_names(official(), shown.team, shown.visit)
        if not (team_only or (only_unseen and may_call(official(), shown.team, shown.visit))):
            abort(403)
        people = [one for one in shown.people if one.state not in ("cancelled", "at_office")]
        if only_unseen:
            people = [one for one in people if one.id in shown.unseen]
        audit.record(
            connection, house.oa_id, official().id, NAMES_OPENED, _subject(visit_id), now, people=len(people)
        )
    box = house.box(PURPOSE)
    rows = [(one, unseal(box, one.who)) for one in people]
    return render_template(
        "console/visit_list.html",
        shown=shown,
        rows=rows,
        only_unseen=only_unseen,
        just=next((one for one in shown.people if str(one.id) == request.args.get("vua")), None),
        answers=ANSWERS,
        states=SIGNUP_STATES,
        marks=team_only and shown.open and official().may(Permission.VISITS_RUN),
        day_came=local(shown.visit.starts_at).date() <= local(now).date(),
        printed_at=now,
    )


@blueprint.get("/<int:visit_id>/dan-chuong-trinh")
@page(Permission.VISITS)
def host_list(visit_id: int) -> str:
    """For whoever leads the ceremony, to be printed: order, names, guests, pictures; no telephone numbers."""
    house, now = services(), services().now()
    with house.write() as connection:
        shown = _shown(connection, visit_id)
        if shown.visit.kind != "ceremony":
            abort(404)
        if not may_open_names(official(), shown.team, shown.visit):
            abort(403)
        people = [one for one in shown.people if one.state in ("booked", "came")]
        people.sort(key=lambda one: (one.slot_at or shown.visit.starts_at, one.number))
        _note(connection, NAMES_OPENED, visit_id, None, people=len(people))
    box = house.box(PURPOSE)
    rows = [(one, unseal(box, one.who).name) for one in people]
    return render_template("console/visit_host.html", shown=shown, rows=rows, printed_at=now)


@blueprint.post("/<int:visit_id>/da-goi/<int:signup_id>")
@page(Permission.VISITS)
def told(visit_id: int, signup_id: int) -> Response:
    """Somebody who had not seen the move was called: what they said. "none" takes a slip back."""
    house, said = services(), request.form.get("said", "")
    answer: Answer | None = next((one for one in ANSWERS if one == said), None)
    with house.write() as connection:
        shown = _shown(connection, visit_id)
        if not may_call(official(), shown.team, shown.visit):
            abort(403)
        mine = next((one for one in shown.people if one.id == signup_id), None)
        if mine is None or (answer is None and said != "none"):
            abort(404)
        if booking.answer(connection, house.oa_id, signup_id, answer, house.now()):
            _note(connection, "visit_told", visit_id, None, code=mine.code, said=said)
    kept: dict[str, Any] = {"chua-xem": 1} | ({"vua": signup_id} if answer else {})
    return redirect(url_for("visits.day_list", visit_id=visit_id, **kept))


@blueprint.post("/<int:visit_id>/ghi-ten")
@page(Permission.VISITS_RUN)
def add(visit_id: int) -> tuple[str, int] | Response:
    """Somebody who called or came: their name and number are sealed like those from the chat."""
    form = request.form

    def signed(connection: Connection) -> str:
        shown, house = _shown(connection, visit_id), services()
        topic, other, box = form.get("topic", ""), form.get("for_other") == "yes", house.box(PURPOSE)
        if shown.topic(topic) == topic and shown.programme and shown.programme.topics:
            raise BookingRefused("Chọn việc cần làm.")
        name, phone = callers.read_who(form)
        firm = callers.read_firm(form) if shown.visit.kind == firms.KIND else None
        if before := callers.place_of(connection, house.oa_id, box, shown.visit.kind, phone, other):
            or_else = "." if firm else ", hoặc đánh dấu “Ghi cho người nhà”."
            raise BookingRefused(f"Số này đã ghi tên rồi, mã {before}. Hủy lượt đó trước{or_else}")
        who = seal(box, Who(name, phone, firm))
        new = NewSignup(None, topic or shown.visit.kind, for_other=other, who=who)
        made = booking.sign_up(connection, house.oa_id, visit_id, new, house.now())
        _note(connection, "visit_signup_added", visit_id, None, code=made.code, **callers.traces(form))
        if made.state == "waiting":
            return f"Buổi đã đủ người: ghi vào danh sách chờ, mã {made.code}."
        return f"Đã ghi số {made.number}, mã {made.code}."

    return _do(visit_id, signed)


@blueprint.post("/<int:visit_id>/ket-qua/<int:signup_id>")
@page(Permission.VISITS_RUN)
def result(visit_id: int, signup_id: int) -> tuple[str, int] | Response:
    came, words = request.form.get("came") == "1", request.form.get("result", "")

    def marked(connection: Connection) -> str:
        shown = _shown(connection, visit_id)
        if not may_open_names(official(), shown.team, shown.visit):
            abort(403)
        if signup_id not in {one.id for one in shown.people}:
            abort(404)
        booking.attend(connection, services().oa_id, signup_id, came, words, services().now())
        return ""

    return _do(visit_id, marked, "visits.day_list")


@blueprint.post("/<int:visit_id>/trao/<int:signup_id>")
@page(Permission.VISITS_RUN)
def hand_over(visit_id: int, signup_id: int) -> tuple[str, int] | Response:
    """One line of the checklist of a couple: handed over, or not after all."""
    item, on = request.form.get("item", ""), request.form.get("on") == "1"

    def ticked(connection: Connection) -> str:
        shown, mine = _of_team(connection, visit_id, signup_id)
        if item not in shown.hands_over:
            abort(404)
        if booking.tick(connection, services().oa_id, signup_id, item, on, services().now()):
            _note(connection, "visit_handed_over", visit_id, None, code=mine.code, item=item, on=on)
        return ""

    return _do(visit_id, ticked, "visits.day_list")


@blueprint.post("/<int:visit_id>/trong-ngay/<int:signup_id>")
@page(Permission.VISITS_RUN)
def ended_in_day(visit_id: int, signup_id: int) -> tuple[str, int] | Response:
    """Whether the result was given the same day, and if not, why: for the report."""
    done, reason = request.form.get("done") == "1", request.form.get("result", "")

    def marked(connection: Connection) -> str:
        shown, mine = _of_team(connection, visit_id, signup_id)
        if shown.visit.kind != "same_day":
            abort(404)
        booking.ended_in_day(connection, services().oa_id, signup_id, done, reason, services().now())
        _note(connection, "visit_ended_in_day", visit_id, None if done else reason, code=mine.code, done=done)
        return ""

    return _do(visit_id, marked, "visits.day_list")


def _of_team(connection: Connection, visit_id: int, signup_id: int) -> tuple[Shown, Signup]:
    shown = _shown(connection, visit_id)
    if not may_open_names(official(), shown.team, shown.visit):
        abort(403)
    mine = next((one for one in shown.people if one.id == signup_id), None)
    if mine is None:
        abort(404)
    return shown, mine


@blueprint.post("/<int:visit_id>/bo/<int:signup_id>")
@page(Permission.VISITS_RUN)
def drop(visit_id: int, signup_id: int) -> tuple[str, int] | Response:
    """A caller gives the place up; the next of the waiting list moves up and is told."""

    def dropped(connection: Connection) -> str:
        shown = _shown(connection, visit_id)
        mine = next((one for one in shown.people if one.id == signup_id), None)
        if mine is None:
            abort(404)
        moved = booking.cancel(connection, services().oa_id, signup_id, services().now())
        _note(connection, "visit_signup_cancelled", visit_id, None, code=mine.code)
        return f"Đã hủy lượt số {mine.number}." + (
            f" Số {moved.number} trong danh sách chờ được vào." if moved else ""
        )

    return _do(visit_id, dropped)


@blueprint.post("/<int:visit_id>/doi")
@page(Permission.VISITS_RUN)
def move(visit_id: int) -> tuple[str, int] | Response:
    """One action: the session moves, numbers stay, old reminders are void, everybody is told once."""
    form = request.form

    def moved(connection: Connection) -> str:
        house, reason = services(), form.get("reason", "")
        day, at = _day(form.get("day", "")), _clock(form.get("at", ""))
        after = sessions.postpone(
            connection, house.oa_id, visit_id, _version(), day, reason, house.now(), at, house.calendar
        )
        _note(
            connection, "visit_moved", visit_id, reason, old=_iso(after.moved_from), new=_iso(after.starts_at)
        )
        told = len(
            [one for one in booking.day_list(connection, house.oa_id, visit_id) if one.state in OPEN_STATES]
        )
        return f"Đã dời buổi. {told} người được báo tin; ai chưa xem sau 2 giờ sẽ vào danh sách cần gọi."

    return _do(visit_id, moved)


@blueprint.post("/<int:visit_id>/huy")
@page(Permission.VISITS_RUN)
def call_off(visit_id: int) -> tuple[str, int] | Response:
    reason = request.form.get("reason", "")

    def called(connection: Connection) -> str:
        house = services()
        sessions.call_off(connection, house.oa_id, visit_id, _version(), reason, house.now())
        _note(connection, "visit_called_off", visit_id, reason)
        return "Đã hủy buổi và báo tin cho người đã ghi tên."

    return _do(visit_id, called)


@blueprint.post("/<int:visit_id>/xong")
@page(Permission.VISITS_RUN)
def close(visit_id: int) -> tuple[str, int] | Response:
    def closed(connection: Connection) -> str:
        house, shown = services(), _shown(connection, visit_id)
        if shown.visit.starts_at > house.now():
            raise BookingRefused("Buổi chưa tới giờ, chưa kết thúc được.")
        sessions.close(connection, house.oa_id, visit_id, _version(), request.form.get("note", ""))
        _note(connection, "visit_held", visit_id, None)
        return "Đã ghi buổi này là đã tổ chức."

    return _do(visit_id, closed)


# --- small parts ---


def _do(
    visit_id: int, change: Callable[[Connection], str], to: str = "visits.one"
) -> tuple[str, int] | Response:
    """Make the change in one transaction; what cannot be done is said on the page, nothing typed is lost."""
    try:
        with services().write() as connection:
            done = change(connection)
    except (BookingRefused, CallerRefused) as error:
        return _page(visit_id, str(error)), 400
    if done:
        flash(done, "ok")
    return redirect(url_for(to, visit_id=visit_id))


def _page(visit_id: int, error: str = "") -> str:
    house, now = services(), services().now()
    with house.read() as connection:
        shown = _shown(connection, visit_id)
        subject = audit.Filter(subject=_subject(visit_id))
        history = audit.lines(connection, house.oa_id, subject, limit=15)
    return render_template(
        "console/visit.html",
        shown=shown,
        error=error,
        typed=request.form if error else {},
        states=SIGNUP_STATES,
        visit_states=VISIT_STATES,
        answers=ANSWERS,
        kinds=KINDS,
        history=history,
        names=may_open_names(official(), shown.team, shown.visit),
        calls=may_call(official(), shown.team, shown.visit),
        runs=official().may(Permission.VISITS_RUN),
        sees_issues=official().may(Permission.ISSUES),
        begun=shown.visit.starts_at <= now,
        ways=callers.WAYS,
    )


def _shown(connection: Connection, visit_id: int) -> Shown:
    house = services()
    visit = sessions.visit(connection, house.oa_id, visit_id)
    if visit is None:
        abort(404)
    team, kit = sessions.setup_of(connection, house.oa_id, visit_id)
    people = booking.day_list(connection, house.oa_id, visit_id)
    late = unseen(connection, house.oa_id, visit_id, house.now()) if visit.moved_from else []
    return Shown(visit, _programmes(connection).get(visit.programme), people, team, kit, late)


def _programmes(connection: Connection) -> dict[str, Programme]:
    return programmes_of(connection, services().oa_id, services().programme_files)


def _note(connection: Connection, action: str, visit_id: int, reason: str | None, **detail: Any) -> None:
    house = services()
    audit.record(
        connection, house.oa_id, official().id, action, _subject(visit_id), house.now(), reason, **detail
    )


def _subject(visit_id: int) -> str:
    return f"visit:{visit_id}"


def _version() -> int:
    version = request.form.get("version", "")
    if not version.isdigit():
        raise BookingRefused("Mở lại trang rồi làm lại giùm.")
    return int(version)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError as error:
        raise BookingRefused("Chọn ngày.") from error


def _clock(typed: str) -> time | None:
    """Empty: the hour stays."""
    if not typed.strip():
        return None
    try:
        return time.fromisoformat(typed.strip())
    except ValueError as error:
        raise BookingRefused("Giờ viết như 07:30.") from error


def _iso(moment: datetime | None) -> str | None:
    return local(moment).isoformat(timespec="minutes") if moment else None


def _lines(text: str) -> list[str]:
    return [line.strip()[:120] for line in text.splitlines() if line.strip()]
