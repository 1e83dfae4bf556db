"""Deny by default, on every route there is: no list to keep, the routes themselves are asked."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from console.access import access_of
from store.engine import open_engine
from tests.bot.support import MovableClock
from tests.console.support import ROLE_OFFICIALS, Desk, console_of, signed_in
from ward.staff import GRANTS, ROLES, Permission

PUBLIC = {"static", "sign_in.form", "sign_in.enter"}
LEAVING = "sign_in.leave"
MOVED = {"call_list.old_address"}
"""Addresses of former days, which lead to the page of today."""
INLINE = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


def routes() -> list[Rule]:
    app = console_of(open_engine("sqlite://"), MovableClock())
    return list(app.url_map.iter_rules())


ROUTES = [(rule.endpoint, rule.rule, sorted(rule.methods or ())) for rule in routes()]
OPENED = [route for route in ROUTES if route[0] not in PUBLIC]


def path_of(rule: str) -> str:
    return re.sub(r"<(?:\w+:)?\w+>", "1", rule)


@pytest.mark.parametrize(("endpoint", "rule", "methods"), ROUTES, ids=[route[0] for route in ROUTES])
def test_every_route_has_one_permission_or_is_public(endpoint: str, rule: str, methods: list[str]) -> None:
    app = console_of(open_engine("sqlite://"), MovableClock())
    with app.app_context():
        access = access_of(endpoint)
    assert access is not None, f"{rule}: neither @page nor @public"
    assert (access.permission is None) == (endpoint in PUBLIC)


def test_a_view_without_a_permission_is_opened_by_nobody(sqlite_engine: Engine) -> None:
    clock = MovableClock()
    desk = signed_in(sqlite_engine, clock, "head")
    desk.app._got_first_request = False
    desk.app.add_url_rule("/quen", "forgotten", lambda: "secret")
    assert desk.get("/quen").status_code == 403


def test_nobody_gets_in_unasked(sqlite_engine: Engine) -> None:
    desk = Desk(console_of(sqlite_engine, MovableClock()))
    for endpoint, rule, methods in OPENED:
        for method in set(methods) & {"GET", "POST"}:
            answer = desk.client.open(f"/console{path_of(rule)}", method=method)
            assert answer.status_code == 302, (endpoint, method)
            assert answer.headers["Location"].startswith("/console/dang-nhap"), (endpoint, method)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_it_may_and_nothing_else(sqlite_engine: Engine, role: str) -> None:
    desk = signed_in(sqlite_engine, MovableClock(), role)
    for endpoint, rule, methods in OPENED:
        if endpoint == LEAVING:
            continue
        with desk.app.app_context():
            access = access_of(endpoint)
        assert access is not None
        assert access.permission is not None
        may = access.permission in GRANTS[role] | {Permission.ACCOUNT}  # type: ignore[index]
        for method in set(methods) & {"GET", "POST"}:
            status = desk.client.open(f"/console{path_of(rule)}", method=method).status_code
            allowed = {400} if method == "POST" else {301} if endpoint in MOVED else {200, 204, 404}
            assert status in (allowed if may else {403}), (role, endpoint, method, status)


def test_every_post_without_its_token_is_refused(sqlite_engine: Engine) -> None:
    desk = signed_in(sqlite_engine, MovableClock(), "head")
    for endpoint, rule, methods in ROUTES:
        if "POST" in methods:
            answer = desk.client.post(f"/console{path_of(rule)}", data={"csrf_token": "made up"})
            with desk.app.app_context():
                access = access_of(endpoint)
            if access is not None and access.permission not in GRANTS["head"] | {Permission.ACCOUNT, None}:
                assert answer.status_code == 403, endpoint
                continue
            assert answer.status_code == 400, endpoint
            assert "chưa được lưu" in answer.get_data(as_text=True)


@pytest.fixture
def pages(sqlite_engine: Engine) -> list[tuple[str, str]]:
    desk = signed_in(sqlite_engine, MovableClock(), "head")
    found = [("error", desk.get("/khong-co").get_data(as_text=True))]
    for endpoint, rule, methods in OPENED:
        answer = desk.get(path_of(rule)) if "GET" in methods else None
        if answer is not None and _is_page(answer):
            found.append((endpoint, answer.get_data(as_text=True)))
    desk.client.delete_cookie("ward_console", path="/console")
    found.append(("sign_in.form", desk.get("/dang-nhap").get_data(as_text=True)))
    again = desk.get("/", headers={"Sec-Fetch-Site": "cross-site"})
    found.append(("again", again.get_data(as_text=True)))
    return found


def test_every_page_is_whole_and_carries_nothing_inline(pages: list[tuple[str, str]]) -> None:
    assert len(pages) > len(ROLE_OFFICIALS)
    for name, page in pages:
        assert not INLINE.search(page), (name, INLINE.search(page))
        assert '<html lang="vi"' in page, name
        assert re.search(r"<title>\s*\S", page), name
        assert len(re.findall(r"<h1[ >]", page)) == 1, name
        assert 'class="skip" href="#main"' in page, name
        assert 'id="main"' in page, name


def _is_page(answer: TestResponse) -> bool:
    """A whole page, not a piece that a page asks for by itself."""
    return (
        answer.mimetype == "text/html"
        and answer.status_code == 200
        and "<!doctype" in answer.get_data(as_text=True)
    )
