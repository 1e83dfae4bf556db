"""Sessions in the console: planning, callers, moving, who may open names, the day itself; on both engines."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from store.engine import read_tx, write_tx
from store.schema import audit, reminders, signups, staff_tasks, visits
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock
from tests.console.support import ROLE_OFFICIALS, Desk, add_official, console_of, signed_in
from ward.calendar import VIET_NAM
from ward.staff import NewOfficial
from ward.tasks import open_task
from ward.visits import booking, unseen
from ward.visits.model import AT_OFFICE, NewSignup
from ward.visits.people import Who, seal, unseal

BOX = SecretBox(KEY, "visits")
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
PLAN = {
    "programme": "sd_09_luu_dong",
    "first": "2026-12-01",
    "weeks": "2",
    "khoms": ["Khóm 1", "Khóm 2"],
    "place_0": "Nhà văn hóa khóm 1",
    "place_1": "Văn phòng khóm 2",
    "team": "Chị Hạnh\nAnh Phúc",
}
PHONE = "0912345123"
CALLER = {"topic": "khai_sinh", "name": "Bà Năm", "phone": "0912 345 999", "way": "call", "consent": "yes"}


def head(engine: Engine, clock: MovableClock | None = None) -> Desk:
    desk = signed_in(engine, clock or MovableClock(FRIDAY), "head")
    assert desk.post("/lich-luu-dong/len-lich", **PLAN).status_code == 302
    return desk


def text(desk: Desk, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def rows(engine: Engine, table: Any) -> list[Any]:
    with read_tx(engine) as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def signed(engine: Engine, clock: MovableClock, person: str = "p", visit: int = 1) -> int:
    new = NewSignup(person, "khai_sinh", who=seal(BOX, Who("Chị Tám", PHONE)))
    with write_tx(engine) as connection:
        return booking.sign_up(connection, OA, visit, new, clock()).id


def test_planned_weekly_and_listed(engine: Engine) -> None:
    desk = head(engine)
    made = rows(engine, visits)
    assert [(one.khom, one.starts_at.astimezone(VIET_NAM).isoformat()[:16]) for one in made] == [
        ("Khóm 1", "2026-12-05T07:30"),
        ("Khóm 2", "2026-12-12T07:30"),
    ]
    assert made[0].team == ["Chị Hạnh", "Anh Phúc"]
    page = text(desk, "/lich-luu-dong")
    assert "Nhà văn hóa khóm 1" in page
    assert "0/21 chỗ" in page
    assert "Không có buổi nào trong 60 ngày qua" in text(desk, "/lich-luu-dong?qua=1")
    assert "11/12/2026" in text(desk, "/lich-luu-dong/1"), "the second trip"


def test_a_plan_that_cannot_be_made_keeps_what_was_typed(engine: Engine) -> None:
    desk = head(engine)
    for bad, words in (
        ({"place_0": ""}, "nơi tổ chức"),
        ({"weeks": "0"}, "từ 1 đến 26 tuần"),
        ({"first": "mai"}, "Chọn ngày"),
        ({"programme": "khong_co"}, "Chọn chương trình"),
        ({"first": "2027-02-01"}, "đã hết hạn"),
    ):
        answer = desk.post("/lich-luu-dong/len-lich", **{**PLAN, **bad})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 400
        assert words in page
        assert "Anh Phúc" in page
    assert len(rows(engine, visits)) == 2


def test_a_caller_gets_a_number_and_is_sealed(engine: Engine) -> None:
    desk = head(engine)
    assert desk.post("/lich-luu-dong/1/ghi-ten", "/lich-luu-dong/1", **CALLER).status_code == 302
    (row,) = rows(engine, signups)
    assert unseal(BOX, row.who) == Who("Bà Năm", "0912345999")
    assert (row.number, row.person_id, row.state) == (1, None, "booked")
    page = text(desk, "/lich-luu-dong/1")
    assert "Đã ghi số 1" in page
    assert "Bà Năm" not in page
    bad = desk.post("/lich-luu-dong/1/ghi-ten", "/lich-luu-dong/1", **{**CALLER, "phone": "12"})
    assert bad.status_code == 400
    assert "Bà Năm" in bad.get_data(as_text=True), "what was typed is kept"
    assert desk.post("/lich-luu-dong/1/bo/1", "/lich-luu-dong/1").status_code == 302
    assert rows(engine, signups)[0].state == "cancelled"


def test_names_are_for_the_team_and_the_head_and_every_look_is_noted(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = head(engine, clock)
    signed(engine, clock)
    assert PHONE in text(desk, "/lich-luu-dong/1/danh-sach")
    add_official(engine, "hanh", NewOfficial("Chị Hạnh", roles=("field",), fields=("ho_tich",)), clock())
    add_official(engine, "other", ROLE_OFFICIALS["one_stop"], clock())
    for name, status in (("hanh", 200), ("other", 403)):
        another = Desk(console_of(engine, clock))
        another.sign_in(name)
        assert PHONE not in text(another, "/lich-luu-dong/1")
        assert another.get("/lich-luu-dong/1/danh-sach").status_code == status
        assert another.get("/lich-luu-dong/1/danh-sach?chua-xem=1").status_code == status
    looks = [row for row in rows(engine, audit) if row.action == "visit_names_opened"]
    assert [row.subject for row in looks] == ["visit:1"] * 3
    assert not any("Tám" in str(row) or PHONE in str(row) for row in rows(engine, audit))


def test_moving_is_one_action_and_two_hours_later_who_has_not_seen_it_is_listed(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = head(engine, clock)
    signed(engine, clock, "silent")
    answering = signed(engine, clock, "answers")
    form = {"version": "0", "day": "2026-12-19", "reason": "mưa bão"}
    assert desk.post("/lich-luu-dong/1/doi", "/lich-luu-dong/1", **form).status_code == 302
    page = text(desk, "/lich-luu-dong/1")
    assert "2 người được báo tin" in page
    assert "Dời từ 05/12/2026 07:30" in page
    assert [row.number for row in rows(engine, signups)] == [1, 2]
    waiting = [row.kind for row in rows(engine, reminders) if row.version == 1 and row.state == "pending"]
    assert Counter(waiting) == {"moved": 2, "t3": 2, "t1": 2, "morning": 2}
    stale = desk.post("/lich-luu-dong/1/doi", "/lich-luu-dong/1", **{**form, "day": "2026-12-26"})
    assert stale.status_code == 400
    assert "Người khác vừa sửa" in stale.get_data(as_text=True)
    with write_tx(engine) as connection:
        booking.answer(connection, OA, answering, "coming", clock())
    clock.move(hours=2, minutes=1)
    with write_tx(engine) as connection:
        unseen.watch(connection, OA, clock())
    assert [row.kind for row in rows(engine, staff_tasks)] == ["visit_unseen"]
    desk.sign_in("user.head")
    assert "1 người chưa xem tin dời" in text(desk, "/lich-luu-dong")
    assert "Khóm 1: 1 người cần gọi" in text(desk, "/lich-luu-dong/chua-xem")
    calls = text(desk, "/lich-luu-dong/1/danh-sach?chua-xem=1")
    assert calls.count(f"tel:{PHONE}") == 1
    khom = signed_in(engine, clock, "khom")
    assert PHONE in text(khom, "/lich-luu-dong/1/danh-sach?chua-xem=1"), "the khóm calls"
    assert khom.get("/lich-luu-dong/1/danh-sach").status_code == 403


def test_who_comes_to_the_office_instead_is_listed_until_served(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = head(engine, clock)
    with write_tx(engine) as connection:
        open_task(connection, OA, AT_OFFICE, "LD-2611-0001-8", "p", {}, clock())
    assert "Lưu động cần lo" in text(desk, "/")
    assert "LD-2611-0001-8" in text(desk, "/lich-luu-dong/chua-xem")
    answer = desk.post("/lich-luu-dong/tai-phuong", "/lich-luu-dong/chua-xem", code="LD-2611-0001-8")
    assert answer.status_code == 302
    assert rows(engine, staff_tasks)[0].done_at == clock()
    page = text(desk, "/lich-luu-dong/chua-xem")
    assert "Đã ghi LD-2611-0001-8 làm xong" in page
    assert "ưu tiên khi bà con tới" not in page
    assert "Lưu động cần lo" not in text(desk, "/")


def test_called_off_with_a_reason(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = head(engine, clock)
    signed(engine, clock)
    bad = desk.post("/lich-luu-dong/1/huy", "/lich-luu-dong/1", version="0", reason=" ")
    assert bad.status_code == 400
    good = desk.post("/lich-luu-dong/1/huy", "/lich-luu-dong/1", version="0", reason="mưa bão")
    assert good.status_code == 302
    assert rows(engine, signups)[0].state == "cancelled"
    assert "cancelled" in [row.kind for row in rows(engine, reminders)]
    assert "Lý do: mưa bão" in text(desk, "/lich-luu-dong/1")


def test_the_day_itself_who_came_and_closing(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = head(engine, clock)
    first, second = signed(engine, clock, "a"), signed(engine, clock, "b")
    early = desk.post("/lich-luu-dong/1/xong", "/lich-luu-dong/1", version="0", note="")
    assert early.status_code == 400
    clock.at = datetime(2026, 12, 5, 8, 0, tzinfo=VIET_NAM)
    desk.sign_in("user.head")
    page = "/lich-luu-dong/1/danh-sach"
    for signup, came, words in ((first, "1", "đã trả giấy khai sinh"), (second, "0", "")):
        answer = desk.post(f"/lich-luu-dong/1/ket-qua/{signup}", page, came=came, result=words)
        assert answer.status_code == 302
    assert [(row.state, row.result) for row in rows(engine, signups)] == [
        ("came", "đã trả giấy khai sinh"),
        ("absent", None),
    ]
    assert desk.post("/lich-luu-dong/2/ket-qua/1", page, came="1", result="").status_code == 404
    assert desk.post("/lich-luu-dong/1/xong", "/lich-luu-dong/1", version="0", note="").status_code == 302
    assert rows(engine, visits)[0].state == "held"
    clock.move(days=1)
    desk.sign_in("user.head")
    assert "Đã tổ chức" in text(desk, "/lich-luu-dong?qua=1")


def test_a_session_of_the_past_is_not_signed_up_for(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = head(engine, clock)
    clock.at = FRIDAY + timedelta(days=30)
    desk.sign_in("user.head")
    answer = desk.post("/lich-luu-dong/1/ghi-ten", "/lich-luu-dong/1", **CALLER)
    assert answer.status_code == 400
    assert "không còn nhận ghi tên" in answer.get_data(as_text=True)


def test_who_was_called_about_a_move_is_ticked_off_and_a_slip_is_taken_back(engine: Engine) -> None:
    clock = MovableClock(FRIDAY)
    desk = head(engine, clock)
    silent = signed(engine, clock, "silent")
    form = {"version": "0", "day": "2026-12-19", "reason": "mưa bão"}
    desk.post("/lich-luu-dong/1/doi", "/lich-luu-dong/1", **form)
    clock.move(hours=2, minutes=1)
    khom, seen = signed_in(engine, clock, "khom"), "/lich-luu-dong/1/danh-sach?chua-xem=1"
    assert "1 người cần gọi" in text(khom, "/can-goi")
    path = f"/lich-luu-dong/1/da-goi/{silent}"
    marked = khom.post(path, seen, said="coming")
    assert marked.status_code == 302
    assert "Vừa ghi số 1: Sẽ tới" in text(khom, marked.headers["Location"].removeprefix("/console"))
    assert "1 người cần gọi" not in text(khom, "/can-goi")
    assert khom.post(path, seen, said="none").status_code == 302
    assert "1 người cần gọi" in text(khom, "/can-goi")
    assert khom.post(path, seen, said="khác").status_code == 404
    other = signed_in(engine, clock, "one_stop")
    assert other.post(path, "/lich-luu-dong/1", said="coming").status_code == 403
    assert [row.detail["said"] for row in rows(engine, audit) if row.action == "visit_told"] == [
        "coming",
        "none",
    ]
