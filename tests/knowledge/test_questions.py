"""Files of labelled questions: JSON lines and tables from a spreadsheet, and everything wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.__main__ import main
from knowledge.evaluation.questions import (
    Question,
    QuestionFileError,
    as_json,
    conversation,
    families,
    read_questions,
)
from knowledge.evaluation.tables import as_table

HEAD = "mã câu,câu hỏi,thủ tục đúng,phần hỏi,loại,câu trước"


def written(path: Path, text: str, encoding: str = "utf-8") -> list[Path]:
    path.write_bytes(text.encode(encoding))
    return [path]


def table(tmp_path: Path, *rows: str, head: str = HEAD) -> list[Question]:
    return read_questions(written(tmp_path / "phuong.csv", "\r\n".join([head, *rows]), "utf-8-sig"))


def test_json_lines(tmp_path: Path) -> None:
    rows = [{"id": 1, "question": " làm gì ", "expected": None, "facet": None, "kind": None, "origin": "x"}]
    (one,) = read_questions(written(tmp_path / "a.jsonl", json.dumps(rows[0]) + "\n\n"))
    assert (one.id, one.question, one.expected, one.facet, one.kind) == ("1", "làm gì", (), "other", "clean")
    assert Question.model_validate_json(as_json(one)) == one


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "cần một đối tượng JSON"),
        ("[]", "cần một đối tượng JSON"),
        ("[" * 100_000, "cần một đối tượng JSON"),
        ('{"id": "1"}', "question: còn thiếu"),
        ('{"question": "x"}', "id: còn thiếu"),
        ('{"id": "1", "question": "  "}', "question: đang để trống"),
        ('{"id": "1", "question": "x", "facet": "gia"}', "'gia' không phải một phần"),
        ('{"id": "1", "question": "x", "expected": "1.001193"}', "expected"),
        (json.dumps({"id": "1", "question": "a" * 20_001}), "dài quá"),
    ],
)
def test_every_bad_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    good = '{"id": "good", "question": "x"}'
    with pytest.raises(QuestionFileError) as raised:
        read_questions(written(tmp_path / "a.jsonl", f"{good}\n{line}\n{line}\n"))
    assert "a.jsonl, dòng 2: " in str(raised.value)
    assert "a.jsonl, dòng 3: " in str(raised.value)
    assert told in str(raised.value)


def test_an_id_is_used_once(tmp_path: Path) -> None:
    line = '{"id": "1", "question": "x"}\n'
    with pytest.raises(QuestionFileError, match="id '1' đứng ở hai câu"):
        read_questions(written(tmp_path / "a.jsonl", line * 3))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match="không đọc được"):
        read_questions([tmp_path / "gone.jsonl"])
    with pytest.raises(QuestionFileError, match="CSV UTF-8"):
        read_questions(written(tmp_path / "a.csv", "câu hỏi\nđường", "utf-16"))


def test_the_command_says_it_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = written(tmp_path / "a.jsonl", "{")
    assert main(["evaluate", str(path)]) == 1
    assert "dòng 1" in capsys.readouterr().err


def test_a_table_of_a_spreadsheet(tmp_path: Path) -> None:
    one, two, three, four = table(
        tmp_path,
        'a,"khai sinh cần gì, dạ?",1.001193,Hồ sơ,,',
        "b,còn lệ phí,1.001193,lệ phí,hỏi nối,a",
        '"","kết hôn rồi nhập hộ khẩu",1.000894 thuong_tru,,nhiều việc,"chào em\nhỏi chút"',
        ",,,,,",
        "c,giá vàng,,,ngoài phạm vi,",
    )
    assert (one.question, one.expected, one.facet, one.kind) == (
        "khai sinh cần gì, dạ?", ("1.001193",), "ho_so", "clean",
    )  # fmt: skip
    assert (two.context, two.facet, two.kind) == ("a", "le_phi", "followup")
    assert (three.expected, three.kind) == (("1.000894", "thuong_tru"), "multi")
    assert three.context == ("chào em", "hỏi chút")
    assert (four.id, four.kind, four.expected) == ("c", "out_of_scope", ())


@pytest.mark.parametrize("mark", [";", "\t", ","])
def test_what_excel_puts_between_cells(tmp_path: Path, mark: str) -> None:
    (one,) = table(
        tmp_path, mark.join(["x", "làm gì", "1.001193"]), head=mark.join(["id", "question", "expected"])
    )
    assert (one.id, one.expected) == ("x", ("1.001193",))


def test_rows_without_an_id_are_named_by_their_line(tmp_path: Path) -> None:
    one, two = table(tmp_path, "làm gì,1.001193", "làm sao,1.001193", head="câu hỏi,thủ tục đúng")
    assert (one.id, two.id) == ("phuong-2", "phuong-3")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,,1.001193,,,", "dòng 2: question: đang để trống"),
        ("a,làm gì,1.001193,màu sắc,,", "dòng 2: facet: 'màu sắc' không phải"),
        ("a,làm gì,,,,", "dòng 2: chưa ghi thủ tục đúng"),
        ('a,"làm gì', "không phải bảng CSV"),
    ],
)
def test_bad_rows_of_a_table(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(QuestionFileError, match=told):
        table(tmp_path, row)


@pytest.mark.parametrize("head", ["", "a,b,c", "\x00"])
def test_a_table_without_its_columns(tmp_path: Path, head: str) -> None:
    with pytest.raises(QuestionFileError, match="dòng đầu phải có các cột|không phải bảng CSV"):
        table(tmp_path, "1,2,3", head=head)


@pytest.mark.parametrize("text", ["=1+2", "+84 là gì", "-5", "@cmd", "=HYPERLINK(1)"])
def test_a_question_is_never_a_formula(tmp_path: Path, text: str) -> None:
    told = Question(id="1", question=text, expected=("1.001193",), context=("=A1 đó",))
    written_table = as_table([told.model_dump()])
    assert f"'{text}" in written_table
    assert "'=A1" in written_table
    (back,) = read_questions(written(tmp_path / "b.csv", written_table, "utf-8-sig"))
    assert (back.question, back.context) == (text, ("=A1 đó",))


def asked(number: str, **more: Any) -> Question:
    return Question(id=number, question=f"câu {number}", **more)


def test_variants_and_follow_ups_are_one_family() -> None:
    questions = [
        asked("1", note="need d007: khai sinh"),
        asked("2", context="1"),
        asked("3", note="need d007: như trên"),
        asked("4"),
        asked("5", context="6"),
        asked("6", context="5"),
    ]
    found = families(questions)
    assert found["1"] == found["2"] == found["3"] == "d007"
    assert found["4"] == "4"
    assert set(found) == {"1", "2", "3", "4", "5", "6"}


def test_an_unknown_context_is_no_conversation() -> None:
    assert conversation(asked("1", context="gone"), {}) == ["câu 1"]
