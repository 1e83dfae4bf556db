"""Officials: who they are, what their roles let them do, and which cases they may see.

Deny by default: a permission that no role of an official names is not theirs. The role `restricted`
(sealed words of complaints and denunciations) and `head` are given by a head alone; see `refusal`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.schema import FIELDS
from store.schema import staff, staff_sessions
from ward import audit, passwords
from ward.cases.find import Scope

Role = Literal["head", "one_stop", "field", "khom", "restricted", "viewer", "admin"]

ROLES: Final[dict[Role, str]] = {
    "head": "Lãnh đạo phường",
    "one_stop": "Bộ phận Một cửa",
    "field": "Cán bộ chuyên môn",
    "khom": "Trưởng khóm, ấp",
    "restricted": "Người đọc đơn thư kín",
    "viewer": "Chỉ xem",
    "admin": "Quản trị hệ thống",
}
ROLE_HELP: Final[dict[Role, str]] = {
    "head": "Thấy mọi phiếu, kể cả góp ý thái độ; giao việc, duyệt, đổi cài đặt, quản lý cán bộ.",
    "one_stop": "Thấy và trả lời phiếu mọi lĩnh vực, chuyển cho người khác, lo danh sách cần gọi lại.",
    "field": "Thấy và trả lời phiếu thuộc lĩnh vực được giao.",
    "khom": "Thấy và xử lý phiếu của khóm, ấp mình.",
    "restricted": "Mở được lời khiếu nại, tố cáo lỡ gửi (lần nào cũng ghi lại); coi hẹn tiếp công dân.",
    "viewer": "Xem phiếu, không trả lời.",
    "admin": "Quản lý tài khoản, cài đặt, nhật ký; không đọc phiếu của người dân.",
}


class Permission(StrEnum):
    """One thing that a page or an action needs."""

    ACCOUNT = "account"
    CASES_READ = "cases_read"
    CASES_WORK = "cases_work"
    CASES_ASSIGN = "cases_assign"
    CASES_EXPORT = "cases_export"
    RESTRICTED_READ = "restricted_read"
    QUESTIONS = "questions"
    QUESTIONS_APPROVE = "questions_approve"
    CANNED_REPLIES = "canned_replies"
    SENDS = "sends"
    RECEPTION = "reception"
    PROGRAMMES = "programmes"
    PROGRAMMES_EDIT = "programmes_edit"
    CALLS = "calls"
    REMINDER_CALLS = "reminder_calls"
    VISITS = "visits"
    VISITS_RUN = "visits_run"
    HOME = "home"
    RESULTS = "results"
    ISSUES = "issues"
    STAFF = "staff"
    SETTINGS = "settings"
    BOT_SWITCH = "bot_switch"
    AUDIT = "audit"
    FACILITIES = "facilities"
    HEALTH_NEWS = "health_news"


P = Permission
_WORK = frozenset(
    {P.CASES_READ, P.CASES_WORK, P.QUESTIONS, P.PROGRAMMES, P.VISITS, P.VISITS_RUN, P.HOME, P.ISSUES}
)
_COUNTER = _WORK | {
    P.CASES_ASSIGN,
    P.CASES_EXPORT,
    P.CANNED_REPLIES,
    P.CALLS,
    P.SENDS,
    P.RECEPTION,
    P.PROGRAMMES_EDIT,
    P.REMINDER_CALLS,
    P.RESULTS,
}
_HEALTH = frozenset({P.FACILITIES, P.HEALTH_NEWS})
_RUNNING = frozenset({P.STAFF, P.SETTINGS, P.BOT_SWITCH, P.AUDIT})
GRANTS: Final[dict[Role, frozenset[Permission]]] = {
    "head": _COUNTER | _RUNNING | _HEALTH | {P.QUESTIONS_APPROVE},
    "one_stop": (_COUNTER - {P.RECEPTION}) | _HEALTH | {P.QUESTIONS_APPROVE},
    "field": _WORK | {P.QUESTIONS_APPROVE},
    "khom": frozenset({P.CASES_READ, P.CASES_WORK, P.PROGRAMMES, P.CALLS, P.REMINDER_CALLS, P.VISITS}),
    "restricted": frozenset({P.RESTRICTED_READ, P.RECEPTION}),
    "viewer": frozenset({P.CASES_READ, P.PROGRAMMES}),
    "admin": _RUNNING | {P.CALLS, P.SENDS},
}
FIELD_GRANTS: Final[dict[str, frozenset[Permission]]] = {"y_te": _HEALTH | {P.CALLS, P.REMINDER_CALLS}}
"""What officials of the role `field` may do besides, by their fields."""
GUARDED: Final[frozenset[Role]] = frozenset({"head", "restricted"})
"""Roles that only a head gives, and whose holders only a head may change."""

USERNAME = re.compile(r"^[a-z][a-z0-9._-]{2,39}$")
LINK_CODE_LIFE = timedelta(minutes=15)
LINK_PREFIX = "NOI"


class StaffRefused(ValueError):
    """The change is not made; the text says why and the mend, in Vietnamese."""


@dataclass(frozen=True)
class Official:
    id: int
    oa_id: str
    username: str
    name: str
    title: str
    roles: frozenset[str]
    fields: frozenset[str]
    khoms: frozenset[str]
    email: str | None
    zalo_person_id: str | None
    active: bool
    must_change: bool
    version: int
    signed_in_at: datetime | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        given = [GRANTS[role] for role in ROLES if role in self.roles]
        if "field" in self.roles:
            given += [FIELD_GRANTS[field] for field in FIELD_GRANTS if field in self.fields]
        return frozenset({Permission.ACCOUNT}).union(*given)

    def may(self, permission: Permission) -> bool:
        return self.active and permission in self.permissions

    @property
    def signature(self) -> str:
        """How an answer names them."""
        return f"{self.name} – {self.title}" if self.title else self.name


@dataclass(frozen=True)
class NewOfficial:
    """What is typed about an official; checked by `add` and `change`."""

    name: str
    title: str = ""
    roles: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    khoms: tuple[str, ...] = ()
    email: str | None = None


def scope_of(official: Official) -> Scope:
    """The union of what each role shows. Whoever may not read cases sees none, nor one once given to them."""
    if not official.may(Permission.CASES_READ):
        return Scope()
    roles = official.roles
    narrowed = "viewer" in roles and bool(official.fields or official.khoms)
    everything = bool({"head", "one_stop"} & roles) or ("viewer" in roles and not narrowed)
    return Scope(
        everything=everything,
        fields=official.fields if "field" in roles or narrowed else frozenset(),
        khoms=official.khoms if "khom" in roles or narrowed else frozenset(),
        head_only="head" in roles,
        staff_id=official.id,
    )


# -- reading --------------------------------------------------------------------------------------


def find(connection: Connection, oa_id: str, staff_id: int) -> Official | None:
    return _one(connection, oa_id, staff.c.id == staff_id)


def by_username(connection: Connection, oa_id: str, username: str) -> Official | None:
    return _one(connection, oa_id, staff.c.username == username.strip().casefold())


def by_zalo(connection: Connection, oa_id: str, person_id: str) -> Official | None:
    """The active official whose linked Zalo account this is."""
    return _one(connection, oa_id, staff.c.zalo_person_id == person_id, staff.c.active)


def everyone(connection: Connection, oa_id: str) -> list[Official]:
    """All officials, those at work first, by name."""
    query = (
        select(staff).where(staff.c.oa_id == oa_id).order_by(staff.c.active.desc(), staff.c.name, staff.c.id)
    )
    return [_official(row) for row in connection.execute(query)]


def holding(connection: Connection, oa_id: str, permission: Permission) -> list[Official]:
    """Active officials who may do this."""
    return [official for official in everyone(connection, oa_id) if official.may(permission)]


def _one(connection: Connection, oa_id: str, *which: Any) -> Official | None:
    row = connection.execute(select(staff).where(staff.c.oa_id == oa_id, *which)).first()
    return None if row is None else _official(row)


def _official(row: Row[Any]) -> Official:
    return Official(
        id=row.id,
        oa_id=row.oa_id,
        username=row.username,
        name=row.name,
        title=row.title,
        roles=frozenset(row.roles),
        fields=frozenset(row.fields),
        khoms=frozenset(row.khoms),
        email=row.email,
        zalo_person_id=row.zalo_person_id,
        active=row.active,
        must_change=row.must_change,
        version=row.version,
        signed_in_at=row.signed_in_at,
    )


# -- who may change whom --------------------------------------------------------------------------


def refusal(
    connection: Connection, by: Official | None, target: Official | None, roles: Collection[str] | None
) -> str | None:
    """Why `by` may not give `target` these roles (None: only its account is touched). `by` None: the server.

    An administrator could otherwise make itself a head, or take over a head's account.
    """
    if by is None:
        return None
    if not by.may(Permission.STAFF):
        return "Tài khoản này không có quyền quản lý cán bộ."
    before: frozenset[str] = target.roles if target else frozenset()
    after = frozenset(roles) if roles is not None else before
    if target is not None and target.id == by.id and after != before:
        return "Không ai tự đổi vai trò của mình. Nhờ một người quản lý khác đổi giùm."
    touched = GUARDED & (before | after)
    first_head = touched == {"head"} and not heads(connection, by.oa_id)
    if not touched or "head" in by.roles or first_head:
        return None
    names = " và ".join(f"“{ROLES[role]}”" for role in ROLES if role in touched)
    return f"Chỉ lãnh đạo phường được cấp hoặc sửa tài khoản có vai trò {names}."


def heads(connection: Connection, oa_id: str) -> list[Official]:
    return [one for one in everyone(connection, oa_id) if one.active and "head" in one.roles]


def _allow(
    connection: Connection, by: Official | None, target: Official | None, roles: Collection[str] | None = None
) -> None:
    reason = refusal(connection, by, target, roles)
    if reason:
        raise StaffRefused(reason)


# -- changing -------------------------------------------------------------------------------------


def add(
    connection: Connection, oa_id: str, by: Official | None, username: str, new: NewOfficial, now: datetime
) -> tuple[Official, str]:
    """A new official and the one-time password, which must be changed at the first sign-in."""
    username = username.strip().casefold()
    if not USERNAME.match(username):
        raise StaffRefused(
            "Tên đăng nhập gồm 3–40 chữ thường không dấu, số, dấu chấm hoặc gạch, bắt đầu bằng chữ."
        )
    new = checked(new)
    _allow(connection, by, None, new.roles)
    password = passwords.one_time()
    try:
        with connection.begin_nested():
            staff_id = _insert(connection, oa_id, username, new, passwords.hash_of(password), now)
    except IntegrityError as error:
        raise StaffRefused(f"Tên đăng nhập “{username}” đã có người dùng.") from error
    detail = {"roles": list(new.roles), "fields": list(new.fields), "khoms": list(new.khoms)}
    audit.record(connection, oa_id, _id(by), "staff_added", username, now, None, **detail)
    official = find(connection, oa_id, staff_id)
    assert official is not None
    return official, password


def add_ready(
    connection: Connection, oa_id: str, username: str, new: NewOfficial, hashed: str, now: datetime
) -> int:
    """An official who signs in with a password known already: only the made-up ones of ward/demo.py."""
    staff_id = _insert(connection, oa_id, username, checked(new), hashed, now, must_change=False)
    audit.record(connection, oa_id, None, "staff_added", username, now, None, roles=list(new.roles))
    return staff_id


def _insert(
    connection: Connection,
    oa_id: str,
    username: str,
    new: NewOfficial,
    hashed: str,
    now: datetime,
    must_change: bool = True,
) -> int:
    row = {**_columns(new), "password_hash": hashed, "must_change": must_change, "created_at": now}
    adding = insert(staff).values(oa_id=oa_id, username=username, **row).returning(staff.c.id)
    number: int = connection.execute(adding).scalar_one()
    return number


def _columns(new: NewOfficial) -> dict[str, Any]:
    return {
        "name": new.name,
        "title": new.title,
        "roles": list(new.roles),
        "fields": list(new.fields),
        "khoms": list(new.khoms),
        "email": new.email,
    }


def checked(new: NewOfficial) -> NewOfficial:
    """Trimmed and in order; refused when it cannot work."""
    name = " ".join(new.name.split())
    if not 2 <= len(name) <= 120:
        raise StaffRefused("Cần họ tên cán bộ (2–120 ký tự).")
    roles = tuple(role for role in ROLES if role in new.roles)
    fields = tuple(field for field in FIELDS if field in new.fields)
    khoms = tuple(sorted({khom.strip() for khom in new.khoms if khom.strip()}))
    if not roles:
        raise StaffRefused("Chọn ít nhất một vai trò.")
    if "field" in roles and not fields:
        raise StaffRefused(f"Vai trò “{ROLES['field']}” cần chọn ít nhất một lĩnh vực.")
    if "khom" in roles and not khoms:
        raise StaffRefused(f"Vai trò “{ROLES['khom']}” cần chọn ít nhất một khóm, ấp.")
    return NewOfficial(name, " ".join(new.title.split())[:120], roles, fields, khoms, email_of(new.email))


def email_of(text: str | None) -> str | None:
    address = (text or "").strip()
    if not address:
        return None
    if len(address) > 200 or not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", address):
        raise StaffRefused("Địa chỉ thư điện tử chưa đúng, ví dụ: ten@phuong.gov.vn.")
    return address


def change(
    connection: Connection, oa_id: str, by: Official | None, staff_id: int, new: NewOfficial, now: datetime
) -> Official:
    """Name, title, roles and scope. Sessions end when what the official may do or see changed."""
    target = _target(connection, oa_id, staff_id)
    new = checked(new)
    _allow(connection, by, target, new.roles)
    if target.may(Permission.STAFF) and not _manages(new.roles):
        _keep_one_manager(connection, target)
    after = (frozenset(new.roles), frozenset(new.fields), frozenset(new.khoms))
    before = (target.roles, target.fields, target.khoms)
    values = _columns(new) | ({"version": target.version + 1} if after != before else {})
    _update(connection, staff_id, **values)
    names = ("roles", "fields", "khoms")
    changed = {
        name: [sorted(old), sorted(fresh)]
        for name, old, fresh in zip(names, before, after, strict=True)
        if old != fresh
    }
    audit.record(connection, oa_id, _id(by), "staff_changed", target.username, now, None, **changed)
    return _target(connection, oa_id, staff_id)


def _manages(roles: Iterable[str]) -> bool:
    return any(Permission.STAFF in GRANTS[role] for role in ROLES if role in roles)


def _keep_one_manager(connection: Connection, leaving: Official) -> None:
    others = [one for one in holding(connection, leaving.oa_id, Permission.STAFF) if one.id != leaving.id]
    if not others:
        raise StaffRefused("Đây là người cuối cùng quản lý được cán bộ. Giao quyền cho người khác trước đã.")


def deactivate(
    connection: Connection, oa_id: str, by: Official | None, staff_id: int, reason: str, now: datetime
) -> None:
    """The account ends at once, also where it is signed in; what the official did stays."""
    target = _target(connection, oa_id, staff_id)
    _allow(connection, by, target)
    if by is not None and by.id == staff_id:
        raise StaffRefused("Không ai tự ngừng tài khoản của mình.")
    _keep_one_manager(connection, target)
    _update(
        connection, staff_id, active=False, version=target.version + 1, link_code=None, zalo_person_id=None
    )
    audit.record(connection, oa_id, _id(by), "staff_deactivated", target.username, now, reason)


def reactivate(
    connection: Connection, oa_id: str, by: Official | None, staff_id: int, reason: str, now: datetime
) -> str:
    """Open a closed account again, with a new one-time password."""
    target = _target(connection, oa_id, staff_id)
    _allow(connection, by, target)
    password = passwords.one_time()
    _set_password(connection, target, passwords.hash_of(password), must_change=True, active=True)
    audit.record(connection, oa_id, _id(by), "staff_reactivated", target.username, now, reason)
    return password


def reset_password(
    connection: Connection, oa_id: str, by: Official | None, staff_id: int, now: datetime
) -> str:
    """A one-time password, shown once; all sessions of the official end."""
    target = _target(connection, oa_id, staff_id)
    _allow(connection, by, target)
    password = passwords.one_time()
    _set_password(connection, target, passwords.hash_of(password), must_change=True)
    audit.record(connection, oa_id, _id(by), "staff_password_reset", target.username, now)
    return password


def change_password(connection: Connection, official: Official, hashed: str, now: datetime) -> Official:
    """The official's own new password; every session but the one begun anew ends."""
    _set_password(connection, official, hashed, must_change=False)
    audit.record(connection, official.oa_id, official.id, "password_changed", official.username, now)
    return _target(connection, official.oa_id, official.id)


