"""Dialogue 8 through the real conversation and database: signing up, reminders, a move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.conversation import Conversation, WhenOff
from bot.replies import Reply
from handlers.tokens import token
from handlers.visit_words import ReminderWords, called
from knowledge.text import normalize
from store.engine import open_engine, read_tx, write_tx
from store.schema import inbox_events, outbox, reminders, signups, staff_tasks, turns, visits
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock, accept, drain_all, event
from tests.handlers.world import SAMPLE, assistant, library, phrases, profile, whole
from tests.support.databases import new_sqlite
from ward.calendar import VIET_NAM, load_calendar
from ward.codes import parse_code
from ward.profile import Khom
from ward.programmes.load import load_files
from ward.programmes.model import Programme
from ward.reminders import Due, claim_due
from ward.visits import booking, sessions
from ward.visits.facts import decide
from ward.visits.model import Visit
from ward.visits.people import Who, unseal

WARD = profile().model_copy(
    update={
        "khom": (
            *profile().khom,
            Khom(name="Khóm 5", former_names=("ấp Phú Hòa",), meeting_place="Văn phòng khóm 5"),
        )
    }
)
CALENDAR = load_calendar(SAMPLE, WARD.hours)
FILES = load_files(SAMPLE)
BOX = SecretBox(KEY, "visits")
BEGIN = datetime(2026, 11, 27, 9, 0, tzinfo=VIET_NAM)
MOBILE, LAND = "sd_09_luu_dong", "sd_10_tu_van_nha_dat"
NUMBER = "0912 345 123"


def unsealed(sealed: bytes | None) -> Who:
    return unseal(BOX, sealed)


@dataclass
class Talk:
    """Several people and the officials' side, over a file that outlives the program."""

    path: Path
    files: dict[str, Programme] = field(default_factory=lambda: dict(FILES))
    clock: MovableClock = field(default_factory=lambda: MovableClock(BEGIN))
    n: int = 0
    said: list[Reply] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = new_sqlite(self.path / "ward.db")

    def restart(self) -> None:
        self.engine.dispose()
        self.engine = open_engine(f"sqlite:///{self.path / 'ward.db'}")

    def send(self, words: str, person: str = "p") -> str:
        self.n += 1
        self.clock.move(seconds=20)
        before = self.count(outbox)
        body = event("user_send_text", person, self.clock(), msg_id=f"m{self.n}", text=words)
        accept(self.engine, body, at=self.clock())
        conversation = Conversation(
            respond=assistant(ward=WARD).respond,
            apology=lambda: Reply(text="?"),
            normalize=lambda text: normalize(text).plain,
            profile=WARD,
            calendar=CALENDAR,
            payload_box=SecretBox(KEY, "inbox"),
            restricted_box=SecretBox(KEY, "restricted"),
            personal_box=SecretBox(KEY, "personal"),
            now=self.clock,
            when_off=WhenOff(lambda _turn, _desk: None, lambda own: Reply(text=own)),
            visit_box=BOX,
            programme_files=self.files,
        )
        assert drain_all(self.engine, conversation, self.clock) == ["handled"]
        query = select(outbox.c.reply).order_by(outbox.c.id).offset(before)
        with read_tx(self.engine) as connection:
            self.said = [Reply.model_validate(reply) for (reply,) in connection.execute(query)]
        return whole(self.said)

    def press(self, title: str, person: str = "p") -> str:
        """The button of this title under what was said last."""
        found = [button.payload for reply in self.said for button in reply.buttons if button.title == title]
        assert found, (title, self.buttons())
        return self.send(found[0], person)

    def buttons(self) -> list[str]:
        return [button.title for reply in self.said for button in reply.buttons]

    def plan(
        self, key: str = MOBILE, khom: str = "Khóm 5", day: date = date(2026, 12, 5), room: int = 21
    ) -> Visit:
        programme = self.files[key]
        assert programme.sessions is not None
        small = programme.sessions.model_copy(update={"capacity": room})
        programme = programme.model_copy(update={"sessions": small})
        with write_tx(self.engine) as connection:
            place = f"Văn phòng {khom.lower()}"
            return sessions.plan(connection, OA, programme, khom, place, day, CALENDAR, self.clock())

    def reminded(self) -> list[tuple[str, Reply]]:
        """What is due now, decided again and put into words, as the clock does it."""
        words = ReminderWords(phrases().for_turn(0), WARD, library, lambda: self.files, unsealed)
        with write_tx(self.engine) as connection:
            due = claim_due(connection, OA, self.clock())
            facts = [(one.kind, decide(connection, OA, one, BOX)) for one in due]
        told = [(kind, words.words(kind, known, self.clock())) for kind, known in facts if known is not None]
        self.said = [reply for _, reply in told]
        return told

    def signup(self, number: int = -1) -> Any:
        with read_tx(self.engine) as connection:
            return list(connection.execute(select(signups).order_by(signups.c.id)))[number]

    def count(self, table: Any) -> int:
        with read_tx(self.engine) as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def booked(self, person: str = "p", name: str = f"Chị Tám, {NUMBER}") -> str:
        self.send("bữa nào phường về khóm 5 làm khai sinh", person)
        self.press("Ghi tên", person)
        self.send("1", person)
        return self.send(name, person)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    made = Talk(tmp_path)
    yield made
    made.engine.dispose()


