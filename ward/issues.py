"""The log of matters that firms raise at a business coffee: who sees to each, by when, and the answer.

A row has no version of its own: whoever changes it names when they saw it last changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, false, func, insert, or_, select, update

from store.schema import issues, outbox, signups, staff_tasks, visits
from ward import settings
from ward.calendar import WorkCalendar, local
from ward.staff import Official
from ward.tasks import close_task, forget_task, open_task
from ward.visits.access import goes_there
from ward.visits.model import Visit

State = Literal["open", "forwarded", "answered", "withdrawn"]
STATES: Final[dict[State, str]] = {
    "open": "Chưa trả lời",
    "forwarded": "Đã chuyển cấp trên",
    "answered": "Đã trả lời",
    "withdrawn": "Cơ sở đã rút",
}
OWED: Final = ("open", "forwarded")
"""An answer is still owed."""
SHORTEST, LONGEST = 5, 2000
MOST_OF_ONE = 10
"""Open matters of one place in a session."""
SHOWN = 300
CALL: Final = "issue_call"
"""A task for staff: the answer is to be told by telephone. ref: the matter's id."""


class IssueRefused(ValueError):
    """What cannot be done, in words an official can act on (Vietnamese)."""


class StaleIssue(IssueRefused):
    def __init__(self) -> None:
        super().__init__("Người khác vừa sửa vướng mắc này. Coi lại rồi làm lại giùm.")


@dataclass(frozen=True)
class Issue:
    """One matter; `signup_id` None: raised at the meeting by a firm that had not signed up."""

    id: int
    programme: str
    visit_id: int | None
    signup_id: int | None
    text: str
    owner_id: int | None
    due_on: date | None
    state: State
    answer: str | None
    created_at: datetime
    changed_at: datetime

    def late(self, today: date) -> bool:
        return self.state in OWED and self.due_on is not None and self.due_on < today


@dataclass(frozen=True)
class Sight:
    """All of the log; else what is one's own and what came up at sessions one goes to."""

    everything: bool = False
    staff_id: int | None = None
    visit_ids: Sequence[int] = ()

    def condition(self) -> ColumnElement[bool]:
        if self.everything:
            return issues.c.id.is_not(None)
        mine = issues.c.owner_id == self.staff_id if self.staff_id is not None else false()
        return or_(mine, issues.c.visit_id.in_(self.visit_ids))


@dataclass(frozen=True)
class Wanted:
    """Filters of the list; "" is any. `owner`: "" | none | a staff id."""

    states: Sequence[str] = OWED
    owner: str = ""
    late_on: date | None = None
    visit_id: int | None = None


@dataclass(frozen=True)
class Share:
    """How many were raised, and answered; those taken back do not count."""

    raised: int
    answered: int
    late: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.answered / self.raised) if self.raised else None


# --- who sees what ---


def sight_of(connection: Connection, who: Official) -> Sight:
    if {"head", "one_stop"} & who.roles:
        return Sight(everything=True, staff_id=who.id)
    return Sight(staff_id=who.id, visit_ids=_sessions_of(connection, who))


def _sessions_of(connection: Connection, who: Official) -> list[int]:
    query = select(visits.c.id, visits.c.team).where(visits.c.oa_id == who.oa_id, visits.c.kind == "coffee")
    return [row.id for row in connection.execute(query) if goes_there(who, row.team)]


# --- raising ---


