"""The ceremony and the same-day wedding in chat, over the machinery of dialogue 8."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from store.engine import read_tx, write_tx
from store.schema import signups, visits
from tests.bot.support import OA
from tests.handlers.test_visits import BOX, CALENDAR, NUMBER, Talk, at
from ward.calendar import VIET_NAM, local
from ward.visits import booking, sessions
from ward.visits.people import Who, unseal

CEREMONY, HAI_KHONG = "sd_08_le_ket_hon", "sd_13_ket_hon_hai_khong"
ASK = "đăng ký kết hôn cần giấy tờ gì"


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    made = Talk(tmp_path)
    yield made
    made.engine.dispose()


def ceremony(talk: Talk, day: date = date(2026, 12, 8), room: int = 4) -> int:
    programme = talk.files[CEREMONY]
    assert programme.sessions is not None
    small = programme.sessions.model_copy(update={"capacity": room})
    with write_tx(talk.engine) as connection:
        made = sessions.plan(
            connection, OA, programme.model_copy(update={"sessions": small}), None, "Hội trường UBND", day,
            CALENDAR, talk.clock(),
        )  # fmt: skip
    return made.id


def opened(talk: Talk) -> list[date]:
    with write_tx(talk.engine) as connection:
        made = sessions.keep_planned(
            connection, OA, talk.files.values(), "Trung tâm, số 1", CALENDAR, talk.clock()
        )
    return [local(one.starts_at).date() for one in made]


def join(talk: Talk, person: str = "p") -> str:
    talk.send("tôi muốn dự lễ trao giấy kết hôn", person)
    talk.press("Ghi tên", person)
    talk.send("3 khách", person)
    talk.press("Không chụp", person)
    talk.press("Đồng ý, nhập", person)
    return talk.send(f"anh Tư và chị Tám, {NUMBER}", person)


def test_offered_under_the_marriage_answer_and_signed_up(talk: Talk) -> None:
    ceremony(talk)
    said = talk.send(ASK)
    assert "có muốn dự lễ trao giấy không" in said
    said = talk.press("Dự lễ trao giấy")
    assert talk.buttons() == ["T3 08/12"]
    assert "Hội trường UBND" in talk.press("T3 08/12")
    assert "Nhiều nhất 10 người" in talk.press("Ghi tên")
    assert "Nhiều nhất 10 người" in talk.send("15"), "asked again"
    assert "chụp hình" in talk.send("3 khách")
    talk.press("Đồng ý chụp")
    assert "tên gọi của hai người" in talk.press("Đồng ý, nhập")
    said = talk.send(f"anh Tư và chị Tám, {NUMBER}")
    assert "em cảm ơn anh Tư và chị Tám. Mình là số 1" in said
    assert "Khách đi cùng: 3\nChụp hình: mình đồng ý" in said
    row = talk.signup()
    assert (row.kind, row.guests, row.photo_consent, row.state) == ("ceremony", 3, True, "booked")
    assert unseal(BOX, row.who) == Who("anh Tư và chị Tám", NUMBER.replace(" ", ""))
    assert "đủ giấy" not in whole_reminder(talk)


def whole_reminder(talk: Talk) -> str:
    ((_, told),) = at(talk, 12, 5, 9, 0)
    assert [button.title for button in told.buttons] == ["Em tới được", "Em bận"]
    return told.text


def test_reminded_a_day_before_busy_and_given_up(talk: Talk) -> None:
    ceremony(talk)
    assert "không đồng ý" in join(talk)
    at(talk, 12, 5, 9, 0)
    ((kind, told),) = at(talk, 12, 7, 17, 0)
    assert (kind, "mai" in told.text) == ("t1", True)
    said = talk.press("Em bận")
    assert "làm tại phường" not in said
    assert talk.buttons() == ["Dời buổi khác", "Hủy ghi tên"]
    talk.press("Hủy ghi tên")
    assert talk.signup().state == "cancelled"


def test_a_full_ceremony_has_a_waiting_list(talk: Talk) -> None:
    ceremony(talk, room=1)
    join(talk)
    talk.send("tôi muốn dự lễ trao giấy kết hôn", "q")
    talk.press("Vô danh sách chờ", "q")
    talk.send("0", "q")
    talk.press("Không chụp", "q")
    assert "danh sách chờ" in talk.press("Không, tự tới", "q")


def test_no_session_and_an_ended_programme_are_said(talk: Talk) -> None:
    assert "lễ trao giấy" not in talk.send(ASK)
    assert "chưa có lịch buổi nào" in talk.send("tôi muốn dự lễ trao giấy kết hôn")
    talk.clock.at = datetime(2027, 1, 5, 9, 0, tzinfo=VIET_NAM)
    assert "đã hết ngày 31/12/2026" in talk.send("tôi muốn dự lễ trao giấy kết hôn")


def test_thursdays_and_saturdays_are_opened_without_holidays_and_not_twice(talk: Talk) -> None:
    talk.clock.at = datetime(2026, 12, 10, 12, 0, tzinfo=VIET_NAM)
    days = opened(talk)
    assert [f"{day:%a %d}" for day in days] == ["Sat 12", "Thu 17", "Sat 19", "Thu 24", "Sat 26", "Thu 31"]
    with write_tx(talk.engine) as connection:
        first = sessions.coming(connection, OA, talk.clock(), "same_day")[0]
        sessions.call_off(connection, OA, first.id, first.version, "mất điện", talk.clock())
    assert opened(talk) == []
    with read_tx(talk.engine) as connection:
        assert {row.kind for row in connection.execute(visits.select())} == {"same_day"}


def test_hai_khong_asks_what_the_entry_says_before_the_place(talk: Talk) -> None:
    opened(talk)
    talk.send(ASK)
    talk.press("Kết hôn hai không")
    talk.press("T7 28/11")
    said = talk.press("Ghi tên")
    assert "Cả hai phải có mặt lúc nhận kết quả để ký" in said
    said = talk.press("Cả hai cùng tới")
    assert "tra không ra tình trạng hôn nhân" in said
    assert "ly hôn hoặc hủy kết hôn ở nước ngoài" in said
    talk.press("Không có")
    said = talk.press("Không, tự tới")
    assert "số 1 · khung 7h30–8h" in said
    assert "căn cước hoặc hộ chiếu còn hạn của cả hai người" in said.lower()
    with read_tx(talk.engine) as connection:
        assert [row.kind for row in connection.execute(signups.select())] == ["same_day"]


def test_a_special_case_that_was_declared_is_kept_and_goes_along(talk: Talk) -> None:
    opened(talk)
    talk.send(ASK)
    talk.press("Kết hôn hai không")
    talk.press("T7 28/11")
    talk.press("Ghi tên")
    talk.press("Cả hai cùng tới")
    talk.press("Có, vẫn ghi tên")
    talk.press("Không, tự tới")
    with write_tx(talk.engine) as connection:
        (mine,) = connection.execute(signups.select()).all()
        assert mine.checked == ["special"]
        later = sessions.coming(connection, OA, talk.clock(), "same_day")[-1]
        booking.change(connection, OA, mine.id, later.id, talk.clock())
    with read_tx(talk.engine) as connection:
        assert [row.checked for row in connection.execute(signups.select())] == [["special"]] * 2


@pytest.mark.parametrize(
    "words",
    ["muốn hẹn kết hôn hai không", "đặt lịch kết hôn hai không giùm tui", "giữ chỗ kết hôn hai không"],
)
def test_booking_hai_khong_in_words_reaches_the_booking(talk: Talk, words: str) -> None:
    opened(talk)
    talk.send(words)
    assert talk.buttons() == ["T7 28/11", "T5 03/12", "T7 05/12", "T5 10/12"]


@pytest.mark.parametrize(
    "words", ["cho tui hỏi kết hôn hai không là gì", "thứ bảy này kết hôn hai không được hông"]
)
def test_who_asks_of_such_days_is_answered_and_offered_a_place(talk: Talk, words: str) -> None:
    opened(talk)
    assert "thứ Năm và thứ Bảy" in talk.send(words)
    talk.press("Kết hôn hai không")
    assert "T7 28/11" in talk.buttons()


def test_asked_for_in_words_with_no_day_open(talk: Talk) -> None:
    said = talk.send("muốn hẹn kết hôn hai không")
    assert "thứ Năm và thứ Bảy" in said
    assert "Kết hôn hai không" not in talk.buttons()


def test_the_line_of_the_booking_menu_is_the_programmes_as_it_is_now(talk: Talk) -> None:
    opened(talk)
    talk.send("menu")
    said = talk.press("Đặt hẹn")
    assert "1. Kết hôn hai không (thứ Năm, thứ Bảy)" in said
    talk.send("1")
    assert "T7 28/11" in talk.buttons()
    changed = talk.files[HAI_KHONG].model_copy(update={"weekdays": ("tuesday",), "name": "Cưới hai không"})
    talk.files[HAI_KHONG] = changed
    talk.send("menu")
    assert "1. Cưới hai không (thứ Ba)" in talk.press("Đặt hẹn")


def test_a_ceremony_that_is_moved_is_told_once_with_places_kept(talk: Talk) -> None:
    number = ceremony(talk)
    join(talk)
    before = talk.signup()
    with write_tx(talk.engine) as connection:
        version = sessions.coming(connection, OA, talk.clock(), "ceremony")[0].version
        day, why = date(2026, 12, 15), "hội trường sửa điện"
        sessions.postpone(connection, OA, number, version, day, why, talk.clock())
    ((kind, told),) = talk.reminded()
    assert kind == "moved"
    assert "vì hội trường sửa điện" in told.text
    assert "thứ Ba 15/12/2026" in told.text
    after = talk.signup()
    assert (after.number, after.guests, after.photo_consent) == (before.number, 3, False)
    assert after.slot_at - before.slot_at == timedelta(days=7)
    assert at(talk, 12, 7, 17, 0) == [], "nothing of the old day"
    assert [kind for kind, _ in at(talk, 12, 12, 9, 0)] == ["t3"]
    ((kind, told),) = at(talk, 12, 14, 17, 0)
    assert (kind, "mai" in told.text) == ("t1", True)


def test_no_day_is_opened_on_a_public_holiday(talk: Talk) -> None:
    """Over Tết 2027 a Thursday and a Saturday are days off."""
    talk.files[HAI_KHONG] = talk.files[HAI_KHONG].model_copy(update={"ends": None})
    talk.clock.at = datetime(2027, 1, 25, 9, 0, tzinfo=VIET_NAM)
    assert {date(2027, 2, 4), date(2027, 2, 6)} <= {
        date(2027, 2, n) for n in range(1, 28) if CALENDAR.is_holiday(date(2027, 2, n))
    }
    days = opened(talk)
    assert [f"{day:%d/%m}" for day in days] == ["28/01", "30/01", "11/02", "13/02", "18/02", "20/02"]