def test_dialogue_8_signing_up(talk: Talk) -> None:
    talk.plan()
    said = talk.send("bữa nào phường về khóm 5 làm khai sinh")
    assert "khóm 5" in said
    assert "thứ Bảy 05/12/2026, 7h30–11h" in said
    assert "Văn phòng khóm 5" in said
    assert "khai sinh, khai tử, kết hôn" in said
    assert talk.buttons() == ["Ghi tên", "Buổi khác", "Menu"]
    said = talk.press("Ghi tên")
    assert "1. Khai sinh\n2. Khai tử\n3. Kết hôn" in said
    said = talk.send("1")
    assert "Em chỉ dùng cho buổi này" in said
    assert talk.buttons() == ["Đồng ý, nhập", "Không, tự tới"]
    talk.press("Đồng ý, nhập")
    said = talk.send(f"Chị Tám, {NUMBER}")
    row = talk.signup()
    assert "em cảm ơn chị Tám. Chị là số 1 · khung 7h30–8h" in said
    assert parse_code(said).code == row.code
    assert row.code.startswith("LD-2611-")
    assert "giấy chứng sinh" in said.lower()
    assert "khai tử" not in said.lower()
    assert "khai sinh kèm thường trú, BHYT" in said
    assert (row.topic, row.kind, row.state, row.for_other) == ("khai_sinh", "mobile", "booked", False)
    assert unseal(BOX, row.who) == Who("Chị Tám", NUMBER.replace(" ", ""))
    assert talk.count(reminders) == 3


def test_name_and_number_are_kept_nowhere_in_clear(talk: Talk) -> None:
    talk.plan()
    talk.booked()
    with read_tx(talk.engine) as connection:
        kept = [row.text for row in connection.execute(select(turns))]
        states = [str(row) for row in connection.execute(select(signups.c.topic, signups.c.result))]
        last = connection.execute(select(inbox_events).order_by(inbox_events.c.id.desc())).first()
    assert last is not None
    assert last.payload is None
    assert not any("Tám" in str(text) or "345" in str(text) for text in (*kept, *states))


def at(talk: Talk, *when: int) -> list[tuple[str, Reply]]:
    talk.clock.at = datetime(2026, *when, tzinfo=VIET_NAM)  # type: ignore[arg-type]
    return talk.reminded()


def test_dialogue_8_reminders_a_restart_and_a_postponement(talk: Talk) -> None:
    visit = talk.plan()
    talk.booked()
    talk.restart()
    ((kind, told),) = at(talk, 12, 2, 9, 0)
    assert kind == "t3"
    assert "chị Tám, còn 3 ngày nữa" in told.text
    assert "giấy chứng sinh bản chính, căn cước hoặc hộ chiếu" in told.text
    assert "1." in talk.press("Còn thiếu")
    talk.said = [told]
    assert "Hẹn chị Tám thứ Bảy 05/12/2026, 7h30" in talk.press("Đủ rồi")
    assert talk.signup().answer == "coming"
    ((kind, told),) = at(talk, 12, 4, 17, 0)
    assert kind == "t1"
    assert "mai 7h30 chị ghé Văn phòng khóm 5, số 1" in told.text
    with write_tx(talk.engine) as connection:
        sessions.postpone(
            connection, OA, visit.id, 0, date(2026, 12, 12), "Mưa bão.", talk.clock(), calendar=CALENDAR
        )
    ((kind, told),) = talk.reminded()
    assert kind == "moved"
    said = " ".join(told.text.split())
    assert "em xin lỗi chị Tám, vì mưa bão buổi khóm 5 ngày 05/12 dời qua thứ Bảy 12/12/2026, 7h30" in said
    assert "Chị vẫn giữ số 1 · khung 7h30–8h" in said
    assert talk.reminded() == [], "told once"
    assert at(talk, 12, 5, 6, 31) == [], "the old morning does not remind"
    talk.said = [told]
    assert [button.title for button in told.buttons] == ["Em đi được", "Em bận", "Làm gấp tại phường"]
    said = talk.press("Làm gấp tại phường")
    assert "Trung tâm PVHCC phường Mẫu" in said
    assert "em báo trước để cán bộ ưu tiên" in " ".join(said.split()).lower()
    assert talk.signup().state == "at_office"
    with read_tx(talk.engine) as connection:
        assert [row.kind for row in connection.execute(select(staff_tasks))] == ["visit_at_office"]
    assert at(talk, 12, 11, 17, 0) == [], "who comes to the office is not reminded of the khóm"