def password_hash(connection: Connection, staff_id: int) -> str:
    found: str = connection.execute(select(staff.c.password_hash).where(staff.c.id == staff_id)).scalar_one()
    return found


def renew_hash(connection: Connection, staff_id: int, old: str, hashed: str) -> None:
    """The same password under today's costs; nobody is signed out by it."""
    connection.execute(
        update(staff).where(staff.c.id == staff_id, staff.c.password_hash == old).values(password_hash=hashed)
    )


def _set_password(connection: Connection, target: Official, hashed: str, **more: Any) -> None:
    _update(connection, target.id, password_hash=hashed, version=target.version + 1, **more)
    connection.execute(staff_sessions.delete().where(staff_sessions.c.staff_id == target.id))


def set_email(connection: Connection, official: Official, address: str | None, now: datetime) -> None:
    """Where the daily digest goes; none: no digest."""
    email = email_of(address)
    _update(connection, official.id, email=email)
    on = email is not None
    audit.record(connection, official.oa_id, official.id, "digest_changed", official.username, now, on=on)


# -- the official's own Zalo account --------------------------------------------------------------


def new_link_code(connection: Connection, official: Official, now: datetime) -> str:
    """A code the official sends to the OA from their own Zalo, good for a quarter of an hour."""
    code = f"{LINK_PREFIX}{secrets.randbelow(10**8):08d}"
    _update(connection, official.id, link_code=code, link_code_until=now + LINK_CODE_LIFE)
    audit.record(connection, official.oa_id, official.id, "zalo_link_code", official.username, now)
    return code


def unlink_zalo(connection: Connection, by: Official, staff_id: int, now: datetime) -> None:
    target = _target(connection, by.oa_id, staff_id)
    if by.id != staff_id:
        _allow(connection, by, target)
    _update(connection, staff_id, zalo_person_id=None, link_code=None)
    audit.record(connection, by.oa_id, by.id, "zalo_unlinked", target.username, now)


def _id(by: Official | None) -> int | None:
    return None if by is None else by.id


def _target(connection: Connection, oa_id: str, staff_id: int) -> Official:
    found = find(connection, oa_id, staff_id)
    if found is None:
        raise StaffRefused("Không có cán bộ này.")
    return found


def _update(connection: Connection, staff_id: int, **values: Any) -> None:
    connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))


def first_admin(connection: Connection, oa_id: str, now: datetime) -> str | None:
    """The one-time password of a new `admin` when the OA has no official yet, else None."""
    if connection.execute(select(func.count()).where(staff.c.oa_id == oa_id)).scalar_one():
        return None
    new = NewOfficial("Quản trị hệ thống", roles=("admin",))
    return add(connection, oa_id, None, "admin", new, now)[1]
