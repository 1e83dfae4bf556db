"""The head switches the assistant off: told once an hour, nothing handed over, danger as ever."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from bot.conversation import Conversation, WhenOff
from store.engine import read_tx, write_tx
from store.schema import cases, restricted_messages, staff_tasks, turns
from tests.bot.support import OA, MovableClock, accept, conversation, drain_all, queued_texts, text_event
from tests.handlers.world import assistant
from ward import settings


def talk(clock: MovableClock) -> Conversation:
    voice = assistant()
    return replace(
        conversation(voice.respond, clock),
        apology=voice.apology,
        when_off=WhenOff(voice.guard, voice.off_words),
    )


def switch(engine: Engine, clock: MovableClock, on: bool, words: str = "") -> None:
    with write_tx(engine) as connection:
        values = {"bot_on": on, "bot_off_words": words}
        settings.change(connection, OA, None, values, "kiểm tra công tắc", clock())
    clock.move(seconds=6)


def say(
    engine: Engine, conversation_: Conversation, clock: MovableClock, person: str, *said: str
) -> list[str]:
    before = len(queued_texts(engine, person))
    for number, words in enumerate(said):
        body = text_event(person, words, f"{person}-{clock().timestamp()}-{number}", clock())
        accept(engine, body, at=clock())
    drain_all(engine, conversation_, clock)
    return queued_texts(engine, person)[before:]


def test_each_person_hears_it_once_an_hour_and_no_case_is_made(engine: Engine) -> None:
    clock = MovableClock()
    voice = talk(clock)
    assert "đang tạm nghỉ" not in say(engine, voice, clock, "p0", "alo")[0]
    switch(engine, clock, on=False)
    (told,) = say(engine, voice, clock, "p1", "làm khai sinh cần gì", "gặp cán bộ", "đèn đường hư")
    assert "đang tạm nghỉ" in told
    assert len(say(engine, voice, clock, "p2", "alo")) == 1
    clock.move(minutes=59)
    assert say(engine, voice, clock, "p1", "còn đó không") == []
    clock.move(minutes=2)
    assert len(say(engine, voice, clock, "p1", "alo")) == 1
    with read_tx(engine) as connection:
        assert connection.execute(select(cases)).all() == []
        off = connection.execute(select(turns.c.outcome).where(turns.c.person_id == "p1")).scalars()
        assert set(off) == {"silent"}


def test_the_heads_own_words_are_said(engine: Engine) -> None:
    clock = MovableClock()
    switch(engine, clock, on=False, words="Phường đang nâng cấp, chiều nay trợ lý trả lời lại.")
    assert say(engine, talk(clock), clock, "p1", "alo") == [
        "Phường đang nâng cấp, chiều nay trợ lý trả lời lại."
    ]


def test_danger_and_complaints_are_answered_all_the_same(engine: Engine) -> None:
    clock = MovableClock()
    switch(engine, clock, on=False)
    voice = talk(clock)
    assert any("114" in text for text in say(engine, voice, clock, "p1", "cháy nhà rồi"))
    guarded = say(engine, voice, clock, "p2", "tôi muốn tố cáo ông cán bộ nhận tiền")
    assert guarded
    assert not any("đang tạm nghỉ" in text for text in guarded)
    with read_tx(engine) as connection:
        assert len(connection.execute(select(staff_tasks)).all()) == 1
        assert len(connection.execute(select(restricted_messages)).all()) == 1
        kept = connection.execute(select(turns.c.text).where(turns.c.person_id == "p2")).scalar()
    assert kept is None


@pytest.mark.parametrize("on", [True, False])
def test_a_change_holds_within_five_seconds(engine: Engine, on: bool) -> None:
    clock = MovableClock()
    voice = talk(clock)
    switch(engine, clock, on=not on)
    say(engine, voice, clock, "p1", "alo")
    switch(engine, clock, on=on)
    heard = say(engine, voice, clock, "p2", "alo")
    assert ("đang tạm nghỉ" in heard[0]) == (not on)


def test_out_of_office_words_are_said_only_while_the_office_is_closed(engine: Engine) -> None:
    clock = MovableClock()
    voice = talk(clock)
    words = "Số trực đêm dán ở cổng trụ sở."
    with write_tx(engine) as connection:
        settings.change(connection, OA, None, {"out_of_office_words": words}, "trực đêm", clock())
    clock.move(seconds=6)
    question = "gặp cán bộ hỏi giùm tui chuyện cái hàng rào nhà bên nha"
    assert voice.calendar.is_open(clock())
    assert not any(words in told for told in say(engine, voice, clock, "p1", question))
    clock.move(hours=12)
    assert not voice.calendar.is_open(clock())
    assert any(words in told for told in say(engine, voice, clock, "p2", question))