def test_the_new_day_is_reminded_of_after_a_move(talk: Talk) -> None:
    visit = talk.plan()
    talk.booked()
    with write_tx(talk.engine) as connection:
        sessions.postpone(connection, OA, visit.id, 0, date(2026, 12, 12), "mưa bão", talk.clock())
    assert [kind for kind, _ in at(talk, 11, 27, 10, 0)] == ["moved"]
    assert [kind for kind, _ in at(talk, 12, 9, 9, 0)] == ["t3"]
    assert [kind for kind, _ in at(talk, 12, 12, 6, 31)] == ["t1", "morning"]


def test_moved_twice_the_first_news_is_void(talk: Talk) -> None:
    visit = talk.plan()
    talk.booked()
    with write_tx(talk.engine) as connection:
        sessions.postpone(connection, OA, visit.id, 0, date(2026, 12, 12), "mưa bão", talk.clock())
        sessions.postpone(connection, OA, visit.id, 1, date(2026, 12, 19), "nước lên", talk.clock())
    (told,) = at(talk, 11, 27, 10, 0)
    assert "nước lên" in told[1].text
    assert "19/12/2026" in told[1].text


def test_called_off_says_why_and_offers_another(talk: Talk) -> None:
    visit = talk.plan()
    talk.booked()
    talk.plan(khom="Khóm 1", day=date(2026, 12, 12))
    with write_tx(talk.engine) as connection:
        sessions.call_off(connection, OA, visit.id, 0, "mưa bão", talk.clock())
    ((kind, told),) = at(talk, 11, 27, 10, 0)
    assert (kind, "vì mưa bão" in told.text) == ("cancelled", True)
    talk.press("Buổi khác")
    assert "Khóm 1 · T7 12/12" in talk.buttons()


@pytest.mark.parametrize("words", ["BẬN", "em bận rồi", "Chị bận", "không tới được"])
def test_busy_at_any_time_keeps_the_place_and_offers_ways_out(talk: Talk, words: str) -> None:
    talk.plan()
    talk.booked()
    said = talk.send(words)
    assert "dời buổi khác, làm tại phường, hay hủy" in said
    assert talk.buttons() == ["Dời buổi khác", "Làm gấp tại phường", "Hủy ghi tên"]
    assert (talk.signup().answer, talk.signup().state) == ("busy", "booked")
    assert at(talk, 12, 4, 17, 0) == [], "who said busy is not asked again"


@pytest.mark.parametrize("words", ["ĐẾN", "chị tới", "đi được nha", "tới"])
def test_coming_in_words(talk: Talk, words: str) -> None:
    talk.plan()
    talk.booked()
    assert "Hẹn chị Tám thứ Bảy 05/12/2026, 7h30" in talk.send(words)
    assert talk.signup().answer == "coming"


def test_moving_to_another_session(talk: Talk) -> None:
    talk.plan()
    talk.plan(khom="Khóm 1", day=date(2026, 12, 12))
    talk.booked()
    talk.send("DỜI")
    assert talk.buttons() == ["Khóm 1 · T7 12/12", "Làm gấp tại phường"]
    said = talk.press("Khóm 1 · T7 12/12")
    assert "em dời rồi" in said
    assert "thứ Bảy 12/12/2026" in said
    assert [talk.signup(n).state for n in (0, 1)] == ["cancelled", "booked"]
    assert unseal(BOX, talk.signup().who).name == "Chị Tám"


def test_cancelling_by_code_and_in_words(talk: Talk) -> None:
    talk.plan()
    talk.booked()
    code = talk.signup().code
    assert "không thấy" in talk.send(f"hủy {code}", "another")
    assert talk.signup().state == "booked"
    assert code in talk.send(f"hủy {code.lower()}")
    assert talk.signup().state == "cancelled"
    assert "không thấy" in talk.send(f"hủy {code}")


