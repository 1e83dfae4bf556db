"""What a programme's form has beyond plain fields: sessions, matters, groups, procedures of the handbook.

Everything typed is kept as typed, so that the form comes back whole after a search or a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from console.programme_forms import Field
from knowledge.library import Library
from knowledge.text import normalize
from ward.programmes.model import Programme

SESSION_KINDS: Final = ("mobile", "land", "ceremony", "coffee", "home_certify", "home_timed")
TOPIC_KINDS: Final = ("mobile", "land", "ceremony", "coffee")
GROUP_KINDS: Final = ("home_certify", "home_timed")
SESSION_FIELDS: Final = (
    Field("slot_minutes", "Mỗi khung giờ bao nhiêu phút", help="Từ 5 đến 240, ví dụ: 30."),
    Field("per_slot", "Mỗi khung giờ nhận mấy người"),
    Field("capacity", "Số chỗ mỗi buổi", help="Tại nhà: số nhà mỗi buổi sáng, chiều."),
    Field("trips", "Số chuyến", help="1, hoặc 2: chuyến sau mang kết quả tới trả."),
    Field(
        "return_within_days",
        "Chuyến sau trong mấy ngày làm việc",
        help="Khi có 2 chuyến. Để trống: chưa định.",
    ),
    Field("team", "Người thường đi", "lines", "Mỗi dòng một họ tên, đúng như danh sách cán bộ."),
    Field("kit", "Mang theo", "lines", "Mỗi dòng một thứ."),
    Field("guests", "Mỗi cặp được mời mấy khách", help="Cho buổi lễ. Để trống: không hỏi."),
    Field("seats", "Chỗ tổ chức ngồi được mấy người", help="Cho buổi lễ. Để trống: chưa biết."),
    Field("hands_over", "Trao ở lễ", "lines", "Mỗi dòng một thứ, đánh dấu cho từng cặp."),
)
LABELS: Final = {
    "sessions": "Buổi hẹn",
    "topics": "Việc nhận làm",
    "groups": "Dành cho",
    "procedures": "Danh mục thủ tục",
    "weekdays": "Ngày trong tuần",
    "same_day": "Giờ chót, giờ trả",
}
FOUND: Final = 8
PROCEDURES: Final = "procedures"


@dataclass
class TopicRow:
    """A matter as typed. `find`: searched for; `sought`: what the results shown were searched with."""

    key: str = ""
    name: str = ""
    procedures: list[str] = field(default_factory=list)
    together: list[str] = field(default_factory=list)
    find: str = ""
    sought: str = ""
    drop: bool = False


@dataclass
class GroupRow:
    key: str = ""
    name: str = ""
    drop: bool = False


@dataclass
class Parts:
    sessions: dict[str, str]
    topics: list[TopicRow]
    groups: list[GroupRow]
    procedures: list[str]
    find: str = ""
    sought: str = ""

    @property
    def unsought(self) -> bool:
        """Something was typed into a search box and not searched for yet."""
        boxes = [(self.find, self.sought), *((row.find, row.sought) for row in self.topics)]
        return any(find and find != sought for find, sought in boxes)


def of_programme(programme: Programme | None) -> Parts:
    """What the form holds to begin with; a blank line to add one follows the lists."""
    if programme is None:
        return _blank(Parts({one.name: "" for one in SESSION_FIELDS}, [], [], []))
    setup = programme.sessions.model_dump() if programme.sessions else {}
    values = {one.name: _written(setup.get(one.name)) for one in SESSION_FIELDS}
    topics = [
        TopicRow(topic.key, topic.name, list(topic.procedures), list(topic.together_with))
        for topic in programme.topics
    ]
    groups = [GroupRow(group.key, group.name) for group in programme.groups]
    return _blank(Parts(values, topics, groups, list(programme.procedures)))


def of_form(form: MultiDict[str, str]) -> Parts:
    topics = [_topic(form, f"topic_{n}") for n in range(_count(form, "topics"))]
    groups = [
        GroupRow(_one(form, f"group_{n}_key"), _one(form, f"group_{n}_name"), f"group_{n}_drop" in form)
        for n in range(_count(form, "groups"))
    ]
    sessions = {one.name: form.get(one.name, "").strip() for one in SESSION_FIELDS}
    find, sought = _one(form, "find"), _one(form, "sought")
    return _blank(Parts(sessions, topics, groups, _chosen(form, PROCEDURES), find, sought))


def read(parts: Parts, kind: str, before: Programme | None) -> dict[str, Any]:
    """As the model takes it. What the form does not show for this kind stays as it was."""
    data: dict[str, Any] = {}
    if shows_sessions(kind, before):
        data["sessions"] = _sessions(parts.sessions)
    if kind in TOPIC_KINDS or (before and before.topics):
        data["topics"] = _topics(parts.topics)
    if kind in GROUP_KINDS or (before and before.groups):
        data["groups"] = _groups(parts.groups)
    if not (before and before.needs_list):
        data["procedures"] = parts.procedures
    return data


def shows_sessions(kind: str, before: Programme | None) -> bool:
    return kind in SESSION_KINDS or bool(before and before.sessions)


def search(library: Library, words: str) -> list[tuple[str, str]]:
    """(key, name) of procedures of the handbook, by words or by national code."""
    if not words:
        return []
    coded = [entry.key for entry in library.by_code(words)]
    found = [one.key for one in library.search(words, FOUND)] + library.full_text(words, FOUND)
    keys = dict.fromkeys(key for key in (*coded, *found) if library.entry(key) is not None)
    return [(key, library.name_of(key) or key) for key in list(keys)[:FOUND]]


def unknown(library: Library, parts: Parts, before: Programme | None) -> list[str]:
    """Keys that the handbook does not have, other than those that stood there before."""
    chosen = [*parts.procedures, *(key for row in parts.topics for key in (*row.procedures, *row.together))]
    old = set(before.procedures) if before else set()
    old |= {key for topic in (before.topics if before else ()) for key in topic.procedures}
    old |= {key for topic in (before.topics if before else ()) for key in topic.together_with}
    return [key for key in dict.fromkeys(chosen) if key not in old and library.entry(key) is None]


def summary(programme: Programme) -> list[tuple[str, str]]:
    """The sessions in words, for the programme's page."""
    values = of_programme(programme).sessions if programme.sessions else {}
    return [
        (one.label, values[one.name].replace("\n", "; ")) for one in SESSION_FIELDS if values.get(one.name)
    ]


