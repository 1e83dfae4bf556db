"""Reports, tracking, ratings through the real conversation and database; officials act below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import RowMapping, func, select, update

from bot.case_words import Speaker
from bot.conversation import Conversation, WhenOff
from bot.telling import tell
from handlers.case_words import WordsOfCases
from handlers.tokens import token
from knowledge.text import normalize
from store.engine import open_engine, read_tx, write_tx
from store.schema import case_people, cases, drafts, outbox, staff_tasks, turns
from store.secrets import SecretBox
from tests.bot.support import KEY, OA, MovableClock, accept, drain_all, event
from tests.handlers.world import SAMPLE, assistant, phrases, profile
from tests.support.databases import new_sqlite
from ward.calendar import load_calendar
from ward.cases import work
from ward.cases.changes import Case, official

WORDS = WordsOfCases(phrases(), profile().name)
HANH = Speaker("chị Hạnh", "cán bộ hộ tịch")
STAFF = official(7)
DONE = "Đội thoát nước đã thay nắp cống mới chiều nay, bà con đi lại được rồi."
TOLD = "Trường hợp này làm ở quầy 2."
CALENDAR = load_calendar(SAMPLE, profile().hours)
PIN = {"type": "location", "payload": {"coordinates": {"latitude": "10.3", "longitude": "105.7"}}}


@dataclass
class Talk:
    """Several people and one official, over a file that outlives the program."""

    path: Path
    clock: MovableClock = field(default_factory=MovableClock)
    n: int = 0

    def __post_init__(self) -> None:
        self.engine = new_sqlite(self.path / "ward.db")

    def restart(self) -> None:
        self.engine.dispose()
        self.engine = open_engine(f"sqlite:///{self.path / 'ward.db'}")

    def send(self, words: str, person: str = "p", name: str = "user_send_text", **more: Any) -> str:
        """One message; everything that is said to it."""
        self.n += 1
        self.clock.move(seconds=20)
        before = self.count(outbox)
        text = {"text": words} if words else {}
        body = event(name, person, self.clock(), msg_id=f"m{self.n}", **text, **more)
        accept(self.engine, body, at=self.clock())
        assert drain_all(self.engine, _conversation(self.clock), self.clock) == ["handled"]
        query = select(outbox.c.reply).order_by(outbox.c.id).offset(before)
        with read_tx(self.engine) as connection:
            return "\n".join(reply.get("text", "") for (reply,) in connection.execute(query))

    def pin(self, person: str = "p") -> str:
        return self.send("", person, "user_send_location", attachments=[PIN])

    def count(self, table: Any) -> int:
        with read_tx(self.engine) as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def case(self, number: int = -1) -> RowMapping:
        with read_tx(self.engine) as connection:
            return list(connection.execute(select(cases).order_by(cases.c.id)).mappings())[number]

    def tasks(self) -> list[str]:
        with read_tx(self.engine) as connection:
            return [row.kind for row in connection.execute(select(staff_tasks).order_by(staff_tasks.c.id))]

    def loaded(self) -> Case:
        with read_tx(self.engine) as connection:
            return work.load(connection, OA, self.case()["id"])

    def answer(self) -> None:
        """The official takes the case and answers or closes it; Zalo takes the message."""
        self.clock.move(minutes=5)
        case, now = self.loaded(), self.clock()
        with write_tx(self.engine) as connection:
            if case.state == "new":
                work.take(connection, OA, case.id, None, STAFF, now)
            if case.kind == "report":
                said = work.close_field_case(
                    connection, OA, case.id, None, STAFF, DONE, None, "trời tối, mai chụp", now
                )
                replies = WORDS.closed(said.case, HANH, DONE)
            else:
                said = work.send_answer(connection, OA, case.id, None, STAFF, TOLD, True, now)
                replies = WORDS.answer(said.case, HANH, TOLD)
            assert said.sent_as is not None
            tell(connection, OA, case.person_id, replies, said.sent_as, now)
            connection.execute(update(outbox).values(state="sent", settled_at=now, message_id="zalo-1"))


def _conversation(clock: MovableClock) -> Conversation:
    bot = assistant()
    return Conversation(
        respond=bot.respond,
        apology=bot.apology,
        normalize=lambda words: normalize(words).plain,
        profile=profile(),
        calendar=CALENDAR,
        payload_box=SecretBox(KEY, "inbox"),
        restricted_box=SecretBox(KEY, "restricted"),
        personal_box=SecretBox(KEY, "personal"),
        now=clock,
        when_off=WhenOff(bot.guard, bot.off_words),
    )


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    talk = Talk(tmp_path)
    yield talk
    talk.engine.dispose()


def report(talk: Talk, person: str = "p", words: str = "cống bể nước hôi quá trời") -> str:
    """A whole report; its code."""
    talk.send(words, person)
    talk.pin(person)
    talk.send("3 bữa nay, hôm qua có người té xe", person)
    talk.send("Gửi, có tên", person)
    return str(talk.case()["code"])


def question(talk: Talk, words: str = "Con tôi mang họ mẹ giờ tính sao với cái tên trên bằng lái cũ") -> str:
    talk.send("gặp cán bộ")
    talk.send(words)
    return str(talk.case()["code"])


# --- reporting


def test_the_code_that_is_said_is_the_code_that_is_kept(talk: Talk) -> None:
    talk.send("cống bể nước hôi quá trời")
    talk.pin()
    talk.send("3 bữa nay, hôm qua có người té xe")
    assert talk.count(cases) == 0
    said = talk.send("Gửi, có tên")
    case = talk.case()
    assert f"Đã gửi ✅ Mã: {case['code']}" in said
    assert (case["kind"], case["state"], case["khom"], case["urgency"]) == (
        "report",
        "new",
        "Khóm 3",
        "normal",
    )
    assert case["context"]["urgency_proposed"] == "urgent"
    assert talk.count(drafts) == 0


def test_a_draft_survives_a_restart_and_is_sealed(talk: Talk) -> None:
    talk.send("cống bể nước hôi quá trời")
    talk.restart()
    assert "Khóm 3" in talk.pin()
    with read_tx(talk.engine) as connection:
        assert "cống" not in str(connection.execute(select(drafts.c.data)).scalar_one())


def test_a_draft_lives_a_day_and_no_longer(talk: Talk) -> None:
    talk.send("cống bể nước hôi quá trời")
    talk.clock.move(hours=23, minutes=50)
    assert "ghi dở phản ánh" in talk.send("alo em ơi vẫn còn hôi đó")
    talk.clock.move(hours=24, minutes=1)
    assert "ghi dở" not in talk.send("alo em ơi vẫn còn hôi đó")


def test_an_old_button_is_told_the_code(talk: Talk) -> None:
    talk.send("cống bể nước hôi quá trời")
    talk.pin()
    talk.send("3 bữa nay")
    with read_tx(talk.engine) as connection:
        reply = connection.execute(select(outbox.c.reply).order_by(outbox.c.id.desc())).scalars().first()
    send = next(one["payload"] for one in reply["buttons"] if one["title"] == "Gửi, có tên")
    talk.send(send)
    assert f"em gửi rồi, mã {talk.case()['code']}" in talk.send(send)
    assert talk.count(cases) == 1


def test_a_second_reporter_joins_and_may_follow(talk: Talk) -> None:
    code = report(talk)
    talk.send("cống bể nước hôi chịu không nổi", "q")
    talk.pin("q")
    assert code in talk.send("cả tuần rồi", "q")
    assert f"em ghi mình vào phiếu {code}" in talk.send("Theo phiếu đó", "q")
    assert talk.count(cases) == 1
    assert talk.count(case_people) == 1
    assert f"phiếu {code} của mình" in talk.send(code, "q")
    assert "không rút được" in talk.send(token("case", "withdraw_sure", code), "q")


def test_another_topic_at_the_same_place_is_not_offered(talk: Talk) -> None:
    report(talk)
    talk.send("đèn đường hư tối thui", "q")
    talk.pin("q")
    assert "đọc lại" in talk.send("2 bữa nay", "q")


def test_without_a_place_the_same_khom_and_topic_is_only_offered(talk: Talk) -> None:
    for person in ("p", "q"):
        talk.send("đèn đường hẻm 5 khóm 2 hư hai bữa nay", person)
        told = talk.send("Không có gì thêm", person)
        if person == "p":
            talk.send("Gửi ẩn tên", person)
    assert f"đã có phiếu {talk.case()['code']}" in told
    talk.send("Gửi phiếu riêng", "q")
    talk.send("Gửi ẩn tên", "q")
    assert talk.count(cases) == 2


def test_a_late_dossier_and_a_data_right_are_opened_once(talk: Talk) -> None:
    for _ in range(2):
        talk.send(token("late", "H20.27-261015-0003"))
        talk.send("xóa hết dữ liệu của tôi")
        talk.send("ĐỒNG Ý XÓA")
    assert talk.count(cases) == 2
    late, right = talk.case(0), talk.case(1)
    assert (late["kind"], late["outside_code"]) == ("late_dossier", "H20.27-261015-0003")
    assert (right["kind"], right["code"][:3]) == ("data_right", "XD-")


def test_a_complaint_in_the_middle_is_found_nowhere(talk: Talk) -> None:
    talk.send("cống bể nước hôi quá trời")
    talk.send("chắc ông Trần Văn Bưởi ăn tiền nên không sửa")
    talk.send("ghi tiếp")
    talk.pin()
    talk.send("3 bữa nay")
    talk.send("Gửi ẩn tên")
    assert "Bưởi" not in str(talk.case())
    with read_tx(talk.engine) as connection:
        assert "Bưởi" not in str(connection.execute(select(turns)).all())


# --- tracking


def test_dialogue_7(talk: Talk) -> None:
    code = report(talk)
    assert "đã đăng ký" not in talk.send(f"tra ma {code.lower().replace('-', ' ')}")
    talk.send("0912 345 678")
    mine = talk.send(f"tra mã {code}")
    assert f"phiếu {code} của mình" in mine
    assert "Tiếp nhận" in mine
    assert "Bổ sung" in mine or "⏳" in mine
    other = talk.send(code, "q")
    assert "4 số cuối điện thoại đã đăng ký" in other
    assert "Tiếp nhận" not in other


def test_three_tries_an_hour_and_the_same_words_for_wrong_and_unknown(talk: Talk) -> None:
    code = report(talk)
    talk.send("0912 345 678")
    unknown = "PA-2611-0042-7"
    told = []
    for asked in (code, unknown, code):
        talk.send(asked, "q")
        told.append(talk.send("1111", "q").replace("Dạ em xin chào", ""))
    assert len(set(told)) == 1
    assert "chưa tìm thấy phiếu khớp" in told[0]
    talk.send(code, "q")
    assert "thử nhiều lần quá" in talk.send("5678", "q")
    talk.clock.move(hours=1)
    talk.send(code, "q")
    assert "Tiếp nhận" in talk.send("5678", "q")


def test_adding_reminding_and_withdrawing(talk: Talk) -> None:
    code = report(talk)
    talk.send(token("case", "add", code))
    assert f"ghi vào phiếu {code}" in talk.send("hôm nay nước tràn vô nhà luôn rồi")
    assert "em nhắc phường" in talk.send(token("case", "nudge", code))
    assert "hôm nay em nhắc phường" in talk.send(token("case", "nudge", code))
    assert talk.tasks().count("case_nudged") == 1
    assert "mình chắc muốn rút" in talk.send(token("case", "withdraw", code))
    assert "em rút phiếu" in talk.send("Rút phiếu này")
    assert "không rút được" in talk.send(token("case", "withdraw_sure", code))
    assert talk.case()["state"] == "withdrawn"


@pytest.mark.parametrize(
    "action", ["add", "nudge", "withdraw_sure", "good", "undone", "clear", "more", "x_y"]
)
def test_the_code_of_another_does_nothing(talk: Talk, action: str) -> None:
    code = report(talk)
    before = dict(talk.case())
    assert "chưa tìm thấy phiếu khớp" in talk.send(token("case", action, code), "q")
    assert dict(talk.case()) == before


# --- officials answer, citizens go on


def test_dialogue_12(talk: Talk) -> None:
    code = question(talk)
    talk.answer()
    with read_tx(talk.engine) as connection:
        said = connection.execute(select(outbox.c.reply).order_by(outbox.c.id.desc())).scalars().first()
    assert said["text"].startswith("Dạ, chị Hạnh, cán bộ hộ tịch phường Mẫu, xin chào anh/chị.")
    assert [one["title"] for one in said["buttons"]] == ["Rõ rồi", "Hỏi thêm"]
    assert "cho em xin một nhận xét" in talk.send("1")
    assert talk.case()["state"] == "answered"
    assert "em cảm ơn mình nhiều" in talk.send("Hài lòng")
    assert talk.case()["rating"] == 3
    talk.send(token("case", "fair", code))
    assert talk.case()["rating"] == 3


def test_a_rating_is_given_once_and_none_in_bereavement(talk: Talk) -> None:
    code = question(talk, "ba tôi mới mất ở nước ngoài không có giấy báo tử thì tính sao")
    assert talk.case()["context"]["bereavement"] is True
    talk.answer()
    assert "nhận xét" not in talk.send("rõ rồi")
    talk.send(token("case", "good", code))
    assert talk.case()["rating"] is None


def test_not_done_opens_once_and_tells_the_head_then_shows_the_way(talk: Talk) -> None:
    code = report(talk)
    talk.answer()
    assert "em mở lại phiếu và báo lãnh đạo liền" in " ".join(talk.send("chưa xong").split())
    assert f"em mở lại phiếu {code}" in talk.send("nắp cống còn hở một bên kìa")
    assert (talk.case()["state"], talk.case()["reopened"], talk.case()["rating"]) == ("assigned", 1, 1)
    assert "case_reopened" in talk.tasks()
    talk.answer()
    spent = talk.send(token("case", "undone", code))
    assert "không mở lại được nữa" in spent
    assert "Nơi tiếp công dân" in spent
    assert talk.case()["reopened"] == 1


def test_after_seven_days_it_is_not_opened(talk: Talk) -> None:
    code = report(talk)
    talk.answer()
    assert "cho em xin một nhận xét" in talk.send("rõ rồi")
    talk.clock.move(days=8)
    assert "không mở lại được nữa" in talk.send(token("case", "undone", code))


def test_an_official_who_waits_gets_the_plain_words(talk: Talk) -> None:
    code = report(talk)
    with write_tx(talk.engine) as connection:
        case_id = talk.case()["id"]
        work.take(connection, OA, case_id, None, STAFF, talk.clock())
        work.wait_for_citizen(connection, OA, case_id, None, STAFF, "Nắp nào bể ạ?", talk.clock(), CALENDAR)
    assert talk.case()["state"] == "waiting"
    talk.clock.move(hours=2)
    assert f"ghi vào phiếu {code}" in talk.send("cái nắp sát bên gốc me đó em")
    assert talk.case()["state"] == "assigned"


def test_a_question_to_the_bot_is_not_taken_for_the_official(talk: Talk) -> None:
    report(talk)
    with write_tx(talk.engine) as connection:
        case_id = talk.case()["id"]
        work.take(connection, OA, case_id, None, STAFF, talk.clock())
        work.wait_for_citizen(connection, OA, case_id, None, STAFF, "Nắp nào bể ạ?", talk.clock(), CALENDAR)
    assert "Giấy chứng sinh" in talk.send("làm giấy khai sinh cho bé cần gì")
    assert talk.case()["state"] == "waiting"


def test_asking_on_about_what_was_just_told_is_not_taken_for_the_official(talk: Talk) -> None:
    report(talk)
    with write_tx(talk.engine) as connection:
        case_id = talk.case()["id"]
        work.take(connection, OA, case_id, None, STAFF, talk.clock())
        work.wait_for_citizen(connection, OA, case_id, None, STAFF, "Nắp nào bể ạ?", talk.clock(), CALENDAR)
    talk.send("làm giấy khai sinh cho bé cần gì")
    assert "15 giờ" in talk.send("vậy mất bao lâu?")
    assert talk.case()["state"] == "waiting"
    assert "ghi vào phiếu" in talk.send("nắp bể chừng một gang, có nộp lệ phí gì đâu mà không sửa")
    assert talk.case()["state"] == "assigned"


def test_asking_on_goes_to_the_same_case_once(talk: Talk) -> None:
    code = question(talk)
    talk.answer()
    assert code in talk.send("Hỏi thêm")
    talk.send("vậy có cần dẫn cháu theo không")
    assert (talk.case()["code"], talk.case()["state"]) == (code, "assigned")
    assert "case_reopened" not in talk.tasks()


# --- what officials' actions say


def test_every_text_of_an_official_has_its_frame(talk: Talk) -> None:
    code = report(talk)
    case, now = talk.loaded(), talk.clock()
    assert "Hạn xử lý dự kiến" in WORDS.classified(case, now)[0].text
    (done,) = WORDS.closed(case, HANH, "Đã thay nắp cống chiều nay.", "https://x.vn/sau.jpg")
    assert [one.title for one in done.buttons] == ["Hài lòng", "Tạm được", "Chưa xong"]
    assert (done.image, code in done.text) == ("https://x.vn/sau.jpg", True)
    (late,) = WORDS.late(code, now, now, now)
    assert late.text.startswith("Dạ em xin lỗi vì phiếu")
    (asked,) = WORDS.asked(case, HANH, "Chào anh,\nNắp nào bể ạ?")
    assert "Chào anh" not in asked.text
    assert "Nắp nào bể ạ?" in asked.text
    assert [one.title for one in asked.buttons] == ["Trả lời cán bộ"]
    (told,) = WORDS.told(case, Speaker("anh Tâm"), "Đội thoát nước đang trên đường.")
    assert told.text.startswith("Dạ, anh Tâm, cán bộ phường Mẫu")
    assert "PA-2611-0042-7" in WORDS.merged(case, "PA-2611-0042-7")[0].text
    assert "mở lại" in WORDS.reopened(case, now)[0].text


def test_the_bereaved_are_asked_for_no_rating_and_shown_no_picture_of_joy(talk: Talk) -> None:
    question(talk, "ba tôi mới mất ở nước ngoài không có giấy báo tử thì tính sao")
    (done,) = WORDS.closed(talk.loaded(), HANH, "Phường đã gửi trích lục 🙂")
    assert "🙂" not in done.text
    assert [one.title for one in done.buttons] == ["Rõ rồi", "Hỏi thêm"]