def raised(
    connection: Connection,
    oa_id: str,
    visit: Visit,
    text: str,
    signup_id: int | None,
    calendar: WorkCalendar,
    now: datetime,
) -> Issue:
    """A new matter. Its term is the ward's working days, counted from the session, or from today after it."""
    words = text.strip()
    if not SHORTEST <= len(words) <= LONGEST:
        raise IssueRefused(f"Vướng mắc ghi từ {SHORTEST} đến {LONGEST} ký tự.")
    if signup_id is not None and _count_of(connection, signup_id) >= MOST_OF_ONE:
        raise IssueRefused(f"Mỗi lượt ghi tên tối đa {MOST_OF_ONE} vướng mắc.")
    days = settings.load(connection, oa_id).issue_days
    row = {
        "oa_id": oa_id,
        "programme": visit.programme,
        "visit_id": visit.id,
        "signup_id": signup_id,
        "text": words,
        "due_on": local(calendar.add_working_days(max(now, visit.starts_at), days)).date(),
        "state": "open",
        "created_at": now,
        "changed_at": now,
    }
    return _issue(connection.execute(insert(issues).values(**row).returning(issues)).mappings().one())


def _count_of(connection: Connection, signup_id: int) -> int:
    query = select(func.count()).where(issues.c.signup_id == signup_id, issues.c.state.in_(OWED))
    return int(connection.execute(query).scalar_one())


# --- reading ---


def find(connection: Connection, oa_id: str, sight: Sight, issue_id: int) -> Issue | None:
    query = select(issues).where(issues.c.oa_id == oa_id, issues.c.id == issue_id, sight.condition())
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _issue(row)


def listing(
    connection: Connection, oa_id: str, sight: Sight, wanted: Wanted, most: int = SHOWN
) -> list[Issue]:
    """Those whose day comes first, first."""
    query = (
        select(issues)
        .where(issues.c.oa_id == oa_id, sight.condition(), *_conditions(wanted))
        .order_by(issues.c.due_on, issues.c.id)
        .limit(most)
    )
    return [_issue(row) for row in connection.execute(query).mappings()]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(issues.c.state.in_(list(wanted.states)))
    if wanted.owner == "none":
        found.append(issues.c.owner_id.is_(None))
    elif wanted.owner.isdigit():
        found.append(issues.c.owner_id == int(wanted.owner))
    if wanted.late_on is not None:
        found.append(_late(wanted.late_on))
    if wanted.visit_id is not None:
        found.append(issues.c.visit_id == wanted.visit_id)
    return found


def _late(today: date) -> ColumnElement[bool]:
    return and_(issues.c.state.in_(OWED), issues.c.due_on < today)


@dataclass(frozen=True)
class Pressing:
    """What is to be seen to, each matter once: late; one's own in time; in time and nobody's."""

    late: int
    mine: int
    nobodys: int


def pressing(connection: Connection, oa_id: str, sight: Sight, today: date) -> Pressing:
    owed = (issues.c.oa_id == oa_id, issues.c.state.in_(OWED), sight.condition())
    in_time = or_(issues.c.due_on.is_(None), issues.c.due_on >= today)

    def count(*which: ColumnElement[bool]) -> int:
        return int(connection.execute(select(func.count()).where(*owed, *which)).scalar_one())

    mine, nobodys = issues.c.owner_id == sight.staff_id, issues.c.owner_id.is_(None)
    return Pressing(count(_late(today)), count(in_time, mine), count(in_time, nobodys))


def share(connection: Connection, oa_id: str, sight: Sight, today: date) -> Share:
    mine = (issues.c.oa_id == oa_id, sight.condition(), issues.c.state != "withdrawn")

    def count(*which: ColumnElement[bool]) -> int:
        return int(connection.execute(select(func.count()).where(*mine, *which)).scalar_one())

    return Share(count(), count(issues.c.state == "answered"), count(_late(today)))


def of_signup(connection: Connection, oa_id: str, signup_id: int) -> list[Issue]:
    """Matters of a place, answered ones too."""
    query = select(issues).where(issues.c.oa_id == oa_id, issues.c.signup_id == signup_id)
    return [_issue(row) for row in connection.execute(query.order_by(issues.c.id)).mappings()]


def owed_code(connection: Connection, oa_id: str, person_id: str) -> str | None:
    """The newest place of the person with a matter to which an answer is owed."""
    query = (
        select(signups.c.code)
        .join(issues, issues.c.signup_id == signups.c.id)
        .where(signups.c.oa_id == oa_id, signups.c.person_id == person_id, issues.c.state.in_(OWED))
        .order_by(signups.c.id.desc())
    )
    return connection.execute(query.limit(1)).scalar_one_or_none()


