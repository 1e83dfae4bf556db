from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.__main__ import main
from knowledge.evaluate import Question, judge_all, read_questions, right_keys, table
from knowledge.library import Library


def question(number: str, text: str, expected: tuple[str, ...] = (), **more: Any) -> Question:
    return Question(number, text, expected, more.pop("facet", "other"), more.pop("kind", "clean"), **more)


def test_right_answer_facet_and_place(library: Library) -> None:
    (verdict,) = judge_all(
        [question("1", "làm khai sinh cho bé cần giấy gì", ("1.001193",), facet="ho_so")], library
    )
    assert verdict.held
    assert verdict.top1
    assert verdict.answered
    assert verdict.solved
    assert verdict.facet
    assert not verdict.wrong


def test_wrong_answer(library: Library) -> None:
    (verdict,) = judge_all([question("1", "làm khai sinh cho bé", ("1.000656",))], library)
    assert verdict.wrong
    assert not verdict.solved


def test_offered_counts_as_solved(library: Library) -> None:
    (verdict,) = judge_all([question("1", "tui muốn làm giấy đất", ("1.013831",))], library)
    assert verdict.offered
    assert verdict.solved
    assert not verdict.answered


def test_code_the_library_does_not_hold(library: Library) -> None:
    (verdict,) = judge_all([question("1", "xin giấy phép bay flycam", ("9.999999",))], library)
    assert not verdict.held
    assert verdict.refused


def test_refusal_is_right_when_nothing_is_expected(library: Library) -> None:
    asked = [
        question("1", "giá vàng hôm nay", kind="out_of_scope"),
        question("2", "làm khai sinh cho bé", kind="x"),
    ]
    fine, false_answer = judge_all(asked, library)
    assert fine.solved
    assert fine.refused
    assert false_answer.wrong
    assert not false_answer.solved


def test_accepted_code_of_an_out_of_scope_question(library: Library) -> None:
    (verdict,) = judge_all([question("1", "làm khai sinh cho bé", accept=("1.001193",))], library)
    assert verdict.solved
    assert not verdict.wrong


def test_all_codes_are_needed_for_multi(library: Library) -> None:
    both = question(
        "1", "đăng ký kết hôn rồi làm lại căn cước bị mất", ("1.000894", "1.014064"), kind="multi"
    )
    one = question("2", "đăng ký kết hôn", ("1.000894", "1.014064"), kind="multi")
    first, second = judge_all([both, one], library)
    assert first.solved
    assert not second.solved
    assert len(right_keys(both, library)) == 2


def test_names_stand_for_codes_where_there_is_none(library: Library) -> None:
    entry = next(entry for entry in library.entries() if entry.code is None)
    assert right_keys(question("1", "?", (entry.official_name,)), library) == [{entry.key}]
    assert right_keys(question("1", "?", ("tên cũ",), expected_key=entry.key), library) == [{entry.key}]


def test_context_leads_to_the_earlier_question(library: Library) -> None:
    asked = [
        question("1", "đăng ký kết hôn cần gì", ("1.000894",)),
        question("2", "vậy mất bao lâu", ("1.000894",), context="1", kind="followup", facet="thoi_han"),
    ]
    verdict = judge_all(asked, library)[1]
    assert verdict.answered
    assert verdict.understood.outcome == "followup"
    assert verdict.facet


def test_a_circle_of_contexts_ends(library: Library) -> None:
    asked = [question("1", "a", context="2"), question("2", "b", context="1")]
    assert len(judge_all(asked, library)) == 2


@pytest.fixture
def question_file(tmp_path: Path) -> Path:
    rows = [
        {
            "id": "1",
            "question": "làm khai sinh",
            "expected": ["1.001193"],
            "facet": "tong_quan",
            "kind": "clean",
        },
        {
            "id": "2",
            "question": "giá vàng",
            "expected": [],
            "facet": "other",
            "kind": "out_of_scope",
            "context": None,
        },
        {
            "id": "3",
            "question": "xin giấy phép bay flycam",
            "expected": ["9.999999"],
            "facet": "ho_so",
            "kind": "clean",
        },
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n\n", "utf-8")
    return path


def test_read_questions(question_file: Path) -> None:
    assert [one.id for one in read_questions([question_file])] == ["1", "2", "3"]


def test_table_has_a_line_a_kind(question_file: Path, library: Library) -> None:
    text = table(judge_all(read_questions([question_file]), library))
    assert "out_of_scope" in text
    assert text.count("TỔNG") == 4


def test_evaluate_command(question_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(question_file), "--show", "unsolved"]) == 0
    assert "xin giấy phép bay flycam" in capsys.readouterr().out


def test_search_command_explains(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "lam khai sanh cho be", "--explain"]) == 0
    out = capsys.readouterr().out
    assert "khai_sinh" in out
    assert "phrase +" in out


def test_build_and_check_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--db", str(tmp_path / "library.db")]) == 0
    assert (tmp_path / "library.db").exists()
    assert main(["check"]) == 0
    assert "0 lỗi" in capsys.readouterr().out


def test_check_command_fails_on_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ho_tich").mkdir()
    (tmp_path / "ho_tich" / "hong.yaml").write_text("key: hong\n", "utf-8")
    assert main(["--root", str(tmp_path), "check"]) == 1
    assert "hong.yaml" in capsys.readouterr().out
    assert main(["--root", str(tmp_path), "build", "--db", str(tmp_path / "x.db")]) == 1
    assert "hong.yaml" in capsys.readouterr().err


def test_ask_is_handed_to_the_owner() -> None:
    seen: list[Any] = []

    def owner(args: Any) -> int:
        seen.append(args)
        return 7

    assert main(["ask", "làm khai sinh", "--jsonl"], ask=owner) == 7
    assert seen[0].text == "làm khai sinh"
    assert seen[0].jsonl
