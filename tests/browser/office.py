"""Officials at the console and citizens in the chat page, both sides at once, in one Chromium."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from store.engine import open_engine, read_tx, write_tx
from store.schema import staff as table
from tests.console.office import PEOPLE
from tests.console.support import PASSWORD, hash_once
from ward import staff

WIDTHS = (1280, 360)


@dataclass
class Ward:
    """A running program with officials in it, beside those of the sample ward."""

    base_url: str
    folder: Path
    browser: Browser

    def __post_init__(self) -> None:
        engine = open_engine(f"sqlite:///{self.folder}/ward.db")
        now = datetime.now(UTC)
        with read_tx(engine) as connection:
            oa_id = connection.execute(select(table.c.oa_id)).scalars().first()
        assert oa_id is not None, "the first administrator is made at the start"
        for name, new in PEOPLE.items():
            with write_tx(engine) as connection:
                made, _ = staff.add(connection, oa_id, None, f"{name}.thu", new, now)
                staff.change_password(connection, made, hash_once(), now)
        engine.dispose()

    def official(self, name: str, width: int, height: int) -> Page:
        """Signed in, in a browser of their own."""
        page = self._context(width, height).new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{self.base_url}/console/")
        page.get_by_label("Tên đăng nhập").fill(f"{name}.thu")
        page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        page.locator("main form").first.locator("button[type=submit]").click()
        page.get_by_role("heading", name="Hôm nay").wait_for()
        return page

    def citizen(self, width: int, height: int) -> Page:
        page = self._context(width, height).new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{self.base_url}/simulator/")
        return page

    def _context(self, width: int, height: int) -> BrowserContext:
        return self.browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN")


def fine(page: Page) -> None:
    """No violation that axe finds, and at no width anything to scroll sideways for."""
    found = Axe().run(page).response["violations"]
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found] == [], page.url
    own = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, width)
    if own is not None:
        page.set_viewport_size(own)


def say(page: Page, words: str) -> None:
    page.get_by_test_id("chat-input").first.fill(words)
    page.get_by_test_id("chat-send").first.click()


def heard(chat: Page, words: str | re.Pattern[str]) -> None:
    expect(chat.get_by_test_id("bubble-out").filter(has_text=words).last).to_be_visible(timeout=20_000)
