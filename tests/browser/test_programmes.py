"""Programmes in a real browser: the pages, a list with a wrong count, a duty; the public calendar."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.office import Ward, fine

pytestmark = pytest.mark.browser
FRIDAY = "th_thu_sau_khong_cho"


def test_programmes(browser: Browser, base_url: str, tmp_path: Path, pictures: Path) -> None:
    page = Ward(base_url, tmp_path, browser).official("head", 1280, 800)
    for path in ("mo-hinh", "mo-hinh/trung-lich", "mo-hinh/them", f"mo-hinh/{FRIDAY}/in"):
        page.goto(f"{base_url}/console/{path}")
        fine(page)
        page.screenshot(path=pictures / f"console-{path.replace('/', '-')}.png")
    page.goto(f"{base_url}/console/mo-hinh/{FRIDAY}/sua")
    fine(page)
    page.goto(f"{base_url}/console/mo-hinh/{FRIDAY}")
    fine(page)
    page.screenshot(path=pictures / "console-mo-hinh.png", full_page=True)
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
    public_calendar(base_url)


def public_calendar(base_url: str) -> None:
    with urllib.request.urlopen(f"{base_url}/lich-phuong.ics") as answer:  # noqa: S310 - our own program
        assert answer.headers["Content-Type"].startswith("text/calendar")
        text = answer.read().decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert "SUMMARY:Phường nghỉ" in text
