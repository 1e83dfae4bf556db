"""Forms to be sent: what the ward has put into `<ward>/forms/` (one TOML for each, with its file beside it).

forms/mau_02_gphd.toml:  title = "Đơn đề nghị cấp giấy phép hoạt động (Mẫu 02)"
                         procedures = ["gphd_cap_moi"]   file = "mau-02.docx"   (or link = "https://…")
                         version = "Phụ lục II NĐ 96/2023/NĐ-CP"   date = 2026-01-15
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import Connection

from store.engine import upsert
from store.schema import form_downloads
from ward.profile import WardFileError

FOLDER: Final = "forms"
SUFFIXES: Final = (".pdf", ".docx")
LARGEST: Final = 5 * 1024 * 1024
_KEY = re.compile(r"[a-z0-9_]{2,60}")


class Form(BaseModel):
    """`file`: beside the TOML, sent through Zalo; `link`: where it lies otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    key: str
    title: str = Field(min_length=3, max_length=150)
    procedures: tuple[str, ...] = Field(min_length=1)
    version: str = Field(min_length=1, max_length=80)
    date: date
    file: str | None = Field(None, pattern=r"^[\w.-]+$")
    link: str | None = Field(None, pattern=r"^https://\S+$", max_length=500)

    @model_validator(mode="after")
    def _somewhere(self) -> Form:
        if not self.file and not self.link:
            raise ValueError("cần `file` hoặc `link`")
        return self

    @property
    def path(self) -> str | None:
        """Below the ward's folder."""
        return f"{FOLDER}/{self.file}" if self.file else None


@dataclass(frozen=True)
class FormShelf:
    """Read anew each time: what is put into the folder counts at once."""

    ward_dir: Path | None = None

    def of(self, procedure: str) -> tuple[Form, ...]:
        return tuple(form for form in self.all() if procedure in form.procedures)

    def all(self) -> tuple[Form, ...]:
        """Those that can be sent; `faults` says what is wrong with the others."""
        return tuple(form for form in map(_read, self._files()) if isinstance(form, Form))

    def faults(self) -> tuple[str, ...]:
        return tuple(fault for fault in map(_read, self._files()) if isinstance(fault, str))

    def check(self) -> None:
        if found := self.faults():
            raise WardFileError("\n".join(found))

    def _files(self) -> list[Path]:
        return sorted((self.ward_dir / FOLDER).glob("*.toml")) if self.ward_dir else []


def _read(path: Path) -> Form | str:
    """The form, or what is wrong with its file."""
    if not _KEY.fullmatch(path.stem):
        return f"{path}: tên tệp chỉ gồm chữ thường không dấu, số và gạch dưới"
    try:
        form = Form.model_validate({"key": path.stem, **tomllib.loads(path.read_text("utf-8"))})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError, OSError) as error:
        return f"{path}: {error}"
    return _with_file(path, form)


def _with_file(path: Path, form: Form) -> Form | str:
    """A file that Zalo does not take is left aside when there is a link."""
    if form.file is None:
        return form
    file = path.with_name(form.file)
    if not file.is_file():
        fault = "không có tệp này"
    elif file.suffix.lower() not in SUFFIXES:
        fault = "chỉ gửi được PDF hoặc DOCX"
    elif not 0 < file.stat().st_size <= LARGEST:
        fault = "tệp rỗng hoặc lớn hơn 5 MB"
    else:
        return form
    return form.model_copy(update={"file": None}) if form.link else f"{path}: {form.file}: {fault}"


def count_download(connection: Connection, oa_id: str, form: str, day: date) -> None:
    """One more of this form on this day; nobody's name."""
    adding = upsert(connection, form_downloads).values(oa_id=oa_id, form=form, day=day, count=1)
    connection.execute(
        adding.on_conflict_do_update(
            index_elements=["oa_id", "form", "day"], set_={"count": form_downloads.c.count + 1}
        )
    )
