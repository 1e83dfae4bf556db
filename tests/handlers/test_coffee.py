"""A business coffee in chat: a firm signs up, says what is stuck, is reminded, and takes things back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from store.engine import read_tx, write_tx
from store.schema import issues, signups, turns
from tests.bot.support import OA
from tests.handlers.test_visits import BOX, NUMBER, Talk, at
from ward.calendar import VIET_NAM
from ward.issues import MOST_OF_ONE
from ward.visits import booking, firms, sessions
from ward.visits.people import Who, unseal

BEGINS = datetime(2026, 12, 4, 7, 0, tzinfo=VIET_NAM)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    made = Talk(tmp_path)
    yield made
    made.engine.dispose()


def meeting(talk: Talk, begins: datetime = BEGINS, room: int = 30) -> int:
    programme = talk.files["dt_01_ca_phe_doanh_nhan"]
    ends = begins + timedelta(hours=2)
    with write_tx(talk.engine) as connection:
        return sessions.plan_meeting(
            connection, OA, programme, "Hội trường UBND", begins, ends, room, talk.clock()
        ).id


def join(talk: Talk, person: str = "p", way: str = "Gặp tại trụ sở", firm: str = "tiệm bánh Hai Sen") -> str:
    talk.send("cho hỏi lịch cà phê doanh nhân", person)
    talk.press("Ghi tên" if "Ghi tên" in talk.buttons() else "Vô danh sách chờ", person)
    talk.press(way, person)
    return talk.send(f"{firm}, {NUMBER}", person)


def matters(talk: Talk) -> list[tuple[str, str]]:
    with read_tx(talk.engine) as connection:
        rows = connection.execute(select(issues).order_by(issues.c.id)).all()
    return [(row.text, row.state) for row in rows]


def test_a_firm_signs_up_and_tells_what_is_stuck(talk: Talk) -> None:
    meeting(talk)
    assert "Cà phê Doanh nhân" in talk.send("đặt hẹn")
    said = talk.press("Cà phê doanh nhân")
    talk.press("T6 04/12")
    assert "gặp cách nào" in talk.press("Ghi tên")
    assert talk.buttons() == ["Gặp tại trụ sở", "Gặp tại cơ sở", "Gặp trực tuyến"]
    assert "Em chỉ dùng cho buổi này" in talk.press("Gặp tại trụ sở")
    said = talk.send(f"Tiệm bánh Hai Sen, {NUMBER}")
    assert "em ghi tên Tiệm bánh Hai Sen rồi" in said
    assert "thứ Sáu 04/12/2026, 7h–9h\n📍 Hội trường UBND" in said
    assert "ai dự" in said
    assert "Mỗi tin một việc" in talk.send("anh Ba")
    assert "nói rõ thêm" in talk.send("ngập")
    assert "1 việc chờ trả lời" in talk.send("Đường vô xưởng cứ mưa là ngập, xe hàng không vô được")
    assert "2 việc chờ trả lời" in talk.send("xin giấy phép môi trường lâu quá")
    said = talk.send("xong")
    assert "2 vướng mắc chờ phường trả lời" in said
    assert talk.buttons() == ["Có, nhắn giùm", "Không cần"]
    assert "nhắn DỪNG" in talk.press("Có, nhắn giùm")
    row = talk.signup()
    who = unseal(BOX, row.who)
    assert (who.firm, who.name, who.phone) == ("Tiệm bánh Hai Sen", "anh Ba", NUMBER.replace(" ", ""))
    assert (row.kind, row.topic, row.state, who.news is not None) == ("coffee", "truc_tiep", "booked", True)
    assert [state for _, state in matters(talk)] == ["open", "open"]


def test_firm_name_and_number_are_kept_nowhere_in_clear(talk: Talk) -> None:
    meeting(talk)
    join(talk)
    talk.send("anh Ba")
    with read_tx(talk.engine) as connection:
        kept = [str(row.text) for row in connection.execute(select(turns))]
    assert not any(word in text for text in kept for word in ("Hai Sen", "anh Ba", "345"))


def test_what_is_no_firm_name_is_asked_again_and_a_question_is_answered(talk: Talk) -> None:
    meeting(talk)
    talk.send("cà phê doanh nhân bữa nào")
    talk.press("Ghi tên")
    talk.press("Gặp tại trụ sở")
    assert "chưa thấy tên cơ sở" in talk.send(NUMBER)
    assert "giấy chứng sinh" in talk.send("làm khai sinh cần giấy tờ gì").lower()
    assert talk.count(signups) == 0


def test_a_long_answer_to_who_comes_is_the_first_matter(talk: Talk) -> None:
    meeting(talk)
    join(talk)
    story = "bên em bị cúp điện hoài mà không ai báo trước nên hư hết bột, gọi điện lực không được"
    assert "1 việc chờ trả lời" in talk.send(story)
    assert matters(talk) == [(story, "open")]


def test_commands_work_inside_and_more_matters_come_later(talk: Talk) -> None:
    meeting(talk)
    join(talk)
    talk.press("Chưa biết")
    talk.send("menu")
    assert matters(talk) == []
    assert "Mỗi tin một việc" in talk.send("em muốn thêm vướng mắc")
    talk.send("thuế khoán tăng mà không thấy giải thích")
    assert "1 vướng mắc" in talk.send("hết rồi")
    talk.press("Không cần")
    assert "Vướng mắc chờ trả lời: 1" in talk.send(talk.signup().code)
    assert talk.buttons() == ["Thêm vướng mắc", "Dời buổi khác", "Hủy ghi tên"]


def test_there_is_a_most_of_matters(talk: Talk) -> None:
    meeting(talk)
    join(talk)
    talk.press("Chưa biết")
    for n in range(MOST_OF_ONE):
        talk.send(f"việc thứ {n} còn vướng")
    assert f"đủ {MOST_OF_ONE} việc" in talk.send("thêm một việc nữa còn vướng")
    assert len(matters(talk)) == MOST_OF_ONE


def test_cancelling_asks_about_open_matters(talk: Talk) -> None:
    meeting(talk)
    join(talk)
    talk.press("Chưa biết")
    talk.send("đường vô xưởng ngập khi mưa")
    talk.send("xong")
    code = talk.signup().code
    assert "còn 1 vướng mắc chưa trả lời" in talk.send("hủy hẹn")
    assert "trả lời xong" in talk.press("Để phường trả lời")
    assert matters(talk)[0][1] == "open"
    assert "còn 1 vướng mắc chờ phường" in talk.send(code)
    assert "em rút 1 vướng mắc" in talk.press("Rút luôn")
    assert matters(talk)[0][1] == "withdrawn"
    assert "không thấy lượt hẹn" in talk.send(code)


def test_cancelling_without_matters_just_cancels(talk: Talk) -> None:
    meeting(talk)
    join(talk)
    assert "em hủy lượt" in talk.send("hủy hẹn")
    assert "Rút luôn" not in talk.buttons()


@pytest.mark.parametrize(
    ("way", "where"),
    [
        ("Gặp tại trụ sở", "Hội trường UBND"),
        ("Gặp tại cơ sở", "Tại cơ sở của mình"),
        ("Gặp trực tuyến", "Trực tuyến"),
    ],
)
def test_reminders_name_where_it_is(talk: Talk, way: str, where: str) -> None:
    meeting(talk)
    join(talk, way=way)
    talk.send("anh Ba")
    ((_, first),) = at(talk, 12, 1, 9, 0)
    assert "anh Ba, còn 3 ngày nữa, 7h thứ Sáu 04/12/2026, là buổi cà phê" in first.text
    assert f"📍 {where}" in first.text
    assert [button.title for button in first.buttons] == ["Em tới được", "Em bận"]
    ((_, second),) = at(talk, 12, 3, 18, 0)
    assert "mai 7h là buổi cà phê" in second.text
    assert f"📍 {where}" in talk.press("Em tới được")


def test_a_move_keeps_the_place_and_the_matters(talk: Talk) -> None:
    number = meeting(talk)
    join(talk)
    talk.press("Chưa biết")
    talk.send("đường vô xưởng ngập khi mưa")
    day = datetime(2026, 12, 8).date()
    with write_tx(talk.engine) as connection:
        sessions.postpone(connection, OA, number, 0, day, "bận họp tỉnh", talk.clock())
    ((kind, told),) = talk.reminded()
    assert kind == "moved"
    assert "bận họp tỉnh" in told.text
    assert "vướng mắc đã nêu vẫn còn" in told.text
    later = meeting(talk, BEGINS + timedelta(days=14))
    talk.send("dời buổi khác")
    said = talk.press("T6 18/12")
    assert "Vướng mắc mình đã nêu em giữ nguyên" in said
    with read_tx(talk.engine) as connection:
        assert connection.execute(select(issues.c.visit_id)).scalar_one() == later


def test_a_full_session_has_a_waiting_list_that_moves_up(talk: Talk) -> None:
    meeting(talk, room=1)
    join(talk)
    said = join(talk, "q", firm="xưởng mộc Tư Lành")
    assert "ghi xưởng mộc Tư Lành vô danh sách chờ, thứ 1" in said
    talk.send("anh Tư", "q")
    with write_tx(talk.engine) as connection:
        booking.cancel(connection, OA, talk.signup(0).id, talk.clock())
    told = dict(talk.reminded())["moved_up"]
    assert "anh Tư có chỗ ở buổi cà phê" in told.text


def test_stop_ends_the_news_and_nothing_is_stopped_twice(talk: Talk) -> None:
    meeting(talk)
    join(talk)
    talk.press("Chưa biết")
    talk.send("xong")
    talk.send("có")
    with read_tx(talk.engine) as connection:
        assert firms.hears(connection, BOX, OA, "p")
    assert "ngưng nhắn lịch gặp doanh nghiệp" in talk.send("DỪNG")
    with read_tx(talk.engine) as connection:
        assert not firms.hears(connection, BOX, OA, "p")
    assert "ngưng nhắn lịch" not in talk.send("DỪNG")


def test_nobody_touches_the_matters_of_others(talk: Talk) -> None:
    meeting(talk)
    join(talk)
    talk.press("Chưa biết")
    talk.send("đường vô xưởng ngập khi mưa")
    code = talk.signup().code
    for action in ("withdraw", "more", "done"):
        talk.send(f"#ward:firm:{action}:{code}", "stranger")
    talk.send("phá cho vui một chút", "stranger")
    assert [state for _, state in matters(talk)] == ["open"]
    assert unseal(BOX, talk.signup().who) == Who(None, NUMBER.replace(" ", ""), "tiệm bánh Hai Sen")


def test_how_far_it_is_and_what_it_is(talk: Talk) -> None:
    meeting(talk)
    said = talk.send("cà phê doanh nhân là gì vậy em", "new")
    assert "nghe và gỡ vướng mắc" in said
    assert "thứ Sáu 04/12/2026" in said
    join(talk)
    talk.press("Chưa biết")
    talk.send("đường vô xưởng ngập khi mưa")
    assert "đang có" not in talk.send("gửi phản ánh"), "a button's name is no matter"
    talk.send("hủy")
    assert f"mã {talk.signup().code} còn 1 vướng mắc" in talk.send("vướng mắc của tôi tới đâu rồi")
    assert len(matters(talk)) == 1


def test_no_session_is_said(talk: Talk) -> None:
    assert "nghe và gỡ vướng mắc" in talk.send("cà phê doanh nhân là gì")
    assert "chưa có lịch buổi nào" in talk.send("cho hỏi lịch cà phê doanh nhân")


def test_what_it_is_is_told_while_the_menu_of_bookings_is_open(talk: Talk) -> None:
    talk.send("đặt hẹn")
    assert "nghe và gỡ vướng mắc" in talk.send("cà phê doanh nhân là gì")
