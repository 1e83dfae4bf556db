"""The words of casework: kinds, states and their moves, urgency, channels. Labels are for officials."""

from __future__ import annotations

from typing import Final, Literal

Kind = Literal["question", "report", "conduct", "late_dossier", "data_right"]
State = Literal["new", "assigned", "waiting", "sending", "answered", "merged", "withdrawn"]
Urgency = Literal["urgent", "soon", "normal"]
Channel = Literal["zalo", "facebook", "1022", "dvcqg", "truc_tiep"]
Actor = Literal["citizen", "staff", "system"]

KINDS: Final[dict[Kind, str]] = {
    "question": "Câu hỏi",
    "report": "Phản ánh, kiến nghị",
    "conduct": "Góp ý thái độ",
    "late_dossier": "Hồ sơ trễ hẹn",
    "data_right": "Quyền dữ liệu cá nhân",
}
PREFIX: Final[dict[Kind, str]] = {
    "question": "HD",
    "report": "PA",
    "conduct": "PA",
    "late_dossier": "PA",
    "data_right": "XD",
}
HEAD_ONLY: Final[frozenset[Kind]] = frozenset({"conduct"})
"""Kinds that nobody but the head sees: never the person who is spoken of."""

STATES: Final[dict[State, str]] = {
    "new": "Chưa nhận",
    "assigned": "Đang xử lý",
    "waiting": "Chờ dân",
    "sending": "Đang gửi trả lời",
    "answered": "Đã xong",
    "merged": "Đã gộp",
    "withdrawn": "Đã rút",
}
ENDED: Final[frozenset[State]] = frozenset({"answered", "merged", "withdrawn"})
MOVES: Final[dict[State, frozenset[State]]] = {
    "new": frozenset({"assigned", "merged", "withdrawn"}),
    "assigned": frozenset({"new", "assigned", "waiting", "sending", "answered", "merged", "withdrawn"}),
    "waiting": frozenset({"new", "assigned", "sending", "answered", "merged", "withdrawn"}),
    "sending": frozenset({"answered", "assigned"}),
    "answered": frozenset({"assigned"}),
    "merged": frozenset(),
    "withdrawn": frozenset(),
}
"""`sending` becomes `answered` only when Zalo took the message; else it goes back to `assigned`.
`answered` without `sending`: answered by phone or in person. `answered` → `assigned`: the one reopening."""

URGENCIES: Final[dict[Urgency, str]] = {"urgent": "Khẩn", "soon": "Sớm", "normal": "Bình thường"}
CHANNELS: Final[dict[Channel, str]] = {
    "zalo": "Zalo",
    "facebook": "Facebook",
    "1022": "Tổng đài 1022",
    "dvcqg": "Cổng DVC quốc gia",
    "truc_tiep": "Trực tiếp",
}
RATINGS: Final[dict[int, str]] = {3: "Hài lòng", 2: "Tạm được", 1: "Chưa xong"}
