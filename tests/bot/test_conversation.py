"""One event of one person: echoes, officials who take over, withdrawal, words that may not be kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, LargeBinary, select

from bot.config import SAMPLE_WARD
from bot.conversation import LONGEST_TEXT
from bot.people import STATE_LIFE
from bot.replies import Candidate, Desk, Reply, Result, Turn
from store.engine import is_sqlite, read_tx
from store.schema import inbox_events, metadata, people, restricted_messages, staff_tasks, turns
from store.secrets import SecretBox, SecretsUnreadable
from tests.bot.support import (
    ADMIN,
    KEY,
    OA,
    START,
    MovableClock,
    accept,
    conversation,
    drain_all,
    event,
    queued_texts,
    text_event,
)
from ward.profile import load_profile
from ward.restricted import unseal

PROFILE = load_profile(SAMPLE_WARD)
COMPLAINT = "Tôi tố cáo ông Trần Văn Bưởi nhận tiền"


class Chat:
    """People who write, officials who answer in Zalo's own app, and what the bot made of it."""

    def __init__(self, engine: Engine, voice: Any = None) -> None:
        self.engine = engine
        self.clock = MovableClock()
        self.talk = conversation(voice, self.clock) if voice else conversation(now=self.clock)
        self._n = 0

    def send(self, name: str, person: str = "p", **message: Any) -> None:
        self._n += 1
        body = event(name, person, self.clock(), **{"msg_id": f"m{self._n}", **message})
        self.take(body)

    def take(self, body: dict[str, Any]) -> None:
        accept(self.engine, body, at=self.clock())
        drain_all(self.engine, self.talk, self.clock)

    def says(self, words: str, person: str = "p") -> None:
        self.send("user_send_text", person, text=words)

    def staff(self, words: str, person: str = "p") -> None:
        self.send("oa_send_text", person, text=words, admin_id=ADMIN)

    def outcomes(self) -> list[str]:
        with read_tx(self.engine) as connection:
            return [row.outcome for row in connection.execute(select(turns.c.outcome).order_by(turns.c.id))]

    def rows(self, table: Any) -> list[Any]:
        with read_tx(self.engine) as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key)).all())


@pytest.fixture
def chat(engine: Engine) -> Chat:
    return Chat(engine)


# ── echoes and officials ────────────────────────────────────────────────────────────────────────


def test_our_own_echo_is_never_answered(chat: Chat) -> None:
    chat.says("chào")
    for name in ("oa_send_text", "oa_send_image", "oa_send_template", "oa_send_something_new"):
        chat.send(name, text="1: chào")
    assert queued_texts(chat.engine) == ["1: chào"]
    assert chat.outcomes() == ["answered"]


def test_an_official_silences_the_bot_for_this_person_only(chat: Chat) -> None:
    chat.says("một")
    chat.staff("Chào bác, tôi là cán bộ tư pháp")
    chat.says("hai")
    chat.says("ba", person="q")
    assert queued_texts(chat.engine, "p") == ["1: một"]
    assert queued_texts(chat.engine, "q") == ["1: ba"]
    assert chat.outcomes() == ["answered", "silent", "answered"]
    assert [turn.text for turn in chat.rows(turns)] == ["một", "hai", "ba"]


def test_the_silence_ends_by_itself_and_every_staff_message_renews_it(chat: Chat) -> None:
    assert PROFILE.silent_minutes > 0
    chat.staff("một")
    chat.clock.move(minutes=PROFILE.silent_minutes - 1)
    chat.staff("hai")
    chat.clock.move(minutes=PROFILE.silent_minutes, seconds=-1)
    chat.says("còn im")
    chat.clock.move(seconds=1)
    chat.says("hết im")
    assert queued_texts(chat.engine) == ["1: hết im"]
    assert chat.outcomes() == ["silent", "answered"]


@pytest.mark.parametrize("word", [PROFILE.release_word, f"  {PROFILE.release_word.upper()} \n"])
def test_the_release_word_gives_the_person_back(chat: Chat, word: str) -> None:
    chat.staff("Tôi xem giúp bác")
    chat.staff(word)
    chat.says("chào")
    assert queued_texts(chat.engine) == ["1: chào"]


