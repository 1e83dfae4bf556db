"""Canned replies of officials: texts with checked placeholders, chosen by kind, field and state of a case.

A placeholder that nobody knows is refused when the text is saved; one whose value is unknown for the case
at hand is refused when it is filled, so that no citizen ever reads "{han}".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, func, insert, select, update

from knowledge.library import Library
from knowledge.yaml_file import YamlError, read_yaml
from store.schema import canned_replies
from ward.calendar import say_by_when
from ward.cases.model import Kind, State
from ward.profile import WardFileError, WardProfile

FILE = "canned.yaml"
SHIPPED = Path(__file__).parent / "sample" / FILE

KNOWN: Final[dict[str, str]] = {
    "ten_can_bo": "tên cán bộ đang trả lời",
    "chuc_danh": "chức danh của cán bộ",
    "ma": "mã phiếu",
    "han": "hạn trả lời của phiếu",
    "khom": "khóm ghi trong phiếu",
    "thu_tuc": "tên thủ tục của phiếu",
    "noi_nop": "nơi nộp của thủ tục",
    "phuong": "tên phường",
    "mot_cua": "tên nơi tiếp nhận hồ sơ của phường",
    "dia_chi": "địa chỉ nơi tiếp nhận hồ sơ",
    "dien_thoai": "số điện thoại chung của phường",
}
"""Filled from the case, the official, the library and the ward's folder."""
BY_HAND: Final[dict[str, str]] = {
    "ly_do": "lý do",
    "can_them": "điều cần hỏi thêm",
    "ket_qua": "đã làm gì, ở đâu, ngày nào",
    "huong_dan": "lời hướng dẫn lại",
    "noi_giai_quyet": "cơ quan giải quyết và địa chỉ",
}
"""Written by the official each time; an answer with one of them left is not to be sent."""
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


class CannedError(ValueError):
    """A canned text that cannot be used; the text says the mend, in Vietnamese."""


class ValueUnknown(CannedError):
    """The case at hand lacks a value; `names` are its placeholders."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = tuple(sorted(names))
        told = ", ".join(f"{{{name}}} ({(KNOWN | BY_HAND)[name]})" for name in self.names)
        super().__init__(f"Phiếu này chưa có: {told}. Điền thêm hoặc chọn câu khác.")


class Canned(BaseModel):
    """A canned reply as it is written; empty lists mean any."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    title: str = Field(min_length=3, max_length=120)
    text: str = Field(min_length=10, max_length=2000)
    kinds: tuple[Kind, ...] = ()
    fields: tuple[str, ...] = ()
    states: tuple[State, ...] = ()


