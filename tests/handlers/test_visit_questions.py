"""Questions about procedures are not taken for questions about the calendar of sessions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handlers.visit_reading import action_said, for_other, kind_asked

QUESTIONS = Path(__file__).parents[1] / "knowledge" / "questions"


def test_no_question_of_the_sets_asks_for_a_session() -> None:
    lines = [
        line for path in sorted(QUESTIONS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    asked = [json.loads(line)["question"] for line in lines if line.strip()]
    assert len(asked) > 500
    assert [words for words in asked if kind_asked(words) or action_said(words)] == []


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("bữa nào phường về khóm 5 làm khai sinh", "mobile"),
        ("chung nao can bo xuong khom 3", "mobile"),
        ("lịch lưu động tháng này", "mobile"),
        ("ghi tên lưu động cho má tôi", "mobile"),
        ("tuần nào tổ tư vấn nhà đất về khóm 2", "land"),
        ("khi nào có tư vấn đất đai ở khóm", "land"),
        ("khai sinh lưu động cần giấy tờ gì", None),
        ("làm khai sinh ở khóm được không", None),
        ("khi nào có kết quả khai sinh", None),
    ],
)
def test_kinds_of_sessions_asked_for(words: str, kind: str | None) -> None:
    assert kind_asked(words) == kind


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("ĐẾN", "coming"),
        ("Chị tới nha", "coming"),
        ("đủ rồi", "ready"),
        ("còn thiếu", "papers"),
        ("em bận", "busy"),
        ("DỜI", "move"),
        ("xin dời lịch", "move"),
        ("làm gấp tại phường", "office"),
        ("hủy hẹn", "drop"),
        ("tôi muốn đổi căn cước", None),
        ("đến phường lúc nào", None),
        ("bận quá không biết làm sao", None),
    ],
)
def test_answers_to_reminders(words: str, action: str | None) -> None:
    assert action_said(words) == action


def test_on_behalf_of_somebody() -> None:
    assert for_other("ghi tên giùm ba tôi")
    assert for_other("ghi tên cho người nhà")
    assert not for_other("ghi tên khóm 5")
