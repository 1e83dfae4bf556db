"""A case's story as it is shown: words as bubbles, and between them what happened, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from knowledge.schema import FIELDS
from ward.calendar import local
from ward.cases.model import CHANNELS, KINDS, RATINGS, URGENCIES
from ward.cases.thread import Entry, Sending

Side = Literal["citizen", "staff", "bot", "note", "event"]

SENDING: Final[dict[str, tuple[str, str]]] = {
    "missing": ("Chưa vào hàng gửi", "Tải lại trang sau một phút; vẫn vậy thì báo người quản trị."),
    "going": ("Đang gửi", ""),
    "sent": ("Đã gửi", ""),
    "failed": ("Lỗi, chưa tới", "Người dân chưa nhận. Gọi điện, hoặc gửi lại sau khi họ nhắn tin mới."),
    "unknown": ("Chưa rõ đã tới chưa", "Zalo không trả lời. Gọi hỏi trước khi gửi lại để khỏi trùng."),
}
"""State of sending → its words, and what to do."""
WHY: Final = {
    "failed": "Zalo không nhận",
    "unknown": "không rõ đã tới chưa",
    "missing": "tin chưa vào hàng gửi",
}
BY: Final = {"phone": "điện thoại", "in_person": "gặp trực tiếp"}
SILENT: Final = frozenset({"told", "note", "citizen_wrote"})
"""Events that the message beside them tells already."""


@dataclass(frozen=True)
class Shown:
    """One item of the story. `tone` of an event: plain | good | bad."""

    id: str
    at: datetime
    side: Side
    who: str
    text: str
    state: str = ""
    state_words: str = ""
    mend: str = ""
    tone: str = "plain"


def shown(entries: Sequence[Entry], names: Mapping[int, str], after: int = 0) -> list[Shown]:
    """The story; `after`: only what came after that event."""
    kept = [one for one in entries if one.what == "message" or one.kind not in SILENT]
    if after:
        first = next((n for n, one in enumerate(kept) if one.what == "event" and one.id > after), len(kept))
        kept = kept[first:]
    return [_message(one) if one.what == "message" else _event(one, names) for one in kept]


def last_event(entries: Sequence[Entry]) -> int:
    return max((one.id for one in entries if one.what == "event"), default=0)


def _message(entry: Entry) -> Shown:
    side: Side = "note" if entry.kind == "note" else entry.author  # type: ignore[assignment]
    who = {"citizen": "Người dân", "bot": "Trợ lý tự động"}.get(entry.author) or entry.staff_name or "Cán bộ"
    state, words, mend = _sending(entry.sending)
    text = entry.text if entry.text is not None else "(Nội dung đã xóa theo yêu cầu của người dân.)"
    return Shown(f"m{entry.id}", entry.at, side, who, text, state, words, mend)


def _sending(sending: Sending | None) -> tuple[str, str, str]:
    if sending is None:
        return "", "", ""
    words, mend = SENDING[sending.state]
    if sending.state == "sent" and sending.settled_at:
        words = f"{words} {local(sending.settled_at):%H:%M}"
    return sending.state, words, mend


def _event(entry: Entry, names: Mapping[int, str]) -> Shown:
    who = entry.staff_name or {"citizen": "Người dân", "system": "Hệ thống"}.get(entry.author, "Cán bộ")
    text = told(entry.kind, who, entry.author, entry.detail, names)
    tone = "bad" if entry.kind in _BAD else "good" if entry.kind in _GOOD else "plain"
    return Shown(f"e{entry.id}", entry.at, "event", who, text, tone=tone)


_BAD = frozenset({"not_delivered", "reopened", "returned", "late_told"})
_GOOD = frozenset({"delivered", "answered"})


def told(kind: str, who: str, actor: str, detail: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """One line for one event."""
    if kind == "opened":
        return f"{who} mở phiếu · {CHANNELS.get(detail.get('channel', 'zalo'), '')}"
    if kind == "passed_on":
        return f"{who} chuyển phiếu cho {names.get(detail.get('to', 0), 'cán bộ khác')}"
    if kind == "classified":
        return f"{who} phân loại: {_sorted_as(detail)}"
    if kind == "not_delivered":
        return f"Câu trả lời chưa tới người dân: {WHY.get(str(detail.get('reason')), 'gửi không được')}"
    if kind == "answered":
        return f"{who} trả lời qua {BY.get(str(detail.get('channel')), 'cách khác')}, phiếu xong"
    if kind == "delivered":
        return "Đã tới người dân; họ vừa nhắn thêm nên phiếu còn mở" if detail.get("open") else _DELIVERED
    if kind == "late_told":
        return _late(who, actor, detail)
    if kind == "rated":
        return f"Người dân nhận xét: {RATINGS.get(detail.get('rating', 0), '')}"
    return _PLAIN.get(kind, f"{who}: {kind}").format(who=who)


_DELIVERED = "Câu trả lời đã tới người dân, phiếu xong"
_PLAIN: Final = {
    "taken": "{who} nhận việc",
    "given_back": "{who} trả phiếu về hàng chờ",
    "returned": "Phiếu tự về hàng chờ vì chưa có lời nào",
    "asked": "{who} hỏi thêm người dân, đồng hồ tạm dừng",
    "answer_sent": "{who} gửi câu trả lời",
    "reopened": "Người dân báo chưa xong, phiếu mở lại",
    "merged": "{who} gộp vào phiếu khác",
    "took_in": "{who} gộp một phiếu khác vào đây",
    "joined": "Thêm một người dân cùng phản ánh",
    "withdrawn": "{who} rút phiếu",
    "contact_left": "Người dân để lại số điện thoại",
    "nudged": "Người dân nhắc phường",
    "forget_asked": "Người dân xin xóa dữ liệu của mình",
    "forgotten": "Đã gỡ thông tin cá nhân theo yêu cầu",
}


def _late(who: str, actor: str, detail: Mapping[str, Any]) -> str:
    new = _moment(detail.get("new_due_at"))
    if actor == "staff":
        return f"{who} gia hạn tới {new} và xin lỗi người dân"
    return f"Hệ thống xin lỗi người dân vì trễ, hẹn lại {new}"


def _moment(written: Any) -> str:
    try:
        return f"{local(datetime.fromisoformat(str(written))):%H:%M %d/%m/%Y}"
    except ValueError:
        return "hạn mới"


def _sorted_as(detail: Mapping[str, Any]) -> str:
    parts = [
        _label(KINDS, detail.get("kind")),
        _label(URGENCIES, detail.get("urgency")),
        FIELDS.get(detail.get("field") or "", ""),
        detail.get("khom") or "",
    ]
    return " · ".join(part for part in parts if part)


def _label(labels: Mapping[Any, str], key: Any) -> str:
    return labels.get(key, "")
