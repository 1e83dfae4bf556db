"""Dialogue 9 through the real conversation and database, and what officials do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.replies import Reply
from handlers.home_reading import home_asked, time_said
from handlers.home_words import HomeVoice
from handlers.reminder_words import WordsOfReminders
from handlers.tokens import token
from store.engine import read_tx, write_tx
from store.schema import cases, home_requests, inbox_events, outbox, turns
from tests.bot.support import OA
from tests.handlers.test_visits import BOX, CALENDAR, FILES, Talk
from tests.handlers.world import phrases
from ward import reminders
from ward.calendar import VIET_NAM
from ward.codes import parse_code
from ward.home import requests
from ward.home.model import Request, Slot
from ward.reminder_matters import matter_of, stands

MOTHER = "Má tôi 86 tuổi không đi nổi, cần ký giấy ủy quyền lãnh tiền"
ADDRESS = "45/2 khóm 1, hẻm chùa, 0912 345 456"
CERTIFY, TIMED = FILES["mau_chung_thuc_tai_nha"], FILES["dt_04_hen_gio_tai_nha"]
ENDED = {"lx_chung_thuc_tai_nha": FILES["lx_chung_thuc_tai_nha"]}


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    made = Talk(tmp_path)
    yield made
    made.engine.dispose()


def rows(talk: Talk, table: Any = home_requests) -> list[Any]:
    with read_tx(talk.engine) as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def request(talk: Talk) -> Request:
    with read_tx(talk.engine) as connection:
        found = requests.find(connection, OA, rows(talk)[-1].id)
    assert found is not None
    return found


def booked(talk: Talk, person: str = "p") -> str:
    for words in (MOTHER, "1", "Đồng ý", "1"):
        talk.send(words, person)
    return talk.send(ADDRESS, person)


def told(talk: Talk) -> list[str]:
    """What the clock says now."""
    words = WordsOfReminders(phrases(), {"home": HomeVoice(phrases())})
    found: list[Reply] = []
    with write_tx(talk.engine) as connection:
        for due in reminders.claim_due(connection, OA, talk.clock()):
            matter = matter_of(connection, OA, due)
            if matter and stands(due, matter, talk.clock()) and (say := words.say(due, matter, talk.clock())):
                found.append(say.reply)
    talk.said = found
    return [reply.text for reply in found]


def test_dialogue_9(talk: Talk) -> None:
    said = talk.send(MOTHER)
    assert "thứ Năm hằng tuần" in said
    assert "1. Già yếu, đi lại không được\n2. Neo đơn\n3. Khuyết tật đi lại khó khăn" in said
    said = talk.send("1")
    assert "Đừng ký trước" in said
    assert "minh mẫn, tự nguyện" in said
    assert "10.000" in said
    assert "ăn cước" in said
    assert talk.buttons() == ["Đồng ý, đặt hẹn", "Hỏi thêm"]
    said = talk.send("Đồng ý")
    assert (
        "1. thứ Năm 03/12/2026, buổi sáng\n2. thứ Năm 03/12/2026, buổi chiều\n3. thứ Năm 10/12/2026" in said
    )
    assert talk.buttons() == ["03/12 sáng", "03/12 chiều", "10/12 sáng"]
    said = talk.send("1")
    assert "Chỉ cán bộ đi buổi đó thấy" in said
    said = talk.send(ADDRESS)
    row = rows(talk)[0]
    assert parse_code(said).code == row.code
    assert row.code.startswith("TN-2611-")
    assert "thứ Năm 03/12/2026, buổi sáng" in said
    assert "16h thứ Tư 02/12" in said
    assert "không thu tiền, không hỏi OTP" in said
    assert (row.service, row.person_group, row.procedure_key, row.day, row.half, row.khom, row.state) == (
        "certify", "gia_yeu", "chung_thuc_chu_ky", date(2026, 12, 3), "am", "Khóm 1", "asked",
    )  # fmt: skip
    with read_tx(talk.engine) as connection:
        where = requests.where_of(connection, OA, BOX, row.id)
    assert (where.address, where.phone) == ("45/2 khóm 1, hẻm chùa", "0912345456")


def test_the_address_is_kept_nowhere_in_clear(talk: Talk) -> None:
    booked(talk)
    for table in (home_requests, turns, inbox_events, outbox):
        kept = repr([tuple(row) for row in rows(talk, table)])
        assert "hẻm chùa" not in kept
        assert "0912" not in kept


def test_confirmed_reminded_and_the_machine_started_anew(talk: Talk) -> None:
    booked(talk)
    with write_tx(talk.engine) as connection:
        requests.confirm(connection, OA, request(talk), CERTIFY, CALENDAR, talk.clock())
    talk.restart()
    assert ["nhận hẹn rồi ạ: thứ Năm 03/12/2026, buổi sáng" in text for text in told(talk)] == [True]
    talk.clock.at = datetime(2026, 12, 2, 17, 0, tzinfo=VIET_NAM)
    assert any("đừng ký trước" in text for text in told(talk))
    said = talk.press("Hủy hẹn")
    assert "hủy hẹn TN-" in said
    talk.clock.at = datetime(2026, 12, 3, 6, 30, tzinfo=VIET_NAM)
    assert told(talk) == []


def propose(talk: Talk) -> None:
    with write_tx(talk.engine) as connection:
        requests.propose(
            connection, OA, request(talk), CERTIFY, Slot(date(2026, 12, 10), "pm"), "14h",
            "Sáng đó cán bộ đi họp.", CALENDAR, talk.clock(),
        )  # fmt: skip


def test_another_time_proposed_and_taken(talk: Talk) -> None:
    booked(talk)
    propose(talk)
    (text,) = told(talk)
    assert "vì sáng đó cán bộ đi họp" in text
    assert "thứ Năm 10/12/2026, buổi chiều, 14h" in text
    said = talk.press("Nhận giờ này")
    assert "m ghi rồi: thứ Năm 10/12/2026, buổi chiều, 14h" in said
    assert request(talk).state == "confirmed"


def test_another_time_proposed_and_refused(talk: Talk) -> None:
    booked(talk)
    propose(talk)
    told(talk)
    talk.press("Không được, hủy")
    assert request(talk).state == "cancelled"


def test_declined_says_why_and_leads_to_a_person(talk: Talk) -> None:
    booked(talk)
    with write_tx(talk.engine) as connection:
        requests.decline(connection, OA, request(talk), "Giấy này phải chứng thực giao dịch", talk.clock())
    (text,) = told(talk)
    assert "vì giấy này phải chứng thực giao dịch" in text
    talk.press("Nhờ cán bộ")
    assert len(rows(talk, cases)) == 1


def test_an_ended_plan_is_said_to_have_ended(talk: Talk) -> None:
    talk.files = dict(ENDED)
    said = talk.send(MOTHER)
    assert "đã hết ngày 31/12/2024" in said
    talk.press("Nhờ cán bộ")
    assert len(rows(talk, cases)) == 1


def test_an_official_helps_when_they_agree_in_words(talk: Talk) -> None:
    talk.files = dict(ENDED)
    talk.send(MOTHER)
    assert "HD-2611" in talk.send("dạ được")
    (case,) = rows(talk, cases)
    assert (case.field, case.question.startswith("Người dân hỏi phục vụ tại nhà")) == ("chung_thuc", True)


@pytest.mark.parametrize(
    ("words", "helped"),
    [
        ("má tôi đi không nổi, cần sao y giấy tờ", True),
        ("ba tôi nằm một chỗ, muốn làm căn cước", False),
        ("tôi không đi được, cần sao y giấy tờ", False),
        ("sao y giấy tờ cần gì", False),
    ],
)
def test_another_matter_of_somebody_who_cannot_come(talk: Talk, words: str, helped: bool) -> None:
    said = talk.send(words)
    assert ("hẹn giờ tới nhà giúp" in said) == helped
    assert "ăn cước" in said or "sao y bản chính" in said, "the answer itself stays"


def test_group_names_on_buttons_are_not_cut_within_a_word(talk: Talk) -> None:
    talk.send(MOTHER)
    assert talk.buttons() == ["Già yếu", "Neo đơn", "Khuyết tật đi lại", "Người có công"]


def test_not_of_the_groups_other_ways(talk: Talk) -> None:
    talk.send(MOTHER)
    said = talk.send("7")
    assert "Trung tâm" in said
    assert talk.buttons()[:2] == ["Nhờ cán bộ", "Hẹn giờ tại nhà"]
    assert rows(talk) == []


def test_group_by_its_name(talk: Talk) -> None:
    talk.send(MOTHER)
    assert "Đừng ký trước" in talk.send("dạ má tôi neo đơn")


def test_timed_service_at_the_asked_hour(talk: Talk) -> None:
    said = talk.send("tôi muốn hẹn giờ làm giấy tờ tại nhà")
    assert talk.buttons() == ["Chỉ cách khai", "Nhận hồ sơ", "Trả kết quả"]
    said = talk.press("Nhận hồ sơ")
    assert "Muốn giờ khác" in said
    talk.send("chiều 09/12, 14h30")
    said = talk.send(ADDRESS)
    assert "thứ Tư 09/12/2026, buổi chiều, 14h30" in said
    row = rows(talk)[0]
    assert (row.service, row.day, row.half, row.asked_for, row.programme) == (
        "receive", date(2026, 12, 9), "pm", "14h30", TIMED.key,
    )  # fmt: skip


def test_a_day_off_cannot_be_had(talk: Talk) -> None:
    talk.send("tôi muốn hẹn giờ làm giấy tờ tại nhà")
    talk.press("Trả kết quả")
    assert "không còn chỗ hoặc không phục vụ" in talk.send("sáng Chủ nhật 06/12")


def test_a_full_half_day_offers_others(talk: Talk) -> None:
    assert CERTIFY.sessions is not None
    one = CERTIFY.sessions.model_copy(update={"capacity": 1})
    talk.files = {CERTIFY.key: CERTIFY.model_copy(update={"sessions": one})}
    for words in (MOTHER, "1", "Đồng ý", "1"):
        talk.send(words, "q")
    booked(talk)
    assert "vừa đủ lượt" in talk.send(ADDRESS, "q")
    assert talk.buttons()[0] == "03/12 chiều"


def test_an_address_without_a_number_is_asked_for_once_more(talk: Talk) -> None:
    for words in (MOTHER, "1", "Đồng ý", "1"):
        talk.send(words)
    assert "chưa thấy đủ" in talk.send("45/2 khóm 1, hẻm chùa")
    assert "Mã: TN-" in talk.send(ADDRESS)


def test_asked_twice_shows_the_one_there_is(talk: Talk) -> None:
    booked(talk)
    assert "Mình có hẹn rồi" in booked(talk) or "mình có hẹn rồi" in talk.send(rows(talk)[0].code)
    assert len(rows(talk)) == 1


def test_cancelled_by_code_and_somebody_else_cannot(talk: Talk) -> None:
    booked(talk)
    code = rows(talk)[0].code
    assert "không thấy" in talk.send(f"hủy {code}", "stranger")
    assert "em hủy hẹn" in talk.send(f"hủy {code}")
    assert request(talk).state == "cancelled"


@pytest.mark.parametrize(
    "payload",
    [
        token("home", "where", "certify..20261203.am.."),
        token("home", "where", "certify.none.20261203.am.."),
        token("home", "where", "certify.gia_yeu.2026.am.."),
        token("home", "accept", "TN-2611-0001-9"),
        token("home", "drop", "x"),
        token("home", "nothing"),
    ],
)
def test_made_up_buttons_book_nothing(talk: Talk, payload: str) -> None:
    talk.send(payload)
    talk.send(ADDRESS)
    assert rows(talk) == []


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (MOTHER, "home_certify"),
        ("ba em nằm một chỗ muốn lăn tay giấy ủy quyền lãnh lương", "home_certify"),
        ("phuong co toi nha chung thuc chu ky khong", "home_certify"),
        ("phục vụ tại nhà cho người già", "home_timed"),
        ("cán bộ tới nhà nhận hồ sơ được không", "home_timed"),
        ("cán bộ tới nha", None),
        ("chứng thực chữ ký ở đâu", None),
        ("lệ phí chứng thực chữ ký tại nhà", None),
        ("làm căn cước tại nhà cho người già yếu", None),
        ("xây nhà cần giấy gì", None),
    ],
)
def test_who_wants_somebody_at_home(words: str, kind: str | None) -> None:
    assert home_asked(words) == kind


@pytest.mark.parametrize(
    ("words", "day", "half", "hour"),
    [
        ("chiều 09/12, 14h", (2026, 12, 9), "pm", "14h"),
        ("9h30 ngày 8-12", (2026, 12, 8), "am", "9h30"),
        ("sáng thứ Tư", (2026, 12, 2), "am", None),
        ("3 giờ chiều thứ 5", (2026, 12, 3), "pm", "15h"),
        ("sáng mai", (2026, 11, 28), "am", None),
        ("sáng 05/01", (2027, 1, 5), "am", None),
    ],
)
def test_times_in_peoples_words(words: str, day: tuple[int, int, int], half: str, hour: str | None) -> None:
    now = datetime(2026, 11, 27, 9, tzinfo=VIET_NAM)
    found = time_said(words, now)
    assert found is not None
    assert (found[0].day, found[0].half, found[1]) == (date(*day), half, hour)


@pytest.mark.parametrize("words", ["31/02 sáng", "mai", "sáng", "25h ngày 09/12", "bữa nào cũng được"])
def test_what_is_no_time(words: str) -> None:
    assert time_said(words, datetime(2026, 11, 27, 9, tzinfo=VIET_NAM)) is None
