"""An administrator's first hour in the console: first sign-in, an official added, the assistant paused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
NEW_PASSWORD = "lua vang mua gat"


def fine(page: Page) -> None:
    """No violation that axe finds, and nothing to scroll sideways for, down to 320 pixels."""
    size = page.viewport_size
    assert size is not None
    found = Axe().run(page).response["violations"]
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found] == []
    for width in (size["width"], 320):
        page.set_viewport_size({"width": width, "height": size["height"]})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, width)
    page.set_viewport_size(size)


def save(page: Page) -> None:
    page.locator("main form").first.locator("button[type=submit]").click()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)], ids=["desktop", "phone"])
def test_the_first_hour(
    browser: Browser, base_url: str, tmp_path: Path, pictures: Path, width: int, height: int
) -> None:
    shown = re.search(r"password: (\S+)", (tmp_path / "run.log").read_text("utf-8"))
    assert shown is not None
    page = browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    page.set_default_timeout(10_000)
    page.goto(f"{base_url}/console/")
    fine(page)
    page.get_by_label("Tên đăng nhập").fill("admin")
    page.get_by_label("Mật khẩu", exact=True).fill(shown.group(1))
    save(page)

    expect(page.get_by_role("heading", name="Đổi mật khẩu")).to_be_visible()
    fine(page)
    page.get_by_label("Mật khẩu đang dùng").fill(shown.group(1))
    page.get_by_label("Mật khẩu mới", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Gõ lại mật khẩu mới").fill(NEW_PASSWORD)
    save(page)
    expect(page.get_by_role("heading", name="Hôm nay")).to_be_visible()
    fine(page)

    page.goto(f"{base_url}/console/can-bo/them")
    fine(page)
    page.get_by_label("Họ và tên").fill("Chị Hạnh")
    page.get_by_label("Tên đăng nhập").fill("hanh")
    page.get_by_label("Bộ phận Một cửa").check()
    save(page)
    expect(page.get_by_role("heading", name="Mật khẩu dùng một lần")).to_be_visible()
    fine(page)

    page.goto(f"{base_url}/console/tro-ly")
    page.get_by_role("radio", name="Tạm dừng").check()
    page.get_by_label("Lý do").fill("nâng cấp máy chủ")
    save(page)
    expect(page.get_by_text("Đã tạm dừng trợ lý.")).to_be_visible()
    for path in ("tro-ly", "can-bo", "can-bo/2", "cai-dat", "nhat-ky", "tai-khoan"):
        page.goto(f"{base_url}/console/{path}")
        fine(page)
    page.screenshot(path=pictures / f"console-account-{width}.png")
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_text("Đã đăng xuất.")).to_be_visible()
    page.close()
