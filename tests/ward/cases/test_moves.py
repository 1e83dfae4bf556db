"""What may be done to a case in which state, by whom, and what happens to two who do it at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from store.engine import write_tx
from store.schema import case_events, case_messages, case_people, cases, photos
from tests.ward.cases.desk import CALENDAR, FRIDAY, LIMITS, LONG, MINUTE, OA, Desk
from ward.cases import work
from ward.cases.changes import COLUMNS, check_move
from ward.cases.model import MOVES, STATES, State
from ward.cases.work import CITIZEN, SYSTEM, MoveRefused, StaleCase, official

ME, OTHER = official(1), official(2)


def test_a_case_is_a_row_of_the_table() -> None:
    assert {column.name for column in COLUMNS} == {column.name for column in cases.c}


@pytest.mark.parametrize("state", get_args(State))
def test_every_state_has_its_moves_and_a_label(state: State) -> None:
    assert MOVES[state] <= set(get_args(State))
    assert STATES[state]


def put(desk: Desk, case_id: int, state: str) -> None:
    """Set the scene: a case in a state, in official 1's hands unless it is new."""
    values: dict[str, Any] = {"state": state, "assignee_id": None if state == "new" else 1}
    values |= {"answered_at": FRIDAY} if state == "answered" else {}
    with write_tx(desk.engine) as connection:
        connection.execute(update(cases).where(cases.c.id == case_id).values(**values))


