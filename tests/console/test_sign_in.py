"""Signing in: throttled, telling nothing, and over when it must be."""

from __future__ import annotations

from sqlalchemy import Engine, select

from console.sessions import PER_ADDRESS, PER_NAME
from store.engine import read_tx, write_tx
from store.schema import staff_sessions
from tests.bot.support import OA, MovableClock
from tests.console.support import PASSWORD, ROLE_OFFICIALS, Desk, add_official, console_of
from ward import staff

WRONG = "chưa đúng"


def two(engine: Engine, clock: MovableClock) -> tuple[Desk, Desk]:
    add_official(engine, "hanh", ROLE_OFFICIALS["head"], clock())
    app = console_of(engine, clock)
    return Desk(app), Desk(app)


def inside(desk: Desk) -> bool:
    return desk.get("/").status_code == 200


def test_unknown_names_and_wrong_passwords_hear_the_same(engine: Engine) -> None:
    desk, _ = two(engine, MovableClock())
    known = desk.sign_in("hanh", "sai mat khau").get_data(as_text=True)
    unknown = desk.sign_in("hank", "sai mat khau").get_data(as_text=True)
    assert WRONG in known
    assert known.replace('value="hanh"', "").split("csrf")[-1][-400:] == unknown.split("csrf")[-1][-400:]


def test_a_name_is_tried_five_times_in_a_quarter_of_an_hour(engine: Engine) -> None:
    clock = MovableClock()
    desk, _ = two(engine, clock)
    assert [desk.sign_in("hanh", "sai").status_code for _ in range(PER_NAME)] == [400] * PER_NAME
    assert desk.sign_in("HANH ", PASSWORD).status_code == 429
    clock.move(minutes=16)
    assert desk.sign_in("hanh").status_code == 302


def test_an_address_cannot_try_many_names(engine: Engine) -> None:
    desk, _ = two(engine, MovableClock())
    page = {"headers": {"X-Forwarded-For": "1.1.1.1, 203.0.113.9"}}
    token = desk.get("/dang-nhap").get_data(as_text=True).split('csrf_token" value="')[1].split('"')[0]
    statuses = [
        desk.client.post(
            "/console/dang-nhap", data={"csrf_token": token, "username": f"ai{n}", "password": "sai"}, **page
        ).status_code
        for n in range(PER_ADDRESS + 1)
    ]
    assert statuses == [400] * PER_ADDRESS + [429]
    assert desk.sign_in("hanh").status_code == 302  # from elsewhere


def test_only_a_hash_of_the_token_is_kept_and_the_cookie_is_strict(engine: Engine) -> None:
    desk, _ = two(engine, MovableClock())
    answer = desk.sign_in("hanh")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("ward_console="))
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/console"))
    with read_tx(engine) as connection:
        (kept,) = connection.execute(select(staff_sessions.c.token_hash)).scalars()
    assert kept not in cookie


def test_rest_and_length_end_a_session(engine: Engine) -> None:
    clock = MovableClock()
    desk, _ = two(engine, clock)
    desk.sign_in("hanh")
    for _ in range(14):
        assert inside(desk)
        clock.move(minutes=55)
    assert not inside(desk)
    desk.sign_in("hanh")
    clock.move(minutes=61)
    assert not inside(desk)


def test_signing_out_and_changes_of_the_account_end_sessions(engine: Engine) -> None:
    clock = MovableClock()
    here, there = two(engine, clock)
    here.sign_in("hanh")
    there.sign_in("hanh")
    here.post("/dang-xuat", seen="/")
    assert (inside(here), inside(there)) == (False, True)
    here.sign_in("hanh")
    new = "mot mat khau khac"
    changed = here.post("/tai-khoan/mat-khau", old=PASSWORD, new=new, again=new)
    assert changed.status_code == 302
    assert (inside(here), inside(there)) == (True, False)
    with write_tx(engine) as connection:
        official = staff.by_username(connection, OA, "hanh")
        assert official is not None
        staff.change(
            connection,
            OA,
            None,
            official.id,
            ROLE_OFFICIALS["head"].__class__("Chị Hạnh", roles=("head", "restricted")),
            clock(),
        )
    assert not inside(here)


def test_a_one_time_password_must_be_changed_first(engine: Engine) -> None:
    clock = MovableClock()
    two(engine, clock)
    with write_tx(engine) as connection:
        _, password = staff.add(connection, OA, None, "moi", ROLE_OFFICIALS["one_stop"], clock())
    desk = Desk(console_of(engine, clock))
    desk.sign_in("moi", password)
    assert desk.get("/").headers["Location"] == "/console/tai-khoan/mat-khau"
    assert desk.get("/tai-khoan").headers["Location"] == "/console/tai-khoan/mat-khau"


def test_the_way_back_is_a_page_of_ours(engine: Engine) -> None:
    desk, _ = two(engine, MovableClock())
    for wanted, location in (("/tai-khoan", "/console/tai-khoan"), ("//evil.example", "/console/")):
        assert desk.sign_in("hanh", next=wanted).headers["Location"] == location
        desk.client.delete_cookie("ward_console", path="/console")


def test_headers_and_secure_cookies(engine: Engine) -> None:
    clock = MovableClock()
    add_official(engine, "hanh", ROLE_OFFICIALS["head"], clock())
    desk = Desk(console_of(engine, clock, "https://phuong.example"))
    page = desk.get("/dang-nhap")
    assert page.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert all("Secure" in line for line in page.headers.getlist("Set-Cookie"))
    assert desk.get("/static/console.css").status_code == 200