def test_a_citizen_cannot_release_the_bot(chat: Chat) -> None:
    chat.staff("Tôi xem giúp bác")
    chat.says(PROFILE.release_word)
    assert chat.outcomes() == ["silent"]
    assert queued_texts(chat.engine) == []


def test_a_silent_turn_leaves_the_state_as_it_was(chat: Chat) -> None:
    chat.says("một")
    chat.staff("để tôi")
    chat.says("hai")
    chat.staff(PROFILE.release_word)
    chat.says("ba")
    assert queued_texts(chat.engine) == ["1: một", "2: ba"]


# ── following, withdrawing ──────────────────────────────────────────────────────────────────────


def management(name: str, person: str, at: Any, **more: Any) -> dict[str, Any]:
    stamp = str(int(at.timestamp() * 1000))
    return {"event_name": name, "oa_id": OA, "app_id": "4400000000000000001", "timestamp": stamp, **more}


def test_a_follower_is_greeted_and_an_unfollower_is_not(chat: Chat) -> None:
    chat.take(management("follow", "p", chat.clock(), follower={"id": "p"}))
    assert queued_texts(chat.engine, "p") == ["1:"]
    (person,) = chat.rows(people)
    assert person.following is True
    chat.clock.move(seconds=1)
    chat.take(management("unfollow", "p", chat.clock(), follower={"id": "p"}))
    (person,) = chat.rows(people)
    assert person.following is False
    assert len(queued_texts(chat.engine)) == 1
    assert len(chat.rows(turns)) == 1


def test_the_first_tap_on_the_chat_button_is_answered(chat: Chat) -> None:
    chat.take(management("user_click_chatnow", "p", chat.clock(), user_id="p"))
    assert len(queued_texts(chat.engine, "p")) == 1


def test_withdrawal_blanks_the_words_and_calls_an_official(chat: Chat) -> None:
    chat.says("tôi tên Lê Thị Cam")
    chat.says("tôi là người khác", person="q")
    chat.clock.move(seconds=1)
    chat.take(management("user_withdraw", "p", chat.clock(), user_id="p"))
    assert len(queued_texts(chat.engine)) == 2
    mine, other = chat.rows(turns)
    assert (mine.person_id, mine.text, mine.normalized) == ("p", None, None)
    assert other.text == "tôi là người khác"
    (task,) = chat.rows(staff_tasks)
    assert (task.kind, task.person_id, task.done_at) == ("user_withdraw", "p", None)
    person = next(row for row in chat.rows(people) if row.person_id == "p")
    assert person.state == {}
    payloads = {
        (row.person_id, row.event_name): row.payload is not None
        for row in chat.rows(inbox_events)
        if row.event_name != "user_withdraw"
    }
    assert payloads == {("p", "user_send_text"): False, ("q", "user_send_text"): True}


def test_after_withdrawal_a_new_message_is_a_new_beginning(chat: Chat) -> None:
    chat.says("một")
    chat.clock.move(seconds=1)
    chat.take(management("user_withdraw", "p", chat.clock(), user_id="p"))
    chat.clock.move(seconds=1)
    chat.says("hai")
    assert queued_texts(chat.engine)[-1] == "1: hai"


# ── words that may not be kept ──────────────────────────────────────────────────────────────────


def restricting(turn: Turn, desk: Desk) -> Result:
    desk.keep_restricted(turn)
    return Result(
        "formal_complaint",
        (Reply(text="Phường không nhận đơn qua Zalo"),),
        candidates=(Candidate("to-cao", None, 0.9),),
        keys=(),
        restricted=True,
    )