def test_full_session_waiting_list_and_moving_up(talk: Talk) -> None:
    talk.plan(room=1)
    talk.booked()
    said = talk.send("bữa nào phường về khóm 5", "q")
    assert "đã đủ người" in said
    talk.press("Vô danh sách chờ", "q")
    talk.send("khai tử", "q")
    said = talk.send("anh Ba 0987654321", "q")
    assert "anh Ba vô danh sách chờ, thứ 1" in said
    assert "Dời buổi khác" in talk.buttons()
    talk.send(f"hủy {talk.signup(0).code}")
    ((kind, told),) = at(talk, 11, 27, 10, 0)
    assert kind == "moved_up"
    assert "anh Ba được số 2" in told.text
    assert talk.reminded() == []


def test_one_for_oneself_and_one_for_a_parent(talk: Talk) -> None:
    talk.plan()
    talk.booked()
    talk.send("bữa nào phường về khóm 5")
    said = talk.press("Ghi tên")
    assert "có ghi tên rồi" in said
    said = talk.press("Ghi cho người nhà")
    talk.send("khai tử")
    talk.press("Không, tự tới")
    row = talk.signup()
    assert (row.for_other, row.topic, row.who, row.number) == (True, "khai_tu", None, 2)
    talk.send("bận")
    assert talk.buttons() == ["Khóm 5 · T7 05/12", "Khóm 5 · T7 05/12"]


def test_for_a_parent_from_the_first_words(talk: Talk) -> None:
    talk.plan()
    talk.send("ghi tên lưu động ở khóm 5 cho má tôi")
    talk.press("Ghi tên")
    assert "người nhà" in talk.send("kết hôn")
    talk.send("tự tới")
    assert (talk.signup().for_other, talk.signup().topic) == (True, "ket_hon")


@pytest.mark.parametrize(
    "words",
    [
        "chừng nào phường về ấp Phú Hòa",
        "khi nao can bo xuong k5 lam khai sinh vay",
        "lịch lưu động khóm 5",
        "hôm nào đoàn về khóm5",
    ],
)
def test_khoms_by_old_and_new_names(talk: Talk, words: str) -> None:
    talk.plan()
    talk.plan(khom="Khóm 1", day=date(2026, 12, 12))
    assert "khóm 5" in talk.send(words)


def test_a_khom_without_a_session_hears_of_the_others(talk: Talk) -> None:
    talk.plan()
    said = talk.send("bữa nào phường về khóm 1")
    assert "Khóm 1 chưa có lịch" in said
    assert talk.buttons() == ["Khóm 5 · T7 05/12"]


def test_an_ended_programme_is_said_to_have_ended(talk: Talk) -> None:
    talk.clock.at = datetime(2027, 1, 5, 9, 0, tzinfo=VIET_NAM)
    said = talk.send("bữa nào phường về khóm 5")
    assert "đã hết ngày 31/12/2026" in said
    assert "HD-" in talk.press("Chuyển cán bộ")


def test_no_session_is_said_so(talk: Talk) -> None:
    assert "chưa có lịch buổi nào" in talk.send("bữa nào phường về khóm 5")


def test_land_advice_has_its_own_topics_and_papers(talk: Talk) -> None:
    talk.plan(LAND, day=date(2026, 12, 8))
    talk.send("bữa nào tổ tư vấn nhà đất về khóm 5")
    said = talk.press("Ghi tên")
    assert "5. Tách thửa, hợp thửa" in said
    talk.send("5")
    said = talk.press("Không, tự tới")
    assert talk.signup().topic == "tach_thua"
    assert "tách thửa" in said.lower()
    assert "khai sinh" not in said.lower()


def test_papers_are_asked_of_the_procedures_and_not_of_the_calendar(talk: Talk) -> None:
    talk.plan()
    assert "05/12" not in talk.send("làm khai sinh lưu động ở khóm cần giấy tờ gì")


def test_something_else_in_the_middle_is_answered(talk: Talk) -> None:
    talk.plan()
    talk.send("bữa nào phường về khóm 5")
    talk.press("Ghi tên")
    talk.send("1")
    said = talk.send("sao y bản chính hết bao nhiêu tiền 1 trang")
    assert "2.000" in said
    assert talk.count(signups) == 0


def test_a_story_instead_of_a_name_is_asked_once_more_and_not_kept(talk: Talk) -> None:
    talk.plan()
    talk.send("bữa nào phường về khóm 5")
    talk.press("Ghi tên")
    talk.send("1")
    assert "chưa thấy tên gọi" in talk.send(
        "con tui mới sanh bữa hổm ở bệnh viện tỉnh mà giấy tờ nằm bên ngoại"
    )
    with read_tx(talk.engine) as connection:
        assert not any("bệnh viện" in str(row.text) for row in connection.execute(select(turns)))
    assert "số 1" in talk.send("Tám")


