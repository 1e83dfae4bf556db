"""The tabs of the queue: what is in each, who sees what, page by page, and by which index."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from store.engine import read_tx, write_tx
from tests.ward.cases.desk import CALENDAR, FRIDAY, MINUTE, OA, Desk, at
from ward.cases import find, work
from ward.cases.find import EVERYTHING, TABS, Scope, Tab
from ward.cases.views import Viewer, look, viewers
from ward.cases.work import official

ME = official(1)
MINE = Scope(everything=True, head_only=True, staff_id=1)


def ids(desk: Desk, tab: Tab, scope: Scope = MINE, now: Any = FRIDAY, **more: Any) -> list[int]:
    return [row.id for row in desk.look(find.queue, tab, scope, now, **more).rows]


def test_each_case_is_in_its_tabs(desk: Desk) -> None:
    new, mine, others = desk.open().id, desk.taken(by=1), desk.taken(by=2)
    waiting, answered = desk.taken(by=1), desk.answered(by=1)
    desk.do(work.wait_for_citizen, waiting, None, ME, "Bé mấy tuổi?", FRIDAY, CALENDAR)
    assert ids(desk, "unclaimed") == [new]
    assert ids(desk, "mine") == [mine, waiting]
    assert ids(desk, "overdue") == []
    assert ids(desk, "waiting") == [waiting]
    assert ids(desk, "done") == [answered]
    late = at("2026-11-25 09:00")
    assert ids(desk, "overdue", now=late) == [new, mine, others]
    counts = desk.look(find.counts, MINE, late)
    assert counts == {"unclaimed": 1, "mine": 2, "overdue": 3, "waiting": 1, "done": 1}
    assert counts.keys() == TABS.keys()


def test_the_soonest_due_comes_first(desk: Desk) -> None:
    later = desk.open(now=FRIDAY + timedelta(hours=1)).id
    normal = desk.open().id
    urgent = desk.open(urgency="urgent").id
    assert ids(desk, "unclaimed") == [urgent, normal, later]


ORDINARY = {"ho_tich", "khom", "plain", "held"}


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope(), set()),
        (Scope(staff_id=7), {"held"}),
        (Scope(fields=frozenset({"ho_tich"})), {"ho_tich"}),
        (Scope(fields=frozenset({"ho_tich", "y_te"}), khoms=frozenset({"Khóm 3"})), {"ho_tich", "khom"}),
        (Scope(everything=True), {"ho_tich", "khom", "plain", "held"}),
        (
            Scope(everything=True, head_only=True),
            {"ho_tich", "khom", "plain", "held", "conduct", "held conduct"},
        ),
        (Scope(head_only=True), set()),
    ],
)
def test_a_scope_shows_what_is_in_it_and_no_more(desk: Desk, scope: Scope, seen: set[str]) -> None:
    made = {
        "ho_tich": desk.open(field="ho_tich").id,
        "khom": desk.open(khom="Khóm 3").id,
        "plain": desk.open().id,
        "held": desk.taken(by=7),
        "conduct": desk.open("conduct", field="ho_tich", khom="Khóm 3").id,
        "held conduct": desk.taken(by=7, kind="conduct", field="ho_tich"),
    }
    late = at("2027-03-01 09:00")
    assert set(ids(desk, "overdue", scope, late)) == {made[name] for name in seen}
    assert desk.look(find.counts, scope, late)["overdue"] == len(seen)
    for name, case_id in made.items():
        case = desk.case(case_id)
        assert find.sees(scope, case) is (name in seen)
        assert (desk.look(find.by_code, case.code, scope) is not None) is (name in seen)
    assert {row.id for row in desk.look(find.of_person, "p1", scope)} == {made[name] for name in seen}


def test_another_wards_cases_are_not_here(desk: Desk) -> None:
    desk.open()
    with read_tx(desk.engine) as connection:
        assert find.queue(connection, "other", "unclaimed", EVERYTHING, FRIDAY).rows == []


def test_pages_follow_each_other_without_gap_or_double(desk: Desk) -> None:
    made = [desk.open(now=FRIDAY + (n // 3) * MINUTE).id for n in range(11)]
    found: list[int] = []
    after: str | None = None
    while True:
        page = desk.look(find.queue, "unclaimed", MINE, FRIDAY, after=after, limit=4)
        found += [row.id for row in page.rows]
        after = page.after
        if after is None:
            break
    assert found == made


def test_pages_of_answers_go_back_in_time(desk: Desk) -> None:
    made = [desk.answered(now=FRIDAY + n * MINUTE) for n in range(5)]
    first = desk.look(find.queue, "done", MINE, FRIDAY + timedelta(hours=1), limit=3)
    rest = desk.look(find.queue, "done", MINE, FRIDAY + timedelta(hours=1), after=first.after, limit=3)
    assert [row.id for row in (*first.rows, *rest.rows)] == made[::-1]
    assert rest.after is None


@pytest.mark.parametrize("after", ["", "~", "x~1", "2026-11-20T09:00:00~1", "2026-11-20~", "'; DROP TABLE~1"])
def test_a_broken_cursor_means_the_first_page(desk: Desk, after: str) -> None:
    case_id = desk.open().id
    assert ids(desk, "unclaimed", after=after) == [case_id]


def test_a_line_shows_the_title_or_the_first_words(desk: Desk) -> None:
    desk.open(title="Đổi họ", question="dài " * 900)
    desk.open(question="dài " * 900)
    lines = [row.first_line for row in desk.look(find.queue, "unclaimed", MINE, FRIDAY).rows]
    assert lines == ["Đổi họ", ("dài " * 900)[: find.FIRST_LINE]]


def test_a_case_where_the_citizen_spoke_last_is_unread(desk: Desk) -> None:
    case_id = desk.taken()
    desk.do(work.send_answer, case_id, None, ME, "Bé mấy tuổi?", False, FRIDAY + MINUTE)
    assert [row.unread for row in desk.look(find.queue, "mine", MINE, FRIDAY).rows] == [False]
    desk.do(work.citizen_wrote, case_id, "9 tuổi", FRIDAY + 2 * MINUTE, CALENDAR)
    assert [row.unread for row in desk.look(find.queue, "mine", MINE, FRIDAY).rows] == [True]


def test_officials_see_who_is_looking_and_who_writes(desk: Desk) -> None:
    hanh, an = desk.official("hanh"), desk.official("an")
    with write_tx(desk.engine) as connection:
        look(connection, 5, hanh, False, FRIDAY)
        look(connection, 5, hanh, True, FRIDAY)
        look(connection, 5, an, False, FRIDAY)
        assert viewers(connection, [5, 6], FRIDAY, except_staff=an) == {
            5: [Viewer(hanh, "Hanh", True)],
            6: [],
        }
        assert viewers(connection, [5], FRIDAY + timedelta(minutes=3)) == {5: []}


# ── the index of each list ───────────────────────────────────────────────────────────────────────

INDEX: dict[Tab, str] = {
    "unclaimed": "ix_cases_state_due",
    "mine": "ix_cases_assignee",
    "overdue": "ix_cases_unended_due",
    "waiting": "ix_cases_state_due",
    "done": "ix_cases_answered",
}


def plans_of(engine: Engine, tab: Tab, scope: Scope) -> list[str]:
    """SQLite's plan of every statement that a page of the tab and its count run."""
    ran: list[tuple[str, Any]] = []

    def remember(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            ran.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", remember)
    with read_tx(engine) as connection:
        find.queue(connection, OA, tab, scope, FRIDAY, after=f"{FRIDAY.isoformat()}~7")
        find._count(connection, OA, tab, scope, FRIDAY)
    event.remove(engine, "before_cursor_execute", remember)
    with read_tx(engine) as connection:
        return [
            " / ".join(str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values))
            for sql, values in ran
        ]


@pytest.mark.parametrize("scope", [MINE, Scope(fields=frozenset({"ho_tich"}), staff_id=1)])
@pytest.mark.parametrize("tab", TABS)
def test_every_list_walks_its_index(sqlite_engine: Engine, tab: Tab, scope: Scope) -> None:
    plans = plans_of(sqlite_engine, tab, scope)
    assert len(plans) == 2
    for plan in plans:
        assert INDEX[tab] in plan, plan
        assert "SCAN cases" not in plan
    assert tab == "mine" or "TEMP B-TREE" not in plans[0]  # "mine" sorts the few cases of one official