def every_cell(engine: Engine) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, with its place, as the bytes it is kept in."""
    with read_tx(engine) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for column in table.columns:
                    value = row[column.name]
                    is_bytes = isinstance(column.type, LargeBinary) and value is not None
                    yield f"{table.name}.{column.name}", bytes(value) if is_bytes else str(value).encode()


def test_a_complaint_stands_sealed_in_one_table_and_nowhere_else(engine: Engine, tmp_path: Path) -> None:
    chat = Chat(engine, restricting)
    chat.says(COMPLAINT, person="7100000000000000011")
    (turn,) = chat.rows(turns)
    assert (turn.text, turn.normalized, turn.candidates) == (None, None, [])
    assert turn.outcome == "formal_complaint"
    (event_row,) = chat.rows(inbox_events)
    assert (event_row.state, event_row.payload) == ("done", None)
    (sealed,) = chat.rows(restricted_messages)
    opened = unseal(SecretBox(KEY, "restricted"), sealed.sealed)
    assert (opened.person_id, opened.text) == ("7100000000000000011", COMPLAINT)
    with pytest.raises(SecretsUnreadable):
        unseal(SecretBox(KEY, "inbox"), sealed.sealed)
    forms = [form.encode() for form in (COMPLAINT, COMPLAINT.lower(), "Bưởi", "tố cáo", r"\u1ed1 c\u00e1o")]
    cells = list(every_cell(engine))
    assert len(cells) > 30
    assert [place for place, value in cells for form in forms if form in value] == []
    if is_sqlite(engine):
        files = [path.read_bytes() for path in tmp_path.glob("ward.db*")]
        assert any(b"formal_complaint" in data for data in files)  # the scan sees what is kept
        assert not any(form in data for data in files for form in forms)


def test_the_scan_finds_the_words_of_an_ordinary_turn(engine: Engine) -> None:
    """So that the test above can fail."""
    chat = Chat(engine)
    chat.says(COMPLAINT)
    found = {place for place, value in every_cell(engine) if "Bưởi".encode() in value}
    assert found == {"turns.text", "outbox.reply"}


# ── state and length ────────────────────────────────────────────────────────────────────────────


def test_the_state_lives_thirty_minutes_from_the_last_message(chat: Chat) -> None:
    assert timedelta(minutes=30) == STATE_LIFE
    chat.says("a")
    chat.clock.move(minutes=29, seconds=59)
    chat.says("b")
    chat.clock.move(minutes=30)
    chat.says("c")
    assert queued_texts(chat.engine) == ["1: a", "2: b", "1: c"]


def test_a_very_long_text_is_cut_before_anybody_looks_at_it(engine: Engine) -> None:
    seen: list[int] = []

    def measuring(turn: Turn, _desk: Desk) -> Result:
        seen.append(len(turn.text))
        return Result("answered", (Reply(text="dài quá"),))

    chat = Chat(engine, measuring)
    chat.says("ơ" * 100_000)
    assert seen == [LONGEST_TEXT]
    (turn,) = chat.rows(turns)
    assert len(turn.text) == LONGEST_TEXT


def test_a_message_without_words_reaches_the_voice_with_its_attachments(engine: Engine) -> None:
    seen: list[Turn] = []

    def looking(turn: Turn, _desk: Desk) -> Result:
        seen.append(turn)
        return Result("answered")

    chat = Chat(engine, looking)
    place = {"type": "location", "payload": {"coordinates": {"latitude": "10.46", "longitude": "105.63"}}}
    chat.send("user_send_location", attachments=[place])
    (turn,) = seen
    assert (turn.event_name, turn.text, turn.attachments[0].latitude) == ("user_send_location", "", 10.46)
    assert turn.at == START
    assert queued_texts(chat.engine) == []


def test_an_event_of_nobody_is_done_without_a_person(chat: Chat) -> None:
    chat.take(management("change_oa_daily_quota", "", chat.clock(), quota={"new_value": "1"}))
    (row,) = chat.rows(inbox_events)
    assert (row.state, row.person_id) == ("done", "")
    assert chat.rows(people) == []


def test_a_later_change_of_the_key_ends_in_an_apology_not_in_a_loop(engine: Engine) -> None:
    chat = Chat(engine)
    accept(engine, text_event("p", "chào", "m1"))
    other_box = SecretBox("another key, quite long", "inbox")
    other_key = dataclasses.replace(chat.talk, payload_box=other_box)
    for _ in range(5):
        drain_all(engine, other_key, chat.clock)
        chat.clock.move(minutes=1)
    assert queued_texts(engine) == ["xin lỗi"]
    assert [task.kind for task in chat.rows(staff_tasks)] == ["handler_failed"]
