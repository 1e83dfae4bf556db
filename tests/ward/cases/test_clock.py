"""What falls due by itself, each thing once; an answer is an end only when Zalo took it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.outbox import match_echo
from store.engine import read_tx, write_tx
from store.schema import case_events, outbox, staff_notices, staff_tasks
from tests.ward.cases.desk import CALENDAR, FRIDAY, LIMITS, MINUTE, OA, Desk, at
from ward.cases import work
from ward.cases.clock import DueWork, carry_out, due_work, plan
from ward.cases.thread import MOST_PARTS, thread
from ward.cases.work import Changed, official

ME = official(1)


def tick(desk: Desk, now: datetime, **more: Any) -> DueWork:
    done: DueWork = desk.do(due_work, now, CALENDAR, **more)
    return done


def answer(desk: Desk, **more: Any) -> tuple[int, Changed]:
    case_id = desk.taken(**more)
    sent: Changed = desk.do(work.send_answer, case_id, None, ME, "Dạ mình ghé phường.", True, FRIDAY)
    desk.queue_words(sent)
    return case_id, sent


def calls(desk: Desk) -> list[str]:
    query = select(staff_tasks.c.ref).where(
        staff_tasks.c.kind == "answer_not_delivered", staff_tasks.c.done_at.is_(None)
    )
    with read_tx(desk.engine) as connection:
        return list(connection.execute(query).scalars())


def notices(desk: Desk) -> list[tuple[int, str]]:
    query = select(staff_notices.c.staff_id, staff_notices.c.kind).order_by(staff_notices.c.id)
    with read_tx(desk.engine) as connection:
        return [(row.staff_id, row.kind) for row in connection.execute(query)]


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_an_answer_on_its_way_is_no_answer_yet(desk: Desk, state: str) -> None:
    case_id, sent = answer(desk)
    desk.set_outbox(sent, state)
    assert tick(desk, FRIDAY + MINUTE) == DueWork()
    assert desk.case(case_id).state == "sending"
    assert thread_state(desk, case_id) == "going"


def thread_state(desk: Desk, case_id: int) -> str:
    (entry,) = [entry for entry in desk.look(thread, case_id) if entry.sending]
    return str(entry.sending.state)


def test_an_answer_zalo_took_ends_the_case(desk: Desk) -> None:
    case_id, sent = answer(desk)
    desk.set_outbox(sent, "sent")
    assert tick(desk, FRIDAY + MINUTE).delivered == [case_id]
    case = desk.case(case_id)
    assert (case.state, case.answered_by, case.answered_at) == ("answered", "zalo", FRIDAY + MINUTE)
    assert thread_state(desk, case_id) == "sent"
    assert tick(desk, FRIDAY + 2 * MINUTE) == DueWork()


def test_a_long_answer_is_there_when_all_its_parts_are(desk: Desk) -> None:
    case_id = desk.taken()
    sent = desk.do(work.send_answer, case_id, None, ME, "dài", True, FRIDAY)
    desk.queue_words(sent, "một dòng khá dài trong câu trả lời\n" * 120)
    with write_tx(desk.engine) as connection:
        first, *others = connection.execute(select(outbox.c.id).order_by(outbox.c.id)).scalars().all()
        connection.execute(update(outbox).where(outbox.c.id == first).values(state="sent"))
    assert 1 <= len(others) < MOST_PARTS
    assert tick(desk, FRIDAY + MINUTE) == DueWork()
    desk.set_outbox(sent, "sent")
    assert tick(desk, FRIDAY + MINUTE).delivered == [case_id]


@pytest.mark.parametrize(("state", "after"), [("stopped", MINUTE), ("dead", MINUTE), ("unknown", 3 * MINUTE)])
def test_an_answer_that_did_not_arrive_is_on_the_call_list(desk: Desk, state: str, after: timedelta) -> None:
    case_id, sent = answer(desk)
    desk.set_outbox(sent, state)
    assert tick(desk, FRIDAY + after).undelivered == [case_id]
    case = desk.case(case_id)
    assert (case.state, case.answered_at, case.assignee_id) == ("assigned", None, 1)
    assert calls(desk) == [f"{case_id}:{case.answer_message_id}"]
    assert thread_state(desk, case_id) in ("failed", "unknown")
    assert tick(desk, FRIDAY + after) == DueWork()
    desk.do(work.answered_by_phone, case_id, None, ME, "phone", "Đã gọi", FRIDAY + after)
    assert calls(desk) == []


def test_a_send_without_answer_waits_a_little_for_its_echo(desk: Desk) -> None:
    _, sent = answer(desk)
    desk.set_outbox(sent, "unknown")
    assert tick(desk, FRIDAY + MINUTE) == DueWork()


def test_an_answer_heard_of_late_ends_the_case_after_all(desk: Desk) -> None:
    case_id, sent = answer(desk)
    desk.set_outbox(sent, "unknown")
    tick(desk, FRIDAY + 3 * MINUTE)
    assert len(calls(desk)) == 1
    with write_tx(desk.engine) as connection:
        match_echo(connection, OA, "p1", "Dạ", "z1", FRIDAY + 4 * MINUTE)
    assert tick(desk, FRIDAY + 5 * MINUTE).delivered == [case_id]
    assert (desk.case(case_id).state, calls(desk)) == ("answered", [])


def test_an_answer_that_never_reached_the_outbox_comes_back(desk: Desk) -> None:
    case_id = desk.taken()
    desk.do(work.send_answer, case_id, None, ME, "Dạ", True, FRIDAY)
    assert tick(desk, FRIDAY + 9 * MINUTE) == DueWork()
    assert tick(desk, FRIDAY + 11 * MINUTE).undelivered == [case_id]


# ── reminders ────────────────────────────────────────────────────────────────────────────────────


def test_the_owner_is_reminded_at_each_step_once_and_the_head_when_late(desk: Desk) -> None:
    owner, head = desk.official("hanh"), desk.official("lan", roles=["head"])
    case_id = desk.taken(by=owner, now=at("2026-11-20 07:00"))  # 9.5 h with rounding: due 16:30
    version = desk.case(case_id).version
    for clock, so_far in (
        ("2026-11-20 10:00", []),
        ("2026-11-20 11:10", [(owner, "due_50")]),
        ("2026-11-20 12:30", [(owner, "due_50")]),  # lunch uses nothing up
        ("2026-11-20 15:00", [(owner, "due_50"), (owner, "due_80")]),
        ("2026-11-20 15:01", [(owner, "due_50"), (owner, "due_80")]),
        ("2026-11-20 16:30", [(owner, "due_50"), (owner, "due_80"), (owner, "late"), (head, "late")]),
        ("2026-11-23 10:00", [(owner, "due_50"), (owner, "due_80"), (owner, "late"), (head, "late")]),
    ):
        tick(desk, at(clock), return_after_minutes=10**6)
        assert notices(desk) == so_far, clock
    assert desk.case(case_id).version == version


def test_of_steps_passed_during_a_pause_only_the_last_is_told(desk: Desk) -> None:
    owner = desk.official()
    desk.taken(by=owner)
    assert tick(desk, at("2026-11-25 09:00"), return_after_minutes=10**6).notices == 1
    assert notices(desk) == [(owner, "late")]


def test_a_case_nobody_has_reminds_those_whose_work_it_is(desk: Desk) -> None:
    field = desk.official("field")
    desk.official("other", fields=["dat_dai"])
    desk.official("gone", active=False)
    desk.official("counter", roles=["one_stop"], fields=[])
    khom = desk.official("khom", roles=["khom"], fields=[], khoms=["Khóm 3"])
    head = desk.official("head", roles=["head"], fields=[])
    desk.open(now=at("2026-11-20 07:00"), field="ho_tich", khom="Khóm 3")
    tick(desk, at("2026-11-20 11:15"))
    assert sorted(notices(desk)) == [(one, "due_50") for one in sorted((field, khom))]
    tick(desk, at("2026-11-20 17:00"))
    assert (head, "late") in notices(desk)


def test_of_conduct_only_heads_hear(desk: Desk) -> None:
    desk.official("counter", roles=["one_stop"])
    head = desk.official("head", roles=["head"])
    desk.open("conduct", field="ho_tich")
    tick(desk, at("2027-01-20 09:00"))
    assert notices(desk) == [(head, "late")]


def test_no_reminder_while_the_citizen_is_asked(desk: Desk) -> None:
    case_id = desk.taken(by=desk.official())
    desk.do(work.wait_for_citizen, case_id, None, ME, "Bé mấy tuổi?", FRIDAY, CALENDAR)
    assert tick(desk, at("2026-12-20 09:00")) == DueWork()


def test_officials_are_told_after_their_silent_hours(desk: Desk) -> None:
    desk.taken(by=desk.official(), urgency="urgent")
    morning = at("2026-11-26 06:30")
    tick(desk, at("2026-11-25 22:00"), later=lambda now, urgent: now if urgent else morning)
    with read_tx(desk.engine) as connection:
        row = connection.execute(select(staff_notices).where(staff_notices.c.kind == "late")).one()
    assert (row.urgent, row.send_at) == (True, at("2026-11-25 22:00"))


# ── apologies ────────────────────────────────────────────────────────────────────────────────────


def test_the_citizen_hears_an_apology_with_a_new_time_once(desk: Desk) -> None:
    case_id = desk.open("question", FRIDAY).id  # due Monday 8:30
    desk.do(work.join, case_id, "p2", None, FRIDAY)
    due = desk.case(case_id).due_at
    assert not tick(desk, due - MINUTE).apologies
    (apology,) = tick(desk, due).apologies
    assert (apology.people, apology.due_at, apology.new_due_at) == (["p1", "p2"], due, at("2026-11-23 10:30"))
    assert not tick(desk, due + MINUTE).apologies
    assert desk.case(case_id).due_at == due  # for officials it is late until it is answered
    with read_tx(desk.engine) as connection:
        query = select(case_events.c.detail).where(case_events.c.kind == "late_told")
        assert connection.execute(query).scalar_one() == {"new_due_at": apology.new_due_at.isoformat()}


def test_nobody_is_apologised_to_at_night_nor_without_a_chat(desk: Desk) -> None:
    desk.open()
    desk.open(person_id="", channel="1022")
    assert not tick(desk, at("2026-11-23 22:00")).apologies
    assert len(tick(desk, at("2026-11-24 06:00")).apologies) == 1


def test_an_answered_case_is_not_late(desk: Desk) -> None:
    desk.answered()
    assert tick(desk, at("2026-12-23 10:00")) == DueWork()


# ── silence ──────────────────────────────────────────────────────────────────────────────────────


def test_a_case_of_a_silent_official_goes_back_to_the_queue(desk: Desk) -> None:
    owner, colleague = desk.official("hanh", fields=[]), desk.official("counter", roles=["one_stop"])
    case_id = desk.taken(by=owner)  # at 9:00; 240 working minutes later it is 14:30
    assert not tick(desk, at("2026-11-20 14:29")).returned
    assert tick(desk, at("2026-11-20 14:30")).returned == [case_id]
    case = desk.case(case_id)
    assert (case.state, case.assignee_id) == ("new", None)
    assert {(owner, "returned"), (colleague, "returned")} <= set(notices(desk))
    assert desk.events(case_id)[-1] == "returned"


@pytest.mark.parametrize("word", ["note", "told", "sorted"])
def test_a_word_of_the_owner_keeps_it(desk: Desk, word: str) -> None:
    case_id = desk.taken()
    if word == "note":
        desk.do(work.note, case_id, None, ME, "Đang hỏi tư pháp", FRIDAY + MINUTE)
    elif word == "told":
        desk.do(work.send_answer, case_id, None, ME, "Em đang hỏi", False, FRIDAY + MINUTE)
    else:
        more: dict[str, Any] = {"now": FRIDAY + MINUTE, "calendar": CALENDAR, "limits": LIMITS}
        desk.do(work.classify, case_id, None, ME, field="cu_tru", **more)
    assert not tick(desk, at("2026-11-20 16:00")).returned
    desk.do(work.citizen_wrote, case_id, "Sao lâu vậy?", at("2026-11-20 15:00"), CALENDAR)
    assert not tick(desk, at("2026-11-23 08:59")).returned
    assert tick(desk, at("2026-11-23 09:00")).returned == [case_id]


def test_what_an_official_changed_meanwhile_is_left_alone(desk: Desk) -> None:
    case_id = desk.taken()
    late = at("2026-11-20 15:00")
    due = desk.look(plan, late, CALENDAR)
    assert due.silent
    desk.do(work.send_answer, case_id, None, ME, "Dạ em trả lời liền", False, late)
    done = desk.do(carry_out, due, late, CALENDAR)
    assert done.returned == []
    assert desk.case(case_id).state == "assigned"