class Official(Protocol):
    """Who answers (ward.staff.Official)."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...


@dataclass(frozen=True)
class Asked:
    """What of a case a canned text may name. `procedure`: key of the entry the official chose."""

    code: str
    due_at: datetime | None
    khom: str | None = None
    procedure: str | None = None


def check(text: str) -> None:
    """Refuse braces that are no known placeholder, with the list of those that are."""
    names = _PLACEHOLDER.findall(text)
    unknown = [name for name in names if name not in KNOWN and name not in BY_HAND]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in (*KNOWN, *BY_HAND))
        raise CannedError(f"Không có chỗ điền tên {{{unknown[0]}}}. Dùng được: {known}")
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        raise CannedError("Dấu ngoặc nhọn { } chưa đủ cặp. Chỗ điền viết như {ma}.")


def values(
    case: Asked, official: Official, library: Library, profile: WardProfile, now: datetime, today: date
) -> dict[str, str | None]:
    """What is known for each placeholder of KNOWN; None is unknown."""
    entry = library.entry(case.procedure) if case.procedure else None
    spots = [place.text for place in entry.places if place.holds_on(today)] if entry else []
    return {
        "ten_can_bo": official.name or None,
        "chuc_danh": official.title or None,
        "ma": case.code,
        "han": say_by_when(case.due_at, now) if case.due_at and case.due_at > now else None,
        "khom": case.khom,
        "thu_tuc": entry.plain_name if entry else None,
        "noi_nop": spots[0] if spots else None,
        "phuong": profile.name,
        "mot_cua": profile.counter.name,
        "dia_chi": profile.counter.address,
        "dien_thoai": profile.hotline,
    }


def render(
    text: str,
    known: Mapping[str, str | None],
    by_hand: Mapping[str, str] | None = None,
    keep_by_hand: bool = False,
) -> str:
    """The text filled. `keep_by_hand`: leave what the official writes as {ly_do}, to be typed over."""
    check(text)
    given = {name: value.strip() or None for name, value in (by_hand or {}).items() if name in BY_HAND}
    have = {**known, **given}
    wanted = set(_PLACEHOLDER.findall(text))
    lacking = {name for name in wanted if not have.get(name) and not (keep_by_hand and name in BY_HAND)}
    if lacking:
        raise ValueUnknown(lacking)
    return _PLACEHOLDER.sub(lambda found: have.get(found[1]) or found[0], text)


def unfilled(text: str) -> list[str]:
    """Placeholders still in an answer about to be sent, named for people; must be empty to send."""
    names = dict.fromkeys(_PLACEHOLDER.findall(text))
    return [(KNOWN | BY_HAND).get(name, name) for name in names if name in KNOWN or name in BY_HAND]


# ── kept in the database ─────────────────────────────────────────────────────────────────────────


def save(
    connection: Connection,
    oa_id: str,
    canned: Canned,
    by: int | None,
    now: datetime,
    canned_id: int | None = None,
) -> int:
    """Keep a new text, or another wording of one; a text that cannot be filled is refused."""
    check(canned.text)
    kept = {**canned.model_dump(mode="json"), "changed_at": now, "changed_by": by, "active": True}
    if canned_id is None:
        added = insert(canned_replies).values(oa_id=oa_id, **kept).returning(canned_replies.c.id)
        return int(connection.execute(added).scalar_one())
    changed = connection.execute(update(canned_replies).where(*_is(oa_id, canned_id)).values(**kept))
    if not changed.rowcount:
        raise CannedError("Không còn câu soạn sẵn này.")
    return canned_id


def put_away(connection: Connection, oa_id: str, canned_id: int, by: int | None, now: datetime) -> bool:
    """Offer a text no longer; it can be saved again."""
    away = update(canned_replies).where(*_is(oa_id, canned_id), canned_replies.c.active)
    return connection.execute(away.values(active=False, changed_at=now, changed_by=by)).rowcount == 1


def fitting(
    connection: Connection, oa_id: str, kind: Kind, state: State, field: str | None = None
) -> list[Row[Any]]:
    """Active texts for such a case, those made for its field first."""
    ours = (canned_replies.c.oa_id == oa_id, canned_replies.c.active)
    rows = connection.execute(select(canned_replies).where(*ours).order_by(canned_replies.c.id)).all()
    fits = [row for row in rows if _any(row.kinds, kind) and _any(row.states, state)]
    return sorted(
        (row for row in fits if not row.fields or field in row.fields), key=lambda row: not row.fields
    )


def _any(allowed: Collection[str], value: str) -> bool:
    return not allowed or value in allowed


def _is(oa_id: str, canned_id: int) -> tuple[Any, Any]:
    return canned_replies.c.oa_id == oa_id, canned_replies.c.id == canned_id


# ── the first set ────────────────────────────────────────────────────────────────────────────────


def read_seed(ward_dir: Path) -> list[Canned]:
    """The ward's own `canned.yaml`, else the one shipped."""
    own = ward_dir / FILE
    path = own if own.exists() else SHIPPED
    try:
        texts = TypeAdapter(list[Canned]).validate_python(read_yaml(path) or [])
        _check_all(texts)
    except (YamlError, ValidationError, CannedError) as error:
        raise WardFileError(f"{path}: {error}") from error
    return texts


def _check_all(texts: Iterable[Canned]) -> None:
    for canned in texts:
        check(canned.text)


def seed(connection: Connection, oa_id: str, ward_dir: Path, now: datetime) -> int:
    """Put the first set in, once: a ward that has texts, or put all away, keeps what it has."""
    count = select(func.count()).select_from(canned_replies).where(canned_replies.c.oa_id == oa_id)
    if connection.execute(count).scalar_one():
        return 0
    texts = read_seed(ward_dir)
    for canned in texts:
        save(connection, oa_id, canned, None, now)
    return len(texts)
