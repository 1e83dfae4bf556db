"""Officials: what roles allow, who may change whom, and what ends their sessions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, select

from store.engine import read_tx, write_tx
from store.schema import staff as table
from ward import audit, passwords, staff
from ward.cases.find import Scope
from ward.staff import NewOfficial, Official, Permission, StaffRefused

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OA = "oa"
HEAD = NewOfficial("Chị Hạnh", "Chủ tịch", roles=("head",))
ADMIN = NewOfficial("Anh Tin", roles=("admin",))


def add(connection: Connection, username: str, new: NewOfficial, by: Official | None = None) -> Official:
    return staff.add(connection, OA, by, username, new, NOW)[0]


def test_deny_by_default() -> None:
    nobody = Official(1, OA, "a", "A", "", frozenset(), frozenset(), frozenset(), None, None, True, False, 0)
    assert nobody.permissions == {Permission.ACCOUNT}
    assert staff.scope_of(nobody) == Scope()
    assert [role for role in staff.ROLES if Permission.RESTRICTED_READ in staff.GRANTS[role]] == [
        "restricted"
    ]
    assert Permission.CASES_READ not in staff.GRANTS["admin"]


def test_scopes(engine: Engine) -> None:
    with write_tx(engine) as connection:
        head = staff.scope_of(add(connection, "hanh", HEAD))
        counter = staff.scope_of(add(connection, "mot.cua", NewOfficial("Chị Mai", roles=("one_stop",))))
        land = staff.scope_of(
            add(connection, "dat", NewOfficial("Anh Ba", roles=("field",), fields=("dat_dai",)))
        )
    assert (head.everything, head.head_only) == (True, True)
    assert (counter.everything, counter.head_only) == (True, False)
    assert (land.everything, land.fields, land.head_only) == (False, {"dat_dai"}, False)


def test_the_first_administrator_is_made_once_and_names_the_first_head_only(engine: Engine) -> None:
    with write_tx(engine) as connection:
        password = staff.first_admin(connection, OA, NOW)
        assert password is not None
        assert staff.first_admin(connection, OA, NOW) is None
        admin = staff.by_username(connection, OA, "admin")
        assert admin is not None
        assert admin.must_change
        assert passwords.fits(staff.password_hash(connection, admin.id), password)
        add(connection, "hanh", HEAD, admin)
        with pytest.raises(StaffRefused, match="Chỉ lãnh đạo"):
            add(connection, "gia.mao", HEAD, admin)


def test_an_administrator_cannot_become_a_head_or_take_one_over(engine: Engine) -> None:
    with write_tx(engine) as connection:
        head, admin = add(connection, "hanh", HEAD), add(connection, "tin", ADMIN)
        other = add(connection, "chin", NewOfficial("Anh Chín", roles=("viewer",)))
        reader = NewOfficial("Anh Chín", roles=("viewer", "restricted"))
        for attempt in (
            lambda: staff.change(connection, OA, admin, admin.id, HEAD, NOW),
            lambda: staff.change(connection, OA, admin, other.id, reader, NOW),
            lambda: staff.change(connection, OA, admin, head.id, ADMIN, NOW),
            lambda: staff.reset_password(connection, OA, admin, head.id, NOW),
            lambda: staff.deactivate(connection, OA, admin, head.id, "thử", NOW),
            lambda: staff.deactivate(connection, OA, head, head.id, "thử", NOW),
            lambda: staff.change(connection, OA, other, other.id, ADMIN, NOW),
        ):
            with pytest.raises(StaffRefused):
                attempt()
        assert "restricted" in staff.change(connection, OA, head, other.id, reader, NOW).roles
        with pytest.raises(StaffRefused):
            staff.reset_password(connection, OA, admin, other.id, NOW)


def test_somebody_is_always_left_to_manage(engine: Engine) -> None:
    with write_tx(engine) as connection:
        only = add(connection, "hanh", HEAD)
        with pytest.raises(StaffRefused, match="cuối cùng"):
            staff.deactivate(connection, OA, None, only.id, "nghỉ hưu", NOW)
        with pytest.raises(StaffRefused, match="cuối cùng"):
            staff.change(connection, OA, None, only.id, NewOfficial("Chị Hạnh", roles=("viewer",)), NOW)


@pytest.mark.parametrize(
    ("username", "new"),
    [
        ("Có Dấu", ADMIN),
        ("a", ADMIN),
        ("tin", NewOfficial("", roles=("admin",))),
        ("tin", NewOfficial("Tin")),
        ("tin", NewOfficial("Tin", roles=("king",))),
        ("tin", NewOfficial("Tin", roles=("field",))),
        ("tin", NewOfficial("Tin", roles=("khom",))),
        ("tin", NewOfficial("Tin", roles=("admin",), email="không phải thư")),
    ],
)
def test_what_cannot_work_is_refused(engine: Engine, username: str, new: NewOfficial) -> None:
    with write_tx(engine) as connection, pytest.raises(StaffRefused):
        add(connection, username, new)


def test_a_name_is_taken_once(engine: Engine) -> None:
    with write_tx(engine) as connection:
        add(connection, "tin", ADMIN)
        with pytest.raises(StaffRefused, match="đã có người dùng"):
            add(connection, "TIN", ADMIN)
        assert len(connection.execute(select(table)).all()) == 1


def test_changes_stand_in_the_log_without_passwords(engine: Engine) -> None:
    with write_tx(engine) as connection:
        official, password = staff.add(connection, OA, None, "tin", ADMIN, NOW)
        second = staff.reset_password(connection, OA, None, official.id, NOW)
    with read_tx(engine) as connection:
        lines = audit.lines(connection, OA)
    assert [line.action for line in lines] == ["staff_password_reset", "staff_added"]
    assert password not in str(lines)
    assert second not in str(lines)


@pytest.mark.parametrize("weak", ["ngan", "hanh.tuphap2026", "aaaaaaaaaaaa", "1234567890", "x" * 201])
def test_weak_passwords(weak: str) -> None:
    with pytest.raises(passwords.WeakPassword):
        passwords.check_new(weak, "hanh.tuphap")
