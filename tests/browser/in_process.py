"""The whole program in the test's own process, so that a test moves its clock; one head signed in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from bot.config import Settings
from bot.simulator.server import make_simulator_server
from store.engine import write_tx
from tests.support.house import SECRET_KEY, free_port, furnish
from ward import passwords, staff
from ward.staff import NewOfficial
from wsgi import House, add_simulator

PASSWORD = "lua vang mua gat 2026"
NAME = "hanh"


@dataclass
class Ward:
    """The whole program in this process: web, worker, simulator, over files that outlive it."""

    folder: Path
    port: int = field(default_factory=free_port)

    def start(self) -> None:
        url = f"sqlite:///{furnish(self.folder)}/ward.db"
        self.house = House(Settings(database_url=url, port=self.port, secret_key=SECRET_KEY))
        app = self.house.web()
        self.simulator = add_simulator(app, self.house)
        self.server = make_simulator_server(app, self.port)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.worker = self.house.worker()
        self.worker.start()

    def stop(self) -> None:
        self.worker.stop()
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()
        self.simulator.close()
        self.house.engine.dispose()

    def add_head(self) -> None:
        oa_id, now = self.house.account.oa_id, datetime.now(UTC)
        with write_tx(self.house.engine) as connection:
            made, _ = staff.add(connection, oa_id, None, NAME, NewOfficial("Chị Hạnh", roles=("head",)), now)
            staff.change_password(connection, made, passwords.hash_of(PASSWORD), now)

    def remind(self) -> None:
        """The clock's job, at once."""
        self.house.reminding().tick(datetime.now(UTC))

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running(folder: Path) -> Iterator[Ward]:
    ward = Ward(folder)
    ward.start()
    try:
        yield ward
    finally:
        ward.stop()


def fine(page: Page) -> None:
    """Nothing that axe finds, and nothing to scroll sideways for, down to 320 pixels."""
    size = page.viewport_size
    assert size is not None
    found = Axe().run(page).response["violations"]
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found] == []
    for width in (size["width"], 360, 320):
        page.set_viewport_size({"width": width, "height": size["height"]})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, width)
    page.set_viewport_size(size)


def opened(browser: Browser, url: str, width: int = 1000) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="vi-VN")
    page.set_default_timeout(10_000)
    page.goto(url)
    return page


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/console/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(NAME)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.locator("main form").first.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", name="Hôm nay")).to_be_visible()


def said(page: Page, words: str) -> Locator:
    return page.get_by_test_id("bubble-out").filter(has_text=words).last


def shot(page: Page, pictures: Path, name: str) -> None:
    """As it looks at a desk and on a telephone."""
    fine(page)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=pictures / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


def hear(page: Page, words: str) -> None:
    """The first answer of a fresh start reads the library, so it may take its time."""
    expect(said(page, words)).to_be_visible(timeout=30_000)


def ask(page: Page, words: str) -> None:
    page.get_by_test_id("chat-input").first.fill(words)
    page.get_by_test_id("chat-send").first.click()


def press(page: Page, title: str) -> None:
    page.get_by_test_id("button-choice").filter(has_text=title).last.click()
