"""What Zalo's error codes mean and what is to be done: errors.yaml, checked."""

from __future__ import annotations

from datetime import time
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from knowledge.yaml_file import YamlError, read_yaml

Action = Literal["retry", "wait", "stop_person", "alert", "fix", "switch", "renew_token", "unknown"]

UNKNOWN_VI = "Zalo trả về mã lỗi không có trong bảng mã."
UNKNOWN_MEND_VI = "Báo người phụ trách kỹ thuật kèm mã lỗi, trả lời công dân trong OA Manager."


class ErrorRule(BaseModel):
    """One row. `delay_s`: seconds before a retry · `times`: most retries · `until`: local time of day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: int
    action: Action
    delay_s: int | None = Field(None, ge=1)
    times: int | None = Field(None, ge=1)
    until: time | None = None
    meaning_vi: str = Field(min_length=1)
    mend_vi: str = Field(min_length=1)
    meaning_en: str = Field(min_length=1)

    @model_validator(mode="after")
    def _has_what_its_action_needs(self) -> ErrorRule:
        if (self.action == "retry") != (self.delay_s is not None):
            raise ValueError(f"{self.code}: delay_s belongs to retry, and retry needs it")
        if (self.action == "wait") != (self.until is not None):
            raise ValueError(f"{self.code}: until belongs to wait, and wait needs it")
        return self

    @property
    def staff_text(self) -> str:
        return f"{self.meaning_vi} {self.mend_vi} (mã {self.code})"


def load_rules(path: Path) -> dict[int, ErrorRule]:
    """The rows of a table by code. Raises ValueError for a bad row or a code given twice."""
    try:
        rows = TypeAdapter(list[ErrorRule]).validate_python(read_yaml(path))
    except YamlError as error:
        raise ValueError(f"{path.name}: not readable YAML: {error}") from error
    rules = {row.code: row for row in rows}
    if len(rules) != len(rows):
        raise ValueError(f"{path.name}: a code stands twice")
    return rules


@cache
def rules() -> dict[int, ErrorRule]:
    return load_rules(Path(__file__).with_name("errors.yaml"))


@cache
def zbs_rules() -> dict[int, ErrorRule]:
    """The table of the ZBS host: the same numbers mean other things there."""
    return load_rules(Path(__file__).with_name("zbs_errors.yaml"))


def zbs_rule_for(code: int) -> ErrorRule:
    return zbs_rules().get(code) or _unlisted(code)


def rule_for(code: int) -> ErrorRule:
    """The row of `code`; an unlisted code is given up and reported."""
    return rules().get(code) or _unlisted(code)


def _unlisted(code: int) -> ErrorRule:
    return ErrorRule(
        code=code,
        action="unknown",
        meaning_vi=UNKNOWN_VI,
        mend_vi=UNKNOWN_MEND_VI,
        meaning_en="not in the table",
    )
