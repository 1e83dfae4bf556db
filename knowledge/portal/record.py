"""The two outside formats, and the one record they become."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from knowledge.portal import clean
from knowledge.schema import CODE_PATTERN

PORTAL = "dichvucong.gov.vn"
KEY_PREFIX = "dvcqg_"
LEVELS = {"Cấp xã": "xã", "Cấp tỉnh": "tỉnh", "Cấp bộ": "bộ", "Cơ quan khác": "khác"}
LONGEST_NAME = 1500
_ADDRESS = re.compile(r"https://[\x21-\x7e]{1,300}")
_OTHER_CODE = re.compile(r"mã (?:số )?thủ tục\W{0,5}(\d\.\d{6})\b", re.I)
_CODE_IN_NAME = re.compile(r"\(\s*\d\.\d{6}\s*\)\s*\.?\s*$")
Kind = Literal["crawl", "parsed"]
Words = Annotated[str, Field(max_length=400_000)]


class Outside(BaseModel):
    """Fields we do not use may be there; those we use must be texts."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class Crawled(Outside):
    """A line of the crawl: the portal's own field names."""

    ma_thu_tuc: Words
    ten_thu_tuc: Words
    detail_url: Words
    linh_vuc: Words = ""
    cap_thuc_hien: Words = ""
    co_quan_thuc_hien: Words = ""
    co_quan_co_tham_quyen: Words = ""
    doi_tuong_thuc_hien: Words = ""
    so_quyet_dinh: Words = ""
    ministry: Words = ""
    raw_text: Words = ""


class Parsed(Outside):
    """A record of the parsed format."""

    code: Words
    name: Words
    portal_url: Words
    field: Words = ""
    level: Words = ""
    authority: Words = ""
    audience: Words = ""
    decision: Words = ""
    ministry: Words = ""
    raw_text: Words = ""


class Record(BaseModel):
    """A procedure as the portal names it. No fee, time or papers: those of the portal are not believed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    name: str
    field: str | None
    level: str | None
    body: str | None
    audience: str | None
    decision: str | None
    ministry: str | None
    url: str

    @model_validator(mode="after")
    def _of_the_portal(self) -> Record:
        """Checked once more when the stored file is read: a citizen is sent to this address."""
        if not CODE_PATTERN.fullmatch(self.code) or not on_portal(self.url):
            raise ValueError(f"{self.code}: mã hoặc đường dẫn không phải của Cổng")
        return self

    @property
    def key(self) -> str:
        return KEY_PREFIX + self.code.replace(".", "_")


class Refusal(ValueError):
    """This record is not imported; `code` is what it calls itself."""

    def __init__(self, code: str, why: str, detail: str = "") -> None:
        super().__init__(f"{code}: {why} {detail}".strip())
        self.code, self.why, self.detail = code, why, detail


def record_of(raw: Any, kind: Kind) -> Record:
    """The clean record, or the reason why there is none."""
    if not isinstance(raw, dict):
        raise Refusal("?", "không phải một hồ sơ (cần một cặp ngoặc {…})")
    said = raw.get("ma_thu_tuc" if kind == "crawl" else "code")
    code = clean.text(said)[:20] if isinstance(said, str) else "?"
    try:
        page = Crawled.model_validate(raw) if kind == "crawl" else _as_crawled(Parsed.model_validate(raw))
    except ValidationError as error:
        raise Refusal(code, "thiếu trường hoặc sai kiểu", _fields(error)) from None
    return _checked(page, code)


def _as_crawled(page: Parsed) -> Crawled:
    return Crawled(
        ma_thu_tuc=page.code, ten_thu_tuc=page.name, detail_url=page.portal_url, linh_vuc=page.field,
        cap_thuc_hien=page.level, co_quan_thuc_hien=page.authority, doi_tuong_thuc_hien=page.audience,
        so_quyet_dinh=page.decision, ministry=page.ministry, raw_text=page.raw_text,
    )  # fmt: skip


def _checked(page: Crawled, code: str) -> Record:
    if not CODE_PATTERN.fullmatch(code) or not code.isascii():
        raise Refusal(code or "?", "mã không đúng dạng 1.001193")
    name = clean.known(_CODE_IN_NAME.sub("", page.ten_thu_tuc))
    if name is None or len(name) < 3:
        raise Refusal(code, "không có tên thủ tục")
    if len(name) > LONGEST_NAME:
        raise Refusal(code, "tên thủ tục dài bất thường", f"{len(name)} chữ cái")
    if not on_portal(page.detail_url):
        raise Refusal(code, f"đường dẫn không phải trang https của {PORTAL}")
    if (other := _OTHER_CODE.search(page.raw_text)) and other[1] != code:
        raise Refusal(code, "trang sai: nội dung ghi mã khác", other[1])
    return Record(
        code=code, name=name, url=page.detail_url, field=clean.known(page.linh_vuc),
        level=_level(page.cap_thuc_hien),
        body=clean.bodies(page.co_quan_thuc_hien) or clean.bodies(page.co_quan_co_tham_quyen),
        audience=clean.known(page.doi_tuong_thuc_hien), decision=clean.known(page.so_quyet_dinh),
        ministry=clean.known(page.ministry),
    )  # fmt: skip


def on_portal(url: str) -> bool:
    """An https page of the portal itself, and nothing hidden in the address."""
    if not _ADDRESS.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        plain = parts.port is None and parts.username is None
    except ValueError:
        return False
    return plain and parts.hostname in (PORTAL, f"www.{PORTAL}") and "\\" not in url


def _level(written: str) -> str | None:
    """Levels of government from the ward up: "xã, tỉnh"."""
    words = clean.text(written)
    return ", ".join(short for said, short in LEVELS.items() if said.casefold() in words.casefold()) or None


def _fields(error: ValidationError) -> str:
    return ", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()}))
