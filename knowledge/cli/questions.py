"""`questions`: labelled questions as a table for officials, and back."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from knowledge.cli import Assembled
from knowledge.cli.phrasings import var_dir
from knowledge.evaluation.questions import Question, QuestionFileError, as_json, read_questions
from knowledge.evaluation.tables import as_table
from knowledge.learning.candidates import FILE, Candidates
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.privacy import personal_in

_CODE = re.compile(r"\d\.\d{6}(\.\w+)?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--var", type=Path, help="thư mục dữ liệu (mặc định: cạnh cơ sở dữ liệu)")
    actions = parser.add_subparsers(dest="action", required=True)
    one = actions.add_parser("export", help="ghi bảng CSV mở bằng Excel")
    one.add_argument("table", type=Path, help="tệp CSV sẽ ghi")
    one.add_argument("files", type=Path, nargs="*", help="tệp câu hỏi (mặc định: câu chưa trả lời được)")
    one = actions.add_parser("import", help="thêm bảng đã ghi nhãn vào một tệp JSONL")
    one.add_argument("table", type=Path, help="tệp CSV đã ghi nhãn")
    one.add_argument("file", type=Path, help="tệp JSONL nhận thêm câu hỏi")


def run(args: argparse.Namespace, assembled: Assembled | None) -> int:
    return _import(args) if args.action == "import" else _export(args, assembled)


def _export(args: argparse.Namespace, assembled: Assembled | None) -> int:
    rows = _dumped(read_questions(args.files)) if args.files else _asked_in_vain(args, assembled)
    _write(args.table, as_table(rows), "utf-8-sig")
    print(f"Đã ghi {len(rows)} câu vào {args.table}")
    return 0


def _dumped(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """A key is as good as a code in a table."""
    return [
        {**one.model_dump(), "expected": one.expected or ((one.expected_key,) if one.expected_key else ())}
        for one in questions
    ]


def _asked_in_vain(args: argparse.Namespace, assembled: Assembled | None) -> list[dict[str, Any]]:
    """The ward's own unanswered questions, with the entry that was guessed, for officials to label."""
    found = Candidates(var_dir(args, assembled) / FILE).list()
    return [
        {"id": f"phuong-{one.id}", "question": one.text, "expected": (one.key,) if one.key else ()}
        for one in found
    ]


def _import(args: argparse.Namespace) -> int:
    """All rows or none."""
    new = read_questions([args.table])
    old = read_questions([args.file]) if args.file.exists() else []
    wrong = _unfit(new, {one.id for one in old}, Library.from_entries(load_entries(args.root)))
    if wrong:
        raise QuestionFileError("\n".join(["Chưa thêm câu nào, vì có chỗ cần sửa:", *wrong]))
    _write(args.file, "".join(f"{as_json(one)}\n" for one in (*old, *new)), "utf-8")
    print(f"Đã thêm {len(new)} câu vào {args.file} (có {len(old) + len(new)} câu)")
    return 0


def _unfit(new: Sequence[Question], taken: set[str], library: Library) -> list[str]:
    names = {name for entry in library.entries() for name in (entry.key, entry.code, entry.official_name)}
    wrong = []
    for one in new:
        if one.id in taken:
            wrong.append(f"{one.id}: mã câu này đã có trong tệp nhận")
        if (found := personal_in(one.question)) is not None:
            wrong.append(f"{one.id}: có “{found}” giống thông tin cá nhân, viết lại cho khỏi lộ")
        wrong += [f"{one.id}: không có thủ tục {lost!r}" for lost in _unknown(one.expected, names)]
    return wrong


def _unknown(expected: Iterable[str], names: set[str | None]) -> list[str]:
    """A national code may be one that the library does not hold yet; other words must be known."""
    return [wanted for wanted in expected if wanted not in names and not _CODE.fullmatch(wanted)]


def _write(path: Path, text: str, encoding: str) -> None:
    """In one step, so that a full disk leaves the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(text.encode(encoding))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