# --- small parts ---


def _sessions(typed: Mapping[str, str]) -> dict[str, Any]:
    """Numbers go to the model as typed: it says what is wrong with them. What is left empty is the usual."""
    lines = {one.name: _lines(typed[one.name]) for one in SESSION_FIELDS if one.kind == "lines"}
    numbers = {name: text for name, text in typed.items() if name not in lines and text}
    return {**numbers, **lines}


def _topics(rows: Sequence[TopicRow]) -> list[dict[str, Any]]:
    kept = [row for row in rows if not row.drop and (row.name or row.key)]
    keys = _keys([(row.key, row.name) for row in kept], 60)
    return [
        {"key": key, "name": row.name, "procedures": row.procedures, "together_with": row.together}
        for key, row in zip(keys, kept, strict=True)
    ]


def _groups(rows: Sequence[GroupRow]) -> list[dict[str, Any]]:
    kept = [row for row in rows if not row.drop and (row.name or row.key)]
    keys = _keys([(row.key, row.name) for row in kept], 20)
    return [{"key": key, "name": row.name} for key, row in zip(keys, kept, strict=True)]


def _keys(rows: Sequence[tuple[str, str]], longest: int) -> list[str]:
    """Old keys stay, so that places taken under them are still understood; new ones come from the name."""
    used: set[str] = {key for key, _ in rows if key}
    made: list[str] = []
    for key, name in rows:
        if not key:
            plain = re.sub(r"[^a-z0-9]+", "_", normalize(name).plain).strip("_")[: longest - 3] or "viec"
            tries = (plain, *(f"{plain}_{n}" for n in range(2, 100)))
            key = next(one for one in tries if one not in used)
            used.add(key)
        made.append(key)
    return made


def _topic(form: MultiDict[str, str], name: str) -> TopicRow:
    return TopicRow(
        _one(form, f"{name}_key"),
        _one(form, f"{name}_name"),
        _chosen(form, f"{name}_procedures"),
        _chosen(form, f"{name}_together"),
        _one(form, f"{name}_find"),
        _one(form, f"{name}_sought"),
        f"{name}_drop" in form,
    )


def _blank(parts: Parts) -> Parts:
    if not parts.topics or parts.topics[-1].name:
        parts.topics.append(TopicRow())
    if not parts.groups or parts.groups[-1].name:
        parts.groups.append(GroupRow())
    return parts


def _count(form: Mapping[str, str], name: str) -> int:
    text = form.get(f"{name}_count", "")
    return min(int(text), 60) if text.isdigit() else 0


def _chosen(form: MultiDict[str, str], name: str) -> list[str]:
    return list(dict.fromkeys(form.getlist(name)))


def _one(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())


def _written(value: Any) -> str:
    return "\n".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
