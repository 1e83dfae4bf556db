"""What a reminder of a day of citizen reception says: the day and the hour, and nothing of why."""

from __future__ import annotations

from datetime import datetime

import pytest

from handlers.reception_words import ReceptionVoice
from handlers.reminder_words import VoiceByTopic, WordsOfReminders
from tests.handlers.world import phrases
from ward.calendar import VIET_NAM
from ward.reminder_matters import Matter
from ward.reminders import Due

CODE = "TD-2611-0001-4"
DAY = datetime(2026, 12, 3, 7, 0, tzinfo=VIET_NAM)
MATTER = Matter(
    code=CODE, state="booked", reminds=True, holds=True, version=None, starts_at=DAY, ends_at=DAY,
    person_id="p", topic="citizen_reception",
)  # fmt: skip
VOICE = VoiceByTopic({"citizen_reception": ReceptionVoice(phrases(), "7h30–11h")})
WORDS = WordsOfReminders(phrases(), {"appointment": VOICE})


@pytest.mark.parametrize(
    ("kind", "when", "near"),
    [("t1", (2, 17), "ngày mai, thứ Năm 03/12/2026"), ("morning", (3, 6), "hôm nay, thứ Năm 03/12/2026")],
)
def test_day_and_hour_only(kind: str, when: tuple[int, int], near: str) -> None:
    now = datetime(2026, 12, *when, tzinfo=VIET_NAM)
    said = WORDS.say(Due(1, "appointment", 1, 0, kind, "p", now), MATTER, now)
    assert said is not None
    assert said.reply.text == f"Dạ nhắc mình: {near} · 7h30–11h\nMình có hẹn với phường. Mã {CODE}."
    assert [button.title for button in said.reply.buttons] == ["Bỏ hẹn"]
    assert [button.payload for button in said.reply.buttons] == [f"#ward:not_coming:{CODE}"]
    assert "tiếp" not in said.line


def test_news_has_no_words() -> None:
    assert WORDS.say(Due(1, "appointment", 1, 0, "proposed", "p", DAY), MATTER, DAY) is None