def of_sessions(connection: Connection, oa_id: str, visit_ids: Sequence[int]) -> dict[int, int]:
    """How many matters came up at each; those taken back do not count."""
    mine = (issues.c.oa_id == oa_id, issues.c.visit_id.in_(visit_ids), issues.c.state != "withdrawn")
    query = select(issues.c.visit_id, func.count()).where(*mine).group_by(issues.c.visit_id)
    return {visit_id: int(count) for visit_id, count in connection.execute(query)}


def asker(connection: Connection, issue: Issue) -> RowMapping | None:
    """The place it was raised from: code, person, sealed names."""
    if issue.signup_id is None:
        return None
    return askers(connection, [issue]).get(issue.signup_id)


def askers(connection: Connection, found: Sequence[Issue]) -> dict[int, RowMapping]:
    """The same of several, by the id of the place."""
    wanted = {one.signup_id for one in found if one.signup_id is not None}
    rows = connection.execute(select(signups).where(signups.c.id.in_(wanted))).mappings()
    return {row["id"]: row for row in rows}


# --- changing ---


def assign(
    connection: Connection,
    issue: Issue,
    seen: datetime,
    owner_id: int | None,
    due_on: date | None,
    now: datetime,
) -> Issue:
    _owed(issue)
    if due_on is not None and due_on < local(now).date() and due_on != issue.due_on:
        raise IssueRefused("Hạn mới phải từ hôm nay trở đi.")
    return _change(connection, issue, seen, now, owner_id=owner_id, due_on=due_on)


def forward(connection: Connection, issue: Issue, seen: datetime, now: datetime) -> Issue:
    """Beyond the ward: it stands on the list for the province, and its answer is still owed."""
    if issue.state != "open":
        raise IssueRefused("Chỉ chuyển vướng mắc chưa trả lời và chưa chuyển.")
    return _change(connection, issue, seen, now, state="forwarded")


def answer(connection: Connection, issue: Issue, seen: datetime, words: str, now: datetime) -> Issue:
    """The answer, or a mended one."""
    said = words.strip()
    if issue.state == "withdrawn" or not issue.text:
        raise IssueRefused("Cơ sở đã rút vướng mắc này, hoặc đã xin xóa dữ liệu.")
    if not SHORTEST <= len(said) <= LONGEST:
        raise IssueRefused(f"Câu trả lời dài từ {SHORTEST} đến {LONGEST} ký tự.")
    if said == issue.answer:
        raise IssueRefused("Câu trả lời này đã gửi rồi.")
    return _change(connection, issue, seen, now, state="answered", answer=said)


def take_back(connection: Connection, issue: Issue, seen: datetime, now: datetime) -> Issue:
    """The firm told an official that it is settled, or asks for nothing any more."""
    _owed(issue)
    return _change(connection, issue, seen, now, state="withdrawn")


def withdraw(connection: Connection, oa_id: str, signup_id: int, now: datetime) -> int:
    """The firm takes back what it raised and was not answered yet."""
    mine = (issues.c.oa_id == oa_id, issues.c.signup_id == signup_id, issues.c.state.in_(OWED))
    return connection.execute(update(issues).where(*mine).values(state="withdrawn", changed_at=now)).rowcount


def follow(connection: Connection, before: int, signup_id: int, visit_id: int) -> None:
    """The place was changed for one at another session: what was raised goes along."""
    moved = update(issues).where(issues.c.signup_id == before)
    connection.execute(moved.values(signup_id=signup_id, visit_id=visit_id))


