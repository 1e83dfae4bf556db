"""Programmes in a real browser: the pages, a list with a wrong count, a duty; the public calendar."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_console import NEW_PASSWORD, fine, save

pytestmark = pytest.mark.browser
FRIDAY = "th_thu_sau_khong_cho"


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)], ids=["desktop", "phone"])
def test_programmes(
    browser: Browser, base_url: str, tmp_path: Path, pictures: Path, width: int, height: int
) -> None:
    shown = re.search(r"password: (\S+)", (tmp_path / "run.log").read_text("utf-8"))
    assert shown is not None
    page = browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    page.set_default_timeout(15_000)
    page.goto(f"{base_url}/console/")
    page.get_by_label("Tên đăng nhập").fill("admin")
    page.get_by_label("Mật khẩu", exact=True).fill(shown.group(1))
    save(page)
    page.get_by_label("Mật khẩu đang dùng").fill(shown.group(1))
    page.get_by_label("Mật khẩu mới", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Gõ lại mật khẩu mới").fill(NEW_PASSWORD)
    save(page)
    page.goto(f"{base_url}/console/can-bo/them")
    page.get_by_label("Họ và tên").fill("Chị Hạnh")
    page.get_by_label("Tên đăng nhập").fill("hanh")
    page.get_by_label("Lãnh đạo phường").check()
    save(page)
    once = page.locator("code").first.inner_text()
    page.get_by_role("button", name="Đăng xuất").click()
    page.get_by_label("Tên đăng nhập").fill("hanh")
    page.get_by_label("Mật khẩu", exact=True).fill(once)
    save(page)
    page.get_by_label("Mật khẩu đang dùng").fill(once)
    page.get_by_label("Mật khẩu mới", exact=True).fill(f"{NEW_PASSWORD} chín")
    page.get_by_label("Gõ lại mật khẩu mới").fill(f"{NEW_PASSWORD} chín")
    save(page)

    for path in ("mo-hinh", "mo-hinh/trung-lich", "mo-hinh/them", f"mo-hinh/{FRIDAY}/in"):
        page.goto(f"{base_url}/console/{path}")
        fine(page)
        page.screenshot(path=pictures / f"console-{path.replace('/', '-')}-{width}.png")
    page.goto(f"{base_url}/console/mo-hinh/{FRIDAY}/sua")
    fine(page)
    page.goto(f"{base_url}/console/mo-hinh/{FRIDAY}")
    fine(page)
    page.screenshot(path=pictures / f"console-mo-hinh-{width}.png", full_page=True)
    listed = {
        "name": "a.csv",
        "mimeType": "text/csv",
        "buffer": "Mã;Tên\n1.001193;Đăng ký khai sinh".encode(),
    }
    page.get_by_label("Nạp từ tệp CSV").set_input_files(listed)  # type: ignore[arg-type]
    page.get_by_role("button", name="Xem thử trước khi nạp").click()
    expect(page.get_by_text("quyết định ghi 21 thủ tục, tệp có 1.")).to_be_visible()
    fine(page)
    page.goto(f"{base_url}/console/mo-hinh/{FRIDAY}")
    page.get_by_label("Ngày", exact=True).fill("2030-01-04")
    page.get_by_label("Người trực").fill("Anh Tư")
    page.get_by_role("button", name="Phân công").click()
    expect(page.get_by_text("Đã phân công.")).to_be_visible()
    page.close()


def test_the_public_calendar(base_url: str) -> None:
    with urllib.request.urlopen(f"{base_url}/lich-phuong.ics") as answer:  # noqa: S310 - our own program
        assert answer.headers["Content-Type"].startswith("text/calendar")
        text = answer.read().decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert "SUMMARY:Phường nghỉ" in text
