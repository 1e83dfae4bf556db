"""`knowledge ask`: the words and decisions of the chat, for evaluations; rubbish lines are named."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bot.config import SAMPLE_WARD, Settings
from tests.support.house import ROOT, clean_environment
from wsgi import House


def ask(tmp_path: Path, *lines: object, arguments: tuple[str, ...] = ("--jsonl",)) -> tuple[int, list[dict]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    done = subprocess.run(
        [sys.executable, "-m", "knowledge", "ask", *arguments],
        input=text,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**clean_environment(), "DATABASE_URL": f"sqlite:///{tmp_path}/ward.db"},
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_answers_follow_the_contract(tmp_path: Path) -> None:
    code, rows = ask(
        tmp_path,
        {"id": "a", "question": "làm giấy khai sanh cho bé cần gì"},
        {"id": 2, "question": "vậy mất bao lâu?", "context": ["lam khai sinh cho be"]},
        {"id": "c", "question": "tui muon lam giay dat", "context": None},
        {"id": "d", "question": "giá vàng hôm nay"},
    )
    assert code == 0
    assert [row["id"] for row in rows] == ["a", 2, "c", "d"]
    first, follow, choice, out = rows
    assert set(first) == {"id", "outcome", "keys", "codes", "facet", "choices", "text"}
    assert (first["outcome"], first["keys"][0], first["codes"][0], first["facet"]) == (
        "answered", "khai_sinh", "1.001193", "ho_so",
    )  # fmt: skip
    assert len(first["keys"]) == len(first["codes"]) <= 5
    assert (follow["outcome"], follow["keys"][0], follow["facet"]) == ("followup", "khai_sinh", "thoi_han")
    assert choice["outcome"] == "clarify"
    assert 2 <= len(choice["choices"]) <= 4
    assert all(set(item) == {"key", "code"} for item in choice["choices"])
    assert out["outcome"] == "out_of_scope"
    assert out["text"]


def test_the_day_asked_about_counts(tmp_path: Path) -> None:
    """The law of 2014 ends on 28/2/2027: afterwards its procedures are not told as current."""
    question = {"id": 1, "question": "đăng ký khai sinh cần giấy tờ gì", "on": "2027-03-01"}
    _, (row,) = ask(tmp_path, question)
    assert row["outcome"] == "handover"
    assert "28/02/2027" in row["text"]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"id": 1}', '{"question": 5}', '{"question": "x", "on": "hôm qua"}', "\x00"]
)
def test_a_bad_line_is_named_and_the_others_are_answered(tmp_path: Path, line: str) -> None:
    code, rows = ask(tmp_path, line, {"id": "good", "question": "chào em"})
    assert code == 1
    assert rows[0]["error"].startswith("line 1: ")
    assert rows[1]["id"] == "good"


def test_one_question_gives_its_words(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "knowledge", "ask", "sao y bản chính hết bao nhiêu tiền"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**clean_environment(), "DATABASE_URL": f"sqlite:///{tmp_path}/ward.db"},
    )
    assert done.returncode == 0
    assert "2.000 đồng" in done.stdout


def test_the_evaluation_judges_the_whole_chat(tmp_path: Path) -> None:
    house = House(Settings(database_url=f"sqlite:///{tmp_path}/ward.db", ward_dir=SAMPLE_WARD))
    play = house.voice(None)(house.library)
    first = play(["làm giấy khai sanh cho bé cần gì"])
    assert (first.answered, first.facet, first.ranked[0]) == ("khai_sinh", "ho_so", "khai_sinh")
    assert first.score is not None
    assert first.text
    follow = play(["lam khai sinh cho be", "vậy mất bao lâu?"])
    assert (follow.outcome, follow.answered) == ("followup", "khai_sinh")
    assert len(play(["tui muon lam giay dat"]).choices) >= 2
    assert play(["bo tui giong nhu bi dien giat roi cuu voi"]).answered is None
    ended = house.voice(date(2027, 3, 1))(house.library)(["đăng ký khai sinh cần giấy tờ gì"])
    assert (ended.outcome, ended.answered) == ("handover", None)
