"""A newcomer starts the program, opens the chat page, and asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser


def open_chat(browser: Browser, base_url: str, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    page.set_default_timeout(10_000)
    page.goto(f"{base_url}/simulator/")
    return page


def answers(page: Page) -> Locator:
    return page.get_by_test_id("bubble-out")


def ask(page: Page, words: str) -> None:
    page.get_by_test_id("chat-input").first.fill(words)
    page.get_by_test_id("chat-send").first.click()


@pytest.mark.parametrize(("width", "height"), [(1000, 1120), (360, 740)], ids=["desktop", "phone"])
def test_three_questions_a_button_and_a_follow_up(
    browser: Browser, base_url: str, pictures: Path, width: int, height: int
) -> None:
    page = open_chat(browser, base_url, width, height)
    ask(page, "làm giấy khai sanh cho bé cần gì")
    expect(answers(page).filter(has_text="chứng sinh").first).to_be_visible()
    expect(answers(page).filter(has_text="Nguồn: ").first).to_be_visible()
    if width > 400:
        page.screenshot(path=pictures / "chat-desktop.png")

    page.get_by_test_id("button-choice").filter(has_text="Lệ phí").last.click()
    expect(answers(page).filter(has_text="trong hạn 60 ngày").first).to_be_visible()

    ask(page, "vậy mất bao lâu?")
    follow_up = answers(page).filter(has_text="15 giờ")
    expect(follow_up.filter(has_text="khai sinh").first).to_be_visible()

    ask(page, "dang ky ket hon can giay to gi")
    expect(answers(page).filter(has_text="tờ khai đăng ký kết hôn").first).to_be_visible()

    ask(page, "sao y ban chinh het bao nhieu tien 1 trang")
    expect(answers(page).filter(has_text="2.000 đồng").first).to_be_visible()
    if width < 400:
        page.screenshot(path=pictures / "chat-phone.png")
    page.close()


def test_the_keyboard_alone_is_enough(browser: Browser, base_url: str) -> None:
    page = open_chat(browser, base_url, 1280, 800)
    page.get_by_test_id("chat-input").first.focus()
    page.keyboard.type("chung thuc chu ky o dau")
    page.keyboard.press("Enter")
    expect(answers(page).filter(has_text="chữ ký").first).to_be_visible()
    page.close()


def test_an_official_who_answers_in_zalos_own_app_makes_the_bot_fall_silent(
    browser: Browser, base_url: str
) -> None:
    page = open_chat(browser, base_url, 1280, 800)
    ask(page, "alo")
    expect(answers(page).first).to_be_visible()
    page.get_by_test_id("drawer-toggle").click()
    page.get_by_test_id("staff-input").fill("Chị Hạnh đây, em xem hồ sơ của mình nha")
    page.get_by_test_id("staff-send").click()
    expect(answers(page).filter(has_text="Chị Hạnh").first).to_be_visible()
    said = answers(page).count()
    ask(page, "làm giấy khai sinh cần gì")
    page.wait_for_timeout(2_500)
    assert answers(page).count() == said
    page.close()
