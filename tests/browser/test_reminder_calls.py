"""The list of reminders to be made by telephone, on a desk and on a small phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bot.reminding import Reminding
from store.engine import open_engine
from store.secrets import SecretBox, key_from_file
from tests.bot.support import OA
from tests.bot.support_reminders import ShortWords, at, book, plan
from tests.browser.test_console import fine, save
from tests.console.support import PASSWORD, ROLE_OFFICIALS, add_official

pytestmark = pytest.mark.browser
T3 = at("2026-12-02 09:00")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)], ids=["desktop", "phone"])
def test_a_person_is_called(browser: Browser, base_url: str, tmp_path: Path, width: int, height: int) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/ward.db")
    box = SecretBox(key_from_file(tmp_path / "secret.key"), "visits")
    add_official(engine, "lan", ROLE_OFFICIALS["one_stop"], T3)
    book(engine, plan(engine), None, box=box, name="Chị Tám", phone="0901 234 567")
    book(engine, plan(engine), None)
    Reminding(engine, OA, ShortWords(), box, 60).tick(T3)

    page = browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    page.set_default_timeout(10_000)
    page.goto(f"{base_url}/console/can-nhac")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    save(page)
    expect(page.get_by_role("heading", name="Cần gọi nhắc lịch")).to_be_visible()
    fine(page)
    page.get_by_role("button", name="Coi số điện thoại, LD-0001").click()
    expect(page.get_by_role("link", name="0901 234 567")).to_be_visible()
    fine(page)
    page.get_by_role("button", name="Đã gọi, LD-0001").click()
    expect(page.get_by_text("Đã ghi cuộc gọi.")).to_be_visible()
    expect(page.get_by_text("Chị Tám")).to_have_count(0)
    fine(page)
    page.close()
    engine.dispose()
