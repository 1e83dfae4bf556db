"""Asking after a code: one's own at once, others' with the phone's last digits, and no guessing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.ward.cases.desk import CALENDAR, FRIDAY, LIMITS, MINUTE, Desk
from ward.cases import work
from ward.cases.clock import due_work
from ward.cases.tracking import NeedsPhone, NotFound, TooMany, Tracked, track
from ward.cases.work import official

ME = official(1)
UNKNOWN = "PA-2611-9999-0"


def ask(desk: Desk, code: str, person: str, tail: str | None = None, now: datetime = FRIDAY) -> Any:
    return desk.do(track, code, person, now, tail)


def test_ones_own_case_is_shown_with_its_story(desk: Desk) -> None:
    desk.official("hanh", title="Cán bộ tư pháp")
    opened = desk.open("report", phone_tail="1234")
    desk.do(work.take, opened.id, None, ME, FRIDAY)
    more: dict[str, Any] = {"now": FRIDAY, "calendar": CALENDAR, "limits": LIMITS}
    desk.do(work.classify, opened.id, None, ME, urgency="soon", reason="Bà Mận hay gọi", **more)
    desk.do(work.note, opened.id, None, ME, "chuyện nội bộ", FRIDAY)
    found = ask(desk, opened.code, "p1")
    assert isinstance(found, Tracked)
    assert found.owner
    assert [step.event for step in found.steps] == ["opened", "taken", "classified"]
    assert found.steps[1].detail == {"title": "Cán bộ tư pháp"}
    assert found.steps[2].detail["urgency"] == "soon"
    assert "Mận" not in str(found.steps)
    assert "nội bộ" not in str(found.steps)


def test_one_who_joined_sees_it_but_does_not_own_it(desk: Desk) -> None:
    opened = desk.open("report")
    desk.do(work.join, opened.id, "p2", None, FRIDAY)
    found = ask(desk, opened.code, "p2")
    assert isinstance(found, Tracked)
    assert not found.owner


def test_others_need_the_phone_and_unknown_codes_look_the_same(desk: Desk) -> None:
    opened = desk.open("report", phone_tail="1234")
    assert ask(desk, opened.code, "p2") == ask(desk, UNKNOWN, "p2") == NeedsPhone()
    assert ask(desk, opened.code, "p2", "9999") == ask(desk, UNKNOWN, "p2", "9999") == NotFound()
    found = ask(desk, opened.code, "p2", " 1234 ")
    assert isinstance(found, Tracked)
    assert not found.owner


@pytest.mark.parametrize("code", ["known", "unknown"])
def test_three_wrong_tries_an_hour(desk: Desk, code: str) -> None:
    real = desk.open("report", phone_tail="1234").code
    tried = real if code == "known" else UNKNOWN
    for n in range(3):
        assert ask(desk, tried, "p2", f"000{n}", FRIDAY + n * MINUTE) == NotFound()
    until = FRIDAY + timedelta(hours=1)
    assert ask(desk, real, "p2", "1234", FRIDAY + 3 * MINUTE) == TooMany(until)
    assert isinstance(ask(desk, real, "p3", "1234", FRIDAY + 3 * MINUTE), Tracked)
    assert isinstance(ask(desk, real, "p1", None, FRIDAY + 3 * MINUTE), Tracked)
    assert isinstance(ask(desk, real, "p2", "1234", until), Tracked)


def test_many_accounts_cannot_try_all_digits(desk: Desk) -> None:
    code = desk.open("report", phone_tail="1234").code
    for n in range(10):
        assert ask(desk, code, f"thief{n}", f"{n:04d}") == NotFound()
    assert isinstance(ask(desk, code, "thief10", "1234"), TooMany)
    assert isinstance(ask(desk, code, "p1"), Tracked)


@pytest.mark.parametrize("tail", ["", "1234", "None", "é" * 4])
def test_a_case_without_phone_opens_to_no_digits(desk: Desk, tail: str) -> None:
    assert ask(desk, desk.open("report").code, "p2", tail) == NotFound()


def test_conduct_is_shown_to_its_own_account_only(desk: Desk) -> None:
    code = desk.open("conduct", phone_tail="1234").code
    assert ask(desk, code, "p2", "1234") == NotFound()
    assert isinstance(ask(desk, code, "p1"), Tracked)


def test_a_late_case_tells_the_new_time(desk: Desk) -> None:
    opened = desk.open()
    (apology,) = desk.do(due_work, opened.due_at, CALENDAR).apologies
    found = ask(desk, opened.code, "p1", now=opened.due_at)
    assert found.steps[-1].detail == {"new_due_at": apology.new_due_at.isoformat()}
