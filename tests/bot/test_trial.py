"""`knowledge ask`: the words and decisions of the chat, for evaluations; rubbish lines are named."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.config import SAMPLE_WARD, Settings
from bot.replies import Desk, Result, Turn
from bot.trial import Trial
from tests.handlers.world import assistant
from tests.support.house import ROOT, clean_environment, furnish
from wsgi import House


def ask(tmp_path: Path, *lines: object, arguments: tuple[str, ...] = ("--jsonl",)) -> tuple[int, list[dict]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    done = subprocess.run(
        [sys.executable, "-m", "knowledge", "ask", *arguments],
        input=text,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**clean_environment(), "DATABASE_URL": f"sqlite:///{furnish(tmp_path)}/ward.db"},
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
    """Each line by its own day: the law of 2014 ends on 28/2/2027, half fees with 2026."""
    birth, poor = "đăng ký khai sinh cần giấy tờ gì", "xin vô hộ nghèo"
    card = "làm lại căn cước bị mất tốn bao nhiêu tiền"
    days = [
        (birth, "2027-02-28"), (birth, "2027-03-01"), (birth, "2026-11-28"),
        (poor, "2026-12-31"), (poor, "2027-01-01"), (card, "2026-12-31"), (card, "2027-01-01"),
    ]  # fmt: skip
    _, rows = ask(tmp_path, *({"id": day, "question": words, "on": day} for words, day in days))
    outcomes = [row["outcome"] for row in rows]
    assert outcomes == ["answered", "handover", "answered", "answered", "handover", *outcomes[5:]]
    assert rows[1]["keys"][0] == "khai_sinh"
    assert "đã thay đổi từ ngày 01/03/2027" in rows[1]["text"]
    assert "Luật Hộ tịch 2014 hết hiệu lực" in rows[1]["text"]
    assert rows[4]["codes"][0] == "1.011607"
    assert "đã thay đổi từ ngày 01/01/2027" in rows[4]["text"]
    assert "35.000 đồng" in rows[5]["text"]
    assert "35.000 đồng" not in rows[6]["text"]
    assert "70.000 đồng" in rows[6]["text"]


def test_a_superseded_code_leads_to_what_replaces_it(tmp_path: Path) -> None:
    pairs = {"2.000986": "3.000722", "2.001023": "3.000722", "2.002621": "3.000722", "2.002622": "2.002913"}
    lines = [
        {"id": f"{code} {day}", "question": f"thủ tục {code} làm sao", "on": day}
        for code in pairs
        for day in ("2026-11-28", "2027-03-01")
    ]
    _, rows = ask(tmp_path, *lines)
    for row in rows:
        code, day = row["id"].split()
        assert row["codes"][:2] == [pairs[code], code]
        assert row["outcome"] == ("handover" if day == "2027-03-01" else "answered")
        assert "chưa xác nhận" in row["text"]


@pytest.mark.parametrize(
    "on", ["hôm qua", "2027-02-30", "2027-3-1", "01/03/2027", "", 20270301, 1.5, True, [], {},
           "2027-03-01T00:00:00", "9999-12-31", "0001-01-01"], ids=repr,
)  # fmt: skip
def test_a_day_that_is_none_is_refused(on: object) -> None:
    line = json.dumps({"id": "x", "question": "chào em", "on": on})
    (row,) = Trial(_never, str, datetime.now).lines([line])
    assert row["id"] == "x"
    assert row["error"].startswith("line 1: on ")
    assert "write it as 2027-03-01" in row["error"] or "out of reach" in row["error"]


@pytest.mark.parametrize("on", ["2000-01-01", "2099-12-31", None])
def test_every_day_that_is_allowed_is_answered(on: str | None) -> None:
    bot = assistant()
    trial = Trial(bot.respond, bot.library.code_of, lambda: datetime.now(UTC))
    lines = [
        json.dumps({"id": words, "question": words, "on": on})
        for words in ("gặp cán bộ", "làm giấy khai sinh cho bé", "mấy giờ phường mở cửa")
    ]
    assert all(row.get("text") for row in trial.lines(lines))


def test_days_that_are_none_do_not_stop_the_other_lines(tmp_path: Path) -> None:
    code, rows = ask(
        tmp_path,
        {"id": 1, "question": "chào em", "on": "2027-02-30"},
        {"id": 2, "question": "chào em", "on": "2027-03-01"},
        {"id": "ba", "question": "chào em", "on": 20270301},
        {"id": 4, "question": "chào em"},
    )
    assert code == 1
    assert [row["id"] for row in rows] == [1, 2, "ba", 4]
    assert ["error" in row for row in rows] == [True, False, True, False]
    assert rows[2]["error"].startswith("line 3: on ")


def _never(turn: Turn, desk: Desk) -> Result:
    raise AssertionError("nothing is to be answered")


def test_bad_lines_are_named_and_the_others_are_answered(tmp_path: Path) -> None:
    bad = ["{", "[]", '{"id": 1}', '{"question": 5}', '{"question": "x", "on": "hôm qua"}', "\x00"]
    code, rows = ask(tmp_path, *bad, {"id": "good", "question": "chào em"})
    assert code == 1
    assert [row["error"].split(":")[0] for row in rows[:-1]] == [f"line {n}" for n in range(1, len(bad) + 1)]
    assert rows[-1]["id"] == "good"
    assert "error" not in rows[-1]


def test_one_question_gives_its_words(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "knowledge", "ask", "sao y bản chính hết bao nhiêu tiền"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**clean_environment(), "DATABASE_URL": f"sqlite:///{furnish(tmp_path)}/ward.db"},
    )
    assert done.returncode == 0
    assert "2.000 đồng" in done.stdout


def test_the_evaluation_judges_the_whole_chat(tmp_path: Path) -> None:
    house = House(Settings(database_url=f"sqlite:///{furnish(tmp_path)}/ward.db", ward_dir=SAMPLE_WARD))
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
