"""Programmes edited or made in the console: checked by the model of the files, with a reason, undoable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import Connection, delete, select

from store.engine import upsert
from store.schema import programme_changes
from ward import audit
from ward.profile import mend
from ward.programmes.load import programmes_of
from ward.programmes.model import Programme

LEAST_REASON = 5
KEY = re.compile(r"^[a-z][a-z0-9_]{2,59}$")
CHANGED, ADDED, RESTORED = "programme_changed", "programme_added", "programme_restored"


LABELS: Final[dict[str, str]] = {
    "name": "Tên mô hình",
    "seed": "Dòng trong kế hoạch",
    "kind": "Loại",
    "about": "Nói với người dân",
    "legal_basis": "Căn cứ",
    "starts": "Bắt đầu",
    "ends": "Kết thúc",
    "weekdays": "Ngày trong tuần",
    "hours": "Giờ",
    "place": "Nơi làm",
    "same_day": "Giờ chót",
    "sessions": "Buổi hẹn",
    "sessions.slot_minutes": "Mỗi khung giờ bao nhiêu phút",
    "sessions.per_slot": "Mỗi khung giờ nhận mấy người",
    "sessions.capacity": "Số chỗ mỗi buổi",
    "sessions.trips": "Số chuyến",
    "sessions.return_within_days": "Chuyến sau trong mấy ngày làm việc",
    "topics": "Việc nhận làm",
    "groups": "Dành cho",
    "procedures": "Danh mục thủ tục",
    "declared_count": "Số thủ tục quyết định ghi",
    "in_charge": "Phụ trách",
    "monitored_by": "Theo dõi",
    "reports": "Báo cáo",
    "notes": "Ghi chú",
}
"""Fields as the form calls them."""


class ChangeRefused(ValueError):
    """Nothing was changed; the text says why and the mend, in Vietnamese."""


def change(
    connection: Connection,
    oa_id: str,
    files: Mapping[str, Programme],
    key: str,
    data: Mapping[str, Any],
    staff_id: int | None,
    reason: str,
    now: datetime,
) -> tuple[str, ...]:
    """Set fields of a programme; the names of those that are different now."""
    reason = _reason(reason)
    before = programmes_of(connection, oa_id, files).get(key)
    if before is None:
        raise ChangeRefused("Không có mô hình này.")
    after = _checked({**before.model_dump(mode="json"), **data, "key": key})
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    names = tuple(name for name in new if new[name] != old[name])
    if not names:
        return ()
    _keep(connection, oa_id, after, files.get(key), staff_id, now)
    for name in names:
        detail = {"field": name, "old": old[name], "new": new[name]}
        audit.record(connection, oa_id, staff_id, CHANGED, subject(key), now, reason, **detail)
    return names


def create(
    connection: Connection,
    oa_id: str,
    files: Mapping[str, Programme],
    data: Mapping[str, Any],
    staff_id: int | None,
    reason: str,
    now: datetime,
) -> Programme:
    """A programme that has no file."""
    reason = _reason(reason)
    key = str(data.get("key", ""))
    if not KEY.match(key):
        raise ChangeRefused("Mã ngắn viết bằng chữ thường không dấu, số và gạch dưới, ví dụ: thu_bay_vi_dan.")
    if key in programmes_of(connection, oa_id, files):
        raise ChangeRefused(f"Đã có mô hình mang mã {key}.")
    made = _checked(data)
    _keep(connection, oa_id, made, None, staff_id, now)
    audit.record(connection, oa_id, staff_id, ADDED, subject(key), now, reason, name=made.name)
    return made


def restore(
    connection: Connection,
    oa_id: str,
    files: Mapping[str, Programme],
    key: str,
    staff_id: int | None,
    reason: str,
    now: datetime,
) -> bool:
    """Back to the ward's file. False when nothing was changed; one without a file is ended instead."""
    reason = _reason(reason)
    if key not in files:
        raise ChangeRefused(
            "Mô hình này lập ở đây, không có bản gốc để trả về. Muốn thôi thì ghi ngày kết thúc."
        )
    removing = delete(programme_changes).where(
        programme_changes.c.oa_id == oa_id, programme_changes.c.key == key
    )
    if not connection.execute(removing).rowcount:
        return False
    audit.record(connection, oa_id, staff_id, RESTORED, subject(key), now, reason)
    return True


def is_changed(connection: Connection, oa_id: str, key: str) -> bool:
    mine = (programme_changes.c.oa_id == oa_id, programme_changes.c.key == key)
    return connection.execute(select(programme_changes.c.key).where(*mine)).first() is not None


def subject(key: str) -> str:
    """How the log names a programme."""
    return f"programme:{key}"


def _checked(data: Mapping[str, Any]) -> Programme:
    try:
        return Programme.model_validate(dict(data))
    except ValidationError as error:
        raise ChangeRefused("; ".join(_explained(item) for item in error.errors()) + ".") from error


def _explained(item: Any) -> str:
    """Which field of the form, and the mend."""
    loc, limit = item["loc"], item.get("ctx", {})
    names = [str(part) for part in loc if not isinstance(part, int)]
    numbers = [f" {part + 1}" for part in loc if isinstance(part, int)]
    label = LABELS.get(".".join(names), LABELS.get(names[0], names[0]) if names else "Mô hình")
    mends = {
        "greater_than_equal": f"phải từ {limit.get('ge')} trở lên",
        "less_than_equal": f"không được quá {limit.get('le')}",
        "string_too_long": f"dài quá {limit.get('max_length')} chữ",
    }
    return f"{label}{''.join(numbers)}: {mends.get(item['type']) or mend(item)}"


def _keep(
    connection: Connection,
    oa_id: str,
    programme: Programme,
    file: Programme | None,
    staff_id: int | None,
    now: datetime,
) -> None:
    """Only what differs from the file, so that the file's other facts can still be renewed."""
    data = programme.model_dump(mode="json")
    if file is not None:
        base = file.model_dump(mode="json")
        data = {name: value for name, value in data.items() if value != base[name]}
    row = {"data": data, "changed_at": now, "changed_by": staff_id}
    adding = upsert(connection, programme_changes).values(oa_id=oa_id, key=programme.key, **row)
    connection.execute(adding.on_conflict_do_update(index_elements=["oa_id", "key"], set_=row))


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if len(reason) < LEAST_REASON:
        raise ChangeRefused("Ghi lý do (ít nhất vài chữ) để người sau còn hiểu.")
    return reason
