"""The cards of the page Today. To add one, write a provider and put it into `PROVIDERS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from flask import url_for
from sqlalchemy import ColumnElement, Connection, func, select

from console.call_list import firm_answers, sight_of, to_tell
from console.services import ConsoleServices
from store.schema import cases, staff_tasks, turns
from ward import issues, reminder_calls, results
from ward.calendar import local
from ward.cases import find
from ward.cases.model import ENDED
from ward.programmes.todo import TASKS as PROGRAMME_TASKS
from ward.staff import Official, Permission, scope_of
from ward.visits.model import AT_OFFICE
from ward.visits.people import PURPOSE
from ward.visits.unseen import TASK as UNSEEN

Tone = Literal["calm", "soon", "late"]
MOST = 999
LATELY = timedelta(days=7)
FAILED_SENDS = ("send_unknown", "send_dead", "send_stopped", "answer_not_delivered")


@dataclass(frozen=True)
class Card:
    """A count with its meaning. `url` leads to the list; `help` says what to do."""

    title: str
    count: int
    help: str
    tone: Tone = "calm"
    url: str = ""

    @property
    def shown(self) -> str:
        return f"{MOST}+" if self.count > MOST else str(self.count)


Provider = Callable[[Connection, ConsoleServices, Official, datetime], Card | None]
"""None: nothing for this official."""


def of(connection: Connection, house: ConsoleServices, who: Official, now: datetime) -> list[Card]:
    found = (
        provider(connection, house, who, now) for permission, provider in PROVIDERS if who.may(permission)
    )
    return [card for card in found if card is not None]


def visible(who: Official) -> ColumnElement[bool]:
    """What the lists show too."""
    return find.visible(scope_of(who))


def _queue(tab: find.Tab) -> str:
    return url_for("queue.listing", tab=tab)


def _count(connection: Connection, *which: Any) -> int:
    """Not counted beyond what is shown."""
    some = select(cases.c.id).where(*which).limit(MOST + 1).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _open(house: ConsoleServices, who: Official) -> tuple[Any, ...]:
    return cases.c.oa_id == house.oa_id, cases.c.state.not_in(ENDED), visible(who)


def overdue(connection: Connection, house: ConsoleServices, who: Official, now: datetime) -> Card:
    n = _count(connection, *_open(house, who), cases.c.state != "waiting", cases.c.due_at < now)
    help_ = "Trả lời trước, kèm lời xin lỗi vì trễ." if n else "Không có phiếu trễ hẹn."
    return Card("Quá hạn", n, help_, "late" if n else "calm", _queue("overdue"))


def due_soon(connection: Connection, house: ConsoleServices, who: Official, now: datetime) -> Card:
    end = house.calendar.add_working_time(now, 4)
    due = (cases.c.state != "waiting", cases.c.due_at >= now, cases.c.due_at < end)
    n = _count(connection, *_open(house, who), *due)
    return Card(
        "Sắp tới hạn", n, "Tới hạn trong 4 giờ làm việc tới.", "soon" if n else "calm", _queue("mine")
    )


def unclaimed(connection: Connection, house: ConsoleServices, who: Official, now: datetime) -> Card:
    n = _count(connection, *_open(house, who), cases.c.state == "new")
    return Card(
        "Chưa ai nhận",
        n,
        "Nhận phiếu để người dân biết có người lo.",
        "soon" if n else "calm",
        _queue("unclaimed"),
    )


def mine(connection: Connection, house: ConsoleServices, who: Official, now: datetime) -> Card:
    n = _count(connection, *_open(house, who), cases.c.assignee_id == who.id)
    return Card("Của tôi", n, "Phiếu đang do mình xử lý.", url=_queue("mine"))


def badly_rated(connection: Connection, house: ConsoleServices, who: Official, now: datetime) -> Card:
    rated = (
        cases.c.oa_id == house.oa_id,
        visible(who),
        cases.c.rating == 1,
        cases.c.answered_at > now - LATELY,
    )
    n = _count(connection, *rated)
    return Card(
        "Người dân chưa hài lòng",
        n,
        "Đánh giá “Chưa xong” trong 7 ngày qua.",
        "soon" if n else "calm",
        _queue("done"),
    )


def to_call(connection: Connection, house: ConsoleServices, who: Official, now: datetime) -> Card:
    """Everybody of the list of calls, once."""
    n = _open_tasks(connection, house, FAILED_SENDS) if who.may(Permission.SENDS) else 0
    if who.may(Permission.REMINDER_CALLS):
        n += reminder_calls.count(connection, house.oa_id, sight_of(who), MOST + 1)
    n += sum(people for _, people in to_tell(connection, house, who, now))
    n += len(firm_answers(connection, house, who))
    help_ = "Tin không tới, lịch hẹn chưa báo được: gọi điện cho người dân." if n else "Không có ai cần gọi."
    return Card("Cần gọi", n, help_, "late" if n else "calm", url_for("call_list.listing"))


def unanswered(connection: Connection, house: ConsoleServices, who: Official, now: datetime) -> Card:
    asked = (turns.c.oa_id == house.oa_id, turns.c.outcome == "handover", turns.c.at > now - LATELY)
    some = select(turns.c.id).where(*asked).limit(MOST + 1).subquery()
    n = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return Card(
        "Câu trợ lý chưa biết",
        n,
        "Trong 7 ngày qua; thêm vào cẩm nang để lần sau trả lời được.",
        url=url_for("questions.listing"),
    )


def programmes(connection: Connection, house: ConsoleServices, who: Official, now: datetime) -> Card:
    n = _open_tasks(connection, house, PROGRAMME_TASKS)
    help_ = (
        "Sắp hết hạn, tới kỳ báo cáo, trùng lịch, lịch năm tới chưa kiểm." if n else "Không có việc nào chờ."
    )
    return Card(
        "Mô hình cần lo", n, help_, "soon" if n else "calm", url_for("programmes.listing", _anchor="todo")
    )


def visits_waiting(
    connection: Connection, house: ConsoleServices, who: Official, now: datetime
) -> Card | None:
    """Served first because they come to the office instead; moved sessions whose people others call."""
    mine = {f"{visit.id}:{visit.version}" for visit, _ in to_tell(connection, house, who, now)}
    n = _open_tasks(connection, house, (AT_OFFICE,)) + len(_refs(connection, house, UNSEEN) - mine)
    if not n:
        return None
    help_ = "Chưa xem tin dời lịch, hoặc chuyển qua làm tại phường."
    return Card("Lưu động cần lo", n, help_, "late", url_for("visits.not_seen"))


def results_waiting(
    connection: Connection, house: ConsoleServices, who: Official, now: datetime
) -> Card | None:
    """People who wait to hear of a result that was promised by today."""
    box, today = house.box(PURPOSE), local(now).date()
    n = sum(one.day <= today for one in results.waiting(connection, box, house.oa_id))
    if not n:
        return None
    return Card("Chờ báo kết quả", n, "Tới hẹn, chưa ghi mã hồ sơ.", "soon", url_for("results.listing"))


def firms_waiting(
    connection: Connection, house: ConsoleServices, who: Official, now: datetime
) -> Card | None:
    """Matters of firms: late, one's own, given to nobody yet; answers to be told by telephone, unless those
    are counted among the calls."""
    sight = issues.sight_of(connection, who)
    found = issues.pressing(connection, house.oa_id, sight, local(now).date())
    calls = 0 if who.may(Permission.CALLS) else len(firm_answers(connection, house, who))
    n = found.late + found.mine + found.nobodys + calls
    if not n:
        return None
    parts = {
        "trễ hạn": found.late, "của mình": found.mine, "chưa giao ai": found.nobodys, "cần gọi báo": calls
    }  # fmt: skip
    help_ = ", ".join(f"{count} {words}" for words, count in parts.items() if count)
    tone: Tone = "late" if found.late else "soon"
    return Card("Vướng mắc doanh nghiệp", n, f"{help_}.", tone, url_for("firms.listing"))


def _refs(connection: Connection, house: ConsoleServices, kind: str) -> set[str]:
    waiting = (
        staff_tasks.c.oa_id == house.oa_id,
        staff_tasks.c.kind == kind,
        staff_tasks.c.done_at.is_(None),
    )
    return set(connection.execute(select(staff_tasks.c.ref).where(*waiting)).scalars())


def _open_tasks(connection: Connection, house: ConsoleServices, kinds: Iterable[str]) -> int:
    waiting = (
        staff_tasks.c.oa_id == house.oa_id,
        staff_tasks.c.kind.in_(list(kinds)),
        staff_tasks.c.done_at.is_(None),
    )
    some = select(staff_tasks.c.id).where(*waiting).limit(MOST + 1).subquery()
    n: int = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return n


PROVIDERS: tuple[tuple[Permission, Provider], ...] = (
    (Permission.CASES_READ, overdue),
    (Permission.CASES_READ, due_soon),
    (Permission.CASES_READ, unclaimed),
    (Permission.CASES_WORK, mine),
    (Permission.CALLS, to_call),
    (Permission.VISITS, visits_waiting),
    (Permission.RESULTS, results_waiting),
    (Permission.ISSUES, firms_waiting),
    (Permission.QUESTIONS, unanswered),
    (Permission.CASES_READ, badly_rated),
    (Permission.PROGRAMMES_EDIT, programmes),
)
