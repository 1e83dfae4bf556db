"""Dialogue 8 from both sides of the screen, with a clock that the test moves and a restart in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from bot.config import Settings
from bot.simulator.server import make_simulator_server
from store.engine import write_tx
from tests.support.house import SECRET_KEY, free_port
from ward import passwords, staff
from ward.calendar import VIET_NAM
from ward.staff import NewOfficial
from wsgi import House, add_simulator

pytestmark = pytest.mark.browser
BEGIN = datetime(2026, 12, 3, 9, 0, tzinfo=VIET_NAM)
PASSWORD = "lua vang mua gat 2026"
NAME = "hanh"


@dataclass
class Ward:
    """The whole program in this process: web, worker, simulator, over files that outlive it."""

    folder: Path
    port: int = field(default_factory=free_port)

    def start(self) -> None:
        url = f"sqlite:///{self.folder}/ward.db"
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


def plan(page: Page, base: str) -> None:
    page.goto(f"{base}/console/lich-luu-dong/len-lich")
    fine(page)
    page.get_by_label("Chương trình").select_option(
        label="Đăng ký hộ tịch lưu động, 3 trong 1 (tới 31/12/2026)"
    )
    page.get_by_label("Từ ngày").fill("2026-12-05")
    page.get_by_label("Khóm 1", exact=True).check()
    page.get_by_label("Người đi").fill("Chị Hạnh")
    page.locator("main form").first.locator("button[type=submit]").click()
    expect(page.get_by_text("Đã lên lịch 1 buổi: 05/12 (Khóm 1).")).to_be_visible()
    fine(page)


def said(page: Page, words: str) -> Locator:
    return page.get_by_test_id("bubble-out").filter(has_text=words).last


def hear(page: Page, words: str) -> None:
    """The first answer of a fresh start reads the library, so it may take its time."""
    expect(said(page, words)).to_be_visible(timeout=30_000)


def ask(page: Page, words: str) -> None:
    page.get_by_test_id("chat-input").first.fill(words)
    page.get_by_test_id("chat-send").first.click()


def press(page: Page, title: str) -> None:
    page.get_by_test_id("button-choice").filter(has_text=title).last.click()


def sign_up(page: Page) -> None:
    ask(page, "bữa nào phường về khóm 1 làm khai sinh")
    hear(page, "thứ Bảy 05/12/2026, 7h30–11h")
    press(page, "Ghi tên")
    hear(page, "3. Kết hôn")
    ask(page, "1")
    hear(page, "Em chỉ dùng cho buổi này")
    press(page, "Đồng ý, nhập")
    hear(page, "ví dụ: chị Tám, rồi tới số")
    ask(page, "Chị Tám, 0912 345 123")
    hear(page, "Chị là số 1")
    hear(page, "Mã: LD-2612-")


def again(page: Page) -> None:
    """Another matter later, without a name: each step waits for the answer of its own."""
    ask(page, "bữa nào phường về khóm 1")
    hear(page, "thứ Bảy 12/12/2026, 7h30–11h")
    press(page, "Ghi tên")
    expect(page.get_by_test_id("bubble-out").filter(has_text="3. Kết hôn")).to_have_count(2)
    ask(page, "khai tử")
    expect(page.get_by_test_id("bubble-out").filter(has_text="Em chỉ dùng cho buổi này")).to_have_count(2)
    press(page, "Không, tự tới")
    hear(page, "Mình là số 2")
    hear(page, "giấy báo tử")


def postpone(page: Page, base: str) -> None:
    page.goto(f"{base}/console/lich-luu-dong/1")
    expect(page.get_by_text("trả lời: Sẽ tới")).to_be_visible()
    fine(page)
    page.get_by_text("Dời buổi", exact=True).click()
    page.get_by_label("Ngày mới").fill("2026-12-12")
    page.get_by_label("Lý do (bắt buộc, người dân được nghe)").first.fill("mưa bão")
    page.get_by_role("button", name="Dời và báo tin").click()
    expect(page.get_by_text("1 người được báo tin")).to_be_visible()
    fine(page)


def test_dialogue_8_from_both_sides(browser: Browser, tmp_path: Path, pictures: Path) -> None:
    with time_machine.travel(BEGIN, tick=True) as clock, running(tmp_path) as ward:
        base = f"http://127.0.0.1:{ward.port}"
        ward.add_head()
        console, chat = opened(browser, f"{base}/console/"), opened(browser, f"{base}/simulator/")
        sign_in(console, base)
        plan(console, base)
        sign_up(chat)

        ward.stop()
        ward.start()
        clock.move_to(datetime(2026, 12, 4, 17, 0, 5, tzinfo=VIET_NAM))
        ward.remind()
        hear(chat, "chị Tám, mai 7h30 chị ghé")
        press(chat, "Em tới được")
        hear(chat, "Hẹn chị Tám thứ Bảy 05/12/2026")

        sign_in(console, base)
        postpone(console, base)
        ward.remind()
        hear(chat, "vì mưa bão buổi khóm 1 ngày 05/12 dời qua thứ Bảy 12/12/2026")
        ward.remind()
        expect(chat.get_by_test_id("bubble-out").filter(has_text="vì mưa bão")).to_have_count(1)
        press(chat, "Làm tại phường")
        hear(chat, "em báo trước để cán bộ ưu tiên")

        console.goto(f"{base}/console/lich-luu-dong/chua-xem")
        expect(console.get_by_text("ưu tiên khi bà con tới")).to_be_visible()
        console.goto(f"{base}/console/lich-luu-dong/1")
        expect(console.get_by_text("Chuyển làm tại phường")).to_be_visible()
        again(chat)
        for path in (
            "lich-luu-dong",
            "lich-luu-dong?qua=1",
            "lich-luu-dong/chua-xem",
            "lich-luu-dong/1/danh-sach",
        ):
            console.goto(f"{base}/console/{path}")
            fine(console)
        expect(console.get_by_text("Khai tử")).to_be_visible()
        console.get_by_label("Kết quả của số 2").fill("hẹn bổ sung giấy báo tử")
        console.get_by_role("button", name="Số 2 đã tới").click()
        expect(console.get_by_text("Đã tới · hẹn bổ sung giấy báo tử")).to_be_visible()
        console.set_viewport_size({"width": 360, "height": 740})
        console.screenshot(path=pictures / "visits-day-list-360.png", full_page=True)
        console.emulate_media(media="print")
        expect(console.get_by_role("button", name="Số 2 đã tới")).to_be_hidden()
        expect(console.get_by_text("Danh sách trong buổi")).to_be_visible()
        console.close()
        chat.close()
