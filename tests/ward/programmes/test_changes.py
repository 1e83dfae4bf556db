"""Programmes edited and made in the console; duties; clashes; what officials are told of in time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, insert, select

from bot.config import SAMPLE_WARD
from store.engine import write_tx
from store.schema import staff_tasks, visits
from tests.bot.support import OA
from ward import audit
from ward.calendar import VIET_NAM, load_calendar
from ward.profile import load_profile
from ward.programmes import changes, duties, todo
from ward.programmes.changes import ChangeRefused
from ward.programmes.clashes import clashes
from ward.programmes.ending import ends_soon, remind, reports_due
from ward.programmes.load import load_files, programmes_of
from ward.programmes.todo import CLASH, ENDS, NEW_ONE, NEXT_YEAR, REPORT, TodoRefused

NOW = datetime(2026, 11, 27, 7, 50, tzinfo=UTC)
FILES = load_files(SAMPLE_WARD)
FRIDAY = "th_thu_sau_khong_cho"
CALENDAR = load_calendar(SAMPLE_WARD, load_profile(SAMPLE_WARD).hours)
NEW = {
    "key": "thu_bay_vi_dan",
    "name": "Thứ Bảy vì dân",
    "seed": ["SĐ-16"],
    "kind": "same_day",
    "about": "Sáng thứ Bảy phường mở cửa cho người đi làm.",
    "legal_basis": ["Quyết định của phường"],
    "starts": "2026-12-05",
    "weekdays": ["saturday"],
    "hours": ["07:30-11:00"],
    "same_day": {},
}


def history(connection: Connection, key: str) -> list[audit.Line]:
    return audit.lines(connection, OA, audit.Filter(subject=changes.subject(key)))


def test_a_change_is_kept_logged_and_undone(engine: Engine) -> None:
    with write_tx(engine) as connection:
        data = {"same_day": {"cut_off": "15:00", "later_by": "09:00"}, "in_charge": "chị Hạnh"}
        changed = changes.change(connection, OA, FILES, FRIDAY, data, 7, "quyết định mới", NOW)
        assert set(changed) == {"same_day", "in_charge"}
        found = programmes_of(connection, OA, FILES)[FRIDAY]
        assert found.same_day is not None
        assert f"{found.same_day.cut_off}" == "15:00:00"
        assert found.declared_count == 21, "what was not changed stays the file's"
        assert changes.is_changed(connection, OA, FRIDAY)
        assert changes.change(connection, OA, FILES, FRIDAY, data, 7, "quyết định mới", NOW) == ()
        assert changes.restore(connection, OA, FILES, FRIDAY, 7, "ghi nhầm", NOW)
        assert not changes.restore(connection, OA, FILES, FRIDAY, 7, "ghi nhầm", NOW)
        assert programmes_of(connection, OA, FILES)[FRIDAY] == FILES[FRIDAY]
        lines = history(connection, FRIDAY)
    assert [line.action for line in lines] == ["programme_restored", "programme_changed", "programme_changed"]
    assert {line.reason for line in lines} == {"quyết định mới", "ghi nhầm"}


def test_a_new_programme_needs_no_code(engine: Engine) -> None:
    with write_tx(engine) as connection:
        made = changes.create(connection, OA, FILES, NEW, 7, "quyết định số 12", NOW)
        assert programmes_of(connection, OA, FILES)["thu_bay_vi_dan"] == made
        with pytest.raises(ChangeRefused, match="Đã có"):
            changes.create(connection, OA, FILES, NEW, 7, "quyết định số 12", NOW)
        with pytest.raises(ChangeRefused, match="ngày kết thúc"):
            changes.restore(connection, OA, FILES, "thu_bay_vi_dan", 7, "thôi không làm", NOW)


@pytest.mark.parametrize(
    ("data", "reason", "mend"),
    [
        ({"ends": "2020-01-01"}, "lý do đủ dài", "ends trước starts"),
        ({"weekdays": ["funday"]}, "lý do đủ dài", "Ngày trong tuần"),
        ({"same_day": None}, "lý do đủ dài", "same_day"),
        ({"hours": ["sáng"]}, "lý do đủ dài", "07:00-11:00"),
        ({"name": "Tên khác"}, " ab ", "lý do"),
    ],
)
def test_what_does_not_fit_changes_nothing(
    engine: Engine, data: dict[str, object], reason: str, mend: str
) -> None:
    with write_tx(engine) as connection:
        with pytest.raises(ChangeRefused, match=mend):
            changes.change(connection, OA, FILES, FRIDAY, data, 7, reason, NOW)
        assert programmes_of(connection, OA, FILES) == FILES
        assert history(connection, FRIDAY) == []


def add_visit(connection: Connection, starts: datetime, khom: str, team: list[str], key: str) -> None:
    row = {
        "oa_id": OA, "programme": key, "kind": "mobile", "khom": khom, "place": f"Văn phòng {khom}",
        "starts_at": starts, "ends_at": starts.replace(hour=starts.hour + 3), "slot_minutes": 30,
        "per_slot": 3, "capacity": 21, "team": team, "kit": [], "state": "planned", "created_at": NOW,
    }  # fmt: skip
    connection.execute(insert(visits).values(**row))


def test_thursday_s_clashes(engine: Engine) -> None:
    thursday = date(2026, 12, 3)
    at_eight = datetime(2026, 12, 3, 8, 0, tzinfo=VIET_NAM)
    with write_tx(engine) as connection:
        for programme in ("sd_13_ket_hon_hai_khong", "sd_14_thu_nam_khong_hen"):
            assert duties.assign(connection, OA, thursday, programme, "signs", "Anh Tư", 7, NOW)
        assert not duties.assign(
            connection, OA, thursday, "sd_14_thu_nam_khong_hen", "signs", "Anh Tư", 7, NOW
        )
        add_visit(connection, at_eight, "Khóm 5", ["Chị Hạnh"], "sd_09_luu_dong")
        add_visit(connection, at_eight.replace(hour=9), "khóm 5", ["Chị Hạnh"], "sd_10_tu_van_nha_dat")
        found = clashes(connection, OA, FILES, CALENDAR, thursday, 1)
        kinds = {(clash.kind, clash.what) for clash in found}
        assert ("staff", "Anh Tư") in kinds
        assert ("staff", "Chị Hạnh") in kinds
        assert ("khom", "Khóm 5") in kinds
        assert ("place", "Văn phòng Khóm 5") in kinds
        assert any(kind == "unassigned" for kind, _ in kinds), "home certification has nobody on duty yet"
        assert clashes(connection, OA, FILES, CALENDAR, date(2026, 11, 24), 1) == [], "a day off"
        duty = duties.on_days(connection, OA, thursday, thursday)[0]
        assert duties.remove(connection, OA, duty.id, 7, NOW)
        assert not duties.remove(connection, OA, duty.id, 7, NOW)


@pytest.mark.parametrize(
    ("day", "soon"),
    [("2026-10-31", False), ("2026-11-01", True), ("2026-12-31", True), ("2027-01-01", False)],
)
def test_sixty_days_before_the_end(day: str, soon: bool) -> None:
    assert ends_soon(FILES["sd_14_thu_nam_khong_hen"], date.fromisoformat(day)) is soon


@pytest.mark.parametrize(
    ("day", "rhythms"),
    [
        ("2026-11-22", []),
        ("2026-11-23", ["monthly"]),
        ("2026-12-24", ["monthly", "quarterly", "yearly"]),
        ("2026-03-31", ["monthly", "quarterly"]),
        ("2024-12-18", ["once"]),
    ],
)
def test_reports_are_told_of_a_week_before(day: str, rhythms: list[str]) -> None:
    found = {due.rhythm for due in reports_due(FILES, date.fromisoformat(day))}
    assert found >= set(rhythms)
    assert rhythms or not found


def kinds(connection: Connection) -> set[str]:
    return set(connection.execute(select(staff_tasks.c.kind)).scalars())


def test_tasks_are_opened_once(engine: Engine) -> None:
    with write_tx(engine) as connection:
        autumn = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
        assert remind(connection, OA, FILES, CALENDAR, autumn.replace(month=9)) == 0
        remind(connection, OA, FILES, CALENDAR, autumn)
        assert kinds(connection) == {NEW_ONE, NEXT_YEAR}
        remind(connection, OA, FILES, CALENDAR, NOW)
        assert kinds(connection) == {NEW_ONE, NEXT_YEAR, ENDS, REPORT}
        assert remind(connection, OA, FILES, CALENDAR, NOW) == 0


def test_a_year_with_a_new_programme_or_a_checked_calendar_is_not_told_of(engine: Engine) -> None:
    checked = load_calendar(SAMPLE_WARD, load_profile(SAMPLE_WARD).hours)
    object.__setattr__(checked, "own", checked.own.model_copy(update={"checked_years": (2026, 2027)}))
    with write_tx(engine) as connection:
        changes.create(connection, OA, FILES, {**NEW, "starts": None}, 7, "quyết định số 12", NOW)
        remind(connection, OA, programmes_of(connection, OA, FILES), checked, NOW)
        assert kinds(connection) == {ENDS, REPORT}


def open_kinds(connection: Connection) -> list[str]:
    return [one.kind for one in todo.waiting(connection, OA)]


def test_what_was_seen_to_does_not_come_back_for_the_same_cause(engine: Engine) -> None:
    with write_tx(engine) as connection:
        remind(connection, OA, FILES, CALENDAR, NOW)
        ends = next(one for one in todo.waiting(connection, OA) if one.kind == ENDS)
        with pytest.raises(TodoRefused, match="Ghi đã lo"):
            todo.settle(connection, OA, ends.id, 7, "Chị Hạnh", " ok ", NOW)
        todo.settle(connection, OA, ends.id, 7, "Chị Hạnh", "đã trình kế hoạch mới", NOW)
        with pytest.raises(TodoRefused, match="đã có người lo"):
            todo.settle(connection, OA, ends.id, 7, "Anh Tư", "đã trình kế hoạch mới", NOW)
        assert remind(connection, OA, FILES, CALENDAR, NOW + timedelta(days=1)) == 0
        assert ends.id not in [one.id for one in todo.waiting(connection, OA)]
        (seen,) = todo.settled(connection, OA, NOW)
        assert (seen.note, seen.by, seen.programme) == ("đã trình kế hoạch mới", "Chị Hạnh", ends.programme)
        (line,) = audit.lines(connection, OA, audit.Filter(subject=f"programme:{ends.programme}"))
        assert (line.action, line.reason) == ("programme_task_done", "đã trình kế hoạch mới")


def test_another_end_is_another_cause_and_an_end_nobody_saw_to_stays(engine: Engine) -> None:
    with write_tx(engine) as connection:
        remind(connection, OA, FILES, CALENDAR, NOW)
        before = [one for one in todo.waiting(connection, OA) if one.kind == ENDS]
        key = str(before[0].programme)
        changes.change(connection, OA, FILES, key, {"ends": "2026-12-20"}, 7, "kế hoạch mới", NOW)
        changed = programmes_of(connection, OA, FILES)
        remind(connection, OA, changed, CALENDAR, NOW)
        mine = [one.text for one in todo.waiting(connection, OA) if one.programme == key]
        assert len(mine) == 1
        assert "20/12/2026" in mine[0]
        remind(connection, OA, changed, CALENDAR, NOW + timedelta(days=90))
        assert ENDS in open_kinds(connection)
        assert NEW_ONE not in open_kinds(connection), "it was of last year"


def test_a_clash_is_a_task_until_it_is_gone_or_accepted(engine: Engine) -> None:
    two, thursday = ("sd_13_ket_hon_hai_khong", "sd_14_thu_nam_khong_hen"), date(2026, 12, 3)

    def on_duty(connection: Connection) -> None:
        for key in two:
            duties.assign(connection, OA, thursday, key, "signs", "Anh Tư", 7, NOW)

    with write_tx(engine) as connection:
        on_duty(connection)
        remind(connection, OA, FILES, CALENDAR, NOW)
        (clash,) = [one for one in todo.waiting(connection, OA) if one.kind == CLASH]
        assert "03/12/2026" in clash.text
        assert "cùng người (Anh Tư)" in clash.text
        of_one = [
            duty for duty in duties.on_days(connection, OA, thursday, thursday) if duty.programme == two[0]
        ]
        duties.remove(connection, OA, of_one[0].id, 7, NOW)
        remind(connection, OA, FILES, CALENDAR, NOW)
        assert CLASH not in open_kinds(connection)
        on_duty(connection)
        remind(connection, OA, FILES, CALENDAR, NOW)
        (again,) = [one for one in todo.waiting(connection, OA) if one.kind == CLASH]
        todo.settle(connection, OA, again.id, 7, "Chị Hạnh", "đã đổi người ký", NOW)
        remind(connection, OA, FILES, CALENDAR, NOW)
        assert CLASH not in open_kinds(connection)
