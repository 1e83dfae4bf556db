from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import cases
from ward.calendar import VIET_NAM, WorkCalendar, load_calendar
from ward.cases.deadlines import promise
from ward.cases.opening import OpenedCase, next_code, open_question
from ward.codes import parse_code
from ward.profile import load_profile

SAMPLE = Path(__file__).parents[2] / "ward" / "sample"
PROFILE = load_profile(SAMPLE)
CALENDAR: WorkCalendar = load_calendar(SAMPLE, PROFILE.hours)
FRIDAY = datetime(2026, 11, 20, 9, 12, tzinfo=VIET_NAM)


def ask(
    engine: Engine, oa_id: str = "oa", question: str = "Đổi họ cho con?", now: datetime = FRIDAY
) -> OpenedCase:
    with write_tx(engine) as connection:
        context = {"said_before": ["câu trước"]}
        return open_question(
            connection, oa_id, "p1", question, "ho_tich", context, now, CALENDAR, PROFILE.answer_hours
        )


def test_a_question_is_kept_with_code_and_time(engine: Engine) -> None:
    opened = ask(engine)
    assert parse_code(opened.code).status == "valid"
    with read_tx(engine) as connection:
        row = connection.execute(select(cases)).one()
    assert (row.code, row.kind, row.state, row.field) == (opened.code, "question", "new", "ho_tich")
    assert row.question == "Đổi họ cho con?"
    assert row.context == {"said_before": ["câu trước"]}
    assert row.due_at == opened.due_at
    assert row.created_at == FRIDAY.astimezone(UTC)


def test_numbers_run_on_by_oa_and_month(engine: Engine) -> None:
    december = datetime(2026, 12, 1, 8, 0, tzinfo=VIET_NAM)
    assert [ask(engine).code[:12] for _ in range(3)] == ["HD-2611-0001", "HD-2611-0002", "HD-2611-0003"]
    assert ask(engine, "other").code.startswith("HD-2611-0001")
    assert ask(engine, now=december).code.startswith("HD-2612-0001")


def test_the_month_is_viet_nams(engine: Engine) -> None:
    new_year_morning = datetime(2026, 12, 31, 18, 0, tzinfo=UTC)
    assert ask(engine, now=new_year_morning).code.startswith("HD-2701-")


def test_kinds_are_counted_apart(engine: Engine) -> None:
    with write_tx(engine) as connection:
        first, second = (next_code(connection, "oa", prefix, FRIDAY) for prefix in ("HD", "PA"))
    assert first.startswith("HD-2611-0001")
    assert second.startswith("PA-2611-0001")


def test_a_rolled_back_question_leaves_nothing(engine: Engine) -> None:
    def fail() -> None:
        with write_tx(engine) as connection:
            next_code(connection, "oa", "HD", FRIDAY)
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError):
        fail()
    assert ask(engine).code.startswith("HD-2611-0001")


def test_askers_at_once_get_different_codes(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = [opened.code for opened in pool.map(lambda _: ask(engine), range(40))]
    assert len(set(codes)) == 40


@pytest.mark.parametrize(
    ("now", "hours", "due"),
    [
        ("2026-11-20 09:12", 2, "2026-11-20 11:30"),  # 11:12 → the half hour
        ("2026-11-20 09:30", 2, "2026-11-20 11:30"),
        ("2026-11-20 14:00:01", 2, "2026-11-20 16:30"),
        ("2026-11-20 16:50", 0.1, "2026-11-20 17:00"),
        ("2026-11-20 16:59", 1, "2026-11-23 08:00"),
        ("2026-11-20 19:00", 2, "2026-11-23 09:00"),
    ],
)
def test_promises_are_rounded_up_to_the_half_hour(now: str, hours: float, due: str) -> None:
    start, end = (datetime.fromisoformat(text).replace(tzinfo=VIET_NAM) for text in (now, due))
    assert promise(CALENDAR, start, hours) == end


def test_a_promise_is_never_after_the_session() -> None:
    odd = CALENDAR.hours.model_validate({"monday": ["07:00-11:15"]})
    start = datetime(2026, 11, 23, 10, 5, tzinfo=VIET_NAM)
    assert promise(WorkCalendar(odd), start, 1.1) == datetime(2026, 11, 23, 11, 11, tzinfo=VIET_NAM)