def session_moved(
    connection: Connection, oa_id: str, visit_id: int, by: timedelta, calendar: WorkCalendar | None
) -> None:
    """Terms are counted from the session, so they move along; never onto a day off."""
    mine = (issues.c.oa_id == oa_id, issues.c.visit_id == visit_id, issues.c.state.in_(OWED))
    rows = connection.execute(select(issues.c.id, issues.c.due_on).where(*mine)).all()
    for row in rows:
        if row.due_on is not None:
            day = row.due_on + timedelta(days=by.days)
            day = calendar.working_day_from(day) if calendar else day
            connection.execute(update(issues).where(issues.c.id == row.id).values(due_on=day))


def forget(connection: Connection, oa_id: str, person_id: str, now: datetime) -> None:
    """What the person raised is no longer to be read; what was owed an answer counts as taken back."""
    theirs = select(signups.c.id).where(signups.c.oa_id == oa_id, signups.c.person_id == person_id)
    mine = (issues.c.oa_id == oa_id, issues.c.signup_id.in_(theirs))
    ended = {"state": "withdrawn", "changed_at": now}
    connection.execute(update(issues).where(*mine, issues.c.state.in_(OWED)).values(**ended))
    for issue_id in connection.execute(select(issues.c.id).where(*mine)).scalars().all():
        close_task(connection, oa_id, CALL, str(issue_id), now)
    connection.execute(update(issues).where(*mine).values(text=""))


def _owed(issue: Issue) -> None:
    if issue.state not in OWED:
        raise IssueRefused("Vướng mắc này đã trả lời hoặc đã rút.")


def _change(connection: Connection, issue: Issue, seen: datetime, now: datetime, **values: Any) -> Issue:
    changed = (
        update(issues)
        .where(issues.c.id == issue.id, issues.c.changed_at == seen)
        .values(changed_at=now, **values)
        .returning(issues)
    )
    row = connection.execute(changed).mappings().one_or_none()
    if row is None:
        raise StaleIssue
    return _issue(row)


# --- how an answer went ---


def to_be_called(connection: Connection, issue: Issue, oa_id: str, now: datetime) -> None:
    """Nobody to write to: the answer is told by telephone. A mended answer is told again."""
    forget_task(connection, oa_id, CALL, str(issue.id))
    open_task(connection, oa_id, CALL, str(issue.id), None, {"signup_id": issue.signup_id}, now)


def called(connection: Connection, issue: Issue, oa_id: str, now: datetime) -> bool:
    """The firm was told by telephone. False: it was noted before."""
    return close_task(connection, oa_id, CALL, str(issue.id), now)


def calls(connection: Connection, oa_id: str, sight: Sight) -> list[Issue]:
    """Answers of which somebody waits to be told by telephone."""
    waiting = (staff_tasks.c.oa_id == oa_id, staff_tasks.c.kind == CALL, staff_tasks.c.done_at.is_(None))
    refs = connection.execute(select(staff_tasks.c.ref).where(*waiting)).scalars().all()
    found = (find(connection, oa_id, sight, int(ref)) for ref in refs if ref.isdigit())
    return [one for one in found if one is not None]


def sent_as(issue: Issue) -> str:
    """The key under which an answer is sent; a mended answer has another."""
    return f"issue{issue.id}.{issue.changed_at.timestamp() * 1_000_000:.0f}"


def of_sending(key: str) -> int | None:
    """Which matter a message of the outbox answers; None: none."""
    name, dot, _ = key.removeprefix("issue").partition(".")
    return int(name) if dot and key.startswith("issue") and name.isdigit() else None


def sendings(connection: Connection, oa_id: str, found: Sequence[Issue]) -> Mapping[int, str]:
    """The outbox's state of each answer that was sent, by issue."""
    keys = {f"{sent_as(one)}:0": one.id for one in found if one.state == "answered"}
    query = select(outbox.c.dedupe_key, outbox.c.state).where(
        outbox.c.oa_id == oa_id, outbox.c.dedupe_key.in_(list(keys))
    )
    return {keys[row.dedupe_key]: row.state for row in connection.execute(query)}


def _issue(row: RowMapping) -> Issue:
    return Issue(**{name: row[name] for name in Issue.__dataclass_fields__})
