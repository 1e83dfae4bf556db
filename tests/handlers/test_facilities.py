"""Private health facilities in the chat, with the real assistant and a real store (dialogue 4)."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.replies import Button, Reply
from handlers.assistant import Assistant
from handlers.facilities import looks_like_a_patient, read_facility
from handlers.offers import offers_of
from store.engine import read_tx
from store.schema import (
    cases,
    facilities,
    facility_drafts,
    facility_people,
    form_downloads,
    inbox_events,
    outbox,
    turns,
)
from tests.bot.support import START, MovableClock, accept, conversation, drain_all, text_event
from tests.handlers.world import Chat, assistant
from ward.forms import FormShelf
from ward.profile import WardFileError

_ids = itertools.count()


@dataclass
class Talk:
    """A person in the whole chat over a store."""

    engine: Engine
    person: str = "p1"
    voice: Assistant = field(default_factory=assistant)
    clock: MovableClock = field(default_factory=lambda: MovableClock(START))
    last: list[Reply] = field(default_factory=list)

    def says(self, words: str) -> str:
        self.clock.move(seconds=30)
        before = len(self._replies())
        accept(self.engine, text_event(self.person, words, f"m{next(_ids)}", self.clock()), at=self.clock())
        drain_all(self.engine, conversation(self.voice.respond, self.clock), self.clock)
        self.last = self._replies()[before:]
        return "\n".join(reply.text for reply in self.last)

    def presses(self, title: str) -> str:
        return self.says(next(b.payload for b in self.buttons() if b.title == title))

    def buttons(self) -> tuple[Button, ...]:
        return next((reply.buttons for reply in reversed(self.last) if reply.buttons), ())

    def titles(self) -> list[str]:
        return [offer.label for offer in offers_of([Reply(text="x", buttons=self.buttons())])]

    def _replies(self) -> list[Reply]:
        query = select(outbox.c.reply).where(outbox.c.person_id == self.person).order_by(outbox.c.id)
        with read_tx(self.engine) as connection:
            return [Reply.model_validate(row.reply) for row in connection.execute(query)]


def rows(engine: Engine, table: object) -> list[dict[str, object]]:
    with read_tx(engine) as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]  # type: ignore[call-overload]


def test_dialogue_4(engine: Engine) -> None:
    talk = Talk(engine)
    told = talk.says("Phòng khám răng dời qua số nhà khác, giấy phép sao em?")
    assert "Dời qua chỗ khác" in told
    assert "đang có giấy phép hoạt động chưa" in told
    assert talk.titles()[:2] == ["Có rồi", "Chưa có"]
    assert "phải xin cấp mới" in talk.says("Có rồi")
    assert talk.titles()[-2:] == ["Tải mẫu đơn", "Hỏi cán bộ y tế"]
    told = talk.presses("Hỏi cán bộ y tế")
    assert "Tên cơ sở, loại hình" in told
    assert "đừng gửi thông tin người bệnh" in told
    told = talk.says("Nha khoa Ánh Dương, phòng khám RHM. Dời trong cùng phường thì thẩm định lại không?")
    assert "Nha khoa Ánh Dương · Nha khoa (răng hàm mặt)" in told
    assert rows(engine, facilities) == []
    told = talk.presses("Đồng ý lưu")
    assert "HD-2611-" in told
    assert "nhận quy định y tế mới" in told
    told = talk.presses("Có")
    assert "DỪNG" in told
    (facility,), (account,), (case,) = (
        rows(engine, facilities),
        rows(engine, facility_people),
        rows(engine, cases),
    )
    assert (facility["name"], facility["kind"]) == ("Nha khoa Ánh Dương", "nha_khoa")
    assert facility["consent"]
    assert account["news_consent"]
    assert case["field"] == "y_te"
    assert case["question"] == "Dời trong cùng phường thì thẩm định lại không?"
    assert case["context"]["facility"] == "Nha khoa Ánh Dương"  # type: ignore[index]
    assert rows(engine, facility_drafts) == []


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("mở phòng khám", "Người phụ trách đã có giấy phép hành nghề chưa"),
        ("mở nhà thuốc", "Người phụ trách có chứng chỉ hành nghề dược chưa"),
        ("nhà thuốc đổi địa điểm", "Mình dời sang nhà khác, hay chỉ đổi tên đường"),
        ("đổi người chịu trách nhiệm chuyên môn phòng khám", "Người mới đã có giấy phép hành nghề chưa"),
        ("phòng khám tạm ngừng hoạt động", "Mình nghỉ tạm rồi mở lại, hay đóng cửa hẳn"),
        ("mở nhà thuốc cần giấy gì", "Người phụ trách có chứng chỉ hành nghề dược chưa"),
        ("tạm ngừng phòng khám cần giấy gì", "Mình nghỉ tạm rồi mở lại, hay đóng cửa hẳn"),
    ],
)
def test_one_question_that_decides_and_no_list(words: str, asked: str) -> None:
    """What the words said already is not asked again."""
    told = Chat().says(words)
    assert asked in told
    assert "mình cần việc nào" not in told


def test_advertising_is_told_what_was_abolished_and_asked_nothing_it_said() -> None:
    told = Chat().says("xác nhận nội dung quảng cáo dịch vụ khám chữa bệnh")
    assert "Từ 15/02/2026 đã bỏ" in told
    assert "khám chữa bệnh hay quảng cáo thuốc" not in told


def test_papers_nobody_listed_are_said_to_be_unknown_and_the_question_still_asked() -> None:
    """Nothing is put off to an officer before the one question that leads on."""
    chat = Chat()
    told = chat.says("Mở nhà thuốc cần giấy gì")
    assert "danh sách giấy tờ của việc này em chưa có chắc" in told.casefold()
    assert "nộp trên Cổng Dịch vụ công quốc gia".casefold() in told.casefold()
    assert "em hỏi cán bộ giùm" not in told
    assert "Mình mở loại nào" in chat.says("có rồi")
    assert "2 năm thực hành" in chat.says("nhà thuốc")


def test_papers_that_are_listed_are_told_without_a_question() -> None:
    told = Chat().says("mở phòng khám cần giấy gì")
    assert "Bản kê khai cơ sở vật chất" in told
    assert "Người phụ trách đã có giấy phép hành nghề chưa" not in told


def test_what_was_abolished_needs_no_papers_and_no_question() -> None:
    told = Chat().says("quảng cáo phòng khám cần giấy gì")
    assert "Khỏi xin giấy" in told
    assert "em hỏi cán bộ giùm" not in told


def test_an_address_of_a_clinic_that_changed_is_not_taken_for_a_move() -> None:
    chat = Chat()
    assert "Phòng khám đang cần việc nào" in chat.says("phòng khám đổi địa chỉ")
    assert "bản gốc giấy phép hoạt động" in chat.says("chỗ cũ, chỉ đổi tên đường").casefold()


def test_a_form_of_nothing_is_asked_of_what() -> None:
    assert "mẫu của thủ tục nào" in Chat().says("tải mẫu")


def test_a_facility_that_is_known_asks_at_once(engine: Engine) -> None:
    talk = Talk(engine)
    talk.says("đăng ký cơ sở y tế")
    talk.says("Nhà thuốc Minh Tâm, nhà thuốc")
    assert "lưu Nhà thuốc Minh Tâm" in talk.presses("Đồng ý lưu")
    talk.presses("Không")
    assert "Nhà thuốc Minh Tâm cần hỏi gì" in talk.says("hỏi cán bộ y tế")
    assert "HD-2611-" in talk.says("GPP bao lâu đánh giá lại một lần?")
    assert [case["question"] for case in rows(engine, cases)] == ["GPP bao lâu đánh giá lại một lần?"]
    assert rows(engine, facility_people)[0]["news_consent"] is None


def test_who_does_not_agree_is_answered_and_not_kept(engine: Engine) -> None:
    talk = Talk(engine)
    talk.says("cho hỏi cán bộ y tế")
    talk.says("Spa Hoa Sen, spa. Có cần giấy phép không?")
    assert "không lưu thông tin cơ sở" in talk.presses("Không lưu")
    assert rows(engine, facilities) == rows(engine, facility_people) == rows(engine, facility_drafts) == []
    assert rows(engine, cases)[0]["question"] == "Có cần giấy phép không?"


def test_the_type_is_asked_when_it_was_not_said(engine: Engine) -> None:
    talk = Talk(engine)
    talk.says("tôi là cơ sở y tế")
    assert "loại hình nào" in talk.says("Ánh Dương")
    assert "Nhà thuốc, quầy thuốc" in talk.says("nhà thuốc")
    talk.says("đồng ý")
    assert rows(engine, facilities)[0]["kind"] == "nha_thuoc"


def test_words_about_a_patient_are_kept_nowhere(engine: Engine) -> None:
    talk = Talk(engine)
    talk.says("hỏi cán bộ y tế")
    told = talk.says("Nha khoa A, RHM. Bệnh nhân Nguyễn Văn Ba 45 tuổi bị viêm tủy, sđt 0912345678")
    assert "không lưu" in told
    assert "Ba" not in str([turn["text"] for turn in rows(engine, turns)])
    assert [event["payload"] for event in rows(engine, inbox_events)][-1] is None
    assert rows(engine, facility_drafts) == rows(engine, cases) == []
    assert "Nha khoa A" in talk.says("Nha khoa A, RHM. Lưu hồ sơ người bệnh bao lâu?")


@pytest.mark.parametrize(
    ("words", "patient"),
    [
        ("bệnh nhân Trần Thị Bưởi dương tính với cúm", True),
        ("BN nữ 30 tuổi mang thai 12 tuần", True),
        ("thẻ DN4 79 1234567890 có xài được không", True),
        ("lưu hồ sơ bệnh án của người bệnh trong bao lâu", False),
        ("phòng khám tôi tên Nguyễn Văn Tám, số 0912345678", False),
        ("bệnh nhân tới khám có cần giấy hẹn không", False),
    ],
)
def test_what_looks_like_a_patient(words: str, patient: bool) -> None:
    assert looks_like_a_patient(words) is patient


@pytest.mark.parametrize(
    ("words", "name", "kind", "question"),
    [
        (
            "Nha khoa Ánh Dương, phòng khám RHM. Dời chỗ sao?",
            "Nha khoa Ánh Dương",
            "nha_khoa",
            "Dời chỗ sao?",
        ),
        ("PK BS. Lan, chuyên khoa sản", "PK BS. Lan", "phong_kham_chuyen_khoa", ""),
        ("Nhà thuốc 24h\nĐổi dược sĩ làm sao", "Nhà thuốc 24h", "nha_thuoc", "Đổi dược sĩ làm sao"),
        ("Đổi dược sĩ thì làm sao?", "", None, "Đổi dược sĩ thì làm sao?"),
    ],
)
def test_a_facility_in_one_message(words: str, name: str, kind: str | None, question: str) -> None:
    assert read_facility(words) == (name, kind, question)


def test_a_second_account_waits_and_one_account_has_one_facility(engine: Engine) -> None:
    first, second = Talk(engine), Talk(engine, "p2")
    for talk in (first, second):
        talk.says("đăng ký cơ sở y tế")
        talk.says("Nhà thuốc Minh Tâm, nhà thuốc")
        told = talk.presses("Đồng ý lưu")
    assert "Cán bộ y tế coi lại" in told
    assert [one["state"] for one in rows(engine, facility_people)] == ["confirmed", "asked"]
    first.says("hỏi cán bộ y tế")
    first.says("menu")
    first.says("đăng ký cơ sở y tế")
    assert len(rows(engine, facilities)) == 1


def test_stop_ends_the_news_only(engine: Engine) -> None:
    talk = Talk(engine)
    talk.says("đăng ký cơ sở y tế")
    talk.says("Nhà thuốc Minh Tâm, nhà thuốc")
    talk.presses("Đồng ý lưu")
    talk.presses("Có")
    assert "ngưng gửi tin" in talk.says("DỪNG")
    assert rows(engine, facility_people)[0]["news_stopped_at"] is not None
    assert rows(engine, cases) == []
    assert "xóa tài khoản này" in talk.says("xóa cơ sở")
    assert rows(engine, facilities) == []


def test_a_citizen_who_stops_is_heard_as_before(engine: Engine) -> None:
    Talk(engine).says("DỪNG")
    assert [case["kind"] for case in rows(engine, cases)] == ["data_right"]


@pytest.fixture
def shelf(tmp_path: Path) -> FormShelf:
    folder = tmp_path / "forms"
    folder.mkdir()
    (folder / "mau-02.pdf").write_bytes(b"%PDF-1.4 mau")
    body = (
        'title = "Đơn đề nghị (Mẫu 02)"\nprocedures = ["gphd_cap_moi"]\n'
        'version = "PL II"\ndate = 2026-01-15\n'
    )
    (folder / "mau_02.toml").write_text(body + 'file = "mau-02.pdf"\n', "utf-8")
    (folder / "mau_08.toml").write_text(body + 'link = "https://vi-du.gov.vn/mau-08"\n', "utf-8")
    return FormShelf(tmp_path)


def test_forms_are_sent_and_counted_without_the_person(engine: Engine, shelf: FormShelf) -> None:
    talk = Talk(engine, voice=dataclasses.replace(assistant(), forms=shelf))
    talk.says("hồ sơ cấp giấy phép hoạt động phòng khám mới gồm những gì")
    told = talk.says("tải mẫu đơn")
    assert "mẫu: Đơn đề nghị (Mẫu 02)" in told
    assert "Bản: PL II" in told
    assert "forms/mau-02.pdf" in [reply.file for reply in talk.last]
    assert "https://vi-du.gov.vn/mau-08" in [button.payload for button in talk.buttons()]
    assert {(row["form"], row["count"]) for row in rows(engine, form_downloads)} == {
        ("mau_02", 1),
        ("mau_08", 1),
    }
    talk.says("tải mẫu")
    assert {row["count"] for row in rows(engine, form_downloads)} == {2}


def test_a_missing_form_is_said_to_be_missing() -> None:
    chat = Chat()
    chat.send("hồ sơ cấp giấy phép hoạt động phòng khám mới gồm những gì")
    assert "chưa để sẵn tệp mẫu" in chat.says("cho xin mẫu đơn")
    assert "Hỏi cán bộ y tế" in chat.buttons()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('file = "khong-co.pdf"', "không có tệp này"),
        ('file = "mau.exe"', "PDF hoặc DOCX"),
        ('file = "to.pdf"', "5 MB"),
        ("", "cần `file` hoặc `link`"),
        ('file = "../ward.toml"', "file"),
    ],
)
def test_a_form_that_cannot_be_sent_is_named_at_the_start(tmp_path: Path, line: str, fault: str) -> None:
    folder = tmp_path / "forms"
    folder.mkdir()
    (folder / "mau.exe").write_bytes(b"x")
    (folder / "to.pdf").write_bytes(b"x" * (5 * 1024 * 1024 + 1))
    body = 'title = "Đơn"\nprocedures = ["attp"]\nversion = "1"\ndate = 2026-01-15\n'
    (folder / "mau.toml").write_text(body + line, "utf-8")
    with pytest.raises(WardFileError, match=fault):
        FormShelf(tmp_path).check()
    assert FormShelf(tmp_path).all() == ()
