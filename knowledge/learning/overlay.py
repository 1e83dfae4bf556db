"""`phrasings.yaml` in the ward's folder: ways of asking that people there approved."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from knowledge.learning.rules import unfit
from knowledge.yaml_file import YamlError, read_yaml

FILE = "phrasings.yaml"
HEAD = """\
# Câu người dân phường hay hỏi, đã có người duyệt. Do `python -m knowledge phrasings apply` ghi;
# muốn bỏ câu nào thì xóa mục ấy rồi khởi động lại.
"""


class OverlayError(ValueError):
    """The ward's phrasings cannot be used; the text names the item and the mend."""


class Phrasing(BaseModel):
    """`by`, `day`: who approved it, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    key: str = Field(pattern=r"^[a-z0-9_]{2,80}$")
    text: str = Field(min_length=2, max_length=300)
    by: str = Field(min_length=2, max_length=80)
    day: date

    @field_validator("text")
    @classmethod
    def _fit(cls, text: str) -> str:
        if reason := unfit(text):
            raise ValueError(reason)
        return text


def _none_left(value: Any) -> Any:
    """Somebody deleted the last item and left the heading."""
    return () if value is None else value


class PhrasingFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    phrasings: Annotated[tuple[Phrasing, ...], BeforeValidator(_none_left)] = ()


def read_overlay(ward_dir: Path) -> tuple[Phrasing, ...]:
    """What is approved; nothing where there is no file."""
    path = ward_dir / FILE
    if not path.exists():
        return ()
    try:
        raw: Any = read_yaml(path)
    except YamlError as error:
        raise OverlayError(f"{path}: không đọc được YAML: {error}") from error
    try:
        return PhrasingFile.model_validate({} if raw is None else raw).phrasings
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise OverlayError("\n".join([f"{path}: có chỗ cần sửa", *lines])) from error


def by_key(phrasings: Sequence[Phrasing]) -> dict[str, list[str]]:
    more: dict[str, list[str]] = {}
    for one in phrasings:
        more.setdefault(one.key, []).append(one.text)
    return more


def _item(one: Phrasing) -> str:
    """Quoted as in JSON, which YAML reads alike."""
    text, by = (json.dumps(words, ensure_ascii=False) for words in (one.text, one.by))
    return f"  - key: {one.key}\n    text: {text}\n    by: {by}\n    day: {one.day}\n"


def write_overlay(ward_dir: Path, phrasings: Sequence[Phrasing]) -> Path:
    """Write the file in one step: readers see the old one or the new one."""
    path = ward_dir / FILE
    text = HEAD + "phrasings:\n" + "".join(map(_item, phrasings))
    handle, name = tempfile.mkstemp(dir=ward_dir, prefix=f".{FILE}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path
