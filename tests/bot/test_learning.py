"""Turns that went wrong become candidates; the house speaks with what was approved, and only then."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update

from bot import people
from bot.config import SAMPLE_WARD, Settings
from bot.learning import collect, forget_gone
from bot.people import Person
from knowledge.learning.candidates import FILE, Candidates
from knowledge.learning.overlay import FILE as OVERLAY
from knowledge.learning.overlay import Phrasing, write_overlay
from store.engine import write_tx
from store.schema import turns
from tests.support.house import furnish
from ward.profile import WardFileError
from wsgi import House

NOON = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)
NO = ("khong phai", "#ward:other")
ASKED = "xin cái giấy chim én đưa em bé về"


@pytest.fixture
def candidates(tmp_path: Path) -> Candidates:
    return Candidates(tmp_path / "learn" / FILE)


class Chat:
    """Writes turns, a minute apart."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.count = 0

    def turn(
        self, text: str | None, outcome: str, key: str | None = None, person: str = "p1", oa: str = "oa"
    ) -> None:
        self.count += 1
        plain = {"không phải": "khong phai"}.get(text or "", text)
        row = {"oa_id": oa, "person_id": person, "event_id": self.count, "text": text, "normalized": plain,
               "at": NOON + timedelta(minutes=self.count), "outcome": outcome, "procedure_key": key,
               "candidates": [], "milliseconds": 1.0}  # fmt: skip
        with write_tx(self.engine) as connection:
            connection.execute(insert(turns).values(**row))


@pytest.fixture
def chat(engine: Engine) -> Chat:
    return Chat(engine)


def found(candidates: Candidates) -> list[tuple[str, str, str | None]]:
    return [(one.text, one.why, one.key) for one in candidates.list()]


def test_a_question_not_understood_and_what_it_turned_out_to_be(chat: Chat, candidates: Candidates) -> None:
    chat.turn(ASKED, "clarify")
    chat.turn("giá vàng sáng nay lên chưa", "clarify", person="p2")
    chat.turn("#ward:answer:khai_sinh:ho_so", "answered", "khai_sinh")
    assert collect(chat.engine, "oa", candidates, NO, LATER) == 2
    assert found(candidates) == [
        (ASKED, "unanswered", "khai_sinh"),
        ("giá vàng sáng nay lên chưa", "unanswered", None),
    ]


@pytest.mark.parametrize("said", ["không phải", "#ward:other"])
def test_an_answer_that_was_not_meant(chat: Chat, candidates: Candidates, said: str) -> None:
    chat.turn(ASKED, "answered", "ket_hon")
    chat.turn(said, "clarify")
    chat.turn("làm khai sinh cho bé", "answered", "khai_sinh")
    collect(chat.engine, "oa", candidates, NO, LATER)
    assert (ASKED, "corrected", "khai_sinh") in found(candidates)


def test_what_went_well_and_what_may_not_be_kept(chat: Chat, candidates: Candidates) -> None:
    chat.turn("làm khai sinh cho bé", "answered", "khai_sinh")
    chat.turn("cảm ơn em nhiều", "smalltalk")
    chat.turn(None, "formal_complaint")
    chat.turn(None, "clarify")
    chat.turn("#ward:guide:x", "clarify")
    chat.turn("gọi cho tui số 0912345678", "handover")
    chat.turn(ASKED, "clarify", oa="another")
    assert collect(chat.engine, "oa", candidates, NO, LATER) == 0
    assert found(candidates) == []


def test_each_turn_is_read_once_and_only_when_its_talk_is_over(chat: Chat, candidates: Candidates) -> None:
    chat.turn(ASKED, "clarify")
    assert collect(chat.engine, "oa", candidates, NO, NOON + timedelta(minutes=5)) == 0
    assert collect(chat.engine, "oa", candidates, NO, LATER) == 1
    assert collect(chat.engine, "oa", candidates, NO, LATER) == 0
    assert candidates.list()[0].seen == 1
    chat.turn(ASKED, "handover", person="p2")
    assert collect(chat.engine, "oa", candidates, NO, LATER) == 1
    assert candidates.list()[0].seen == 2


def test_a_person_who_withdraws_takes_the_words_along(chat: Chat, candidates: Candidates) -> None:
    chat.turn(ASKED, "clarify")
    chat.turn("câu của người khác còn giữ", "clarify", person="p2")
    collect(chat.engine, "oa", candidates, NO, LATER)
    assert forget_gone(chat.engine, candidates) == 0
    with write_tx(chat.engine) as connection:
        people.forget(connection, Person("oa", "p1", {}, None), datetime.now(UTC))
    assert forget_gone(chat.engine, candidates) == 1
    assert [text for text, *_ in found(candidates)] == ["câu của người khác còn giữ"]


def test_candidates_end_with_the_sixty_days_of_their_words(chat: Chat, candidates: Candidates) -> None:
    chat.turn(ASKED, "clarify")
    collect(chat.engine, "oa", candidates, NO, LATER)
    with write_tx(chat.engine) as connection:
        connection.execute(update(turns).values(text=None))
    forget_gone(chat.engine, candidates)
    assert candidates.list() == []


def house(tmp_path: Path) -> House:
    ward = tmp_path / "ward"
    if not ward.exists():
        shutil.copytree(SAMPLE_WARD, ward)
    return House(Settings(database_url=f"sqlite:///{furnish(tmp_path)}/ward.db", ward_dir=ward))


def test_the_house_speaks_with_what_was_approved(tmp_path: Path) -> None:
    first = house(tmp_path)
    assert first.voice(None)(first.library)([ASKED]).answered is None
    kept = Phrasing(key="khai_sinh", text=ASKED, by="Chị Lan", day=date(2026, 11, 28))
    write_overlay(tmp_path / "ward", [kept])
    taught = house(tmp_path)
    assert taught.voice(None)(taught.library)([ASKED]).answered == "khai_sinh"


def test_a_broken_file_of_the_ward_is_said_at_the_start(tmp_path: Path) -> None:
    broken = house(tmp_path)
    (tmp_path / "ward" / OVERLAY).write_text("phrasings: 5", "utf-8")
    with pytest.raises(WardFileError, match=OVERLAY):
        _ = broken.library
