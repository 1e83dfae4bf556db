"""Terms in working time: over Tết 2027, over 24/11/2026 with swap Saturdays, with a pause, over lunch."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, update

from store.engine import read_tx, write_tx
from store.schema import cases, settings
from tests.ward.cases.desk import CALENDAR, FRIDAY, LIMITS, LONG, OA, Desk, at
from ward.calendar import CalendarFile, WorkCalendar
from ward.cases import work
from ward.cases.deadlines import Limit, Limits, due_for, hours_left, limits_for, share_used
from ward.cases.work import CITIZEN, official

ME = official(1)
SWAPPED = WorkCalendar(
    CALENDAR.hours,
    CalendarFile.model_validate({"swap_off": ["2026-11-23"], "swap_work": ["2026-11-21", "2026-11-28"]}),
)


@pytest.mark.parametrize(
    ("kind", "urgency", "since", "due"),
    [
        ("question", "normal", "2026-11-20 09:12", "2026-11-23 09:00"),  # 8 working hours, half hour
        ("question", "normal", "2026-11-23 14:00", "2026-11-25 13:30"),  # over 24/11 and a lunch break
        ("question", "normal", "2027-02-03 09:00", "2027-02-11 08:30"),  # over Tết 2027
        ("report", "urgent", "2026-11-20 10:00", "2026-11-20 15:30"),  # 4 working hours over lunch
        ("report", "soon", "2026-11-20 10:00", "2026-11-26 17:00"),  # 3 working days, 24/11 is none
        ("report", "normal", "2026-11-20 10:00", "2026-12-02 17:00"),
        ("report", "normal", "2027-02-02 10:00", "2027-02-18 17:00"),  # 3/2, then 11/2 …
        ("conduct", "normal", "2026-11-20 10:00", "2026-12-07 17:00"),
        ("late_dossier", "normal", "2026-11-20 07:00", "2026-11-23 16:00"),  # 16 hours
        ("data_right", "normal", "2026-11-20 18:00", "2026-11-25 17:00"),
        ("data_right", "normal", "2026-11-21 09:00", "2026-11-25 17:00"),  # asked on a Saturday
    ],
)
def test_terms(kind: Any, urgency: Any, since: str, due: str) -> None:
    deadline = due_for(kind, urgency, at(since), CALENDAR, LIMITS, classified=True)
    assert deadline.due_at == at(due)
    assert deadline.allowed_hours == CALENDAR.working_hours_between(at(since), at(due))


@pytest.mark.parametrize(
    ("kind", "urgency", "since", "due"),
    [
        ("question", "normal", "2026-11-20 16:00", "2026-11-21 15:30"),  # the swap Saturday is worked
        ("question", "normal", "2026-11-21 16:00", "2026-11-25 15:30"),  # 23/11 given off, 24/11 a holiday
        ("report", "soon", "2026-11-20 10:00", "2026-11-26 17:00"),  # 21, 25, 26
        ("report", "soon", "2026-11-26 10:00", "2026-11-30 17:00"),  # 27, 28, 30
    ],
)
def test_terms_with_swap_saturdays(kind: Any, urgency: Any, since: str, due: str) -> None:
    assert due_for(kind, urgency, at(since), SWAPPED, LIMITS, classified=True).due_at == at(due)


def test_a_report_is_first_to_be_looked_at() -> None:
    deadline = due_for("report", "normal", at("2026-11-20 07:00"), CALENDAR, LIMITS)
    assert deadline.due_at == at("2026-11-20 16:30")


def test_sorting_a_report_gives_it_its_real_term(desk: Desk) -> None:
    opened = desk.open("report")
    more: dict[str, Any] = {"now": FRIDAY, "calendar": CALENDAR, "limits": LIMITS}
    case = desk.do(work.classify, opened.id, None, ME, urgency="soon", **more).case
    assert case.due_at == at("2026-11-26 17:00")
    assert case.first_due_at == opened.due_at
    again = desk.do(work.classify, opened.id, None, ME, khom="Khóm 3", **more).case
    assert (again.due_at, again.khom) == (case.due_at, "Khóm 3")


def test_sorted_late_the_term_starts_now(desk: Desk) -> None:
    opened = desk.open("report")
    late = at("2026-11-25 08:00")
    more: dict[str, Any] = {"now": late, "calendar": CALENDAR, "limits": LIMITS}
    case = desk.do(work.classify, opened.id, None, ME, urgency="urgent", **more).case
    assert case.due_at == at("2026-11-25 13:30")


@pytest.mark.parametrize(
    ("opened", "asked", "wrote", "due"),
    [
        # 8 hours from Friday 9:00 end on Monday 8:30; asked at 10:00 with 7 left
        ("2026-11-20 09:00", "2026-11-20 10:00", "2026-11-20 15:00", "2026-11-23 13:30"),
        ("2026-11-20 09:00", "2026-11-20 10:00", "2026-11-21 20:00", "2026-11-23 15:30"),  # wrote on Saturday
        ("2026-11-20 09:00", "2026-11-20 12:00", "2026-11-23 12:10", "2026-11-25 08:30"),  # both at lunch
        ("2027-02-03 09:00", "2027-02-03 16:00", "2027-02-06 09:00", "2027-02-11 09:30"),  # wrote on mùng 1
    ],
)
def test_the_clock_stands_while_the_citizen_is_asked(
    desk: Desk, opened: str, asked: str, wrote: str, due: str
) -> None:
    case_id = desk.taken(now=at(opened))
    before = desk.case(case_id)
    desk.do(work.wait_for_citizen, case_id, None, ME, "Bé mấy tuổi?", at(asked), CALENDAR)
    waiting = desk.case(case_id)
    assert share_used(waiting, at("2027-06-01 09:00"), CALENDAR) == share_used(before, at(asked), CALENDAR)
    case = desk.do(work.citizen_wrote, case_id, "9 tuổi", at(wrote), CALENDAR).case
    assert (case.state, case.due_at) == ("assigned", at(due))
    assert share_used(case, at(wrote), CALENDAR) == pytest.approx(share_used(before, at(asked), CALENDAR))
    assert (case.waiting_since, case.waiting_hours_left) == (None, None)


def test_a_late_case_stays_late_after_a_pause(desk: Desk) -> None:
    case_id = desk.taken()
    due = desk.case(case_id).due_at
    desk.do(work.wait_for_citizen, case_id, None, ME, "Bé mấy tuổi?", at("2026-11-25 10:00"), CALENDAR)
    case = desk.do(work.citizen_wrote, case_id, "9", at("2026-11-25 11:00"), CALENDAR).case
    assert case.due_at == due
    assert share_used(case, at("2026-11-25 11:00"), CALENDAR) > 1


def test_a_case_given_back_while_it_waits_runs_again(desk: Desk) -> None:
    case_id = desk.taken()
    desk.do(work.wait_for_citizen, case_id, None, ME, "Bé mấy tuổi?", at("2026-11-20 10:00"), CALENDAR)
    case = desk.do(work.give_back, case_id, None, ME, None, at("2026-11-20 14:00"), CALENDAR).case
    assert (case.state, case.waiting_hours_left) == ("new", None)
    assert hours_left(case, at("2026-11-20 14:00"), CALENDAR) == pytest.approx(7)


def test_reopening_gives_a_new_term(desk: Desk) -> None:
    case_id = desk.taken(kind="report", urgency="urgent")
    desk.do(work.close_field_case, case_id, None, ME, LONG, None, "trời tối", FRIDAY, "phone")
    monday = at("2026-11-23 08:00")
    case = desk.do(work.reopen, case_id, None, CITIZEN, "Còn hôi", monday, CALENDAR, LIMITS).case
    assert case.due_at == at("2026-11-23 13:30")
    assert share_used(case, monday, CALENDAR) == pytest.approx(0)


def test_share_of_a_case_of_before_the_column(desk: Desk) -> None:
    case_id = desk.open(now=at("2026-11-20 07:00")).id
    with write_tx(desk.engine) as connection:
        connection.execute(update(cases).values(allowed_hours=None))
    assert share_used(desk.case(case_id), at("2026-11-20 11:00"), CALENDAR) == pytest.approx(0.5)


# ── the ward's own figures ───────────────────────────────────────────────────────────────────────


def test_the_ward_sets_its_own_limits_and_a_bad_one_falls_back(desk: Desk) -> None:
    value = {"normal": {"days": 5}, "soon": {"days": 400}, "made_up": {"days": 1}}
    row = {"oa_id": OA, "name": "limits", "value": value, "changed_at": FRIDAY}
    with write_tx(desk.engine) as connection:
        connection.execute(insert(settings).values(**row))
    with read_tx(desk.engine) as connection:
        limits = limits_for(connection, OA, 6)
        assert limits == Limits(question=Limit(hours=6), normal=Limit(days=5))
        assert limits_for(connection, "another", 8) == Limits()


@pytest.mark.parametrize("wrong", [{}, {"hours": 1, "days": 1}, {"days": 16}, {"hours": 0}, {"days": 1.5}])
def test_a_limit_is_hours_or_days_within_reason(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Limit.model_validate(wrong)
