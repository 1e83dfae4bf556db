"""Labelled questions: JSON lines, or a table that officials fill in with a spreadsheet (CSV).

A question has `id`, `question`, `expected` (national codes, official names where there is no code, or keys),
`accept` (also right), `facet`, `kind`, `context`: the id of the question asked before in the same
conversation, or the earlier questions themselves, oldest first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from knowledge.evaluation import tables
from knowledge.facets import Facet

CSV = ".csv"
LONGEST = 20_000
OTHER_KINDS = (
    "out_of_scope", "health_out_of_scope", "complaint", "smalltalk", "human", "emergency", "privacy",
    "nonsense",
)  # fmt: skip
"""Kinds of question that no procedure answers."""
_NEED = re.compile(r"\bneed (\w+)")


class QuestionFileError(ValueError):
    """A file of questions that cannot be used; the text names every bad line and its mend."""


def _tuple(value: Any) -> Any:
    return () if value is None else value


def _id(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Many = Annotated[tuple[str, ...], BeforeValidator(_tuple)]


class Question(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    id: Annotated[str, BeforeValidator(_id)] = Field(min_length=1)
    question: str = Field(min_length=1, max_length=LONGEST)
    expected: Many = ()
    expected_key: str | None = None
    accept: Many = ()
    facet: Annotated[Facet, BeforeValidator(lambda value: value or "other")] = "other"
    kind: Annotated[str, BeforeValidator(lambda value: value or "clean")] = Field("clean", max_length=40)
    context: str | tuple[str, ...] | None = None
    note: str | None = None

    @property
    def of_procedure(self) -> bool:
        return bool(self.expected or self.expected_key)


def read_questions(paths: Iterable[Path]) -> list[Question]:
    """All questions of the files, or a QuestionFileError with everything that is wrong with them."""
    read: list[Question] = []
    wrong: list[str] = []
    for path in paths:
        for number, raw in _rows(path):
            try:
                read.append(_checked(Question.model_validate(raw), labelled=path.suffix.casefold() == CSV))
            except ValidationError as error:
                wrong += [f"{path.name}, dòng {number}: {_reason(item)}" for item in error.errors()]
            except ValueError as error:
                wrong.append(f"{path.name}, dòng {number}: {error}")
    wrong += _lost(read)
    if wrong:
        raise QuestionFileError("\n".join(["Tệp câu hỏi có chỗ cần sửa, chưa đọc câu nào:", *wrong]))
    return read


def _checked(question: Question, labelled: bool) -> Question:
    """In a table an empty cell is more likely forgotten than meant."""
    if labelled and not question.of_procedure and question.kind not in OTHER_KINDS:
        kinds = ", ".join(tables.label(kind) for kind in OTHER_KINDS)
        raise ValueError(f"chưa ghi thủ tục đúng (mã hoặc tên thẻ); không hỏi thủ tục thì ghi loại: {kinds}")
    return question


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise QuestionFileError(f"{path}: không đọc được ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(
            f"{path}: không phải UTF-8. Trong Excel, lưu lại kiểu “CSV UTF-8 (Comma delimited)”."
        ) from error
    if path.suffix.casefold() == CSV:
        try:
            yield from tables.rows_of(text, path.stem)
        except tables.TableError as error:
            raise QuestionFileError(f"{path.name}: {error}") from error
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, _json(line)


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return None


def _reason(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if not where:
        return 'cần một đối tượng JSON như {"id": "1", "question": "…", "expected": ["1.001193"]}'
    told = {
        "missing": "còn thiếu",
        "string_too_short": "đang để trống",
        "string_too_long": f"dài quá {LONGEST} chữ cái",
        "literal_error": f"{item['input']!r} không phải một phần của thủ tục (ho_so, thoi_han, le_phi …)",
    }
    return f"{where}: {told.get(item['type'], item['msg'])}"


def _lost(read: Sequence[Question]) -> list[str]:
    seen: set[str] = set()
    twice = [one.id for one in read if one.id in seen or seen.add(one.id)]  # type: ignore[func-returns-value]
    return [f"id {name!r} đứng ở hai câu: mỗi câu một id" for name in dict.fromkeys(twice)]


def conversation(question: Question, by_id: Mapping[str, Question]) -> list[str]:
    """What was said, oldest first, the question itself last."""
    said = [question.question]
    seen = {question.id}
    while isinstance(question.context, str) and question.context in by_id and question.context not in seen:
        question = by_id[question.context]
        seen.add(question.id)
        said.insert(0, question.question)
    return [*question.context, *said] if isinstance(question.context, tuple) else said


def families(questions: Sequence[Question]) -> dict[str, str]:
    """Question id → what its variants and follow-ups have in common, so that they can be kept together."""
    by_id = {question.id: question for question in questions}
    return {question.id: _family(question, by_id) for question in questions}


def _family(question: Question, by_id: Mapping[str, Question]) -> str:
    first, seen = question, {question.id}
    while isinstance(first.context, str) and first.context in by_id and first.context not in seen:
        first = by_id[first.context]
        seen.add(first.id)
    named = _NEED.search(first.note or "")
    return named[1] if named else first.id


def as_json(question: Question) -> str:
    """One line of a JSONL file."""
    kept = question.model_dump(mode="json", exclude_none=True)
    return json.dumps(kept, ensure_ascii=False)
