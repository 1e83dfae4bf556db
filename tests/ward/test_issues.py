"""The log of firms' matters: terms in working days, who sees what, stale changes, moves, and files."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import Connection, Engine, select, update

from bot.config import SAMPLE_WARD
from store.engine import write_tx
from store.schema import signups, staff_tasks, visits
from store.secrets import SecretBox
from ward import issues
from ward.calendar import VIET_NAM, load_calendar
from ward.forgetting import forget_person
from ward.issue_files import Line, as_csv, as_xlsx
from ward.issues import Issue, IssueRefused, Sight, StaleIssue, Wanted
from ward.profile import load_profile
from ward.programmes.load import load_files
from ward.visits import booking, firms, sessions
from ward.visits.model import BookingRefused, NewSignup, Visit
from ward.visits.people import Who, seal, unseal

OA = "2500000000000000099"
BOX = SecretBox("a key for the tests only", "visits")
CALENDAR = load_calendar(SAMPLE_WARD, load_profile(SAMPLE_WARD).hours)
COFFEE = load_files(SAMPLE_WARD)["dt_01_ca_phe_doanh_nhan"]
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
BEGINS = datetime(2026, 12, 4, 8, 0, tzinfo=VIET_NAM)
ALL = Sight(everything=True)
MINUTE = timedelta(minutes=1)


def meeting(connection: Connection, begins: datetime = BEGINS, hours: int = 2) -> Visit:
    ends = begins + timedelta(hours=hours)
    return sessions.plan_meeting(connection, OA, COFFEE, "Hội trường", begins, ends, 30, NOW)


def raise_one(connection: Connection, visit: Visit, signup: int | None = None, now: datetime = NOW) -> Issue:
    return issues.raised(connection, OA, visit, "Đường vô xưởng ngập", signup, CALENDAR, now)


def sign(connection: Connection, visit: Visit, person: str = "p", **who: str) -> int:
    new = NewSignup(person, "truc_tiep", who=seal(BOX, Who(**who)))
    return booking.sign_up(connection, OA, visit.id, new, NOW).id


def test_a_meeting_has_an_hour_of_its_own_and_one_slot(engine: Engine) -> None:
    with write_tx(engine) as connection:
        made = meeting(connection)
        assert (made.starts_at, made.slot_minutes, made.capacity, made.khom) == (BEGINS, 120, 30, None)
        for begins, hours in ((NOW - MINUTE, 2), (BEGINS, 0), (BEGINS, 13), (BEGINS.replace(year=2027), 2)):
            with pytest.raises(BookingRefused):
                meeting(connection, begins, hours)


def test_the_term_counts_working_days_from_the_session_or_from_today_after_it(engine: Engine) -> None:
    with write_tx(engine) as connection:
        visit = meeting(connection)
        assert raise_one(connection, visit).due_on == date(2026, 12, 18)
        later = datetime(2026, 12, 7, 9, 0, tzinfo=VIET_NAM)
        assert raise_one(connection, visit, now=later).due_on == date(2026, 12, 21)
        sessions.postpone(connection, OA, visit.id, 0, date(2026, 12, 11), "mưa bão", NOW, calendar=CALENDAR)
        found = issues.listing(connection, OA, ALL, Wanted())
        assert [one.due_on for one in found] == [date(2026, 12, 25), date(2026, 12, 28)]


def test_answered_forwarded_and_withdrawn(engine: Engine) -> None:
    with write_tx(engine) as connection:
        visit = meeting(connection)
        place = sign(connection, visit)
        first, second = raise_one(connection, visit, place), raise_one(connection, visit)
        sent = issues.forward(connection, first, first.changed_at, NOW + MINUTE)
        with pytest.raises(IssueRefused):
            issues.forward(connection, sent, sent.changed_at, NOW + MINUTE)
        with pytest.raises(StaleIssue):
            issues.answer(connection, sent, first.changed_at, "Phường sửa tháng này.", NOW + 2 * MINUTE)
        done = issues.answer(connection, sent, sent.changed_at, "Phường sửa tháng này.", NOW + 2 * MINUTE)
        with pytest.raises(IssueRefused):
            issues.answer(connection, done, done.changed_at, "Phường sửa tháng này.", NOW + 3 * MINUTE)
        with pytest.raises(IssueRefused):
            issues.assign(connection, done, done.changed_at, 1, None, NOW)
        assert issues.share(connection, OA, ALL, date(2027, 1, 4)) == issues.Share(2, 1, 1)
        assert issues.share(connection, OA, ALL, date(2027, 1, 4)).percent == 50
        assert issues.withdraw(connection, OA, place, NOW) == 0, "an answered one stays"
        assert second.late(date(2026, 12, 19))


def test_who_sees_what(engine: Engine) -> None:
    with write_tx(engine) as connection:
        visit, other = meeting(connection), meeting(connection, BEGINS + timedelta(days=7))
        mine, theirs = raise_one(connection, visit), raise_one(connection, other)
        issues.assign(connection, mine, mine.changed_at, 7, None, NOW)
        for sight, seen in ((Sight(staff_id=7), [mine.id]), (Sight(visit_ids=[other.id]), [theirs.id])):
            assert [one.id for one in issues.listing(connection, OA, sight, Wanted())] == seen
        assert issues.find(connection, OA, Sight(staff_id=8), mine.id) is None
        assert issues.find(connection, "another", ALL, mine.id) is None


def test_a_matter_goes_along_to_another_session(engine: Engine) -> None:
    with write_tx(engine) as connection:
        visit, other = meeting(connection), meeting(connection, BEGINS + timedelta(days=7))
        place = sign(connection, visit, firm="Tiệm Bà Ba")
        raise_one(connection, visit, place)
        made = booking.change(connection, OA, place, other.id, NOW)
        (moved,) = issues.of_signup(connection, OA, made.id)
        assert moved.visit_id == other.id
        assert unseal(BOX, made.who).firm == "Tiệm Bà Ba"


def test_only_who_agreed_hears_of_a_later_session_until_they_stop(engine: Engine) -> None:
    with write_tx(engine) as connection:
        visit = meeting(connection)
        for person in ("agrees", "silent"):
            sign(connection, visit, person, firm="Tiệm Bà Ba", phone="0912345678")
        assert firms.agree(connection, BOX, OA, "agrees", NOW)
        assert not firms.agree(connection, BOX, OA, "stranger", NOW)
        assert firms.hearers(connection, BOX, OA, visit.id) == [], "it comes to this one already"
        connection.execute(update(visits).values(state="held"))
        later = meeting(connection, BEGINS + timedelta(days=7))
        assert firms.hearers(connection, BOX, OA, later.id) == ["agrees"]
        assert firms.stop(connection, BOX, OA, "agrees", NOW)
        assert not firms.stop(connection, BOX, OA, "agrees", NOW)
        assert firms.hearers(connection, BOX, OA, later.id) == []
        kept = unseal(BOX, booking.day_list(connection, OA, visit.id)[0].who)
        assert kept == Who(firm="Tiệm Bà Ba", phone="0912345678")


def test_who_is_forgotten_leaves_no_name_and_no_matter(engine: Engine) -> None:
    with write_tx(engine) as connection:
        visit = meeting(connection)
        place, other = (
            sign(connection, visit, firm="Tiệm Bà Ba"),
            sign(connection, visit, "q", firm="Tư Lành"),
        )
        owed, done = raise_one(connection, visit, place), raise_one(connection, visit, place)
        kept = raise_one(connection, visit, other)
        done = issues.answer(connection, done, done.changed_at, "Phường sửa tháng này.", NOW + MINUTE)
        issues.to_be_called(connection, done, OA, NOW)
        for _ in range(2):
            forget_person(connection, OA, "p", NOW + 2 * MINUTE)
        found = {one.id: one for one in issues.listing(connection, OA, ALL, Wanted(()))}
        assert (found[owed.id].text, found[owed.id].state) == ("", "withdrawn")
        assert (found[done.id].text, found[done.id].answer) == ("", "Phường sửa tháng này.")
        assert found[kept.id] == kept
        assert issues.calls(connection, OA, ALL) == []
        with pytest.raises(IssueRefused, match="xin xóa"):
            issues.answer(connection, found[done.id], done.changed_at, "Đã sửa xong rồi.", NOW)
        names = {row.person_id: unseal(BOX, row.who) for row in connection.execute(select(signups))}
        assert names == {"p": Who(), "q": Who(firm="Tư Lành")}


def test_names_go_two_months_after_the_session_unless_an_answer_or_news_is_awaited(engine: Engine) -> None:
    with write_tx(engine) as connection:
        visit = meeting(connection)
        for person in ("silent", "waits", "agrees"):
            place = sign(connection, visit, person, firm=person)
            if person == "waits":
                raise_one(connection, visit, place)
        firms.agree(connection, BOX, OA, "agrees", NOW)
        assert firms.forget_old(connection, BOX, OA, visit.ends_at + timedelta(days=60)) == 0
        assert firms.forget_old(connection, BOX, OA, visit.ends_at + timedelta(days=61)) == 1
        kept = [unseal(BOX, one.who).firm for one in booking.day_list(connection, OA, visit.id)]
        assert kept == [None, "waits", "agrees"]


def test_what_presses_counts_each_matter_once(engine: Engine) -> None:
    with write_tx(engine) as connection:
        visit = meeting(connection)
        late, mine, _nobodys = (raise_one(connection, visit) for _ in range(3))
        issues.assign(connection, late, late.changed_at, 7, date(2026, 11, 28), NOW)
        issues.assign(connection, mine, mine.changed_at, 7, None, NOW)
        sight = Sight(everything=True, staff_id=7)
        assert issues.pressing(connection, OA, sight, date(2026, 11, 30)) == issues.Pressing(1, 1, 1)


def test_an_answer_without_zalo_waits_for_a_call_and_a_mended_one_again(engine: Engine) -> None:
    with write_tx(engine) as connection:
        one = raise_one(connection, meeting(connection))
        done = issues.answer(connection, one, one.changed_at, "Phường sửa tháng này.", NOW + MINUTE)
        issues.to_be_called(connection, done, OA, NOW)
        assert issues.calls(connection, OA, Sight(staff_id=8)) == []
        assert issues.calls(connection, OA, ALL) == [done]
        assert issues.called(connection, done, OA, NOW)
        assert not issues.called(connection, done, OA, NOW)
        issues.to_be_called(connection, done, OA, NOW)
        assert issues.calls(connection, OA, ALL) == [done]
        assert len(connection.execute(select(staff_tasks)).all()) == 1


def test_files_never_hold_a_formula(engine: Engine) -> None:
    with write_tx(engine) as connection:
        one = replace(raise_one(connection, meeting(connection)), text="=HYPERLINK(1)", answer="+84 gọi giùm")
    lines = [Line(one, firm="@firm", owner="-1")]
    (_, row) = csv.reader(io.StringIO(as_csv(lines).decode("utf-8-sig")))
    assert [row[place] for place in (3, 5, 6, 9)] == ["'@firm", "'=HYPERLINK(1)", "'-1", "'+84 gọi giùm"]
    sheet = load_workbook(io.BytesIO(as_xlsx(lines, "=title"))).active
    assert "f" not in {cell.data_type for cells in sheet.iter_rows() for cell in cells}