SORTING: dict[str, Any] = {"now": FRIDAY, "calendar": CALENDAR, "limits": LIMITS}
ACTS: dict[str, tuple[Callable[[Desk, int], Any], str, set[str]]] = {
    "take": (lambda d, i: d.do(work.take, i, None, OTHER, FRIDAY), "assigned", {"new"}),
    "pass_on": (
        lambda d, i: d.do(work.pass_on, i, None, ME, d.official("an"), None, FRIDAY),
        "",
        {"new", "assigned", "waiting"},
    ),
    "give_back": (
        lambda d, i: d.do(work.give_back, i, None, ME, None, FRIDAY, CALENDAR),
        "new",
        {"assigned", "waiting"},
    ),
    "classify": (
        lambda d, i: d.do(
            work.classify, i, None, ME, field="y_te", now=FRIDAY, calendar=CALENDAR, limits=LIMITS
        ),
        "",
        {"new", "assigned", "waiting"},
    ),
    "ask": (
        lambda d, i: d.do(work.wait_for_citizen, i, None, ME, "Mình gửi thêm nha", FRIDAY, CALENDAR),
        "waiting",
        {"assigned"},
    ),
    "answer": (
        lambda d, i: d.do(work.send_answer, i, None, ME, "Dạ được", True, FRIDAY),
        "sending",
        {"assigned", "waiting"},
    ),
    "by phone": (
        lambda d, i: d.do(work.answered_by_phone, i, None, ME, "phone", "Đã gọi", FRIDAY),
        "answered",
        {"assigned", "waiting"},
    ),
    "delivered": (
        lambda d, i: d.do(work.delivered, i, FRIDAY),
        "answered",
        {"assigned", "waiting", "sending"},
    ),
    "not delivered": (
        lambda d, i: d.do(work.not_delivered, i, "failed", FRIDAY),
        "assigned",
        {"sending"},
    ),
    "citizen wrote": (
        lambda d, i: d.do(work.citizen_wrote, i, "Dạ đây", FRIDAY, CALENDAR),
        "",
        {"new", "assigned", "waiting", "sending"},
    ),
    "reopen": (
        lambda d, i: d.do(work.reopen, i, None, CITIZEN, None, FRIDAY, CALENDAR, LIMITS),
        "assigned",
        {"answered"},
    ),
    "rate": (lambda d, i: d.do(work.rate, i, None, CITIZEN, 3, FRIDAY), "answered", {"answered"}),
    "withdraw": (
        lambda d, i: d.do(work.withdraw, i, None, CITIZEN, FRIDAY),
        "withdrawn",
        {"new", "assigned", "waiting"},
    ),
    "merge": (
        lambda d, i: d.do(work.merge, i, None, ME, d.open(person_id="p9").id, FRIDAY),
        "merged",
        {"new", "assigned", "waiting"},
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_allowed_in_its_states_and_refused_in_all_others(desk: Desk, act: str) -> None:
    run, ends_in, allowed = ACTS[act]
    for state in get_args(State):
        case_id = desk.open().id
        put(desk, case_id, state)
        before = desk.case(case_id)
        if state in allowed:
            run(Desk(desk.engine), case_id) if act != "pass_on" else _pass_on(desk, case_id, state)
            after = desk.case(case_id)
            assert not ends_in or after.state == ends_in, state
            assert after.version == before.version + 1, state
            assert len(desk.events(case_id)) == 2, state
        else:
            with pytest.raises(MoveRefused) as refused:
                run(desk, case_id) if act != "pass_on" else _pass_on(desk, case_id, state)
            assert refused.value.reason
            assert refused.value.why
            assert desk.case(case_id) == before, state
            assert desk.events(case_id) == ["opened"], state


def _pass_on(desk: Desk, case_id: int, state: str) -> None:
    receiver = desk.official(f"an{case_id}{state}", fields=[])
    receiver = receiver if receiver != 1 else desk.official("binh")
    desk.do(work.pass_on, case_id, None, ME, receiver, None, FRIDAY)


def test_moves_that_the_table_lacks_are_refused_in_words(desk: Desk) -> None:
    case = desk.case(desk.open().id)
    with pytest.raises(MoveRefused, match="Chưa nhận"):
        check_move(case, "answered")


def test_of_many_who_take_at_once_one_gets_it(desk: Desk) -> None:
    case_id = desk.open().id

    def take(staff_id: int) -> str:
        try:
            desk.do(work.take, case_id, 0, official(staff_id), FRIDAY)
        except StaleCase as stale:
            return f"stale {stale.case.assignee_id}"
        return f"mine {staff_id}"

    with ThreadPoolExecutor(8) as pool:
        ends = sorted(pool.map(take, range(1, 9)))
    (won,) = [end for end in ends if end.startswith("mine")]
    owner = desk.case(case_id).assignee_id
    assert won == f"mine {owner}"
    assert ends.count(f"stale {owner}") == 7
    assert desk.events(case_id) == ["opened", "taken"]


def test_a_stale_save_is_refused_and_shows_what_is_now(desk: Desk) -> None:
    case_id = desk.taken()
    seen = desk.case(case_id).version
    desk.do(work.citizen_wrote, case_id, "Con tôi 9 tuổi", FRIDAY, CALENDAR)
    with pytest.raises(StaleCase, match="người khác thay đổi") as stale:
        desk.do(work.send_answer, case_id, seen, ME, "Dạ mình ghé phường", True, FRIDAY)
    assert stale.value.case.version == seen + 1
    assert desk.case(case_id).state == "assigned"


def test_a_remark_makes_nobody_stale(desk: Desk) -> None:
    case_id = desk.taken()
    seen = desk.case(case_id).version
    desk.do(work.note, case_id, None, OTHER, "Nhớ hỏi tuổi của bé", FRIDAY)
    assert desk.do(work.send_answer, case_id, seen, ME, "Dạ được", True, FRIDAY).case.state == "sending"


def test_only_the_one_who_has_it_speaks_to_the_citizen(desk: Desk) -> None:
    case_id = desk.taken()
    for act, args in (
        (work.send_answer, ("Dạ được", True, FRIDAY)),
        (work.wait_for_citizen, ("Mình gửi thêm", FRIDAY, CALENDAR)),
        (work.answered_by_phone, ("phone", "Đã gọi", FRIDAY)),
    ):
        with pytest.raises(MoveRefused, match="cán bộ khác đang giữ"):
            desk.do(act, case_id, None, OTHER, *args)


def test_a_case_without_chat_is_answered_by_phone(desk: Desk) -> None:
    case_id = desk.taken(person_id="", channel="truc_tiep")
    with pytest.raises(MoveRefused, match="không nhắn qua Zalo"):
        desk.do(work.send_answer, case_id, None, ME, "Dạ được", True, FRIDAY)
    changed = desk.do(work.answered_by_phone, case_id, None, ME, "in_person", "Đã gặp", FRIDAY)
    assert (changed.case.state, changed.case.answered_by, changed.sent_as) == ("answered", "in_person", None)


@pytest.mark.parametrize("text", ["", "   \n"])
def test_empty_words_are_not_sent(desk: Desk, text: str) -> None:
    case_id = desk.taken()
    with pytest.raises(MoveRefused, match="chưa ghi nội dung"):
        desk.do(work.send_answer, case_id, None, ME, text, True, FRIDAY)


# ── passing on, and what is the head's alone ─────────────────────────────────────────────────────


def test_a_case_is_passed_only_to_someone_at_work(desk: Desk) -> None:
    gone = desk.official("nghi", active=False)
    case_id = desk.open().id
    for receiver in (gone, 4711):
        with pytest.raises(MoveRefused, match="không còn làm việc"):
            desk.do(work.pass_on, case_id, None, ME, receiver, None, FRIDAY)


def test_conduct_goes_to_heads_only(desk: Desk) -> None:
    clerk, head = desk.official("clerk"), desk.official("head", roles=["head"])
    case_id = desk.open("conduct").id
    assert desk.case(case_id).head_only
    with pytest.raises(MoveRefused, match="chỉ lãnh đạo"):
        desk.do(work.pass_on, case_id, None, official(head), clerk, None, FRIDAY)
    assert desk.do(work.pass_on, case_id, None, official(head), head, None, FRIDAY).case.assignee_id == head


def test_what_turns_out_to_be_about_conduct_leaves_its_hands(desk: Desk) -> None:
    case_id = desk.taken(kind="report")
    more = {"now": FRIDAY, "calendar": CALENDAR, "limits": LIMITS}
    case = desk.do(work.classify, case_id, None, ME, kind="conduct", reason="nói về cán bộ", **more).case
    assert (case.head_only, case.state, case.assignee_id) == (True, "new", None)


def test_reasons_are_notes_and_events_hold_no_words(desk: Desk) -> None:
    to = desk.official("an")
    case_id = desk.open().id
    desk.do(work.pass_on, case_id, None, official(9), to, "Bà Mận hỏi về họ của con", FRIDAY)
    with write_tx(desk.engine) as connection:
        details = connection.execute(select(case_events.c.detail)).scalars().all()
        notes = connection.execute(
            select(case_messages.c.text).where(case_messages.c.kind == "note")
        ).scalars()
        assert "Mận" not in str(details)
        assert list(notes) == ["Bà Mận hỏi về họ của con"]


def test_the_database_itself_keeps_events(desk: Desk) -> None:
    desk.open()
    with pytest.raises(DBAPIError), write_tx(desk.engine) as connection:
        connection.execute(update(case_events).values(kind="nothing"))


# ── ending a report, merging, rating, reopening ──────────────────────────────────────────────────


def picture(desk: Desk, token: str, **more: Any) -> None:
    row = {"token": token, "oa_id": OA, "kind": "after", "created_at": FRIDAY, "width": 1, "height": 1}
    with write_tx(desk.engine) as connection:
        connection.execute(insert(photos).values(**{**row, "content": b"x", **more}))


def close(desk: Desk, case_id: int, text: str, photo: str | None, reason: str | None = None) -> Any:
    return desk.do(work.close_field_case, case_id, None, ME, text, photo, reason, FRIDAY)


def test_a_report_ends_with_words_and_a_picture_or_a_reason(desk: Desk) -> None:
    first, second = desk.taken(kind="report"), desk.taken(kind="report")
    picture(desk, "mine")
    picture(desk, "other", case_id=first)
    picture(desk, "citizen", person_id="p1")
    picture(desk, "before", kind="before")
    for text, photo, reason in (
        ("Đã xong.", "mine", None), (LONG[:29], "mine", None), (LONG, None, None), (LONG, None, "  "),
        (LONG, "other", None), (LONG, "citizen", None), (LONG, "before", None), (LONG, "nowhere", None),
    ):  # fmt: skip
        with pytest.raises(MoveRefused):
            close(desk, second, text, photo, reason)
    assert close(desk, second, LONG, "mine").case.state == "sending"
    assert close(desk, first, LONG, None, "trời tối").case.state == "sending"


def test_a_report_is_not_ended_in_another_way(desk: Desk) -> None:
    case_id = desk.taken(kind="report")
    with pytest.raises(MoveRefused, match="Đóng phiếu"):
        desk.do(work.send_answer, case_id, None, ME, LONG, True, FRIDAY)
    with pytest.raises(MoveRefused, match="Đóng phiếu"):
        desk.do(work.answered_by_phone, case_id, None, ME, "phone", LONG, FRIDAY)
    assert desk.do(work.send_answer, case_id, None, ME, "Đội đang ra", False, FRIDAY).case.state == "assigned"
    spoken = desk.do(work.close_field_case, case_id, None, ME, LONG, None, "trời tối", FRIDAY, "phone")
    assert (spoken.case.state, spoken.sent_as) == ("answered", None)


def test_merged_people_are_told_what_the_other_case_says(desk: Desk) -> None:
    first, second = desk.open(person_id="p1").id, desk.open(person_id="p2").id
    desk.do(work.join, second, "p3", "Tôi cũng thấy", FRIDAY)
    desk.do(work.merge, second, None, ME, first, FRIDAY)
    assert desk.case(second).merged_into == first
    assert desk.look(lambda connection, _oa: work.audience(connection, work.load(connection, OA, first))) == [
        "p1", "p2", "p3",
    ]  # fmt: skip
    assert desk.events(first)[-1] == "took_in"


def test_merging_that_makes_no_sense_is_refused(desk: Desk) -> None:
    case_id, ended, hidden = desk.open().id, desk.answered(), desk.open("conduct").id
    for into in (case_id, ended, hidden):
        with pytest.raises(MoveRefused):
            desk.do(work.merge, case_id, None, ME, into, FRIDAY)


def test_joining_twice_is_once(desk: Desk) -> None:
    case_id = desk.open("report").id
    for _ in range(2):
        desk.do(work.join, case_id, "p2", None, FRIDAY)
    desk.do(work.join, case_id, "p1", None, FRIDAY)
    with write_tx(desk.engine) as connection:
        assert connection.execute(select(case_people.c.person_id)).scalars().all() == ["p2"]


def test_one_rating_a_case_even_after_reopening(desk: Desk) -> None:
    case_id = desk.answered()
    assert desk.do(work.rate, case_id, None, CITIZEN, 1, FRIDAY).case.rating == 1
    with pytest.raises(MoveRefused) as again:
        desk.do(work.rate, case_id, None, CITIZEN, 3, FRIDAY)
    assert again.value.why == "again"
    desk.do(work.reopen, case_id, None, CITIZEN, "Chưa xong", FRIDAY, CALENDAR, LIMITS)
    desk.do(work.answered_by_phone, case_id, None, ME, "phone", "Đã gọi", FRIDAY)
    with pytest.raises(MoveRefused):
        desk.do(work.rate, case_id, None, CITIZEN, 3, FRIDAY)
    assert desk.case(case_id).rating == 1


@pytest.mark.parametrize("value", [0, 4, -1])
def test_a_rating_out_of_range_is_refused(desk: Desk, value: int) -> None:
    case_id = desk.answered()
    with pytest.raises(MoveRefused):
        desk.do(work.rate, case_id, None, CITIZEN, value, FRIDAY)


def test_no_rating_in_bereavement(desk: Desk) -> None:
    case_id = desk.answered(context={"bereavement": True})
    with pytest.raises(MoveRefused) as refused:
        desk.do(work.rate, case_id, None, CITIZEN, 3, FRIDAY)
    assert refused.value.why == "bereavement"


@pytest.mark.parametrize(("after", "why"), [(timedelta(days=7), ""), (timedelta(days=7) + MINUTE, "late")])
def test_reopening_within_seven_days(desk: Desk, after: timedelta, why: str) -> None:
    case_id = desk.answered(by=5)
    if why:
        with pytest.raises(MoveRefused) as refused:
            desk.do(work.reopen, case_id, None, CITIZEN, None, FRIDAY + after, CALENDAR, LIMITS)
        assert refused.value.why == why
        return
    case = desk.do(work.reopen, case_id, None, CITIZEN, "Còn hôi", FRIDAY + after, CALENDAR, LIMITS).case
    assert (case.state, case.assignee_id, case.reopened, case.answered_at) == ("assigned", 5, 1, None)
    assert case.due_at > FRIDAY + after
    assert case.late_told_at is None
    desk.do(work.answered_by_phone, case_id, None, official(5), "phone", "Đã gọi", FRIDAY + after)
    with pytest.raises(MoveRefused) as again:
        desk.do(work.reopen, case_id, None, CITIZEN, None, FRIDAY + after, CALENDAR, LIMITS)
    assert again.value.why == "again"


def test_a_citizen_who_writes_while_the_answer_leaves_keeps_it_open(desk: Desk) -> None:
    case_id = desk.taken()
    desk.do(work.send_answer, case_id, None, ME, "Dạ được", True, FRIDAY)
    desk.do(work.citizen_wrote, case_id, "À quên, bé 9 tuổi", FRIDAY + MINUTE, CALENDAR)
    assert desk.do(work.delivered, case_id, FRIDAY + 2 * MINUTE).case.state == "assigned"


def test_the_system_gives_back_under_its_own_name(desk: Desk) -> None:
    case_id = desk.taken()
    desk.do(work.give_back, case_id, None, SYSTEM, None, FRIDAY, CALENDAR)
    assert desk.events(case_id)[-1] == "returned"