def test_the_booking_menu_lists_what_there_is(talk: Talk) -> None:
    talk.plan()
    said = talk.send("đặt hẹn")
    assert "1. Phường về khóm làm hộ tịch" in said
    assert "2. Chứng thực chữ ký tại nhà\n3. Hẹn giờ làm thủ tục tại nhà\n4. Lãnh đạo tiếp công dân" in said
    assert talk.buttons() == ["Lưu động ở khóm", "Chứng thực tại nhà", "Hẹn giờ tại nhà", "Gặp lãnh đạo"]
    talk.send("1")
    assert "Khóm 5 · T7 05/12" in talk.buttons()
    said = talk.send("menu")
    assert "3. Đặt hẹn" in said
    assert "mình đặt hẹn việc nào" in talk.send("3")


@pytest.mark.parametrize(
    "payload", ["show:999", "sign:x", "topic:1.zzz", "to:LD-2611-0001-1.3", "come:7.khai_sinh"]
)
def test_made_up_buttons_book_nothing(talk: Talk, payload: str) -> None:
    assert talk.send(f"#ward:visit:{payload}")
    assert talk.count(signups) == 0


def test_answers_without_a_place_are_for_others(talk: Talk) -> None:
    talk.plan()
    for words in ("bận", "đến", "dời", "đủ"):
        talk.send(words)
    assert talk.count(signups) == 0


def test_a_double_press_makes_one_place(talk: Talk) -> None:
    visit = talk.plan()
    for _ in range(2):
        talk.send(token("visit", "come", f"{visit.id}.khai_sinh"))
    assert talk.count(signups) == 1
    with read_tx(talk.engine) as connection:
        assert connection.execute(select(visits.c.taken)).scalar_one() == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Chị Tám", ("chị Tám", "chị")),
        ("bác Hai Lúa", ("bác Hai Lúa", "bác")),
        ("Nguyễn Văn An", ("mình", "mình")),
        ("Tám", ("mình", "mình")),
        (None, ("mình", "mình")),
    ],
)
def test_how_people_are_called(name: str | None, expected: tuple[str, str]) -> None:
    assert called(name) == expected


def test_a_reminder_of_a_place_given_up_is_not_said(talk: Talk) -> None:
    talk.plan()
    talk.booked()
    row = talk.signup()
    due = Due(1, "signup", row.id, 0, "t1", "p", talk.clock())
    with write_tx(talk.engine) as connection:
        assert decide(connection, OA, due, BOX) is not None
        booking.cancel(connection, OA, row.id, talk.clock())
        assert decide(connection, OA, due, BOX) is None


def test_a_reminder_that_goes_out_late_does_not_say_tomorrow(talk: Talk) -> None:
    talk.plan()
    talk.booked()
    assert [kind for kind, _ in at(talk, 12, 2, 9, 0)] == ["t3"]
    (late, told), *_ = at(talk, 12, 5, 6, 20)
    assert late == "t1"
    assert "hôm nay 7h30" in told.text
    assert "mai" not in told.text


@dataclass
class Matter:
    """As the reminding machine reads it."""

    code: str = "LD-2611-0001-8"
    state: str = "booked"
    starts_at: datetime = datetime(2026, 12, 5, 9, 0, tzinfo=VIET_NAM)
    programme: str | None = MOBILE
    khom: str | None = "Khóm 5"
    place: str | None = "Văn phòng khóm 5"
    number: int | None = 12
    topic: str | None = "khai_sinh"
    moved_from: datetime | None = None
    reason: str | None = None
    who: bytes | None = None


def test_the_voice_of_sign_ups_for_the_reminding_machine() -> None:
    words = ReminderWords(phrases().for_turn(0), WARD, library, lambda: FILES, unsealed)

    def told(kind: str, matter: Matter, now: datetime) -> str:
        said = words.reply(Due(1, "signup", 1, 0, kind, "p", now), matter, now)
        assert said is not None
        return " ".join(said.text.split())

    two_before = datetime(2026, 12, 3, 9, 0, tzinfo=VIET_NAM)
    assert "mình, còn 2 ngày nữa, 9h thứ Bảy 05/12/2026, phường về khóm 5" in told("t2", Matter(), two_before)
    moved = Matter(state="waiting", moved_from=BEGIN, reason="Nước lên.", number=40)
    said = told("moved", moved, two_before)
    assert "vì nước lên buổi khóm 5 ngày 27/11 dời qua thứ Bảy 05/12/2026" in said
    assert "danh sách chờ" in said
    assert words.reply(Due(1, "signup", 1, 0, "proposed", "p", BEGIN), Matter(), BEGIN) is None
